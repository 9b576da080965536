//! Copying all that one database holds to another one, as it is: what is sealed stays sealed.

use std::future::Future;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use sha2::{Digest, Sha256};

use super::{Db, Param, Row, Source, Tx, migrate};
use crate::domain::{Error, Result};

/// How many rows are on their way at the most.
const ON_THE_WAY: usize = 1024;

/// What one side says when the other one has ended.
const ENDED: &str = "the other database has ended the copy";

/// What is said of a database that something else cannot be copied to.
pub const HELD: &str = "the database to copy to holds a registry already";

/// What a table held, when it was copied.
#[derive(Debug, PartialEq, Eq)]
pub struct Copied {
    /// The name of the table.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// A hash of all rows, in order.
    digest: Vec<u8>,
}

/// What becomes of a registry that is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is copied.
    Stays,
    /// It goes, in the same transaction.
    Goes,
}

/// A row on its way; `None` stands for the end. A channel ends too when what fills it has failed.
type Sent = Option<(&'static Table, Vec<Value>)>;

/// Copies everything in one snapshot of `from`, and in one transaction of `to`, which must hold
/// nothing yet; then reads both again and compares them.
///
/// # Errors
///
/// [`Error::Conflict`] when `to` is in use, or when either was changed meanwhile; then nothing, or
/// all of the snapshot, was copied. What the databases give.
pub async fn copy(from: &Db, to: &Db) -> Result<Vec<Copied>> {
    let (rows, incoming) = sync_channel(ON_THE_WAY);
    let taken = to.write(move |tx| take(tx, Existing::Stays, &incoming));
    let copied = joined(to, taken, from.read(move |tx| give(tx, &rows))).await?;
    if from.read(digests).await? != copied {
        return Err(changed());
    }
    Ok(copied)
}

/// As [`copy`], of a database that others may change meanwhile, which does not matter: what is
/// copied is one snapshot of it. It must have this program's schema.
///
/// # Errors
///
/// As [`copy`].
pub async fn copy_snapshot(from: &Source, to: &Db, existing: Existing) -> Result<Vec<Copied>> {
    let (rows, incoming) = sync_channel(ON_THE_WAY);
    let taken = to.write(move |tx| take(tx, existing, &incoming));
    let given = from.read(move |tx| {
        migrate::must_be_current(tx)?;
        give(tx, &rows)
    });
    joined(to, taken, given).await
}

/// Writes every row that comes.
fn take(tx: &mut dyn Tx, existing: Existing, incoming: &Receiver<Sent>) -> Result<()> {
    let end = super::audit::end(tx)?;
    if existing == Existing::Stays && (end.revision != 0 || end.seq() != 0) {
        return Err(Error::Conflict(HELD.into()));
    }
    // What refers to others goes before them.
    for table in tables().iter().rev() {
        tx.execute(table.delete, &[])?;
    }
    loop {
        match incoming.recv() {
            Ok(Some((table, values))) => insert(tx, table, &values)?,
            Ok(None) => return Ok(()),
            Err(_) => return Err(Error::Conflict(ENDED.into())),
        }
    }
}

/// Sends every row.
fn give(tx: &mut dyn Tx, rows: &SyncSender<Sent>) -> Result<Vec<Copied>> {
    let send = |sent| rows.send(sent).map_err(|_| Error::Conflict(ENDED.into()));
    let read = each(tx, |table, values| send(Some((table, values))))?;
    send(None)?;
    Ok(read)
}

/// Waits for both halves of a copy, and compares what was read with what `to` holds then.
async fn joined(
    to: &Db,
    taken: impl Future<Output = Result<()>>,
    given: impl Future<Output = Result<Vec<Copied>>>,
) -> Result<Vec<Copied>> {
    // Whoever has ended only because the other one did has less to tell.
    let given = match tokio::join!(biased; taken, given) {
        (Err(Error::Conflict(told)), Err(cause)) if told == ENDED => return Err(cause),
        (taken, given) => taken.and(given)?,
    };
    if to.read(digests).await? == given { Ok(given) } else { Err(changed()) }
}

fn changed() -> Error {
    Error::Conflict("one of the databases was changed while it was copied".into())
}

/// What every table holds.
fn digests(tx: &mut dyn Tx) -> Result<Vec<Copied>> {
    each(tx, |_, _| Ok(()))
}

/// Shows every row to `visit`; what every table holds.
fn each(
    tx: &mut dyn Tx,
    mut visit: impl FnMut(&'static Table, Vec<Value>) -> Result<()>,
) -> Result<Vec<Copied>> {
    let each = tables().iter().map(|table| {
        let (mut rows, mut digest) = (0, Sha256::new());
        tx.for_each(table.select, &[], &mut |row| {
            rows += 1;
            let values = table.read(row)?;
            for value in &values {
                value.add_to(&mut digest);
            }
            visit(table, values)
        })?;
        Ok(Copied { table: table.name, rows, digest: digest.finalize().to_vec() })
    });
    each.collect()
}

fn insert(tx: &mut dyn Tx, table: &Table, values: &[Value]) -> Result<()> {
    let values: Vec<_> = values.iter().map(Value::param).collect();
    tx.execute(table.insert, &values).map(drop)
}

/// A table of the schema, and the statements that copy it.
struct Table {
    name: &'static str,
    kinds: Vec<Kind>,
    select: &'static str,
    insert: &'static str,
    delete: &'static str,
}

/// The types of columns that the schema knows.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    BigInt,
    Boolean,
}

/// A value of one of these types.
enum Value {
    Text(Option<String>),
    BigInt(Option<i64>),
    Boolean(Option<bool>),
}

impl Table {
    fn read(&self, row: &Row<'_>) -> Result<Vec<Value>> {
        let read = |(index, kind): (usize, &Kind)| {
            Ok(match kind {
                Kind::Text => Value::Text(row.get(index)?),
                Kind::BigInt => Value::BigInt(row.get(index)?),
                Kind::Boolean => Value::Boolean(row.get(index)?),
            })
        };
        self.kinds.iter().enumerate().map(read).collect()
    }

    /// Reads a table's definition: `name (column TYPE …, …, PRIMARY KEY (…))`.
    fn parse(definition: &'static str) -> Option<Self> {
        let (name, body) = definition.split_once(" (")?;
        let (mut columns, mut kinds, mut key) = (vec![], vec![], None);
        for line in body.lines().map(str::trim) {
            let mut words = line.split_whitespace().map(|word| word.trim_end_matches(','));
            let first = words.next().unwrap_or_default();
            let kind = match words.next() {
                Some("TEXT") => Kind::Text,
                Some("BIGINT") => Kind::BigInt,
                Some("BOOLEAN") => Kind::Boolean,
                _ => {
                    let listed = line.strip_prefix("PRIMARY KEY (");
                    key = key.or(listed.and_then(|rest| rest.split(')').next()));
                    continue;
                }
            };
            if line.contains("PRIMARY KEY") {
                key = Some(first);
            }
            columns.push(first);
            kinds.push(kind);
        }
        let (listed, key) = (columns.join(", "), key?);
        let places: Vec<_> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
        let places = places.join(", ");
        // The schema is a part of the program, and so are these.
        let fixed = |sql: String| -> &'static str { sql.leak() };
        Some(Self {
            name,
            kinds,
            select: fixed(format!("SELECT {listed} FROM {name} ORDER BY {key}")),
            insert: fixed(format!("INSERT INTO {name} ({listed}) VALUES ({places})")),
            delete: fixed(format!("DELETE FROM {name}")),
        })
    }
}

/// The tables of the schema, each after those that it refers to.
fn tables() -> &'static [Table] {
    static TABLES: std::sync::LazyLock<Vec<Table>> = std::sync::LazyLock::new(|| {
        let definitions = migrate::SCHEMA.split("\nCREATE TABLE ").skip(1);
        definitions
            .filter_map(|definition| Table::parse(definition.split("\n);").next()?))
            .collect()
    });
    &TABLES
}

