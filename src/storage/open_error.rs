//! Why a database cannot be opened.

use std::io;
use std::path::PathBuf;

/// Why a database cannot be opened, in one line that shows no password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds it.
    #[error("another podium is using the database {}", .0.display())]
    InUse(PathBuf),
    /// A later version of Podium has written it.
    #[error(
        "the database {database} has schema version {found}, newer than this podium's {known}; \
         use a newer podium"
    )]
    TooNew {
        /// The database.
        database: String,
        /// The version it has.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A file cannot be opened or made.
    #[error("cannot open {}: {cause}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The database refused something.
    #[error("cannot use the database {database}: {cause}")]
    Database {
        /// The database.
        database: String,
        /// What it said.
        cause: String,
    },
}
