//! Brings a database to the current schema.
//!
//! `schema.sql` makes a new database; [`STEPS`] bring an older one up, each in a transaction. The
//! version is kept beside them, and a database from a later program is refused.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::sqlite::OpenError;

/// The schema of this program.
const SCHEMA: &str = include_str!("../../schema.sql");

/// The version of [`SCHEMA`].
const VERSION: i64 = 1;

/// What brings version 1 to 2, 2 to 3, and so on, to [`VERSION`].
const STEPS: &[&str] = &[];

/// Makes the schema, or brings it up to date.
pub(super) fn run(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |cause: rusqlite::Error| OpenError::Database {
        path: path.to_owned(),
        cause: cause.to_string(),
    };
    let tx =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    tx.execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .map_err(failed)?;
    let found: Option<i64> = tx
        .query_row("SELECT version FROM schema_version", [], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    let steps: Vec<String> = match found {
        None => {
            vec![for_sqlite(SCHEMA), "INSERT INTO schema_version (version) VALUES (0)".to_owned()]
        }
        Some(version) if version > VERSION || version < 1 => {
            return Err(OpenError::TooNew {
                path: path.to_owned(),
                found: version,
                known: VERSION,
            });
        }
        Some(version) => STEPS
            .iter()
            .skip(usize::try_from(version - 1).unwrap_or(usize::MAX))
            .map(|step| for_sqlite(step))
            .collect(),
    };
    for step in steps {
        tx.execute_batch(&step).map_err(failed)?;
    }
    tx.execute("UPDATE schema_version SET version = ?1", [VERSION]).map_err(failed)?;
    tx.commit().map_err(failed)
}

/// SQLite orders text by its bytes anyway and knows no collation of this name.
fn for_sqlite(sql: &str) -> String {
    sql.replace(" COLLATE \"C\"", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_step_to_every_version() {
        assert_eq!(i64::try_from(STEPS.len()), Ok(VERSION - 1));
    }
}
