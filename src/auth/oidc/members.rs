//! A JSON object that names no member twice.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// The members of a JSON object. One that stands there twice could mean one thing to whoever made
/// it and another to us, so it is refused.
#[derive(Debug)]
pub struct Members(pub Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Distinct;
        impl<'de> Visitor<'de> for Distinct {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Members, A::Error> {
                let mut found = Map::new();
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    if found.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("names `{name}` twice")));
                    }
                    found.insert(name, value);
                }
                Ok(Members(found))
            }
        }
        input.deserialize_map(Distinct)
    }
}
