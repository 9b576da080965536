//! What the model cannot foresee: ids, times and masks. Each is bound to its name at first sight,
//! and has to be the same wherever and whenever it is seen again.

use std::collections::HashMap;
use std::time::UNIX_EPOCH;

use serde_json::Value;

use crate::support::is_mask;

#[derive(Default)]
pub struct Facts {
    known: HashMap<String, Value>,
    /// Ids and masks, of which no two are the same.
    owners: HashMap<String, String>,
}

impl Facts {
    /// What stands for a fact, if it was seen.
    pub fn known(&self, name: &str) -> Option<&str> {
        self.known.get(name)?.as_str()
    }

    /// The mask of this version of a secret, if it was seen.
    pub fn mask(&self, version: usize) -> Option<&str> {
        let start = format!("mask {version} ");
        let found = self.known.iter().find(|(name, _)| name.starts_with(&start));
        found.and_then(|(_, mask)| mask.as_str())
    }

    /// Says that `actual` is what was `expected`, or where it is not, from the place on that a
    /// message begins with.
    pub fn agree(&mut self, expected: &Value, actual: &Value) -> Result<(), String> {
        match (expected, actual) {
            (Value::Object(expected), Value::Object(actual)) => {
                for (name, value) in actual {
                    let Some(expected) = expected.get(name) else {
                        return Err(format!(".{name} is {value}, and should not be there"));
                    };
                    let agreed = self.agree(expected, value);
                    agreed.map_err(|why| format!(".{name}{why}"))?;
                }
                match expected.iter().find(|(name, _)| !actual.contains_key(*name)) {
                    Some((name, value)) => Err(format!(".{name} is missing: {value}")),
                    None => Ok(()),
                }
            }
            (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
                let mut pairs = expected.iter().zip(actual).enumerate();
                pairs.try_for_each(|(index, (expected, actual))| {
                    self.agree(expected, actual).map_err(|why| format!("[{index}]{why}"))
                })
            }
            (Value::String(text), actual) if text.starts_with('§') => {
                self.bind(text.trim_start_matches('§'), actual)
            }
            (expected, actual) if expected == actual => Ok(()),
            _ => Err(format!(" is {actual}, and should be {expected}")),
        }
    }

    /// Binds a fact, or compares it with what it was bound to.
    pub fn bind(&mut self, name: &str, actual: &Value) -> Result<(), String> {
        let wrong = |why: String| Err(format!(" is {actual}, and {why}, as the fact `{name}`"));
        let mut words = name.split(' ');
        let (what, last) = (words.next().unwrap_or_default(), words.next_back());
        let is = match what {
            "time" => match millis(actual) {
                Some(millis) => millis.into(),
                None => return wrong("should be a time".to_owned()),
            },
            "mask" if !is_mask(actual) => return wrong("should be a mask".to_owned()),
            "mask" if !actual.as_str().unwrap().ends_with(last.unwrap_or_default()) => {
                return wrong("should end as the secret".to_owned());
            }
            _ => actual.clone(),
        };
        match self.known.get(name) {
            Some(known) if *known == is => return Ok(()),
            Some(known) => return wrong(format!("was {known}")),
            None => drop(self.known.insert(name.to_owned(), is)),
        }
        if ["id", "mask"].contains(&what) {
            let other = self.owners.insert(actual.to_string(), name.to_owned());
            if let Some(other) = other {
                return wrong(format!("is that of `{other}` too"));
            }
        }
        Ok(())
    }
}

/// A time of either dialect, in milliseconds.
fn millis(time: &Value) -> Option<u64> {
    let Some(text) = time.as_str() else { return time.as_u64() };
    let time = humantime::parse_rfc3339(text).ok()?;
    let millis = time.duration_since(UNIX_EPOCH).ok()?.as_millis();
    (text.ends_with('Z') && text.len() == 24).then_some(u64::try_from(millis).ok()?)
}
