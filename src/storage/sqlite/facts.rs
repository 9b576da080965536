//! What an SQLite file says of itself.

use rusqlite::Row;

use super::Source;
use super::source::side;
use crate::domain::{Error, Result};

/// How many problems are told at the most.
const MOST: i64 = 5;

/// What is known of an embedded database.
pub struct SqliteFacts {
    /// Whether a server has it.
    pub is_served: bool,
    /// How it keeps what is not in the file yet; `wal` once a server had it.
    pub journal: String,
    /// The size of the write-ahead log beside it, in bytes.
    pub log_bytes: u64,
    /// What is wrong with its pages.
    pub problems: Vec<String>,
}

impl Source {
    /// As [`crate::storage::Source::facts`]; this reads every page.
    pub fn facts(&self) -> Result<SqliteFacts> {
        let text = |row: &Row<'_>| row.get::<_, String>(0);
        let connection = &self.connection;
        let look = || {
            let journal = connection.query_row("PRAGMA journal_mode", [], text)?;
            let mut check = connection.prepare(&format!("PRAGMA quick_check({MOST})"))?;
            let problems = check.query_map([], text)?.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok((journal, problems))
        };
        let (journal, mut problems): (String, _) = look().or_else(|error: rusqlite::Error| {
            // What is so damaged that it cannot even be looked through is told in the same place.
            match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                    Ok((String::new(), vec![error.to_string()]))
                }
                _ => Err(Error::internal(error)),
            }
        })?;
        problems.retain(|problem| problem != "ok");
        let log = connection.path().map(|path| side(path.as_ref(), "-wal").metadata());
        let log_bytes = log.and_then(std::io::Result::ok).map_or(0, |log| log.len());
        Ok(SqliteFacts { is_served: self.is_served, journal, log_bytes, problems })
    }
}
