//! Reading the log: filters, pages, and who may.

use serde_json::{Value, json};

use crate::support::{Client, Server, openai};

const MAIN: &str = "/api/integrations/provider/main";

fn page(client: &Client, query: &str) -> (Vec<Value>, Option<i64>) {
    let found = client.get(&format!("/api/audit{query}")).ok();
    (found["records"].as_array().unwrap().clone(), found["cursor"].as_i64())
}

fn seqs(records: &[Value]) -> Vec<i64> {
    records.iter().map(|record| record["seq"].as_i64().unwrap()).collect()
}

/// A log with records of several people, kinds and outcomes.
fn prepare(server: &Server) -> Client {
    let (admin, ada) = (server.admin(), server.client("ada", &["METADATA_MANAGER"]));
    ada.post(MAIN, &openai("sk-1")).ok();
    admin.delete(MAIN).done();
    ada.post("/api/applications", &json!({"name": "x"})).refused(403, "CREATE");
    let wrong = json!({"keyId": ada.key, "keySecret": "x"});
    server.stranger().post("/api/token", &wrong).not_signed_in("INVALID_CREDENTIALS");
    ada
}

#[test]
fn each_filter_narrows_by_exact_match_and_they_add_up() {
    let server = &Server::start();
    let ada = prepare(server);
    let admin = server.admin();
    let (all, _) = page(&admin, "?limit=1000");
    let main = all.iter().find(|record| record["targetId"] == "main").unwrap().clone();
    for (name, value) in [
        ("subject", ada.subject.as_str()),
        ("subject", "local"),
        ("keyId", &ada.key),
        ("action", "integration.save"),
        ("action", "sign-in"),
        ("targetType", "INTEGRATION_PROVIDER"),
        ("targetId", "main"),
        ("outcome", "denied"),
        ("outcome", "failed"),
    ] {
        let expected: Vec<_> = all.iter().filter(|record| record[name] == value).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "{name}={value}");
        assert_eq!(page(&admin, &format!("?{name}={value}")).0, expected, "{name}={value}");
        for other in [&value[1..], &format!("{value}x"), "%25"] {
            assert_eq!(page(&admin, &format!("?{name}={other}")).0, Vec::<Value>::new());
        }
    }
    let at = main["at"].as_i64().unwrap();
    let seq = main["seq"].as_i64().unwrap();
    let around = page(&admin, &format!("?from={at}&to={}&limit=1000", at + 1)).0;
    assert!(around.contains(&main) && around.iter().all(|record| record["at"] == at));
    assert!(!page(&admin, &format!("?to={at}&limit=1000")).0.contains(&main));
    assert!(!page(&admin, &format!("?from={}&limit=1000", at + 1)).0.contains(&main));
    let both = format!("?subject={}&outcome=done&targetId=main", ada.subject);
    assert_eq!(seqs(&page(&admin, &both).0), [seq - 1], "saved by Ada, deleted by another");
}

#[test]
fn pages_follow_on_each_other_while_new_records_come_in() {
    let server = &Server::start();
    let admin = server.admin();
    prepare(server);
    let last = i64::try_from(server.database.records()).unwrap();
    let more = |n: i64| admin.post(&format!("{MAIN}{n}"), &openai("sk-1")).ok();
    let mut found = vec![];
    let (records, mut cursor) = page(&admin, "?limit=3");
    found.extend(seqs(&records));
    while let Some(from) = cursor {
        more(from);
        let (records, next) = page(&admin, &format!("?limit=3&cursor={from}"));
        found.extend(seqs(&records));
        cursor = next;
    }
    assert_eq!(found, (1..=last).rev().collect::<Vec<_>>());

    let mut found = vec![];
    let mut cursor = Some(0);
    while let Some(from) = cursor {
        let (records, next) = page(&admin, &format!("?ascending=true&limit=4&cursor={from}"));
        found.extend(seqs(&records));
        cursor = next;
    }
    let last = i64::try_from(server.database.records()).unwrap();
    assert_eq!(found, (1..=last).collect::<Vec<_>>());
    let first = &page(&admin, "?ascending=True&limit=1").0[0];
    assert_eq!(first["seq"], 1);
    assert_eq!(page(&admin, &format!("?limit={last}")).1, Some(1), "it may not be the last");
    assert_eq!(page(&admin, "?cursor=1"), (vec![], None));
}

#[test]
fn what_is_asked_wrongly_is_refused_by_name() {
    let server = &Server::start();
    let admin = server.admin();
    for (query, named) in [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("cursor=x", "cursor"),
        ("from=yesterday", "from"),
        ("to=x", "to"),
        ("ascending=1", "ascending"),
        ("user=ann", "user"),
        ("Limit=1", "Limit"),
        ("limit=1&limits=2", "limits"),
    ] {
        admin.get(&format!("/api/audit?{query}")).refused(400, named);
    }
    assert_eq!(page(&admin, "?limit=1000").1, None);
    assert_eq!(page(&admin, "?limit=1").0.len(), 1);
    let wrong = |body: &Value| admin.post("/api/audit/fingerprint", body);
    wrong(&json!({})).refused(400, "value");
    wrong(&json!("sk-1")).refused(400, "");
}

#[test]
fn the_log_is_for_administrators_and_whom_they_name() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), prepare(server));
    let readers = ["USER_READ_ONLY", "USER", "METADATA_MANAGER", "APPLICATION_MANAGER"];
    for role in readers {
        let client = server.client(role, &[role]);
        for path in ["/api/audit", "/api/audit/verify", "/api/seal"] {
            client.get(path).refused(403, "READ");
        }
    }
    server.stranger().get("/api/audit").not_signed_in("INVALID_TOKEN");
    let grant = |method: &str, access: &str| {
        let body = json!({"subject": {"type": "USER", "id": ada.subject},
            "target": {"type": "AUDIT_LOG", "id": "*"}, "access": [access]});
        admin.call_with(method, "/api/auth/authorization", &body).ok();
    };
    grant("POST", "EXECUTE");
    ada.get("/api/audit").refused(403, "READ");
    grant("POST", "READ");
    assert_eq!(page(&ada, "?limit=1000"), page(&admin, "?limit=1000"));
    assert_eq!(ada.get("/api/audit/verify").ok()["firstBad"], Value::Null);
    ada.get("/api/seal").refused(403, "READ");
    ada.call("POST", "/api/seal/rotate").refused(403, "UPDATE");
    grant("DELETE", "READ");
    ada.get("/api/audit").refused(403, "READ");
}
