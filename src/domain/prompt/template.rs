//! Templates: text with `${name}` in it. `$${` is an escape and stands for `${`.
//!
//! A template is read once from left to right, in time linear in its length. What only begins like
//! a variable is text.

use std::collections::{BTreeMap, HashSet};

use crate::domain::{Error, Problem, Result};

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
enum Part<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// A variable, by its name.
    Variable(&'t str),
}

/// The longest name of a variable, in bytes. A longer one is text.
const LONGEST_NAME: usize = 255;

/// The longest text that a template becomes, in bytes. Without an end to it, a long value in many
/// places would take all memory.
pub const LONGEST_TEXT: usize = 8 * 1024 * 1024;

/// The names of the variables of a template, each once, in the order of their first places.
pub fn variables(template: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let names = Parts(template).filter_map(|part| match part {
        Part::Variable(name) if seen.insert(name) => Some(name.to_owned()),
        _ => None,
    });
    names.collect()
}

/// The template with `values` in the places of its variables. Values are put in once, and never
/// read as templates.
///
/// # Errors
///
/// [`Error::Invalid`] naming each variable that has no value, or `variables` where the text would
/// be longer than [`LONGEST_TEXT`].
pub fn render(template: &str, values: &BTreeMap<String, String>) -> Result<String> {
    let mut missing = variables(template);
    missing.retain(|name| !values.contains_key(name));
    if !missing.is_empty() {
        return Err(Error::Invalid(missing.iter().map(|name| lacking(name)).collect()));
    }
    let mut text = String::new();
    for part in Parts(template) {
        let part = match part {
            Part::Text(part) => part,
            Part::Variable(name) => &values[name],
        };
        if text.len() + part.len() > LONGEST_TEXT {
            let reason = format!("make the text longer than {LONGEST_TEXT} bytes");
            return Err(Error::invalid("variables", reason));
        }
        text.push_str(part);
    }
    Ok(text)
}

/// Says that a variable has no value.
fn lacking(name: &str) -> Problem {
    Problem { field: format!("variables.{name}"), reason: "is missing".to_owned() }
}

/// The parts of a template, from its beginning.
struct Parts<'t>(&'t str);

impl<'t> Iterator for Parts<'t> {
    type Item = Part<'t>;

    fn next(&mut self) -> Option<Part<'t>> {
        let text = self.0;
        if text.is_empty() {
            return None;
        }
        let Some(at) = text.find("${") else {
            self.0 = "";
            return Some(Part::Text(text));
        };
        // An escape: the dollar before goes, and what follows is text.
        if text[..at].ends_with('$') {
            self.0 = &text[at + 2..];
            return if at == 1 {
                Some(Part::Text("${"))
            } else {
                self.0 = &text[at - 1..];
                Some(Part::Text(&text[..at - 1]))
            };
        }
        if at > 0 {
            self.0 = &text[at..];
            return Some(Part::Text(&text[..at]));
        }
        if let Some(name) = name(&text[2..]) {
            self.0 = &text[name.len() + 3..];
            return Some(Part::Variable(name));
        }
        self.0 = &text[2..];
        Some(Part::Text("${"))
    }
}

/// The name that `text` begins with, before a `}`.
fn name(text: &str) -> Option<&str> {
    let end = text
        .bytes()
        .take(LONGEST_NAME + 1)
        .position(|byte| matches!(byte, b'}' | b'{' | b'$') || byte.is_ascii_control())?;
    let name = &text[..end];
    let is_plain = !name.is_empty() && name.trim() == name && !name.contains(char::is_control);
    (text.as_bytes()[end] == b'}' && is_plain).then_some(name)
}

#[cfg(test)]
mod tests;
