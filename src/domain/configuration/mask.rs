//! Masks: what a read shows in the place of a secret. Written back, a mask means "keep".
//!
//! A mask is `****`, [`TAG`] characters that are new with each version of each secret, `****`, and
//! then the last four characters of a secret of at least [`LONG`], or four more asterisks. So every
//! mask is 20 characters long, and that of another field, integration or version is told apart.

use serde_json::Value;

/// How many characters of a mask are its own: lower-case letters and the digits 2 to 7.
pub const TAG: usize = 8;

/// From this length on, in characters, a secret's last four are shown.
const LONG: usize = 16;

const STARS: &str = "****";

/// The mask of `value`, told apart from all others by `tag`.
pub fn of(value: &Value, tag: &str) -> String {
    let hint = value.as_str().and_then(ending).unwrap_or(STARS);
    format!("{STARS}{tag}{STARS}{hint}")
}

/// The last four characters of a long secret, where each is a plain one.
fn ending(text: &str) -> Option<&str> {
    let start = text.char_indices().rev().nth(3)?.0;
    let plain = text[start..].bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*');
    (text.chars().count() >= LONG && plain).then_some(&text[start..])
}

/// Whether `text` was meant as a mask, be it cut or from another program.
pub fn is_like(text: &str) -> bool {
    text.contains(STARS)
}

/// Whether `text` could be a mask that was read here, or by an older version.
pub fn is_whole(text: &str) -> bool {
    let rest = text.strip_prefix(STARS);
    let rest = rest.and_then(|rest| rest.get(TAG..)).and_then(|rest| rest.strip_prefix(STARS));
    rest.is_some_and(|hint| hint.chars().count() == 4) || (text.len() == 8 && is_stars(text))
}

/// Whether a whole mask stands anywhere in `value`.
pub fn any_whole(value: &Value) -> bool {
    match value {
        Value::String(text) => is_whole(text),
        Value::Array(items) => items.iter().any(any_whole),
        Value::Object(map) => map.values().any(any_whole),
        _ => false,
    }
}

fn is_stars(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mask_shows_four_characters_of_a_long_secret_and_nothing_of_others() {
        for (value, hint) in [
            (json!("sk-0123456789wxyz"), "wxyz"),
            (json!("0123456789ab=xyz"), "=xyz"),
            (json!("0123456789abxyz"), "****"),
            (json!("überüberüberüber"), "****"),
            (json!("0123456789ab x\n"), "****"),
            (json!("0123456789abc***"), "****"),
            (json!({"private_key": "0123456789abcdef"}), "****"),
            (json!(1_234_567_890_123_456_789_i64), "****"),
        ] {
            let mask = of(&value, "abcdef23");
            assert_eq!(mask, format!("****abcdef23****{hint}"), "{value}");
            assert!(mask.len() == 20 && is_whole(&mask) && is_like(&mask), "{mask}");
        }
    }

    #[test]
    fn what_was_meant_as_a_mask_is_seen() {
        for text in ["********", "****abcdef23****wxyz"] {
            assert!(is_whole(text), "{text}");
        }
        for text in ["****", "****abcdef23", "sk-****wxyz", "*******************"] {
            assert!(is_like(text) && !is_whole(text), "{text}");
        }
        for text in ["", "***", "sk-1", "a*b*c*d*", "***a***"] {
            assert!(!is_like(text), "{text}");
        }
    }
}
