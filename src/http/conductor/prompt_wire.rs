//! Prompts in Conductor's JSON, in and out; contract section 6.1.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::wire::{Tag, Times, null_is_default};
use crate::domain::Result;
use crate::domain::prompt::{
    ModelRef, Prompt, PromptDraft, PromptItem, PromptName, Settings, Version, template,
};
use crate::registry::PromptView;

/// `MessageTemplate`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Prompt")]
pub struct PromptJson<'a> {
    name: &'a str,
    version: i64,
    description: &'a str,
    template: &'a str,
    integrations: Vec<String>,
    variables: Vec<String>,
    tags: Vec<Tag>,
    temperature: Value,
    #[serde(rename = "topP")]
    top_p: Value,
    #[serde(rename = "stopWords")]
    stop_words: Value,
    #[serde(rename = "responseFormat")]
    response_format: Value,
    #[serde(flatten)]
    times: Times<'a>,
}

impl<'a> PromptJson<'a> {
    /// As every read shows it.
    pub fn new(view: &'a PromptView) -> Self {
        let Prompt { name, version, description, template, models, settings, stamps } =
            &view.prompt;
        let [temperature, top_p, stop_words, response_format] = settings.shown();
        Self {
            name: name.as_str(),
            version: *version,
            description,
            template,
            integrations: models.iter().map(ToString::to_string).collect(),
            variables: template::variables(template),
            tags: view.tags.iter().cloned().map(Tag::from).collect(),
            temperature,
            top_p,
            stop_words,
            response_format,
            times: stamps.into(),
        }
    }
}

/// A `MessageTemplate` of a bulk save.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PromptItem")]
pub struct BulkPrompt {
    name: String,
    template: String,
    version: Option<i64>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<String>")]
    description: String,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Vec<String>>")]
    integrations: Vec<String>,
    temperature: Option<Value>,
    top_p: Option<Value>,
    stop_words: Option<Value>,
    response_format: Option<Value>,
}

impl BulkPrompt {
    /// What the registry is asked for.
    pub fn into_item(self) -> Result<PromptItem> {
        let models =
            self.integrations.iter().enumerate().map(|(index, model)| {
                ModelRef::parse(&format!("integrations[{index}]"), model.trim())
            });
        let draft = PromptDraft {
            description: self.description,
            template: self.template,
            models: models.collect::<Result<BTreeSet<_>>>()?,
            settings: Some(Settings::checked([
                ("temperature", self.temperature),
                ("topP", self.top_p),
                ("stopWords", self.stop_words),
                ("responseFormat", self.response_format),
            ])?),
        };
        let version = Version::Exactly(self.version.unwrap_or(1));
        Ok(PromptItem { name: PromptName::parse("name", self.name)?, version, draft })
    }
}
