//! Bodies: objects that are closed at every level. A value of the wrong type is malformed; a member
//! that nobody knows breaks a rule.

use serde_json::Value;

use crate::domain::Error;
use crate::domain::configuration::Configuration;
use crate::http::refusal::Refusal;

/// The members that an object may have, by name.
pub type Members = &'static [(&'static str, Type)];

/// What a member holds, unless it is `null`.
#[derive(Clone, Copy)]
pub enum Type {
    /// Text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// An object whose values are texts.
    TextMap,
    /// An object that may hold anything.
    Open,
    /// An object with these members.
    Object(Members),
    /// A list of such objects.
    Objects(Members),
}

/// The members of `value`, which stands at `place`; the place of a whole body is empty.
///
/// # Errors
///
/// [`Refusal::Malformed`], and [`Error::Invalid`] for a member that is none.
pub fn object(value: Value, place: &str, members: Members) -> Result<Configuration, Refusal> {
    let Value::Object(map) = value else {
        let place = if place.is_empty() { "body" } else { place };
        return Err(malformed(place, "an object"));
    };
    closed(&map, place, members)?;
    Ok(map)
}

/// Checks that an object has no other members, and that each is of its type.
fn closed(map: &Configuration, place: &str, members: Members) -> Result<(), Refusal> {
    for (name, value) in map {
        let place = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        match members.iter().find(|(known, _)| known == name) {
            Some((_, expected)) => fits(value, &place, *expected)?,
            None => return Err(Error::invalid(place, "is not known").into()),
        }
    }
    Ok(())
}

fn fits(value: &Value, place: &str, expected: Type) -> Result<(), Refusal> {
    match (expected, value) {
        (_, Value::Null)
        | (Type::Text, Value::String(_))
        | (Type::Flag, Value::Bool(_))
        | (Type::Open, Value::Object(_)) => Ok(()),
        (Type::Text, _) => Err(malformed(place, "a string")),
        (Type::Flag, _) => Err(malformed(place, "a boolean")),
        (Type::Texts, Value::Array(items)) => {
            let odd = items.iter().position(|item| !item.is_string());
            odd.map_or(Ok(()), |at| Err(malformed(&format!("{place}[{at}]"), "a string")))
        }
        (Type::TextMap, Value::Object(map)) => {
            let odd = map.iter().find(|(_, value)| !value.is_string());
            odd.map_or(Ok(()), |(name, _)| Err(malformed(&format!("{place}.{name}"), "a string")))
        }
        (Type::Object(members), Value::Object(map)) => closed(map, place, members),
        (Type::Objects(members), Value::Array(items)) => {
            let mut items = items.iter().enumerate();
            items.try_for_each(|(index, item)| {
                let place = format!("{place}[{index}]");
                match item {
                    Value::Object(map) => closed(map, &place, members),
                    _ => Err(malformed(&place, "an object")),
                }
            })
        }
        (Type::TextMap | Type::Open | Type::Object(_), _) => Err(malformed(place, "an object")),
        (Type::Texts | Type::Objects(_), _) => Err(malformed(place, "a list")),
    }
}

fn malformed(place: &str, expected: &str) -> Refusal {
    Refusal::Malformed(Error::invalid(place, format!("must be {expected}")))
}

/// A text that must be there.
///
/// # Errors
///
/// [`Error::Invalid`].
pub fn required(map: &mut Configuration, name: &str) -> Result<String, Error> {
    match map.shift_remove(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Error::invalid(name, "must not be null")),
        None => Err(Error::invalid(name, "is required")),
    }
}

/// A member that may be left out, and must not be null.
///
/// # Errors
///
/// [`Error::Invalid`].
pub fn not_null(map: &mut Configuration, name: &str) -> Result<Option<Value>, Error> {
    match map.shift_remove(name) {
        Some(Value::Null) => Err(Error::invalid(name, "must not be null")),
        said => Ok(said),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const INNER: Members = &[("id", Type::Text)];
    const ALL: Members = &[
        ("text", Type::Text),
        ("flag", Type::Flag),
        ("texts", Type::Texts),
        ("map", Type::TextMap),
        ("open", Type::Open),
        ("object", Type::Object(INNER)),
        ("objects", Type::Objects(INNER)),
    ];

    #[test]
    fn what_fits_passes_and_null_fits_everywhere() {
        for body in [
            json!({}),
            json!({"text": "", "flag": true, "texts": ["a"], "map": {"a": "b"}}),
            json!({"open": {"a": {"b": 1}}, "object": {"id": "a"}, "objects": [{}, {"id": null}]}),
            json!({"text": null, "flag": null, "texts": null, "map": null, "open": null}),
            json!({"object": null, "objects": null}),
        ] {
            assert!(object(body.clone(), "", ALL).is_ok(), "{body}");
        }
    }

    #[test]
    fn a_wrong_type_is_malformed_and_a_strange_member_breaks_a_rule() {
        for (body, message) in [
            (json!([]), "`body` must be an object"),
            (json!({"text": 1}), "`text` must be a string"),
            (json!({"flag": "true"}), "`flag` must be a boolean"),
            (json!({"texts": "a"}), "`texts` must be a list"),
            (json!({"texts": ["a", null]}), "`texts[1]` must be a string"),
            (json!({"map": {"a": null}}), "`map.a` must be a string"),
            (json!({"open": []}), "`open` must be an object"),
            (json!({"object": {"id": []}}), "`object.id` must be a string"),
            (json!({"objects": [{}, 1]}), "`objects[1]` must be an object"),
        ] {
            match object(body, "", ALL) {
                Err(Refusal::Malformed(error)) => assert_eq!(error.to_string(), message),
                other => panic!("{message}: {other:?}"),
            }
        }
        for (body, message) in [
            (json!({"other": 1}), "`other` is not known"),
            (json!({"objects": [{"name": "a"}]}), "`objects[0].name` is not known"),
        ] {
            match object(body, "", ALL) {
                Err(Refusal::Domain(error)) => assert_eq!(error.to_string(), message),
                other => panic!("{message}: {other:?}"),
            }
        }
    }
}
