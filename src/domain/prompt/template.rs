//! Templates: text with `${name}` in it. `$${` is an escape and stands for `${`.
//!
//! A template is read once from left to right, in time linear in its length. What only begins like
//! a variable is text.

use std::collections::BTreeMap;

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

/// The names of the variables of a template, each once, in the order of their first places.
pub fn variables(template: &str) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
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
/// The names of the variables that have no value, each once.
pub fn render(template: &str, values: &BTreeMap<String, String>) -> Result<String, Vec<String>> {
    let mut text = String::with_capacity(template.len());
    let mut missing: Vec<String> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for part in Parts(template) {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Variable(name) => match values.get(name) {
                Some(value) => text.push_str(value),
                None if known.insert(name) => missing.push(name.to_owned()),
                None => {}
            },
        }
    }
    if missing.is_empty() { Ok(text) } else { Err(missing) }
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
        match name(&text[2..]) {
            Some(name) => {
                self.0 = &text[name.len() + 3..];
                Some(Part::Variable(name))
            }
            None => {
                self.0 = &text[2..];
                Some(Part::Text("${"))
            }
        }
    }
}

/// The name that `text` begins with, before a `}`.
fn name(text: &str) -> Option<&str> {
    let begin = text.as_bytes();
    let begin = &begin[..begin.len().min(LONGEST_NAME + 1)];
    let ends = |byte: &u8| matches!(byte, b'}' | b'{' | b'$') || byte.is_ascii_control();
    let end = begin.iter().position(ends)?;
    let name = &text[..end];
    (begin[end] == b'}' && !name.is_empty() && name.trim() == name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<String, Vec<String>> {
        let values = [("a", "1"), ("b c", "${a}"), ("é.x", "$${a}")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        render(template, &values)
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
        assert_eq!(filled("${x}${a}${y}${x}"), Err(vec!["x".to_owned(), "y".to_owned()]));
        let long = format!("${{{}}}", "x".repeat(LONGEST_NAME + 1));
        assert_eq!(filled(&long).as_deref(), Ok(long.as_str()));
        let longest = format!("${{{}}}", "x".repeat(LONGEST_NAME));
        assert_eq!(variables(&longest).len(), 1);
    }
}
