//! What stands for a secret: a variable of the server's environment.

use sha2::{Digest, Sha256};

use crate::catalogue::Catalogue;
use crate::domain::secret::{holds_headers, looks_secret};

/// What every mask begins with.
const MASKED: &str = "****";

/// First words of variables that mean something to the server by themselves.
const RESERVED: [&str; 4] = ["conductor", "logging", "server", "spring"];

/// What a value that is not told itself is.
#[derive(Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// What this variable of the environment holds.
    Variable(&'a str),
    /// What this file holds, where Podium runs.
    File(&'a str),
    /// A secret that Podium keeps.
    Kept,
}

/// What the value of the field `key` refers to; `None` where it may be told as it is.
pub fn source<'a>(
    catalogue: &Catalogue,
    kind: &str,
    key: &str,
    value: &'a str,
) -> Option<Source<'a>> {
    if let Some(name) = value.strip_prefix("env:").filter(|name| is_variable(name)) {
        return Some(Source::Variable(name));
    }
    if let Some(path) = value.strip_prefix("file:").filter(|path| path.starts_with('/')) {
        return Some(Source::File(path));
    }
    let secret = catalogue.find(kind).is_some_and(|definition| definition.holds_secret(key))
        || looks_secret(key)
        || holds_headers(key)
        || value.starts_with(MASKED);
    secret.then_some(Source::Kept)
}

/// The variable for the field `key` of the integration `name`, which no other integration has.
///
/// `openai-main` becomes `OPENAI_MAIN`, `_` becomes `__`. Where that could be another integration's
/// too, a hash follows, so that no integration takes over a variable that was set for another.
pub fn variable(name: &str, key: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    let key: String = key.chars().map(letter).collect();
    if is_plain(name) {
        let name = name.replace('_', "__").replace('-', "_").to_ascii_uppercase();
        return format!("{name}_{key}");
    }
    let readable: String = name.chars().map(letter).collect();
    let digit = if readable.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(name)[..8]);
    format!("{digit}{readable}_x{hash}_{key}")
}

/// Whether a name is words of `a-z0-9`, with one `-` or `_` between two: no two such names become
/// one variable.
fn is_plain(name: &str) -> bool {
    let mut words = name.split(['-', '_']);
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && !RESERVED.iter().any(|reserved| words.clone().next() == Some(reserved))
        && words.all(word)
}

/// Whether a shell and Spring Boot can read a variable of this name.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::table::MAPPINGS;
    use super::*;

    #[test]
    fn variables_tell_whose_they_are() {
        assert_eq!(variable("openai-main", "api_key"), "OPENAI_MAIN_API_KEY");
        assert_eq!(variable("openai_main", "api_key"), "OPENAI__MAIN_API_KEY");
        assert_eq!(variable("db2", "datasourceURL"), "DB2_DATASOURCEURL");
        let hashed = variable("OpenAI Main", "api_key");
        assert!(hashed.starts_with("OPENAI_MAIN_x") && hashed.ends_with("_API_KEY"), "{hashed}");
        assert!(variable("spring-datasource", "password").starts_with("SPRING_DATASOURCE_x"));
    }

    #[test]
    fn no_two_integrations_share_a_variable() {
        let names = [
            "a-b",
            "a_b",
            "a--b",
            "a__b",
            "a-_b",
            "A-b",
            "a b",
            "a.b",
            "-a-b",
            "a-b-",
            "1a",
            "_1a",
            "é",
            "ê",
            "",
            "conductor-a",
            "a-b-c",
        ];
        let fields: HashSet<_> = MAPPINGS.iter().flat_map(|m| m.fields).map(|f| f.from).collect();
        let mut seen = HashSet::new();
        for name in names {
            for field in &fields {
                let variable = variable(name, field);
                assert!(is_variable(&variable), "{variable}");
                assert!(seen.insert(variable.clone()), "{variable}");
            }
        }
    }

    #[test]
    fn no_field_ends_like_another_one() {
        let fields = MAPPINGS.iter().flat_map(|mapping| mapping.fields);
        let fields: HashSet<_> = fields.map(|field| variable("a", field.from)).collect();
        for one in &fields {
            let end = one.strip_prefix('A').unwrap();
            assert_eq!(fields.iter().filter(|other| other.ends_with(end)).count(), 1, "{one}");
        }
    }

    #[test]
    fn secrets_are_known_by_definition_name_mask_and_form() {
        let catalogue = Catalogue::built_in();
        let of = |kind, key, value| source(&catalogue, kind, key, value);
        for (kind, key, value) in [
            ("openai", "api_key", "****abcdefgh****wxyz"),
            ("openai", "endpoint", "********"),
            ("openai", "api_key", "shown by mistake"),
            ("OpenAI", "api_key", ""),
            ("mongovectordb", "endpoint", "mongodb://x"),
            ("ollama", "header", "X-Key"),
            ("unknown", "client_secret", "x"),
        ] {
            assert_eq!(of(kind, key, value), Some(Source::Kept), "{kind} {key} {value}");
        }
        assert_eq!(of("openai", "api_key", "env:KEY_1"), Some(Source::Variable("KEY_1")));
        assert_eq!(of("openai", "api_key", "env:a b"), Some(Source::Kept));
        assert_eq!(of("openai", "api_key", "env:1"), Some(Source::Kept));
        assert_eq!(of("openai", "api_key", "file:/run/k"), Some(Source::File("/run/k")));
        assert_eq!(of("openai", "endpoint", "https://h"), None);
        assert_eq!(of("pgvectordb", "user", "***"), None);
    }
}
