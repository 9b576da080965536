//! JSON that every reader takes for the same: what is stored is what was sent.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, Expected, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::domain::{Error, Result};

/// How deep objects and arrays may be nested.
pub const MAX_DEPTH: usize = 64;

/// The key under which `serde_json` hands over numbers that it keeps as text.
pub const NUMBER: &str = "$serde_json::private::Number";

/// The key under which it takes text for JSON: what is stored would not be what was checked.
const RAW: &str = "$serde_json::private::RawValue";

/// Reads JSON that names no key twice and is nested at most [`MAX_DEPTH`] deep.
///
/// # Errors
///
/// [`Error::Invalid`] naming `body`.
pub fn parse(body: &[u8]) -> Result<Value> {
    let mut input = serde_json::Deserializer::from_slice(body);
    let value =
        Strict { depth: 0 }.deserialize(&mut input).and_then(|value| input.end().map(|()| value));
    value.map_err(|error| {
        let reason = if error.is_data() {
            without_position(&error)
        } else {
            let (line, column) = (error.line(), error.column());
            format!("is not valid JSON at line {line}, column {column}")
        };
        Error::invalid("body", reason)
    })
}

/// The message of an error, without "at line …", which counts values and not the client's text.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// Builds a [`Value`], refusing what [`Value`] itself would let pass.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!("is nested more than {MAX_DEPTH} deep")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.deeper()?;
        let mut found = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            found.push(item);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let Some(first) = entries.next_key::<String>()? else {
            self.deeper::<A::Error>()?;
            return Ok(Value::Object(Map::new()));
        };
        if first == NUMBER {
            return entries.next_value_seed(Digits).map(Value::Number);
        }
        let inside = self.deeper()?;
        let mut found = Map::new();
        let mut next = Some(first);
        while let Some(key) = next {
            if key == RAW {
                return Err(A::Error::custom(format_args!("must not name the key `{RAW}`")));
            }
            if found.contains_key(&key) {
                return Err(A::Error::custom(format_args!("names the key `{key}` twice")));
            }
            found.insert(key, entries.next_value_seed(inside)?);
            next = entries.next_key()?;
        }
        Ok(Value::Object(found))
    }
}

/// A number that `serde_json` hands over: it gives the text away, where that of a client is lent.
struct Digits;

impl<'de> DeserializeSeed<'de> for Digits {
    type Value = Number;

    fn deserialize<D: serde::Deserializer<'de>>(self, input: D) -> Result<Number, D::Error> {
        input.deserialize_any(self)
    }
}

impl Visitor<'_> for Digits {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing under the key `{NUMBER}`")
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Number, E> {
        Err(E::custom(format_args!("must hold {}", &self as &dyn Expected)))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Number, E> {
        if text == "-0" {
            // Whatever reads a number as a whole one makes it 0.
            return Err(E::custom("must not hold the number `-0`, which is 0"));
        }
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(body: &str, reason: &str) {
        let message = parse(body.as_bytes()).unwrap_err().to_string();
        assert!(message.contains(reason), "{body}: {message}");
    }

    #[test]
    fn what_is_read_is_what_was_sent() {
        for body in [
            "{\"b\":1,\"a\":[null,true,\"\\u0000é\"],\"n\":{}}",
            "[9007199254740993,1e400,-0.0,1.10,123456789012345678901234567890]",
            "\"\"",
            "[]",
        ] {
            let value = parse(body.as_bytes()).unwrap();
            let again = parse(serde_json::to_string(&value).unwrap().as_bytes()).unwrap();
            assert_eq!(value, again, "{body}");
        }
        let numbers = "[9007199254740993,1e+400,-0.0,1.10,123456789012345678901234567890]";
        assert_eq!(parse(numbers.as_bytes()).unwrap().to_string(), numbers);
    }

    #[test]
    fn what_is_ambiguous_or_broken_is_refused() {
        for body in ["", "{", "{\"a\":1,}", "[1 2]", "{} {}", "nul", "NaN", "'a'", "// c\n{}"] {
            refused(body, "is not valid JSON at line");
        }
        refused("{\"a\":1,\"a\":2}", "names the key `a` twice");
        refused("{\"enabled\":true,\"en\\u0061bled\":false}", "names the key `enabled` twice");
        refused("[{\"x\":{\"k\":1,\"k\":1}}]", "names the key `k` twice");
        refused("{\"x\":{\"$serde_json::private::RawValue\":\"{}\"}}", "must not name the key");
        for number in ["\"1\"", "\"1\\u0030\"", "1", "{}", "\"1\",\"x\":1"] {
            let body = format!("{{\"$serde_json::private::Number\":{number}}}");
            refused(&body, "nothing under the key `$serde_json::private::Number`");
        }
        refused("{\"x\":[-0]}", "must not hold the number `-0`");
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse(b"\"\\ud800\"").is_err());
        assert!(parse(b"\xef\xbb\xbf{}").is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        refused(&nested(MAX_DEPTH + 1), "nested more than 64 deep");
        refused(&"[".repeat(1_000_000), "nested more than 64 deep");
        let objects = "{\"a\":".repeat(MAX_DEPTH + 1) + "1" + &"}".repeat(MAX_DEPTH + 1);
        refused(&objects, "nested more than 64 deep");
    }
}
