//! Brings a database to the current schema.
//!
//! `schema.sql` makes a new database; [`STEPS`] bring an older one up, each in a transaction. The
//! version is kept beside them, and a database from a later program is refused.

use super::Tx;
use super::open_error::OpenError;
use crate::domain::{Error, Result as Told};

/// The schema of this program.
pub(super) const SCHEMA: &str = include_str!("../../schema.sql");

/// The version of [`SCHEMA`].
pub const VERSION: i64 = 7;

/// What brings version 1 to 2, 2 to 3, and so on, to [`VERSION`].
const STEPS: &[&str] = &[
    include_str!("steps/2.sql"),
    include_str!("steps/3.sql"),
    include_str!("steps/4.sql"),
    include_str!("steps/5.sql"),
    include_str!("steps/6.sql"),
    include_str!("steps/7.sql"),
];

/// A database with a transaction open, while nobody else can change its schema.
pub(super) trait Schema {
    /// Runs statements.
    fn batch(&mut self, sql: &str) -> Result<(), String>;

    /// The number that a query finds.
    fn number(&mut self, sql: &'static str) -> Result<Option<i64>, String>;
}

/// Why a database was not brought to the current schema.
#[derive(Debug)]
pub(super) enum Refused {
    /// A later program has written it; its version.
    TooNew(i64),
    /// What the database said.
    Failed(String),
}

impl From<String> for Refused {
    fn from(cause: String) -> Self {
        Self::Failed(cause)
    }
}

impl Refused {
    /// As it is told of a database.
    pub fn of(self, database: String) -> OpenError {
        match self {
            Self::TooNew(found) => OpenError::TooNew { database, found, known: VERSION },
            Self::Failed(cause) => OpenError::Database { database, cause },
        }
    }
}

/// Makes the schema, or brings it up to date.
pub(super) fn run(database: &mut impl Schema) -> Result<(), Refused> {
    database.batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
    let steps = match database.number("SELECT version FROM schema_version")? {
        None => &[SCHEMA, "INSERT INTO schema_version (version) VALUES (0)"],
        Some(version) => match usize::try_from(version - 1).ok().and_then(|done| STEPS.get(done..))
        {
            Some(steps) => steps,
            None => return Err(Refused::TooNew(version)),
        },
    };
    for step in steps {
        database.batch(step)?;
    }
    Ok(database.batch(&format!("UPDATE schema_version SET version = {VERSION}"))?)
}

/// The version of a database's schema.
///
/// # Errors
///
/// [`Error::Conflict`] where there is none, since no podium has made anything there yet.
pub fn version(tx: &mut dyn Tx) -> Told<i64> {
    let found = tx.optional("SELECT version FROM schema_version", &[], |row| row.get(0));
    match found {
        Ok(Some(version)) => Ok(version),
        Ok(None) => Err(Error::Conflict("no podium has made its tables there yet".into())),
        Err(error) => Err(error),
    }
}

/// Refuses a database of another version: only its own program knows all that it holds.
pub(super) fn must_be_current(tx: &mut dyn Tx) -> Told<()> {
    match version(tx)? {
        VERSION => Ok(()),
        found => Err(Error::Conflict(
            format!(
                "the database has schema version {found}, and this podium's is {VERSION}: \
                 use the podium that serves it"
            )
            .into(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rusqlite::Connection;

    use super::*;

    /// What older versions made a new database with.
    const OLDER: &[&str] = &[
        include_str!("../../tests/schemas/1.sql"),
        include_str!("../../tests/schemas/2.sql"),
        include_str!("../../tests/schemas/3.sql"),
        include_str!("../../tests/schemas/4.sql"),
        include_str!("../../tests/schemas/5.sql"),
        include_str!("../../tests/schemas/6.sql"),
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
        let mut tx = connection.transaction().unwrap();
        if let Some((version, schema)) = schema {
            tx.batch(schema).unwrap();
            let version = format!(
                "CREATE TABLE schema_version (version BIGINT NOT NULL);
                 INSERT INTO schema_version (version) VALUES ({version})"
            );
            tx.batch(&version).unwrap();
        }
        run(&mut tx).unwrap();
        tx.commit().unwrap();
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
