//! Bulk saves: all of their items, or none.

use super::Change;
use crate::domain::error::ItemError;
use crate::domain::{Error, Result};

impl Change<'_> {
    /// Stores each of `items` with `store`, which is given its place. An item that is an error
    /// already is reported with the others.
    ///
    /// # Errors
    ///
    /// [`Error::Items`] naming every bad item; at once what says nothing of the items.
    pub(super) fn each<T>(
        &mut self,
        items: Vec<Result<T>>,
        mut store: impl FnMut(&mut Self, usize, T) -> Result<()>,
    ) -> Result<()> {
        let mut bad = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            match item.and_then(|item| store(self, index, item)) {
                Ok(()) => {}
                Err(fault) if fault.is_fault() => return Err(fault),
                Err(error) => bad.push(ItemError { place: format!("[{index}]"), error }),
            }
        }
        if bad.is_empty() { Ok(()) } else { Err(Error::Items(bad)) }
    }
}
