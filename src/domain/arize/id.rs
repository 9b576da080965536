//! Ids of things, as clients see them: base64 of `Kind:<number>:<check>`; contract section 2.5.

use std::fmt;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use crate::domain::{Error, Result};

/// A kind of thing that has such an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// Integrations of the type LLM.
    LlmIntegration,
    /// Integrations of the types AGENT and EVALUATOR.
    RemoteEndpointIntegration,
    /// Organizations.
    AccountOrg,
    /// Spaces.
    Space,
}

impl IdKind {
    /// The word that an id begins with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LlmIntegration => "LlmIntegration",
            Self::RemoteEndpointIntegration => "RemoteEndpointIntegration",
            Self::AccountOrg => "AccountOrg",
            Self::Space => "Space",
        }
    }
}

/// A well-formed id, which may name nothing. Clients take anything else for a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id {
    /// As the wire has it.
    text: String,
    /// What that encodes.
    plain: String,
}

impl Id {
    /// The id of a thing, where `check` is what only this installation gives that number.
    pub fn new(kind: IdKind, number: i64, check: &str) -> Self {
        let plain = format!("{}:{check}", Self::stem(kind, number));
        Self { text: BASE64.encode(plain.as_bytes()), plain }
    }

    /// What the check of an id is made from.
    pub fn stem(kind: IdKind, number: i64) -> String {
        format!("{}:{number}", kind.as_str())
    }

    /// Reads an id; a refusal names `field`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is not strict base64 of UTF-8 text that holds a `:`.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        let bytes = BASE64.decode(text.as_bytes()).ok();
        let plain = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let plain = plain.filter(|plain| plain.contains(':'));
        let plain = plain.ok_or_else(|| Error::invalid(field, "must be an id, in base64"))?;
        Ok(Self { text: text.to_owned(), plain })
    }

    /// The number it names, if it is an id of `kind`. Its check is for the registry to compare.
    pub fn number(&self, kind: IdKind) -> Option<i64> {
        let rest = self.plain.strip_prefix(kind.as_str())?.strip_prefix(':')?;
        rest.split(':').next()?.parse().ok()
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for Id {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse("id", &text)
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.text
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The id by which a user is shown.
pub fn user_id(user: &str) -> String {
    BASE64.encode(format!("User:{user}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written() {
        let id = Id::new(IdKind::LlmIntegration, 12, "aBcD");
        assert_eq!(id.as_str(), "TGxtSW50ZWdyYXRpb246MTI6YUJjRA==");
        assert_eq!(Id::parse("id", id.as_str()).unwrap(), id);
        assert_eq!(id.number(IdKind::LlmIntegration), Some(12));
        assert_eq!(id.number(IdKind::RemoteEndpointIntegration), None);
        assert_eq!(user_id("1:nNbC"), "VXNlcjoxOm5OYkM=");
    }

    #[test]
    fn what_is_no_id_is_refused_and_what_names_nothing_is_not() {
        let encoded = |text: &str| BASE64.encode(text.as_bytes());
        for text in [
            "",
            "production",
            "0198f0c4-7d2e-7cc3-a1b2-c3d4e5f60718",
            "TGxtSW50ZWdyYXRpb246MTI6YUJjRA",
            "TGxtSW50ZWdyYXRpb246MTI6YUJjRA=",
            "TGxtSW50ZWdyYXRpb246MTI6YUJjRB==",
            "TGxtSW50ZWdyYXRpb246MTI6YUJjRA==\n",
            " TGxtSW50ZWdyYXRpb246MTI6YUJjRA==",
            &encoded("LlmIntegration"),
            &BASE64.encode(b"a:\xff"),
        ] {
            let refused = Id::parse("integration_id", text).unwrap_err().to_string();
            assert!(refused.starts_with("`integration_id` must"), "{text:?}: {refused}");
        }
        for text in ["Space", "Space:x:abcd", "Spaces:1:abcd", "Entity:12345", ":", "Space::"] {
            let text = if text.contains(':') { encoded(text) } else { encoded("User:1") };
            let id = Id::parse("id", &text).unwrap();
            assert_eq!(id.number(IdKind::Space), None, "{id}");
        }
    }
}
