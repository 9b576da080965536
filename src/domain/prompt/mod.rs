//! Prompts: templates of text with versions; contract section 6.

#[cfg(test)]
pub(crate) mod samples;
pub mod template;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use super::access::Target;
use super::integration::Stamps;
use super::name::{self, IntegrationName, ResourceName};
use super::{Error, Result};

/// The longest template, in bytes.
pub const LONGEST_TEMPLATE: usize = 512 * 1024;

/// The highest version: what Java's client can read.
pub const HIGHEST_VERSION: i64 = i32::MAX as i64;

/// The name of a prompt, unique in the registry: any UTF-8 without control characters, without
/// white space at its ends, and without `/`, which separates path segments. `test` is reserved by
/// `POST …/prompts/test`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromptName(String);

impl PromptName {
    /// Checks `raw`; a refusal names `field`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`].
    pub fn parse(field: &str, raw: impl Into<String>) -> Result<Self> {
        let raw = raw.into();
        name::check(field, &raw)?;
        if raw.contains('/') || name::is_dots(&raw) {
            return Err(Error::invalid(field, "must not hold `/`, or be `.` or `..`"));
        }
        if raw == "test" {
            return Err(Error::invalid(field, "must not be `test`, which is reserved"));
        }
        Ok(Self(raw))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PromptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A version of a prompt.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// The prompt.
    pub name: PromptName,
    /// Which version, from 1 on.
    pub version: i64,
    /// Free text.
    pub description: String,
    /// The text, with its variables.
    pub template: String,
    /// The models it is for.
    pub models: BTreeSet<ModelRef>,
    /// How models are asked.
    pub settings: Settings,
    /// Who and when.
    pub stamps: Stamps,
}

/// A model that a prompt is for: `integration:model`, whether the model is registered or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModelRef {
    /// The integration.
    pub integration: IntegrationName,
    /// The model.
    pub model: ResourceName,
}

impl ModelRef {
    /// Splits at the first colon: names of models may hold more. A refusal names `field`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`].
    pub fn parse(field: &str, raw: &str) -> Result<Self> {
        let (integration, model) = raw
            .split_once(':')
            .ok_or_else(|| Error::invalid(field, "must be models, as in `integration:model`"))?;
        Ok(Self {
            integration: IntegrationName::parse(field, integration)?,
            model: ResourceName::parse(field, model)?,
        })
    }

    /// The resource that it names.
    pub fn target(&self) -> Target {
        Target::Resource(self.integration.clone(), self.model.clone())
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.integration, self.model)
    }
}

/// How models are asked with a prompt: what Conductor calls `temperature`, `topP`, `stopWords` and
/// `responseFormat`, each as it was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(pub Map<String, Value>);

impl Settings {
    /// The settings of these names that are given, each of its type.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming the setting.
    pub fn checked(given: [(&str, Option<Value>); 4]) -> Result<Self> {
        let mut found = Map::new();
        for (name, value) in given {
            let Some(value) = value.filter(|value| !value.is_null()) else { continue };
            let (fits, wanted) = match name {
                "stopWords" => {
                    let all = |list: &Vec<Value>| list.iter().all(Value::is_string);
                    (value.as_array().is_some_and(all), "must be a list of texts")
                }
                "responseFormat" => (value.is_string(), "must be a text"),
                _ => (value.is_number(), "must be a number"),
            };
            if !fits {
                return Err(Error::invalid(name, wanted));
            }
            found.insert(name.to_owned(), value);
        }
        Ok(Self(found))
    }

    /// What is shown of the four, in this order: what was sent, or else what Conductor takes.
    pub fn shown(&self) -> [Value; 4] {
        let or = |name, default| self.0.get(name).cloned().unwrap_or(default);
        [
            or("temperature", json!(0.1)),
            or("topP", json!(1)),
            or("stopWords", json!([])),
            or("responseFormat", json!("text")),
        ]
    }
}

/// What a client asks a version of a prompt to become.
#[derive(Clone, Debug)]
pub struct PromptDraft {
    /// Free text.
    pub description: String,
    /// The text.
    pub template: String,
    /// The models it is for.
    pub models: BTreeSet<ModelRef>,
    /// How models are asked; `None` leaves it as it is where what is there is changed.
    pub settings: Option<Settings>,
}

