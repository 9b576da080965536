//! Pages of lists that are read from the newest to the oldest.

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Only what has a smaller number than this.
    pub before: Option<i64>,
    /// At most as many.
    pub limit: usize,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// The number of the last one, if more would follow it.
    pub next: Option<i64>,
}

impl<T> Page<T> {
    /// The page of what `change` makes of each item.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}
