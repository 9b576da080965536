//! Pages of lists: `limit` and `cursor` in the query, `pagination` in the answer; contract
//! section 2.7.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::Error;
use crate::domain::page::Slice;
use crate::http::cursor::Cursor;
use crate::http::refusal::Refusal;

/// How many items an answer holds unless the caller says, and at the most.
const LIMIT: usize = 50;
const MOST: usize = 100;

/// The longest text to filter by, in characters.
const LONGEST: usize = 255;

/// The part of a list that a query asks for; what describes the list is that of [`Cursor::issue`].
///
/// # Errors
///
/// [`Refusal::Malformed`] naming `limit` or `cursor`.
pub fn slice(limit: Option<&str>, cursor: Option<&str>, list: &[&str]) -> Result<Slice, Refusal> {
    let limit = limit.map_or(Ok(LIMIT), str::parse).ok().filter(|limit| (1..=MOST).contains(limit));
    let limit = limit.ok_or_else(|| malformed("limit", format!("must be from 1 to {MOST}")))?;
    let before = cursor.map(|text| number(text, list)).transpose()?;
    Ok(Slice { before, limit })
}

/// The number in a cursor.
fn number(cursor: &str, list: &[&str]) -> Result<i64, Refusal> {
    let position = Cursor::read(cursor, list)?;
    let number = position.try_into().map(i64::from_be_bytes);
    number.map_err(|_| Cursor::refused("is not whole"))
}

/// A text to filter by; none is an empty one, which everything contains.
///
/// # Errors
///
/// [`Refusal::Malformed`] naming `field` when it is too long.
pub fn filter(field: &str, text: Option<String>) -> Result<String, Refusal> {
    let text = text.unwrap_or_default();
    if text.chars().count() > LONGEST {
        return Err(malformed(field, format!("must be at most {LONGEST} characters long")));
    }
    Ok(text)
}

fn malformed(field: &str, reason: impl Into<String>) -> Refusal {
    Refusal::Malformed(Error::invalid(field, reason))
}

/// Whether there is more of a list, and how to get it.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Pagination {
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Pagination {
    /// What follows the item with the number `next`, where more does; what describes the list is
    /// that of [`Cursor::issue`].
    pub fn new(list: &[&str], next: Option<i64>) -> Self {
        let next_cursor = next.map(|number| Cursor::issue(list, &number.to_be_bytes()));
        Self { has_more: next_cursor.is_some(), next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn refused<T>(found: Result<T, Refusal>, field: &str) {
        match found {
            Err(Refusal::Malformed(error)) => {
                assert!(error.to_string().starts_with(&format!("`{field}` ")), "{error}");
            }
            _ => panic!("{field} was not refused"),
        }
    }

    #[test]
    fn a_cursor_holds_a_number() {
        let list = ["ann", "spaces"];
        for expected in [0, 1, 12, i64::MAX] {
            let cursor = Cursor::issue(&list, &expected.to_be_bytes());
            assert_eq!(number(&cursor, &list).unwrap(), expected);
        }
        for length in [0, 7, 9] {
            refused(number(&Cursor::issue(&list, &vec![0; length]), &list), "cursor");
        }
    }

    #[test]
    fn limits_are_from_1_to_100() {
        let limit = |text| slice(text, None, &[]).map(|slice| slice.limit);
        assert_eq!(limit(None).unwrap(), 50);
        for (text, expected) in [("1", 1), ("100", 100)] {
            assert_eq!(limit(Some(text)).unwrap(), expected);
        }
        for text in ["", "0", "101", "-1", "abc", "1.0", " 1", "99999999999999999999"] {
            refused(limit(Some(text)), "limit");
        }
    }

    #[test]
    fn filters_are_bounded() {
        assert_eq!(filter("name", None).unwrap(), "");
        assert_eq!(filter("name", Some("é".repeat(255))).unwrap().chars().count(), 255);
        refused(filter("name", Some("é".repeat(256))), "name");
    }

    #[test]
    fn the_cursor_is_there_while_there_is_more() {
        let json = |next| serde_json::to_value(Pagination::new(&["spaces"], next)).unwrap();
        assert_eq!(json(None), json!({"has_more": false}));
        let cursor = Cursor::issue(&["spaces"], &7_i64.to_be_bytes());
        assert_eq!(json(Some(7)), json!({"has_more": true, "next_cursor": cursor}));
    }
}
