//! The PostgreSQL driver: a connection that writes, and some that read, each on a thread of its
//! own.

mod failure;
mod readers;
mod rounds;
mod session;
mod settings;
mod source;
mod tls;
mod writer;

use std::sync::Arc;

use failure::Failure;
use readers::Readers;
use rounds::Rounds;
use session::{Rest, Session};
pub use settings::Settings;
pub(super) use source::Source;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::writer::Writer;
use super::{OpenError, Tx, migrate};
use crate::domain::Result;

/// What every connection to a database is made with.
struct Way {
    settings: Arc<Settings>,
    tls: MakeRustlsConnect,
    rest: Arc<Rest>,
}

impl Way {
    fn to(settings: &Settings) -> Result<Self, OpenError> {
        let tls = tls::connector(settings.verify, settings.authorities.as_deref());
        let tls = tls.map_err(|reason| OpenError::Database {
            database: settings.to_string(),
            cause: format!("PODIUM_DATABASE_URL {reason}"),
        })?;
        if settings.is_exposed() {
            log::warn!(
                "nobody verifies that {settings} is the right database; see `sslmode` in \
                 docs/operations.md"
            );
        }
        Ok(Self { settings: Arc::new(settings.clone()), tls, rest: Arc::default() })
    }

    /// A connection, which is opened when it is first used.
    fn session(&self) -> Result<Session, OpenError> {
        let made =
            Session::new(Arc::clone(&self.settings), self.tls.clone(), Arc::clone(&self.rest));
        made.map_err(|cause| self.refused(cause.to_string()))
    }

    fn refused(&self, cause: String) -> OpenError {
        OpenError::Database { database: self.settings.to_string(), cause }
    }
}

/// A PostgreSQL database.
pub struct Postgres {
    readers: Readers,
    writer: Writer,
    rounds: Rounds,
}

impl Postgres {
    /// Connects to the database, makes its tables where they are missing, and brings its schema up
    /// to date.
    pub(super) fn open(settings: &Settings) -> Result<Self, OpenError> {
        let way = Way::to(settings)?;
        // A runtime must not be driven on a thread that drives one already, as the caller's may.
        let first = way.session()?;
        let migrated = std::thread::scope(|scope| {
            let migration = scope.spawn(|| writer::migrated(first));
            migration.join().unwrap_or_else(|_| Err(migrate::Refused::Failed("panicked".into())))
        });
        let first = migrated.map_err(|refused| refused.of(settings.to_string()))?;
        let failed = |cause: std::io::Error| way.refused(cause.to_string());
        let writer = Writer::start(writer::PostgresWriter::new(first)).map_err(failed)?;
        let sessions = (0..settings.readers).map(|_| way.session()).collect::<Result<_, _>>()?;
        let readers = Readers::start(sessions, settings.patience).map_err(failed)?;
        Ok(Self { readers, writer, rounds: Rounds::default() })
    }

    /// The writer.
    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// As [`super::Db::read`].
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.readers.read(work).await
    }

    /// As [`super::Db::now`]: one query serves all who ask while it is under way.
    pub(super) async fn now(&self) -> Result<()> {
        let freshness = Arc::clone(self.writer.freshness());
        let look = move |tx: &mut dyn Tx| freshness.catch_up(tx);
        self.rounds.join(|| self.readers.read(look)).await
    }

    /// As [`super::Db::scrub`]: writes the tables that hold secrets anew, without what was
    /// overwritten. What the server's own logs and backups keep is beyond reach.
    pub(super) async fn scrub(&self) -> Result<()> {
        let vacuum = |session: &mut Session| {
            session.ready()?;
            let outcome = session.batch("VACUUM FULL server_key, seal_key, secret, idempotency");
            if let Err(Failure::Refused(error)) = &outcome {
                log::warn!("the tables with secrets were not written anew: {error:?}");
                return Ok(());
            }
            Ok(outcome?)
        };
        self.readers.run(vacuum).await
    }
}
