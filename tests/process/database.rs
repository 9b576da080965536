//! What the tests read from the database itself, past the server.

use std::collections::HashMap;

use podium::domain::secret::Secret;
use podium::seal::{Keyring, Place};
use rusqlite::Connection;

use crate::support::Folder;

/// How often each target was changed after the revision `before`. Each revision up to the current
/// one must have exactly one row.
pub fn changes(database: &Connection, before: i64) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    let mut next = before;
    let mut rows = database
        .prepare("SELECT revision, target_id, outcome FROM audit WHERE revision > ?1 ORDER BY seq")
        .unwrap();
    let mut rows = rows.query([before]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        next += 1;
        assert_eq!(row.get::<_, i64>(0).unwrap(), next, "the revisions of the audit log");
        assert_eq!(row.get::<_, String>(2).unwrap(), "done");
        *found.entry(row.get(1).unwrap()).or_default() += 1;
    }
    assert_eq!(revision(database), next, "the revision, and that of the last audit row");
    found
}

/// The revision of the database.
pub fn revision(database: &Connection) -> i64 {
    database.query_row("SELECT number FROM revision", [], |row| row.get(0)).unwrap()
}

/// The database is sound, and each revision of it has its audit row.
pub fn assert_whole(folder: &Folder) {
    let database = folder.look();
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let unrecorded: i64 = database
        .query_row(
            "SELECT (SELECT number FROM revision) -
                    (SELECT COUNT(DISTINCT revision) FROM audit WHERE outcome = 'done')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(unrecorded, 0, "revisions without an audit row");
}

/// The secret of each resource, opened.
pub fn secrets(folder: &Folder, database: &Connection) -> HashMap<String, String> {
    let key = std::fs::read_to_string(folder.seal_key()).unwrap();
    let Ok(keyring) = Keyring::parse(&Secret::new(key)) else { panic!("the seal key is damaged") };
    let mut rows = database
        .prepare("SELECT resource, path, sealed, destination FROM secret WHERE resource <> ''")
        .unwrap();
    let mut rows = rows.query([]).unwrap();
    let mut found = HashMap::new();
    while let Some(row) = rows.next().unwrap() {
        let (resource, path): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let destination: String = row.get(3).unwrap();
        let place = Place { table: "secret", parts: &["shelf", &resource, &path, &destination] };
        let opened = keyring.open(&row.get::<_, String>(2).unwrap(), place).unwrap();
        assert_eq!(path, "/api_key");
        found.insert(resource, opened.expose().to_owned());
    }
    found
}
