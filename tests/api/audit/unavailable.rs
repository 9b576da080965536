//! J2: what cannot be recorded is not done.

use serde_json::{Value, json};

use crate::database::Database;
use crate::support::{Client, Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";

/// What makes the log unavailable, and what mends it.
fn faults(database: &Database) -> Vec<[String; 2]> {
    let text = |pair: [&str; 2]| pair.map(str::to_owned);
    vec![
        database.fault("BEFORE INSERT", "audit", "ABORT"),
        database.fault("AFTER INSERT", "audit", "ROLLBACK"),
        database.fault("BEFORE UPDATE", "audit_head", "FAIL"),
        text([
            "CREATE TABLE kept AS SELECT * FROM audit_head; DELETE FROM audit_head",
            "INSERT INTO audit_head SELECT * FROM kept; DROP TABLE kept",
        ]),
        text(["ALTER TABLE audit RENAME TO gone", "ALTER TABLE gone RENAME TO audit"]),
        text(["ALTER TABLE audit_head RENAME TO gone", "ALTER TABLE gone RENAME TO audit_head"]),
    ]
}

/// Changes of each kind, and one that would give secrets away.
fn changes(application: &str) -> Vec<(&'static str, String, Value)> {
    let at = |path: &str| path.replace("{app}", application);
    let grant = json!({"subject": {"type": "USER", "id": "ann"},
        "target": {"type": "INTEGRATION_PROVIDER", "id": "main"}, "access": ["READ"]});
    let item = json!([{"name": "bulk", "type": "openai", "category": "AI_MODEL"}]);
    vec![
        ("POST", at(MAIN), openai("sk-CANARY-2")),
        ("POST", at("/api/integrations/provider/other"), openai("sk-3")),
        ("POST", at(&format!("{MAIN}/resolve")), Value::Null),
        ("POST", at(&format!("{MAIN}/integration/gpt")), model()),
        ("PUT", at(&format!("{MAIN}/tags")), json!([{"key": "team", "value": "core"}])),
        ("DELETE", at(MAIN), Value::Null),
        ("POST", at("/api/integrations"), item),
        ("POST", at("/api/applications"), json!({"name": "x"})),
        ("POST", at("/api/applications/{app}/accessKeys"), Value::Null),
        ("POST", at("/api/applications/{app}/roles/ADMIN"), Value::Null),
        ("PUT", at("/api/users/ann"), json!({"name": "Ann"})),
        ("PUT", at("/api/groups/devs"), json!({"description": ""})),
        ("POST", at("/api/auth/authorization"), grant),
    ]
}

fn call(client: &Client, (method, path, body): &(&str, String, Value)) -> (u16, String) {
    let answer = match body {
        Value::Null => client.call(method, path),
        body => client.call_with(method, path, body),
    };
    (answer.status, answer.text)
}

fn records(server: &Server) -> Vec<Vec<String>> {
    server.database.rows("SELECT * FROM audit ORDER BY seq")
}

#[test]
fn j2_nothing_is_changed_or_resolved_while_the_log_is_unavailable() {
    let server = &Server::start();
    let (admin, app) = (server.admin(), server.client("app", &[]));
    admin.post(MAIN, &openai("sk-CANARY-1")).ok();
    let (state, log) = (server.database.state(), records(server));
    let mut tried = 0;
    for [fault, mend] in faults(&server.database) {
        server.database.execute(&fault);
        for change in changes(&app.application) {
            let (status, text) = call(&admin, &change);
            assert!((500..600).contains(&status), "{fault}: {change:?}: {status} {text}");
            assert!(!text.contains("CANARY"), "{fault}: {text}");
            tried += 1;
        }
        // Neither is a refusal told that was not recorded, nor does a wrong secret get an
        // answer that it could be told from others by.
        assert!(app.delete(MAIN).status >= 500);
        let body = json!({"keyId": app.key, "keySecret": "wrong"});
        assert!(server.stranger().post("/api/token", &body).status >= 500);
        assert_eq!(admin.get(MAIN).status, 200, "reads go on");
        server.database.execute(&mend);
        assert_eq!(server.database.state(), state, "{fault}");
        assert_eq!(records(server), log, "{fault}");
    }
    assert!(tried >= 50, "only {tried}");
    for change in changes(&app.application) {
        let (status, text) = call(&admin, &change);
        assert_eq!(status, 200, "{change:?}: {text}");
    }
    assert_eq!(admin.get("/api/audit/verify").ok()["firstBad"], Value::Null);
}
