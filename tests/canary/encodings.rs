//! The ways in which a value can come to stand in a text or a file.

use data_encoding::{BASE64, BASE64URL, Encoding, HEXLOWER, HEXUPPER};

/// `value` in each of them, each under its name.
pub fn of(value: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![
        ("raw", value.to_vec()),
        ("hex", HEXLOWER.encode(value).into_bytes()),
        ("HEX", HEXUPPER.encode(value).into_bytes()),
        ("percent", each(value, |byte| format!("%{byte:02x}"))),
        ("PERCENT", each(value, |byte| format!("%{byte:02X}"))),
        ("JSON escapes", each(value, |byte| format!("\\u{byte:04x}"))),
        ("JSON ESCAPES", each(value, |byte| format!("\\u{byte:04X}"))),
        ("numbers", numbers(value)),
        ("UTF-16", utf16(value)),
        ("reversed", value.iter().rev().copied().collect()),
    ];
    for shift in 0..3 {
        all.push(("base64", within(&BASE64, value, shift)));
        all.push(("base64url", within(&BASE64URL, value, shift)));
    }
    all
}

fn each(value: &[u8], write: impl Fn(u8) -> String) -> Vec<u8> {
    value.iter().flat_map(|byte| write(*byte).into_bytes()).collect()
}

/// As Rust prints bytes.
fn numbers(value: &[u8]) -> Vec<u8> {
    let numbers: Vec<_> = value.iter().map(u8::to_string).collect();
    numbers.join(", ").into_bytes()
}

/// What its two byte orders have in common.
fn utf16(value: &[u8]) -> Vec<u8> {
    let mut wide: Vec<_> = value.iter().flat_map(|byte| [*byte, 0]).collect();
    wide.pop();
    wide
}

/// What is the same whatever stands around `value`, `shift` bytes into a group of three.
fn within(encoding: &Encoding, value: &[u8], shift: usize) -> Vec<u8> {
    let shifted = [&[0; 2][..shift], value].concat();
    let whole = shifted.len() * 8 / 6;
    let begin = (shift * 8).div_ceil(6);
    encoding.encode(&shifted).into_bytes()[begin..whole].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_the_value_in_another_form() {
        let all: Vec<_> = of(b"k>?")
            .into_iter()
            .map(|(name, text)| (name, String::from_utf8(text).unwrap()))
            .collect();
        let expected = [
            ("raw", "k>?"),
            ("hex", "6b3e3f"),
            ("HEX", "6B3E3F"),
            ("percent", "%6b%3e%3f"),
            ("PERCENT", "%6B%3E%3F"),
            ("JSON escapes", "\\u006b\\u003e\\u003f"),
            ("JSON ESCAPES", "\\u006B\\u003E\\u003F"),
            ("numbers", "107, 62, 63"),
            ("UTF-16", "k\0>\0?"),
            ("reversed", "?>k"),
            ("base64", "az4/"),
            ("base64url", "az4_"),
            ("base64", "s+P"),
            ("base64url", "s-P"),
            ("base64", "rPj"),
            ("base64url", "rPj"),
        ];
        for (found, (name, text)) in all.iter().zip(expected) {
            assert_eq!((found.0, found.1.as_str()), (name, text));
        }
        assert_eq!(all.len(), expected.len());
    }

    #[test]
    fn base64_is_found_wherever_it_is_embedded() {
        for before in ["", "a", "ab", "user:", "user::"] {
            for after in ["", "!", "!!"] {
                let text = BASE64.encode(format!("{before}CANARY-12{after}").as_bytes());
                let found = of(b"CANARY-12").into_iter().any(|(name, part)| {
                    name == "base64" && text.contains(str::from_utf8(&part).unwrap())
                });
                assert!(found, "{before}{after}");
            }
        }
    }
}
