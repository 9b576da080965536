//! All servers of a database seal with the same key.

use serde_json::{Value, json};

use crate::client::Client;
use crate::database::Database;
use crate::people::integration;
use crate::site::{PROVIDER, SEAL_KEY, SERVERS, Site, done, launch};
use crate::support::Folder;

/// Another key.
const OTHER_KEY: &str = "0f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a69780f1e2d3c4b5a6978";

/// Saves an integration through each client.
fn save(clients: &[Client], prefix: &str) {
    for (number, client) in clients.iter().enumerate() {
        done(client, &format!("POST {PROVIDER}/{prefix}-{number}"), integration("sealed"));
    }
}

/// Sees that every client is told every secret.
fn assert_opens(clients: &[Client], prefix: &str) {
    for client in clients {
        for number in 0..SERVERS {
            let line = format!("POST {PROVIDER}/{prefix}-{number}/resolve");
            let told = done(client, &line, Value::Null);
            let saved = &integration("sealed")["configuration"]["api_key"];
            assert_eq!(told["configuration"]["api_key"], *saved);
        }
    }
}

#[test]
fn a_server_with_another_seal_key_is_refused() {
    let site = Site::new();
    let folder = Folder::new();
    let ended = launch(&folder, &site.database.url(), OTHER_KEY).run();
    let refusal = ended.refusal();
    assert!(refusal.contains("seal key"), "{refusal}");
    assert!(!refusal.contains(OTHER_KEY) && !refusal.contains(SEAL_KEY), "{refusal}");
    let admins = site.admins();
    save(&admins, "kept");
    assert_opens(&admins, "kept");
}

#[test]
fn a_rotation_through_one_server_is_known_to_all() {
    let database = Database::new();
    let urls = [(); SERVERS].map(|()| database.url());
    let site = Site::on(database, &urls);
    save(&site.admins(), "before");
    let Site { servers, database, .. } = site;
    for server in servers {
        server.stop();
    }
    let both = format!("{OTHER_KEY} {SEAL_KEY}");
    let site = Site::with(database, &urls, &both);
    let admins = site.admins();
    assert_opens(&admins, "before");
    done(&admins[1], "POST /api/seal/rotate", json!({}));
    save(&admins, "after");
    for prefix in ["before", "after"] {
        assert_opens(&admins, prefix);
    }
    for admin in &admins {
        done(admin, "GET /api/seal", Value::Null);
    }
    // What was left behind by the former key would not open without it.
    let folder = Folder::new();
    let alone = launch(&folder, &site.database.url(), OTHER_KEY).start();
    for prefix in ["before", "after"] {
        assert_opens(&[alone.admin()], prefix);
    }
    let ended = launch(&Folder::new(), &site.database.url(), SEAL_KEY).run();
    assert!(ended.refusal().contains("seal key"), "{ended:?}");
}
