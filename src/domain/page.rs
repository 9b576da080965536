//! Parts of lists.

use super::Result;

/// Which part of a list is asked for that goes from the newest to the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Only what has a smaller number than this.
    pub before: Option<i64>,
    /// At most as many.
    pub limit: usize,
}

/// Which part of a list is asked for that is in the order of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Only what comes after this text. All comes after the empty one.
    pub after: String,
    /// At most as many; all the rest, if it is none.
    pub limit: Option<usize>,
}

/// A part of a list, whose things are in the order of a `K`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, K = i64> {
    /// The things.
    pub items: Vec<T>,
    /// The number or text of the last one, if more would follow it.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// The page of what `change` makes of each thing.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U, K> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }

    /// The same, where `change` can fail.
    ///
    /// # Errors
    ///
    /// Those of `change`.
    pub fn try_map<U>(self, change: impl FnMut(T) -> Result<U>) -> Result<Page<U, K>> {
        let items = self.items.into_iter().map(change).collect::<Result<_>>()?;
        Ok(Page { items, next: self.next })
    }
}
