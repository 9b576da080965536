//! What differs between two forms of a thing.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::configuration::mask;
use crate::domain::manifest::{FieldChange, SecretChange};

/// The fields that differ, in the order of the forms; of a thing that is changed also the secrets that
/// stay.
pub(super) fn between(before: Option<&Value>, after: Option<&Value>) -> Vec<FieldChange> {
    let (old, new) = (leaves(before), leaves(after));
    let rest: BTreeMap<&str, &Value> = old.iter().map(|(path, value)| (&**path, *value)).collect();
    let known: BTreeMap<&str, &Value> = new.iter().map(|(path, value)| (&**path, *value)).collect();
    let mut found = Vec::new();
    for (path, value) in &new {
        found.extend(field(path, rest.get(&**path).copied(), Some(value)));
    }
    for (path, value) in old.iter().filter(|(path, _)| !known.contains_key(&**path)) {
        found.extend(field(path, Some(value), None));
    }
    found
}

/// What becomes of one field, if anything is to be said of it.
fn field(path: &str, before: Option<&Value>, after: Option<&Value>) -> Option<FieldChange> {
    let is_secret = |value: &Value| value.as_str().is_some_and(mask::is_whole);
    let [was_secret, is_secret] = [before, after].map(|value| value.is_some_and(is_secret));
    let secret = match (was_secret, is_secret) {
        (true, true) if before == after => Some(SecretChange::Keeps),
        (true, true) => Some(SecretChange::Changes),
        (false, true) => Some(SecretChange::Sets),
        (true, false) => Some(SecretChange::Removes),
        (false, false) if before == after => return None,
        (false, false) => None,
    };
    let clear = |value: Option<&Value>, hide: bool| value.filter(|_| !hide).cloned();
    Some(FieldChange {
        path: path.to_owned(),
        before: clear(before, was_secret),
        after: clear(after, is_secret),
        secret,
    })
}

/// The values of a form that hold no others, but lists of plain values, by their paths.
fn leaves(form: Option<&Value>) -> Vec<(String, &Value)> {
    let mut found = vec![];
    if let Some(form) = form {
        collect(form, String::new(), &mut found);
    }
    found
}

fn collect<'v>(value: &'v Value, path: String, found: &mut Vec<(String, &'v Value)>) {
    let holds_more = |item: &Value| item.is_object() || item.is_array();
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let dot = if path.is_empty() { "" } else { "." };
                collect(value, format!("{path}{dot}{key}"), found);
            }
        }
        Value::Array(items) if items.iter().any(holds_more) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{path}[{index}]"), found);
            }
        }
        other => found.push((path, other)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_told_by_field_and_secrets_never() {
        let mask = |tag: &str| format!("****{tag}****wxyz");
        let before = json!({
            "enabled": true, "gone": 1, "tags": ["a:b"],
            "configuration": {"key": mask("aaaaaaaa"), "kept": mask("cccccccc"), "host": "a",
                              "old": mask("dddddddd"), "list": [{"x": 1}]},
        });
        let after = json!({
            "enabled": false, "tags": ["a:b", "c:d"],
            "configuration": {"key": mask("bbbbbbbb"), "kept": mask("cccccccc"), "host": "a",
                              "new": mask("eeeeeeee"), "list": [{"x": 2}]},
        });
        let told: Vec<_> = between(Some(&before), Some(&after))
            .into_iter()
            .map(|field| json!([field.path, field.before, field.after, field.secret]))
            .collect();
        assert_eq!(
            told,
            [
                json!(["enabled", true, false, null]),
                json!(["tags", ["a:b"], ["a:b", "c:d"], null]),
                json!(["configuration.key", null, null, "changes"]),
                json!(["configuration.kept", null, null, "keeps"]),
                json!(["configuration.new", null, null, "sets"]),
                json!(["configuration.list[0].x", 1, 2, null]),
                json!(["gone", 1, null, null]),
                json!(["configuration.old", null, null, "removes"]),
            ]
        );
        assert!(between(None, None).is_empty());
    }
}
