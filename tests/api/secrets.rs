//! Secrets in configurations: sealed, masked, kept and cleared; contract section 4.6.

use serde_json::{Value, json};

use crate::support::{Server, each_database, is_mask, openai};

const MAIN: &str = "/api/integrations/provider/main";
const GPT: &str = "/api/integrations/provider/main/integration/gpt";

/// Nobody ever reads this.
const CLEAR: &str = "sk-clear-5d41402abc4b2a76";

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Whether a configuration as it is read is `shown`, where `MASK` stands for any mask.
fn is_like(read: &Value, shown: &Value) -> bool {
    match (read, shown) {
        (Value::String(text), Value::String(mask)) if mask == MASK => is_mask(&json!(text)),
        (Value::Object(read), Value::Object(shown)) => {
            read.len() == shown.len()
                && shown.iter().all(|(key, one)| read.get(key).is_some_and(|it| is_like(it, one)))
        }
        (Value::Array(read), Value::Array(shown)) => {
            read.len() == shown.len() && read.iter().zip(shown).all(|(it, one)| is_like(it, one))
        }
        _ => read == shown,
    }
}

/// What stands for any mask.
const MASK: &str = "MASK";

fn save(server: &Server, configuration: &Value) -> Value {
    let body = json!({"type": "openai", "enabled": true, "configuration": configuration});
    server.admin().post(MAIN, &body).ok()["configuration"].clone()
}

/// What is secret in many ways, and how it looks from outside.
fn many() -> (Value, Value) {
    let sent = json!({
        "api_key": CLEAR,
        "endpoint": "https://api.example.org",
        "password": {"user": "u", "pass": CLEAR},
        "clientSecret": [CLEAR],
        "pin": 123_456_789_123_456_789_i64,
        "headers": {"X-Any": CLEAR, "X-Deep": {"inner": CLEAR}},
        "nested": {"list": [{"accessToken": CLEAR, "region": "eu"}]},
        "maxTokens": 5,
    });
    let shown = json!({
        "api_key": MASK,
        "endpoint": "https://api.example.org",
        "password": MASK,
        "clientSecret": MASK,
        "pin": MASK,
        "headers": {"X-Any": MASK, "X-Deep": {"inner": MASK}},
        "nested": {"list": [{"accessToken": MASK, "region": "eu"}]},
        "maxTokens": 5,
    });
    (sent, shown)
}

#[test]
fn every_read_masks_secrets() {
    each_database(|server| {
        let admin = server.admin();
        let (sent, shown) = many();
        let body = json!({"type": "openai", "enabled": true, "configuration": sent});
        let saved = admin.post(MAIN, &body);
        assert!(!saved.text.contains(CLEAR), "{}", saved.text);
        let saved = saved.ok()["configuration"].clone();
        assert!(is_like(&saved, &shown), "{saved}");
        admin.post(GPT, &json!({"enabled": true, "configuration": sent})).done();
        for (path, place) in [
            (MAIN, "/configuration"),
            (GPT, "/configuration"),
            ("/api/integrations/provider", "/0/configuration"),
            ("/api/integrations", "/0/configuration"),
            ("/api/integrations", "/0/apis/0/configuration"),
            ("/api/integrations/provider/main/integration", "/0/configuration"),
        ] {
            let answer = admin.get(path);
            assert!(!answer.text.contains(CLEAR), "{path}: {}", answer.text);
            let answer = answer.ok();
            assert!(is_like(answer.pointer(place).unwrap(), &shown), "{path}: {answer}");
        }
    });
}

#[test]
fn what_the_definition_calls_secret_is_one_whatever_its_key() {
    each_database(|server| {
        let admin = server.admin();
        for (kind, key) in [
            ("mongovectordb", "endpoint"),
            ("azure_service_bus", "endpoint"),
            ("aws", "externalId"),
            ("aws", "awsAccountId"),
            ("gcp", "file"),
            ("nats", "tlsFile"),
            ("kafka", "schemaRegistryApiKey"),
        ] {
            let path = format!("/api/integrations/provider/{kind}-{key}");
            let saved = admin.post(&path, &json!({"type": kind, "configuration": {key: CLEAR}}));
            let saved = saved.ok();
            assert!(is_like(&saved["configuration"], &json!({key: MASK})), "{kind} {key}: {saved}");
        }
    });
}

#[test]
fn what_the_definition_calls_secret_is_one_in_a_resource_too() {
    each_database(|server| {
        let admin = server.admin();
        admin.post(MAIN, &json!({"type": "mongovectordb"})).ok();
        admin.post(GPT, &json!({"configuration": {"endpoint": CLEAR}})).done();
        let read = admin.get(GPT).ok();
        assert!(is_like(&read["configuration"], &json!({"endpoint": MASK})), "{read}");
    });
}

#[test]
fn a_secret_is_sealed_with_its_type() {
    each_database(|server| {
        save(server, &many().0);
        let opened = |path| server.database.opened("main", "", path);
        assert_eq!(opened("/api_key"), format!("\"{CLEAR}\""));
        assert_eq!(opened("/pin"), "123456789123456789");
        assert_eq!(opened("/clientSecret"), format!("[\"{CLEAR}\"]"));
        assert_eq!(opened("/nested/list/0/accessToken"), format!("\"{CLEAR}\""));
        assert_eq!(server.database.secrets().len(), 7);
    });
}

