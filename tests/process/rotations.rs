//! Rotations of the seal key beside writes, beside each other, where the keys cannot be kept, and
//! where the operator brings them.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::json;

use crate::client::{Answer, Client, secret};
use crate::shim::Shim;
use crate::support::{Folder, PATIENCE, SHELF, Server};
use crate::vault::{Vault, ids, ring, rotate, status};

const WRITERS: u64 = 4;

fn try_rotate(client: &Client) -> Answer {
    client.post("/seal/rotate", &json!({})).unwrap()
}

#[test]
fn h9_secrets_that_are_saved_during_rotations_are_kept() {
    let vault = Vault::new(100);
    let server = vault.launch().start();
    let client = server.shelf();
    let done = AtomicBool::new(false);
    let last: Vec<_> = thread::scope(|scope| {
        let write = |writer: u64| {
            let (client, done) = (&client, &done);
            move || {
                let mut number = 0;
                while !done.load(Ordering::SeqCst) || number == 0 {
                    number += 1;
                    let answer = client.save(&format!("of-{writer}"), number).unwrap();
                    assert_eq!(answer.status, 200, "{answer:?}");
                }
                number
            }
        };
        let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(write(writer))).collect();
        let answers: Vec<_> = (0..8).map(|_| try_rotate(&client)).collect();
        done.store(true, Ordering::SeqCst);
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let keys = rotate(&client);
    vault.assert_only(&keys[0].id);
    let assert_last = |server: &Server| {
        let client = server.admin();
        for (writer, number) in last.iter().enumerate() {
            let path = format!("{SHELF}/integration/of-{writer}/resolve");
            let answer = client.post(&path, &json!({})).unwrap().json();
            assert_eq!(answer["configuration"]["api_key"], secret(*number));
        }
        vault.assert_resolves(server, 1);
    };
    assert_last(&server);
    server.stop();
    assert_last(&vault.launch().start());
}

#[test]
fn h9_of_rotations_at_once_one_goes_on_and_the_others_are_told_to_try_again() {
    let vault = Vault::new(60);
    let server = vault.launch().start();
    let client = server.admin();
    let (mut ended, mut told) = (0, 0);
    for _ in 0..6 {
        let answers: Vec<_> = thread::scope(|scope| {
            let rotations: Vec<_> = (0..4).map(|_| scope.spawn(|| try_rotate(&client))).collect();
            rotations.into_iter().map(|rotation| rotation.join().unwrap()).collect()
        });
        assert!(answers.iter().any(|answer| answer.status == 200), "{answers:?}");
        for answer in answers {
            match answer.status {
                200 => ended += 1,
                409 => {
                    assert!(answer.body.contains("try again"), "{answer:?}");
                    told += 1;
                }
                _ => panic!("{answer:?}"),
            }
        }
        vault.assert_opens();
    }
    assert!(ended >= 6 && told > 0, "{ended} ended, {told} were told to try again");
    let keys = status(&client);
    assert_eq!(ids(&vault.keys()), [keys[0].id.as_str()]);
    vault.assert_resolves(&server, 1);
    server.stop();
    vault.assert_opens();
}

#[test]
fn h9_a_client_that_goes_away_leaves_a_rotation_that_others_finish() {
    let vault = Vault::new(60);
    let server = vault.launch().start();
    let client = server.admin();
    for _ in 0..10 {
        let mut connection = TcpStream::connect(&server.address).unwrap();
        let token = client.token.as_deref().unwrap();
        let request = format!(
            "POST /api/seal/rotate HTTP/1.1\r\nHost: x\r\nX-Authorization: {token}\r\n\
             Content-Length: 0\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).unwrap();
        drop(connection);
        let began = Instant::now();
        while try_rotate(&client).status != 200 {
            assert!(began.elapsed() < PATIENCE, "the turn of the one that went away is not over");
        }
        assert_eq!(status(&client).len(), 1);
        vault.assert_opens();
    }
}

#[test]
fn h9_a_rotation_whose_key_cannot_be_kept_changes_nothing() {
    let (vault, shim) = (Vault::new(40), Shim::new());
    let folder = &vault.folder;
    fs::create_dir(folder.file("keys")).unwrap();
    let file = folder.file("keys/seal-key");
    fs::rename(folder.seal_key(), &file).unwrap();
    let server = shim
        .launch(folder)
        .env("PODIUM_RESOLVE", "on")
        .env("PODIUM_SEAL_KEY_FILE", "keys/seal-key")
        .start();
    let client = server.admin();
    let (keys, text) = (status(&client), fs::read_to_string(&file).unwrap());
    let refused = |why: &str| {
        let answer = try_rotate(&client);
        assert_eq!(answer.status, 503, "{why}: {answer:?}");
        assert!(answer.body.contains("seal key cannot be written"), "{why}: {answer:?}");
        assert!(!answer.body.contains("keys/"), "{why}: {answer:?}");
        assert_eq!(status(&client), keys, "{why}");
        vault.assert_opens_with(&text);
        vault.assert_resolves(&server, 3);
    };
    fs::rename(folder.file("keys"), folder.file("away")).unwrap();
    refused("its folder is gone");
    fs::rename(folder.file("away"), folder.file("keys")).unwrap();
    fs::rename(&file, folder.file("away")).unwrap();
    fs::create_dir(&file).unwrap();
    refused("a folder is in its place");
    fs::remove_dir(&file).unwrap();
    fs::rename(folder.file("away"), &file).unwrap();
    for fault in ["full", "sync"] {
        shim.strike(fault, "seal-key.new");
        refused(fault);
        shim.heal(fault);
        assert_eq!(fs::read_to_string(&file).unwrap(), text, "{fault}");
        assert_eq!(fs::read_dir(folder.file("keys")).unwrap().count(), 1, "{fault}");
    }
    fs::write(&file, format!("{}\n{text}", "cd".repeat(32))).unwrap();
    refused("somebody has put another key into it");
    fs::write(&file, &text).unwrap();
    assert_eq!(rotate(&client).len(), 1);
    assert_ne!(fs::read_to_string(&file).unwrap(), text);
    server.stop();
    vault.assert_opens_with(&fs::read_to_string(&file).unwrap());
}

#[test]
fn h9_an_operator_brings_the_new_key_in_the_environment() {
    let vault = Vault::new(40);
    let (old, new) = (vault.keys().trim().to_owned(), "0123456789abcdef".repeat(4));
    fs::remove_file(vault.folder.seal_key()).unwrap();
    let start = |keys: &str| vault.launch().env("PODIUM_SEAL_KEY", keys).start();
    let server = start(&old);
    let (client, before) = (server.admin(), status(&server.admin()));
    let answer = try_rotate(&client);
    assert_eq!(answer.status, 409, "{answer:?}");
    for named in ["PODIUM_SEAL_KEY", "new key before the old one"] {
        assert!(answer.body.contains(named), "{answer:?}");
    }
    assert_eq!(status(&client), before);
    server.stop();

    let server = start(&format!("{new} {old}"));
    assert_rotated(&vault, &server, &new, &old);
    server.stop();
    assert!(!vault.folder.seal_key().exists(), "a key was written where nobody looks for it");
    assert_new_alone(&vault, &start(&new), &new);
    vault.assert_refused(&old);
}

#[test]
fn h9_an_operator_brings_the_new_key_in_a_file_that_cannot_be_written() {
    let vault = Vault::new(40);
    let (old, new) = (vault.keys().trim().to_owned(), "0123456789abcdef".repeat(4));
    let file = vault.folder.seal_key();
    fs::write(&file, format!("{new}\n{old}\n")).unwrap();
    let server = vault.launch().start();
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_rotated(&vault, &server, &new, &old);
    let ended = server.stop();
    assert!(ended.err.contains("take the old seal key out of its file"), "{ended:?}");
    assert!(!ended.output().contains(&new) && !ended.output().contains(&old));
    fs::remove_dir(&file).unwrap();
    private(&vault.folder, &new);
    assert_new_alone(&vault, &vault.launch().start(), &new);
}

/// A rotation seals everything with the new key, and leaves it to the operator to remove the old.
fn assert_rotated(vault: &Vault, server: &Server, new: &str, old: &str) {
    let client = server.admin();
    let before = status(&client);
    let [new, old] = [new, old].map(|key| ring(key).id().to_owned());
    assert_eq!(before.iter().map(|key| &key.id).collect::<Vec<_>>(), [&new, &old]);
    assert!(before[0].seals && before[0].values == 0 && before[1].values > 40, "{before:?}");
    for _ in 0..2 {
        let after = rotate(&client);
        assert_eq!(after.iter().map(|key| &key.id).collect::<Vec<_>>(), [&new, &old]);
        assert_eq!((after[0].values, after[1].values), (before[1].values, 0), "{after:?}");
        vault.assert_only(&new);
    }
    vault.assert_resolves(server, 1);
}

fn assert_new_alone(vault: &Vault, server: &Server, new: &str) {
    let keys = status(&server.admin());
    assert!(keys.len() == 1 && keys[0].id == ring(new).id(), "{keys:?}");
    vault.assert_resolves(server, 1);
}

fn private(folder: &Folder, key: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(folder.seal_key(), key).unwrap();
    fs::set_permissions(folder.seal_key(), fs::Permissions::from_mode(0o600)).unwrap();
}
