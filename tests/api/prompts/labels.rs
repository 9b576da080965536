//! Labels: names that point at a version. These servers protect `production`.

use serde_json::{Value, json};

use super::{HI, MANAGER, PROMPTS, bad_field, grant, save, update, versions, with_main};
use crate::support::{Client, Response, Server};

/// A change that somebody tries.
type Try<'t> = &'t dyn Fn(&Client) -> Response;

const LABELS: &str = "/api/prompts/hi/labels";
const DRAFT: &str = "/api/prompts/hi/labels/draft";
const PRODUCTION: &str = "/api/prompts/hi/labels/production";

/// An administrator, a manager of prompts, and a prompt with two versions.
fn with_two(server: &Server) -> (Client, Client) {
    let (admin, ada) = (with_main(server), server.client("ada", MANAGER));
    save(&admin, HI, "", "one").done();
    save(&admin, HI, "&version=2", "two").done();
    (admin, ada)
}

fn at(version: i64) -> Value {
    json!({"version": version})
}

/// Each label with its version.
fn labels(client: &Client) -> Vec<(String, i64)> {
    let found = client.get(LABELS).ok();
    let pair =
        |one: &Value| (one["label"].as_str().unwrap().to_owned(), one["version"].as_i64().unwrap());
    found.as_array().unwrap().iter().map(pair).collect()
}

#[test]
fn a_label_points_at_a_version_until_it_is_moved_or_removed() {
    let server = &Server::start();
    let (admin, ada) = with_two(server);
    assert_eq!(admin.get(LABELS).ok(), json!([]));
    ada.put(DRAFT, &at(2)).done();
    ada.put(&format!("{LABELS}/a.b-c_1/"), &at(2)).done();
    ada.put(DRAFT, &at(1)).done();
    assert_eq!(labels(&admin), [("a.b-c_1".to_owned(), 2), ("draft".to_owned(), 1)]);
    let row = &admin.get(LABELS).ok()[1];
    assert_eq!(row["updatedBy"], json!(ada.subject));
    assert!(row["updateTime"].as_i64().is_some_and(|at| at > 1_600_000_000_000), "{row}");
    let read = admin.get(&format!("{HI}?label=draft")).ok();
    assert_eq!((&read["version"], &read["template"]), (&json!(1), &json!("one")));
    let text = admin.post(&format!("{HI}/render?label=draft"), &json!({})).text;
    assert_eq!(text, "one");
    // What is written without a version, and what is read without a label, is as before.
    assert_eq!(admin.get(HI).ok()["version"], 2);
    ada.delete(DRAFT).done();
    admin.get(&format!("{HI}?label=draft")).refused(404, "`hi@draft`");
    server.unchanged(|| ada.delete(DRAFT).refused(404, "No such label of prompt: `hi@draft`"));
    assert_eq!(labels(&admin), [("a.b-c_1".to_owned(), 2)]);
}

#[test]
fn a_label_stays_when_its_version_is_written_again() {
    let server = &Server::start();
    let (admin, ada) = with_two(server);
    ada.put(DRAFT, &at(1)).done();
    save(&ada, HI, "", "one, again").done();
    update(&ada, HI, "&version=1", "one, changed").done();
    assert_eq!(admin.get(&format!("{HI}?label=draft")).ok()["template"], "one, changed");
    ada.delete(&format!("{HI}/versions/1")).done();
    assert_eq!(labels(&admin), []);
}

#[test]
fn labels_are_of_one_prompt() {
    let server = &Server::start();
    let (admin, _) = with_two(server);
    let other = format!("{PROMPTS}/hi2");
    save(&admin, &other, "", "other").done();
    admin.put(DRAFT, &at(2)).done();
    admin.get(&format!("{other}?label=draft")).refused(404, "`hi2@draft`");
    admin.put(&format!("{other}/labels/draft"), &at(1)).done();
    assert_eq!(labels(&admin), [("draft".to_owned(), 2)]);
}

#[test]
fn what_is_no_label_is_refused() {
    let server = &Server::start();
    let (admin, _) = with_two(server);
    let long = "x".repeat(65);
    server.unchanged(|| {
        for label in ["Production", "a%20b", "a%2Fb", "%C3%A9", "a+b", &long] {
            let path = format!("{LABELS}/{label}");
            assert_eq!(bad_field(admin.put(&path, &at(1))), "label", "{label}");
            assert_eq!(bad_field(admin.get(&format!("{HI}?label={label}"))), "label");
        }
        assert_eq!(bad_field(admin.get(&format!("{HI}?label="))), "label");
        for (body, field) in [
            (json!({}), "version"),
            (json!({"version": "1"}), "version"),
            (json!({"version": null}), "version"),
            (json!({"version": 1, "more": 1}), "more"),
            (json!([]), "body"),
        ] {
            assert_eq!(bad_field(admin.put(DRAFT, &body)), field, "{body}");
        }
        admin.put(DRAFT, &at(3)).refused(404, "No such version of prompt: `hi:3`");
        admin.put(DRAFT, &at(-1)).refused(404, "`hi:-1`");
    });
    admin.put(&format!("{LABELS}/{}", "x".repeat(64)), &at(1)).done();
}

