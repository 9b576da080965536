//! J3: what was denied and who failed to sign in is recorded, without a secret.

use serde_json::{Value, json};

use crate::support::{Client, Server, openai};

const MAIN: &str = "/api/integrations/provider/main";

/// What nobody should find anywhere.
const CANARY: &str = "CANARY-0123456789abcdef";

/// The records since the one at `seq`.
fn since(server: &Server, seq: usize) -> Vec<Value> {
    let found = server.admin().get(&format!("/api/audit?ascending=true&cursor={seq}")).ok();
    found["records"].as_array().unwrap().clone()
}

/// What is told of a key id that nobody has.
fn fingerprint(server: &Server, id: &str) -> String {
    let told = server.admin().post("/api/audit/fingerprint", &json!({"value": id})).ok();
    told["fingerprint"].as_str().unwrap().to_owned()
}

fn sign_in(server: &Server, id: &str, secret: &str) -> u16 {
    server.stranger().post("/api/token", &json!({"keyId": id, "keySecret": secret})).status
}

#[test]
fn j3_a_failed_sign_in_is_recorded_with_key_id_and_address() {
    let server = &Server::start();
    let app = server.client("app", &[]);
    let paused = server.client("paused", &[]);
    let keys = format!("/api/applications/{}/accessKeys", paused.application);
    server.admin().call("POST", &format!("{keys}/{}/status", paused.key)).ok();
    let ids = [
        app.key.clone(),
        paused.key.clone(),
        "nobody".to_owned(),
        " ".to_owned(),
        "a\nb".to_owned(),
        "{\"outcome\":\"done\"}".to_owned(),
        "\u{1b}[2J\u{9b}31m".to_owned(),
        "'; DROP TABLE audit; --".to_owned(),
        "é\u{2028}\u{202e}".to_owned(),
        "ü".repeat(10_000),
    ];
    let records = server.database.records();
    for id in &ids {
        let secret = if *id == paused.key { &paused.secret } else { CANARY };
        assert_eq!(sign_in(server, id, secret), 401, "{id:?}");
    }
    let found = since(server, records);
    assert_eq!(found.len(), ids.len());
    let known = [&app.key, &paused.key];
    for (record, id) in found.iter().zip(&ids) {
        let id = if known.contains(&id) { id.clone() } else { fingerprint(server, id) };
        for (field, value) in [
            ("keyId", id.as_str()),
            ("targetId", &id),
            ("targetType", "ACCESS_KEY"),
            ("subject", ""),
            ("address", "127.0.0.1"),
            ("action", "sign-in"),
            ("outcome", "failed"),
        ] {
            assert_eq!(record[field], *value, "{record}");
        }
        assert_eq!(record.get("detail"), None);
    }
    let bytes = server.database.bytes();
    for secret in [CANARY, &paused.secret] {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }
}

#[test]
fn j3_a_secret_in_the_place_of_the_id_is_told_by_its_fingerprint() {
    let server = &Server::start();
    let app = server.client("app", &[]);
    let records = server.database.records();
    let assignment = format!("CONDUCTOR_AUTH_SECRET={}\n", app.secret);
    for sent in [&app.secret, &assignment] {
        assert_eq!(sign_in(server, sent, &app.key), 401);
    }
    let found = since(server, records);
    let body = json!({"value": app.secret});
    let known = server.admin().post("/api/audit/fingerprint", &body).ok();
    assert_eq!(found[0]["keyId"], known["fingerprint"]);
    assert_eq!(found[0]["targetId"], known["fingerprint"]);
    assert_ne!(found[1]["keyId"], known["fingerprint"], "it is more than the secret");
    let secret = app.secret.as_bytes();
    assert!(!server.database.bytes().windows(secret.len()).any(|part| part == secret));
    for _ in 2..10 {
        sign_in(server, &app.secret, "x");
    }
    assert_eq!(sign_in(server, &app.secret, "x"), 401);
    assert_eq!(sign_in(server, &app.secret, "x"), 429, "it is counted all the same");
}

#[test]
fn j3_what_is_refused_unseen_is_not_recorded() {
    let server = &Server::start();
    for _ in 0..10 {
        assert_eq!(sign_in(server, "nobody", "x"), 401);
    }
    server.unchanged(|| assert_eq!(sign_in(server, "nobody", "x"), 429));
    server.unchanged(|| server.bearer("a.b.c").delete(MAIN).not_signed_in("INVALID_TOKEN"));
}

