//! Integrations of Arize's dialect, and ways to make them.

use serde_json::{Value, json};

use crate::saving::with;
use crate::support::{Client, Response};

/// The newer family.
pub const INTEGRATIONS: &str = "/v2/integrations";

/// The older one.
pub const AI_INTEGRATIONS: &str = "/v2/ai-integrations";

/// The model providers of the newer family, in the order of the contract's table.
pub const PROVIDERS: [&str; 10] = [
    "OPEN_AI",
    "ANTHROPIC",
    "GEMINI",
    "AWS_BEDROCK",
    "CUSTOM",
    "VERTEX_AI",
    "NVIDIA_NIM",
    "LITELLM",
    "FIREWORKS",
    "TOGETHER_AI",
];

/// An address of a provider.
pub const URL: &str = "https://llm.example.org/v1";

/// A role to assume at Amazon.
pub const ROLE: &str = "arn:aws:iam::123456789012:role/models";

/// A secret that must never be answered.
pub const KEY: &str = "sk-5d41402abc4b2a76b9719d911017c592";

/// The least that a provider's `config` may be when it is made.
pub fn least(provider: &str) -> Value {
    let rest = match provider {
        "AWS_BEDROCK" => json!({"auth": {"auth_type": "DEFAULT", "role_arn": ROLE},
                                "is_default_models_enabled": true}),
        "CUSTOM" => json!({"base_url": URL, "model_names": ["m-1"]}),
        "VERTEX_AI" => json!({"project_id": "p-1", "location": "us-central1",
                              "project_access_label": "l-1"}),
        "NVIDIA_NIM" => json!({"model_names": ["m-1"]}),
        "LITELLM" => json!({"api_key": KEY, "base_url": URL}),
        _ => json!({"api_key": KEY}),
    };
    with(&rest, &json!({"provider": provider}))
}

/// What makes a model provider with this `config`.
pub fn llm(name: &str, config: Value) -> Value {
    json!({"type": "LLM", "name": name, "config": config})
}

/// What makes an agent or evaluator whose `config` holds `more`.
pub fn endpoint(kind: &str, name: &str, more: Value) -> Value {
    let config = json!({"endpoint": URL, "input_schema": {"type": "object"}});
    json!({"type": kind, "name": name, "config": with(&config, &more)})
}

/// What makes an agent.
pub fn agent(name: &str, more: Value) -> Value {
    endpoint("AGENT", name, more)
}

/// Where a record stands in a list, its id as Python and JavaScript write it.
pub fn at(list: &str, record: &Value) -> String {
    format!("{list}/{}", escaped(record["id"].as_str().unwrap()))
}

/// An id as it is written in a path or query.
pub fn escaped(id: &str) -> String {
    id.replace('=', "%3D")
}

/// Where Conductor's dialect has the integration `name`.
pub fn provider(name: &str) -> String {
    format!("/api/integrations/provider/{name}")
}

/// The names in a list of either family.
pub fn names(list: &Value) -> Vec<&str> {
    let items = list["integrations"].as_array().or(list["ai_integrations"].as_array());
    items.unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

impl Client {
    /// Makes a record of the newer family.
    #[track_caller]
    pub fn make(&self, body: &Value) -> Value {
        self.post(INTEGRATIONS, body).made()
    }

    /// Reads a record of the newer family.
    #[track_caller]
    pub fn read(&self, record: &Value) -> Value {
        self.get(&at(INTEGRATIONS, record)).ok()
    }

    /// Changes a record of the newer family; its type goes along.
    pub fn change(&self, record: &Value, changes: Value) -> Response {
        let body = with(&json!({"type": record["type"]}), &json!({}));
        let mut body = body.as_object().unwrap().clone();
        body.extend(changes.as_object().unwrap().clone());
        self.patch(&at(INTEGRATIONS, record), &body.into())
    }

    /// Makes an organization and a space of it, and gives their ids.
    pub fn make_space(&self, organization: &str, space: &str) -> (String, String) {
        let organization = self.post("/v2/organizations", &json!({"name": organization})).made();
        let organization = organization["id"].as_str().unwrap().to_owned();
        let body = json!({"name": space, "organization_id": organization});
        let space = self.post("/v2/spaces", &body).made();
        (organization, space["id"].as_str().unwrap().to_owned())
    }
}

impl Response {
    /// That it is a problem with this status that names this field. Gives its detail.
    #[track_caller]
    pub fn names(self, status: u16, field: &str) -> String {
        let problem = self.problem(status, "");
        let named = problem["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!(named, field, "{problem}");
        problem["detail"].as_str().unwrap().to_owned()
    }
}
