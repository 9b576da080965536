//! The seam: an open transaction, whatever the database behind it.

use tokio_postgres::types as postgres;

use super::Ledger;
use crate::domain::integration::Stamps;
use crate::domain::{Error, Result};

/// A value that every driver can bind.
pub trait Param: rusqlite::ToSql + postgres::ToSql + Sync {}
impl<T: rusqlite::ToSql + postgres::ToSql + Sync> Param for T {}

/// A value that every driver can read from a column.
pub trait Column: rusqlite::types::FromSql + for<'a> postgres::FromSql<'a> {}
impl<T: rusqlite::types::FromSql + for<'a> postgres::FromSql<'a>> Column for T {}

/// A row of a result.
pub enum Row<'r> {
    /// Of the embedded database.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of PostgreSQL.
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// The value of the column at `index`, counted from 0 in the order of the SELECT.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Internal`] when the column is of another type.
    pub fn get<T: Column>(&self, index: usize) -> Result<T> {
        match self {
            Self::Sqlite(row) => row.get(index).map_err(super::sqlite::failure),
            Self::Postgres(row) => row.try_get(index).map_err(Error::internal),
        }
    }

    /// The stamps of the four columns from `first` on: created by and on, updated by and on.
    ///
    /// # Errors
    ///
    /// As [`Row::get`].
    pub fn stamps(&self, first: usize) -> Result<Stamps> {
        Ok(Stamps {
            created_by: self.get(first)?,
            created_on: self.get(first + 1)?,
            updated_by: self.get(first + 2)?,
            updated_on: self.get(first + 3)?,
        })
    }
}

/// An open transaction.
///
/// SQL is written once, for all databases: parameters are `?1`, `?2`, …, and the text is fixed at
/// compile time, so that no input can ever become a part of it.
pub trait Tx {
    /// Runs a statement and gives the number of rows it touched.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Contended`], [`crate::domain::Error::Unavailable`] or
    /// [`crate::domain::Error::Internal`].
    fn execute(&mut self, sql: &'static str, params: &[&dyn Param]) -> Result<u64>;

    /// Runs a query and shows each row to `visit`, until one of them fails.
    ///
    /// # Errors
    ///
    /// As [`Tx::execute`], and what `visit` gives.
    fn for_each(
        &mut self,
        sql: &'static str,
        params: &[&dyn Param],
        visit: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()>;

    /// The ledger of the batch that a write belongs to; a read has none.
    fn ledger(&mut self) -> Option<&mut Ledger> {
        None
    }
}

impl dyn Tx + '_ {
    /// Every row of a query, read by `read`.
    ///
    /// # Errors
    ///
    /// As [`Tx::for_each`].
    pub fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[&dyn Param],
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.for_each(sql, params, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The only row of a query by a unique key, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Tx::for_each`].
    pub fn optional<T>(
        &mut self,
        sql: &'static str,
        params: &[&dyn Param],
        read: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.for_each(sql, params, &mut |row| {
            found = Some(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }
}
