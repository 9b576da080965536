//! Tags; contract section 4.7.

use serde::{Deserialize, Serialize};

use super::name::check;
use super::{Error, Problem, Result};

/// A label on a thing. Its identity is the pair of key and value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tag {
    /// What is said, as in `team`.
    pub key: String,
    /// What is said of it, as in `core`; may be empty.
    pub value: String,
    /// Deprecated, given back exactly as it was sent.
    pub kind: Option<String>,
}

impl Tag {
    /// Both in one, as grants name a tag: `key:value`.
    pub fn id(&self) -> String {
        format!("{}:{}", self.key, self.value)
    }

    /// Checks the names in a tag.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming the field.
    pub fn check(&self) -> Result<()> {
        check("key", &self.key)?;
        if self.key.contains(':') {
            return Err(Error::invalid("key", "must not hold `:`, which ends it in `key:value`"));
        }
        if !self.value.is_empty() {
            check("value", &self.value)?;
        }
        match &self.kind {
            Some(kind) if !kind.is_empty() => check("type", kind),
            _ => Ok(()),
        }
    }
}

/// Checks every tag of a list, and reports every bad one.
///
/// # Errors
///
/// [`Error::Invalid`] naming each field, as in `[2].key`.
pub fn check_all(tags: &[Tag]) -> Result<()> {
    let problems: Vec<Problem> = tags
        .iter()
        .enumerate()
        .filter_map(|(index, tag)| match tag.check().map_err(|e| e.within(&format!("[{index}]"))) {
            Err(Error::Invalid(problems)) => Some(problems),
            _ => None,
        })
        .flatten()
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
