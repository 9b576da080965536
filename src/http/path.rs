//! Paths: matched raw, split at `/`, each segment percent-decoded exactly once.
//!
//! Clients write names in paths in different ways (contract section 2): most escape them, Go and
//! the user interface do not, so that a resource name with `/` arrives as several segments. Every
//! request's path is brought to one canonical form before it is routed.

use actix_web::http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::refusal::Refusal;
use crate::domain::name::is_dots;
use crate::domain::{Error, Result};

/// What may stand in a canonical segment as it is: RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How many segments the path of a resource has.
const RESOURCE_SEGMENTS: usize = 6;

/// What may follow a resource's name. The longest that fits wins, and what is before it is the
/// name; `*` is any one segment.
const RESOURCE_TAILS: [&[&str]; 5] =
    [&["prompt", "*"], &["prompt"], &["tags"], &["metrics"], &["resolve"]];

/// The canonical form of a request's URI, or `None` where it has that form already.
///
/// # Errors
///
/// [`Refusal::Malformed`] for a path that two parties could read differently: a broken escape, text
/// that is not UTF-8, a control character, an empty or dotted segment.
pub fn canonical(uri: &Uri) -> Result<Option<Uri>, Refusal> {
    let path = uri.path();
    if is_canonical(path) {
        return Ok(None);
    }
    let mut segments = segments(path).map_err(Refusal::Malformed)?;
    join_resource_name(&mut segments);
    let mut canonical = format!("/{}", segments.join("/"));
    if canonical == path {
        return Ok(None);
    }
    if let Some(query) = uri.query() {
        canonical.push('?');
        canonical.push_str(query);
    }
    let unusable = |_| Refusal::Malformed(Error::invalid("path", "is not a path"));
    canonical.parse().map(Some).map_err(unusable)
}

/// Whether a path is seen at a glance to be canonical: too short for a resource name in several
/// segments, of unreserved characters, and without a segment that is empty or begins with a dot.
fn is_canonical(path: &str) -> bool {
    let bytes = path.as_bytes();
    let (mut before, mut segments) = (b'x', 0);
    for &byte in bytes {
        match (before, byte) {
            (b'/', b'/' | b'.') => return false,
            (_, b'/') => segments += 1,
            (_, b'-' | b'.' | b'_' | b'~') => {}
            (_, byte) if byte.is_ascii_alphanumeric() => {}
            _ => return false,
        }
        before = byte;
    }
    before != b'/' && bytes.first() == Some(&b'/') && segments <= RESOURCE_SEGMENTS
}

/// The segments of `path` in their canonical form, without the empty one that a trailing slash
/// leaves.
fn segments(path: &str) -> Result<Vec<String>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(vec![]);
    }
    path.split('/').map(segment).collect()
}

/// One segment: decoded, checked, and escaped again. A literal `+` stays apart from an escaped
/// one, since only the former may stand for a space.
fn segment(raw: &str) -> Result<String> {
    let invalid = |reason| Err(Error::invalid("path", reason));
    if !escapes_are_whole(raw) {
        return invalid("must have two hexadecimal digits after each `%`");
    }
    let Ok(text) = percent_decode_str(raw).decode_utf8() else {
        return invalid("must be UTF-8");
    };
    if text.is_empty() || is_dots(&text) {
        return invalid("must not have an empty segment, `.` or `..`");
    }
    if text.chars().any(char::is_control) {
        return invalid("must not hold control characters");
    }
    let escaped = raw.split('+').map(|part| {
        let bytes: Vec<u8> = percent_decode_str(part).collect();
        percent_encode(&bytes, ESCAPED).to_string()
    });
    Ok(escaped.collect::<Vec<_>>().join("+"))
}

fn escapes_are_whole(raw: &str) -> bool {
    raw.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    })
}

/// Puts together the segments of a resource name that came unescaped:
/// `…/integration/meta-llama/Llama-3/tags` names the resource `meta-llama/Llama-3`.
fn join_resource_name(segments: &mut Vec<String>) {
    let [api, integrations, provider, _, integration, rest @ ..] = segments.as_slice() else {
        return;
    };
    let is_resource = [api, integrations, provider, integration].into_iter().eq([
        "api",
        "integrations",
        "provider",
        "integration",
    ]);
    if !is_resource || rest.len() < 2 {
        return;
    }
    let fits = |tail: &[&str]| {
        rest.len() > tail.len()
            && rest[rest.len() - tail.len()..]
                .iter()
                .zip(tail)
                .all(|(segment, expected)| *expected == "*" || segment == expected)
    };
    let tail = RESOURCE_TAILS.iter().find(|tail| fits(tail)).map_or(0, |tail| tail.len());
    let (first, end) = (segments.len() - rest.len(), segments.len() - tail);
    let name = segments[first..end].join("%2F");
    segments.splice(first..end, [name]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical_path(path: &str) -> String {
        let uri: Uri = path.parse().unwrap();
        canonical(&uri).unwrap().unwrap_or(uri).to_string()
    }

    #[test]
    fn segments_are_decoded_once_and_slashes_at_the_end_do_not_matter() {
        for (path, expected) in [
            ("/", "/"),
            ("/api/x", "/api/x"),
            ("/api/x/?a=%2F&b=", "/api/x?a=%2F&b="),
            ("/api/a%20b", "/api/a%20b"),
            ("/api/a%2fb:c", "/api/a%2Fb%3Ac"),
            ("/api/a%252Fb", "/api/a%252Fb"),
            ("/api/a+b", "/api/a+b"),
            ("/api/a%2Bb+c", "/api/a%2Bb+c"),
            ("/api/%7Bx%7D", "/api/%7Bx%7D"),
            ("/api/%41", "/api/A"),
            ("/api/%C3%A9", "/api/%C3%A9"),
        ] {
            assert_eq!(canonical_path(path), expected, "{path}");
        }
    }

    #[test]
    fn unescaped_resource_names_are_put_together() {
        let base = "/api/integrations/provider/p/integration";
        for (path, expected) in [
            ("gpt", "gpt"),
            ("meta/llama", "meta%2Fllama"),
            ("meta/llama/", "meta%2Fllama"),
            ("meta%2Fllama", "meta%2Fllama"),
            ("meta/llama/tags", "meta%2Fllama/tags"),
            ("meta/llama/metrics", "meta%2Fllama/metrics"),
            ("a/b/c/prompt", "a%2Fb%2Fc/prompt"),
            ("a/b/prompt/p", "a%2Fb/prompt/p"),
            ("tags", "tags"),
            ("tags/tags", "tags/tags"),
            ("prompt/prompt", "prompt/prompt"),
            ("prompt/x", "prompt%2Fx"),
            ("all", "all"),
        ] {
            assert_eq!(canonical_path(&format!("{base}/{path}")), format!("{base}/{expected}"));
        }
        let elsewhere = "/api/integrations/other/p/integration/a/b";
        assert_eq!(canonical_path(elsewhere), elsewhere);
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for path in [
            "//api",
            "/api//x",
            "/api/x//",
            "/./api",
            "/api/../x",
            "/api/%2e%2e/x",
            "/api/%2E",
            "/api/%",
            "/api/%4",
            "/api/%zz",
            "/api/%ff",
            "/api/%00",
            "/api/%0a",
            "/api/%C2%85",
        ] {
            let uri: Uri = path.parse().unwrap();
            assert!(matches!(canonical(&uri), Err(Refusal::Malformed(_))), "{path}");
        }
    }
}
