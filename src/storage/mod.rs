//! Remembers: the databases, one seam over them, and a file of query functions for each table.
//!
//! Reading runs in one snapshot of a pooled read-only connection. Writing is queued to the one
//! writer, which commits whatever is queued together ([`writer`]).

pub mod access_keys;
pub mod applications;
pub mod arize_integrations;
pub mod audit;
pub mod custom_roles;
pub mod definitions;
pub mod grants;
pub mod groups;
pub mod idempotency;
pub mod integration_names;
pub mod integrations;
mod migrate;
pub mod numbers;
pub mod organizations;
pub mod prompt_labels;
pub mod prompts;
pub mod resources;
pub mod scopings;
pub mod secrets;
pub mod server_keys;
pub mod sign_in_failures;
pub mod spaces;
mod sqlite;
pub mod subject_roles;
pub mod tags;
pub mod token_limits;
mod tx;
pub mod usage;
pub mod users;
pub mod workflows;
mod writer;

use std::path::Path;

use crate::domain::Result;
pub use sqlite::OpenError;
pub use tx::{Param, Row, Tx};

/// The database.
pub enum Db {
    /// An embedded SQLite file.
    Sqlite(sqlite::Sqlite),
}

impl Db {
    /// Opens the SQLite database at `path`, making it or bringing its schema up to date.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says in one line why the database cannot be used.
    pub fn open_sqlite(path: &Path) -> Result<Self, OpenError> {
        sqlite::Sqlite::open(path).map(Self::Sqlite)
    }

    /// Runs `work` in one read-only snapshot.
    ///
    /// On SQLite it runs right here: a hop to another thread costs more than a query.
    ///
    /// # Errors
    ///
    /// What `work` gives, and [`crate::domain::Error::Unavailable`] when there is no connection.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            Self::Sqlite(sqlite) => sqlite.read(work),
        }
    }

    /// Runs `work` in a transaction, and gives its result once that is on disk.
    ///
    /// If `work` fails or panics, nothing of it is kept. It is finished even when the caller goes
    /// away.
    ///
    /// # Errors
    ///
    /// What `work` gives, and [`crate::domain::Error::Unavailable`] when the queue is full or the
    /// commit failed.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match self {
            Self::Sqlite(sqlite) => sqlite.writer().write(work).await,
        }
    }

    /// Waits until the disk has refused a commit. After that nothing can be written any more, and
    /// the process must end: what a failed sync left on disk is unknown.
    pub async fn failed(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.writer().failed().await,
        }
    }

    /// Removes from the disk, as far as the database can, what was overwritten or deleted.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Unavailable`] when nothing can be written.
    pub async fn scrub(&self) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.scrub().await,
        }
    }

    /// Takes no more writes, and finishes those that wait.
    pub fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.writer().close(),
        }
    }
}
