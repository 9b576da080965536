//! What Arize's dialect does to the model, both its families.

use serde_json::{Map, Value};

use super::body::{self, Family};
use super::kinds::{PROVIDERS, Provider, Shape};
use super::model::{Faults, Held, MASK, Model, Record, new_kind};

/// Fields that only a client with OAuth has.
const OAUTH: [&str; 5] = ["token_url", "client_id", "client_secret", "scopes", "audience"];

/// The fields of Arize's that stand for themselves.
const FIELDS: [&str; 14] = [
    "api_key",
    "base_url",
    "endpoint",
    "role_arn",
    "external_id",
    "project_id",
    "location",
    "project_access_label",
    "token_url",
    "client_id",
    "client_secret",
    "scopes",
    "audience",
    "input_schema",
];

impl Model {
    /// `POST /v2/integrations` and `POST /v2/ai-integrations`.
    pub fn create(
        &mut self,
        step: usize,
        family: Family,
        sent: &Value,
        faults: &mut Faults,
    ) -> usize {
        body::check(family, true, sent, faults);
        let Some(shape) = body::shape(family, sent) else { return 0 };
        let config = if family == Family::Older { sent } else { &sent["config"] };
        let first = config["model_names"][0].as_str().unwrap_or_default();
        let mut record = self.blank(step, new_kind(shape, first));
        let name = sent["name"].as_str().unwrap_or_default();
        record.name = self.conductor_name(shape, name);
        name.clone_into(&mut record.arize_name);
        if self.arize_named(shape.namespace(), name).is_some() {
            faults.insert(409);
        }
        record.description = sent["description"].as_str().map(str::to_owned);
        record.scopings = body::scopings(sent, faults).unwrap_or_default();
        if record.kind.name.starts_with("aws_bedrock") && family == Family::Older {
            authenticate(&mut record, "DEFAULT");
        }
        self.change(&mut record, family, true, config, faults);
        let before = record.clone();
        self.keep(record, Some(&before), faults)
    }

    /// `PATCH …/{integration_id}`.
    pub fn patch(
        &mut self,
        number: usize,
        family: Family,
        sent: &Value,
        faults: &mut Faults,
    ) -> usize {
        body::check(family, false, sent, faults);
        let seen = self.records.get(&number).filter(|record| record.is_seen(family)).cloned();
        let Some(before) = seen else {
            // Of what is not there, nobody knows what it could have been told.
            faults.extend([400, 404, 422]);
            return 0;
        };
        let mut record = before.clone();
        body::check_stays(family, record.kind.shape, sent, faults);
        if let Some(said) = sent.get("description") {
            record.description = said.as_str().map(str::to_owned);
        }
        if let Some(scopings) = body::scopings(sent, faults) {
            record.scopings = scopings;
        }
        let config = if family == Family::Older { sent } else { &sent["config"] };
        self.change(&mut record, family, false, config, faults);
        if let Some(name) = sent["name"].as_str() {
            self.rename(&mut record, name, faults);
        }
        self.keep(record, Some(&before), faults)
    }

    /// `DELETE …/{integration_id}`.
    pub fn delete(&mut self, number: usize, family: Family, faults: &mut Faults) -> usize {
        if self.records.get(&number).is_none_or(|record| !record.is_seen(family)) {
            faults.insert(404);
        }
        self.records.remove(&number);
        number
    }

    /// Changes what `config` says of a record; in the older family that is the whole body.
    fn change(
        &mut self,
        record: &mut Record,
        family: Family,
        creates: bool,
        config: &Value,
        faults: &mut Faults,
    ) {
        let empty = Map::new();
        let config = config.as_object().unwrap_or(&empty);
        match record.kind.shape {
            Shape::Llm(provider) => {
                body::check_config(provider, family, creates, config, faults);
                self.authentication(record, provider, family, config, faults);
                self.fields(record, config, faults);
                self.models(record, config);
                let touched = ["model_names", "is_default_models_enabled"];
                let named = record.children.values().any(|child| child.enabled);
                if family == Family::Newer
                    && provider.needs_models()
                    && (creates || touched.iter().any(|one| config.contains_key(*one)))
                    && !named
                    && !record.default_models
                {
                    faults.insert(422);
                }
            }
            shape => {
                body::check_called(shape, creates, config, faults);
                self.fields(record, config, faults);
                self.presets(record, config);
                if ["input_schema", "request_presets"].iter().any(|one| config.contains_key(*one)) {
                    body::check_requests(record, faults);
                }
            }
        }
    }

