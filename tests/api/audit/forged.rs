//! J5: no text that comes from outside can look like a record, or hide one.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::support::{Client, Server, openai};

/// What could end a line, a text or a record, or rule a terminal.
const HOSTILE: [&str; 8] = [
    "a\nb",
    "a\r\n{\"seq\":1}\r\nb",
    "a\u{1b}[1A\u{1b}[2Kb",
    "a\u{9b}31m\u{85}b",
    "a\",\"outcome\":\"done\",\"x\":\"b",
    "a\u{2028}b\u{2029}c",
    "a\u{202e}gnp.b",
    "a\\u0022 b\\",
];

/// What a request with a hostile text is, and the id of its target where it is recorded.
type Carrier = fn(&Client, &str) -> (u16, Option<String>);

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn saved(client: &Client, name: &str, body: &Value) -> u16 {
    client.post(&format!("/api/integrations/provider/{}", escaped(name)), body).status
}

/// The places that texts come in by.
const CARRIERS: [(&str, Carrier); 8] = [
    ("the name of an integration", |client, text| {
        (saved(client, text, &openai("sk-1")), Some(text.to_owned()))
    }),
    ("a description", |client, text| {
        let mut body = openai("sk-1");
        body["description"] = json!(text);
        (saved(client, "described", &body), Some("described".to_owned()))
    }),
    ("a key of a configuration", |client, text| {
        let mut body = openai("sk-1");
        body["configuration"][format!("{text} token")] = json!("sk-2");
        (saved(client, "configured", &body), Some("configured".to_owned()))
    }),
    ("a tag", |client, text| {
        let tags = json!([{"key": text, "value": text}]);
        let path = "/api/integrations/provider/tagged/tags";
        (client.put(path, &tags).status, Some("tagged".to_owned()))
    }),
    ("the name of an application", |client, text| {
        let answer = client.post("/api/applications", &json!({"name": text}));
        (answer.status, answer.json["id"].as_str().map(str::to_owned))
    }),
    ("the name of a role", |client, text| {
        let body = json!({"name": text, "permissions": []});
        (client.post("/api/roles", &body).status, Some(text.to_owned()))
    }),
    ("the target of a grant", |client, text| {
        let body = json!({"subject": {"type": "GROUP", "id": text},
            "target": {"type": "WORKFLOW_DEF", "id": text}, "access": ["READ"]});
        (client.post("/api/auth/authorization", &body).status, Some(text.to_owned()))
    }),
    ("a key id", |client, text| {
        let body = json!({"keyId": text, "keySecret": "x"});
        (client.post("/api/token", &body).status, None)
    }),
];

/// The records from this one on, as the log is read, and as one text.
fn since(server: &Server, records: usize) -> (Vec<Value>, String) {
    let answer = server.admin().get(&format!("/api/audit?ascending=true&cursor={records}"));
    assert_eq!(answer.status, 200, "{}", answer.text);
    (answer.json["records"].as_array().unwrap().clone(), answer.text)
}

#[test]
fn j5_a_hostile_text_is_one_record_or_none() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post("/api/integrations/provider/tagged", &openai("sk-1")).ok();
    let (mut recorded, mut refused) = (0, 0);
    for text in HOSTILE {
        for (carrier, send) in CARRIERS {
            let records = server.database.records();
            let (status, target) = send(&admin, text);
            let (found, raw) = since(server, records);
            assert!(!raw.contains('\n'), "{carrier}: {raw}");
            match status {
                400 => {
                    assert_eq!(found, Vec::<Value>::new(), "{carrier}, {text:?}");
                    refused += 1;
                }
                200 | 401 => {
                    assert_eq!(found.len(), 1, "{carrier}, {text:?}: {found:?}");
                    // An unknown key id may be a secret, and is told by its fingerprint.
                    let told = found[0]["targetId"].as_str().unwrap();
                    let fits = target.map_or(told.starts_with("hmac-sha256:"), |id| id == told);
                    assert!(fits, "{carrier}: {told}");
                    let outcome = if status == 200 { "done" } else { "failed" };
                    assert_eq!(found[0]["outcome"], outcome, "{carrier}");
                    recorded += 1;
                }
                _ => panic!("{carrier}, {text:?}: {status}"),
            }
        }
    }
    assert!(recorded >= 30, "{recorded} recorded, {refused} refused");
    assert_eq!(admin.get("/api/audit/verify").ok()["firstBad"], Value::Null);
}
