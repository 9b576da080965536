//! What only an embedded database has, as a person who runs the program meets it: a file that is
//! there or not, for one process at a time, and a file with the seal key beside it.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../support/database.rs"]
mod database;
#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "../commands/desk.rs"]
mod desk;
#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "../commands/support.rs"]
mod support;

use desk::{Desk, key};
use serde_json::json;
use support::{ADMIN, Site};

#[test]
fn a_database_that_a_server_holds_is_left_alone() {
    let site = Site::new();
    let server = site.serve(&[]);
    let database = site.database();
    for line in ["user list", "key list x", "grant list --to role:USER", "key recover"] {
        let mut arguments: Vec<_> = line.split(' ').collect();
        arguments.extend(["--database", &database]);
        let told = site.podium(&arguments, &key(&server.url, ADMIN)).failed();
        assert!(told.starts_with("a server is running on the database "), "{told}");
        assert!(told.contains("CONDUCTOR_SERVER_URL"), "{told}");
    }
    server.stop();
    assert!(site.records().is_empty());
}

#[test]
fn a_database_is_opened_with_the_settings_of_the_server_and_never_made() {
    let site = Site::new();
    let nowhere = site.file("other.db");
    let url = format!("sqlite://{}", nowhere.display());
    let files = || nowhere.parent().unwrap().read_dir().unwrap().count();
    let before = files();
    for line in ["user list", "key recover"] {
        let mut arguments: Vec<_> = line.split(' ').collect();
        arguments.extend(["--database", &url]);
        let told = site.podium(&arguments, &[]).failed();
        assert_eq!(told, format!("there is no database {}", nowhere.display()));
    }
    assert_eq!(files(), before, "made nothing");

    let list = ["user", "list", "--database", &site.database()];
    let told = site.podium(&list, &[("PODIUM_LISTN", "x")]).failed();
    assert!(told.starts_with("PODIUM_LISTN is not a setting of podium"), "{told}");
    let other = "ab".repeat(32);
    let told = site.podium(&list, &[("PODIUM_SEAL_KEY", &other)]).failed();
    assert_eq!(told, "the seal key is not the one that sealed this database");
    let file = site.file("podium.db.seal-key").display().to_string();
    site.podium(&list, &[("PODIUM_SEAL_KEY_FILE", &file)]).done();
    site.podium(&[&list[..], &["--seal-key-file", &file]].concat(), &[]).done();
}

#[test]
fn everything_is_sealed_with_a_new_key() {
    for remote in [true, false] {
        let site = Site::new();
        let desk = Desk { site: &site, server: remote.then(|| site.serve(&[])) };
        let before = desk.run("seal status").table();
        assert_eq!(before[0], ["ID", "VALUES", "STATE"]);
        assert_eq!((before.len(), before[1][1].as_str(), before[1][2].as_str()), (2, "4", "seals"));
        let after = desk.run("seal rotate").table();
        assert_eq!((after.len(), after[1][1].as_str(), after[1][2].as_str()), (2, "4", "seals"));
        assert_ne!(before[1][0], after[1][0]);
        assert_eq!(desk.run("seal status").table(), after);
        let shown = json!([{"id": after[1][0], "values": 4, "seals": true, "known": true}]);
        assert_eq!(desk.run("seal status --json").json(), shown);
        let actions: Vec<_> =
            desk.listed(" --limit 2").iter().map(|r| r["action"].clone()).collect();
        assert_eq!(actions, ["seal-key.finish", "seal-key.rotate"]);

        site.database.tamper("UPDATE secret SET seal_key = 'feedfeedfeed'");
        let lost = desk.run("seal status").table();
        assert_eq!(lost[2], ["feedfeedfeed", "1", "unknown"]);
    }
}
