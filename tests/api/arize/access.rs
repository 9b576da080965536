//! Who may do what in Arize's dialect: what one may not see is not there; contract section 2.4.

use serde_json::{Value, json};

use super::records::{
    AI_INTEGRATIONS, INTEGRATIONS, agent, at, escaped, least, llm, names, provider,
};
use crate::saving::with;
use crate::support::{Client, Server};

const MAIN: (&str, &str) = ("INTEGRATION_PROVIDER", "main");

/// Whether what one calls changes anything, and what it needs beside READ.
fn calls(record: &Value) -> [(&'static str, String, Option<Value>, &'static str); 6] {
    let newer = json!({"type": "LLM", "name": "renamed"});
    let older = json!({"enable_default_models": true});
    [
        ("GET", at(INTEGRATIONS, record), None, "READ"),
        ("GET", at(AI_INTEGRATIONS, record), None, "READ"),
        ("PATCH", at(INTEGRATIONS, record), Some(newer), "UPDATE"),
        ("PATCH", at(AI_INTEGRATIONS, record), Some(older), "UPDATE"),
        ("DELETE", at(INTEGRATIONS, record), None, "DELETE"),
        ("DELETE", at(AI_INTEGRATIONS, record), None, "DELETE"),
    ]
}

fn call(
    client: &Client,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> crate::support::Response {
    match body {
        Some(body) => client.call_with(method, path, body),
        None => client.call(method, path),
    }
}

#[test]
fn every_set_of_accesses_opens_what_it_says_and_nothing_else() {
    let server = &Server::start();
    let admin = server.admin();
    let kinds = ["CREATE", "READ", "UPDATE", "DELETE", "EXECUTE"];
    for set in 0..1_u32 << kinds.len() {
        let held: Vec<_> =
            (0..kinds.len()).filter(|bit| set >> bit & 1 == 1).map(|bit| kinds[bit]).collect();
        let has = |access: &str| held.contains(&access);
        let name = format!("client {set}");
        for index in 0..6 {
            let made = admin.make(&llm("main", with(&least("FIREWORKS"), &json!({}))));
            let client = if held.is_empty() {
                server.client(&format!("{name} {index}"), &[])
            } else {
                server.granted(&format!("{name} {index}"), MAIN, &held)
            };
            let (method, path, body, needs) = calls(&made)[index].clone();
            if !has("READ") {
                // What is there looks like what is not.
                let absent = path.replace(&escaped(made["id"].as_str().unwrap()), ABSENT);
                let check = || {
                    let mut there = call(&client, method, &path, body.as_ref())
                        .problem(404, "No such integration");
                    let mut not = call(&client, method, &absent, body.as_ref())
                        .problem(404, "No such integration");
                    there["instance"].take();
                    not["instance"].take();
                    assert_eq!(there, not, "{method} {held:?}");
                };
                server.without_change(check);
            } else if has(needs) {
                let answer = call(&client, method, &path, body.as_ref());
                assert_eq!(
                    answer.status,
                    if needs == "DELETE" { 204 } else { 200 },
                    "{method} {held:?}"
                );
            } else {
                let denied = server
                    .denied(|| call(&client, method, &path, body.as_ref()).problem(403, needs));
                assert_eq!(denied, format!("denied {needs} INTEGRATION_PROVIDER main"));
            }
            if admin.get(&at(INTEGRATIONS, &made)).status == 200 {
                admin.delete(&at(INTEGRATIONS, &made)).gone();
            }
        }
    }
}

/// The id of nothing.
const ABSENT: &str = "TGxtSW50ZWdyYXRpb246MTI6YUJjRA%3D%3D";

#[test]
fn a_list_shows_what_one_may_read() {
    let server = &Server::start();
    let admin = server.admin();
    for name in ["a", "b", "c", "d"] {
        admin.make(&llm(name, least("OPEN_AI")));
    }
    admin.make(&agent("remote", json!({})));
    let (_, space) = admin.make_space("Acme", "prod");
    let ada = server.granted("ada", ("INTEGRATION_PROVIDER", "b"), &["READ"]);
    server.grant(("USER", &ada.subject), ("INTEGRATION_PROVIDER", "d"), &["READ", "UPDATE"]);
    server.grant(("USER", &ada.subject), ("INTEGRATION_PROVIDER", "c"), &["UPDATE"]);
    for list in [INTEGRATIONS, AI_INTEGRATIONS] {
        let of = |query: &str| ada.get(&format!("{list}{query}")).ok();
        assert_eq!(names(&of("")), ["d", "b"], "{list}");
        assert_eq!(names(&of("?name=c")), Vec::<&str>::new());
        assert_eq!(names(&of(&format!("?space_id={}", escaped(&space)))), ["d", "b"]);
        let page = of("?limit=1");
        let next = page["pagination"]["next_cursor"].as_str().unwrap();
        let page = of(&format!("?limit=1&cursor={next}"));
        assert_eq!(names(&page), ["b"]);
        assert_eq!(page["pagination"], json!({"has_more": false}));
    }
    let agent = server.granted("eve", ("INTEGRATION_PROVIDER", "remote"), &["READ"]);
    assert_eq!(names(&agent.get(INTEGRATIONS).ok()), ["remote"]);
    assert!(names(&agent.get(AI_INTEGRATIONS).ok()).is_empty());
    let reader = server.client("reader", &["USER_READ_ONLY"]);
    assert_eq!(names(&reader.get(INTEGRATIONS).ok()).len(), 5);
    // Who sees a model alone sees no integration.
    let path = format!("{}/integration/gpt", provider("a"));
    admin.post(&path, &crate::support::model()).done();
    let model = server.granted("model", ("INTEGRATION", "a:gpt"), &["READ"]);
    assert!(!names_or_none(&model, INTEGRATIONS).contains(&"a".to_owned()));
}

/// What a list shows, be it refused.
fn names_or_none(client: &Client, list: &str) -> Vec<String> {
    let answer = client.get(list);
    match answer.status {
        200 => names(&answer.ok()).into_iter().map(str::to_owned).collect(),
        _ => vec![],
    }
}

#[test]
fn who_can_list_nothing_is_told_so() {
    let server = &Server::start();
    let admin = server.admin();
    admin.make(&llm("main", least("OPEN_AI")));
    let (_, space) = admin.make_space("Acme", "prod");
    let of_space = format!("space_id={}", escaped(&space));
    let nobody = server.client("nobody", &[]);
    let creator = server.client("creator", &["METADATA_MANAGER"]);
    for list in [INTEGRATIONS, AI_INTEGRATIONS] {
        server.without_change(|| {
            nobody.get(list).problem(403, "");
            nobody.get(&format!("{list}?name=main")).problem(403, "");
            nobody.get(&format!("{list}?{of_space}")).problem(404, "No such space");
            nobody.get(&format!("{list}?space_name=prod")).problem(403, "");
        });
        // Who may make one sees those, and there is none yet.
        assert!(names(&creator.get(list).ok()).is_empty());
        assert!(names(&creator.get(&format!("{list}?{of_space}")).ok()).is_empty());
    }
    for (method, path) in [
        ("GET", INTEGRATIONS.to_owned()),
        ("POST", INTEGRATIONS.to_owned()),
        ("GET", format!("{INTEGRATIONS}/{ABSENT}")),
        ("PATCH", format!("{AI_INTEGRATIONS}/{ABSENT}")),
        ("DELETE", format!("{AI_INTEGRATIONS}/{ABSENT}")),
    ] {
        server.unchanged(|| {
            server.stranger().call(method, &path).problem(401, "");
            server.bearer("garbage").call(method, &path).problem(401, "");
        });
    }
}

#[test]
fn who_may_create_owns_what_they_made() {
    let server = &Server::start();
    let creator = server.client("creator", &["METADATA_MANAGER"]);
    let nobody = server.client("nobody", &[]);
    let reader = server.client("reader", &["USER_READ_ONLY"]);
    let bodies = [
        (INTEGRATIONS, llm("mine", least("FIREWORKS"))),
        (INTEGRATIONS, agent("mine", json!({}))),
        (AI_INTEGRATIONS, json!({"name": "other", "provider": "CUSTOM", "model_names": ["a"]})),
    ];
    for (list, body) in &bodies {
        for client in [&nobody, &reader] {
            let denied = server.denied(|| client.post(list, body).problem(403, "CREATE"));
            assert!(denied.starts_with("denied CREATE INTEGRATION_PROVIDER "), "{denied}");
        }
        let made = creator.post(list, body).made();
        // Whether a name is taken is told to those alone who may take one.
        server.denied(|| nobody.post(list, body).problem(403, "CREATE"));
        let path = at(list, &made);
        assert_eq!(creator.get(&path).ok(), made);
        nobody.get(&path).problem(404, "No such integration");
        let mut changes = json!({"name": "changed"});
        if *list == INTEGRATIONS {
            changes["type"] = made["type"].clone();
        }
        creator.patch(&path, &changes).ok();
        server.denied(|| reader.patch(&path, &changes).problem(403, ""));
        server.denied(|| reader.delete(&path).problem(403, "DELETE"));
        creator.delete(&path).gone();
    }
}

#[test]
fn who_drops_a_model_must_be_allowed_to_delete_it() {
    let server = &Server::start();
    let admin = server.admin();
    let config = with(&least("FIREWORKS"), &json!({"model_names": ["a", "b"]}));
    let made = admin.make(&llm("main", config));
    let ada = server.granted("ada", MAIN, &["READ", "UPDATE"]);
    let set = |models: Value| {
        ada.change(&made, json!({"name": "main", "config": {"model_names": models}}))
    };
    let denied = server.denied(|| set(json!(["a", "c"])).problem(403, "DELETE"));
    assert_eq!(denied, "denied DELETE INTEGRATION main:b");
    assert_eq!(admin.read(&made)["config"]["model_names"], json!(["a", "b"]));
    assert_eq!(set(json!(["c", "b", "a"])).ok()["config"]["model_names"], json!(["c", "b", "a"]));
    server.grant(("USER", &ada.subject), ("INTEGRATION", "main:b"), &["DELETE"]);
    assert_eq!(set(json!(["a", "c"])).ok()["config"]["model_names"], json!(["a", "c"]));
    server.grant(("USER", &ada.subject), MAIN, &["DELETE"]);
    assert_eq!(set(json!([])).ok()["config"]["model_names"], json!([]));
    let list = json!({"request_presets": [{"name": "p", "config": {}}]});
    let remote = admin.make(&agent("remote", list));
    let eve = server.granted("eve", ("INTEGRATION_PROVIDER", "remote"), &["READ", "UPDATE"]);
    let none = json!({"config": {"request_presets": []}});
    let denied = server.denied(|| eve.change(&remote, none).problem(403, "DELETE"));
    assert_eq!(denied, "denied DELETE INTEGRATION remote:p");
}