impl PromptDraft {
    /// Checks what needs no database.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming the field.
    pub fn check(&self) -> Result<()> {
        if self.template.len() > LONGEST_TEMPLATE {
            let reason = format!("must be at most {LONGEST_TEMPLATE} bytes long");
            return Err(Error::invalid("template", reason));
        }
        for (field, text) in [("template", &self.template), ("description", &self.description)] {
            if text.contains('\0') {
                return Err(Error::invalid(field, "must not hold the character U+0000"));
            }
        }
        Ok(())
    }
}

/// Which version a save writes; contract section 6.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// This one.
    Exactly(i64),
    /// One more than the latest.
    Next,
    /// The latest, or the first where there is none.
    Latest,
}

impl Version {
    /// Its number, given that of the latest.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming `version`, from 1 to [`HIGHEST_VERSION`].
    pub fn number(self, latest: Option<i64>) -> Result<i64> {
        let number = match self {
            Self::Exactly(number) => number,
            Self::Next => latest.map_or(1, |latest| latest + 1),
            Self::Latest => latest.unwrap_or(1),
        };
        if !(1..=HIGHEST_VERSION).contains(&number) {
            return Err(Error::invalid("version", format!("must be from 1 to {HIGHEST_VERSION}")));
        }
        Ok(number)
    }
}

/// A prompt of a bulk save.
#[derive(Clone, Debug)]
pub struct PromptItem {
    /// Its name.
    pub name: PromptName,
    /// Which version it is.
    pub version: Version,
    /// What it should become.
    pub draft: PromptDraft,
}

/// A name that points at a version of a prompt, as in `production`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

impl Label {
    /// Checks `raw`: lower-case letters, digits, `-`, `_` and `.`, at most 64.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming `label`.
    pub fn parse(raw: impl Into<String>) -> Result<Self> {
        let raw = raw.into();
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
        if raw.is_empty() || raw.len() > 64 || !raw.bytes().all(plain) {
            let reason = "must be 1 to 64 lower-case letters, digits, `-`, `_` and `.`";
            return Err(Error::invalid("label", reason));
        }
        Ok(Self(raw))
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which version of a prompt is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The latest.
    Latest,
    /// This one.
    Version(i64),
    /// The one that a label points at.
    Label(Label),
}

impl From<Version> for Which {
    /// What is read before a version is written: that version, or of a new one the latest.
    fn from(version: Version) -> Self {
        match version {
            Version::Exactly(number) => Self::Version(number),
            Version::Next | Version::Latest => Self::Latest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_split_at_the_first_colon() {
        let model = ModelRef::parse("models", "bedrock:anthropic.claude-v2:0").unwrap();
        assert_eq!(model.integration.as_str(), "bedrock");
        assert_eq!(model.model.as_str(), "anthropic.claude-v2:0");
        assert_eq!(model.to_string(), "bedrock:anthropic.claude-v2:0");
        for raw in ["", "bedrock", ":x", "bedrock:", "a/b:c"] {
            assert!(ModelRef::parse("models", raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn versions_are_counted_from_one_to_what_java_can_read() {
        for (version, latest, number) in [
            (Version::Exactly(7), Some(2), Some(7)),
            (Version::Exactly(HIGHEST_VERSION), None, Some(HIGHEST_VERSION)),
            (Version::Exactly(0), None, None),
            (Version::Exactly(-1), Some(2), None),
            (Version::Exactly(HIGHEST_VERSION + 1), None, None),
            (Version::Next, None, Some(1)),
            (Version::Next, Some(4), Some(5)),
            (Version::Next, Some(HIGHEST_VERSION), None),
            (Version::Latest, None, Some(1)),
            (Version::Latest, Some(4), Some(4)),
        ] {
            assert_eq!(version.number(latest).ok(), number, "{version:?} after {latest:?}");
        }
    }

    #[test]
    fn labels_are_plain_words() {
        for raw in ["production", "v1.2", "a-b_c"] {
            assert_eq!(Label::parse(raw).unwrap().as_str(), raw);
        }
        for raw in ["", "Production", "a b", "a/b", "é", &"x".repeat(65)] {
            assert!(Label::parse(raw).is_err(), "{raw}");
        }
    }
}
