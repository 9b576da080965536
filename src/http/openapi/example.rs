//! Examples of all that has a schema, made from what the schema says.

use serde_json::{Map, Value, json};

/// What texts are in examples, by the name that they stand under. A schema's own examples go first.
const TEXTS: &[(&str, &str)] = &[
    ("access", "READ"),
    ("action", "integration.save"),
    ("address", "192.0.2.7"),
    ("api", "gpt-4o"),
    ("apiKey", "podium_<id>_<secret>"),
    ("auth_type", "DEFAULT"),
    ("base_url", "https://api.example.com/v1"),
    ("category", "AI_MODEL"),
    ("created_at", "2026-02-13T21:27:19.055Z"),
    ("created_by_user_id", "VXNlcjoxOm5OYkM="),
    ("createdBy", "app:0199c7a3-7f2e-7d10-8a55-3c1f0a9b7c11"),
    ("cursor", "<opaque>"),
    ("description", "The team's account"),
    ("displayName", "openai-main"),
    ("endpoint", "https://agents.example.com/run"),
    ("event", "order.shipped"),
    ("fingerprint", "<64 hexadecimal digits>"),
    ("frequency", "daily"),
    ("groups", "data-science"),
    ("handlerName", "notify"),
    ("hash", "<64 hexadecimal digits>"),
    ("id", "ann@example.com"),
    ("integrationName", "openai-main"),
    ("integrations", "openai-main:gpt-4o"),
    ("key", "team"),
    ("keyId", "0199c7a3-7f2e-7d10-8a55-3c1f0a9b7c11"),
    ("keySecret", "the secret of the access key"),
    ("label", "production"),
    ("llmProvider", "openai-main"),
    ("message", "Granted permission"),
    ("model", "gpt-4o"),
    ("model_names", "gpt-4o"),
    ("models", "openai-main:gpt-4o"),
    ("name", "openai-main"),
    ("next_cursor", "<opaque>"),
    ("organization_id", "QWNjb3VudE9yZzoxOmFiM2Q="),
    ("outcome", "done"),
    ("ownerApp", "0199c7a3-7f2e-7d10-8a55-3c1f0a9b7c11"),
    ("permissions", "READ_INTEGRATION_PROVIDER"),
    ("prompt", "Summarize: ${text}"),
    ("provider", "OPEN_AI"),
    ("reason", "the hash does not fit"),
    ("resourceType", "INTEGRATION_PROVIDER"),
    ("roles", "METADATA_MANAGER"),
    ("secret", "shown only now"),
    ("space_id", "U3BhY2U6MjphYjNk"),
    ("stopWords", "END"),
    ("subject", "app:0199c7a3-7f2e-7d10-8a55-3c1f0a9b7c11"),
    ("tag", "team:search"),
    ("tagKey", "team"),
    ("tagValue", "search"),
    ("targetId", "openai-main"),
    ("targetType", "INTEGRATION_PROVIDER"),
    ("template", "Summarize: ${text}"),
    ("token", "<header>.<claims>.<signature>"),
    ("tokenLimitPeriod", "DAY"),
    ("type", "openai"),
    ("updated_at", "2026-02-13T21:27:19.055Z"),
    ("updatedBy", "app:0199c7a3-7f2e-7d10-8a55-3c1f0a9b7c11"),
    ("userId", "ann@example.com"),
    ("uuid", "0199c7a3-7f2e-7d10-8a55-3c1f0a9b7c11"),
    ("value", "search"),
    ("variables", "text"),
];

/// Gives every parameter, header and body of the document its example.
pub fn fill(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    fill_part(&mut document["paths"], &schemas);
    fill_part(&mut document["components"]["responses"], &schemas);
    fill_part(&mut document["components"]["headers"], &schemas);
}

fn fill_part(part: &mut Value, schemas: &Value) {
    match part {
        Value::Array(items) => items.iter_mut().for_each(|item| fill_part(item, schemas)),
        Value::Object(members) => {
            if let Some(schema) = members.get("schema") {
                let name = members.get("name").and_then(Value::as_str).unwrap_or_default();
                let found = example(schema, name, schemas);
                members.entry("example").or_insert(found);
            } else {
                members.values_mut().for_each(|member| fill_part(member, schemas));
            }
        }
        _ => {}
    }
}

/// A value that fits a schema, which stands under `name`.
fn example(schema: &Value, name: &str, schemas: &Value) -> Value {
    let own = schema["examples"].get(0).or_else(|| schema.get("const"));
    if let Some(own) = own.or_else(|| schema["enum"].get(0)) {
        return own.clone();
    }
    if let Some(target) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return example(&schemas[target], name, schemas);
    }
    let choices = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array());
    if let Some(first) = choices.and_then(|all| all.first()) {
        return example(first, name, schemas);
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => {
            let members = schema["properties"].as_object().into_iter().flatten();
            let member =
                |(name, schema): (&String, &Value)| (name.clone(), example(schema, name, schemas));
            let mut found: Map<_, _> = members.map(member).collect();
            if found.is_empty() && schema["additionalProperties"].is_object() {
                let inner = example(&schema["additionalProperties"], "", schemas);
                found.insert("main".to_owned(), inner);
            }
            Value::Object(found)
        }
        Some("array") => json!([example(&schema["items"], name, schemas)]),
        Some("string") => {
            let known = TEXTS.iter().find(|(known, _)| *known == name);
            json!(known.map_or("text", |(_, text)| text))
        }
        Some("integer" | "number") if name.ends_with("Time") || name.ends_with("On") => {
            json!(1_771_018_039_055_i64)
        }
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        _ => Value::Null,
    }
}
