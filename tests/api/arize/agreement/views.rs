//! What the model says that reads show: whole answers. What it cannot foresee, as an id, a time or
//! a mask, stands there as a fact, `§` and a name: see [`super::facts`].

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::body::Family;
use super::kinds::{Provider, Shape};
use super::model::{Child, Held, Record, Stamps, Tags};

/// Who is at work: their user ids.
pub type People = [String; 2];

/// A fact of this name.
pub fn fact(name: impl std::fmt::Display) -> Value {
    format!("§{name}").into()
}

/// A value as reads show it.
fn shown(held: &Held) -> Value {
    match held {
        Held::Plain(value) => value.clone(),
        Held::Secret { text, version } => {
            let hint = if text.len() < 16 { "****" } else { &text[text.len() - 4..] };
            fact(format_args!("mask {version} {hint}"))
        }
    }
}

fn map<'a>(all: impl IntoIterator<Item = (&'a str, &'a Held)>, value: fn(&Held) -> Value) -> Value {
    all.into_iter().map(|(key, held)| (key.to_owned(), value(held))).collect()
}

fn keyed(all: &BTreeMap<String, Held>) -> impl Iterator<Item = (&str, &Held)> {
    all.iter().map(|(key, held)| (key.as_str(), held))
}

fn headers(record: &Record) -> impl Iterator<Item = (&str, &Held)> {
    record.headers.iter().map(|(name, held)| (name.as_str(), held))
}

