//! Pages of lists: `limit` and `cursor` in the query, `pagination` in the answer; contract
//! section 2.7.

use data_encoding::BASE64URL_NOPAD;
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::Error;
use crate::domain::page::Slice;
use crate::http::refusal::Refusal;

/// How many items an answer holds unless the caller says, and at the most.
const LIMIT: usize = 50;
const MOST: usize = 100;

/// The longest text to filter by, in characters.
const LONGEST: usize = 255;

/// How many bytes of a cursor say which list it was issued for.
const MARK: usize = 8;

/// Where the next page begins.
pub struct Cursor;

impl Cursor {
    /// The cursor after the item with this number, for a list that was filtered by these texts:
    /// the name of the list, then each filter in a fixed order.
    pub fn issue(filter: &[&str], number: i64) -> String {
        BASE64URL_NOPAD.encode(&[&mark(filter)[..], &number.to_be_bytes()].concat())
    }

    /// The number in a cursor that was issued for this very list.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] naming `cursor`.
    pub fn read(text: &str, filter: &[&str]) -> Result<i64, Refusal> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        match bytes.split_first_chunk::<MARK>() {
            Some((found, number)) if *found == mark(filter) => {
                let number = number.try_into().map(i64::from_be_bytes);
                number.map_err(|_| malformed("cursor", "is not whole"))
            }
            _ => Err(malformed("cursor", "was not issued for this list with these filters")),
        }
    }
}

/// What a list with these filters is known by.
fn mark(filter: &[&str]) -> [u8; MARK] {
    let mut hash = Sha256::new();
    for part in filter {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut mark = [0; MARK];
    mark.copy_from_slice(&hash.finalize()[..MARK]);
    mark
}

/// The part of a list that a query asks for. The filter is that of [`Cursor::issue`].
///
/// # Errors
///
/// [`Refusal::Malformed`] naming `limit` or `cursor`.
pub fn slice(limit: Option<&str>, cursor: Option<&str>, filter: &[&str]) -> Result<Slice, Refusal> {
    let limit = limit.map_or(Ok(LIMIT), str::parse).ok().filter(|limit| (1..=MOST).contains(limit));
    let limit = limit.ok_or_else(|| malformed("limit", format!("must be from 1 to {MOST}")))?;
    let before = cursor.map(|text| Cursor::read(text, filter)).transpose()?;
    Ok(Slice { before, limit })
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
    /// What follows the item with the number `next`, where more does. The filter is that of
    /// [`Cursor::issue`].
    pub fn new(filter: &[&str], next: Option<i64>) -> Self {
        let next_cursor = next.map(|number| Cursor::issue(filter, number));
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
    fn a_cursor_is_good_for_the_list_it_was_issued_for() {
        let filter = ["spaces", "a", ""];
        for number in [0, 1, 12, i64::MAX] {
            let cursor = Cursor::issue(&filter, number);
            assert_eq!(Cursor::read(&cursor, &filter).unwrap(), number);
            for other in [
                &["spaces", "", "a"][..],
                &["spaces", "a"],
                &["spacesa", "", ""],
                &["organizations", "a", ""],
                &["spaces", "A", ""],
                &[],
            ] {
                refused(Cursor::read(&cursor, other), "cursor");
            }
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let filter = ["spaces"];
        let cursor = Cursor::issue(&filter, 12);
        let longer = BASE64URL_NOPAD.encode(&[&mark(&filter)[..], &[0; 9]].concat());
        let shorter = BASE64URL_NOPAD.encode(&[&mark(&filter)[..], &[0; 7]].concat());
        for text in
            ["", "!", "garbage", "12", &cursor[1..], &cursor[..8], &longer, &shorter, "AAAA="]
        {
            refused(Cursor::read(text, &filter), "cursor");
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
        let cursor = Cursor::issue(&["spaces"], 7);
        assert_eq!(json(Some(7)), json!({"has_more": true, "next_cursor": cursor}));
    }
}
