//! The SQLite driver: one file, a writer connection, and a pool of read-only ones.

pub mod facts;
pub mod manifest;
pub mod place;
mod source;

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{
    CachedStatement, Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction,
    TransactionBehavior, params_from_iter,
};

use super::checkpoints::{Checkpoints, TRUNCATE};
use super::files::{self, LEAST_ROOM};
use super::migrate::{self, Schema};
use super::open_error::OpenError;
use super::tx::{Param, Row, Tx};
use super::writer::{self, CommitError, Writer};
use crate::domain::{Error, Result};
pub(super) use source::Source;

/// Prepared statements kept by each connection: more than there are queries.
const STATEMENTS: usize = 256;

/// How long a reader may wait for a connection.
const POOL_WAIT: Duration = Duration::from_secs(5);

/// An embedded database.
pub struct Sqlite {
    // Fields are dropped in this order: readers, then the writer with the last commit, then the
    // lock that keeps other processes out.
    readers: r2d2::Pool<SqliteConnectionManager>,
    writer: Writer,
    scrub: Arc<AtomicBool>,
    lock: Arc<File>,
}

impl Sqlite {
    /// Opens the database at `path`, makes it where it is missing, and brings its schema up to
    /// date.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let lock = Arc::new(lock(path)?);
        let database = || path.display().to_string();
        let refused = |cause: rusqlite::Error| OpenError::Database {
            database: database(),
            cause: cause.to_string(),
        };
        let mut connection = open_to_write(path).map_err(refused)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let mut transaction = transaction.map_err(refused)?;
        migrate::run(&mut transaction).map_err(|error| error.of(database()))?;
        transaction.commit().map_err(refused)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = SqliteConnectionManager::file(path)
            .with_flags(flags)
            .with_init(|connection| prepare(connection, READER_PRAGMAS));
        let threads = std::thread::available_parallelism().map_or(2, usize::from);
        let readers = r2d2::Pool::builder()
            .max_size(u32::try_from(2 * threads + 2).unwrap_or(u32::MAX))
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(POOL_WAIT)
            .build(manager)
            .map_err(|error| OpenError::Database {
                database: database(),
                cause: error.to_string(),
            })?;
        let scrub = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&scrub);
        let copier = open_to_write(path).map_err(refused)?;
        let checkpoints = Checkpoints::new(copier, Arc::clone(&lock));
        let writer = Writer::start(SqliteWriter { connection, checkpoints, scrub: asked })
            .map_err(|cause| OpenError::File { path: path.to_owned(), cause })?;
        Ok(Self { readers, writer, scrub, lock })
    }

    /// The writer.
    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    /// As [`super::Db::scrub`]: asks for it, and comes back after the pause in which it is done.
    pub(super) async fn scrub(&self) -> Result<()> {
        self.scrub.store(true, Ordering::SeqCst);
        self.writer.write(|_| Ok(())).await?;
        self.writer.write(|_| Ok(())).await?;
        if self.scrub.swap(false, Ordering::SeqCst) {
            return Err(Error::Unavailable("what was overwritten could not be removed"));
        }
        Ok(())
    }

    /// As [`super::Db::check_room`].
    pub(super) fn check_room(&self) -> Result<()> {
        if files::room(&self.lock).map_err(Error::internal)? < LEAST_ROOM {
            return Err(Error::Unavailable("the disk is full"));
        }
        Ok(())
    }

    /// As [`super::Db::read`].
    pub(super) fn read<T>(&self, work: impl FnOnce(&mut dyn Tx) -> Result<T>) -> Result<T> {
        let connection = self.readers.get().map_err(|error| {
            log::error!("no connection to read with: {error}");
            Error::Unavailable("no connection to the database is free")
        })?;
        let snapshot = Snapshot::begin(&connection)?;
        work(&mut SqliteTx(snapshot.0))
    }
}

/// A read transaction, which ends when this is dropped, also by a panic.
struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    fn begin(connection: &'c Connection) -> Result<Self> {
        control(connection, "BEGIN")?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        if let Err(error) = control(self.0, "COMMIT") {
            log::error!("a snapshot could not be ended: {error:?}");
        }
    }
}

/// Every setting of a connection that writes.
const PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA busy_timeout = 5000;
    PRAGMA cache_size = -32768;
";

/// Every setting of a connection that reads.
const READER_PRAGMAS: &str = "
    PRAGMA query_only = ON;
    PRAGMA cache_size = -8192;
    PRAGMA trusted_schema = OFF;
    PRAGMA busy_timeout = 5000;
";

fn open_to_write(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    prepare(&connection, PRAGMAS)?;
    Ok(connection)
}

fn prepare(connection: &Connection, pragmas: &str) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(pragmas)
}

/// Keeps other processes out for as long as the returned file is open, also after a crash of this
/// one. The lock is on the database file itself, so that it is the same by whatever path one comes;
/// SQLite's own locks are of another kind.
///
/// The file that is locked is the one of that name: another may have been put in its place
/// meanwhile.
fn lock(path: &Path) -> Result<File, OpenError> {
    let failed = |cause| OpenError::File { path: path.to_owned(), cause };
    loop {
        let lock = make_private(path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) if is_named(&lock, path).map_err(failed)? => return Ok(lock),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(path.to_owned())),
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
    }
}

