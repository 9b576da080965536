//! What is kept in memory is never older than what was acknowledged, and never opens what was closed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::support::{Client, PROVIDER, Server, openai};

/// A resource, and the path of it.
const MODEL: &str = "/api/integrations/provider/main/integration/gpt";

/// How often the resource is saved while others read it.
const SAVES: u64 = 300;

fn model(description: &str) -> Value {
    json!({"description": description, "enabled": true, "configuration": {}})
}

/// A server with an integration and a resource of it, each of which was read by their owner.
fn with_model() -> (Server, Client) {
    let server = Server::start();
    let ada = server.client("ada", &["USER"]);
    ada.post(&format!("{PROVIDER}/main"), &openai("sk-1")).ok();
    ada.post(MODEL, &model("0")).done();
    for path in reads() {
        ada.get(&path).ok();
    }
    (server, ada)
}

/// The reads that are answered from memory.
fn reads() -> [String; 4] {
    let main = format!("{PROVIDER}/main");
    let list = format!("{main}/integration");
    [main, format!("{list}?activeOnly=false"), list, MODEL.to_owned()]
}

/// What `path` shows of the resource or the integration that stands for it.
fn shown(client: &Client, path: &str) -> Value {
    let found = client.get(path).ok();
    found.get(0).unwrap_or(&found).clone()
}

#[test]
fn a_read_never_goes_back() {
    let (server, ada) = with_model();
    let seen = AtomicU64::new(0);
    thread::scope(|scope| {
        for path in reads().into_iter().skip(1) {
            let (seen, client) = (&seen, server.signed_in(&ada.key, &ada.secret));
            scope.spawn(move || {
                while seen.load(Ordering::SeqCst) < SAVES {
                    let least = seen.load(Ordering::SeqCst);
                    let found = shown(&client, &path);
                    let found = found["description"].as_str().unwrap().parse().unwrap();
                    assert!(found >= least, "{path} shows {found} after {least}");
                    seen.fetch_max(found, Ordering::SeqCst);
                }
            });
        }
        for save in 1..=SAVES {
            ada.post(MODEL, &model(&save.to_string())).done();
            seen.fetch_max(save, Ordering::SeqCst);
        }
    });
}

#[test]
fn what_was_read_before_shows_each_kind_of_change() {
    let (_server, ada) = with_model();
    let main = &reads()[0];
    let tags = json!([{"key": "team", "value": "a"}]);
    ada.put(&format!("{MODEL}/tags"), &tags).done();
    for path in &reads()[1..] {
        assert_eq!(shown(&ada, path)["tags"][0]["value"], "a", "{path}");
    }
    ada.call_with("DELETE", &format!("{MODEL}/tags"), &tags).done();
    for path in &reads()[1..] {
        assert_eq!(shown(&ada, path)["tags"], json!([]), "{path}");
    }
    ada.patch(MODEL, &json!({"enabled": false})).done();
    assert_eq!(ada.get(&reads()[2]).ok(), json!([]));
    assert_eq!(shown(&ada, MODEL)["enabled"], false);
    ada.post(&format!("{main}/integration/other"), &model("0")).done();
    assert_eq!(shown(&ada, main)["modelsCount"], 2);
    ada.patch(main, &json!({"description": "changed"})).ok();
    assert_eq!(shown(&ada, main)["description"], "changed");
    ada.delete(MODEL).done();
    ada.get(MODEL).refused(404, "gpt");
    assert_eq!(shown(&ada, main)["modelsCount"], 1);
    ada.delete(main).done();
    for path in reads() {
        ada.get(&path).refused(404, "main");
    }
}

#[test]
fn what_was_undone_allows_nothing() {
    let server = Server::start();
    let bob = server.client("bob", &["USER"]);
    let main = format!("{PROVIDER}/main");
    // The first makes it theirs, by which its resource is; the second undoes both.
    let items = json!([
        {"name": "main", "type": "openai", "apis": [{"api": "gpt"}, {"api": "gpt"}]},
        {"name": "other", "type": "nothing"},
    ]);
    bob.post("/api/integrations", &items).refused(404, "nothing was saved");
    server.admin().post(&main, &openai("sk-1")).ok();
    bob.get(&main).refused(403, "READ");
    bob.post(&main, &openai("sk-2")).refused(403, "UPDATE");
}

#[test]
fn an_answer_of_one_caller_opens_nothing_to_another() {
    let (server, ada) = with_model();
    let bob = server.client("bob", &["USER"]);
    for path in [&reads()[0], &reads()[3]] {
        bob.get(path).refused(403, "READ");
    }
    assert_eq!(bob.get(&reads()[1]).ok(), json!([]));
    let (whom, on) = (("USER", &*bob.subject), ("INTEGRATION", "main:gpt"));
    server.grant(whom, on, &["READ"]);
    bob.get(MODEL).ok();
    assert_eq!(shown(&bob, &reads()[1])["api"], "gpt");
    let grant = json!({
        "subject": {"type": whom.0, "id": whom.1},
        "target": {"type": on.0, "id": on.1},
        "access": ["READ"],
    });
    ada.call_with("DELETE", "/api/auth/authorization", &grant).ok();
    bob.get(MODEL).refused(403, "READ");
    assert_eq!(bob.get(&reads()[1]).ok(), json!([]));
    ada.get(MODEL).ok();
}
