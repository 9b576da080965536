//! Templates, one by one and by the thousand.

use super::*;
use crate::domain::prompt::samples;

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

/// The same, read another way: from the left, one character at a time.
fn by_characters(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(first) = rest.chars().next() {
        let name = rest.strip_prefix("${").and_then(|rest| rest.split_once('}')).map(|(n, _)| n);
        let name = name.filter(|name| {
            let is_apart = |c: char| c == '$' || c == '{' || c.is_control();
            !name.is_empty() && name.trim() == *name && !name.contains(is_apart)
        });
        let taken = if rest.starts_with("$${") {
            text.push_str("${");
            3
        } else if let Some(name) = name {
            text.push_str(&value(name));
            name.len() + 3
        } else {
            text.push(first);
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    text
}

#[test]
fn every_text_is_read_as_the_rule_says() {
    let mut with_variables = 0;
    for template in samples::texts(20_000) {
        let names = variables(&template);
        with_variables += usize::from(!names.is_empty());
        let values: BTreeMap<_, _> =
            names.iter().map(|name| (name.clone(), format!("<${{{name}}}$>"))).collect();
        let expected = by_characters(&template, |name| values[name].clone());
        assert_eq!(render(&template, &values).unwrap(), expected, "{template:?}");
        if names.is_empty() {
            let plain = render(&template, &BTreeMap::new()).unwrap();
            assert_eq!(plain, template.replace("$${", "${"), "{template:?}");
        }
    }
    assert!((5_000..19_000).contains(&with_variables), "{with_variables}");
}

#[test]
fn any_text_can_be_written_as_a_template() {
    for text in samples::texts(20_000) {
        let template = text.replace("${", "$${");
        assert_eq!(variables(&template), [""; 0], "{text:?}");
        assert_eq!(render(&template, &BTreeMap::new()).unwrap(), text);
    }
}

/// What would take hours, were any of it read again and again.
#[test]
fn a_long_text_is_read_once() {
    const LONG: usize = 1 << 20;
    for (piece, plain) in [
        ("$", "$"),
        ("${", "${"),
        ("${a", "${a"),
        ("${a b c d e f", "${a b c d e f"),
        ("$${", "${"),
        ("${}", "${}"),
        ("}{", "}{"),
        ("é$", "é$"),
    ] {
        let many = LONG / piece.len();
        let template = piece.repeat(many);
        assert!(Parts(&template).count() <= 2 * many, "{piece}");
        assert_eq!(variables(&template), [""; 0], "{piece}");
        assert!(render(&template, &BTreeMap::new()).unwrap() == plain.repeat(many), "{piece}");
    }
    let open = format!("${{{}", "a".repeat(LONG));
    assert_eq!(Parts(&open).count(), 2);
    assert!(render(&open, &BTreeMap::new()).unwrap() == open);
}

#[test]
fn a_million_variables_are_found_each_once() {
    let template: String =
        (0..1_000_000).fold(String::new(), |text, number| text + &format!("${{v{number}}}"));
    let names = variables(&template);
    assert_eq!(names.len(), 1_000_000);
    assert_eq!((names[0].as_str(), names[999_999].as_str()), ("v0", "v999999"));
    let Error::Invalid(missing) = render(&template, &BTreeMap::new()).unwrap_err() else {
        panic!("all are missing")
    };
    assert_eq!(missing.len(), 1_000_000);
    let same = "${a}".repeat(1_000_000);
    assert_eq!(variables(&same), ["a"]);
    assert_eq!(render(&same, &values(&[("a", "b")])).unwrap(), "b".repeat(1_000_000));
}
