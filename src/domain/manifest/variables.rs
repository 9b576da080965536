//! What an export calls things by.

use std::collections::BTreeSet;

/// The names of variables that secrets are given.
#[derive(Default)]
pub struct Variables(BTreeSet<String>);

impl Variables {
    /// A reference to a variable that no other secret has, named by the `path` that leads to the secret.
    pub fn reference(&mut self, path: &[&str]) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let name: String = path.join("_").chars().map(plain).collect();
        let begin = if name.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
        let mut fresh = format!("{begin}{name}");
        let mut number = 2;
        while !self.0.insert(fresh.clone()) {
            fresh = format!("{begin}{name}_{number}");
            number += 1;
        }
        format!("${{env:{fresh}}}")
    }

    /// All of them, in order.
    pub fn into_names(self) -> Vec<String> {
        self.0.into_iter().collect()
    }
}

/// Whether `name` is one of those that are asked for: none are all, and one that ends in `*` stands for
/// all that begin so.
pub fn is_asked_for(names: &[String], name: &str) -> bool {
    let fits = |wanted: &String| match wanted.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => name == wanted,
    };
    names.is_empty() || names.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_has_a_name_of_its_own() {
        let mut variables = Variables::default();
        for (path, reference) in [
            (["openai", "api_key"], "${env:OPENAI_API_KEY}"),
            (["openai", "api-key"], "${env:OPENAI_API_KEY_2}"),
            (["OPENAI", "API.KEY"], "${env:OPENAI_API_KEY_3}"),
            (["1é", "x"], "${env:_1__X}"),
        ] {
            assert_eq!(variables.reference(&path), reference);
        }
        assert_eq!(
            variables.into_names(),
            ["OPENAI_API_KEY", "OPENAI_API_KEY_2", "OPENAI_API_KEY_3", "_1__X"]
        );
    }

    #[test]
    fn names_are_asked_for_whole_or_by_how_they_begin() {
        let names = ["openai", "team-*"].map(str::to_owned);
        for (name, expected) in
            [("openai", true), ("openai-2", false), ("team-", true), ("team", false)]
        {
            assert_eq!(is_asked_for(&names, name), expected, "{name}");
        }
        assert!(is_asked_for(&[], "x"));
    }
}
