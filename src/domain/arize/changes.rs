//! What a request of the newer family changes; contract sections 4.2 to 4.6.

use serde_json::Value;

use super::{AuthType, Fields, Provider, Shape, auth};
use crate::domain::configuration::Configuration;
use crate::domain::name::ResourceName;
use crate::domain::{Error, Result};

/// The longest endpoint, in bytes.
const LONGEST_URL: usize = 2048;

/// The most that headers may be as JSON, in bytes.
const MOST_HEADERS: usize = 8175;

/// The longest description of a preset, in characters.
const LONGEST_DESCRIPTION: usize = 1024;

/// What changes of a record, by the names of [`Fields`].
#[derive(Default)]
pub struct Changes {
    /// Each field with what it becomes, in this order; `null` removes.
    pub fields: Vec<(&'static str, Value)>,
    /// The models, each once, in the order of the request.
    pub models: Option<Vec<ResourceName>>,
    /// The requests that an agent offers ready-made.
    pub presets: Option<Vec<Preset>>,
}

/// A ready-made request to an agent.
#[derive(Clone)]
pub struct Preset {
    /// Its name, unique in the integration.
    pub name: ResourceName,
    /// What is sent.
    pub config: Configuration,
    /// Free text.
    pub description: Option<String>,
}

/// What the request's client was released with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// The members of the contract's tables.
    Current,
    /// Those of the first release, which has a flag more for one provider.
    First,
}

impl Changes {
    /// Whether they say what requests an agent offers ready-made, or what these must fit.
    pub fn touch_presets(&self) -> bool {
        self.presets.is_some() || self.fields.iter().any(|(name, _)| *name == "input_schema")
    }

    /// Whether they say which models are offered.
    pub fn touch_models(&self) -> bool {
        self.models.is_some() || self.fields.iter().any(|(name, _)| *name == DEFAULT_MODELS)
    }

    /// Makes them. A plain key ends what OAuth was for.
    pub fn apply(&self, fields: &mut Fields) {
        let says = |name| self.fields.iter().any(|(said, value)| *said == name && !value.is_null());
        if says("api_key") && !says("auth_type") && fields.auth_type() == AuthType::OAuth2 {
            fields.set("auth_type", AuthType::Default.as_str().into());
        }
        for (name, value) in &self.fields {
            fields.set(name, value.clone());
        }
    }
}

/// What a `config` of the newer family says of a record of this shape: all of it if it `creates`
/// the record, or else what changes. The types of its members have been checked.
///
/// # Errors
///
/// [`Error::Invalid`] naming the member.
pub fn newer(
    shape: Shape,
    creates: bool,
    mut config: Configuration,
    release: Release,
) -> Result<Changes> {
    let mut changes = Changes::default();
    if matches!(shape, Shape::Llm(_)) {
        config.shift_remove("provider");
    }
    if shape == Shape::Llm(Provider::OpenAi) && release == Release::First {
        let flag = config.shift_remove(DEFAULT_MODELS).filter(|flag| !flag.is_null());
        changes.fields.extend(flag.map(|flag| (DEFAULT_MODELS, flag)));
    }
    let both = config.contains_key("api_key") && config.contains_key("auth");
    if shape == Shape::Llm(Provider::Custom) && both {
        return Err(Error::invalid("config.auth", "must not be sent together with `api_key`"));
    }
    for member in shape.members() {
        let place = format!("config.{}", member.name);
        let value = match config.shift_remove(member.name) {
            None if creates && member.required => return Err(Error::invalid(place, "is required")),
            None => continue,
            Some(Value::Null) if creates && member.required || !member.nullable => {
                return Err(Error::invalid(place, "must not be null"));
            }
            Some(value) => value,
        };
        match (member.name, value, shape) {
            ("model_names", value, _) => changes.models = Some(models(&place, &value)?),
            ("request_presets", value, _) => changes.presets = Some(presets(value)?),
            ("auth", Value::Object(block), Shape::Llm(provider)) => {
                changes.fields.extend(auth::fields(provider, block)?);
            }
            (name, value, _) => {
                check(&place, name, &value)?;
                changes.fields.push((name, value));
            }
        }
    }
    match config.keys().next() {
        Some(name) => {
            let reason = format!("is not taken by {}", shape.told());
            Err(Error::invalid(format!("config.{name}"), reason))
        }
        None => Ok(changes),
    }
}

/// The flag that the first release has for a provider more.
const DEFAULT_MODELS: &str = "is_default_models_enabled";

/// The names of models, each once.
pub(super) fn models(place: &str, sent: &Value) -> Result<Vec<ResourceName>> {
    let mut models: Vec<ResourceName> = Vec::new();
    for (index, name) in sent.as_array().into_iter().flatten().enumerate() {
        let name = name.as_str().unwrap_or_default();
        let name = ResourceName::parse(&format!("{place}[{index}]"), name)?;
        if !models.contains(&name) {
            models.push(name);
        }
    }
    Ok(models)
}

fn presets(sent: Value) -> Result<Vec<Preset>> {
    let mut presets: Vec<Preset> = Vec::new();
    let Value::Array(items) = sent else { return Ok(presets) };
    for (index, item) in items.into_iter().enumerate() {
        let place = format!("config.request_presets[{index}]");
        let preset = preset(item).map_err(|error| error.within(&place))?;
        if presets.iter().any(|other| other.name == preset.name) {
            let reason = "must differ from the names of the other presets";
            return Err(Error::invalid(format!("{place}.name"), reason));
        }
        presets.push(preset);
    }
    Ok(presets)
}

fn preset(item: Value) -> Result<Preset> {
    let Value::Object(mut item) = item else {
        return Err(Error::invalid("name", "is required"));
    };
    let mut text = |name: &str| match item.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let name = text("name").ok_or_else(|| Error::invalid("name", "is required"))?;
    let name = ResourceName::parse("name", name)?;
    let description = text("description");
    if description.as_ref().is_some_and(|text| text.chars().count() > LONGEST_DESCRIPTION) {
        return Err(Error::invalid("description", "must be at most 1024 characters long"));
    }
    match item.shift_remove("config") {
        Some(Value::Object(config)) => Ok(Preset { name, config, description }),
        _ => Err(Error::invalid("config", "is required")),
    }
}

/// Checks a value by the rule of its field.
pub(super) fn check(place: &str, name: &str, value: &Value) -> Result<()> {
    refuse_blank(place, value)?;
    match (name, value) {
        ("base_url" | "endpoint" | "token_url", Value::String(url)) => https(place, url),
        ("headers", Value::Object(headers)) => {
            let size = Value::Object(headers.clone()).to_string().len();
            if size > MOST_HEADERS {
                let reason = format!("must be at most {MOST_HEADERS} bytes long as JSON");
                return Err(Error::invalid(place, reason));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Refuses a text that is blank.
fn refuse_blank(place: &str, value: &Value) -> Result<()> {
    match value.as_str() {
        Some(text) if text.trim().is_empty() => Err(Error::invalid(place, "must not be blank")),
        _ => Ok(()),
    }
}

/// Refuses a URL that is not one of https, or too long. Where it leads is checked with the whole
/// configuration.
fn https(place: &str, url: &str) -> Result<()> {
    if !url.starts_with("https://") {
        return Err(Error::invalid(place, "must begin with `https://`"));
    }
    if url.len() > LONGEST_URL {
        return Err(Error::invalid(place, format!("must be at most {LONGEST_URL} bytes long")));
    }
    Ok(())
}
