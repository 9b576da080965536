//! Integrations as JSON: for either family, in the words that the client knows.

use serde_json::{Map, Value, json};

use super::client::Client;
use super::ids::id;
use super::members::{Members, Type};
use super::time::rfc3339;
use crate::domain::arize::id::{Id, user_id};
use crate::domain::arize::{AuthType, Fields, Provider, Release, Shape};
use crate::http::refusal::Refusal;
use crate::registry::{ArizeIntegration, ArizePreset, ScopingIds};

/// Where an integration is seen.
pub const SCOPING: Members = &[("organization_id", Type::Text), ("space_id", Type::Text)];

/// The text of a member, if it is one.
pub fn text(said: Option<Value>) -> Option<String> {
    match said {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The scopings of a body, whose types have been checked.
///
/// # Errors
///
/// [`Refusal::Malformed`] for what is no id.
pub fn scopings(sent: Value) -> Result<Vec<ScopingIds>, Refusal> {
    let items = sent.as_array().into_iter().flatten().enumerate();
    let scoping = |(index, item): (usize, &Value)| {
        let named = |name: &str| {
            let text = item.get(name).and_then(Value::as_str);
            text.map(|text| id(&format!("scopings[{index}].{name}"), text)).transpose()
        };
        Ok((named("organization_id")?, named("space_id")?))
    };
    items.map(scoping).collect()
}

/// An integration of the newer family.
pub fn newer(one: &ArizeIntegration, client: &Client) -> Value {
    let shape = one.fields.shape;
    let mut shown = json!({
        "id": one.id.as_str(),
        "type": spelled(client, shape.as_str(), &shape.as_str().to_lowercase()),
        "name": one.name,
    });
    let config = match shape {
        Shape::Llm(provider) => config(one, provider, client),
        Shape::Agent | Shape::Evaluator => {
            shown["description"] = json!(one.description);
            endpoint(one)
        }
    };
    add_envelope(&mut shown, one);
    shown["config"] = config;
    shown
}

/// An integration of the older family.
pub fn older(one: &ArizeIntegration, client: &Client) -> Value {
    let fields = &one.fields;
    let Shape::Llm(provider) = fields.shape else { return Value::Null };
    let auth_type = fields.auth_type();
    let mut shown = json!({
        "id": one.id.as_str(),
        "name": one.name,
        "provider": spelled(client, provider.as_str(), provider.lower()),
        "has_api_key": fields.has("api_key"),
        "base_url": fields.text("base_url"),
        "model_names": one.models,
        "headers": fields.headers(),
        "enable_default_models": fields.offers_default_models(),
        "function_calling_enabled": fields.calls_functions(),
        "auth_type": spelled(client, auth_type.as_str(), &auth_type.as_str().to_lowercase()),
        "provider_metadata": metadata(fields, provider, client),
    });
    add_envelope(&mut shown, one);
    shown
}

/// A word in the client's spelling.
fn spelled(client: &Client, upper: &str, lower: &str) -> Value {
    if client.is_lower() { json!(lower) } else { json!(upper) }
}

/// Adds what both families say of every integration.
fn add_envelope(shown: &mut Value, one: &ArizeIntegration) {
    let scoping = |organization: Option<&Id>, space: Option<&Id>| {
        let (organization, space) = (organization.map(Id::as_str), space.map(Id::as_str));
        json!({"organization_id": organization, "space_id": space})
    };
    let scopings = one.scopings.iter();
    let mut scopings: Vec<_> =
        scopings.map(|(organization, space)| scoping(Some(organization), space.as_ref())).collect();
    if scopings.is_empty() {
        scopings.push(scoping(None, None));
    }
    shown["scopings"] = Value::Array(scopings);
    shown["created_at"] = json!(rfc3339(one.stamps.created_on));
    shown["updated_at"] = json!(rfc3339(one.stamps.updated_on));
    shown["created_by_user_id"] = json!(user_id(&one.stamps.created_by));
}

/// The `config` of a model provider: what the rules of the provider let a client say, read back.
fn config(one: &ArizeIntegration, provider: Provider, client: &Client) -> Value {
    let fields = &one.fields;
    let mut config = Map::new();
    config.insert("provider".to_owned(), spelled(client, provider.as_str(), provider.lower()));
    for member in provider.members() {
        let (name, value) = match member.name {
            "api_key" => ("has_api_key", json!(fields.has("api_key"))),
            "is_function_calling_enabled" => (member.name, json!(fields.calls_functions())),
            "is_default_models_enabled" => (member.name, json!(fields.offers_default_models())),
            "model_names" => (member.name, json!(one.models)),
            "headers" => ("header_names", header_names(fields)),
            "base_url" if provider == Provider::Anthropic && client.is_strict() => continue,
            "auth" if provider == Provider::Custom && client.is_strict() => continue,
            "auth" => (member.name, auth(fields, provider, client)),
            "project_access_label" => {
                (member.name, json!(fields.text(member.name).unwrap_or_default()))
            }
            name => (name, json!(fields.text(name))),
        };
        config.insert(name.to_owned(), value);
    }
    if provider == Provider::OpenAi && client.release() == Release::First {
        let flag = json!(fields.offers_default_models());
        config.insert("is_default_models_enabled".to_owned(), flag);
    }
    Value::Object(config)
}

fn header_names(fields: &Fields) -> Value {
    json!(fields.headers().map(|headers| headers.keys().collect::<Vec<_>>()).unwrap_or_default())
}

/// How callers of a provider show who they are.
fn auth(fields: &Fields, provider: Provider, client: &Client) -> Value {
    let auth_type = match (provider, fields.auth_type()) {
        (Provider::Custom, AuthType::OAuth2) => AuthType::OAuth2,
        (Provider::Custom, _) => AuthType::Default,
        (_, other) => other,
    };
    let word = spelled(client, auth_type.as_str(), &auth_type.as_str().to_lowercase());
    let text = |name| fields.text(name);
    match (provider, auth_type) {
        (Provider::Custom, AuthType::OAuth2) => json!({
            "auth_type": word, "token_url": text("token_url"), "client_id": text("client_id"),
            "has_client_secret": fields.has("client_secret"), "scopes": text("scopes"),
            "audience": text("audience"),
        }),
        (Provider::Custom, _) => {
            json!({"auth_type": word, "has_api_key": fields.has("api_key")})
        }
        (_, AuthType::BearerToken) => json!({
            "auth_type": word, "has_api_key": fields.has("api_key"), "base_url": text("base_url"),
        }),
        (_, AuthType::ProxyWithHeaders) => json!({
            "auth_type": word, "base_url": text("base_url"), "header_names": header_names(fields),
        }),
        _ => json!({
            "auth_type": word, "role_arn": text("role_arn"), "external_id": text("external_id"),
            "base_url": text("base_url"),
        }),
    }
}

/// What else a provider of the older family is called with.
fn metadata(fields: &Fields, provider: Provider, client: &Client) -> Value {
    let text = |name| fields.text(name);
    match provider {
        Provider::AwsBedrock if fields.assumes_role() => json!({
            "kind": spelled(client, "AWS", "aws"), "role_arn": text("role_arn"),
            "external_id": text("external_id"),
        }),
        Provider::VertexAi if text("project_id").is_some() && text("location").is_some() => json!({
            "kind": spelled(client, "GCP", "gcp"), "project_id": text("project_id"),
            "location": text("location"),
            "project_access_label": text("project_access_label").unwrap_or_default(),
        }),
        _ => Value::Null,
    }
}

/// The `config` of an agent or evaluator.
fn endpoint(one: &ArizeIntegration) -> Value {
    let fields = &one.fields;
    let mut config = json!({
        "endpoint": fields.text("endpoint"),
        "input_schema": fields.input_schema(),
        "has_headers": fields.headers().is_some(),
    });
    if fields.shape == Shape::Agent {
        config["request_presets"] = one.presets.iter().map(preset).collect();
    }
    config
}

fn preset(ArizePreset { id, resource }: &ArizePreset) -> Value {
    json!({
        "id": id,
        "name": resource.name.as_str(),
        "description": resource.description,
        "config": resource.configuration,
        "created_at": rfc3339(resource.stamps.created_on),
        "updated_at": rfc3339(resource.stamps.updated_on),
    })
}
