//! Names of things. If you hold one, it is valid; contract sections 0.2 and 11, design section 4.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Error, Result};

/// The longest name, in bytes of UTF-8.
pub const MAX_LEN: usize = 255;

/// The name of an integration (Conductor's provider), unique in the registry.
///
/// Any UTF-8 of 1 to [`MAX_LEN`] bytes without control characters, without white space at its
/// ends, without `/` (it separates path segments) and `:` (it separates an integration from its
/// resource in `integration:resource`), and not `.` or `..`, which clients and proxies resolve
/// away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct IntegrationName(String);

/// The name of a resource of an integration: a model, an index, a table.
///
/// As an [`IntegrationName`], but `/` and `:` are allowed, since real model names hold them
/// (`meta-llama/Llama-3-70b`, `anthropic.claude-v2:0`). Its parts between `/` must stand by
/// themselves in a path, and `all` is reserved by `GET …/integration/all`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ResourceName(String);

impl IntegrationName {
    /// Checks `raw`; a refusal names `field`.
    pub fn parse(field: &str, raw: impl Into<String>) -> Result<Self> {
        let raw = raw.into();
        check(field, &raw)?;
        if raw.contains(['/', ':']) {
            return Err(Error::invalid(field, "must not hold `/` or `:`"));
        }
        if is_dots(&raw) {
            return Err(Error::invalid(field, "must not be `.` or `..`"));
        }
        Ok(Self(raw))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The range that the ids of its resources, `integration:resource`, sort in: from the first
    /// text up to, and without, the second. `;` is the character after `:`.
    pub fn resource_ids(&self) -> (String, String) {
        (format!("{}:", self.0), format!("{};", self.0))
    }
}

impl ResourceName {
    /// Checks `raw`; a refusal names `field`.
    pub fn parse(field: &str, raw: impl Into<String>) -> Result<Self> {
        let raw = raw.into();
        check(field, &raw)?;
        if raw == "all" {
            return Err(Error::invalid(field, "must not be `all`, which is reserved"));
        }
        if raw.split('/').any(|part| part.is_empty() || is_dots(part)) {
            let reason = "must not have an empty part, `.` or `..` between its `/`";
            return Err(Error::invalid(field, reason));
        }
        Ok(Self(raw))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for IntegrationName {
    type Error = Error;

    fn try_from(raw: String) -> Result<Self> {
        Self::parse("name", raw)
    }
}

impl TryFrom<String> for ResourceName {
    type Error = Error;

    fn try_from(raw: String) -> Result<Self> {
        Self::parse("name", raw)
    }
}

impl fmt::Display for IntegrationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The rules that every kind of name shares.
///
/// # Errors
///
/// [`Error::Invalid`] naming `field`.
pub fn check(field: &str, raw: &str) -> Result<()> {
    if raw.trim().is_empty() {
        return Err(Error::invalid(field, "must not be blank"));
    }
    if raw.len() > MAX_LEN {
        return Err(Error::invalid(field, format!("must be at most {MAX_LEN} bytes long")));
    }
    if raw.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must not hold control characters"));
    }
    if raw.trim() != raw {
        return Err(Error::invalid(field, "must not begin or end with white space"));
    }
    Ok(())
}

/// Whether a path segment means "here" or "above".
pub fn is_dots(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_names_are_kept_as_they_are() {
        for name in ["openai-main", "Team A", "überall", "a+b", "a%2Fb", "💡", "--help", "tags"]
        {
            assert_eq!(IntegrationName::parse("name", name).unwrap().as_str(), name);
        }
        for name in [
            "gpt-4o",
            "meta-llama/Llama-3-70b-Instruct",
            "anthropic.claude-3-5-sonnet-20241022-v2:0",
            "models/gemini-2.5-pro",
            "gpt-4o@2024",
            "a b",
            "tags",
            "prompt",
        ] {
            assert_eq!(ResourceName::parse("name", name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn a_bad_name_is_refused_with_its_field() {
        let long = "x".repeat(MAX_LEN + 1);
        let shared = ["", " ", " a", "a ", "a\n", "a\0b", "a\u{85}b", ".", "..", long.as_str()];
        for name in shared.into_iter().chain(["a/b", "a:b"]) {
            let error = IntegrationName::parse("name", name).unwrap_err();
            assert!(error.to_string().starts_with("`name` must"), "{name:?}: {error}");
        }
        for name in shared.into_iter().chain(["all", "/a", "a/", "a//b", "a/../b", "./a"]) {
            assert!(ResourceName::parse("name", name).is_err(), "{name:?}");
        }
    }
}
