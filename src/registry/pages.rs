//! Parts of lists, filtered here and not in the query.

use crate::domain::Result;
use crate::domain::page::{Page, Part, Slice};

/// How many rows are read at a time, at least.
const BATCH: usize = 200;

/// The part of a list that `slice` asks for: `read` gives rows with a smaller number than the one
/// it is told, newest first and at most as many as it is told, and `keep` says which of them count.
pub(super) fn page<T>(
    slice: Slice,
    mut read: impl FnMut(i64, i64) -> Result<Vec<T>>,
    number: impl Fn(&T) -> i64,
    keep: impl FnMut(&T) -> bool,
) -> Result<Page<T>> {
    let before = slice.before.unwrap_or(i64::MAX);
    walk(before, Some(slice.limit), |before, most| read(*before, most), number, keep)
}

/// The part of a list that `part` asks for: `read` gives rows after the text it is told, in order
/// and at most as many as it is told, and `keep` says which of them count.
pub(super) fn part<T>(
    part: &Part,
    mut read: impl FnMut(&str, i64) -> Result<Vec<T>>,
    text: impl Fn(&T) -> &str,
    keep: impl FnMut(&T) -> bool,
) -> Result<Page<T, String>> {
    let read = |after: &String, most| read(after, most);
    walk(part.after.clone(), part.limit, read, |row| text(row).to_owned(), keep)
}

fn walk<T, K>(
    mut from: K,
    limit: Option<usize>,
    mut read: impl FnMut(&K, i64) -> Result<Vec<T>>,
    key: impl Fn(&T) -> K,
    mut keep: impl FnMut(&T) -> bool,
) -> Result<Page<T, K>> {
    let Some(limit) = limit else {
        let mut items = read(&from, i64::MAX)?;
        items.retain(keep);
        return Ok(Page { items, next: None });
    };
    // One more than is asked for, to know whether any follow.
    let most = i64::try_from(BATCH.max(limit + 1)).unwrap_or(i64::MAX);
    let mut items: Vec<T> = vec![];
    loop {
        let rows = read(&from, most)?;
        let Some(last) = rows.last().map(&key) else { return Ok(Page { items, next: None }) };
        from = last;
        for row in rows {
            if !keep(&row) {
                continue;
            }
            if items.len() == limit {
                return Ok(Page { next: items.last().map(key), items });
            }
            items.push(row);
        }
    }
}

/// The texts of the first and the last of `items`; of none, a span that nothing is in.
pub(super) fn span<'i, T>(items: &'i [T], text: impl Fn(&'i T) -> &'i str) -> (&'i str, &'i str) {
    let ends = items.first().zip(items.last());
    ends.map_or(("", ""), |(first, last)| (text(first), text(last)))
}

/// Whether `name` contains `part`, whatever the case of either.
pub(super) fn contains(name: &str, part: &str) -> bool {
    name.to_lowercase().contains(&part.to_lowercase())
}
