//! The integrations and prompts of another Conductor server, read by the calls that its SDKs make.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::named::Namer;
use crate::catalogue::Catalogue;
use crate::cli::Outcome;
use crate::cli::client::{Client, is_missing};
use crate::domain::configuration::Configuration;
use crate::domain::manifest::{
    IntegrationEntry, MANAGED_BY, Manifest, PromptEntry, ResourceEntry, TagEntry, TokenLimitEntry,
    VersionEntry, is_asked_for,
};

/// What of the server is read.
pub struct Selection<'a> {
    /// Only what has one of these names; one that ends in `*` stands for all that begin so.
    pub names: &'a [String],
    /// Only what carries each of these tags.
    pub tags: &'a [String],
    /// Only integrations of one of these categories.
    pub categories: &'a [String],
}

/// What was read.
pub struct Read {
    pub manifest: Manifest,
    /// The variables that the secrets were named by.
    pub variables: Vec<String>,
}

/// `Integration`.
#[derive(Deserialize)]
struct IntegrationJson {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    category: Option<String>,
    description: Option<String>,
    enabled: Option<bool>,
    configuration: Option<Configuration>,
    tags: Option<Vec<TagJson>>,
}

/// `IntegrationApi`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceJson {
    api: String,
    description: Option<String>,
    enabled: Option<bool>,
    configuration: Option<Configuration>,
    max_tokens: Option<i64>,
    frequency: Option<String>,
    tags: Option<Vec<TagJson>>,
}

/// `TokenLimit`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokenLimitJson {
    api: Option<String>,
    max_tokens: Option<i64>,
    token_limit_period: Option<String>,
}

/// `MessageTemplate`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptJson {
    name: String,
    version: Option<i64>,
    description: Option<String>,
    template: Option<String>,
    integrations: Option<Vec<String>>,
    temperature: Option<Value>,
    top_p: Option<Value>,
    stop_words: Option<Value>,
    response_format: Option<Value>,
    tags: Option<Vec<TagJson>>,
}

#[derive(Deserialize)]
struct TagJson {
    key: String,
    value: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// Reads a server.
pub fn read(server: &Client, selection: &Selection<'_>) -> Outcome<Read> {
    let catalogue = Catalogue::built_in();
    let mut namer = Namer::default();
    let mut manifest = Manifest::default();
    let all = "?activeOnly=false";
    let mut found: Vec<IntegrationJson> = server.get(&["integrations", "provider"], all)?;
    found.sort_by(|one, two| one.name.cmp(&two.name));
    for it in found {
        let tags = tags(it.tags);
        let is_of_category = selection.categories.is_empty()
            || it.category.as_ref().is_some_and(|it| selection.categories.contains(it));
        if !is_of_category || !selection.admits(&it.name, &tags) {
            continue;
        }
        let definition = catalogue.find(&it.kind).map(|definition| &**definition);
        let mut configuration = it.configuration.unwrap_or_default();
        namer.name(&mut configuration, &[&it.name], definition);
        let below = ["integrations", "provider", &it.name, "integration"];
        let mut resources: Vec<ResourceJson> =
            unless_missing(server.get(&below, all))?.unwrap_or_default();
        resources.sort_by(|one, two| one.api.cmp(&two.api));
        let resources = resources.into_iter().map(|resource| {
            let mut configuration = resource.configuration.unwrap_or_default();
            namer.name(&mut configuration, &[&it.name, &resource.api], definition);
            ResourceEntry {
                name: resource.api,
                description: resource.description,
                enabled: resource.enabled.unwrap_or_default(),
                configuration,
                max_tokens: resource.max_tokens,
                frequency: resource.frequency,
                tags: self::tags(resource.tags),
            }
        });
        let resources = resources.collect();
        let limit = server.get(&["integrations", "llm", &it.name, "token"], "");
        manifest.integrations.push(IntegrationEntry {
            kind: it.kind,
            category: it.category,
            description: it.description,
            enabled: it.enabled.unwrap_or_default(),
            configuration,
            token_limit: unless_missing(limit)?.and_then(token_limit),
            tags,
            resources,
            name: it.name,
        });
    }
    if selection.categories.is_empty() {
        manifest.prompts = prompts(server, selection)?;
    }
    Ok(Read { manifest, variables: namer.into_names() })
}

/// What was asked for, if it is there: not every server has all of these calls.
fn unless_missing<T: DeserializeOwned>(answer: Outcome<T>) -> Outcome<Option<T>> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_missing(&*error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn token_limit(limit: TokenLimitJson) -> Option<TokenLimitEntry> {
    let (max_tokens, period) = (limit.max_tokens?, limit.token_limit_period?);
    Some(TokenLimitEntry { api: limit.api, max_tokens, period })
}

fn prompts(server: &Client, selection: &Selection<'_>) -> Outcome<Vec<PromptEntry>> {
    let mut found: Vec<PromptJson> =
        unless_missing(server.get(&["prompts"], ""))?.unwrap_or_default();
    found.sort_by(|one, two| one.name.cmp(&two.name));
    let mut entries: Vec<PromptEntry> = vec![];
    for mut it in found {
        let (name, tags) = (it.name.clone(), tags(it.tags.take()));
        let is_known = entries.last().is_some_and(|last| last.name == name);
        if is_known || !selection.admits(&name, &tags) {
            continue;
        }
        // A server that does not tell the others has at least this one.
        let versions = server.get(&["prompts", &name, "versions"], "");
        let versions: Vec<PromptJson> = unless_missing(versions)?.unwrap_or_else(|| vec![it]);
        let mut versions: Vec<_> = versions.into_iter().map(version).collect();
        versions.sort_by_key(|version| version.version);
        entries.push(PromptEntry { name, versions, labels: [].into(), tags });
    }
    Ok(entries)
}

fn version(it: PromptJson) -> VersionEntry {
    // Servers tell these where nothing was said.
    let said =
        |value: Option<Value>, default: Value| value.filter(|it| !it.is_null() && *it != default);
    VersionEntry {
        version: it.version.unwrap_or(1),
        description: it.description.unwrap_or_default(),
        template: it.template.unwrap_or_default(),
        models: it.integrations.unwrap_or_default(),
        temperature: said(it.temperature, json!(0.1)),
        top_p: said(it.top_p, json!(1)),
        stop_words: said(it.stop_words, json!([])),
        response_format: said(it.response_format, json!("text")),
    }
}

/// Tags without the mark of an owner, who does not come along.
fn tags(tags: Option<Vec<TagJson>>) -> Vec<TagEntry> {
    let tags = tags.unwrap_or_default().into_iter().filter(|tag| tag.key != MANAGED_BY);
    let entry = |tag: TagJson| TagEntry {
        key: tag.key,
        value: tag.value.unwrap_or_default(),
        kind: tag.kind,
    };
    tags.map(entry).collect()
}

impl Selection<'_> {
    /// Whether a thing of this name and with these tags is selected.
    fn admits(&self, name: &str, tags: &[TagEntry]) -> bool {
        let has = |wanted: &String| {
            tags.iter().any(|tag| format!("{}:{}", tag.key, tag.value) == *wanted)
        };
        is_asked_for(self.names, name) && self.tags.iter().all(has)
    }
}
