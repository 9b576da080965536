//! Configurations as manifests write them: with references in the place of secrets.

use std::collections::BTreeMap;

use serde_json::Value;

use super::KEEP;
use crate::domain::configuration::{self, Configuration, Given, HIDDEN, Stored};
use crate::domain::secret::Secret;
use crate::domain::{Error, Problem, Result};

/// The kinds of references, as they stand behind `${`.
const KINDS: [&str; 2] = ["env:", "file:"];

/// What goes in the place of references, and whether secrets may do without.
pub struct Written {
    /// The values by their references, as in `env:OPENAI_API_KEY`.
    pub values: BTreeMap<String, Secret>,
    /// Whether secrets may stand in clear.
    pub allow_plain_secrets: bool,
}

/// How one text or number of a configuration was written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    /// As it is.
    Plain,
    /// With a reference in it.
    Referring,
    /// As [`KEEP`], where nothing is stored.
    NothingToKeep,
}

/// How each text and number of a configuration was written, by its path.
pub struct Leaves(BTreeMap<String, Leaf>);

impl Written {
    /// Puts values in the place of references, and in the place of `keep` the mask of what is stored.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming each field whose reference has no value.
    pub fn read(&self, configuration: &mut Configuration, stored: &Stored) -> Result<Leaves> {
        let mut walk = Walk { written: self, stored, leaves: BTreeMap::new(), problems: vec![] };
        for (key, value) in configuration.iter_mut().filter(|(key, _)| *key != HIDDEN) {
            walk.value(value, configuration::below("", key));
        }
        if walk.problems.is_empty() {
            Ok(Leaves(walk.leaves))
        } else {
            Err(Error::Invalid(walk.problems))
        }
    }

    /// Refuses secrets that were written in clear, and those that cannot be kept.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming each.
    pub fn check(&self, leaves: &Leaves, secrets: &[(String, Given)]) -> Result<()> {
        let mut problems = vec![];
        for (path, given) in secrets {
            if !matches!(given, Given::New(_)) {
                continue;
            }
            let reason = if leaves.below(path).any(|leaf| leaf == Leaf::NothingToKeep) {
                "is `keep`, and no secret is stored here"
            } else if !self.allow_plain_secrets
                && leaves.below(path).any(|leaf| leaf == Leaf::Plain)
            {
                "is a secret in clear: write `${env:NAME}`, `${file:PATH}` or `keep`"
            } else {
                continue;
            };
            let field = configuration::field(path);
            problems.push(Problem { field, reason: reason.to_owned() });
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }
}

impl Leaves {
    /// Those at `path` and below.
    fn below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = Leaf> + 'a {
        let below = format!("{path}/");
        let all = self.0.range(below.clone()..).take_while(move |(at, _)| at.starts_with(&below));
        self.0.get(path).into_iter().chain(all.map(|(_, leaf)| leaf)).copied()
    }
}

/// A walk through a configuration.
struct Walk<'a> {
    written: &'a Written,
    stored: &'a Stored,
    leaves: BTreeMap<String, Leaf>,
    problems: Vec<Problem>,
}

impl Walk<'_> {
    fn value(&mut self, value: &mut Value, path: String) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter_mut() {
                    self.value(value, configuration::below(&path, key));
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.value(item, format!("{path}/{index}"));
                }
            }
            Value::String(text) if text.as_str() == KEEP => {
                if self.stored.secrets.contains(&path)
                    && let Some(mask) = self.stored.shown.pointer(&path)
                {
                    *value = mask.clone();
                } else {
                    self.leaves.insert(path, Leaf::NothingToKeep);
                }
            }
            Value::String(text) => {
                let leaf = match resolve(text, &self.written.values) {
                    Ok(None) => Leaf::Plain,
                    Ok(Some(whole)) => {
                        *text = whole;
                        Leaf::Referring
                    }
                    Err(reference) => {
                        let field = configuration::field(&path);
                        let reason = format!("names `{reference}`, whose value was not sent");
                        return self.problems.push(Problem { field, reason });
                    }
                };
                self.leaves.insert(path, leaf);
            }
            Value::Number(_) => {
                self.leaves.insert(path, Leaf::Plain);
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

/// `text` with the values of its references in their places, or nothing if it has none, nor a mark
/// that keeps one from being read. Gives the reference that has no value.
fn resolve<'t>(
    text: &'t str,
    values: &BTreeMap<String, Secret>,
) -> Result<Option<String>, &'t str> {
    let (mut whole, mut rest, mut refers) = (String::new(), text, false);
    while let Some((before, dollars, reference, after)) = next(rest) {
        whole.push_str(before);
        if dollars > 1 {
            // One of them says that it is no reference.
            whole.extend(std::iter::repeat_n('$', dollars - 1));
            whole.extend(["{", reference, "}"]);
        } else {
            whole.push_str(values.get(reference).ok_or(reference)?.expose());
        }
        (rest, refers) = (after, refers || dollars == 1);
    }
    whole.push_str(rest);
    Ok((refers || whole != text).then_some(whole))
}

/// `text` as a manifest writes it, where what looks like a reference is none.
pub fn literal(text: &str) -> String {
    let (mut whole, mut rest) = (String::new(), text);
    while let Some((before, dollars, reference, after)) = next(rest) {
        whole.push_str(before);
        whole.extend(std::iter::repeat_n('$', dollars + 1));
        whole.extend(["{", reference, "}"]);
        rest = after;
    }
    whole.push_str(rest);
    whole
}

/// The first reference of `text`: what stands before it, its dollars, itself, and what follows.
pub fn next(text: &str) -> Option<(&str, usize, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text.get(from..)?.find("${")?;
        let inner = &text[open + 2..];
        let end = inner
            .find('}')
            .filter(|end| KINDS.iter().any(|kind| inner.starts_with(kind) && *end > kind.len()));
        if let Some(end) = end {
            let before = text[..open].trim_end_matches('$');
            let dollars = open + 1 - before.len();
            return Some((before, dollars, &inner[..end], &inner[end + 1..]));
        }
        from = open + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> BTreeMap<String, Secret> {
        [("env:A", "x"), ("file:a b", "y$")]
            .map(|(name, value)| (name.to_owned(), Secret::new(value.to_owned())))
            .into()
    }

    #[test]
    fn references_give_way_to_values_and_other_texts_stay() {
        for (text, whole) in [
            ("${env:A}", Some("x")),
            ("https://u:${env:A}@h/${file:a b}", Some("https://u:x@h/y$")),
            ("$${env:A}", Some("${env:A}")),
            ("$$${env:A}", Some("$${env:A}")),
            ("${env:A}$${env:A}", Some("x${env:A}")),
            ("$ ${workflow.input.x} ${env:} ${env", None),
            ("$${workflow}", None),
            ("", None),
        ] {
            assert_eq!(resolve(text, &values()).unwrap().as_deref(), whole, "{text}");
        }
        assert_eq!(resolve("a${env:B}", &values()), Err("env:B"));
    }

    #[test]
    fn what_is_written_literally_is_read_as_it_was() {
        for text in ["${env:A}", "$${env:A}", "a$$${file:x}b${env:A}", "${x}", "$", "$${", "keep"] {
            let written = literal(text);
            let read = resolve(&written, &values()).unwrap().unwrap_or(written);
            assert_eq!(read, text);
        }
    }
}
