//! What the headers of a request ask beside the change itself: `Idempotency-Key`, `If-Match` and
//! `If-None-Match`.

use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderValue};
use actix_web::{HttpRequest, dev};
use sha2::{Digest, Sha256};

use super::json::read;
use super::refusal::Refusal;
use crate::domain::{Error, Result};
use crate::registry::{Condition, Repeat, Terms};

const KEY: &str = "Idempotency-Key";
const MATCH: &str = "If-Match";
const NONE_MATCH: &str = "If-None-Match";

/// The longest key, in bytes.
const MAX_KEY: usize = 255;

/// The terms of a request that may change something, where `conditional` is whether its route
/// takes preconditions. The body of a POST with a key is read whole, and handed on in `payload`.
///
/// # Errors
///
/// [`Refusal::Malformed`] naming the header; [`Refusal::TooLarge`].
pub async fn terms(
    req: &HttpRequest,
    payload: &mut dev::Payload,
    conditional: bool,
) -> Result<Terms, Refusal> {
    if req.method() == Method::GET {
        return Ok(Terms::default());
    }
    let condition = condition(req.headers(), conditional).map_err(Refusal::Malformed)?;
    let key = if req.method() == Method::POST { key(req.headers()) } else { Ok(None) };
    let repeat = match key.map_err(Refusal::Malformed)? {
        Some(key) => {
            let body = read(req, payload, true).await?;
            let digest = digest(req, &body);
            *payload = body.into();
            Some(Repeat { key, digest })
        }
        None => None,
    };
    Ok(Terms { repeat, condition })
}

