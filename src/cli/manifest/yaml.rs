//! Values as YAML that people read, and every reader for the same.
//!
//! It is written here and not by a library: those for YAML make other numbers of numbers.

use serde_json::{Map, Value};

use crate::cli::show;

/// The longest key that may stand before its colon without more.
const LONG: usize = 1000;

/// A value as a document.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    node(&mut out, value, 0);
    out.push('\n');
    out
}

/// Writes what stands at `indent`, where the line is at that place already, and ends without a line
/// break.
fn node(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(members) if !members.is_empty() => map(out, members, indent),
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                separate(out, index, indent);
                out.push_str("- ");
                nested(out, item, indent + 2);
            }
        }
        Value::String(text) => out.push_str(&scalar(text)),
        plain => out.push_str(&plain.to_string()),
    }
}

fn map(out: &mut String, members: &Map<String, Value>, indent: usize) {
    for (index, (key, value)) in members.iter().enumerate() {
        separate(out, index, indent);
        let key = scalar(key);
        if key.len() > LONG {
            out.extend(["? ", &key]);
            separate(out, 1, indent);
        } else {
            out.push_str(&key);
        }
        out.push(':');
        match value {
            Value::Object(members) if !members.is_empty() => separate(out, 1, indent + 2),
            Value::Array(items) if !items.is_empty() => separate(out, 1, indent + 2),
            _ => out.push(' '),
        }
        nested(out, value, indent + 2);
    }
}

/// Writes what stands after a key or a dash; its further lines are at `indent`.
fn nested(out: &mut String, value: &Value, indent: usize) {
    match value.as_str().and_then(block) {
        Some((style, lines)) => {
            out.push_str(style);
            for line in lines {
                out.push('\n');
                if !line.is_empty() {
                    out.extend([&" ".repeat(indent), line]);
                }
            }
        }
        None => node(out, value, indent),
    }
}

/// Begins a new line, but for the first of several things.
fn separate(out: &mut String, index: usize, indent: usize) {
    if index > 0 {
        out.push('\n');
        out.push_str(&" ".repeat(indent));
    }
}

/// The lines of a text that can be written as a block, and its sign.
fn block(text: &str) -> Option<(&'static str, Vec<&str>)> {
    let is_plain = |line: &str| !line.ends_with(' ') && !line.contains(is_unprintable);
    let is_block =
        text.contains('\n') && !text.starts_with([' ', '\n']) && text.split('\n').all(is_plain);
    let style = match text.strip_suffix('\n') {
        None => "|-",
        Some(rest) if rest.ends_with('\n') => "|+",
        Some(_) => "|",
    };
    is_block.then(|| (style, text.strip_suffix('\n').unwrap_or(text).split('\n').collect()))
}

