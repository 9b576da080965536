//! References: values that a configuration does not hold but names, read when they are needed.

use std::fmt;

use super::access::{Kind, Object, Target};

/// Where a value is found: `env:NAME` in the environment of the server, `file:/path` in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A variable of the environment.
    Env(String),
    /// A file, by its absolute path.
    File(String),
}

impl Reference {
    /// The reference that `text` is, if it is one: `env:` before a name in capitals, or `file:`
    /// before an absolute path.
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = |name: &str| {
            !name.is_empty()
                && !name.starts_with(|c: char| c.is_ascii_digit())
                && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        if let Some(name) = text.strip_prefix("env:") {
            return is_name(name).then(|| Self::Env(name.to_owned()));
        }
        let path = text.strip_prefix("file:")?;
        let plain = path.starts_with('/') && !path.chars().any(char::is_control);
        plain.then(|| Self::File(path.to_owned()))
    }

    /// What a caller must have EXECUTE on to use it: the orchestrator's kinds for such values.
    pub fn target(&self) -> Target {
        let (kind, id) = match self {
            Self::Env(name) => (Kind::ENV_VARIABLE, name),
            Self::File(path) => (Kind::SECRET_NAME, path),
        };
        Target::Other(Object { kind, id: id.clone() })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_meant_otherwise_is_a_reference() {
        for text in ["env:OPENAI_API_KEY", "env:_A1", "file:/run/secrets/openai"] {
            assert_eq!(Reference::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "env:",
            "env:prod",
            "env:1A",
            "env:A B",
            "ENV:A",
            "file:",
            "file:a",
            "file:/a\nb",
            "sk-1",
        ] {
            assert_eq!(Reference::parse(text), None, "{text}");
        }
    }
}
