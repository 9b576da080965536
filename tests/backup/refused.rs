//! What is refused, and left alone.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::database::Database;
use crate::keys::backed_up;
use crate::support::{Folder, Launch};
use crate::{content, done, elsewhere, podium};

/// The names and bytes of all files in a folder.
fn files(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let read = |name: String| {
        let bytes = fs::read(folder.file(&name)).unwrap();
        (name, bytes)
    };
    folder.names().into_iter().map(read).collect()
}

fn alter(file: &Path, sql: &str) {
    Connection::open(file).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_backup_replaces_nothing_but_a_backup_and_that_by_force() {
    let folder = backed_up();
    fs::write(folder.file("text"), "that somebody needs").unwrap();
    let before = files(&folder);
    let refused = |arguments: &[&str], reason: &str| {
        let told = podium(&folder, arguments);
        assert!(told.refusal().contains(reason), "{arguments:?}: {told:?}");
        assert!(files(&folder) == before, "{arguments:?} has changed something");
    };
    refused(&["backup", "backup"], "--force replaces it");
    for other in ["text", "podium.db", "podium.db.seal-key"] {
        refused(&["backup", other], "--force replaces it");
        refused(&["backup", "--force", other], "is no backup that podium has made");
    }
    refused(&["backup", "nowhere/backup"], "nowhere/backup");
    refused(&["backup", "new", "--database", "sqlite://gone.db"], "there is no database gone.db");
    let wrong = Launch::bare(&folder).env("PODIUM_SEAL_KEY", "ab".repeat(32));
    let wrong = wrong.args(&["backup", "new"]).run();
    assert!(wrong.refusal().starts_with("the seal key is not the one"), "{wrong:?}");
    assert!(files(&folder) == before, "something was changed");
}

#[test]
fn a_backup_leaves_a_database_that_nobody_serves_as_it_is() {
    let folder = backed_up();
    fs::remove_file(folder.file("backup")).unwrap();
    for side in ["podium.db-wal", "podium.db-shm"] {
        let _ = fs::remove_file(folder.file(side));
    }
    let before = files(&folder);
    let other = Folder::new();
    let file = other.file("backup");
    done(&podium(&folder, &["backup", file.to_str().unwrap()]));
    assert!(files(&folder) == before, "something was changed");
    assert_eq!(content(&file), content(&folder.database()));
    assert_eq!(other.names(), ["backup"]);

    // Without the key it is made too.
    fs::rename(folder.seal_key(), folder.file("away")).unwrap();
    let told = done(&podium(&folder, &["backup", "--force", file.to_str().unwrap()]));
    assert!(told.contains("not verified without the seal key"), "{told}");
}

#[test]
fn a_database_of_a_killed_server_is_backed_up_with_its_log() {
    let folder = Folder::new();
    let mut server = Launch::new(&folder).start();
    server.shelf().save("one", 1).unwrap().is(200);
    server.process.kill();
    let log = fs::metadata(folder.file("podium.db-wal")).unwrap().len();
    assert!(log > 0, "this test cannot fail");
    done(&podium(&folder, &["backup", "backup"]));
    let backup = Database::at(folder.file("backup"));
    assert_eq!(backup.column("SELECT name FROM resource"), ["one"]);
    assert_eq!(fs::metadata(folder.file("podium.db-wal")).unwrap().len(), log);
}

#[test]
fn another_schema_is_neither_backed_up_nor_brought_up_to_date() {
    let folder = backed_up();
    for (version, reason) in [(1, "schema version 1"), (999, "schema version 999")] {
        let sql = format!("UPDATE schema_version SET version = {version}");
        alter(&folder.database(), &sql);
        let before = fs::read(folder.database()).unwrap();
        let told = podium(&folder, &["backup", "new"]);
        assert!(told.refusal().contains(reason), "{told:?}");
        assert!(fs::read(folder.database()).unwrap() == before, "it was changed");
        assert!(!folder.names().iter().any(|name| name.starts_with("new")));
    }
}

#[test]
fn a_log_that_does_not_verify_is_told_and_backed_up() {
    let folder = backed_up();
    alter(&folder.database(), "UPDATE audit SET subject = 'nobody' WHERE seq = 1");
    let told = podium(&folder, &["backup", "new"]);
    let line = told.refusal();
    assert_eq!(line, "new was written, and record 1 was changed, or is not in its place");
    assert_eq!(content(&folder.file("new")), content(&folder.database()));
    let other = elsewhere(&folder);
    let told = podium(&other, &["restore", folder.file("new").to_str().unwrap()]);
    assert!(told.refusal().starts_with("everything was restored, and record 1"), "{told:?}");
    assert_eq!(content(&other.database()), content(&folder.database()));
}

#[test]
fn a_restore_never_touches_what_it_was_not_told_to_replace() {
    let folder = backed_up();
    let server = Launch::new(&folder).start();
    for force in [&[][..], &["--force"]] {
        let told = podium(&folder, &[&["restore", "backup"], force].concat());
        assert!(told.refusal().starts_with("a server is running on the database"), "{told:?}");
    }
    server.admin();
    server.stop();
    let before = files(&folder);
    let told = podium(&folder, &["restore", "backup"]);
    assert!(told.refusal().contains("podium.db is there already"), "{told:?}");
    assert!(files(&folder) == before, "something was changed");

    // A log without its database is a part of one that was moved away.
    let other = elsewhere(&folder);
    fs::write(other.file("podium.db-wal"), "a part").unwrap();
    let backup = folder.file("backup");
    let told = podium(&other, &["restore", backup.to_str().unwrap()]);
    assert!(told.refusal().contains("podium.db-wal is there already"), "{told:?}");
    assert_eq!(other.names(), ["podium.db-wal", "podium.db.seal-key"]);
    done(&podium(&other, &["restore", "--force", backup.to_str().unwrap()]));
    assert_eq!(other.names(), ["podium.db", "podium.db.seal-key"]);
    assert_eq!(content(&other.database()), content(&backup));

    // What cannot be opened any more cannot take in its log.
    fs::write(other.database(), "no database".repeat(1000)).unwrap();
    let told = podium(&other, &["restore", "--force", backup.to_str().unwrap()]);
    assert!(told.refusal().contains("cannot be closed"), "{told:?}");
    assert!(fs::read(other.database()).unwrap().starts_with(b"no database"));
    assert!(!other.names().iter().any(|name| name.contains("partial")));
}

#[test]
fn what_is_no_whole_backup_is_not_restored() {
    let folder = backed_up();
    let good = fs::read(folder.file("backup")).unwrap();
    let refused = |reason: &str| {
        let other = elsewhere(&folder);
        let told = podium(&other, &["restore", folder.file("bad").to_str().unwrap()]);
        assert!(told.refusal().contains(reason), "{reason}: {told:?}");
        assert_eq!(other.names(), ["podium.db.seal-key"]);
    };
    refused("No such file");
    for (bytes, reason) in [
        (&b""[..], "is no backup"),
        (b"a text", "is damaged"),
        (&good[..good.len() / 2], "is damaged"),
        (&good[..good.len() - 1], "is damaged"),
        (&fs::read(folder.database()).unwrap(), "is no backup"),
    ] {
        fs::write(folder.file("bad"), bytes).unwrap();
        refused(reason);
    }
    for (sql, reason) in [
        ("UPDATE integration SET description = 'other'", "not what was backed up"),
        ("DELETE FROM access_key", "not what was backed up"),
        ("CREATE TABLE other (a)", "not what was backed up"),
        ("DELETE FROM backup", "is no backup"),
        ("DROP TABLE backup", "is no backup"),
        ("UPDATE backup SET schema = 999", "use a newer podium"),
        ("CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM audit; END", "is no backup"),
        ("CREATE VIEW v AS SELECT 1", "is no backup"),
    ] {
        fs::write(folder.file("bad"), &good).unwrap();
        alter(&folder.file("bad"), sql);
        refused(reason);
    }
    // A bit of a text, which SQLite has no way to find.
    let text = b"a shelf";
    let at = good.windows(text.len()).position(|part| part == text).unwrap();
    let mut bad = good.clone();
    bad[at] ^= 1;
    fs::write(folder.file("bad"), &bad).unwrap();
    refused("not what was backed up");
}

#[test]
fn a_backup_of_an_earlier_schema_is_brought_up_to_date() {
    let folder = Folder::new();
    let earlier = include_str!("../schemas/5.sql");
    let made = Database::at(folder.file("earlier.db"));
    made.make(earlier, 5);
    made.execute(
        "INSERT INTO integration VALUES ('main', 'openai', 'AI_MODEL', NULL, TRUE, '{}', 'a', 1, 'a', 1)",
    );
    // Its podium would have sealed it like this.
    let key = "5e".repeat(32);
    let manifest = podium::storage::manifest::seal(&folder.file("earlier.db"), 1).unwrap();
    assert!(manifest.rows > 2, "{manifest:?}");
    made.execute("UPDATE backup SET schema = 5");
    let before = fs::read(folder.file("earlier.db")).unwrap();
    let restored = Launch::bare(&folder).env("PODIUM_SEAL_KEY", &key);
    done(&restored.args(&["restore", "earlier.db"]).run());
    assert!(fs::read(folder.file("earlier.db")).unwrap() == before, "the file itself is left");
    let now = Database::at(folder.database());
    assert_eq!(now.column("SELECT name FROM integration"), ["main"]);
    assert!(now.count("SELECT version FROM schema_version") > 5);
    assert!(!now.tables().contains(&"backup".to_owned()));
    Launch::new(&folder).env("PODIUM_SEAL_KEY", &key).start().admin();
}
