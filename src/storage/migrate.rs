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
const VERSION: i64 = 5;

/// What brings version 1 to 2, 2 to 3, and so on, to [`VERSION`].
const STEPS: &[&str] = &[
    include_str!("steps/2.sql"),
    include_str!("steps/3.sql"),
    include_str!("steps/4.sql"),
    include_str!("steps/5.sql"),
];

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
        Some(version) if !(1..=VERSION).contains(&version) => {
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
    use std::collections::BTreeMap;

    use super::*;

    /// What older versions made a new database with.
    const OLDER: &[&str] = &[
        include_str!("../../tests/schemas/1.sql"),
        include_str!("../../tests/schemas/2.sql"),
        include_str!("../../tests/schemas/3.sql"),
        include_str!("../../tests/schemas/4.sql"),
    ];

    /// Every table and index with its columns.
    fn shape(connection: &Connection) -> BTreeMap<String, Vec<String>> {
        let names = "SELECT type || ' ' || name, name FROM sqlite_schema WHERE sql IS NOT NULL";
        let mut names = connection.prepare(names).unwrap();
        let names = names.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
        let columns = |name: String| -> Vec<String> {
            let sql = "SELECT printf('%s %s %d %s %d', name, type, \"notnull\", dflt_value, pk)
                       FROM pragma_table_info(?1)
                       UNION ALL SELECT printf('%d %s', seqno, name) FROM pragma_index_info(?1)
                       UNION ALL SELECT printf('%s %s %s %s', \"table\", \"from\", \"to\", on_delete)
                       FROM pragma_foreign_key_list(?1)";
            let mut columns = connection.prepare(sql).unwrap();
            columns.query_map([name], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        names.map(Result::unwrap).map(|(kind, name)| (kind, columns(name))).collect()
    }

    fn migrated(schema: Option<(i64, &str)>) -> BTreeMap<String, Vec<String>> {
        let mut connection = Connection::open_in_memory().unwrap();
        if let Some((version, schema)) = schema {
            connection.execute_batch(&for_sqlite(schema)).unwrap();
            let version = format!(
                "CREATE TABLE schema_version (version BIGINT NOT NULL);
                 INSERT INTO schema_version (version) VALUES ({version})"
            );
            connection.execute_batch(&version).unwrap();
        }
        run(&mut connection, Path::new("")).unwrap();
        shape(&connection)
    }

    #[test]
    fn there_is_a_step_to_every_version() {
        assert_eq!(i64::try_from(STEPS.len()), Ok(VERSION - 1));
        assert_eq!(OLDER.len(), STEPS.len());
    }

    #[test]
    fn every_older_schema_becomes_the_current_one() {
        let new = migrated(None);
        assert!(new.len() > 20 && new["table audit"].len() > 10, "{new:#?}");
        for (version, schema) in (1..).zip(OLDER) {
            assert_eq!(migrated(Some((version, schema))), new, "from version {version}");
        }
    }
}