/// Changes that somebody without rights is refused.
fn denied(app: &Client) -> Vec<(&'static str, String, Value, &'static str)> {
    let of_app = |path: &str| format!("/api/applications/{}{path}", app.application);
    let of_main = |path: &str| format!("{MAIN}{path}");
    let tags = json!([{"key": "team", "value": CANARY}]);
    let grant = json!({"subject": {"type": "USER", "id": "ann"},
        "target": {"type": "INTEGRATION_PROVIDER", "id": "main"}, "access": ["READ"]});
    let (none, name) = (Value::Null, json!({"name": CANARY}));
    let item = json!([{"name": "main", "type": "openai", "configuration": {"api_key": CANARY}}]);
    vec![
        ("POST", of_main(""), openai(CANARY), "integration.save"),
        ("PATCH", of_main(""), json!({"configuration": {"api_key": CANARY}}), "integration.change"),
        ("DELETE", of_main(""), none.clone(), "integration.delete"),
        ("POST", of_main("/resolve"), none.clone(), "integration.resolve"),
        ("PUT", of_main("/tags"), tags.clone(), "tag.add"),
        ("DELETE", of_main("/tags"), tags.clone(), "tag.remove"),
        ("POST", of_main("/integration/gpt"), json!({}), "resource.save"),
        ("POST", "/api/integrations".to_owned(), item, "integration.save"),
        ("POST", "/api/applications".to_owned(), name.clone(), "application.create"),
        ("PUT", of_app(""), name.clone(), "application.rename"),
        ("DELETE", of_app(""), none.clone(), "application.delete"),
        ("POST", of_app("/accessKeys"), none.clone(), "key.create"),
        ("POST", of_app("/roles/ADMIN"), none.clone(), "role.add"),
        ("DELETE", of_app("/roles/USER"), none.clone(), "role.remove"),
        ("PUT", "/api/users/ann".to_owned(), name.clone(), "user.save"),
        ("PUT", "/api/groups/devs".to_owned(), json!({"description": CANARY}), "group.save"),
        ("POST", "/api/auth/authorization".to_owned(), grant.clone(), "grant.add"),
        ("DELETE", "/api/auth/authorization".to_owned(), grant, "grant.remove"),
        ("POST", "/api/roles".to_owned(), json!({"name": "r", "permissions": []}), "role.create"),
        ("POST", "/api/seal/rotate".to_owned(), none, "seal-key.rotate"),
    ]
}

#[test]
fn j3_every_denied_change_is_recorded_with_source_and_key() {
    let server = &Server::start();
    server.admin().post(MAIN, &openai("sk-1")).ok();
    let (app, other) = (server.client("app", &[]), server.client("other", &[]));
    for (method, path, body, action) in denied(&other) {
        let records = server.database.records();
        let answer = match &body {
            Value::Null => app.call(method, &path),
            body => app.call_with(method, &path, body),
        };
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text);
        let found = since(server, records);
        assert_eq!(found.len(), 1, "{method} {path}: {found:?}");
        for (field, value) in [
            ("action", action),
            ("outcome", "denied"),
            ("subject", &app.subject),
            ("keyId", &app.key),
            ("address", "127.0.0.1"),
        ] {
            assert_eq!(found[0][field], *value, "{method} {path}");
        }
    }
    let bytes = server.database.bytes();
    assert!(!bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()));
}

#[test]
fn j3_a_record_tells_what_somebody_would_have_given_without_holding_it() {
    let server = &Server::start();
    let (owner, other) = (server.client("owner", &["USER"]), server.client("other", &[]));
    let of = json!({"type": "APPLICATION", "id": other.application});
    let grant = json!({"subject": {"type": "USER", "id": owner.subject}, "target": of,
        "access": ["UPDATE"]});
    server.admin().post("/api/auth/authorization", &grant).ok();
    let records = server.database.records();
    let path = format!("/api/applications/{}/roles/ADMIN", other.application);
    owner.call("POST", &path).refused(403, "ADMIN");
    let found = since(server, records);
    assert_eq!(found[0]["detail"], json!({"given": "the role `ADMIN`"}));
    assert_eq!((found.len(), &found[0]["outcome"]), (1, &json!("denied")));
}
