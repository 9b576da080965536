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
mod tests {
    use super::*;

    fn values(sent: &[(&str, &str)]) -> BTreeMap<String, String> {
        sent.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The text, or the message of what is wrong.
    fn filled(template: &str) -> Result<String, String> {
        let values = values(&[("a", "1"), ("b c", "${a}"), ("é.x", "$${a}")]);
        render(template, &values).map_err(|error| error.to_string())
    }

    #[test]
    fn variables_are_found_and_filled_in_once() {
        for (template, names, text) in [
            ("", &[][..], ""),
            ("plain {a} $a", &[], "plain {a} $a"),
            ("${a}", &["a"], "1"),
            ("x${a}y${b c}z${a}", &["a", "b c"], "x1y${a}z1"),
            ("${é.x}", &["é.x"], "$${a}"),
            ("$${a}", &[], "${a}"),
            ("$$${a}", &[], "$${a}"),
            ("x$${a}${a}", &["a"], "x${a}1"),
            ("${${a}}", &["a"], "${1}"),
            ("${a${a}", &["a"], "${a1"),
            ("${}${ a}${a\n}", &[], "${}${ a}${a\n}"),
            ("${a\u{85}b}", &[], "${a\u{85}b}"),
            ("${a", &[], "${a"),
            ("$", &[], "$"),
            ("${", &[], "${"),
            ("$${", &[], "${"),
            ("{{a}}", &[], "{{a}}"),
        ] {
            assert_eq!(variables(template), names, "{template}");
            assert_eq!(filled(template).as_deref(), Ok(text), "{template}");
        }
    }

    #[test]
    fn what_is_missing_is_named_once() {
        let error = filled("${x}${a}${y}${x}").unwrap_err();
        assert_eq!(error, "`variables.x` is missing; `variables.y` is missing");
        let long = format!("${{{}}}", "x".repeat(LONGEST_NAME + 1));
        assert_eq!(filled(&long).as_deref(), Ok(long.as_str()));
        let longest = format!("${{{}}}", "x".repeat(LONGEST_NAME));
        assert_eq!(variables(&longest).len(), 1);
    }

    #[test]
    fn a_text_has_an_end() {
        let (part, places) = (LONGEST_TEXT / 1024, "${a}".repeat(1024));
        let long = values(&[("a", &"x".repeat(part))]);
        assert_eq!(render(&places, &long).unwrap().len(), LONGEST_TEXT);
        let error = render(&format!("{places}."), &long).unwrap_err();
        assert!(error.to_string().starts_with("`variables` make the text longer"), "{error}");
        // Nothing of this size is ever built.
        let longer = values(&[("a", &"x".repeat(1 << 20))]);
        assert!(render(&"${a}".repeat(1 << 20), &longer).is_err());
    }
}
