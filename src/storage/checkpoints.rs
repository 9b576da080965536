//! How SQLite's write-ahead log comes into the database file.
//!
//! A thread of its own copies it while the writer goes on; then the writer copies what was written
//! meanwhile, which is little, and the log can begin anew. SQLite would do all of it inside a commit
//! and hide a failure, which must end the process like any other failed sync.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, Row};

use super::sqlite::broken_or_refused;
use super::writer::CommitError;

/// The log is copied after so many changed rows.
const ROWS: u64 = 4_000;

/// How often an idle writer looks whether the thread is done.
const LOOK: Duration = Duration::from_millis(10);

/// What is left in the log, and by whom it is copied.
pub(super) struct Checkpoints {
    /// What the thread copies by.
    connection: Arc<Mutex<Connection>>,
    /// The database file. Closing it would give up SQLite's locks, so it is shared.
    file: Arc<File>,
    thread: Option<JoinHandle<Result<(), CommitError>>>,
    /// The rows changed when the latest copy began.
    copied: u64,
}

impl Checkpoints {
    /// Those of a log of which nothing is left.
    pub fn new(connection: Connection, file: Arc<File>) -> Self {
        Self { connection: Arc::new(Mutex::new(connection)), file, thread: None, copied: 0 }
    }

    /// How long the writer may wait for work before it comes here again.
    pub fn patience(&self) -> Option<Duration> {
        self.thread.as_ref().map(|_| LOOK)
    }

    /// Begins a copy when one is due, and ends it when the thread is done. Between two batches.
    pub fn go_on(&mut self, writer: &Connection) -> Result<(), CommitError> {
        match &self.thread {
            Some(thread) if !thread.is_finished() => return Ok(()),
            Some(_) => return self.finish(writer, PASSIVE).map(drop),
            None => {}
        }
        let changed = writer.total_changes();
        if changed - self.copied < ROWS {
            return Ok(());
        }
        self.copied = changed;
        let (connection, file) = (Arc::clone(&self.connection), Arc::clone(&self.file));
        let work = move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            copy(&connection, PASSIVE)?;
            // SQLite syncs it only when nothing is left in the log, and then the writer waits.
            file.sync_data().map_err(|error| CommitError::Broken(error.to_string()))
        };
        match thread::Builder::new().name("checkpoint".to_owned()).spawn(work) {
            Ok(thread) => self.thread = Some(thread),
            Err(_) => _ = copy(writer, PASSIVE)?,
        }
        Ok(())
    }

    /// Waits for the thread and copies what is left; gives whether that was all, since nobody still
    /// read from before it.
    pub fn finish(&mut self, writer: &Connection, how: &'static str) -> Result<bool, CommitError> {
        if let Some(thread) = self.thread.take() {
            let panicked = |_| Err(CommitError::Broken("a checkpoint panicked".to_owned()));
            // Whatever else the thread was refused, the copy that follows is refused too.
            if let Err(broken @ CommitError::Broken(_)) = thread.join().unwrap_or_else(panicked) {
                return Err(broken);
            }
        }
        copy(writer, how)
    }
}

/// Copies what no reader needs any more to be where it is.
const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Copies everything, and leaves nothing in the log.
pub(super) const TRUNCATE: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

/// Whether all of the log was copied.
fn copy(connection: &Connection, how: &str) -> Result<bool, CommitError> {
    let is_whole = |row: &Row<'_>| Ok(!row.get::<_, bool>(0)?);
    connection.query_row(how, [], is_whole).map_err(broken_or_refused)
}
