//! Remembers: the databases, one seam over them, and a file of query functions for each table.
//!
//! Reading runs in one snapshot of a pooled read-only connection. Writing is queued to the one
//! writer, which commits whatever is queued together ([`writer`]).

pub mod access_keys;
pub mod applications;
pub mod arize_integrations;
pub mod audit;
mod checkpoints;
pub mod copy;
pub mod custom_roles;
pub mod definitions;
pub mod facts;
pub mod files;
pub mod freshness;
pub mod grants;
pub mod groups;
pub mod idempotency;
pub mod integration_names;
pub mod integrations;
mod ledger;
mod meters;
pub mod migrate;
pub mod numbers;
mod open_error;
pub mod organizations;
mod partial;
mod postgres;
pub mod prompt_labels;
pub mod prompts;
pub mod resources;
pub mod scopings;
pub mod seal_keys;
pub mod secrets;
pub mod server_keys;
pub mod sign_in_failures;
mod source;
pub mod spaces;
mod sqlite;
pub mod subject_roles;
pub mod tags;
pub mod token_limits;
mod tx;
mod url;
pub mod usage;
pub mod users;
pub mod workflows;
mod writer;

use std::sync::Arc;

use crate::domain::Result;
use freshness::{Freshness, Tick};
pub use ledger::Ledger;
pub use meters::Meters;
pub use open_error::OpenError;
pub use partial::Partial;
pub use postgres::Settings as PostgresSettings;
pub use source::Source;
pub use sqlite::manifest;
pub use sqlite::place::Place;
pub use tx::{Param, Row, Tx};
pub use url::Url;

/// The database.
pub enum Db {
    /// An embedded SQLite file.
    Sqlite(sqlite::Sqlite),
    /// A PostgreSQL database, which other servers may use too.
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens the database at `url`, making it or bringing its schema up to date.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says in one line why the database cannot be used.
    pub fn open(url: &Url) -> Result<Self, OpenError> {
        match url {
            Url::Sqlite(path) => sqlite::Sqlite::open(path).map(Self::Sqlite),
            Url::Postgres(settings) => postgres::Postgres::open(settings).map(Self::Postgres),
        }
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
        let _counted = self.meters().reading();
        match self {
            Self::Sqlite(sqlite) => sqlite.read(work),
            Self::Postgres(postgres) => postgres.read(work).await,
        }
    }

    /// As [`Db::read`], where `work` is also told since when what it reads can be kept. What is fresh
    /// by [`Db::freshness`] after its first query is no older than what it reads.
    ///
    /// # Errors
    ///
    /// As [`Db::read`].
    pub async fn read_to_keep<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx, Tick) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _counted = self.meters().reading();
        let freshness = Arc::clone(self.freshness());
        match self {
            Self::Sqlite(sqlite) => {
                let since = freshness.tick();
                sqlite.read(|tx| work(tx, since))
            }
            Self::Postgres(postgres) => {
                let read = move |tx: &mut dyn Tx| {
                    let since = freshness.tick();
                    freshness.catch_up(tx)?;
                    work(tx, since)
                };
                postgres.read(read).await
            }
        }
    }

    /// Until when what was read is true. It knows of all changes that were acknowledged before
    /// [`Db::now`] was called.
    pub fn freshness(&self) -> &Arc<Freshness> {
        self.writer().freshness()
    }

    /// What Prometheus is told of it.
    pub fn meters(&self) -> &Meters {
        self.writer().meters()
    }

    /// Lets [`Db::freshness`] learn of every change that was acknowledged before this moment, by
    /// whatever server.
    ///
    /// # Errors
    ///
    /// As [`Db::read`].
    pub async fn now(&self) -> Result<()> {
        match self {
            // All changes are those of its own writer.
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(postgres) => postgres.now().await,
        }
    }

    /// Runs `work` in a transaction, and gives its result once that is on disk.
    ///
    /// If `work` fails or panics, nothing of it is kept. It is finished even when the caller goes
    /// away.
    ///
    /// # Errors
    ///
    /// What `work` gives; [`crate::domain::Error::Unavailable`] when the queue is full or the
    /// commit failed; [`crate::domain::Error::OutcomeUnknown`] when the database was lost during
    /// the commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer().write(work).await
    }

    /// Runs `work` as [`Db::write`] does, and undoes it.
    ///
    /// # Errors
    ///
    /// What `work` gives; [`crate::domain::Error::Unavailable`] when the queue is full.
    pub async fn rehearse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.writer().rehearse(work).await
    }

    /// Waits until the disk has refused a commit. After that nothing can be written any more, and
    /// the process must end: what a failed sync left on disk is unknown. PostgreSQL keeps that to
    /// itself and restarts.
    pub async fn failed(&self) {
        self.writer().failed().await;
    }

    /// Whether the disk has room for changes; that of a PostgreSQL is watched there.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Unavailable`] when it has not.
    pub fn check_room(&self) -> Result<()> {
        match self {
            Self::Sqlite(sqlite) => sqlite.check_room(),
            Self::Postgres(_) => Ok(()),
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
            Self::Postgres(postgres) => postgres.scrub().await,
        }
    }

    /// Takes no more writes, and finishes those that wait.
    pub fn close(&self) {
        self.writer().close();
    }

    fn writer(&self) -> &writer::Writer {
        match self {
            Self::Sqlite(sqlite) => sqlite.writer(),
            Self::Postgres(postgres) => postgres.writer(),
        }
    }
}
