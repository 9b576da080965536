//! What a text in a configuration may hold. Keys are pasted: a new line at the end is cut off, and
//! what could never be meant, or would break the request that carries it, is refused.

use crate::domain::definition::{Definition, FieldType};
use crate::domain::words::Words;

/// The longest secret that is not a document, in bytes.
const LONGEST: usize = 16 * 1024;

/// What is wrong with a text, completing the sentence that its field begins.
pub type Wrong = &'static str;

/// What is said of control characters where a text has one line.
pub const CONTROL: Wrong = "must not hold control characters, as a new line within";

/// The secret `text` under `key` as it is kept.
///
/// # Errors
///
/// What is wrong with it.
pub fn secret<'t>(
    text: &'t str,
    key: &str,
    is_header: bool,
    definition: Option<&Definition>,
) -> Result<&'t str, Wrong> {
    let field = definition.and_then(|definition| definition.field(key));
    let is_file = field.is_some_and(|field| field.field_type == FieldType::File);
    if !is_header && (is_file || (is_document(text) && !stands_in_one_line(key))) {
        let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        return if text.contains(odd) { Err("must not hold control characters") } else { Ok(text) };
    }
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err("must not be a new line alone");
    }
    if text.contains(char::is_control) {
        return Err(CONTROL);
    }
    if text.len() > LONGEST {
        return Err("must be at most 16384 bytes long");
    }
    if (is_header || travels_in_header(key)) && !text.is_ascii() {
        return Err("must be ASCII, since it is sent in an HTTP header");
    }
    Ok(text)
}

/// Whether a secret is a document of several lines: a PEM file, or JSON such as a service account.
fn is_document(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("-----BEGIN ") || text.starts_with('{')
}

/// Whether a secret under `key` is a key or a token, which are sent in headers.
fn travels_in_header(key: &str) -> bool {
    let words = Words::of(key);
    let last = words.last().trim_end_matches('s');
    last.ends_with("key") || last.ends_with("token")
}

/// Whether a secret under `key` is never a document: an API key or a token, but no private key.
fn stands_in_one_line(key: &str) -> bool {
    let words = Words::of(key);
    let whole = words.whole().trim_end_matches('s');
    ["apikey", "accesskey", "subscriptionkey", "token"].iter().any(|end| whole.ends_with(end))
}

/// Checks the name of a header.
///
/// # Errors
///
/// What is wrong with it.
pub fn header_name(name: &str) -> Result<(), Wrong> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err("must be the name of an HTTP header: letters, digits and marks such as `-`");
    }
    Ok(())
}

/// Whether a text under `key` is the name of a header, as in `auth-header-name`.
pub fn names_header(key: &str) -> bool {
    let words = Words::of(key);
    words.end_in(["header", "name"]) || words.end_in(["headername"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept<'t>(key: &str, text: &'t str) -> Result<&'t str, Wrong> {
        secret(text, key, false, None)
    }

    #[test]
    fn what_comes_of_pasting_is_cut_off_and_the_rest_refused() {
        for text in ["sk-1", "sk-1\n", "sk-1\r\n", "sk-1\n\n"] {
            assert_eq!(kept("api_key", text), Ok("sk-1"), "{text:?}");
        }
        for text in
            ["\n", "sk\n1", "\nsk-1", "sk\t1", "sk\x001", "sk\u{85}1", "sk-ü", "sk-1\u{200b}"]
        {
            assert!(kept("api_key", text).is_err(), "{text:?}");
        }
        assert_eq!(kept("password", " pässwörd "), Ok(" pässwörd "));
        assert!(kept("password", &"x".repeat(LONGEST + 1)).is_err());
        assert!(secret("pässwörd", "X-Any", true, None).is_err());
    }

    #[test]
    fn documents_keep_their_lines() {
        for text in ["-----BEGIN KEY-----\nAA\n", "{\n\t\"a\": 1\n}\n"] {
            assert_eq!(kept("credentials", text), Ok(text));
            assert!(kept("credentials", &format!("{text}\0")).is_err());
            assert_eq!(kept("private_key", text), Ok(text));
            for key in ["api_key", "x-api-key", "apikey", "accessToken", "accessKey"] {
                assert!(kept(key, &format!("{text}x")).is_err(), "{key}");
            }
            assert!(secret(&format!("{text}x"), "X-Any", true, None).is_err());
        }
    }

    #[test]
    fn header_names_are_tokens() {
        for name in ["Authorization", "X-Api-Key", "x_y"] {
            assert_eq!(header_name(name), Ok(()));
        }
        for name in ["", "A B", "A:", "A\r\nB", "Ü"] {
            assert!(header_name(name).is_err(), "{name:?}");
        }
        assert!(names_header("auth-header-name") && names_header("authHeaderName"));
        assert!(!names_header("name") && !names_header("header"));
    }
}
