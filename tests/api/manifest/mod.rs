//! Manifests: planned, applied, pruned and written; `docs/provisioning.md`.

mod bad;
mod basics;
mod concurrent;
mod export;
mod generated;
mod properties;
mod prune;
mod secrets;

use serde_json::{Value, json};

use crate::support::{Client, Response};

pub const PLAN: &str = "/api/manifest/plan";
pub const APPLY: &str = "/api/manifest/apply";
pub const EXPORT: &str = "/api/manifest";

/// How a manifest is applied: the manifest itself, and other fields of the request.
pub fn request(manifest: &Value, more: &Value) -> Value {
    let mut body = json!({"manifest": manifest});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

impl Client {
    /// Plans a manifest.
    #[track_caller]
    pub fn plan(&self, manifest: &Value, more: &Value) -> Value {
        self.post(PLAN, &request(manifest, more)).ok()
    }

    /// Asks for a manifest to be applied.
    pub fn try_apply(&self, manifest: &Value, more: &Value) -> Response {
        self.post(APPLY, &request(manifest, more))
    }

    /// Applies a manifest.
    #[track_caller]
    pub fn apply(&self, manifest: &Value, more: &Value) -> Value {
        self.try_apply(manifest, more).ok()
    }

    /// Everything as a manifest.
    #[track_caller]
    pub fn exported(&self) -> Value {
        self.get(EXPORT).ok()
    }
}

/// What a plan does, as in `create integration openai`.
pub fn done(plan: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let each = plan["changes"].as_array().unwrap().iter();
    let told = each.map(|one| ["action", "kind", "name"].map(|field| text(&one[field])).join(" "));
    told.collect()
}

/// The fields of one change of a plan, as `[path, before, after, secret]`.
pub fn fields(plan: &Value, name: &str) -> Vec<Value> {
    let changes = plan["changes"].as_array().unwrap();
    let one = changes.iter().find(|one| one["name"] == name).unwrap();
    let fields = one["fields"].as_array().unwrap().iter();
    let told = ["path", "before", "after", "secret"];
    fields.map(|field| told.iter().map(|name| field[name].clone()).collect()).collect()
}

/// A manifest of one of each.
pub fn whole() -> Value {
    json!({
        "roles": [{"name": "reader", "permissions": ["READ_INTEGRATION_PROVIDER", "READ_PROMPT"]}],
        "users": [{"id": "ann@example.com", "name": "Ann", "roles": ["USER"]}],
        "applications": [{"name": "workers", "roles": ["WORKER"],
                          "tags": [{"key": "team", "value": "core"}]}],
        "groups": [{"id": "readers", "description": "They read", "roles": ["reader"],
                    "defaultAccess": {"WORKFLOW_DEF": ["READ"]},
                    "users": ["ann@example.com"], "applications": ["workers"]}],
        "integrations": [{
            "name": "openai", "type": "openai", "description": "team account",
            "configuration": {"api_key": "${env:OPENAI}", "endpoint": "https://api.example.org"},
            "tokenLimit": {"maxTokens": 100, "period": "DAY"},
            "tags": [{"key": "team", "value": "core"}],
            "resources": [
                {"name": "gpt-4o", "description": "chat", "maxTokens": 5, "frequency": "daily",
                 "configuration": {"temperature": 0.70}, "tags": [{"key": "tier", "value": "1"}]},
                {"name": "meta-llama/Llama-3", "enabled": false},
            ],
        }],
        "prompts": [{
            "name": "greeting",
            "versions": [
                {"version": 1, "template": "Hi ${name}"},
                {"version": 2, "description": "longer", "template": "Hello ${name}\n",
                 "models": ["openai:gpt-4o"], "temperature": 0.5, "topP": 1,
                 "stopWords": ["end"], "responseFormat": "json"},
            ],
            "labels": {"draft": 2, "production": 1},
            "tags": [{"key": "team", "value": "core"}],
        }],
        "grants": [
            {"subject": {"type": "GROUP", "id": "readers"},
             "target": {"type": "TAG", "id": "team:core"}, "access": ["READ"]},
            {"subject": {"type": "APPLICATION", "id": "workers"},
             "target": {"type": "INTEGRATION", "id": "openai:gpt-4o"}, "access": ["READ", "EXECUTE"]},
        ],
    })
}

/// The values that [`whole`] refers to.
pub fn values() -> Value {
    json!({"values": {"env:OPENAI": "sk-0123456789abcdef"}})
}
