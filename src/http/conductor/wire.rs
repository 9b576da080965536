//! Conductor's JSON, in and out; contract sections 4.1 to 4.7.
//!
//! Unknown fields of a request are ignored: clients send back whole objects. Times are answered
//! under both their names, since older clients read `createdOn` and newer ones `createTime`.

use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::configuration::Configuration;
use crate::domain::integration::{
    Category, Integration, IntegrationDraft, IntegrationItem, Resource, ResourceDraft, Stamps,
};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::tag;
use crate::domain::{Error, Result};
use crate::http::json;
use crate::registry::{IntegrationView, Resolved, ResourceView};

/// `Tag`, with its type only where one was sent.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Tag {
    key: String,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<String>")]
    value: String,
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
}

/// The items of a bulk save, each of which is looked at by itself, so that all that are bad are told.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Items<T> {
    #[schemars(with = "Vec<T>")]
    all: Vec<Value>,
    #[serde(skip)]
    item: PhantomData<T>,
}

impl<T: DeserializeOwned> Items<T> {
    /// What becomes of each item.
    pub fn each<D>(self, make: fn(T) -> Result<D>) -> Vec<Result<D>> {
        self.all.into_iter().map(|value| json::typed(value).and_then(make)).collect()
    }
}

/// A sentence that says what was done.
#[derive(Serialize, JsonSchema)]
pub struct Message {
    /// The sentence.
    #[schemars(example = "Deleted user 'ann@example.com'")]
    pub message: String,
}

/// The fields that say who and when.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Times<'a> {
    created_by: &'a str,
    updated_by: &'a str,
    create_time: i64,
    update_time: i64,
    created_on: i64,
    updated_on: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_app: Option<&'a str>,
}

/// `Integration`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Integration")]
pub struct IntegrationJson<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    enabled: bool,
    #[schemars(with = "Configuration")]
    configuration: &'a RawValue,
    models_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    apis: Option<Vec<ResourceJson<'a>>>,
    tags: Vec<Tag>,
    #[serde(flatten)]
    times: Times<'a>,
}

/// `IntegrationApi`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IntegrationApi")]
pub struct ResourceJson<'a> {
    integration_name: &'a str,
    api: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    enabled: bool,
    #[schemars(with = "Configuration")]
    configuration: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
    #[serde(flatten)]
    times: Times<'a>,
}

/// What was resolved; Podium's own.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Resolved")]
pub struct ResolvedJson<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<&'a str>,
    #[serde(rename = "type")]
    kind: &'a str,
    category: &'static str,
    #[schemars(with = "Configuration")]
    configuration: &'a Value,
}

/// `IntegrationUpdate`, and the part of an `Integration` that a bulk save reads.
#[derive(Deserialize, JsonSchema)]
pub struct IntegrationUpdate {
    #[serde(rename = "type")]
    kind: Option<String>,
    category: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<bool>")]
    enabled: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Configuration>")]
    configuration: Configuration,
}

/// `IntegrationApiUpdate`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IntegrationApiUpdate")]
pub struct ResourceUpdate {
    description: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<bool>")]
    enabled: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Configuration>")]
    configuration: Configuration,
    max_tokens: Option<i64>,
    frequency: Option<String>,
}

/// An `Integration` of a bulk save.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "IntegrationItem")]
pub struct BulkIntegration {
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    category: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<bool>")]
    enabled: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Configuration>")]
    configuration: Configuration,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Vec<Tag>>")]
    tags: Vec<Tag>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Vec<BulkResource>>")]
    apis: Vec<BulkResource>,
}

/// An `IntegrationApi` of a bulk save.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IntegrationApiItem")]
struct BulkResource {
    api: String,
    integration_name: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<bool>")]
    enabled: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Configuration>")]
    configuration: Configuration,
    max_tokens: Option<i64>,
    frequency: Option<String>,
}

/// Clients write `null` for what they leave out.
pub fn null_is_default<'de, D, T>(input: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(input)?.unwrap_or_default())
}

fn category(name: Option<String>) -> Result<Option<Category>> {
    name.map(|name| Category::parse("category", &name)).transpose()
}

impl IntegrationUpdate {
    /// What the registry is asked for.
    pub fn into_draft(self) -> Result<IntegrationDraft> {
        Ok(IntegrationDraft {
            kind: self.kind,
            category: category(self.category)?,
            description: self.description,
            enabled: self.enabled,
            configuration: Some(self.configuration),
            settings: None,
        })
    }
}

