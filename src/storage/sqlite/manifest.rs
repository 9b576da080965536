//! What a backup says of itself: a table in it, with a hash of all others.
//!
//! SQLite finds a page that makes no sense, but not a bit that makes another one. So what a backup
//! holds is hashed when it is made, and again before it is restored.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use data_encoding::HEXLOWER;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::source::{open_to_read, uri};
use crate::storage::migrate::VERSION;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// When it was made, in epoch milliseconds.
    pub made_on: i64,
    /// The version of the podium that made it.
    pub podium: String,
    /// The version of its schema.
    pub schema: i64,
    /// The number of the latest change in it.
    pub revision: i64,
    /// How many records its audit log has.
    pub records: i64,
    /// How many rows it has, over all tables.
    pub rows: i64,
}

/// What the table with it is made by.
const TABLE: &str = "CREATE TABLE backup (made_on BIGINT NOT NULL, podium TEXT NOT NULL,
    schema BIGINT NOT NULL, revision BIGINT NOT NULL, records BIGINT NOT NULL,
    digest TEXT NOT NULL)";

/// Makes a backup of the database at `path`, in its place: one file, with its manifest, on the disk.
/// Nobody else may write the database; who still has it open goes on with what was there.
///
/// # Errors
///
/// One line that says what is wrong with the database.
pub fn seal(path: &Path, made_on: i64) -> Result<Manifest, String> {
    let fresh = path.with_extension("fresh");
    let private = || File::options().write(true).create_new(true).mode(0o600).open(&fresh);
    private().map_err(|cause| cause.to_string())?;
    let made = || {
        // No file beside it is a part of it any more.
        Connection::open(path)?.execute("VACUUM INTO ?1", [uri(&fresh)])?;
        let connection = Connection::open(&fresh)?;
        let (rows, digest) = digest(&connection)?;
        let sql = "SELECT revision.number, audit_head.seq FROM revision, audit_head";
        let (revision, records) =
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let podium = env!("CARGO_PKG_VERSION").to_owned();
        let manifest = Manifest { made_on, podium, schema: VERSION, revision, records, rows };
        connection.execute_batch(TABLE)?;
        let sql = "INSERT INTO backup VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let Manifest { podium, schema, .. } = &manifest;
        connection.execute(sql, (made_on, podium, schema, revision, records, digest))?;
        Ok(manifest)
    };
    let manifest = made().map_err(|cause: rusqlite::Error| cause.to_string())?;
    let put = || File::open(&fresh)?.sync_all().and_then(|()| fs::rename(&fresh, path));
    put().map_err(|cause| cause.to_string())?;
    if check(path)? == manifest { Ok(manifest) } else { Err("it reads back otherwise".into()) }
}

/// Whether the file at `path` is a whole backup that this program can restore.
///
/// # Errors
///
/// What is wrong with it, completing a sentence that begins with its name.
pub fn check(path: &Path) -> Result<Manifest, String> {
    let opened = open_to_read(path, true).map_err(|cause| damaged(&cause))?;
    let (manifest, told) = read(&opened).map_err(|cause| damaged(&cause))?.ok_or(NO_BACKUP)?;
    if manifest.schema > VERSION {
        let found = manifest.schema;
        return Err(format!(
            "has schema version {found}, newer than this podium's {VERSION}; use a newer podium"
        ));
    }
    let sound = sound(&opened).map_err(|cause| damaged(&cause))?;
    if sound != "ok" {
        return Err(damaged(&sound));
    }
    let (rows, digest) = digest(&opened).map_err(|cause| damaged(&cause))?;
    if digest != told {
        return Err(damaged(&"what it holds is not what was backed up"));
    }
    Ok(Manifest { rows, ..manifest })
}

/// Whether the file at `path` says that it is a backup.
pub fn is_backup(path: &Path) -> bool {
    open_to_read(path, true).and_then(|opened| read(&opened)).is_ok_and(|found| found.is_some())
}

/// Takes the manifest out of a backup, so that it is a database like any other.
///
/// # Errors
///
/// One line.
pub fn take_out(path: &Path) -> Result<(), String> {
    let drop = || Connection::open(path)?.execute_batch("DROP TABLE backup");
    drop().map_err(|cause| cause.to_string())
}

const NO_BACKUP: &str = "is no backup that podium has made";

fn damaged(cause: &dyn std::fmt::Display) -> String {
    format!("is damaged: {cause}")
}

/// The manifest and the hash beside it; `None` in what is no backup.
fn read(connection: &Connection) -> rusqlite::Result<Option<(Manifest, String)>> {
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON")?;
    // A backup is tables and indexes, and nothing that runs when they are read or written.
    let sql = "SELECT COUNT(*) FROM sqlite_schema
               WHERE type NOT IN ('table', 'index') OR name = 'backup' AND type = 'table'
                   AND sql <> ?1";
    let odd: i64 = connection.query_row(sql, [TABLE], |row| row.get(0))?;
    let sql = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'backup'";
    let named: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    if odd != 0 || named != 1 {
        return Ok(None);
    }
    let sql = "SELECT made_on, podium, schema, revision, records, digest FROM backup";
    let read = |row: &rusqlite::Row<'_>| {
        let manifest = Manifest {
            made_on: row.get(0)?,
            podium: row.get(1)?,
            schema: row.get(2)?,
            revision: row.get(3)?,
            records: row.get(4)?,
            rows: 0,
        };
        Ok((manifest, row.get(5)?))
    };
    connection.query_row(sql, [], read).optional()
}

/// What SQLite finds wrong with its pages, indexes and references, or `ok`.
fn sound(connection: &Connection) -> rusqlite::Result<String> {
    let told: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    let lost = connection.query_row("PRAGMA foreign_key_check", [], |row| row.get(0)).optional()?;
    Ok(match lost {
        Some::<String>(table) => format!("`{table}` refers to a row that is missing"),
        None => told,
    })
}

/// How many rows there are, and a hash of all of them, by what is in the file itself: it may be of
/// an earlier schema.
fn digest(connection: &Connection) -> rusqlite::Result<(i64, String)> {
    let sql = "SELECT name, sql FROM sqlite_schema
               WHERE type = 'table' AND name <> 'backup' ORDER BY name";
    let mut tables = connection.prepare(sql)?;
    let tables = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (mut rows, mut hash) = (0, Sha256::new());
    for table in tables {
        let (name, made_by): (String, Option<String>) = table?;
        add(&mut hash, b'#', name.as_bytes());
        add(&mut hash, b'#', made_by.unwrap_or_default().as_bytes());
        let mut all =
            connection.prepare(&format!("SELECT * FROM \"{}\"", name.replace('"', "\"\"")))?;
        let columns = all.column_count();
        let mut all = all.query([])?;
        while let Some(row) = all.next()? {
            rows += 1;
            for column in 0..columns {
                match row.get_ref(column)? {
                    ValueRef::Null => add(&mut hash, b'n', &[]),
                    ValueRef::Integer(number) => add(&mut hash, b'i', &number.to_be_bytes()),
                    ValueRef::Real(number) => add(&mut hash, b'r', &number.to_be_bytes()),
                    ValueRef::Text(text) => add(&mut hash, b't', text),
                    ValueRef::Blob(bytes) => add(&mut hash, b'b', bytes),
                }
            }
        }
    }
    Ok((rows, HEXLOWER.encode(&hash.finalize())))
}

/// Adds a value so that no two look alike: with its type and its length in front.
fn add(hash: &mut Sha256, kind: u8, bytes: &[u8]) {
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
