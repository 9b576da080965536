//! How clients send the text of a prompt; contract section 6.2.

use std::borrow::Cow;

/// The text that a client means by `body`.
///
/// JavaScript sends a JSON string; Java, Go and the user interface send the text itself. Python
/// sends a JSON string without its quotes, and has taken the text's own last quote with them.
pub fn decode<'b>(body: &'b str, agent: Option<&str>) -> Cow<'b, str> {
    let from_python = agent.is_some_and(|agent| agent.starts_with("python-httpx"));
    if from_python && let Some(text) = requoted(body) {
        return text.into();
    }
    match serde_json::from_str::<String>(body) {
        Ok(text) => text.into(),
        Err(_) => {
            body.strip_prefix('"').and_then(|body| body.strip_suffix('"')).unwrap_or(body).into()
        }
    }
}

/// The text of a JSON string that has lost its quotes.
fn requoted(body: &str) -> Option<String> {
    let escapes = body.len() - body.trim_end_matches('\\').len();
    let lost = if escapes % 2 == 1 { "\"" } else { "" };
    serde_json::from_str(&format!("\"{body}{lost}\"")).ok()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::domain::prompt::samples;

    const PYTHON: Option<&str> = Some("python-httpx/0.28.1");

    /// What the Python SDK does to a text: `json.dumps(text).strip('"')`.
    fn python(text: &str) -> String {
        let mut ascii = String::new();
        for c in serde_json::to_string(text).unwrap().chars() {
            if c.is_ascii() {
                ascii.push(c);
            } else {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(ascii, "\\u{unit:04x}").unwrap();
                }
            }
        }
        ascii.trim_matches('"').to_owned()
    }

    #[track_caller]
    fn comes_through(text: &str) {
        assert_eq!(decode(&python(text), PYTHON), text, "Python: {}", python(text));
        let json = serde_json::to_string(text).unwrap();
        assert_eq!(decode(&json, Some("node")), text, "JavaScript");
        // What only looks like JSON loses its quotes.
        let trimmed = text.trim_ascii();
        let is_quoted = trimmed.len() > 1 && trimmed.starts_with('"') && trimmed.ends_with('"');
        if !is_quoted {
            assert_eq!(decode(text, None), text, "raw");
            assert_eq!(decode(text, Some("okhttp/4.12.0")), text, "Java");
        }
    }

    #[test]
    fn each_client_gets_its_text_through() {
        for text in [
            "",
            "plain",
            "line1\nsay \"hi\" ${x} é \\ end",
            "line1\nsay \"hi\" ${x} é \\ end\"",
            "\"",
            "\"\"",
            "\\",
            "\\\"",
            "a \\\" b \\\\",
            "{{x}} 💡 \u{2028} \t",
            "5",
            "null",
            "{}",
            "[\"a\"]",
        ] {
            comes_through(text);
        }
    }

    #[test]
    fn each_client_gets_any_text_through() {
        for text in samples::texts(20_000) {
            comes_through(&text);
            comes_through(&format!("\"{text}\""));
            comes_through(&format!("{text}\\\"\""));
        }
    }

    #[test]
    fn enclosing_quotes_of_raw_text_go_and_broken_json_is_text() {
        for (body, text) in [
            ("\"hello\"", "hello"),
            ("\"two\nlines\"", "two\nlines"),
            ("\"", "\""),
            ("\"a", "\"a"),
            ("say \\n", "say \\n"),
        ] {
            assert_eq!(decode(body, Some("Java/17")), text, "{body}");
        }
        assert_eq!(decode("C:\\xyz", PYTHON), "C:\\xyz", "no JSON, so not from the SDK");
    }
}
