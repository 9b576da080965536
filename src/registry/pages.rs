//! Pages of lists, filtered here and not in the query.

use crate::domain::Result;
use crate::domain::page::{Page, Slice};

/// How many rows are read at a time.
const BATCH: i64 = 200;

/// The part of a list that `slice` asks for: `read` gives rows with a smaller number than the one
/// it is told, newest first and at most as many as it is told, and `keep` says which of them count.
pub(super) fn page<T>(
    slice: Slice,
    mut read: impl FnMut(i64, i64) -> Result<Vec<T>>,
    number: impl Fn(&T) -> i64,
    mut keep: impl FnMut(&T) -> bool,
) -> Result<Page<T>> {
    let mut before = slice.before.unwrap_or(i64::MAX);
    let mut items: Vec<T> = vec![];
    loop {
        let rows = read(before, BATCH)?;
        let Some(last) = rows.last().map(&number) else { return Ok(Page { items, next: None }) };
        before = last;
        for row in rows {
            if !keep(&row) {
                continue;
            }
            if items.len() == slice.limit {
                return Ok(Page { next: items.last().map(number), items });
            }
            items.push(row);
        }
    }
}

/// Whether `name` contains `part`, whatever the case of either.
pub(super) fn contains(name: &str, part: &str) -> bool {
    name.to_lowercase().contains(&part.to_lowercase())
}
