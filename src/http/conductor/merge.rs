//! What PATCH takes: the fields of a save, each of which may be left out. Podium's own.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::wire::null_is_default;
use crate::domain::Result;
use crate::domain::configuration::Configuration;
use crate::domain::integration::Category;
use crate::domain::patch::{Field, IntegrationPatch, ResourcePatch};

/// What changes of an integration.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegrationMerge {
    #[serde(rename = "type")]
    kind: Option<String>,
    category: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<String>")]
    description: Field<String>,
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Configuration>")]
    configuration: Configuration,
}

/// What changes of a resource.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "IntegrationApiMerge")]
pub struct ResourceMerge {
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<String>")]
    description: Field<String>,
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<Configuration>")]
    configuration: Configuration,
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<i64>")]
    max_tokens: Field<i64>,
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<String>")]
    frequency: Field<String>,
}

impl IntegrationMerge {
    /// What the registry is asked for.
    pub fn into_patch(self) -> Result<IntegrationPatch> {
        let category = self.category.map(|name| Category::parse("category", &name));
        Ok(IntegrationPatch {
            kind: self.kind,
            category: category.transpose()?,
            description: self.description,
            enabled: self.enabled,
            configuration: self.configuration,
        })
    }
}

impl From<ResourceMerge> for ResourcePatch {
    fn from(merge: ResourceMerge) -> Self {
        let ResourceMerge { description, enabled, configuration, max_tokens, frequency } = merge;
        Self { description, enabled, configuration, max_tokens, frequency }
    }
}

/// A value that was named, be it `null`.
fn said<'de, D, T>(input: D) -> Result<Field<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(input).map(Field::Set)
}
