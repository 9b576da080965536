//! What integrations are when they are read, as [`wire`](super::super::wire) writes them.

use serde_json::{Value, json};

use super::{
    all, auth_words, flag, one_of, one_word, spellings, text, text_or_null, texts, time, words,
};
use crate::domain::arize::{AuthType, Provider, Shape};

/// An integration with this `config`, as it is read.
pub fn integration(shape: Shape, config: Value) -> Value {
    let mut members = json!({
        "id": text(), "type": one_word(shape.as_str()), "name": text(), "config": config,
    });
    if !matches!(shape, Shape::Llm(_)) {
        members["description"] = text_or_null();
    }
    add_envelope(&mut members);
    all(members)
}

/// The `config` of a model provider, as it is read.
pub fn llm_config(provider: Provider) -> Value {
    let mut members = json!({"provider": words([spellings(provider)])});
    for member in provider.members() {
        let (name, schema) = match member.name {
            "api_key" => ("has_api_key", flag()),
            "headers" => ("header_names", texts()),
            "model_names" => ("model_names", texts()),
            name if name.starts_with("is_") => (name, flag()),
            "auth" => ("auth", auth(provider)),
            name => (name, text_or_null()),
        };
        members[name] = schema;
    }
    let mut config = all(members);
    // Not for every release.
    let optional = match provider {
        Provider::OpenAi => "is_default_models_enabled",
        Provider::Anthropic => "base_url",
        Provider::Custom => "auth",
        _ => return config,
    };
    if provider == Provider::OpenAi {
        config["properties"][optional] = flag();
    }
    if let Some(required) = config["required"].as_array_mut() {
        required.retain(|name| name != optional);
    }
    config
}

fn auth(provider: Provider) -> Value {
    let shown = |kind, mut members: Value| {
        members["auth_type"] = auth_words(&[kind]);
        all(members)
    };
    let url = || json!({"base_url": text_or_null()});
    match provider {
        Provider::Custom => one_of(vec![
            shown(AuthType::Default, json!({"has_api_key": flag()})),
            shown(
                AuthType::OAuth2,
                json!({
                    "token_url": text_or_null(), "client_id": text_or_null(),
                    "has_client_secret": flag(), "scopes": text_or_null(),
                    "audience": text_or_null(),
                }),
            ),
        ]),
        _ => one_of(vec![
            shown(
                AuthType::Default,
                json!({
                    "role_arn": text_or_null(), "external_id": text_or_null(),
                    "base_url": text_or_null(),
                }),
            ),
            shown(AuthType::BearerToken, {
                let mut members = url();
                members["has_api_key"] = flag();
                members
            }),
            shown(AuthType::ProxyWithHeaders, {
                let mut members = url();
                members["header_names"] = texts();
                members
            }),
        ]),
    }
}

/// The `config` of an agent or evaluator, as it is read.
pub fn endpoint_config(shape: Shape) -> Value {
    let mut members = json!({
        "endpoint": text_or_null(), "input_schema": {"type": ["object", "null"]},
        "has_headers": flag(),
    });
    if shape == Shape::Agent {
        let preset = all(json!({
            "id": text(), "name": text(), "description": text_or_null(),
            "config": {"type": "object"}, "created_at": time(), "updated_at": time(),
        }));
        members["request_presets"] = json!({"type": "array", "items": preset});
    }
    all(members)
}

/// Adds what both families say of every integration.
pub fn add_envelope(members: &mut Value) {
    let scoping = all(json!({"organization_id": text_or_null(), "space_id": text_or_null()}));
    members["scopings"] = json!({"type": "array", "items": scoping});
    members["created_at"] = time();
    members["updated_at"] = time();
    members["created_by_user_id"] = text();
}
