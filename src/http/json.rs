//! Request bodies: JSON, read strictly, so that what is stored is what was sent.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName,
};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest, dev};
use futures_util::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::limits::Limits;
use super::objects::Objects;
use super::refusal::Refusal;
use super::strict::parse;
use super::unread::Body;
use crate::domain::{Error, Result};

/// How a body writes U+0000, which not every database can keep.
const NUL: &[u8] = b"\\u0000";

/// What is said of it.
pub const NO_NUL: &str = "must not hold control characters like U+0000";

/// A JSON body, which may be as large as those of bulk saves where `IS_BULK`; a refusal becomes an
/// `E`.
pub struct Json<T, E, const IS_BULK: bool = false>(pub T, PhantomData<E>);

impl<T, E, const IS_BULK: bool> FromRequest for Json<T, E, IS_BULK>
where
    T: DeserializeOwned + 'static,
    E: From<Refusal> + Into<actix_web::Error> + 'static,
{
    type Error = E;
    type Future = Pin<Box<dyn Future<Output = Result<Self, E>>>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (is_json, body) = (check_type(req.headers()), read(req, payload, IS_BULK));
        Box::pin(async move {
            is_json?;
            let body = body.await?;
            Ok(Self(fitting(&body)?, PhantomData))
        })
    }
}

/// A JSON body that may be left out; a refusal becomes an `E`.
pub struct Optional<T, E>(pub T, PhantomData<E>);

impl<T, E> FromRequest for Optional<T, E>
where
    T: DeserializeOwned + Default + 'static,
    E: From<Refusal> + Into<actix_web::Error> + 'static,
{
    type Error = E;
    type Future = Pin<Box<dyn Future<Output = Result<Self, E>>>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (is_json, is_plain) = (check_type(req.headers()), check_coding(req.headers()));
        let body = read(req, payload, false);
        Box::pin(async move {
            is_plain?;
            let body = body.await?;
            if body.is_empty() {
                return Ok(Self(T::default(), PhantomData));
            }
            is_json?;
            Ok(Self(fitting(&body)?, PhantomData))
        })
    }
}

/// Reads a body within the [`Limits`]. One that is announced as larger is not waited for.
pub fn read(
    req: &HttpRequest,
    payload: &mut dev::Payload,
    is_bulk: bool,
) -> impl Future<Output = Result<Bytes, Refusal>> + use<> {
    let limits = Limits::of(req);
    let limit = limits.bytes(is_bulk);
    let size = check_size(req.headers(), limit);
    let mut body = Body::of(req, payload);
    async move {
        size?;
        let all = timeout(limits.body, all(body.payload(), limit));
        all.await.unwrap_or(Err(Refusal::Slow))
    }
}

/// All of a body of at most `limit` bytes.
async fn all(payload: &mut dev::Payload, limit: usize) -> Result<Bytes, Refusal> {
    let mut body = BytesMut::new();
    while let Some(part) = payload.next().await {
        let part =
            part.map_err(|_| Refusal::Malformed(Error::invalid("body", "could not be read")))?;
        if body.len() + part.len() > limit {
            return Err(Refusal::TooLarge(limit));
        }
        body.extend_from_slice(&part);
    }
    Ok(body.freeze())
}

/// Refuses a body that is announced as too large, before it is read.
fn check_size(headers: &HeaderMap, limit: usize) -> Result<(), Refusal> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    match length.map(str::parse::<usize>) {
        Some(Ok(length)) if length > limit => Err(Refusal::TooLarge(limit)),
        _ => Ok(()),
    }
}

/// Refuses a body that says it is compressed.
///
/// # Errors
///
/// [`Refusal::MediaType`].
pub fn check_coding(headers: &HeaderMap) -> Result<(), Refusal> {
    let coding = only(headers, CONTENT_ENCODING)?.unwrap_or("identity");
    if coding == "identity" { Ok(()) } else { Err(Refusal::MediaType) }
}

/// The header `name`. Sent twice, it could mean either.
fn only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Refusal::MediaType),
        (Some(_), Some(_)) => Err(Refusal::MediaType),
    }
}

/// Refuses a body that says it is of another type, or compressed.
fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    // The JavaScript SDK leaves the type out when it repeats a call with a fresh token.
    let sent = only(headers, CONTENT_TYPE)?.unwrap_or("application/json");
    let mut parts = sent.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.all(|parameter| {
        let charset = parameter.to_ascii_lowercase();
        !charset.starts_with("charset=") || charset.trim_matches('"').ends_with("utf-8")
    });
    if is_json && is_utf8 { check_coding(headers) } else { Err(Refusal::MediaType) }
}

/// Reads a body as what a route takes.
///
/// # Errors
///
/// [`Refusal::Malformed`], and [`Refusal::Domain`] for what can be read and breaks a rule.
pub fn fitting<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let value = parse(body).map_err(Refusal::Malformed)?;
    if body.windows(NUL.len()).any(|part| part == NUL) {
        refuse_nul(&value)?;
    }
    serde_path_to_error::deserialize(Objects(value)).map_err(|error| {
        let told = misfit(&error, "body");
        if breaks_a_rule(&error) { Refusal::Domain(told) } else { Refusal::Malformed(told) }
    })
}

