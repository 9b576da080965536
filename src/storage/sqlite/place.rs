//! The place of an embedded database, where another one is put.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::source::side;
use super::{is_named, lock};
use crate::storage::copy::Existing;
use crate::storage::files::{remove_if_any, sync_folder};
use crate::storage::open_error::OpenError;
use crate::storage::partial::Partial;

/// How long somebody who reads the former database is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Files of SQLite's that hold a part of the database beside them.
const SIDES: [&str; 3] = ["-wal", "-journal", "-shm"];

/// The place of a database. No server can start on it until this is dropped.
pub struct Place {
    path: PathBuf,
    held: File,
    is_empty: bool,
}

impl Place {
    /// Takes hold of the place `path`.
    ///
    /// # Errors
    ///
    /// One line: a server has the database; or there is one, or a part of one, and it stays.
    pub fn claim(path: &Path, existing: Existing) -> Result<Self, String> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let held = lock(&path).map_err(|error| match error {
            OpenError::InUse(_) => {
                format!("a server is running on the database {}: stop it first", path.display())
            }
            other => other.to_string(),
        })?;
        let length = held.metadata().map_err(|cause| cause.to_string())?.len();
        let place = Self { path, held, is_empty: length == 0 };
        if existing == Existing::Goes {
            return Ok(place);
        }
        let taken = [""].iter().chain(&SIDES[..2]).map(|end| side(&place.path, end));
        match taken.into_iter().find(|file| file.metadata().is_ok_and(|about| about.len() > 0)) {
            Some(file) => Err(format!(
                "{} is there already: move it away with all files beside it that are named after \
                 it, or let --force replace it",
                file.display()
            )),
            None => Ok(place),
        }
    }

    /// Puts another database there, in one step.
    ///
    /// SQLite would play back a write-ahead log that it finds, whosever it is. So the former
    /// database takes its own in first, and what is beside it is gone, on the disk, before the new
    /// one has its name. Up to that moment the former one is there, and whole.
    ///
    /// # Errors
    ///
    /// One line; then the former database is there.
    pub fn fill(self, made: Partial) -> Result<(), String> {
        if !self.is_empty {
            self.settle().map_err(|cause| {
                format!(
                    "the database {} cannot be closed ({cause}): move it away with all files \
                     beside it that are named after it, and restore again",
                    self.path.display()
                )
            })?;
        }
        let put = || {
            for end in SIDES {
                remove_if_any(&side(&self.path, end))?;
            }
            sync_folder(&self.path)?;
            made.publish(&self.path, true)
        };
        put().map_err(|cause: io::Error| format!("{}: {cause}", self.path.display()))
    }

    /// Brings all that the former database has beside it into its file.
    fn settle(&self) -> Result<(), String> {
        let settle = || {
            let connection = Connection::open(&self.path)?;
            connection.busy_timeout(PATIENCE)?;
            let is_read = |row: &rusqlite::Row<'_>| row.get::<_, bool>(0);
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], is_read)
        };
        match settle() {
            Ok(false) => Ok(()),
            Ok(true) => Err("somebody reads it".into()),
            Err(cause) => Err(cause.to_string()),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The file that was made to hold the place.
        let is_left = self.is_empty && is_named(&self.held, &self.path).unwrap_or(false);
        if is_left && let Err(cause) = fs::remove_file(&self.path) {
            log::warn!("{} cannot be removed: {cause}", self.path.display());
        }
    }
}
