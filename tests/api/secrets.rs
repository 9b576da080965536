//! Secrets in configurations: sealed, masked, kept and cleared; contract section 4.6.

use serde_json::{Value, json};

use crate::support::{Server, is_mask};

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
    let server = &Server::start();
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
}

#[test]
fn what_the_definition_calls_secret_is_one_whatever_its_key() {
    let server = &Server::start();
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
}

#[test]
fn what_the_definition_calls_secret_is_one_in_a_resource_too() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &json!({"type": "mongovectordb"})).ok();
    admin.post(GPT, &json!({"configuration": {"endpoint": CLEAR}})).done();
    let read = admin.get(GPT).ok();
    assert!(is_like(&read["configuration"], &json!({"endpoint": MASK})), "{read}");
}

#[test]
fn h7_what_looks_secret_by_its_key_is_one_wherever_it_stands() {
    let server = &Server::start();
    let keys = "apikey api-key apiKey API_KEY x-api-key X-API-Key token access_token \
                accessToken refresh_token id_token bearer bearerToken auth Authorization \
                authorization proxy-authorization password Password passwd pwd pass \
                passphrase secret client_secret clientSecret secretKey \
                aws_secret_access_key private_key privateKey signingKey signature sig \
                credential credentials cookie jwt pin otp sshKey encryptionKey webhookSecret \
                sessionToken sas_token personalAccessToken pat connectionString \
                primary_connection_string accountKey storageAccountKey";
    let keys: Vec<_> = keys.split_whitespace().collect();
    assert!(keys.len() > 45);
    for key in keys {
        let headers = json!({"X-Any": CLEAR, key: CLEAR});
        let sent = json!({key: CLEAR, "deep": [{"er": {key: CLEAR}}], "headers": headers});
        let mask = json!({key: MASK, "deep": [{"er": {key: MASK}}],
                          "headers": {"X-Any": MASK, key: MASK}});
        let shown = save(server, &sent);
        assert!(is_like(&shown, &mask), "{key}: {shown}");
    }
    for headers in [json!(CLEAR), json!([CLEAR]), json!([{"name": "X-Any", "value": CLEAR}])] {
        let shown = save(server, &json!({"headers": headers, "extra_header": headers}));
        assert!(is_like(&shown, &json!({"headers": MASK, "extra_header": MASK})), "{shown}");
    }
}

#[test]
fn a_secret_is_sealed_with_its_type() {
    let server = &Server::start();
    save(server, &many().0);
    let opened = |path| server.database.opened("main", "", path);
    assert_eq!(opened("/api_key"), format!("\"{CLEAR}\""));
    assert_eq!(opened("/pin"), "123456789123456789");
    assert_eq!(opened("/clientSecret"), format!("[\"{CLEAR}\"]"));
    assert_eq!(opened("/nested/list/0/accessToken"), format!("\"{CLEAR}\""));
    assert_eq!(server.database.secrets().len(), 7);
}

#[test]
fn nothing_on_disk_holds_a_secret_in_clear() {
    let server = &Server::start();
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
}

#[test]
fn one_secret_can_be_kept_while_another_is_replaced() {
    let server = &Server::start();
    let read = save(server, &json!({"api_key": "sk-1", "password": "p-1"}));
    let before = server.database.secrets();
    save(server, &json!({"api_key": read["api_key"], "password": "p-2"}));
    let after = server.database.secrets();
    assert_eq!(before[0], after[0]);
    assert_ne!(before[1], after[1]);
    assert_eq!(server.database.opened("main", "", "/password"), "\"p-2\"");
}

#[test]
fn a_refusal_does_not_repeat_a_secret() {
    let server = &Server::start();
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
}