impl Value {
    fn param(&self) -> &dyn Param {
        match self {
            Self::Text(value) => value,
            Self::BigInt(value) => value,
            Self::Boolean(value) => value,
        }
    }

    /// Adds it so that no two rows look alike: each value with its length in front.
    fn add_to(&self, digest: &mut Sha256) {
        let text = match self {
            Self::Text(value) => value.clone(),
            Self::BigInt(value) => value.map(|value| value.to_string()),
            Self::Boolean(value) => value.map(|value| value.to_string()),
        };
        let length = text.as_ref().map_or(-1, |text| i64::try_from(text.len()).unwrap_or(i64::MAX));
        digest.update(length.to_be_bytes());
        digest.update(text.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn every_column_of_the_schema_is_copied_by_its_key() {
        let connection = Connection::open_in_memory().unwrap();
        let schema = migrate::SCHEMA.replace(" COLLATE \"C\"", "");
        connection.execute_batch(&schema).unwrap();
        let column = |sql: &str| -> Vec<String> {
            let mut query = connection.prepare(sql).unwrap();
            query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let mut copied: Vec<_> = tables().iter().map(|table| table.name).collect();
        copied.sort_unstable();
        let made = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        assert_eq!(copied, column(made));
        for Table { name, select, insert, .. } in tables() {
            let columns = column(&format!("SELECT name FROM pragma_table_info('{name}')"));
            let key =
                format!("SELECT name FROM pragma_table_info('{name}') WHERE pk > 0 ORDER BY pk");
            let (columns, key) = (columns.join(", "), column(&key).join(", "));
            assert_eq!(*select, format!("SELECT {columns} FROM {name} ORDER BY {key}"));
            assert!(insert.starts_with(&format!("INSERT INTO {name} ({columns}) VALUES (?1")));
        }
    }
}
