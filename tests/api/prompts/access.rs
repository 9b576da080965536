//! Who sees which prompt, and who may change it.

use serde_json::{Value, json};

use super::{HI, MANAGER, PROMPTS, grant, names, save, update};
use crate::support::{Client, Response, Server};

/// The names of the prompts that somebody is shown.
fn seen(client: &Client) -> Vec<String> {
    names(&client.get(PROMPTS).ok()).into_iter().map(str::to_owned).collect()
}

/// An administrator, and three prompts.
fn with_three(server: &Server) -> Client {
    let admin = server.admin();
    for name in ["a", "b", "hi"] {
        save(&admin, &format!("{PROMPTS}/{name}"), "", "text ${x}").done();
    }
    admin
}

#[test]
fn a_list_shows_what_a_role_a_grant_a_group_or_a_tag_lets_be_seen() {
    let server = &Server::start();
    let admin = with_three(server);
    let bob = server.client("bob", &[]);
    assert_eq!(seen(&bob), [""; 0]);
    for role in ["USER_READ_ONLY", "PROMPT_MANAGER"] {
        assert_eq!(seen(&server.client("eve", &[role])), ["a", "b", "hi"], "{role}");
    }
    for role in ["USER", "METADATA_MANAGER", "WORKER"] {
        assert_eq!(seen(&server.client("eve", &[role])), [""; 0], "{role}");
    }
    grant(&admin, &bob, ("PROMPT", "hi"), &["READ"]);
    grant(&admin, &bob, ("PROMPT", "a"), &["EXECUTE", "UPDATE", "DELETE"]);
    assert_eq!(seen(&bob), ["hi"]);
    admin.put(&format!("{PROMPTS}/b/tags"), &json!([{"key": "team", "value": "x"}])).done();
    grant(&admin, &bob, ("TAG", "team:x"), &["READ"]);
    assert_eq!(seen(&bob), ["b", "hi"]);
    bob.get(&format!("{PROMPTS}/b")).ok();
    assert_eq!(bob.get("/api/metadata/tags").ok(), json!([{"key": "team", "value": "x"}]));
    admin.delete(HI).done();
    admin
        .call_with("DELETE", &format!("{PROMPTS}/b/tags"), &json!([{"key": "team", "value": "x"}]))
        .done();
    assert_eq!(seen(&bob), [""; 0]);
    bob.get(&format!("{PROMPTS}/b")).refused(403, "READ");
}

#[test]
fn a_list_shows_the_latest_version_with_the_tags_of_the_prompt() {
    let server = &Server::start();
    let admin = with_three(server);
    save(&admin, HI, "&version=10", "ten").done();
    save(&admin, HI, "&version=9", "nine").done();
    let tags = json!([{"key": "a", "value": "b", "type": "METADATA"}]);
    admin.put(&format!("{HI}/tags"), &tags).done();
    let list = admin.get(PROMPTS).ok();
    assert_eq!(names(&list), ["a", "b", "hi"]);
    assert_eq!((&list[2]["version"], &list[2]["tags"]), (&json!(10), &tags));
    assert_eq!(list[2], admin.get(HI).ok());
    for version in admin.get(&format!("{HI}/versions/")).ok().as_array().unwrap() {
        assert_eq!(version["tags"], tags);
    }
    assert_eq!(admin.get(&format!("{PROMPTS}/")).ok(), list);
}

#[test]
fn tags_of_prompts_are_tags_as_any_other() {
    let server = &Server::start();
    let admin = with_three(server);
    let tags = format!("{HI}/tags");
    let pair = |key: &str, value: &str| json!({"key": key, "value": value});
    admin.put(&tags, &json!([pair("a", "1")])).done();
    admin.put(&tags, &json!([pair("a", "1"), pair("a", "2")])).done();
    admin.call_with("DELETE", &tags, &json!([pair("a", "1"), pair("a", "3")])).done();
    assert_eq!(admin.get(&tags).ok(), json!([pair("a", "2")]));
    server.unchanged(|| admin.put(&tags, &json!([pair("", "x")])).refused(400, "[0].key"));
    assert_eq!(admin.get("/api/metadata/tags").ok(), json!([pair("a", "2")]));
}

