//! J6: the log tells whether two secrets are one, and never a secret.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Client, Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";
const GPT: &str = "/api/integrations/provider/main/integration/gpt";

/// What the latest record says of secrets.
fn latest(server: &Server) -> BTreeMap<String, Value> {
    let found = server.admin().get("/api/audit?limit=1").ok();
    let secrets = found["records"][0]["detail"]["secrets"].as_object();
    secrets.map(|map| map.clone().into_iter().collect()).unwrap_or_default()
}

/// The fingerprint of a value, as an auditor asks for it.
fn fingerprint(client: &Client, value: &Value) -> Value {
    client.post("/api/audit/fingerprint", &json!({"value": value})).ok()["fingerprint"].clone()
}

/// What is recorded of saving this value.
fn saved(server: &Server, name: &str, value: &Value) -> Value {
    let mut body = openai("");
    body["configuration"] = json!({"api_key": value});
    server.admin().post(&format!("/api/integrations/provider/{name}"), &body).ok();
    latest(server)["/api_key"].clone()
}

#[test]
fn j6_equal_secrets_have_equal_fingerprints_which_confirm_a_candidate() {
    let server = &Server::start();
    let elsewhere = Server::start();
    let admin = server.admin();
    let values = [
        json!("sk-0123456789"),
        json!("sk-0123456788"),
        json!("5"),
        json!(5),
        json!({"a": "x", "b": [1]}),
        json!({"a": "x", "b": [2]}),
        json!("\"sk-0123456789\""),
        json!("{\"a\":\"x\",\"b\":[1]}"),
    ];
    let mut seen = vec![];
    for (index, value) in values.iter().enumerate() {
        let first = saved(server, &format!("a{index}"), value);
        assert_eq!(saved(server, &format!("b{index}"), value), first, "{value}");
        assert_eq!(fingerprint(&admin, value), first, "{value}");
        assert_ne!(saved(&elsewhere, "c", value), first, "{value}");
        assert!(first.as_str().unwrap().starts_with("hmac-sha256:") && !seen.contains(&first));
        seen.push(first);
    }
    let log = admin.get("/api/audit?limit=1000").text;
    assert!(!log.contains("sk-012"), "{log}");
}

#[test]
fn j6_a_record_of_a_save_names_what_was_set_kept_and_dropped() {
    let server = &Server::start();
    let admin = server.admin();
    let mut body = openai("sk-1");
    body["configuration"]["extra"] = json!({"a_token": "1", "b_token": "2"});
    admin.post(MAIN, &body).ok();
    let first = latest(server);
    assert_eq!(first.keys().collect::<Vec<_>>(), ["/api_key", "/extra/a_token", "/extra/b_token"]);
    let mut shown = admin.get(MAIN).ok();
    shown["configuration"]["extra"] = json!({"a_token": "3"});
    shown["configuration"]["note"] = json!("new");
    admin.post(MAIN, &shown).ok();
    let second = latest(server);
    let expected = [
        ("/extra/a_token".to_owned(), fingerprint(&admin, &json!("3"))),
        ("/extra/b_token".to_owned(), Value::Null),
    ];
    assert_eq!(second, expected.into(), "a kept secret is not named");
    let record = &admin.get("/api/audit?limit=1").ok()["records"][0];
    assert_eq!(record["detail"]["changed"], json!(["extra", "note"]));
}

#[test]
fn j6_a_record_of_a_resolve_names_the_paths_and_fingerprints() {
    let server = &Server::start();
    let admin = server.admin();
    let mut body = openai("sk-1");
    body["configuration"]["headers"] = json!({"X-One": "1"});
    admin.post(MAIN, &body).ok();
    let mut own = model();
    own["configuration"] = json!({"api_key": "sk-2"});
    admin.post(GPT, &own).done();
    let of = |value: &str| fingerprint(&admin, &json!(value));
    let header = ("/headers/X-One".to_owned(), of("1"));
    for (path, api_key) in [(MAIN, "sk-1"), (GPT, "sk-2")] {
        admin.call("POST", &format!("{path}/resolve")).ok();
        let expected = [("/api_key".to_owned(), of(api_key)), header.clone()];
        assert_eq!(latest(server), expected.into(), "{path}");
    }
    let log = admin.get("/api/audit?limit=1000").text;
    assert!(!log.contains("sk-1") && !log.contains("sk-2"), "{log}");
}

#[test]
fn j6_only_who_may_read_the_log_can_confirm_a_secret() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    let reader = server.client("reader", &[]);
    let grant = |kind: &str, id: &str| {
        let body = json!({"subject": {"type": "USER", "id": reader.subject},
            "target": {"type": kind, "id": id}, "access": ["READ"]});
        admin.post("/api/auth/authorization", &body).ok();
    };
    grant("INTEGRATION_PROVIDER", "main");
    reader.get(MAIN).ok();
    let body = json!({"value": "sk-1"});
    let ask = |client: &Client| client.post("/api/audit/fingerprint", &body);
    for client in [&reader, &server.client("eve", &["USER_READ_ONLY"])] {
        ask(client).refused(403, "READ");
    }
    server.stranger().post("/api/audit/fingerprint", &body).not_signed_in("INVALID_TOKEN");
    grant("AUDIT_LOG", "*");
    assert_eq!(ask(&reader).ok(), ask(&admin).ok());
}
