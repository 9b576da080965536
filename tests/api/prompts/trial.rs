//! `POST /prompts/test`: everything is checked, and no model is asked.

use serde_json::{Value, json};

use super::{bad_field, grant, with_main};
use crate::support::{PROVIDER, Server, openai};

const TEST: &str = "/api/prompts/test";

fn request() -> Value {
    json!({
        "prompt": "Hello ${name}", "promptVariables": {"name": "Ada"}, "llmProvider": "main",
        "model": "gpt", "temperature": 0.1, "topP": 0.9, "stopWords": ["END"],
    })
}

/// The request with this field.
fn with(field: &str, value: Value) -> Value {
    let mut body = request();
    body[field] = value;
    body
}

#[test]
fn what_is_in_order_is_501_and_leaves_no_trace() {
    let server = &Server::start();
    let (admin, bob) = (with_main(server), server.client("bob", &[]));
    grant(&admin, &bob, ("INTEGRATION", "main:gpt"), &["READ"]);
    server.unchanged(|| {
        for client in [&admin, &bob] {
            client.post(TEST, &request()).refused(501, "everything is in order");
            client.post(&format!("{TEST}/"), &request()).refused(501, "");
            let numbers = with("promptVariables", json!({"name": 5, "more": null}));
            client.post(TEST, &numbers).refused(501, "");
            let mut plain = with("prompt", json!("Hello"));
            plain["promptVariables"] = Value::Null;
            client.post(TEST, &plain).refused(501, "");
        }
    });
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let server = &Server::start();
    let admin = with_main(server);
    server.unchanged(|| {
        for (body, field) in [
            (with("promptVariables", json!({})), "variables.name"),
            (with("promptVariables", json!([])), "promptVariables"),
            (with("prompt", Value::Null), "prompt"),
            (with("llmProvider", Value::Null), "llmProvider"),
            (with("llmProvider", json!("a/b")), "llmProvider"),
            (with("model", json!(5)), "model"),
            (with("model", json!("")), "model"),
            (json!({}), "prompt"),
        ] {
            assert_eq!(bad_field(admin.post(TEST, &body)), field, "{body}");
        }
        admin.post(TEST, &with("model", json!("none"))).refused(404, "`main:none`");
        admin.post(TEST, &with("llmProvider", json!("none"))).refused(404, "`none`");
    });
}

#[test]
fn it_needs_read_on_the_model_before_all_else() {
    let server = &Server::start();
    let (admin, bob) = (with_main(server), server.client("bob", super::MANAGER));
    admin.post(&format!("{PROVIDER}/main/integration/gpt"), &json!({"enabled": false})).done();
    server.unchanged(|| {
        let without = with("promptVariables", json!({}));
        bob.post(TEST, &without).refused(403, "READ access to integration `main:gpt`");
        server.stranger().post(TEST, &request()).not_signed_in("INVALID_TOKEN");
    });
}

#[test]
fn what_is_disabled_cannot_be_asked() {
    let server = &Server::start();
    let admin = with_main(server);
    let (main, gpt) = (format!("{PROVIDER}/main"), format!("{PROVIDER}/main/integration/gpt"));
    admin.post(&gpt, &json!({"enabled": false})).done();
    admin.post(TEST, &request()).refused(409, "the model is disabled");
    let mut off = openai("sk-1");
    off["enabled"] = json!(false);
    admin.post(&main, &off).ok();
    admin.post(TEST, &request()).refused(409, "the integration is disabled");
    admin.post(&gpt, &json!({"enabled": true})).done();
    admin.post(TEST, &request()).refused(409, "the integration is disabled");
    admin.post(&main, &openai("sk-1")).ok();
    admin.post(TEST, &request()).refused(501, "");
}

#[test]
fn its_path_takes_nothing_else() {
    let server = &Server::start();
    let admin = server.admin();
    for method in ["GET", "PUT", "DELETE"] {
        let answer = admin.call(method, TEST);
        assert_eq!(answer.header("allow"), Some("POST"));
        answer.refused(405, "POST");
    }
}
