//! Merges: what a client changes of an integration or a resource, and leaves as it is.

use serde_json::Value;

use super::configuration::Configuration;
use super::integration::{Category, Integration, IntegrationDraft, Resource, ResourceDraft};
use super::{Error, Result};

/// A field of a merge.
#[derive(Debug, Default)]
pub enum Field<T> {
    /// It was not named: what is there stays.
    #[default]
    Keep,
    /// It becomes this, or nothing.
    Set(Option<T>),
}

impl<T: Clone> Field<T> {
    /// What becomes of `existing`.
    pub fn onto(self, existing: Option<&T>) -> Option<T> {
        match self {
            Self::Keep => existing.cloned(),
            Self::Set(value) => value,
        }
    }
}

/// What an integration is asked to become where something is said.
#[derive(Default)]
pub struct IntegrationPatch {
    /// The type, which must stay.
    pub kind: Option<String>,
    /// The category.
    pub category: Option<Category>,
    /// Free text, or none.
    pub description: Field<String>,
    /// Whether it may be used.
    pub enabled: Option<bool>,
    /// What changes in the configuration, as in [`merge`].
    pub configuration: Configuration,
}

/// What a resource is asked to become where something is said.
#[derive(Default)]
pub struct ResourcePatch {
    /// Free text, or none.
    pub description: Field<String>,
    /// Whether it may be used.
    pub enabled: Option<bool>,
    /// What changes in the configuration, as in [`merge`].
    pub configuration: Configuration,
    /// The most tokens it may use in a period, or no limit.
    pub max_tokens: Field<i64>,
    /// The period of that.
    pub frequency: Field<String>,
}

impl IntegrationPatch {
    /// All of what `existing` should become.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when what is stored is no configuration.
    pub fn onto(self, existing: &Integration) -> Result<IntegrationDraft> {
        Ok(IntegrationDraft {
            kind: self.kind.or_else(|| Some(existing.kind.clone())),
            category: self.category.or(Some(existing.category)),
            description: self.description.onto(existing.description.as_ref()),
            enabled: self.enabled.unwrap_or(existing.enabled),
            configuration: merged(existing.configuration.get(), self.configuration)?,
            settings: None,
        })
    }
}

impl ResourcePatch {
    /// All of what `existing` should become.
    ///
    /// # Errors
    ///
    /// As [`IntegrationPatch::onto`].
    pub fn onto(self, existing: &Resource) -> Result<ResourceDraft> {
        Ok(ResourceDraft {
            description: self.description.onto(existing.description.as_ref()),
            enabled: self.enabled.unwrap_or(existing.enabled),
            configuration: merged(existing.configuration.get(), self.configuration)?,
            max_tokens: self.max_tokens.onto(existing.max_tokens.as_ref()),
            frequency: self.frequency.onto(existing.frequency.as_ref()),
        })
    }
}

/// The whole configuration after `patch`; `None` where it says nothing.
fn merged(stored: &str, patch: Configuration) -> Result<Option<Configuration>> {
    if patch.is_empty() {
        return Ok(None);
    }
    let mut stored: Configuration = serde_json::from_str(stored).map_err(Error::internal)?;
    merge(&mut stored, patch);
    Ok(Some(stored))
}

/// Merges `patch` into `target` as RFC 7396 says: `null` removes, an object is merged, anything
/// else replaces. The masks of secrets that it does not name stay, and keep them.
pub fn merge(target: &mut Configuration, patch: Configuration) {
    for (key, value) in patch {
        match (target.get_mut(&key), value) {
            (_, Value::Null) => {
                target.shift_remove(&key);
            }
            (Some(Value::Object(inner)), Value::Object(patch)) => merge(inner, patch),
            (_, Value::Object(patch)) => {
                let mut inner = Configuration::new();
                merge(&mut inner, patch);
                target.insert(key, Value::Object(inner));
            }
            (_, value) => {
                target.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merging_follows_the_rfc() {
        let map = |value: Value| value.as_object().cloned().unwrap();
        for (target, patch, expected) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c", "d": 1}}),
                json!({"a": {"b": "d", "d": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = map(target);
            merge(&mut merged, map(patch.clone()));
            assert_eq!(Value::Object(merged), expected, "{patch}");
        }
    }
}
