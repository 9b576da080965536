//! Secrets of manifests: referred to, kept, and never told.

use serde_json::{Value, json};

use super::{EXPORT, PLAN, fields, request};
use crate::support::{PROVIDER, Server, is_mask};

fn one(configuration: Value) -> Value {
    json!({"integrations": [{"name": "main", "type": "openai", "configuration": configuration}]})
}

fn value(text: &str) -> Value {
    json!({"values": {"env:KEY": text}})
}

const ONE: &str = "sk-one-0123456789abc";
const TWO: &str = "sk-two-0123456789abc";

#[test]
fn a_secret_changes_only_where_its_value_does() {
    let server = &Server::start();
    let admin = server.admin();
    let manifest = one(json!({"api_key": "${env:KEY}", "password": "Bearer ${env:KEY}"}));
    let told = |plan: &Value| fields(plan, "main").into_iter().map(|mut one| one[3].take());
    let plan = admin.apply(&manifest, &value(ONE));
    assert_eq!(told(&plan).filter(|one| one == "sets").count(), 2);
    let sealed = server.database.secrets();
    server.unchanged(|| admin.apply(&manifest, &value(ONE)));
    let plan = admin.apply(&manifest, &value(TWO));
    assert_eq!(told(&plan).filter(|one| one == "changes").count(), 2);
    assert_ne!(server.database.secrets(), sealed);
    assert_eq!(server.database.opened("main", "", "/password"), format!("\"Bearer {TWO}\""));
    let fewer = one(json!({"api_key": "keep"}));
    let plan = admin.apply(&fewer, &json!({}));
    assert_eq!(told(&plan).collect::<Vec<_>>(), ["keeps", "removes"]);
    assert_eq!(server.database.opened("main", "", "/api_key"), format!("\"{TWO}\""));
    let read = admin.get(&format!("{PROVIDER}/main")).ok();
    assert!(is_mask(&read["configuration"]["api_key"]), "{read}");
}

#[test]
fn a_secret_in_clear_is_refused_unless_it_is_asked_for() {
    let server = &Server::start();
    let admin = server.admin();
    for (configuration, field) in [
        (json!({"api_key": ONE}), "configuration.api_key"),
        (json!({"headers": {"X-A": ONE}}), "configuration.headers.X-A"),
        (json!({"note": format!("-----BEGIN PRIVATE KEY-----{ONE}")}), "configuration.note"),
        (json!({"pin": 1234}), "configuration.pin"),
        (json!({"credentials": {"a": "${env:KEY}", "b": ONE}}), "configuration.credentials"),
    ] {
        let manifest = one(configuration);
        let words = format!("integrations[0] `{field}` is a secret in clear");
        let answer =
            server.unchanging(|| admin.try_apply(&manifest, &value(ONE)).refused(400, &words));
        assert!(!answer.to_string().contains(ONE), "{answer}");
        let more = json!({"values": value(ONE)["values"], "allowPlainSecrets": true});
        assert_eq!(admin.plan(&manifest, &more)["changes"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn what_is_not_stored_cannot_be_kept_and_what_is_not_sent_cannot_be_used() {
    let server = &Server::start();
    let admin = server.admin();
    let refused = |configuration: Value, words: &str| {
        let manifest = one(configuration);
        server.unchanged(|| admin.try_apply(&manifest, &json!({})).refused(400, words));
    };
    refused(
        json!({"api_key": "keep"}),
        "integrations[0] `configuration.api_key` is `keep`, and no",
    );
    refused(json!({"api_key": "${env:KEY}"}), "names `env:KEY`, whose value was not sent");
    refused(json!({"endpoint": "https://${file:a b}"}), "names `file:a b`, whose value");
    // A word, where it is no secret.
    admin.apply(&one(json!({"note": "keep", "text": "$${env:KEY}"})), &json!({}));
    let read = admin.get(&format!("{PROVIDER}/main")).ok();
    assert_eq!(read["configuration"], json!({"note": "keep", "text": "${env:KEY}"}));
    assert_eq!(admin.exported()["integrations"][0]["configuration"]["text"], "$${env:KEY}");
}

#[test]
fn a_kept_secret_does_not_follow_to_another_host() {
    let server = &Server::start();
    let admin = server.admin();
    let at = |host: &str, key: &str| {
        one(json!({"api_key": key, "endpoint": format!("https://{host}.example.org")}))
    };
    admin.apply(&at("a", "${env:KEY}"), &value(ONE));
    server.unchanged(|| {
        let path = "integrations[0] `configuration.api_key` must be sent again";
        admin.try_apply(&at("b", "keep"), &json!({})).refused(409, path);
    });
    let plan = admin.apply(&at("b", "${env:KEY}"), &value(ONE));
    let secret = fields(&plan, "main").into_iter().find(|one| one[0] == "configuration.api_key");
    assert_eq!(secret.unwrap()[3], "changes");
    assert_eq!(server.database.opened("main", "", "/api_key"), format!("\"{ONE}\""));
}

#[test]
fn no_answer_and_no_record_tells_a_secret() {
    let server = &Server::start();
    let admin = server.admin();
    let manifest = one(json!({"api_key": "${env:KEY}"}));
    let mut told = admin.post(PLAN, &request(&manifest, &value(ONE))).text;
    told += &admin.try_apply(&manifest, &value(ONE)).text;
    told += &admin.try_apply(&manifest, &value(TWO)).text;
    told += &admin.get(EXPORT).text;
    told += &admin.get(&format!("{EXPORT}?secrets=env")).text;
    told += &server.database.lines("audit", "detail").into_iter().collect::<String>();
    for secret in [ONE, TWO] {
        assert!(!told.contains(secret), "{told}");
    }
    assert!(told.contains("${env:MAIN_API_KEY}") && told.contains("\"keep\""), "{told}");
}
