//! B5 and B6: the seal key of a backup, and access keys that were revoked after it.

use std::fs;

use serde_json::json;

use crate::support::{ADMIN_ID, ADMIN_SECRET, Folder, Launch, SHELF};
use crate::{content, done, elsewhere, podium};

/// A folder with a registry and a backup of it; no server runs.
pub fn backed_up() -> Folder {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let client = server.shelf();
    client.save("one", 1).unwrap().is(200);
    done(&podium(&folder, &["backup", "backup"]));
    server.stop();
    folder
}

#[test]
fn b5_a_backup_is_restored_elsewhere_only_with_its_own_key() {
    let folder = backed_up();
    let (key, backup) = (fs::read_to_string(folder.seal_key()).unwrap(), folder.file("backup"));
    let restore = |other: &Folder, name: &str, value: &str| {
        let launch = Launch::bare(other).args(&["restore", backup.to_str().unwrap()]);
        if name.is_empty() { launch.run() } else { launch.env(name, value).run() }
    };
    let wrong = "the seal key is not the one that sealed this database";
    let none = "there is no seal key: set PODIUM_SEAL_KEY_FILE";
    let (short, many) = (&key.trim()[..62], format!("{}\n{}", "ab".repeat(32), "cd".repeat(32)));
    for (name, value, reason) in [
        ("PODIUM_SEAL_KEY", "ab".repeat(32), wrong),
        ("PODIUM_SEAL_KEY", many.clone(), wrong),
        ("PODIUM_SEAL_KEY", short.to_owned(), "PODIUM_SEAL_KEY must be 64"),
        ("PODIUM_SEAL_KEY_FILE", "many.key".into(), wrong),
        ("PODIUM_SEAL_KEY_FILE", "nowhere.key".into(), "PODIUM_SEAL_KEY_FILE nowhere.key cannot"),
        ("PODIUM_SEAL_KEY_FILE", "open.key".into(), "PODIUM_SEAL_KEY_FILE open.key can be read"),
        ("PODIUM_SEAL_KEY", String::new(), none),
        ("PODIUM_SEAL_KEY_FILE", String::new(), none),
        ("", String::new(), none),
        ("beside", "ab".repeat(32), wrong),
    ] {
        let other = Folder::new();
        fs::write(other.file("many.key"), &many).unwrap();
        fs::write(other.file("open.key"), &key).unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(other.file("many.key"), private).unwrap();
        if name == "beside" {
            fs::copy(other.file("many.key"), other.seal_key()).unwrap();
        }
        let before = other.names();
        let refused = restore(&other, if name == "beside" { "" } else { name }, &value);
        assert!(refused.refusal().starts_with(reason), "{name}={value}: {refused:?}");
        assert!(!refused.err.contains(key.trim()) && !refused.err.contains(short), "{refused:?}");
        assert_eq!(other.names(), before, "{name} left something");
    }
    let other = Folder::new();
    done(&restore(&other, "PODIUM_SEAL_KEY", key.trim()));
    assert_eq!(content(&other.database()), content(&backup));
    let server = Launch::new(&other).env("PODIUM_SEAL_KEY", key.trim()).env("PODIUM_RESOLVE", "on");
    let server = server.start();
    let path = format!("{SHELF}/integration/one/resolve");
    let resolved = server.admin().post(&path, &json!({})).unwrap().json();
    assert_eq!(resolved["configuration"]["api_key"], "CANARY-1", "{resolved}");
}

