//! H2: everything that can be read, by everyone who can read.

use podium::domain::access::Kind;
use serde_json::{Value, json};

use crate::client::Client;
use crate::requests::rows;
use crate::secrets::Secrets;
use crate::stored::{Shelves, assert_masked, provider, resource};
use crate::support::authorization;
use crate::world::{World, call};

/// Somebody with each role of the system, somebody who was granted everything, and nobody.
pub fn readers(admin: &Client, secrets: &Secrets) -> Vec<(String, Client)> {
    let roles = admin.get("/api/roles/system").ok();
    let mut readers = vec![("nobody".to_owned(), with_role(admin, None, secrets))];
    readers.push(("granted".to_owned(), granted(admin, secrets)));
    for name in roles.as_object().unwrap().keys() {
        readers.push((name.clone(), with_role(admin, Some(name), secrets)));
    }
    readers
}

fn with_role(admin: &Client, role: Option<&str>, secrets: &Secrets) -> Client {
    let [application, key, secret] = admin.new_application("a reader", secrets);
    if let Some(role) = role {
        admin.call("POST", &format!("/api/applications/{application}/roles/{role}"), None).is(200);
    }
    admin.signed_in(&key, &secret, secrets)
}

/// Somebody without a role, who was granted everything on every integration.
fn granted(admin: &Client, secrets: &Secrets) -> Client {
    let [application, key, secret] = admin.new_application("a reader", secrets);
    let user = format!("app:{application}");
    let all = ["READ", "EXECUTE", "UPDATE", "DELETE"];
    for integration in
        admin.get("/api/integrations/provider?activeOnly=false").ok().as_array().unwrap()
    {
        let target = (Kind::Integration.as_str(), integration["name"].as_str().unwrap());
        admin
            .post("/api/auth/authorization", &authorization(("USER", &user), target, &all))
            .is(200);
    }
    admin.signed_in(&key, &secret, secrets)
}

/// Reads everything that has a GET route, and sees that secrets are masked wherever configurations
/// are shown.
pub fn read_all(reader: &Client, name: &str, world: &World, shelves: &Shelves) {
    for row in rows().iter().filter(|row| row.method == "GET") {
        let answer = call(reader, row, &world.thing(row));
        assert!(name != "ADMIN" || answer.status == row.accepted, "{}", answer.what);
    }
    let shown = reader.get("/api/integrations?activeOnly=false").ok();
    let shown = shown.as_array().unwrap();
    let sees_all = ["ADMIN", "USER_READ_ONLY", "granted"].contains(&name);
    assert!(shown.len() >= shelves.len() || !sees_all, "{name} sees {}", shown.len());
    for integration in shown {
        assert_shown(integration, shelves);
    }
}

/// Sees that what is shown of an integration is what was sent, but for its secrets.
fn assert_shown(shown: &Value, shelves: &Shelves) {
    let Some(stored) = shelves.get(shown["name"].as_str().unwrap()) else { return };
    assert_masked(&stored.sent.configuration, &shown["configuration"]);
    let apis = shown["apis"].as_array().unwrap();
    assert_eq!(apis.len(), stored.resources.len());
    for api in apis {
        let sent = &stored.resources[api["api"].as_str().unwrap()];
        assert_masked(&sent.configuration, &api["configuration"]);
    }
}

/// Reads every integration and resource by itself.
pub fn read_each(admin: &Client, shelves: &Shelves) {
    for (name, stored) in shelves {
        let shown = admin.get(&provider(name)).ok();
        assert_masked(&stored.sent.configuration, &shown["configuration"]);
        admin.get(&format!("{}/integration", provider(name))).is(200);
        for (model, sent) in &stored.resources {
            let shown = admin.get(&resource(name, model)).ok();
            assert_masked(&sent.configuration, &shown["configuration"]);
        }
    }
}

/// Reads the whole audit log, in both directions, and lets it be verified.
pub fn read_audit(admin: &Client) -> usize {
    let mut read = 0;
    for ascending in [false, true] {
        let mut cursor = String::new();
        loop {
            let path = format!("/api/audit?limit=1000&ascending={ascending}{cursor}");
            let page = admin.get(&path).ok();
            read += page["records"].as_array().unwrap().len();
            let Some(next) = page.get("cursor") else { break };
            cursor = format!("&cursor={next}");
        }
    }
    assert_eq!(admin.get("/api/audit/verify").ok()["firstBad"], json!(null));
    read
}