/// A text in one line: as it is where no reader can mistake it, else in quotes.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || " _-./$@+=".contains(c);
    let is_reference = text.starts_with("${") && text.ends_with('}');
    let inner = if is_reference { &text[2..text.len() - 1] } else { text };
    let begins = inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '/');
    let mut chars = inner.chars().peekable();
    let mut is_plain = begins && !inner.ends_with([' ', ':']);
    while let Some(c) = chars.next() {
        is_plain &= is_word(c) || c == ':' && chars.peek().is_some_and(|next| *next != ' ');
    }
    // What some readers of YAML take for something else than a text.
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    if is_plain && !words.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    let told = |c: char| match c {
        c if is_unprintable(c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    show::escaped(&Value::from(text).to_string()).chars().map(told).collect()
}

/// Whether a character cannot stand for itself everywhere: it moves something, or readers drop it.
fn is_unprintable(c: char) -> bool {
    show::is_unruly(c)
        || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tree::{self, Budget, Node};
    use super::*;

    fn back(text: &str) -> Value {
        let found = tree::read(&"-".into(), text, &mut Budget::default());
        let found =
            found.map_err(|fault| fault.reason).unwrap_or_else(|told| panic!("{told}\n{text}"));
        assert_eq!(found.len(), 1, "{text}");
        Node::value(&found[0])
    }

    #[test]
    fn it_is_read_by_people() {
        let value = json!({
            "owner": "team-core",
            "integrations": [{
                "name": "openai", "enabled": true, "tags": [], "configuration": {
                    "api_key": "${env:OPENAI_API_KEY}", "endpoint": "https://api.openai.com/v1"},
                "resources": [{"name": "gpt-4o", "description": "chat, vision"}],
            }],
            "prompts": [{"name": "p", "versions": [
                {"version": 1, "template": "Hello ${name}\n\n  how: are # you\n", "temperature": 1}]}],
        });
        let text = write(&value);
        assert_eq!(back(&text), value);
        assert_eq!(
            text,
            "owner: team-core\nintegrations:\n  - name: openai\n    enabled: true\n    tags: []\n    \
             configuration:\n      api_key: ${env:OPENAI_API_KEY}\n      \
             endpoint: https://api.openai.com/v1\n    resources:\n      - name: gpt-4o\n        \
             description: \"chat, vision\"\nprompts:\n  - name: p\n    versions:\n      \
             - version: 1\n        template: |\n          Hello ${name}\n\n            \
             how: are # you\n        temperature: 1\n"
        );
    }

    /// Texts that readers of YAML trip over, and pieces to make more of.
    const NASTY: [&str; 60] = [
        "no",
        "Yes",
        "on",
        "OFF",
        "y",
        "N",
        "~",
        "null",
        "NULL",
        "true",
        "False",
        "1e3",
        "1.10",
        "007",
        "0x1F",
        "0o7",
        ".5",
        "5.",
        ".inf",
        ".NaN",
        "-0",
        "12:30",
        "1_000",
        "2026-11-22",
        "<<",
        "=",
        "",
        " ",
        "  a",
        "a  ",
        "\t",
        "a\tb",
        "\ta",
        ": ",
        "a: b",
        "a:",
        "# x",
        "a # b",
        "a#b",
        "- x",
        "-",
        "--- a",
        "...",
        "{",
        "}",
        "[a]",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        "'",
        "\"",
        "\\",
        "${env:A}",
        "a, b",
        "? a",
    ];
    const PIECES: [&str; 16] = [
        "\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{feff}", "\u{ffff}", "\u{7f}", "\u{1b}",
        "\u{0}", "\u{202e}", "😀", "é", "\u{a0}", "\n\n", " \n",
    ];

    #[test]
    fn whatever_the_text_it_reads_back_to_the_very_same() {
        let texts: Vec<&str> = NASTY.iter().chain(&PIECES).copied().collect();
        for one in &texts {
            for two in &texts {
                for text in [
                    (*one).to_owned(),
                    format!("{one}{two}"),
                    format!("{one}\n{two}"),
                    format!("x{one}{two}\n"),
                ] {
                    let value = json!({"k": text, "l": [text, [text], {"m": text, "n": 1}], "o": {"p": {"q": text}}, "r": 0});
                    assert_eq!(back(&write(&value)), value, "{text:?}");
                    let mut keyed = Map::new();
                    keyed.insert(text.clone(), json!({text.clone(): [1, {text.clone(): 2}]}));
                    let keyed = Value::Object(keyed);
                    assert_eq!(back(&write(&keyed)), keyed, "{text:?}");
                }
            }
        }
        let long = "x".repeat(5000);
        for value in [
            json!({long.clone(): {long.clone(): 1}, "a": [{long.clone(): [1]}]}),
            json!([[[1, []], {}]]),
        ] {
            assert_eq!(back(&write(&value)), value);
        }
    }

    #[test]
    fn numbers_keep_their_text() {
        let value: Value =
            serde_json::from_str("[1.10,1e+400,-7,123456789012345678901234567890]").unwrap();
        assert_eq!(write(&value), "- 1.10\n- 1e+400\n- -7\n- 123456789012345678901234567890\n");
        assert_eq!(back(&write(&value)), value);
    }
}
