//! What the tests make and those who call.

use serde_json::{Value, json};

use crate::client::Client;
use crate::site::{PROVIDER, Site, done};

/// An application with one access key.
pub struct Actor {
    pub application: String,
    pub key: String,
    /// The key as it is sent in the place of a token.
    pub api_key: String,
    secret: String,
}

impl Actor {
    /// Makes one with these roles.
    pub fn new(admin: &Client, name: &str, roles: &[&str]) -> Self {
        let made = done(admin, "POST /api/applications", json!({"name": name}));
        let application = made["id"].as_str().unwrap().to_owned();
        for role in roles {
            let line = format!("POST /api/applications/{application}/roles/{role}");
            done(admin, &line, Value::Null);
        }
        let line = format!("POST /api/applications/{application}/accessKeys");
        let made = done(admin, &line, Value::Null);
        let [key, secret, api_key] =
            ["id", "secret", "apiKey"].map(|name| made[name].as_str().unwrap().to_owned());
        Self { application, key, api_key, secret }
    }

    /// A token of it, from one of the servers.
    pub fn token(&self, site: &Site, server: usize) -> String {
        let stranger = site.servers[server % site.servers.len()].stranger();
        stranger.sign_in(&self.key, &self.secret).unwrap()
    }

    /// Its user id.
    pub fn user(&self) -> String {
        format!("app:{}", self.application)
    }
}

/// What saves an integration that both dialects can show.
pub fn integration(description: &str) -> Value {
    json!({
        "type": "openai",
        "category": "AI_MODEL",
        "description": description,
        "enabled": true,
        "configuration": {"api_key": "CANARY-5d0c1c7e-provider"},
    })
}

/// What saves a resource.
pub fn resource() -> Value {
    json!({"description": "chat", "enabled": true, "configuration": {}})
}

/// What makes a provider of models in Arize's dialect.
pub fn arize_integration(name: &str) -> Value {
    let config = json!({"provider": "OPEN_AI", "api_key": "CANARY-0b6de3a1-arize"});
    json!({"type": "LLM", "name": name, "config": config})
}

/// Makes an integration with the resource `gpt`.
pub fn new_integration(admin: &Client, name: &str) {
    done(admin, &format!("POST {PROVIDER}/{name}"), integration("made here"));
    done(admin, &format!("POST {PROVIDER}/{name}/integration/gpt"), resource());
}

/// The path of an integration in Arize's dialect.
pub fn arize_path(client: &Client, name: &str) -> String {
    let found = done(client, &format!("GET /v2/integrations?limit=100&name={name}"), Value::Null);
    let found = found["integrations"].as_array().unwrap();
    let one = found.iter().find(|one| one["name"] == name).unwrap();
    format!("/v2/integrations/{}", one["id"].as_str().unwrap())
}

/// A grant, each of its ends a pair of type and id.
pub fn authorization(to: (&str, &str), on: (&str, &str)) -> Value {
    json!({
        "subject": {"type": to.0, "id": to.1},
        "target": {"type": on.0, "id": on.1},
        "access": ["READ", "UPDATE"],
    })
}
