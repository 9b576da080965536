//! What must hold of any body and cursor of this dialect.

#![allow(clippy::missing_panics_doc, reason = "to panic is what they are for")]

use serde_json::Value;

use super::client::Client;
use super::page::slice;
use super::records::ListQuery;
use super::{ai_integrations, integrations};
use crate::http::cursor::Cursor;
use crate::http::fuzz::fitted;
use crate::http::query;

/// A body is refused, or asks for what has a name.
pub fn body(data: &[u8]) {
    let Some(value) = fitted::<Value>(data) else { return };
    let client = || Client::default();
    for draft in [integrations::draft, ai_integrations::draft] {
        if let Ok((draft, _)) = draft(value.clone(), client()) {
            assert_eq!(draft.name, value["name"], "{value}");
        }
    }
    for patch in [integrations::patch, ai_integrations::patch] {
        if let Ok((patch, _)) = patch(value.clone(), client()) {
            assert_eq!(patch.name.as_deref(), value["name"].as_str(), "{value}");
        }
    }
}

/// A cursor is the very one that was issued for its list, or refused.
pub fn cursor(text: &str) {
    let list = ["ann", "spaces", "a"];
    if let Ok(position) = Cursor::read(text, &list) {
        assert_eq!(Cursor::issue(&list, &position), text);
        assert!(Cursor::read(text, &["ann", "spaces", "b"]).is_err(), "{text}");
    }
    let issued = Cursor::issue(&list, text.as_bytes());
    assert_eq!(Cursor::read(&issued, &list).ok().as_deref(), Some(text.as_bytes()));
    assert!(Cursor::read(&issued, &[text]).is_err(), "{text}");
    if let Ok(slice) = slice(Some(text), Some(text), &list) {
        assert!((1..=100).contains(&slice.limit), "{text}");
    }
    let _ = query::fitting::<ListQuery>(text);
}
