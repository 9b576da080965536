//! Cursors: where the next page of a list begins, of any dialect.

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::refusal::Refusal;
use crate::domain::Error;

/// How many bytes of a cursor say which list it was issued for.
const MARK: usize = 8;

/// Where the next page begins. It is bound to the list it was issued for, so that a mistake is
/// noticed; who makes one by hand sees no more than the list shows them in any case.
pub struct Cursor;

impl Cursor {
    /// The cursor after the thing at `position`, for a list that these texts describe in a fixed
    /// order: who asks, what the list is, and each filter.
    pub fn issue(list: &[&str], position: &[u8]) -> String {
        BASE64URL_NOPAD.encode(&[&mark(list)[..], position].concat())
    }

    /// The position in a cursor that was issued for this very list.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] naming `cursor`.
    pub fn read(text: &str, list: &[&str]) -> Result<Vec<u8>, Refusal> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default();
        match bytes.split_first_chunk::<MARK>() {
            Some((found, position)) if *found == mark(list) => Ok(position.to_vec()),
            _ => Err(Self::refused("was not issued for this list with these filters")),
        }
    }

    /// The refusal of a cursor for this reason.
    pub fn refused(reason: &str) -> Refusal {
        Refusal::Malformed(Error::invalid("cursor", reason))
    }
}

/// What a list is known by.
fn mark(list: &[&str]) -> [u8; MARK] {
    let mut hash = Sha256::new();
    for part in list {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut mark = [0; MARK];
    mark.copy_from_slice(&hash.finalize()[..MARK]);
    mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, list: &[&str]) {
        match Cursor::read(text, list) {
            Err(Refusal::Malformed(error)) => {
                assert!(error.to_string().starts_with("`cursor` "), "{error}");
            }
            _ => panic!("{text} was not refused"),
        }
    }

    #[test]
    fn a_cursor_is_good_for_the_list_it_was_issued_for() {
        let list = ["ann", "spaces", "a", ""];
        for position in [&b""[..], b"x", &[0; 8]] {
            let cursor = Cursor::issue(&list, position);
            assert_eq!(Cursor::read(&cursor, &list).ok().as_deref(), Some(position));
            for other in [
                &["ann", "spaces", "", "a"][..],
                &["ann", "spaces", "a"],
                &["annspaces", "a", "", ""],
                &["bob", "spaces", "a", ""],
                &["ann", "spaces", "A", ""],
                &[],
            ] {
                refused(&cursor, other);
            }
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let list = ["ann", "spaces"];
        let cursor = Cursor::issue(&list, b"12");
        for text in ["", "!", "garbage", "12", &cursor[1..], &cursor[..8], "AAAA="] {
            refused(text, &list);
        }
    }
}
