//! Tags of integrations, resources and applications; contract sections 4.7, 5.4, 7 and 10.

use serde_json::{Value, json};

use crate::support::{Client, Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";
const GPT: &str = "/api/integrations/provider/main/integration/gpt";

/// An administrator, and what can be tagged.
fn taggable(server: &Server) -> (Client, [String; 3]) {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin.post(GPT, &model()).done();
    let ada = server.client("ada", &[]);
    (admin, [MAIN.to_owned(), GPT.to_owned(), format!("/api/applications/{}", ada.application)])
}

fn tag(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value})
}

#[test]
fn tags_are_added_to_those_that_are_there() {
    let server = &Server::start();
    let (admin, things) = taggable(server);
    for thing in things {
        let tags = format!("{thing}/tags");
        assert_eq!(admin.get(&tags).ok(), json!([]));
        admin.put(&tags, &json!([tag("team", "docs")])).done();
        admin.put(&tags, &json!([tag("team", "docs"), tag("team", "ads")])).done();
        admin.put(&tags, &json!([tag("env", "")])).done();
        let expected = json!([tag("env", ""), tag("team", "ads"), tag("team", "docs")]);
        assert_eq!(admin.get(&tags).ok(), expected, "{thing}");
        assert_eq!(admin.get(&format!("{tags}/")).ok(), expected);
        server.records_of(|| admin.put(&tags, &json!([])).done());
        assert_eq!(admin.get(&tags).ok(), expected);
    }
}

#[test]
fn exactly_the_named_pairs_are_removed() {
    let server = &Server::start();
    let (admin, things) = taggable(server);
    for thing in things {
        let tags = format!("{thing}/tags");
        let all = json!([tag("a", "1"), tag("a", "2"), tag("b", "1")]);
        admin.put(&tags, &all).done();
        let others = json!([tag("a", "3"), tag("c", "1"), tag("A", "1"), tag("1", "a")]);
        admin.call_with("DELETE", &tags, &others).done();
        assert_eq!(admin.get(&tags).ok(), all, "{thing}");
        let typed = json!([{"key": "a", "value": "1", "type": "METADATA"}]);
        admin.call_with("DELETE", &tags, &typed).done();
        assert_eq!(admin.get(&tags).ok(), json!([tag("a", "2"), tag("b", "1")]));
        admin.call_with("DELETE", &tags, &json!([tag("a", "2"), tag("b", "1")])).done();
        assert_eq!(admin.get(&tags).ok(), json!([]));
    }
}

#[test]
fn a_type_comes_back_only_if_it_was_sent() {
    let server = &Server::start();
    let (admin, things) = taggable(server);
    for thing in things {
        let tags = format!("{thing}/tags");
        let sent = json!([
            {"key": "a", "value": "1", "type": "METADATA"},
            {"key": "b", "value": "1", "type": "ownership"},
            {"key": "c", "value": "1", "type": null},
            {"key": "d", "value": null},
        ]);
        admin.put(&tags, &sent).done();
        let expected = json!([
            {"key": "a", "value": "1", "type": "METADATA"},
            {"key": "b", "value": "1", "type": "ownership"},
            {"key": "c", "value": "1"},
            {"key": "d", "value": ""},
        ]);
        assert_eq!(admin.get(&tags).ok(), expected, "{thing}");
        admin.put(&tags, &json!([tag("a", "1")])).done();
        assert_eq!(admin.get(&tags).ok()[0], tag("a", "1"));
    }
}

#[test]
fn lists_and_reads_show_the_same_tags() {
    let server = &Server::start();
    let (admin, [main, gpt, application]) = taggable(server);
    let tags = json!([{"key": "a", "value": "1", "type": "METADATA"}, tag("b", "2")]);
    for thing in [&main, &gpt, &application] {
        admin.put(&format!("{thing}/tags"), &tags).done();
    }
    assert_eq!(admin.get(&main).ok()["tags"], tags);
    assert_eq!(admin.get(&gpt).ok()["tags"], tags);
    assert_eq!(admin.get("/api/integrations/provider").ok()[0]["tags"], tags);
    assert_eq!(admin.get("/api/integrations").ok()[0]["tags"], tags);
    assert_eq!(admin.get(&format!("{MAIN}/integration")).ok()[0]["tags"], tags);
    let applications = admin.get("/api/applications").ok();
    let ada = applications.as_array().unwrap().iter().find(|one| one["name"] == "ada");
    assert_eq!(ada.unwrap()["tags"], tags);
}

#[test]
fn all_tags_are_listed_once_without_their_type() {
    let server = &Server::start();
    let (admin, things) = taggable(server);
    assert_eq!(admin.get("/api/metadata/tags").ok(), json!([]));
    for (index, thing) in things.iter().enumerate() {
        let own = index.to_string();
        let tags = json!([{"key": "all", "value": "x", "type": "METADATA"}, tag("own", &own)]);
        admin.put(&format!("{thing}/tags"), &tags).done();
    }
    let mut found = admin.get("/api/metadata/tags").ok();
    found.as_array_mut().unwrap().sort_by_key(Value::to_string);
    let expected = json!([tag("all", "x"), tag("own", "0"), tag("own", "1"), tag("own", "2")]);
    assert_eq!(found, expected);
}

#[test]
fn bad_tags_are_refused_with_each_place_and_none_is_added() {
    let server = &Server::start();
    let (admin, things) = taggable(server);
    for thing in things {
        let tags = format!("{thing}/tags");
        server.unchanged(|| {
            for (body, words) in [
                (json!([tag("ok", "ok"), tag("", "x")]), "[1].key"),
                (json!([tag(" ", "x")]), "[0].key"),
                (json!([tag("a", "b\n")]), "[0].value"),
                (json!([tag(&"k".repeat(256), "x")]), "[0].key"),
                (json!([{"value": "x"}]), "[0].key"),
                (json!([{"key": 5, "value": "x"}]), "[0].key"),
                (json!([{"key": "a", "value": 5}]), "[0].value"),
                (json!([{"key": "a", "value": "b", "type": 5}]), "[0].type"),
                (json!(["x"]), "[0]"),
                (json!({"key": "a", "value": "b"}), "body"),
            ] {
                admin.put(&tags, &body).refused(400, words);
            }
            let error = admin.put(&tags, &json!([tag("", "x"), tag("a", "b"), tag(" ", "x")]));
            let error = error.refused(400, "");
            let paths: Vec<_> = error["validationErrors"].as_array().unwrap().iter().collect();
            assert_eq!(paths.len(), 2, "{error}");
            assert_eq!(
                (&paths[0]["path"], &paths[1]["path"]),
                (&json!("[0].key"), &json!("[2].key"))
            );
        });
    }
}

#[test]
fn the_tags_of_what_is_missing_are_404() {
    let server = &Server::start();
    let admin = server.admin();
    let body = json!([tag("a", "b")]);
    server.unchanged(|| {
        for thing in [MAIN, GPT, "/api/applications/no-such-id"] {
            let tags = format!("{thing}/tags");
            admin.get(&tags).refused(404, "No such");
            admin.put(&tags, &body).refused(404, "No such");
            admin.call_with("DELETE", &tags, &body).refused(404, "No such");
        }
    });
}
