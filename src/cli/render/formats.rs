//! The forms that a plan is written in.

use std::fmt::Write;

use clap::ValueEnum;

use super::plan::{Plan, Section, Text};
use super::spring;
use crate::cli::{Outcome, show};

/// A form of output.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// A file of Java properties, as `CONDUCTOR_CONFIG_FILE` names one.
    Properties,
    /// Variables of the environment, for a shell or an env file.
    Env,
    /// A manifest of a Kubernetes Secret with those variables, for envFrom.
    KubernetesSecret,
}

/// Writes the plan; `name` is that of the Kubernetes Secret.
///
/// # Errors
///
/// A value that the form cannot hold, by the name of its property.
pub fn write(format: Format, plan: &Plan, name: &str) -> Outcome<String> {
    let mut out = String::new();
    head(&mut out, plan)?;
    let indent = if matches!(format, Format::KubernetesSecret) {
        let sections = if plan.sections.is_empty() { " {}" } else { "" };
        write!(
            out,
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\ntype: Opaque\n\
             stringData:{sections}\n",
            yaml(name)
        )?;
        "  "
    } else {
        ""
    };
    for Section { title, entries } in &plan.sections {
        writeln!(out, "{indent}# {}", comment(title))?;
        for (property, text) in entries {
            writeln!(out, "{indent}{}", line(format, property, text)?)?;
        }
    }
    Ok(out)
}

/// The comments at the top: the variables to set, and the notes.
fn head(out: &mut String, plan: &Plan) -> Outcome {
    writeln!(out, "# Made by `podium render conductor`.")?;
    if !plan.variables.is_empty() {
        writeln!(out, "# Set these variables in the server's environment:")?;
    }
    for variable in &plan.variables {
        writeln!(out, "#   {}: {}", variable.name, comment(&variable.purpose))?;
    }
    for note in &plan.notes {
        writeln!(out, "# Note: {}", comment(note))?;
    }
    Ok(())
}

/// One property.
fn line(format: Format, property: &str, text: &Text) -> Outcome<String> {
    let variable = spring::variable(property);
    let refused =
        || format!("the value of {property} holds a control character: not for an env file");
    Ok(match (format, text) {
        (Format::Properties, Text::Literal(text)) => format!("{property}={}", java(text)),
        (Format::Properties, Text::Reference(name)) => {
            format!("{property}={}", spring::placeholder(name))
        }
        (Format::Env, Text::Literal(text)) => {
            format!("{variable}={}", shell(text).ok_or_else(refused)?)
        }
        (Format::Env, Text::Reference(name)) => format!("{variable}={}", spring::placeholder(name)),
        (Format::KubernetesSecret, Text::Literal(text)) => format!("{variable}: {}", yaml(text)),
        (Format::KubernetesSecret, Text::Reference(name)) => {
            format!("{variable}: {}", yaml(&spring::placeholder(name)))
        }
    })
}

/// Text for a comment, without what could end it: other forms know more line breaks than a terminal.
fn comment(text: &str) -> String {
    show::plain(text).replace(|c: char| !c.is_ascii() && !c.is_alphanumeric(), " ")
}

/// A value in a file of Java properties, which is read as ISO 8859-1.
fn java(text: &str) -> String {
    let unit = |unit: &mut u16| format!("\\u{unit:04X}");
    let escaped = |(at, c): (usize, char)| match c {
        '\\' => "\\\\".to_owned(),
        ' ' if at == 0 => "\\ ".to_owned(),
        ' '..='~' => c.to_string(),
        c => c.encode_utf16(&mut [0; 2]).iter_mut().map(unit).collect::<Vec<_>>().concat(),
    };
    text.char_indices().map(escaped).collect()
}

/// A value for a POSIX shell; what needs no quotes has none, so that readers of env files that
/// know no quotes take it too. `None` for control characters: in such a file, a line break would
/// begin another variable.
fn shell(text: &str) -> Option<String> {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&b);
    if text.contains(char::is_control) {
        return None;
    }
    let bare = !text.is_empty() && text.bytes().all(safe);
    Some(if bare { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) })
}

