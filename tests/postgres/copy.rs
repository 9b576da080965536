//! `podium copy`: a whole registry, from one kind of database to the other and back.

use serde_json::json;

use crate::client::Client;
use crate::database::Database;
use crate::launch;
use crate::support::{Ended, Folder, Launch};

const MAIN: &str = "/integrations/provider/main";

/// Something of everything that a registry holds.
fn fill(admin: &Client) {
    let main = json!({"type": "openai", "enabled": true, "description": "größer \u{1F600}",
                      "configuration": {"api_key": "sk-copied", "limit": 1.50}});
    let tags = json!([{"key": "team", "value": "core"}]);
    let grant = json!({"subject": {"type": "GROUP", "id": "devs"}, "access": ["READ"],
                       "target": {"type": "INTEGRATION_PROVIDER", "id": "main"}});
    for (method, path, body) in [
        ("POST", MAIN, main),
        ("POST", "/integrations/provider/main/integration/a/b", json!({"configuration": {}})),
        ("PUT", "/integrations/provider/main/tags", tags),
        ("POST", "/integrations/provider/main/integration/a/b/metrics", json!(17)),
        ("PUT", "/groups/devs", json!({"description": "", "roles": ["USER"]})),
        ("PUT", "/users/ann", json!({"name": "Ann", "roles": ["USER"], "groups": ["devs"]})),
        ("POST", "/roles", json!({"name": "auditor", "permissions": []})),
        ("POST", "/auth/authorization", grant),
        ("POST", "/applications", json!({"name": "robot"})),
        ("POST", "/prompts", json!([{"name": "hello", "template": "Hello ${name}"}])),
    ] {
        let key = [("Idempotency-Key", path)];
        let headers = if method == "POST" { &key[..] } else { &[] };
        let answer = admin.send(method, &format!("/api{path}"), headers, Some(&body)).unwrap();
        assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
    }
    let body = json!({"name": "acme"});
    admin.send("POST", "/v2/organizations", &[], Some(&body)).unwrap().is(201);
}

/// Runs `podium copy` with what both databases need.
fn copy(folder: &Folder, from: &Database, to: &Database) -> Ended {
    let environment = from.environment().into_iter().chain(to.environment());
    let launch =
        environment.fold(Launch::bare(folder), |launch, (name, value)| launch.env(name, value));
    launch.args(&["copy", "--from", &from.url(), "--to", &to.url()]).run()
}

#[test]
fn a_registry_moves_whole_and_back() {
    let (folder, target) = (Folder::new(), Database::on_postgres());
    let (source, back) = (Database::at(folder.database()), Database::at(folder.file("back.db")));
    // All three are sealed with the key that the second has to be given.
    let started = |database: &Database| {
        let sealed = target.environment().pop().unwrap();
        let launch = launch(&folder, database).env(sealed.0, sealed.1);
        launch.env("PODIUM_RESOLVE", "on").start()
    };
    let server = started(&source);
    fill(&server.admin());
    server.stop();

    let copied = copy(&folder, &source, &target);
    assert!(copied.status.success(), "{copied:?}");
    assert!(copied.output().contains("audit records are in order"), "{copied:?}");
    assert_eq!(target.dump(), source.dump());
    let repeated = copy(&folder, &source, &target);
    assert!(repeated.refusal().contains("holds a registry already"), "{repeated:?}");
    assert_eq!(target.dump(), source.dump());
    let copied = copy(&folder, &target, &back);
    assert!(copied.status.success(), "{copied:?}");
    assert_eq!(back.dump(), source.dump());

    for database in [&target, &back] {
        let server = started(database);
        let admin = server.admin();
        let resolved = admin.post(&format!("{MAIN}/resolve"), &json!({})).unwrap().json();
        assert_eq!(resolved["configuration"]["api_key"], "sk-copied", "{resolved}");
        let verified = admin.get("/audit/verify").unwrap().json();
        assert_eq!(verified["firstBad"], json!(null), "{verified}");
        // A change goes on where the log ended, and a request that was served before is known.
        let body = json!({"name": "robot"});
        let again = [("Idempotency-Key", "/applications")];
        admin.send("POST", "/api/applications", &again, Some(&body)).unwrap().is(200);
        let robots = "SELECT COUNT(*) FROM application WHERE name = 'robot'";
        assert_eq!(database.count(robots), 1);
        admin.post(MAIN, &json!({"type": "openai", "configuration": {}})).unwrap().is(200);
        server.stop();
    }
}

#[test]
fn what_cannot_be_copied_leaves_the_other_database_alone() {
    let (folder, target) = (Folder::new(), Database::on_postgres());
    let source = Database::at(folder.database());
    let missing = copy(&folder, &source, &target);
    assert!(missing.refusal().starts_with("there is no database"), "{missing:?}");
    launch(&folder, &source).env("PODIUM_SEAL_KEY", "ab".repeat(32)).start().stop();
    let sealed = copy(&folder, &source, &target);
    assert!(sealed.refusal().contains("seal key is not the one"), "{sealed:?}");
    let exposed = Launch::bare(&folder)
        .args(&["copy", "--from", &source.url(), "--to", &target.url_with_password()])
        .run();
    assert!(exposed.refusal().starts_with("--to must hold no password"), "{exposed:?}");
    assert!(!exposed.err.contains(&target.password().unwrap()), "{exposed:?}");
    assert!(target.is_untouched());

    // What a later version wrote, what was edited, and what the other one cannot hold.
    let copied = |edit: &str| {
        source.execute(edit);
        let environment = target.environment().remove(0);
        let launch = Launch::bare(&folder).env(environment.0, environment.1);
        let launch = launch.env("PODIUM_SEAL_KEY", "ab".repeat(32));
        let urls = [source.url(), target.url()];
        launch.args(&["copy", "--from", &urls[0], "--to", &urls[1]]).run()
    };
    let odd = copied("UPDATE application SET name = 'a' || char(0)");
    assert!(odd.refusal().contains("0x00"), "{odd:?}");
    assert_eq!(target.count("SELECT COUNT(*) FROM application"), 0);
    assert_eq!(target.count("SELECT number FROM revision"), 0);
    source.execute("UPDATE application SET name = 'a'");
    let at = source.column("SELECT at FROM audit WHERE seq = 1").remove(0);
    let unreadable = copied("UPDATE audit SET at = 'then' WHERE seq = 1");
    assert!(unreadable.refusal().contains("Text"), "{unreadable:?}");
    assert_eq!(target.count("SELECT COUNT(*) FROM server_key"), 0);
    source.execute(&format!("UPDATE audit SET at = {at} WHERE seq = 1"));
    let edited = copied("UPDATE audit SET subject = 'nobody' WHERE seq = 1");
    assert!(edited.err.contains("everything was copied, and record 1"), "{edited:?}");
}
