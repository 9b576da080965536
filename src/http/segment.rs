//! The segments of a path that a route captured.

use std::borrow::Cow;

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

use crate::domain::{Error, Result};

/// The text of one segment of the path that a route captured.
pub fn segment(req: &HttpRequest, name: &str) -> Result<String> {
    decoded(captured(req, name))
}

/// One captured segment, in which actix has left `%`, `/` and `+` escaped.
pub fn captured<'r>(req: &'r HttpRequest, name: &str) -> &'r str {
    req.match_info().get(name).unwrap_or_default()
}

/// The text of a segment that is still escaped.
pub fn decoded(raw: &str) -> Result<String> {
    let text = percent_decode_str(raw).decode_utf8();
    text.map(Cow::into_owned).map_err(|_| Error::invalid("path", "must be UTF-8"))
}