#[test]
fn b6_a_key_that_was_revoked_after_the_backup_is_in_force_again_unless_keys_are_paused() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let admin = server.admin();
    let robot = admin.post("/applications", &json!({"name": "robot"})).unwrap().json();
    let robot = robot["id"].as_str().unwrap().to_owned();
    let keys = format!("/applications/{robot}/accessKeys");
    let made = admin.post(&keys, &json!({})).unwrap().json();
    let [id, secret] = ["id", "secret"].map(|name| made[name].as_str().unwrap().to_owned());
    let token = server.stranger().sign_in(&id, &secret).unwrap();
    done(&podium(&folder, &["backup", "backup"]));
    admin.delete(&format!("{keys}/{id}")).unwrap().is(200);
    let later = admin.post(&keys, &json!({})).unwrap().json();
    let later = ["id", "secret"].map(|name| later[name].as_str().unwrap().to_owned());
    let later_token = server.stranger().sign_in(&later[0], &later[1]).unwrap();
    let works = |server: &crate::support::Server, token: &str| {
        server.client(Some(token)).get("/token/userInfo").unwrap().status
    };
    assert_eq!((works(&server, &token), works(&server, &later_token)), (401, 200));
    server.stop();

    let told = done(&podium(&folder, &["restore", "--force", "backup"]));
    assert!(told.contains("revoke again what was revoked since"), "{told}");
    let server = Launch::new(&folder).start();
    assert!(server.stranger().sign_in(&id, &secret).is_ok(), "it is in force again");
    assert_eq!((works(&server, &token), works(&server, &later_token)), (200, 401));
    assert!(server.stranger().sign_in(&later[0], &later[1]).is_err());
    server.stop();

    let told = done(&podium(&folder, &["restore", "--force", "--pause-keys", "backup"]));
    assert!(told.ends_with("\n2 access keys are paused"), "{told}");
    let listed = podium(&folder, &["audit", "list", "--json", "--database", "sqlite://podium.db"]);
    let records: serde_json::Value = serde_json::from_str(&done(&listed)).unwrap();
    let action = |at: usize| records[at]["action"].as_str().unwrap();
    assert_eq!([action(0), action(1), action(2)], ["key.toggle", "key.toggle", "registry.restore"]);
    let detail = records[2]["detail"].to_string();
    assert!(detail.contains("backupMadeOn") && detail.contains("backupRevision"), "{detail}");
    // The key that the settings name is paused too, so that another administrator is made.
    let refused = Launch::new(&folder).run();
    assert!(refused.refusal().contains("no longer works"), "{refused:?}");
    let mut server = Launch::bare(&folder).start();
    for (id, secret) in [(&*id, &*secret), (ADMIN_ID, ADMIN_SECRET)] {
        assert_eq!(server.stranger().sign_in(id, secret), Err(401), "{id}");
    }
    assert_eq!(works(&server, &token), 401);
    let exported = [(); 5].map(|()| server.process.line().unwrap());
    let value = |at: usize| exported[at].split_once('=').unwrap().1.to_owned();
    let admin = server.stranger().sign_in(&value(2), &value(3)).unwrap();
    let toggle = format!("{keys}/{id}/status");
    server.client(Some(&admin)).post(&toggle, &json!({})).unwrap().is(200);
    assert_eq!(works(&server, &token), 200, "resumed");
    let verified = server.client(Some(&admin)).get("/audit/verify").unwrap().json();
    assert_eq!(verified["firstBad"], json!(null), "{verified}");
    server.stop();
}

#[test]
fn a_backup_of_before_a_rotation_takes_the_key_of_its_time() {
    let folder = backed_up();
    let old = fs::read_to_string(folder.seal_key()).unwrap();
    done(&podium(&folder, &["seal", "rotate", "--database", "sqlite://podium.db"]));
    let new = fs::read_to_string(folder.seal_key()).unwrap();
    let refused = podium(&folder, &["restore", "--force", "backup"]);
    assert!(refused.refusal().starts_with("the seal key is not the one"), "{refused:?}");
    let other = elsewhere(&folder);
    fs::write(other.seal_key(), format!("{}\n{}", new.trim(), old.trim())).unwrap();
    done(&podium(&other, &["restore", folder.file("backup").to_str().unwrap()]));
    Launch::new(&other).start().admin();
}