impl From<ResourceUpdate> for ResourceDraft {
    fn from(update: ResourceUpdate) -> Self {
        Self {
            description: update.description,
            enabled: update.enabled,
            configuration: Some(update.configuration),
            max_tokens: update.max_tokens,
            frequency: update.frequency,
        }
    }
}

impl BulkIntegration {
    /// What the registry is asked for.
    pub fn into_item(self) -> Result<IntegrationItem> {
        let mut resources = Vec::with_capacity(self.apis.len());
        for (index, api) in self.apis.into_iter().enumerate() {
            let other = api.integration_name.is_some_and(|name| name != self.name);
            let place = format!("apis[{index}]");
            if other {
                let reason = "must be the name of the integration it stands in";
                return Err(Error::invalid("integrationName", reason).within(&place));
            }
            let name = ResourceName::parse("api", api.api).map_err(|e| e.within(&place))?;
            let draft = ResourceDraft {
                description: api.description,
                enabled: api.enabled,
                configuration: Some(api.configuration),
                max_tokens: api.max_tokens,
                frequency: api.frequency,
            };
            resources.push((name, draft));
        }
        Ok(IntegrationItem {
            name: IntegrationName::parse("name", self.name)?,
            draft: IntegrationDraft {
                kind: self.kind,
                category: category(self.category)?,
                description: self.description,
                enabled: self.enabled,
                configuration: Some(self.configuration),
                settings: None,
            },
            tags: self.tags.into_iter().map(tag::Tag::from).collect(),
            resources,
        })
    }
}

impl<'a> From<&'a Resolved> for ResolvedJson<'a> {
    fn from(resolved: &'a Resolved) -> Self {
        Self {
            name: resolved.integration.as_str(),
            api: resolved.resource.as_ref().map(ResourceName::as_str),
            kind: &resolved.kind,
            category: resolved.category.as_str(),
            configuration: &resolved.configuration,
        }
    }
}

impl From<Tag> for tag::Tag {
    fn from(Tag { key, value, kind }: Tag) -> Self {
        Self { key, value, kind }
    }
}

impl From<tag::Tag> for Tag {
    fn from(tag::Tag { key, value, kind }: tag::Tag) -> Self {
        Self { key, value, kind }
    }
}

impl<'a> From<&'a Stamps> for Times<'a> {
    fn from(stamps: &'a Stamps) -> Self {
        Self {
            created_by: &stamps.created_by,
            updated_by: &stamps.updated_by,
            create_time: stamps.created_on,
            update_time: stamps.updated_on,
            created_on: stamps.created_on,
            updated_on: stamps.updated_on,
            owner_app: stamps.created_by.strip_prefix("app:"),
        }
    }
}

impl<'a> IntegrationJson<'a> {
    /// As a single read and a list show it.
    pub fn new(view: &'a IntegrationView) -> Self {
        let Integration { name, kind, category, description, enabled, configuration, stamps } =
            &view.integration;
        Self {
            name: name.as_str(),
            kind,
            category: category.as_str(),
            description: description.as_deref(),
            enabled: *enabled,
            configuration,
            models_count: view.resource_count,
            apis: None,
            tags: view.tags.iter().cloned().map(Tag::from).collect(),
            times: stamps.into(),
        }
    }

    /// As the list with embedded resources shows it; they carry no tags there.
    pub fn with_resources(view: &'a IntegrationView, resources: &'a [Resource]) -> Self {
        let apis = resources.iter().map(|resource| ResourceJson::of(resource, None)).collect();
        Self { apis: Some(apis), ..Self::new(view) }
    }
}

impl<'a> ResourceJson<'a> {
    /// As a single read and a list show it.
    pub fn new(view: &'a ResourceView) -> Self {
        Self::of(&view.resource, Some(view.tags.iter().cloned().map(Tag::from).collect()))
    }

    fn of(resource: &'a Resource, tags: Option<Vec<Tag>>) -> Self {
        Self {
            integration_name: resource.integration.as_str(),
            api: resource.name.as_str(),
            description: resource.description.as_deref(),
            enabled: resource.enabled,
            configuration: &resource.configuration,
            max_tokens: resource.max_tokens,
            frequency: resource.frequency.as_deref(),
            tags,
            times: (&resource.stamps).into(),
        }
    }
}