/// Whether `path` still leads to the file.
fn is_named(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (opened, named) = (file.metadata()?, path.metadata());
    Ok(named.is_ok_and(|named| (named.dev(), named.ino()) == (opened.dev(), opened.ino())))
}

/// Opens a file, made readable by its owner only where it is missing.
fn make_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// An open transaction, or savepoint, of a connection.
struct SqliteTx<'c>(&'c Connection);

impl SqliteTx<'_> {
    /// A statement of this transaction. On some failures SQLite rolls back by itself; what came
    /// after that would each be committed by itself.
    fn prepare(&self, sql: &'static str) -> Result<CachedStatement<'_>> {
        if self.0.is_autocommit() {
            return Err(Error::Unavailable("the transaction was lost"));
        }
        self.0.prepare_cached(sql).map_err(failure)
    }
}

impl Tx for SqliteTx<'_> {
    fn execute(&mut self, sql: &'static str, params: &[&dyn Param]) -> Result<u64> {
        let rows = self.prepare(sql)?.execute(bound(params)).map_err(failure)?;
        Ok(rows as u64)
    }

    fn for_each(
        &mut self,
        sql: &'static str,
        params: &[&dyn Param],
        visit: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement.query(bound(params)).map_err(failure)?;
        while let Some(row) = rows.next().map_err(failure)? {
            visit(&Row::Sqlite(row))?;
        }
        Ok(())
    }
}

/// Begins or ends a transaction or a savepoint.
fn control(connection: &Connection, sql: &'static str) -> Result<()> {
    connection.prepare_cached(sql).and_then(|mut it| it.execute([])).map(drop).map_err(failure)
}

fn bound<'p>(
    params: &'p [&'p dyn Param],
) -> rusqlite::ParamsFromIter<impl Iterator<Item = &'p dyn rusqlite::ToSql>> {
    params_from_iter(params.iter().map(|param| *param as &dyn rusqlite::ToSql))
}

/// What a failure of SQLite means to a caller.
pub(super) fn failure(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Contended,
        Some(ErrorCode::DiskFull) => Error::Unavailable("the disk is full"),
        Some(ErrorCode::SystemIoFailure) => {
            log::error!("the disk failed: {error}");
            Error::Unavailable("the disk failed")
        }
        _ => Error::internal(error),
    }
}

impl Schema for Transaction<'_> {
    /// SQLite orders text by its bytes anyway and knows no collation of this name.
    fn batch(&mut self, sql: &str) -> Result<(), String> {
        let sql = sql.replace(" COLLATE \"C\"", "");
        self.execute_batch(&sql).map_err(|cause| cause.to_string())
    }

    fn number(&mut self, sql: &'static str) -> Result<Option<i64>, String> {
        let found = self.query_row(sql, [], |row| row.get(0)).optional();
        found.map_err(|cause| cause.to_string())
    }
}

/// The connection that writes.
struct SqliteWriter {
    connection: Connection,
    checkpoints: Checkpoints,
    /// Whether what was overwritten is still to leave the disk, at the next pause.
    scrub: Arc<AtomicBool>,
}

impl SqliteWriter {
    fn run(&self, sql: &'static str) -> Result<()> {
        control(&self.connection, sql)
    }

    /// Whether SQLite has rolled the transaction back by itself, as it does on some failures.
    fn is_lost(&self) -> bool {
        self.connection.is_autocommit()
    }
}

impl writer::Connection for SqliteWriter {
    fn begin(&mut self) -> Result<()> {
        self.run("BEGIN IMMEDIATE")
    }

    fn directly<T>(&mut self, work: impl FnOnce(&mut dyn Tx) -> Result<T>) -> Result<T> {
        work(&mut SqliteTx(&self.connection))
    }

    fn savepoint(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> bool) -> Result<()> {
        self.run("SAVEPOINT work")?;
        let keep = work(&mut SqliteTx(&self.connection));
        if self.is_lost() {
            return Err(Error::Unavailable("the transaction was lost"));
        }
        if !keep {
            self.run("ROLLBACK TO work")?;
        }
        self.run("RELEASE work")
    }

    fn commit(&mut self) -> Result<(), CommitError> {
        let mut statement = self.connection.prepare_cached("COMMIT").map_err(broken_or_refused)?;
        statement.execute([]).map(drop).map_err(broken_or_refused)
    }

    fn roll_back(&mut self) {
        if !self.is_lost()
            && let Err(error) = self.run("ROLLBACK")
        {
            log::error!("rolling back failed: {error:?}");
        }
    }

    fn rest(&mut self) -> Result<(), CommitError> {
        if self.scrub.load(Ordering::SeqCst) {
            let done = self.checkpoints.finish(&self.connection, TRUNCATE)?;
            self.scrub.store(!done, Ordering::SeqCst);
            return Ok(());
        }
        self.checkpoints.go_on(&self.connection)
    }

    fn patience(&self) -> Option<Duration> {
        self.checkpoints.patience()
    }

    fn finish(&mut self) -> Result<(), CommitError> {
        self.checkpoints.finish(&self.connection, TRUNCATE).map(drop)
    }
}

/// What a failed commit or checkpoint means.
pub(super) fn broken_or_refused(error: rusqlite::Error) -> CommitError {
    match error.sqlite_error_code() {
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt) => {
            CommitError::Broken(error.to_string())
        }
        _ => CommitError::Refused(failure(error)),
    }
}