#[test]
fn a_label_needs_update_on_the_prompt() {
    let server = &Server::start();
    let (admin, _) = with_two(server);
    let bob = server.client("bob", &[]);
    grant(&admin, &bob, ("PROMPT", "hi"), &["READ"]);
    admin.put(DRAFT, &at(1)).done();
    assert_eq!(labels(&bob).len(), 1);
    for label in [DRAFT, PRODUCTION] {
        let denied = server.denied(|| bob.put(label, &at(2)).refused(403, "UPDATE"));
        assert_eq!(denied, "denied UPDATE PROMPT hi");
        server.denied(|| bob.delete(label).refused(403, "UPDATE"));
    }
}

#[test]
fn a_protected_label_needs_a_permission_of_its_own() {
    let server = &Server::start();
    let (admin, ada) = with_two(server);
    let denied = "denied UPDATE PROMPT_LABEL production";
    let move_it = || ada.put(PRODUCTION, &at(1)).refused(403, "UPDATE");
    assert_eq!(server.denied(move_it), denied);
    admin.put(PRODUCTION, &at(1)).done();
    assert_eq!(server.denied(|| ada.put(PRODUCTION, &at(2)).refused(403, "UPDATE")), denied);
    assert_eq!(server.denied(|| ada.delete(PRODUCTION).refused(403, "UPDATE")), denied);
    // What decides is the label that is protected, and UPDATE.
    grant(&admin, &ada, ("PROMPT_LABEL", "draft"), &["UPDATE"]);
    grant(&admin, &ada, ("PROMPT_LABEL", "production"), &["READ", "DELETE"]);
    assert_eq!(server.denied(|| ada.delete(PRODUCTION).refused(403, "UPDATE")), denied);
    grant(&admin, &ada, ("PROMPT_LABEL", "production"), &["UPDATE"]);
    ada.put(PRODUCTION, &at(2)).done();
    ada.delete(PRODUCTION).done();
    // It does not replace UPDATE on the prompt.
    let bob = server.client("bob", &[]);
    grant(&admin, &bob, ("PROMPT_LABEL", "production"), &["UPDATE"]);
    let denied = server.denied(|| bob.put(PRODUCTION, &at(1)).refused(403, "UPDATE"));
    assert_eq!(denied, "denied UPDATE PROMPT hi");
}

#[test]
fn what_a_protected_label_points_at_is_protected_too() {
    let server = &Server::start();
    let (admin, ada) = with_two(server);
    grant(&admin, &ada, ("INTEGRATION", "main:gpt"), &["READ"]);
    admin.put(PRODUCTION, &at(2)).done();
    admin.put(DRAFT, &at(2)).done();
    let item = json!([{"name": "hi", "template": "x", "version": 2}]);
    let attach = "/api/integrations/provider/main/integration/gpt/prompt/hi";
    let changes: [(&str, Try<'_>); 7] = [
        ("POST", &|who| save(who, HI, "&version=2", "x")),
        ("PUT", &|who| update(who, HI, "", "x")),
        ("PUT of a version", &|who| update(who, HI, "&version=2", "x")),
        ("bulk", &|who| who.post(PROMPTS, &item)),
        ("attach", &|who| who.call("POST", attach)),
        ("DELETE of a version", &|who| who.delete(&format!("{HI}/versions/2"))),
        ("DELETE", &|who| who.delete(HI)),
    ];
    for (what, change) in changes {
        let denied = server.denied(|| change(&ada).refused(403, "UPDATE"));
        assert_eq!(denied, "denied UPDATE PROMPT_LABEL production", "{what}");
    }
    // Other versions, new ones and other labels are as free as ever.
    save(&ada, HI, "", "one, again").done();
    save(&ada, HI, "&autoIncrement=true", "three").done();
    update(&ada, HI, "", "three, changed").done();
    ada.put(DRAFT, &at(1)).done();
    ada.put(&format!("{HI}/tags"), &json!([{"key": "a", "value": "b"}])).done();
    ada.delete(&format!("{HI}/versions/1")).done();
    ada.delete(&format!("{HI}/versions/3")).done();
    assert_eq!(versions(&ada, HI), [2]);
    grant(&admin, &ada, ("PROMPT_LABEL", "production"), &["UPDATE"]);
    for (what, change) in changes {
        assert_eq!(change(&ada).status, 200, "{what}");
        if what.starts_with("DELETE") {
            save(&admin, HI, "&version=2", "two").done();
            admin.put(PRODUCTION, &at(2)).done();
        }
    }
}