/// Every way to use or change one prompt, with the access it needs.
fn uses(client: &Client) -> Vec<(&'static str, Response)> {
    let (tags, empty) = (json!([{"key": "a", "value": "b"}]), json!({}));
    let version = json!({"version": 1});
    let at = |rest: &str| format!("{HI}{rest}");
    vec![
        ("READ", client.get(HI)),
        ("READ", client.get(&at("/versions"))),
        ("READ", client.get(&at("/tags"))),
        ("READ", client.get(&at("/labels"))),
        ("READ", client.post(&at("/render"), &json!({"variables": {"x": 1}}))),
        ("UPDATE", save(client, HI, "", "text ${x}")),
        ("UPDATE", save(client, HI, "&autoIncrement=true", "text ${x}")),
        ("UPDATE", update(client, HI, "", "text ${x}")),
        ("UPDATE", client.post(PROMPTS, &json!([{"name": "hi", "template": "text ${x}"}]))),
        ("UPDATE", client.put(&at("/tags"), &tags)),
        ("UPDATE", client.call_with("DELETE", &at("/tags"), &tags)),
        ("UPDATE", client.put(&at("/labels/x"), &version)),
        ("UPDATE", client.delete(&at("/labels/x"))),
        ("DELETE", client.delete(&at("/versions/1"))),
        ("DELETE", client.call_with("DELETE", HI, &empty)),
    ]
}

#[test]
fn one_access_gives_just_what_it_says() {
    let server = &Server::start();
    let admin = with_three(server);
    for given in ["READ", "UPDATE", "DELETE", "EXECUTE", "CREATE"] {
        let bob = server.client("bob", &[]);
        save(&admin, HI, "", "text ${x}").done();
        grant(&admin, &bob, ("PROMPT", "hi"), &[given]);
        for (index, (needed, answer)) in uses(&bob).into_iter().enumerate() {
            let expected = if needed == given { 200 } else { 403 };
            assert_eq!(answer.status, expected, "{given}, {index}: {}", answer.text);
        }
    }
    for (index, (_, answer)) in uses(&server.client("ada", MANAGER)).into_iter().enumerate() {
        assert_eq!(answer.status, 200, "{index}: {}", answer.text);
    }
}

#[test]
fn who_makes_a_prompt_owns_it_and_shares_it() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &[]));
    let bob = server.client("bob", &[]);
    let denied = server.denied(|| save(&ada, HI, "", "a").refused(403, "CREATE"));
    assert_eq!(denied, "denied CREATE PROMPT hi");
    server.denied(|| update(&ada, HI, "", "a").refused(403, "CREATE"));
    grant(&admin, &ada, ("PROMPT", "hi"), &["CREATE"]);
    update(&ada, HI, "", "text ${x}").done();
    grant(&ada, &bob, ("PROMPT", "hi"), &["READ"]);
    bob.get(HI).ok();
    for (index, (_, answer)) in uses(&ada).into_iter().enumerate() {
        assert_eq!(answer.status, 200, "{index}: {}", answer.text);
    }
}

#[test]
fn a_tag_that_gives_more_than_its_setter_holds_is_refused() {
    let server = &Server::start();
    let (admin, ada) = (with_three(server), server.client("ada", &[]));
    let bob = server.client("bob", &[]);
    grant(&admin, &ada, ("PROMPT", "hi"), &["READ", "UPDATE"]);
    grant(&admin, &bob, ("TAG", "team:x"), &["DELETE"]);
    let tags: Value = json!([{"key": "team", "value": "x"}]);
    server.denied(|| ada.put(&format!("{HI}/tags"), &tags).refused(403, "give"));
}

#[test]
fn strangers_are_not_signed_in_anywhere() {
    let server = &Server::start();
    with_three(server);
    let stranger = server.stranger();
    server.unchanged(|| {
        stranger.get(PROMPTS).not_signed_in("INVALID_TOKEN");
        for (_, answer) in uses(&stranger) {
            answer.not_signed_in("INVALID_TOKEN");
        }
    });
}