/// Text as a double-quoted YAML scalar of ASCII.
fn yaml(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        '\0'..='\u{FFFF}' => format!("\\u{:04X}", u32::from(c)),
        _ => format!("\\U{:08X}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::plan::Variable;
    use super::*;

    fn plan(values: &[&str]) -> Plan {
        let literal = |text: &&str| ("a.b-c[0].dE".to_owned(), Text::Literal((*text).to_owned()));
        let mut entries: Vec<_> = values.iter().map(literal).collect();
        entries.push(("a.key".to_owned(), Text::Reference("X_KEY".to_owned())));
        let variable = Variable { name: "X_KEY".into(), purpose: "`key`\n of `x`".into() };
        Plan {
            sections: vec![Section { title: "é\r\u{2028}evil: 1\u{fffe}".into(), entries }],
            variables: vec![variable],
            notes: vec!["\u{1b}[2J\u{85}gone".into()],
        }
    }

    fn written(format: Format, values: &[&str]) -> String {
        write(format, &plan(values), "the \"name\"").unwrap()
    }

    #[test]
    fn the_three_forms() {
        let head = "# Made by `podium render conductor`.\n\
                    # Set these variables in the server's environment:\n\
                    #   X_KEY: `key`  of `x`\n\
                    # Note:  [2J gone\n";
        let properties = "# é  evil: 1 \na.b-c[0].dE=v\na.key=${X_KEY}\n";
        assert_eq!(written(Format::Properties, &["v"]), format!("{head}{properties}"));
        let env = "# é  evil: 1 \nA_BC_0_DE=v\nA_KEY=${X_KEY}\n";
        assert_eq!(written(Format::Env, &["v"]), format!("{head}{env}"));
        let secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: \"the \\\"name\\\"\"\n\
                      type: Opaque\nstringData:\n  # é  evil: 1 \n  A_BC_0_DE: \"v\"\n  \
                      A_KEY: \"${X_KEY}\"\n";
        assert_eq!(written(Format::KubernetesSecret, &["v"]), format!("{head}{secret}"));
    }

    #[test]
    fn nothing_to_tell_is_valid_in_every_form() {
        for format in Format::value_variants() {
            let text = write(*format, &Plan::default(), "n").unwrap();
            let rest = text.strip_prefix("# Made by `podium render conductor`.\n").unwrap();
            let empty = matches!(format, Format::KubernetesSecret);
            assert_eq!(rest.ends_with("stringData: {}\n"), empty, "{rest}");
        }
    }

    #[test]
    fn values_of_properties_are_escaped() {
        for (value, expected) in [
            ("a=b:c#d!e", "a=b:c#d!e"),
            ("=x", "=x"),
            ("  x ", "\\  x "),
            ("back\\slash\\", "back\\\\slash\\\\"),
            ("a\nb\r\tc\0", "a\\u000Ab\\u000D\\u0009c\\u0000"),
            ("é😀\u{2028}", "\\u00E9\\uD83D\\uDE00\\u2028"),
            ("$'\"", "$'\""),
            ("", ""),
        ] {
            assert_eq!(java(value), expected, "{value:?}");
        }
    }

    #[test]
    fn values_for_a_shell_are_quoted_where_they_must() {
        for (value, expected) in [
            ("https://h:1/v1", "https://h:1/v1"),
            ("a=b:c,d@e%f+g-h_i", "a=b:c,d@e%f+g-h_i"),
            ("", "''"),
            (" a", "' a'"),
            ("~", "'~'"),
            ("it's", r"'it'\''s'"),
            ("$HOME `id` $(id) \\ \" # ! *", "'$HOME `id` $(id) \\ \" # ! *'"),
            ("é", "'é'"),
        ] {
            assert_eq!(shell(value).as_deref(), Some(expected), "{value:?}");
        }
        for value in ["a\nB=1", "a\rb", "a\u{1b}[2J", "\0"] {
            assert_eq!(shell(value), None, "{value:?}");
            let told = write(Format::Env, &plan(&[value]), "n").unwrap_err().to_string();
            assert_eq!(
                told,
                "the value of a.b-c[0].dE holds a control character: not for an env file"
            );
        }
    }

    #[test]
    fn values_of_yaml_are_quoted_ascii() {
        for (value, expected) in [
            ("a: b #c", r#""a: b #c""#),
            (" x", r#"" x""#),
            (r#"\ ""#, r#""\\ \"""#),
            ("a\nb\r\0", r#""a\u000Ab\u000D\u0000""#),
            ("é\u{85}\u{2028}\u{feff}", r#""\u00E9\u0085\u2028\uFEFF""#),
            ("😀", r#""\U0001F600""#),
            ("", r#""""#),
        ] {
            assert_eq!(yaml(value), expected, "{value:?}");
        }
    }
}
