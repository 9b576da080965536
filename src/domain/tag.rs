//! Tags; contract section 4.7.

use super::name::check;
use super::{Problem, Result};

/// A label on a thing. Its identity is the pair of key and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// What is said, as in `team`.
    pub key: String,
    /// What is said of it, as in `core`; may be empty.
    pub value: String,
    /// Deprecated, given back exactly as it was sent.
    pub kind: Option<String>,
}

impl Tag {
    /// Checks the names in a tag.
    ///
    /// # Errors
    ///
    /// [`super::Error::Invalid`] naming the field.
    pub fn check(&self) -> Result<()> {
        check("key", &self.key)?;
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
/// [`super::Error::Invalid`] naming each field, as in `[2].key`.
pub fn check_all(tags: &[Tag]) -> Result<()> {
    let problems: Vec<Problem> = tags
        .iter()
        .enumerate()
        .filter_map(|(index, tag)| match tag.check().map_err(|e| e.within(&format!("[{index}]"))) {
            Err(super::Error::Invalid(problems)) => Some(problems),
            _ => None,
        })
        .flatten()
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(super::Error::Invalid(problems)) }
}
