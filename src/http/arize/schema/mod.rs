//! The schemas of integrations, whose bodies no types hold: requests from the tables that check
//! them, answers beside [`wire`](super::wire), both from what each provider takes.

mod shown;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::members::{Members, Type};
use super::page::Pagination;
use super::{ai_integrations, integrations};
use crate::domain::arize::{AuthType, Provider, Shape};

/// Declares what stands for a body, with the name and the schema of it in the document.
macro_rules! body {
    ($(#[$meta:meta])* $name:ident $(($value:ty))?, $schema:expr) => {
        $(#[$meta])*
        pub struct $name $((pub $value))?;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                concat!("Arize", stringify!($name)).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let make: fn(&mut SchemaGenerator) -> Value = $schema;
                Schema::try_from(make(generator)).unwrap_or_default()
            }
        }
    };
}

body!(
    /// A new integration of the newer family.
    #[derive(Deserialize)]
    #[serde(transparent)]
    NewIntegration(Value),
    |_| {
        let providers = newer_providers().map(new_llm_config).collect();
        let llm = new_integration(Shape::Llm(Provider::OpenAi), one_of(providers));
        let agent = integrations::AGENT;
        let evaluator = &agent[..agent.len() - 1];
        let required = &["endpoint", "input_schema"];
        let agent = new_integration(Shape::Agent, object(agent, required));
        let evaluator = new_integration(Shape::Evaluator, object(evaluator, required));
        one_of(vec![llm, agent, evaluator])
    }
);

body!(
    /// What changes of an integration of the newer family.
    #[derive(Deserialize)]
    #[serde(transparent)]
    IntegrationChange(Value),
    |_| {
        let change = |shape: Shape, config| {
            let mut change = object(integrations::BODY, &["type"]);
            let properties = &mut change["properties"];
            properties["type"] = one_word(shape.as_str());
            properties["config"] = object(config, &[]);
            if matches!(shape, Shape::Llm(_)) {
                remove(properties, "description");
            }
            change
        };
        one_of(vec![
            change(Shape::Llm(Provider::OpenAi), integrations::LLM),
            change(Shape::Agent, integrations::AGENT),
            change(Shape::Evaluator, integrations::AGENT),
        ])
    }
);

body!(
    /// A new integration of the older family.
    #[derive(Deserialize)]
    #[serde(transparent)]
    NewAiIntegration(Value),
    |_| older_body(&["name", "provider"])
);

body!(
    /// What changes of an integration of the older family.
    #[derive(Deserialize)]
    #[serde(transparent)]
    AiIntegrationChange(Value),
    |_| older_body(&[])
);

body!(
    /// An integration of the newer family, as it is read.
    Integration,
    |_| {
        let llms = newer_providers().map(|provider| {
            shown::integration(Shape::Llm(provider), shown::llm_config(provider))
        });
        let endpoints = [Shape::Agent, Shape::Evaluator];
        let endpoints = endpoints.map(|shape| shown::integration(shape, shown::endpoint_config(shape)));
        one_of(llms.chain(endpoints).collect())
    }
);

body!(
    /// An integration of the older family, as it is read.
    AiIntegration,
    |_| {
        let mut members = json!({
            "id": text(),
            "name": text(),
            "provider": words(Provider::ALL.map(spellings)),
            "has_api_key": flag(),
            "base_url": text_or_null(),
            "model_names": texts(),
            "headers": {"type": ["object", "null"], "additionalProperties": text()},
            "enable_default_models": flag(),
            "function_calling_enabled": flag(),
            "auth_type": auth_words(&AuthType::ALL),
            "provider_metadata": {"anyOf": [
                all(json!({
                    "kind": one_word("AWS"), "role_arn": text_or_null(),
                    "external_id": text_or_null(),
                })),
                all(json!({
                    "kind": one_word("GCP"), "project_id": text_or_null(),
                    "location": text_or_null(), "project_access_label": text_or_null(),
                })),
                {"type": "null"},
            ]},
        });
        shown::add_envelope(&mut members);
        all(members)
    }
);

body!(
    /// A page of the newer family.
    IntegrationPage,
    |generator| page(generator, "integrations", SchemaGenerator::subschema_for::<Integration>)
);

body!(
    /// A page of the older family.
    AiIntegrationPage,
    |generator| page(generator, "ai_integrations", SchemaGenerator::subschema_for::<AiIntegration>)
);