    /// What a request says of how callers show who they are.
    fn authentication(
        &mut self,
        record: &mut Record,
        provider: &Provider,
        family: Family,
        config: &Map<String, Value>,
        faults: &mut Faults,
    ) {
        if let Some(block) = config.get("auth").and_then(Value::as_object) {
            // It replaces the former as a whole.
            for [must, may] in body::AUTH_TYPES.iter().filter_map(|word| provider.block(word)) {
                let said = |name: &&&'static str| !block.contains_key(**name);
                for name in must.iter().chain(may).filter(said) {
                    record.set(name, None);
                    if *name == "headers" {
                        record.headers.clear();
                    }
                }
            }
            let word = block.get("auth_type").and_then(Value::as_str).unwrap_or_default();
            authenticate(record, word);
            self.fields(record, block, faults);
        }
        if let Some(word) = config.get("auth_type").and_then(Value::as_str) {
            authenticate(record, word);
        } else if config.get("api_key").is_some_and(Value::is_string)
            && record.auth == "OAUTH2_CLIENT_CREDENTIALS"
        {
            // A plain key is what the default block would say.
            authenticate(record, "DEFAULT");
        }
        let Some(metadata) = config.get("provider_metadata") else { return };
        let names: &[&'static str] = match (family, provider.word) {
            (Family::Older, "AWS_BEDROCK") => &["role_arn", "external_id"],
            (Family::Older, "VERTEX_AI") => &["project_id", "location", "project_access_label"],
            _ => return,
        };
        let empty = Map::new();
        let metadata = metadata.as_object().unwrap_or(&empty);
        for name in names {
            if metadata.get(*name).is_none_or(Value::is_null) {
                record.set(name, None);
            }
        }
        if provider.word == "AWS_BEDROCK" && !metadata.is_empty() {
            // Whoever names a role wants it assumed.
            let assumed = Held::Plain("EXTERNAL_ROLE".into());
            if record.configuration.contains_key("connectionType") {
                record.configuration.insert("connectionType".to_owned(), assumed);
            }
        }
        self.fields(record, metadata, faults);
    }

    /// Sets each field that is said; `null` removes it.
    fn fields(&mut self, record: &mut Record, said: &Map<String, Value>, faults: &mut Faults) {
        for (name, value) in said {
            match name.as_str() {
                "is_function_calling_enabled" | "function_calling_enabled" => {
                    record.calls_functions = value.as_bool().unwrap_or(record.calls_functions);
                }
                "is_default_models_enabled" | "enable_default_models" => {
                    record.default_models = value.as_bool().unwrap_or(record.default_models);
                }
                "headers" => self.headers(record, value, faults),
                "external_id" if value == MASK => {
                    let kept = record.configuration.get("externalId");
                    if kept.is_none_or(|kept| kept.version().is_none())
                        || record.own.contains_key("external_id")
                    {
                        faults.insert(422);
                    }
                }
                name => {
                    let Some(name) = FIELDS.iter().find(|field| **field == name) else { continue };
                    let held = match value {
                        Value::Null => None,
                        Value::String(text) if *name == "external_id" => {
                            // What was said here is shown here.
                            record.own.insert(name, Held::Plain(value.clone()));
                            Some(self.secret(text))
                        }
                        Value::String(text) if ["api_key", "client_secret"].contains(name) => {
                            Some(self.secret(text))
                        }
                        schema if *name == "input_schema" => {
                            Some(Held::Plain(schema.to_string().into()))
                        }
                        value => Some(Held::Plain(value.clone())),
                    };
                    record.set(name, held);
                }
            }
        }
    }

    /// The headers, which replace the former ones; the mask of one that is there keeps its value.
    fn headers(&mut self, record: &mut Record, said: &Value, faults: &mut Faults) {
        let before = std::mem::take(&mut record.headers);
        for (name, value) in said.as_object().into_iter().flatten() {
            let held = match value.as_str().unwrap_or_default() {
                MASK => {
                    before.iter().find(|(other, _)| other == name).map(|(_, held)| held.clone())
                }
                text => Some(self.secret(text)),
            };
            match held {
                Some(held) => record.headers.push((name.clone(), held)),
                None => drop(faults.insert(422)),
            }
        }
    }
}

/// Says how callers show who they are.
fn authenticate(record: &mut Record, word: &str) {
    word.clone_into(&mut record.auth);
    if record.kind.name.starts_with("aws_bedrock") {
        if word == "DEFAULT" {
            let assumed = Held::Plain("EXTERNAL_ROLE".into());
            record.configuration.insert("connectionType".to_owned(), assumed);
        } else {
            record.configuration.remove("connectionType");
        }
    }
    if word != "OAUTH2_CLIENT_CREDENTIALS" {
        for name in OAUTH {
            record.own.remove(name);
        }
    }
}

impl Record {
    /// Whether a family has words for it.
    pub fn is_seen(&self, family: Family) -> bool {
        match (family, self.kind.shape) {
            (_, Shape::Foreign) => false,
            (Family::Older, shape) => matches!(shape, Shape::Llm(_)),
            (Family::Newer, Shape::Agent | Shape::Evaluator) => {
                self.text("endpoint").is_some() && self.schema().is_some()
            }
            (Family::Newer, Shape::Llm(provider)) => match provider.word {
                "CUSTOM" | "LITELLM" => self.text("base_url").is_some(),
                "VERTEX_AI" => self.text("project_id").is_some() && self.text("location").is_some(),
                "AWS_BEDROCK" => match self.auth.as_str() {
                    "DEFAULT" => self.assumes_role(),
                    "BEARER_TOKEN" => true,
                    _ => self.text("base_url").is_some(),
                },
                _ => provider.is_newer(),
            },
        }
    }
}

/// The provider of this word.
pub fn provider(word: &str) -> Option<&'static Provider> {
    PROVIDERS.into_iter().find(|one| one.word == word)
}
