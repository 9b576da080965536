//! A database that is read and never changed, not even brought up to date.

use super::{OpenError, Tx, Url, postgres, sqlite};
use crate::domain::Result;

/// A database that is only read, beside whoever serves it.
pub enum Source {
    /// An embedded SQLite file.
    Sqlite(Box<sqlite::Source>),
    /// A PostgreSQL database.
    Postgres(postgres::Source),
}

impl Source {
    /// Opens the database at `url`, which must be there.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says in one line why the database cannot be read.
    pub fn open(url: &Url) -> Result<Self, OpenError> {
        match url {
            Url::Sqlite(path) => Ok(Self::Sqlite(Box::new(sqlite::Source::open(path)?))),
            Url::Postgres(settings) => postgres::Source::open(settings).map(Self::Postgres),
        }
    }

    /// Runs `work` in one read-only snapshot.
    ///
    /// # Errors
    ///
    /// What `work` gives, and [`crate::domain::Error::Unavailable`] when there is no connection.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            Self::Sqlite(source) => source.read(work),
            Self::Postgres(source) => source.read(work).await,
        }
    }
}
