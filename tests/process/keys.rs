//! Seal keys that cannot be used: each stops the start with one line, which names the setting or
//! the file, and shows no part of a key.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use crate::files::{refused, sealed};
use crate::support::{ADMIN_ID, ADMIN_SECRET, Folder, Launch};

/// The name of the file in every case.
const FILE: &str = "case.key";

/// So much of a key must not be shown.
const SHOWN: usize = 12;

/// A file with this content and mode; the line of the refusal.
fn refused_with(folder: &Folder, content: &str, mode: u32) -> String {
    fs::write(folder.file(FILE), content).unwrap();
    fs::set_permissions(folder.file(FILE), Permissions::from_mode(mode)).unwrap();
    let line = refused(folder, Some(("PODIUM_SEAL_KEY_FILE", FILE)));
    fs::remove_file(folder.file(FILE)).unwrap();
    assert_hides(&line, content);
    line
}

/// Nothing of a key is in the line.
fn assert_hides(line: &str, keys: &str) {
    for key in keys.split_whitespace().filter(|key| key.len() >= SHOWN) {
        let parts = key.as_bytes().windows(SHOWN);
        let shown = parts.filter(|part| line.contains(std::str::from_utf8(part).unwrap()));
        assert_eq!(shown.count(), 0, "a part of the key is shown: {line}");
    }
}

#[test]
fn h8_a_seal_key_that_does_not_fit_is_refused() {
    let folder = sealed();
    let key = fs::read_to_string(folder.seal_key()).unwrap();
    let key = key.trim();
    let other = "0123456789abcdef".repeat(4);
    let malformed = "must be 64 hexadecimal digits, or 32 bytes in base64";
    for (case, content, said) in [
        ("another key", other.clone(), "the seal key is not the one that sealed this database"),
        ("truncated", key[..63].to_owned(), malformed),
        ("truncated by a byte", key[..62].to_owned(), malformed),
        ("too long", format!("{key}ab"), malformed),
        ("neither hexadecimal nor base64", key.replace(|_| true, "!"), malformed),
        ("empty", String::new(), malformed),
        ("white space", " \n\t".to_owned(), malformed),
        ("the second of two is bad", format!("{key}\n{}", &other[..40]), malformed),
        ("the first of two is bad", format!("{} {key}", &other[..41]), malformed),
        ("twice", format!("{key}\n{key}"), "must not hold the same key twice"),
        ("twice, but in other letters", format!("{key}\n{}", key.to_uppercase()), "twice"),
        ("not text", "\u{0}\u{1}".repeat(32), malformed),
    ] {
        let line = refused_with(&folder, &content, 0o600);
        assert!(line.contains(said), "{case}: {line}");
        assert!(line.starts_with("PODIUM_SEAL_KEY_FILE case.key ") || case == "another key");
        if content.bytes().any(|byte| byte == 0) {
            continue; // no variable of the environment can hold it
        }
        if !content.is_empty() {
            let line = refused(&folder, Some(("PODIUM_SEAL_KEY", &content)));
            assert!(line.contains(said), "{case}: {line}");
            assert!(line.starts_with("PODIUM_SEAL_KEY ") || case == "another key", "{line}");
            assert_hides(&line, &content);
        }
    }
}

#[test]
fn h8_a_seal_key_file_is_for_its_owner_and_group() {
    let folder = sealed();
    let key = fs::read_to_string(folder.seal_key()).unwrap();
    for mode in [0o644, 0o604, 0o602, 0o601, 0o666] {
        let line = refused_with(&folder, &key, mode);
        assert!(line.starts_with("PODIUM_SEAL_KEY_FILE case.key "), "{line}");
        assert!(line.contains("everyone") && line.contains("chmod 600"), "{line}");
    }
    // Kubernetes gives a mounted secret to the group of the server.
    for mode in [0o600, 0o400, 0o640, 0o440] {
        fs::write(folder.file(FILE), &key).unwrap();
        fs::set_permissions(folder.file(FILE), Permissions::from_mode(mode)).unwrap();
        let server = Launch::new(&folder).env("PODIUM_SEAL_KEY_FILE", FILE).start();
        assert!(server.stranger().sign_in(ADMIN_ID, ADMIN_SECRET).is_ok());
        server.stop();
        fs::remove_file(folder.file(FILE)).unwrap();
    }
}

#[test]
fn h8_what_is_no_file_is_refused_as_a_seal_key() {
    let folder = sealed();
    fs::create_dir(folder.file("directory")).unwrap();
    assert!(Command::new("mkfifo").arg(folder.file("pipe")).status().unwrap().success());
    symlink("pipe", folder.file("link to a pipe")).unwrap();
    symlink("nowhere", folder.file("dangling")).unwrap();
    for (name, said) in [
        ("directory", "is not a file"),
        ("pipe", "is not a file"),
        ("link to a pipe", "is not a file"),
        ("/dev/zero", "is not a file"),
        ("dangling", "cannot be read"),
        ("missing", "cannot be read"),
    ] {
        let line = refused(&folder, Some(("PODIUM_SEAL_KEY_FILE", name)));
        let expected = format!("PODIUM_SEAL_KEY_FILE {name} {said}");
        assert!(line.starts_with(&expected), "{line}");
    }
    for name in ["directory", "pipe", "dangling"] {
        fs::remove_file(folder.seal_key()).unwrap_or_default();
        fs::rename(folder.file(name), folder.seal_key()).unwrap();
        let line = refused_at(&folder);
        assert!(line.starts_with("PODIUM_SEAL_KEY_FILE is not set, and podium.db.seal-key "));
        fs::rename(folder.seal_key(), folder.file(name)).unwrap();
    }
    let line = refused_at(&folder);
    assert!(line.contains("podium.db.seal-key is missing: put back the key"), "{line}");
}

/// The refusal of a start with the file beside the database.
fn refused_at(folder: &Folder) -> String {
    let before = fs::read(folder.database()).unwrap();
    let line = Launch::new(folder).run().refusal().to_owned();
    assert_eq!(fs::read(folder.database()).unwrap(), before, "the database was changed");
    line
}
