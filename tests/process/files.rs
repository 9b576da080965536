//! The files of a server: whose they are, which key opens them, and who may use them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::support::{ADMIN_ID, ADMIN_SECRET, Folder, Launch};

#[test]
fn every_file_is_for_its_owner_only() {
    let folder = Folder::new();
    let podium = env!("CARGO_BIN_EXE_podium");
    let script = format!("umask 0; exec '{podium}'");
    let server = Launch::through(&folder, "sh", &["-c", &script]).start();
    let client = server.shelf();
    assert_eq!(client.save("one", 1).unwrap().status, 200);
    let names = folder.names();
    for expected in ["podium.db", "podium.db-wal", "podium.db.seal-key"] {
        assert!(names.iter().any(|name| name == expected), "{expected} in {names:?}");
    }
    for name in names {
        let mode = fs::metadata(folder.file(&name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name} has mode {mode:o}");
    }
}

#[test]
fn a_second_process_on_the_same_database_is_refused() {
    let folder = Folder::new();
    let first = Launch::new(&folder).start();
    let client = first.shelf();
    for number in 0..20 {
        let second = Launch::new(&folder).run();
        let line = second.refusal();
        assert!(line.contains("another podium") && line.contains("podium.db"), "{line}");
        assert_eq!(client.save("one", number).unwrap().status, 200);
    }
    first.stop();
    Launch::new(&folder).start().admin();
}

#[test]
fn a_second_process_is_refused_by_whatever_path_it_comes() {
    let folder = Folder::new();
    let first = Launch::new(&folder).start();
    first.shelf();
    symlink(folder.database(), folder.file("link.db")).unwrap();
    symlink(folder.path(), folder.file("link")).unwrap();
    fs::create_dir(folder.file("sub")).unwrap();
    for path in ["link.db", "./podium.db", "link/podium.db", "sub/../podium.db"] {
        let second = Launch::new(&folder)
            .env("PODIUM_DATABASE_URL", format!("sqlite://{path}"))
            .env("PODIUM_SEAL_KEY_FILE", folder.seal_key())
            .spawn()
            .listening();
        let Err(ended) = second else { panic!("two processes on one database through {path}") };
        assert!(ended.refusal().contains("another podium"), "{path}: {ended:?}");
    }
}

#[test]
fn a_killed_process_keeps_nobody_out() {
    let folder = Folder::new();
    let mut server = Launch::new(&folder).start();
    server.process.kill();
    Launch::new(&folder).start().admin();
}

/// A folder with a database that was sealed with the key in its `podium.db.seal-key`.
pub fn sealed() -> Folder {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    server.shelf();
    server.stop();
    folder
}

/// Starts on `folder` with the setting, which must be refused without showing a key or changing
/// the database; gives the line.
pub fn refused(folder: &Folder, setting: Option<(&str, &str)>) -> String {
    let before = fs::read(folder.database()).unwrap();
    let keys = fs::read_to_string(folder.seal_key()).unwrap_or_default();
    let mut launch = Launch::new(folder);
    if let Some((name, value)) = setting {
        launch = launch.env(name, value);
    }
    let line = launch.run().refusal().to_owned();
    for key in [keys.trim(), setting.unwrap_or_default().1] {
        assert!(key.len() < 32 || !line.contains(key), "{line}");
    }
    assert_eq!(fs::read(folder.database()).unwrap(), before, "the database was changed");
    line
}

#[test]
fn the_wrong_seal_key_is_refused() {
    let folder = sealed();
    let line = refused(&folder, Some(("PODIUM_SEAL_KEY", &"ab".repeat(32))));
    assert!(line.contains("seal key"), "{line}");
    fs::write(folder.seal_key(), "cd".repeat(32)).unwrap();
    let line = refused(&folder, None);
    assert!(line.contains("seal key"), "{line}");
}

#[test]
fn the_right_seal_key_opens_the_database_however_it_comes() {
    let folder = sealed();
    let key = fs::read_to_string(folder.seal_key()).unwrap();
    fs::rename(folder.seal_key(), folder.file("moved.key")).unwrap();
    for (name, value) in [("PODIUM_SEAL_KEY", key.trim()), ("PODIUM_SEAL_KEY_FILE", "moved.key")] {
        let server = Launch::new(&folder).env(name, value).start();
        assert!(server.stranger().sign_in(ADMIN_ID, ADMIN_SECRET).is_ok());
        let ended = server.stop();
        assert!(!ended.output().contains(key.trim()), "{ended:?}");
    }
    assert!(!folder.seal_key().exists(), "no second key was made");
}

#[test]
fn a_missing_seal_key_is_refused_and_not_replaced() {
    let folder = sealed();
    fs::remove_file(folder.seal_key()).unwrap();
    let line = refused(&folder, None);
    assert!(line.contains("podium.db.seal-key is missing"), "{line}");
    assert!(!folder.seal_key().exists());
    let line = refused(&folder, Some(("PODIUM_SEAL_KEY_FILE", "elsewhere.key")));
    assert!(line.contains("PODIUM_SEAL_KEY_FILE") && line.contains("elsewhere.key"), "{line}");
}

#[test]
fn a_seal_key_of_the_wrong_length_is_refused() {
    let folder = sealed();
    let key = fs::read_to_string(folder.seal_key()).unwrap();
    for short in [&key[..62], &key[..63], "", &format!("{}ab", key.trim())] {
        fs::write(folder.seal_key(), short).unwrap();
        let line = refused(&folder, None);
        assert!(line.contains("64 hexadecimal digits"), "{line}");
    }
    let line = refused(&folder, Some(("PODIUM_SEAL_KEY", &key[..62])));
    assert!(line.starts_with("PODIUM_SEAL_KEY ") || line.contains("together"), "{line}");
}

#[test]
fn a_seal_key_that_everyone_can_read_is_refused() {
    let folder = sealed();
    fs::copy(folder.seal_key(), folder.file("other.key")).unwrap();
    for (file, setting) in [
        (folder.seal_key(), None),
        (folder.file("other.key"), Some(("PODIUM_SEAL_KEY_FILE", "other.key"))),
    ] {
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        let line = refused(&folder, setting);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(line.contains(name) && line.contains("everyone"), "{line}");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    Launch::new(&folder).start().admin();
}

#[test]
fn a_database_of_a_newer_podium_is_refused_and_left_alone() {
    let folder = sealed();
    alter(&folder.database(), "UPDATE schema_version SET version = 999");
    let line = refused(&folder, None);
    assert!(line.contains("newer") && line.contains("999"), "{line}");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = Folder::new();
    fs::write(folder.database(), "a text that somebody needs\n".repeat(100)).unwrap();
    let key = ("PODIUM_SEAL_KEY", &*"ab".repeat(32));
    let line = refused(&folder, Some(key));
    assert!(line.contains("podium.db"), "{line}");
}

fn alter(database: &Path, sql: &str) {
    rusqlite::Connection::open(database).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn a_folder_that_is_missing_is_refused() {
    let folder = Folder::new();
    let ended = Launch::new(&folder).env("PODIUM_DATABASE_URL", "sqlite://gone/podium.db").run();
    assert!(ended.refusal().contains("gone/podium.db"), "{ended:?}");
}