fn tags(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

/// Adds who and when, as Conductor tells it.
fn add_times(shown: &mut Value, stamps: &Stamps, people: &People) {
    let creator = &people[stamps.made_by];
    shown["createdBy"] = json!(creator);
    shown["updatedBy"] = json!(people[stamps.changed_by]);
    if let Some(application) = creator.strip_prefix("app:") {
        shown["ownerApp"] = json!(application);
    }
    for (name, number) in [
        ("createTime", stamps.made),
        ("createdOn", stamps.made),
        ("updateTime", stamps.changed),
        ("updatedOn", stamps.changed),
    ] {
        shown[name] = fact(format_args!("time {number}"));
    }
}

impl Record {
    /// `GET …/provider/{name}`.
    pub fn conductor(&self, people: &People) -> Value {
        let mut seen = json!({
            "name": self.name,
            "type": self.kind.name,
            "category": self.kind.shape.category(),
            "enabled": self.enabled,
            "configuration": map(keyed(&self.configuration), shown),
            "modelsCount": self.children.len(),
            "tags": tags(&self.tags),
        });
        if let Some(description) = &self.description {
            seen["description"] = json!(description);
        }
        add_times(&mut seen, &self.stamps, people);
        seen
    }

    /// `GET …/provider/{name}/integration`.
    pub fn resources(&self, people: &People) -> Vec<Value> {
        self.children.iter().map(|(name, child)| self.resource(name, child, people)).collect()
    }

    fn resource(&self, name: &str, child: &Child, people: &People) -> Value {
        let mut seen = json!({
            "integrationName": self.name,
            "api": name,
            "enabled": child.enabled,
            "configuration": child.configuration,
            "tags": tags(&child.tags),
        });
        let texts = [("description", &child.description), ("frequency", &child.frequency)];
        for (name, text) in texts.into_iter().filter(|(_, text)| text.is_some()) {
            seen[name] = json!(text);
        }
        if let Some(most) = child.max_tokens {
            seen["maxTokens"] = json!(most);
        }
        add_times(&mut seen, &child.stamps, people);
        seen
    }

    /// `POST …/provider/{name}/resolve`: everything in clear.
    pub fn resolved(&self) -> Value {
        let configuration = self.whole();
        let category = self.kind.shape.category();
        json!({"name": self.name, "type": self.kind.name, "category": category,
            "configuration": configuration})
    }

    /// `POST …/integration/{api}/resolve`: a model's configuration overlays that of its
    /// integration, a request's stands for itself.
    pub fn resolved_child(&self, name: &str) -> Value {
        let mut seen = self.resolved();
        seen["api"] = json!(name);
        let own = &self.children[name].configuration;
        if matches!(self.kind.shape, Shape::Agent | Shape::Evaluator) {
            seen["configuration"] = own.clone();
        } else {
            for (key, value) in own.as_object().unwrap() {
                seen["configuration"][key] = value.clone();
            }
        }
        seen
    }

    /// All of the configuration in clear, and under `arize` what only that dialect knows.
    fn whole(&self) -> Value {
        // Under keys that do not look as if secrets were sent there.
        let key = |name| match name {
            "token_url" => "oauth_url",
            "project_access_label" => "access_label",
            name => name,
        };
        let own = self.own.iter().map(|(name, held)| (key(name), held));
        let mut own = map(own, Held::clear);
        if !self.headers.is_empty() {
            own["headers"] = map(headers(self), Held::clear);
        }
        if self.auth != "DEFAULT" {
            own["auth_type"] = json!(self.auth);
        }
        if !self.calls_functions {
            own["is_function_calling_enabled"] = json!(false);
        }
        if self.default_models {
            own["is_default_models_enabled"] = json!(true);
        }
        let mut whole = map(keyed(&self.configuration), Held::clear);
        if own.as_object().is_some_and(|own| !own.is_empty()) {
            whole["arize"] = own;
        }
        whole
    }

    /// `GET /v2/integrations/{integration_id}` or `GET /v2/ai-integrations/{integration_id}`.
    pub fn arize(&self, family: Family, people: &People) -> Value {
        let mut seen = match (family, self.kind.shape) {
            (Family::Older, Shape::Llm(provider)) => self.older(provider),
            (_, Shape::Llm(provider)) => json!({"type": "LLM", "config": self.config(provider)}),
            (_, shape) => json!({
                "type": shape.word(),
                "description": self.description,
                "config": self.called(),
            }),
        };
        let scoping = |organization: Value, space: Value| json!({"organization_id": organization, "space_id": space});
        let somewhere = self.scopings.iter().map(|(organization, space)| {
            let space = space.map_or(Value::Null, |space| fact(format_args!("id space {space}")));
            scoping(fact(format_args!("id org {organization}")), space)
        });
        let mut scopings: Vec<_> = somewhere.collect();
        if scopings.is_empty() {
            scopings.push(scoping(Value::Null, Value::Null));
        }
        let creator = format!("User:{}", people[self.stamps.made_by]);
        seen["id"] = fact(format_args!("id {}", self.number));
        seen["name"] = json!(self.arize_name);
        seen["scopings"] = json!(scopings);
        seen["created_at"] = fact(format_args!("time {}", self.stamps.made));
        seen["updated_at"] = fact(format_args!("time {}", self.stamps.changed));
        seen["created_by_user_id"] = json!(data_encoding::BASE64.encode(creator.as_bytes()));
        seen
    }

    fn header_names(&self) -> Vec<&str> {
        headers(self).map(|(name, _)| name).collect()
    }

    /// What was said here in clear; of what Conductor says, the mask.
    fn external_id(&self) -> Value {
        let said = self.own.get("external_id").or(self.configuration.get("externalId"));
        said.map(shown).filter(|said| *said != "").unwrap_or_default()
    }

    fn config(&self, provider: &Provider) -> Value {
        let mut seen = Map::new();
        seen.insert("provider".to_owned(), json!(provider.word));
        for name in provider.must.iter().chain(provider.may) {
            let (name, value) = match *name {
                "api_key" => ("has_api_key", json!(self.has("api_key"))),
                "headers" => ("header_names", json!(self.header_names())),
                "is_function_calling_enabled" => (*name, json!(self.calls_functions)),
                "is_default_models_enabled" => (*name, json!(self.default_models)),
                "model_names" => (*name, json!(self.shown())),
                "auth" => (*name, self.auth(provider)),
                "project_access_label" => (*name, json!(self.text(name).unwrap_or_default())),
                name => (name, json!(self.text(name))),
            };
            seen.insert(name.to_owned(), value);
        }
        Value::Object(seen)
    }

    fn auth(&self, provider: &Provider) -> Value {
        let auth = self.auth.as_str();
        match (provider.word, auth) {
            ("CUSTOM", "OAUTH2_CLIENT_CREDENTIALS") => json!({
                "auth_type": auth,
                "token_url": self.text("token_url"),
                "client_id": self.text("client_id"),
                "has_client_secret": self.has("client_secret"),
                "scopes": self.text("scopes"),
                "audience": self.text("audience"),
            }),
            ("CUSTOM", _) => json!({"auth_type": "DEFAULT", "has_api_key": self.has("api_key")}),
            (_, "BEARER_TOKEN") => json!({
                "auth_type": auth,
                "has_api_key": self.has("api_key"),
                "base_url": self.text("base_url"),
            }),
            (_, "PROXY_WITH_HEADERS") => json!({
                "auth_type": auth,
                "base_url": self.text("base_url"),
                "header_names": self.header_names(),
            }),
            _ => json!({
                "auth_type": auth,
                "role_arn": self.text("role_arn"),
                "external_id": self.external_id(),
                "base_url": self.text("base_url"),
            }),
        }
    }

    fn called(&self) -> Value {
        let mut seen = json!({
            "endpoint": self.text("endpoint"),
            "input_schema": self.schema(),
            "has_headers": !self.headers.is_empty(),
        });
        if self.kind.shape == Shape::Agent {
            seen["request_presets"] =
                self.shown().into_iter().map(|name| self.preset(name)).collect();
        }
        seen
    }

    fn preset(&self, name: &str) -> Value {
        let child = &self.children[name];
        json!({
            "id": fact(format_args!("preset {}", child.stamps.made)),
            "name": name,
            "description": child.description,
            "config": child.configuration,
            "created_at": fact(format_args!("time {}", child.stamps.made)),
            "updated_at": fact(format_args!("time {}", child.stamps.changed)),
        })
    }

    fn older(&self, provider: &Provider) -> Value {
        let metadata = match provider.word {
            "AWS_BEDROCK" if self.assumes_role() => json!({
                "kind": "AWS",
                "role_arn": self.text("role_arn"),
                "external_id": self.external_id(),
            }),
            "VERTEX_AI" if self.is_seen(Family::Newer) => json!({
                "kind": "GCP",
                "project_id": self.text("project_id"),
                "location": self.text("location"),
                "project_access_label": self.text("project_access_label").unwrap_or_default(),
            }),
            _ => Value::Null,
        };
        let headers = map(headers(self), shown);
        json!({
            "provider": provider.word,
            "has_api_key": self.has("api_key"),
            "base_url": self.text("base_url"),
            "model_names": self.shown(),
            "headers": if self.headers.is_empty() { Value::Null } else { headers },
            "enable_default_models": self.default_models,
            "function_calling_enabled": self.calls_functions,
            "auth_type": self.auth,
            "provider_metadata": metadata,
        })
    }
}
