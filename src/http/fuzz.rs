//! What must hold of any path, body and query, whoever sends it. `tests/fuzz` looks for one of which
//! it does not.

#![allow(clippy::missing_panics_doc, reason = "to panic is what they are for")]

use actix_web::http::Uri;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{arize, conductor, json, path as paths, strict};
use crate::domain::name::is_dots;

/// What a secret looks like that no refusal may repeat.
const CANARY: &str = "CANARY";

/// A path is canonical or refused: it is refused if, and only if, two parties could read it
/// differently; it keeps its meaning; and what is canonical stays as it is.
pub fn path(data: &[u8]) {
    let Some(sent) = std::str::from_utf8(data).ok().and_then(|text| text.parse::<Uri>().ok())
    else {
        return;
    };
    let meaning = meaning(sent.path());
    let Ok(found) = paths::canonical(&sent) else {
        return assert_eq!(meaning, None, "{sent}");
    };
    let canonical = found.unwrap_or_else(|| sent.clone());
    assert_eq!(canonical.query(), sent.query(), "{sent}");
    assert!(meaning.is_some(), "{sent}");
    assert_eq!(self::meaning(canonical.path()), meaning, "{sent}");
    assert!(matches!(paths::canonical(&canonical), Ok(None)), "{sent} became {canonical}");
}

/// What a path says, once decoded, and how many of its `+` are not escaped.
fn meaning(path: &str) -> Option<(String, usize)> {
    let inner = path.strip_prefix('/').unwrap_or(path);
    let inner = inner.strip_suffix('/').unwrap_or(inner);
    let is_hex = |rest: &str| rest.get(..2).is_some_and(|two| u8::from_str_radix(two, 16).is_ok());
    let is_good = |segment: &str| {
        let text = percent_decode_str(segment).decode_utf8();
        let is_plain =
            |text: &str| !text.is_empty() && !is_dots(text) && !text.chars().any(char::is_control);
        segment.split('%').skip(1).all(|rest| !rest.starts_with('+') && is_hex(rest))
            && text.is_ok_and(|text| is_plain(&text))
    };
    let is_good = inner.is_empty() || inner.split('/').all(is_good);
    let text = percent_decode_str(inner).decode_utf8().ok().filter(|_| is_good)?;
    Some((text.into_owned(), inner.matches('+').count()))
}

/// A body that is taken is read as everybody reads it, and comes back as it was sent.
pub fn body(data: &[u8]) {
    let Ok(value) = strict::parse(data) else { return };
    let again = strict::parse(value.to_string().as_bytes());
    assert_eq!(again.as_ref().ok(), Some(&value), "it came back as {again:?}");
    assert_eq!(serde_json::from_slice::<Value>(data).ok().as_ref(), Some(&value));
    assert_eq!(objects(&value), braces(data), "an object became something else: {value}");
    conductor::fuzz::body(data, &value);
    arize::fuzz::body(data);
}

/// A query string is read or refused, and names nothing twice; so is a cursor in it.
pub fn cursor(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    conductor::fuzz::query(text);
    arize::fuzz::cursor(text);
}

/// A body as a `T`; where it is refused, nothing that may be a secret is told.
pub fn fitted<T: DeserializeOwned>(data: &[u8]) -> Option<T> {
    let refusal = match json::fitting(data) {
        Ok(found) => return Some(found),
        Err(refusal) => refusal,
    };
    let value = strict::parse(data).unwrap_or_default();
    let told = refusal.to_string();
    assert!(!told.contains(CANARY) || names_canary(&value), "{told}");
    None
}

/// Whether a key of it looks like a secret: keys are repeated.
fn names_canary(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(names_canary),
        Value::Object(map) => {
            map.iter().any(|(key, value)| key.contains(CANARY) || names_canary(value))
        }
        _ => false,
    }
}

/// How many objects there are in a value.
fn objects(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(objects).sum(),
        Value::Object(map) => 1 + map.values().map(objects).sum::<usize>(),
        _ => 0,
    }
}

/// How many objects open in JSON.
fn braces(text: &[u8]) -> usize {
    let (mut count, mut inside, mut escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' if !inside => count += 1,
            _ => {}
        }
    }
    count
}