/// The hash of all that a request asks: its method, path, query and body, each with its length in
/// front.
fn digest(req: &HttpRequest, body: &[u8]) -> [u8; 32] {
    let parts = [req.method().as_str(), req.path(), req.query_string()].map(str::as_bytes);
    let mut hash = Sha256::new();
    for part in parts.into_iter().chain([body]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// By which key a client knows the request again.
fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let mut sent = headers.get_all(KEY);
    let Some(value) = sent.next() else { return Ok(None) };
    if sent.next().is_some() {
        return Err(Error::invalid(KEY, "must be sent once"));
    }
    let is_fit = |key: &&[u8]| {
        (1..=MAX_KEY).contains(&key.len()) && key.iter().all(|byte| matches!(byte, b' '..=b'~'))
    };
    let key = Some(value.as_bytes()).filter(is_fit).and_then(|key| str::from_utf8(key).ok());
    let reason = || format!("must be 1 to {MAX_KEY} printable ASCII characters");
    key.map(|key| Some(key.to_owned())).ok_or_else(|| Error::invalid(KEY, reason()))
}

/// What must be true of the thing before it is changed.
fn condition(headers: &HeaderMap, conditional: bool) -> Result<Option<Condition>> {
    let name = match (headers.contains_key(MATCH), headers.contains_key(NONE_MATCH)) {
        (false, false) => return Ok(None),
        (true, true) => {
            return Err(Error::invalid(MATCH, format!("must not be sent with {NONE_MATCH}")));
        }
        (true, false) => MATCH,
        (false, true) => NONE_MATCH,
    };
    if !conditional {
        let reason = "has no place here: no GET gives an `ETag` of what this changes";
        return Err(Error::invalid(name, reason));
    }
    let lines = headers.get_all(name).map(HeaderValue::to_str).collect::<Result<Vec<_>, _>>();
    let list = lines.ok().map(|lines| lines.join(","));
    match (name, list.as_deref().map(str::trim)) {
        (MATCH, Some("*")) => Ok(Some(Condition::Present)),
        (MATCH, Some(list)) => {
            let reason = "must be `*` or a list of entity tags, each in double quotes";
            let tags = strong_tags(list).ok_or_else(|| Error::invalid(MATCH, reason))?;
            Ok(Some(Condition::Is(tags)))
        }
        (NONE_MATCH, Some("*")) => Ok(Some(Condition::Absent)),
        (NONE_MATCH, _) => Err(Error::invalid(NONE_MATCH, "must be `*` here")),
        (name, _) => Err(Error::invalid(name, "must be ASCII")),
    }
}

/// The strong ones of a list of entity tags, quotes included; the others never match. Nothing if
/// it is no such list, or an empty one.
fn strong_tags(list: &str) -> Option<Vec<String>> {
    let (mut rest, mut strong, mut any) = (list, vec![], false);
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return any.then_some(strong);
        }
        let (is_weak, quoted) =
            rest.strip_prefix("W/").map_or((false, rest), |quoted| (true, quoted));
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        rest = after.trim_start_matches([' ', '\t']);
        if tag.contains(' ') || !(rest.is_empty() || rest.starts_with(',')) {
            return None;
        }
        any = true;
        if !is_weak {
            strong.push(format!("\"{tag}\""));
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn headers(all: &[(&str, &str)]) -> HeaderMap {
        let request = TestRequest::default();
        let request = all.iter().fold(request, |request, header| request.append_header(*header));
        request.to_http_request().headers().clone()
    }

    #[test]
    fn keys_are_printable_and_bounded() {
        let key = |value: &str| key(&headers(&[(KEY, value)]));
        let longest = "k".repeat(MAX_KEY);
        for good in ["a", "8e03978e-40d5-43dd-bc93-6894a57f9324", "\"quoted\"", "a b", &longest] {
            assert_eq!(key(good).unwrap().as_deref(), Some(good));
        }
        for bad in ["", "\t", "é", &"k".repeat(MAX_KEY + 1)] {
            let told = key(bad).unwrap_err().to_string();
            assert!(told.starts_with("`Idempotency-Key` must be 1 to 255"), "{told}");
        }
        let twice = super::key(&headers(&[(KEY, "a"), (KEY, "a")])).unwrap_err().to_string();
        assert_eq!(twice, "`Idempotency-Key` must be sent once");
        assert!(super::key(&headers(&[])).unwrap().is_none());
    }

    #[test]
    fn lists_of_tags_are_read_strictly() {
        for (list, tags) in [
            ("\"a\"", &["\"a\""][..]),
            ("\"a\", \"b,c\",\"\"", &["\"a\"", "\"b,c\"", "\"\""]),
            (" , \"a\" ,, W/\"b\"", &["\"a\""]),
            ("W/\"a\"", &[]),
        ] {
            assert_eq!(strong_tags(list).as_deref().unwrap(), tags, "{list}");
        }
        for bad in ["", ",", "a", "\"a", "\"a\" \"b\"", "w/\"a\"", "*, \"a\"", "\"a\"b", "\"a b\""]
        {
            assert!(strong_tags(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_precondition_stands_alone_and_where_it_is_supported() {
        let told = |all: &[(&str, &str)], conditional| {
            condition(&headers(all), conditional).err().map(|error| error.to_string())
        };
        assert_eq!(told(&[], false), None);
        for good in [(MATCH, "*"), (MATCH, "\"a\""), (NONE_MATCH, "*")] {
            assert_eq!(told(&[good], true), None, "{good:?}");
            let refused = told(&[good], false).unwrap();
            assert!(refused.starts_with(&format!("`{}` has no place here", good.0)), "{refused}");
        }
        let both = told(&[(MATCH, "*"), (NONE_MATCH, "*")], true).unwrap();
        assert_eq!(both, "`If-Match` must not be sent with If-None-Match");
        assert!(told(&[(NONE_MATCH, "\"a\"")], true).unwrap().contains("must be `*` here"));
        assert!(told(&[(MATCH, "\"a\""), (MATCH, "b")], true).unwrap().contains("must be `*` or"));
        assert_eq!(told(&[(MATCH, "\"a\""), (MATCH, "\"b\"")], true), None);
    }
}
