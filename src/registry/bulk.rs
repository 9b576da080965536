//! Bulk saves: all of their items, or none.

use super::Change;
use crate::domain::error::ItemError;
use crate::domain::{Error, Result};

/// What is bad of a request with many items, so that all of it is told.
#[derive(Default)]
pub(super) struct Bad(Vec<ItemError>);

impl Bad {
    /// What an item came to, unless that is an error, which is kept as of `place`.
    ///
    /// # Errors
    ///
    /// At once what says nothing of the items.
    pub fn keep<T>(&mut self, place: &str, outcome: Result<T>) -> Result<Option<T>> {
        match outcome {
            Ok(done) => Ok(Some(done)),
            Err(fault) if fault.is_fault() => Err(fault),
            Err(error) => {
                self.0.push(ItemError { place: place.to_owned(), error });
                Ok(None)
            }
        }
    }

    /// How many items are bad.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Ends the request, if any item is bad.
    ///
    /// # Errors
    ///
    /// [`Error::Items`] naming every bad item.
    pub fn settle(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Items(self.0)) }
    }
}

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
        let mut bad = Bad::default();
        for (index, item) in items.into_iter().enumerate() {
            let outcome = item.and_then(|item| store(self, index, item));
            bad.keep(&format!("[{index}]"), outcome)?;
        }
        bad.settle()
    }
}
