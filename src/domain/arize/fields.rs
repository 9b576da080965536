//! Arize's names of what is stored, and where each has its place.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::auth::all_members;
use super::{AuthType, Family, InputSchema, Preset, Provider, Shape};
use crate::domain::Result;
use crate::domain::configuration::Configuration;

/// The key of an agent's schema in the configuration, where it stands as JSON text.
const INPUT_SCHEMA: &str = "inputSchema";

/// What both parts of a record hold, secrets masked, under the names of Arize's dialect.
#[derive(Clone, Serialize, Deserialize)]
pub struct Fields {
    /// What the record is.
    pub shape: Shape,
    /// What Conductor sees.
    pub configuration: Configuration,
    /// What only Arize knows.
    pub settings: Configuration,
}

/// Where a field stands.
enum Place {
    Configuration(&'static str),
    Settings(&'static str),
}

impl Fields {
    /// Those of a new record.
    pub fn new(shape: Shape) -> Self {
        Self { shape, configuration: Map::new(), settings: Map::new() }
    }

    /// The value of `name`, where it has one.
    fn value(&self, name: &'static str) -> Option<&Value> {
        match self.place(name) {
            Place::Configuration(key) => self.configuration.get(key),
            Place::Settings(key) => self.settings.get(key),
        }
    }

    /// The text of `name`; what is empty or no text is none.
    pub fn text(&self, name: &'static str) -> Option<&str> {
        let text = self.value(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        match text {
            None if name == "external_id" => self.configuration.get("externalId")?.as_str(),
            text => text,
        }
    }

    /// Whether there is something under `name`, be it masked.
    pub fn has(&self, name: &'static str) -> bool {
        !matches!(self.value(name), None | Some(Value::Null))
            && self.value(name).and_then(Value::as_str) != Some("")
    }

    /// Whether functions may be called; they may unless something else was said.
    pub fn calls_functions(&self) -> bool {
        self.value("is_function_calling_enabled").and_then(Value::as_bool).unwrap_or(true)
    }

    /// Whether the provider's default models are offered; they are not unless that was said.
    pub fn offers_default_models(&self) -> bool {
        self.value("is_default_models_enabled").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The headers by name, each with a mask.
    pub fn headers(&self) -> Option<&Configuration> {
        self.value("headers").and_then(Value::as_object).filter(|headers| !headers.is_empty())
    }

    /// How callers show who they are.
    pub fn auth_type(&self) -> AuthType {
        let said = self.value("auth_type").and_then(Value::as_str);
        said.and_then(AuthType::named).unwrap_or(AuthType::Default)
    }

    /// The schema of what an agent takes. Conductor's clients may have written anything there.
    pub fn input_schema(&self) -> Option<Configuration> {
        match self.configuration.get(INPUT_SCHEMA)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            Value::Object(schema) => Some(schema.clone()),
            _ => None,
        }
    }

    /// Sets what `name` is; `null` removes it. What is as if nothing had been said is not kept, so
    /// that a record is the same whichever dialect made it.
    pub fn set(&mut self, name: &'static str, value: Value) {
        let value = match (name, value) {
            ("is_function_calling_enabled", Value::Bool(true))
            | ("is_default_models_enabled", Value::Bool(false)) => Value::Null,
            ("headers", Value::Object(headers)) if headers.is_empty() => Value::Null,
            ("auth_type", value) => self.authenticating(value),
            ("role_arn", role) => {
                // Whoever names a role wants it assumed, whatever Conductor's clients chose.
                if !role.is_null() && self.configuration.contains_key("connectionType") {
                    put(&mut self.configuration, "connectionType", "EXTERNAL_ROLE".into());
                }
                role
            }
            // The mask that was shown comes back.
            ("external_id", value) if self.configuration.get("externalId") == Some(&value) => {
                return;
            }
            ("external_id", value) => {
                // Conductor keeps it secret; here it is shown as long as it was said here.
                put(&mut self.settings, name, value.clone());
                return put(&mut self.configuration, "externalId", value);
            }
            ("input_schema", schema) => {
                let text = Value::String(schema.to_string());
                return put(&mut self.configuration, INPUT_SCHEMA, text);
            }
            (_, value) => value,
        };
        match self.place(name) {
            Place::Configuration(key) => put(&mut self.configuration, key, value),
            Place::Settings(key) => put(&mut self.settings, key, value),
        }
    }

    /// What is kept of an `auth_type`. That of an assumed role is Conductor's connection type.
    fn authenticating(&mut self, said: Value) -> Value {
        let is_default = said == AuthType::Default.as_str();
        if self.shape == Shape::Llm(Provider::AwsBedrock) {
            let connection = if is_default { "EXTERNAL_ROLE".into() } else { Value::Null };
            put(&mut self.configuration, "connectionType", connection);
        }
        if said != AuthType::OAuth2.as_str() {
            for key in ["oauth_url", "client_id", "client_secret", "scopes", "audience"] {
                self.settings.shift_remove(key);
            }
        }
        if is_default { Value::Null } else { said }
    }

    fn place(&self, name: &'static str) -> Place {
        use Provider::{AwsBedrock, VertexAi};
        use Shape::{Agent, Evaluator, Llm};
        match (self.shape, name) {
            // There, `api_key` is the secret half of an access key in Conductor.
            (Llm(AwsBedrock | VertexAi), "api_key" | "base_url") => Place::Settings(name),
            (Llm(_), "api_key") => Place::Configuration("api_key"),
            (Llm(_), "base_url") | (Agent | Evaluator, "endpoint") => {
                Place::Configuration("endpoint")
            }
            (Llm(VertexAi), "project_id") => Place::Configuration("projectName"),
            (Llm(VertexAi), "location") => Place::Configuration("environment"),
            (Llm(AwsBedrock), "role_arn") => Place::Configuration("roleArn"),
            // Keys that look like what they are: no secret, and nothing that says where one goes.
            (_, "token_url") => Place::Settings("oauth_url"),
            (_, "project_access_label") => Place::Settings("access_label"),
            _ => Place::Settings(name),
        }
    }

    /// Whether `family` has words for all that a client of it must be told.
    pub fn is_expressible(&self, family: Family) -> bool {
        use Provider::{AwsBedrock, Custom, LiteLlm, VertexAi};
        match (family, self.shape) {
            (Family::Older, shape) => matches!(shape, Shape::Llm(_)),
            (_, Shape::Agent | Shape::Evaluator) => {
                self.text("endpoint").is_some() && self.input_schema().is_some()
            }
            (_, Shape::Llm(Custom | LiteLlm)) => self.text("base_url").is_some(),
            (_, Shape::Llm(VertexAi)) => {
                self.text("project_id").is_some() && self.text("location").is_some()
            }
            (_, Shape::Llm(AwsBedrock)) => match self.auth_type() {
                AuthType::Default => self.assumes_role(),
                AuthType::BearerToken => true,
                AuthType::ProxyWithHeaders => self.text("base_url").is_some(),
                AuthType::OAuth2 => false,
            },
            (_, Shape::Llm(provider)) => provider.is_newer(),
        }
    }

    /// Whether Bedrock is called in a role that is not Conductor's own.
    pub fn assumes_role(&self) -> bool {
        let connection = self.configuration.get("connectionType").and_then(Value::as_str);
        connection.is_none_or(|how| how == "EXTERNAL_ROLE") && self.text("role_arn").is_some()
    }

    /// Checks the schema of an agent, and that these ready-made requests fit it.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Invalid`].
    pub fn check(&self, presets: &[Preset]) -> Result<()> {
        if matches!(self.shape, Shape::Llm(_)) {
            return Ok(());
        }
        let schema = self.input_schema().unwrap_or_default();
        let schema = InputSchema::new(self.shape, schema)?;
        for (index, preset) in presets.iter().enumerate() {
            let place = format!("config.request_presets[{index}].config");
            schema.check(&place, &preset.config)?;
        }
        Ok(())
    }

    /// The field of Arize's dialect that stands at `path` of the configuration, or of what is
    /// joined to it, as a client of `family` writes it; `None` for what only Conductor's dialect
    /// knows.
    pub fn named_at(&self, family: Family, path: &str) -> Option<String> {
        use Provider::{AwsBedrock, VertexAi};
        let hidden = path.strip_prefix("configuration.arize.");
        let rest = hidden.or_else(|| path.strip_prefix("configuration."))?;
        let (key, below) = rest.split_once('.').map_or((rest, None), |(a, b)| (a, Some(b)));
        let name = match (hidden, self.shape, key) {
            (Some(_), _, "oauth_url") => "token_url",
            (Some(_), _, "access_label") => "project_access_label",
            (Some(_), _, key) => key,
            (None, Shape::Agent | Shape::Evaluator, "endpoint") => "endpoint",
            (None, _, INPUT_SCHEMA) => "input_schema",
            (None, Shape::Llm(VertexAi), "projectName") => "project_id",
            (None, Shape::Llm(VertexAi), "environment") => "location",
            (None, Shape::Llm(AwsBedrock), "roleArn") => "role_arn",
            (None, Shape::Llm(AwsBedrock), "externalId") => "external_id",
            (None, Shape::Llm(VertexAi | AwsBedrock) | Shape::Agent | Shape::Evaluator, _) => {
                return None;
            }
            (None, _, "api_key") => "api_key",
            (None, _, "endpoint") => "base_url",
            (None, ..) => return None,
        };
        let place = match (family, self.shape, name) {
            (
                Family::Older,
                _,
                "role_arn" | "external_id" | "project_id" | "location" | "project_access_label",
            ) => "provider_metadata.",
            (Family::Older, ..) => "",
            (_, Shape::Llm(provider), name) if is_within_auth(provider, name) => "config.auth.",
            (Family::Newer, ..) => "config.",
        };
        let below = below.map(|below| format!(".{below}")).unwrap_or_default();
        Some(format!("{place}{name}{below}"))
    }
}

/// Whether the newer family says `name` in the block that tells how callers show who they are. A
/// plain key may stand beside it.
fn is_within_auth(provider: Provider, name: &str) -> bool {
    name == "auth_type"
        || name != "api_key" && all_members(provider).any(|member| member == name)
        || provider == Provider::AwsBedrock && name == "api_key"
}

fn put(map: &mut Configuration, key: &str, value: Value) {
    if value.is_null() {
        map.shift_remove(key);
    } else {
        map.insert(key.to_owned(), value);
    }
}
