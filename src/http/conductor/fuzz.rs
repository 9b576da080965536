//! What must hold of any body and query of this dialect.

#![allow(clippy::missing_panics_doc, reason = "to panic is what they are for")]

use serde_json::{Map, Value};

use super::merge::{IntegrationMerge, ResourceMerge};
use super::token::TokenRequest;
use super::wire::{BulkIntegration, IntegrationUpdate, Items, ResourceUpdate, Tag};
use super::{audit, providers, resources};
use crate::domain::configuration::Configuration;
use crate::domain::integration::ResourceDraft;
use crate::domain::patch::{Field, ResourcePatch};
use crate::domain::tag;
use crate::http::fuzz::fitted;
use crate::http::query;

/// What a body asks for is what it says, and nothing else.
pub fn body(data: &[u8], value: &Value) {
    if let Some(Ok(draft)) = fitted::<IntegrationUpdate>(data).map(IntegrationUpdate::into_draft) {
        same_text(draft.description.as_deref(), &value["description"]);
        same_map(draft.configuration, &value["configuration"]);
        assert_eq!(draft.enabled, value["enabled"] == true, "{value}");
    }
    if let Some(draft) = fitted::<ResourceUpdate>(data).map(ResourceDraft::from) {
        same_text(draft.frequency.as_deref(), &value["frequency"]);
        same_map(draft.configuration, &value["configuration"]);
        assert_eq!(draft.max_tokens, value["maxTokens"].as_i64(), "{value}");
    }
    if let Some(Ok(patch)) = fitted::<IntegrationMerge>(data).map(IntegrationMerge::into_patch) {
        same_map(Some(patch.configuration), &value["configuration"]);
        assert_eq!(patch.enabled, value["enabled"].as_bool(), "{value}");
    }
    if let Some(patch) = fitted::<ResourceMerge>(data).map(ResourcePatch::from) {
        let named = value.get("maxTokens").map(Value::as_i64);
        let said = match patch.max_tokens {
            Field::Keep => None,
            Field::Set(number) => Some(number),
        };
        assert_eq!(said, named, "{value}");
    }
    if let Some(items) = fitted::<Items<BulkIntegration>>(data) {
        for (made, sent) in items.each(BulkIntegration::into_item).into_iter().zip(listed(value)) {
            let Ok(item) = made else { continue };
            assert_eq!(item.name.as_str(), sent["name"], "{value}");
            assert_eq!(item.tags.len(), listed(&sent["tags"]).len(), "{value}");
            assert_eq!(item.resources.len(), listed(&sent["apis"]).len(), "{value}");
        }
    }
    if let Some(tags) = fitted::<Vec<Tag>>(data) {
        for (tag, sent) in tags.into_iter().map(tag::Tag::from).zip(listed(value)) {
            assert_eq!(tag.key, sent["key"], "{value}");
            same_text(Some(tag.value.as_str()).filter(|text| !text.is_empty()), &sent["value"]);
        }
    }
    if let Some(request) = fitted::<TokenRequest>(data) {
        assert_eq!(request.key_id, value["keyId"], "{value}");
        assert_eq!(request.expiration, value["expiration"].as_i64(), "{value}");
    }
}

/// What the lists take names nothing twice.
pub fn query(text: &str) {
    let pairs = serde_html_form::from_str::<Vec<(String, String)>>(text).unwrap_or_default();
    let count = |name: &str| pairs.iter().filter(|(key, _)| key == name).count();
    if query::fitting::<audit::ListQuery>(text).is_ok() {
        assert!(pairs.iter().all(|(key, _)| count(key) == 1), "{text}");
    }
    if query::fitting::<providers::ListQuery>(text).is_ok() {
        assert!(["category", "type", "activeOnly"].iter().all(|key| count(key) < 2), "{text}");
    }
    if query::fitting::<resources::ListQuery>(text).is_ok() {
        assert!(count("activeOnly") < 2, "{text}");
    }
}

fn same_text(found: Option<&str>, sent: &Value) {
    assert_eq!(found.unwrap_or_default(), sent.as_str().unwrap_or_default());
}

fn same_map(found: Option<Configuration>, sent: &Value) {
    assert_eq!(found.as_ref(), Some(sent.as_object().unwrap_or(&Map::new())));
}

fn listed(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