fn page(
    generator: &mut SchemaGenerator,
    envelope: &str,
    item: fn(&mut SchemaGenerator) -> Schema,
) -> Value {
    let (items, pagination) = (item(generator), generator.subschema_for::<Pagination>());
    all(json!({envelope: {"type": "array", "items": items}, "pagination": pagination}))
}

fn newer_providers() -> impl Iterator<Item = Provider> {
    Provider::ALL.into_iter().filter(|provider| provider.is_newer())
}

/// A body of a create with this `config`.
fn new_integration(shape: Shape, config: Value) -> Value {
    let mut body = object(integrations::BODY, &["type", "name", "config"]);
    let properties = &mut body["properties"];
    properties["type"] = one_word(shape.as_str());
    properties["config"] = config;
    if matches!(shape, Shape::Llm(_)) {
        remove(properties, "description");
    }
    body
}

/// The `config` of a create: what the rules of the provider take.
fn new_llm_config(provider: Provider) -> Value {
    let mut properties = Map::new();
    properties.insert("provider".to_owned(), words([spellings(provider)]));
    let mut required = vec!["provider"];
    for member in provider.members() {
        let known = integrations::LLM.iter().find(|(name, _)| *name == member.name);
        let schema = known.map_or(Value::Null, |(_, expected)| typed(*expected));
        properties.insert(member.name.to_owned(), schema);
        if member.required {
            required.push(member.name);
        }
    }
    if provider == Provider::OpenAi {
        // Of the first release alone.
        properties.insert("is_default_models_enabled".to_owned(), flag());
    }
    json!({
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

fn older_body(required: &[&str]) -> Value {
    let mut body = object(ai_integrations::BODY, required);
    body["properties"]["provider"] = words(Provider::ALL.map(spellings));
    body
}

/// An object with these members and no others, of which a client must send some.
fn object(members: Members, required: &[&str]) -> Value {
    let properties: Map<_, _> =
        members.iter().map(|(name, expected)| ((*name).to_owned(), typed(*expected))).collect();
    json!({
        "type": "object", "properties": properties, "required": required,
        "additionalProperties": false,
    })
}

/// What a member of a request holds.
fn typed(expected: Type) -> Value {
    match expected {
        Type::Text => text_or_null(),
        Type::Flag => json!({"type": ["boolean", "null"]}),
        Type::Texts => json!({"type": ["array", "null"], "items": text()}),
        Type::TextMap => json!({"type": ["object", "null"], "additionalProperties": text()}),
        Type::Open => json!({"type": ["object", "null"], "additionalProperties": true}),
        Type::Object(members) => {
            let mut inner = object(members, &[]);
            inner["type"] = json!(["object", "null"]);
            inner
        }
        Type::Objects(members) => {
            json!({"type": ["array", "null"], "items": object(members, &[])})
        }
    }
}

/// An object that has all of these members.
fn all(members: Value) -> Value {
    let names: Vec<_> = members.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    json!({"type": "object", "properties": members, "required": names})
}

fn one_of(choices: Vec<Value>) -> Value {
    json!({"anyOf": choices})
}

fn spellings(provider: Provider) -> [&'static str; 2] {
    [provider.as_str(), provider.lower()]
}

/// A word in upper case, or as older releases know it.
fn one_word(word: &str) -> Value {
    json!({"type": "string", "enum": [word, word.to_lowercase()]})
}

fn words<const N: usize>(words: [[&str; 2]; N]) -> Value {
    let mut known = words.concat();
    known.dedup();
    json!({"type": "string", "enum": known})
}

fn auth_words(kinds: &[AuthType]) -> Value {
    let upper = kinds.iter().map(|kind| kind.as_str().to_owned());
    let lower = kinds.iter().map(|kind| kind.as_str().to_lowercase());
    json!({"type": "string", "enum": upper.chain(lower).collect::<Vec<_>>()})
}

fn remove(properties: &mut Value, name: &str) {
    if let Some(properties) = properties.as_object_mut() {
        properties.shift_remove(name);
    }
}

fn text() -> Value {
    json!({"type": "string"})
}

fn text_or_null() -> Value {
    json!({"type": ["string", "null"]})
}

fn texts() -> Value {
    json!({"type": "array", "items": text()})
}

fn flag() -> Value {
    json!({"type": "boolean"})
}

fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}
