//! An SQLite file that is only read, beside the server that has it, or while none does.

use std::fs::{File, TryLockError};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};

use super::{READER_PRAGMAS, Snapshot, SqliteTx, prepare};
use crate::domain::Result;
use crate::storage::{OpenError, Tx};

/// What has a meaning of its own in the URI of a file.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// A database that is read.
pub struct Source {
    // Dropped before the lock: to close a file gives up what SQLite has locked of it.
    pub(super) connection: Connection,
    pub(super) is_served: bool,
    _lock: Option<File>,
}

impl Source {
    /// Opens the database at `path`, which must be there.
    ///
    /// SQLite reads a database with a write-ahead log by two files beside it, and makes them where
    /// they are missing. Where they are, since the server was stopped, it is read without: then a
    /// lock keeps servers from starting until this is dropped.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |cause| OpenError::File { path: path.to_owned(), cause };
        let path = path.canonicalize().map_err(failed)?;
        let file = File::open(&path).map_err(failed)?;
        let is_served = match file.try_lock_shared() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        };
        let has_log = side(&path, "-wal").metadata().is_ok_and(|log| log.len() > 0);
        let lock = (!is_served && !has_log).then_some(file);
        let refused = |cause: rusqlite::Error| OpenError::Database {
            database: path.display().to_string(),
            cause: cause.to_string(),
        };
        let connection = open_to_read(&path, lock.is_some()).map_err(refused)?;
        prepare(&connection, READER_PRAGMAS).map_err(refused)?;
        connection
            .query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))
            .map_err(refused)?;
        Ok(Self { connection, is_served, _lock: lock })
    }

    /// As [`crate::storage::Source::read`].
    pub fn read<T>(&self, work: impl FnOnce(&mut dyn Tx) -> Result<T>) -> Result<T> {
        let snapshot = Snapshot::begin(&self.connection)?;
        work(&mut SqliteTx(snapshot.0))
    }
}

/// A connection that only reads; of a file that `is_fixed` while it does, without any beside it.
pub(super) fn open_to_read(path: &Path, is_fixed: bool) -> rusqlite::Result<Connection> {
    let fixed = if is_fixed { "?immutable=1" } else { "" };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(uri(path) + fixed, flags)
}

/// The file as SQLite is told of it where it may have any name.
pub(super) fn uri(path: &Path) -> String {
    format!("file:{}", percent_encode(path.as_os_str().as_bytes(), IN_PATHS))
}

/// The file beside a database whose name ends in `end`.
pub(super) fn side(path: &Path, end: &str) -> PathBuf {
    let mut side = path.as_os_str().to_owned();
    side.push(end);
    side.into()
}
