//! Printing what commands found and did: aligned text for people, JSON for machines.

use std::io::{Write, stdout};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::json;

use super::Outcome;
use crate::registry::IssuedKey;

/// Prints `items`, a line for each under a `header`.
pub fn list<T: Serialize>(
    as_json: bool,
    items: &[T],
    header: &[&str],
    line: impl Fn(&T) -> Vec<String>,
) -> Outcome {
    if as_json {
        return json(items);
    }
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    let lines: Vec<_> = std::iter::once(header).chain(items.iter().map(line)).collect();
    print(&aligned(&lines))
}

/// Prints one `item`, a line for each of its named values.
pub fn one<T: Serialize>(as_json: bool, item: &T, values: &[(&str, String)]) -> Outcome {
    if as_json {
        return json(item);
    }
    let lines: Vec<_> =
        values.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]).collect();
    print(&aligned(&lines))
}

/// Prints `item` as JSON.
pub fn json(item: &(impl Serialize + ?Sized)) -> Outcome {
    print(&escaped(&serde_json::to_string_pretty(item)?))
}

/// Prints what was done.
pub fn done(as_json: bool, message: &str) -> Outcome {
    let message =
        if as_json { escaped(&json!({"message": message}).to_string()) } else { plain(message) };
    print(&message)
}

/// Prints a new access key, this once, as lines to paste into a shell.
pub fn issued(as_json: bool, key: &IssuedKey, url: &str) -> Outcome {
    if !as_json {
        return print(&exports(key, url));
    }
    let (id, secret, api_key) = (&key.id, key.secret.expose(), key.api_key());
    let json = json!({"id": id, "secret": secret, "apiKey": api_key.expose(), "serverUrl": url});
    print(&json.to_string())
}

/// The lines that put a new access key, and the URL where it is used, into a shell's environment.
pub fn exports(key: &IssuedKey, url: &str) -> String {
    let (id, secret, api_key) = (&key.id, key.secret.expose(), key.api_key());
    let api_key = api_key.expose();
    format!(
        "export CONDUCTOR_SERVER_URL={url}\n\
         export CONDUCTOR_AUTH_KEY={id}\n\
         export CONDUCTOR_AUTH_SECRET={secret}\n\
         export ARIZE_API_KEY={api_key}"
    )
}

/// A time in epoch milliseconds.
pub fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A time in epoch milliseconds, to the second; a dash where there is none.
pub fn time(millis: Option<i64>) -> String {
    /// The first millisecond of the year 10000, which cannot be written.
    const END: u64 = 253_402_300_800_000;
    let Some(millis) = millis else { return "-".to_owned() };
    match u64::try_from(millis) {
        Ok(since) if since < END => {
            humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_millis(since)).to_string()
        }
        _ => millis.to_string(),
    }
}

/// Words, or a dash where there are none.
pub fn words(words: &[String]) -> String {
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

/// Columns as wide as their widest cell.
fn aligned(lines: &[Vec<String>]) -> String {
    let lines: Vec<Vec<_>> =
        lines.iter().map(|cells| cells.iter().map(|cell| plain(cell)).collect()).collect();
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|cells| cells.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let line = |cells: &Vec<String>| {
        let cells = cells.iter().enumerate();
        let padded = cells.map(|(column, cell)| format!("{cell:0$}", width(column)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Text without what could move the cursor, break the line or turn it around.
pub fn plain(text: &str) -> String {
    text.replace(is_unruly, " ")
}

/// The text of JSON with all of that escaped.
pub fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        // A new line between two values is ours: within a text it is escaped already.
        if is_unruly(c) && c != '\n' {
            text.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(c);
        }
    }
    text
}

/// Whether a character moves the cursor, breaks the line, or changes its direction.
pub fn is_unruly(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}');
    turns || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn print(text: &str) -> Outcome {
    Ok(writeln!(stdout(), "{text}")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_hold_no_control_characters() {
        let lines = [["ID", "NAME"], ["é", "a\u{1b}[2J\nb"], ["long", ""]];
        let lines = lines.map(|cells| cells.map(str::to_owned).to_vec());
        assert_eq!(aligned(&lines), "ID    NAME\né     a [2J b\nlong");
    }

    #[test]
    fn json_holds_no_unruly_characters_and_says_the_same() {
        let text = "\u{1b}[2J\u{9b}2J\n\r\u{7f}\u{2028}\u{202e}é\"\\ \u{2067}😀";
        let json = escaped(&serde_json::to_string_pretty(&[text]).unwrap());
        assert_eq!(json.matches(is_unruly).collect::<Vec<_>>(), ["\n", "\n"]);
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [text]);
        assert!(!plain(text).contains(is_unruly) && plain(text).contains("é\"\\  😀"));
    }

    #[test]
    fn every_time_can_be_shown() {
        assert_eq!(time(Some(1_780_923_107_007)), "2026-06-08T12:51:47Z");
        assert_eq!(time(None), "-");
        for millis in [i64::MIN, -1, i64::MAX, 253_402_300_800_000] {
            assert_eq!(time(Some(millis)), millis.to_string());
        }
    }
}