#[test]
fn nothing_on_disk_holds_a_secret_in_clear() {
    each_database(|server| {
        let admin = server.admin();
        save(server, &many().0);
        admin.post(GPT, &json!({"configuration": many().0})).done();
        let item = json!({"name": "bulk", "type": "openai", "configuration": {"token": CLEAR}});
        admin.post("/api/integrations", &json!([item])).done();
        let bad = json!({"type": "nothing", "configuration": {"api_key": CLEAR}});
        admin.post("/api/integrations/provider/bad", &bad).refused(404, "type");
        let (_, secret) = admin.new_key(admin.subject.strip_prefix("app:").unwrap());

        let bytes = server.database.bytes();
        assert!(holds(&bytes, "https://api.example.org"), "the search finds nothing at all");
        assert!(!holds(&bytes, CLEAR));
        assert!(!holds(&bytes, &CLEAR[3..]));
        assert!(!holds(&bytes, &secret), "the secret of an access key");
        assert!(!holds(&bytes, crate::support::ADMIN.1));
        assert!(!holds(&bytes, crate::support::SEAL_KEY));
    });
}

#[test]
fn the_mask_written_back_keeps_what_is_stored() {
    each_database(|server| {
        let admin = server.admin();
        let read = save(server, &many().0);
        admin.post(GPT, &json!({"configuration": many().0})).done();
        let read_of_resource = admin.get(GPT).ok()["configuration"].clone();
        let sealed = server.database.secrets();
        assert_eq!(save(server, &read), read);
        admin.post(GPT, &json!({"configuration": read_of_resource})).done();
        assert_eq!(server.database.secrets(), sealed);
    });
}

#[test]
fn one_secret_can_be_kept_while_another_is_replaced() {
    each_database(|server| {
        let read = save(server, &json!({"api_key": "sk-1", "password": "p-1"}));
        let before = server.database.secrets();
        save(server, &json!({"api_key": read["api_key"], "password": "p-2"}));
        let after = server.database.secrets();
        assert_eq!(before[0], after[0]);
        assert_ne!(before[1], after[1]);
        assert_eq!(server.database.opened("main", "", "/password"), "\"p-2\"");
    });
}

#[test]
fn a_secret_is_cleared_by_null_by_nothing_and_by_leaving_it_out() {
    each_database(|server| {
        for (sent, shown) in [
            (json!({"api_key": null, "model": "m"}), json!({"model": "m"})),
            (json!({"model": "m"}), json!({"model": "m"})),
            (json!({"api_key": ""}), json!({"api_key": ""})),
            (json!({}), json!({})),
        ] {
            save(server, &json!({"api_key": "sk-1"}));
            assert_eq!(server.database.secrets().len(), 1);
            assert_eq!(save(server, &sent), shown);
            assert!(server.database.secrets().is_empty(), "{sent}");
        }
    });
}

#[test]
fn a_mask_for_which_nothing_is_stored_is_refused() {
    each_database(|server| {
        let admin = server.admin();
        let mask = "****abcdefgh****wxyz";
        let masked = openai(mask);
        server.unchanged(|| admin.post(MAIN, &masked).refused(400, "`configuration.api_key`"));
        let stored = save(server, &json!({"password": "p-1"}))["password"].clone();
        server.unchanged(|| {
            let error = admin.post(MAIN, &masked).refused(400, "mask");
            assert_eq!(error["validationErrors"][0]["path"], "configuration.api_key");
            let nested = json!({"type": "openai", "configuration": {"a": [{"token": mask}]}});
            admin.post(MAIN, &nested).refused(400, "`configuration.a.0.token`");
            let resource = json!({"configuration": {"password": stored}});
            admin.post(GPT, &resource).refused(400, "`configuration.password`");
            let item = json!({"name": "new", "type": "openai", "configuration": {"token": mask}});
            admin.post("/api/integrations", &json!([item])).refused(400, "configuration.token");
        });
        admin.delete(MAIN).done();
        let kept = json!({"type": "openai", "configuration": {"password": stored}});
        server.unchanged(|| admin.post(MAIN, &kept).refused(400, "`configuration.password`"));
    });
}

#[test]
fn a_refusal_does_not_repeat_a_secret() {
    each_database(|server| {
        let admin = server.admin();
        for body in [
            json!({"type": "openai", "configuration": CLEAR}),
            json!({"type": "openai", "enabled": CLEAR}),
            json!({"type": "openai", "category": CLEAR}),
            json!({"type": [CLEAR]}),
            json!(CLEAR),
        ] {
            let answer = admin.post(MAIN, &body);
            assert!(!answer.text.contains(CLEAR), "{}", answer.text);
            answer.refused(400, "");
        }
        let twice = format!(r#"{{"api_key":"{CLEAR}","api_key":"{CLEAR}"}}"#);
        let kind = [("Content-Type", "application/json")];
        let answer = admin.send("POST", MAIN, &kind, Some(&twice));
        assert!(!answer.text.contains(CLEAR), "{}", answer.text);
        answer.refused(400, "`api_key` twice");
    });
}