/// Refuses U+0000 in the texts and keys of a body. One that is a text itself is the route's matter.
fn refuse_nul(body: &Value) -> Result<()> {
    let mut place = String::new();
    if body.is_string() || !leads_to_nul(body, &mut place) {
        return Ok(());
    }
    let place = if place.is_empty() { "body".to_owned() } else { place };
    Err(Error::invalid(place, NO_NUL))
}

/// Whether U+0000 is in a value; then `place` becomes where.
fn leads_to_nul(value: &Value, place: &mut String) -> bool {
    let length = place.len();
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().enumerate().any(|(index, item)| {
            place.truncate(length);
            place.extend(["[", &index.to_string(), "]"]);
            leads_to_nul(item, place)
        }),
        Value::Object(members) => members.iter().any(|(key, member)| {
            place.truncate(length);
            if key.contains('\0') {
                return true;
            }
            if length > 0 {
                place.push('.');
            }
            place.push_str(key);
            leads_to_nul(member, place)
        }),
        _ => false,
    }
}

/// Whether all that was sent could be read, and only something is missing, unknown or null that
/// must not be.
fn breaks_a_rule(error: &serde_path_to_error::Error<serde_json::Error>) -> bool {
    let text = error.inner().to_string();
    let starts = ["missing field", "unknown field", "unknown variant", "invalid type: null,"];
    starts.iter().any(|start| text.starts_with(start))
}

/// A value as the body of an answer.
///
/// # Errors
///
/// [`Error::Internal`].
pub fn shown(value: &impl Serialize) -> Result<Bytes> {
    let text = serde_json::to_vec(value).map_err(Error::internal)?;
    Ok(text.into_boxed_slice().into())
}

/// Turns a value into what a route takes, and names the field that does not fit.
///
/// # Errors
///
/// [`Error::Invalid`].
pub fn typed<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(Objects(value)).map_err(|error| misfit(&error, "body"))
}

/// Says which field of `whole` does not fit. What the client sent there is not repeated: it may be
/// a secret.
pub fn misfit<E: fmt::Display>(error: &serde_path_to_error::Error<E>, whole: &str) -> Error {
    let (path, text) = (error.path().to_string(), error.inner().to_string());
    if let Some(rest) = text.strip_prefix("missing field `") {
        let name = rest.split('`').next().unwrap_or_default();
        let place = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
        return Error::invalid(place, "is required");
    }
    let place = if path == "." { whole.to_owned() } else { path };
    match text.rsplit_once("expected ") {
        Some((_, expected)) => Error::invalid(place, format!("must be {expected}")),
        None => Error::invalid(place, "is not valid"),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn u_0000_is_refused_where_it_stands() {
        for (body, place) in [
            (r#"{"a":"x\u0000"}"#, Some("a")),
            (r#"{"a":"x","b":{"c":[1,"\u0000"]}}"#, Some("b.c[1]")),
            (r#"[{"a":1},{"b":"\u0000"}]"#, Some("[1].b")),
            (r#"{"a":{"b\u0000":1}}"#, Some("a")),
            (r#"{"\u0000":1}"#, Some("body")),
            (r#""\u0000""#, None),
            (r#"{"a":"\\u0000"}"#, None),
        ] {
            let found = fitting::<Value>(body.as_bytes()).err().map(|refusal| {
                let Refusal::Domain(told) = refusal else { panic!("{body}") };
                told.to_string()
            });
            assert_eq!(found, place.map(|place| format!("`{place}` {NO_NUL}")), "{body}");
        }
    }

    #[test]
    fn a_field_that_does_not_fit_is_named_and_its_value_is_not_repeated() {
        #[derive(Debug, Deserialize)]
        struct Inner {
            #[allow(dead_code)]
            key: String,
        }
        #[derive(Debug, Deserialize)]
        struct Outer {
            #[allow(dead_code)]
            enabled: Option<bool>,
            #[allow(dead_code)]
            inner: Vec<Inner>,
        }
        let message = |body: &str| {
            let value = parse(body.as_bytes()).unwrap();
            typed::<Outer>(value).unwrap_err().to_string()
        };
        assert_eq!(message("{\"enabled\":\"sk-1\",\"inner\":[]}"), "`enabled` must be a boolean");
        assert_eq!(message("{\"inner\":[{\"key\":\"a\"},{}]}"), "`inner[1].key` is required");
        assert_eq!(message("{}"), "`inner` is required");
        assert_eq!(message("{\"inner\":[{\"key\":5}]}"), "`inner[0].key` must be a string");
        assert!(message("[]").starts_with('`'), "{}", message("[]"));
        assert_eq!(message("\"sk-1\""), "`body` must be struct Outer");
    }
}
