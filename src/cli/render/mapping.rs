//! How the settings of an integration become properties of a Conductor server.

use std::borrow::Cow;
use std::fmt::Display;

/// Where Podium's types go in that server.
pub struct Mapping {
    /// Podium's types; where there are several, they are one thing there.
    pub types: &'static [&'static str],
    /// Where their settings go.
    pub place: Place,
    /// The fields that have a counterpart.
    pub fields: &'static [Field],
}

/// Where the settings of an integration go.
#[derive(Clone, Copy)]
pub enum Place {
    /// Below this prefix, once: the server takes one account of this kind.
    Provider(&'static str),
    /// Into the list of vector databases, as one of this type.
    Vector(&'static str),
    /// Into the list of JDBC connections.
    Jdbc,
}

/// A field of a configuration, and the property that it becomes.
pub struct Field {
    /// The key in the configuration.
    pub from: &'static str,
    /// The property, below the prefix.
    pub to: &'static str,
    /// What is done to the value.
    pub reading: Reading,
}

/// How the value of a field is told.
#[derive(Clone, Copy)]
pub enum Reading {
    /// As it is.
    Same,
    /// A URL, which ends in `/v1` there.
    WithV1,
    /// A URL, which does not end in `/v1` there: the server adds the version itself.
    WithoutV1,
    /// Some words are others there; what is none of them is told as it is.
    Words(&'static [(&'static str, &'static str)]),
}

impl Mapping {
    /// Whether it is for the type `kind`, in any case.
    pub fn takes(&self, kind: &str) -> bool {
        self.types.iter().any(|known| known.eq_ignore_ascii_case(kind))
    }
}

impl Place {
    /// The list, for what the server takes any number of.
    pub fn list(self) -> Option<&'static str> {
        match self {
            Self::Provider(_) => None,
            Self::Vector(_) => Some("conductor.vectordb.instances"),
            Self::Jdbc => Some("conductor.jdbc.instances"),
        }
    }

    /// What the property of a field begins with, for the element `index` of the list.
    pub fn prefix(self, index: impl Display) -> String {
        let list = self.list().unwrap_or_default();
        match self {
            Self::Provider(prefix) => prefix.to_owned(),
            Self::Vector(kind) => format!("{list}[{index}].{kind}"),
            Self::Jdbc => format!("{list}[{index}].connection"),
        }
    }
}

impl Reading {
    /// The value as the server is told it.
    pub fn apply(self, value: &str) -> Cow<'_, str> {
        let bare = || {
            let value = value.trim_end_matches('/');
            value.strip_suffix("/v1").unwrap_or(value)
        };
        match self {
            Self::Same => value.into(),
            Self::WithV1 => format!("{}/v1", bare()).into(),
            Self::WithoutV1 => bare().into(),
            Self::Words(words) => {
                let mut words = words.iter();
                let known = words.find(|(word, _)| word.eq_ignore_ascii_case(value));
                known.map_or(value, |(_, there)| there).into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_words_are_told_as_that_server_knows_them() {
        for (told, expected) in [
            (Reading::WithV1.apply("https://api.openai.com"), "https://api.openai.com/v1"),
            (Reading::WithV1.apply("https://h/openai/v1/"), "https://h/openai/v1"),
            (Reading::WithoutV1.apply("https://api.mistral.ai/v1"), "https://api.mistral.ai"),
            (Reading::WithoutV1.apply("https://h/x/"), "https://h/x"),
            (Reading::Words(&[("Inner Product", "ip")]).apply("inner product"), "ip"),
            (Reading::Words(&[("Inner Product", "ip")]).apply("cosine"), "cosine"),
            (Reading::Same.apply("https://h/v1/"), "https://h/v1/"),
        ] {
            assert_eq!(told, expected);
        }
    }
}
