//! Saving many integrations at once: all or none; contract section 5.1.

use serde_json::{Value, json};

use crate::support::{Client, PROVIDER, Server, is_mask, openai};

const ROOT: &str = "/api/integrations/";

fn item(name: &str) -> Value {
    json!({
        "name": name,
        "type": "openai",
        "category": "AI_MODEL",
        "enabled": true,
        "configuration": {"api_key": "sk-1"},
        "tags": [{"key": "team", "value": name}],
        "apis": [
            {"integrationName": name, "api": "gpt-4o", "description": "chat", "enabled": true},
            {"api": "meta-llama/Llama-3", "maxTokens": 5, "frequency": "daily",
             "configuration": {"token": "t"}},
        ],
    })
}

/// The fields that the answer reports as bad.
fn reported(error: &Value) -> Vec<&str> {
    let errors = error["validationErrors"].as_array().unwrap();
    errors.iter().map(|error| error["path"].as_str().unwrap()).collect()
}

fn list(client: &Client) -> Value {
    client.get(&format!("{PROVIDER}?activeOnly=false")).ok()
}

#[test]
fn everything_of_every_item_is_saved() {
    let server = &Server::start();
    let ada = server.client("ada", &["USER"]);
    ada.post(ROOT, &json!([item("one"), item("two")])).done();
    for name in ["one", "two"] {
        let read = ada.get(&format!("{PROVIDER}/{name}")).ok();
        assert_eq!(read["tags"], json!([{"key": "team", "value": name}]));
        assert!(is_mask(&read["configuration"]["api_key"]), "{read}");
        assert_eq!((&read["modelsCount"], &read["createdBy"]), (&json!(2), &json!(ada.subject)));
        let llama = format!("{PROVIDER}/{name}/integration/meta-llama%2FLlama-3");
        let llama = ada.get(&llama).ok();
        assert_eq!((&llama["maxTokens"], &llama["enabled"]), (&json!(5), &json!(false)));
        assert!(is_mask(&llama["configuration"]["token"]), "{llama}");
    }
    assert_eq!(server.database.secrets().len(), 4);
}

#[test]
fn an_item_replaces_what_is_there_and_adds_to_tags_and_resources() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(ROOT, &json!([item("one")])).done();
    let made = admin.get(&format!("{PROVIDER}/one")).ok();
    let again = json!({
        "name": "one", "type": "OpenAI", "tags": [{"key": "team", "value": "more"}],
        "apis": [{"api": "new"}],
    });
    admin.post("/api/integrations", &json!([again])).done();
    let read = admin.get(&format!("{PROVIDER}/one")).ok();
    assert_eq!((&read["enabled"], &read["configuration"]), (&json!(false), &json!({})));
    assert_eq!(read["tags"].as_array().unwrap().len(), 2);
    assert_eq!((&read["modelsCount"], &read["createTime"]), (&json!(3), &made["createTime"]));
}

#[test]
fn what_a_list_gave_can_be_sent_back() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(ROOT, &json!([item("one"), item("two")])).done();
    let all = admin.get("/api/integrations?activeOnly=false").ok();
    let sealed = server.database.secrets();
    admin.post(ROOT, &all).done();
    assert_eq!(server.database.secrets(), sealed);
    let names = |all: &Value| all.to_string().replace(char::is_numeric, "");
    assert_eq!(names(&admin.get("/api/integrations?activeOnly=false").ok()), names(&all));
}

#[test]
fn nothing_is_saved_when_one_item_is_bad_and_all_bad_ones_are_reported() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(&format!("{PROVIDER}/there"), &openai("sk-1")).ok();
    let changed = |field: &str, value: Value| {
        let mut item = item("bad");
        item["name"] = json!(format!("bad-{field}"));
        item["apis"] = json!([]);
        item[field] = value;
        item
    };
    for (bad, status, place) in [
        (changed("type", json!("nothing")), 404, "[1]"),
        (changed("type", Value::Null), 400, "[1].type"),
        (changed("name", json!("a/b")), 400, "[1].name"),
        (changed("name", json!("")), 400, "[1].name"),
        (changed("category", json!("TOYS")), 400, "[1].category"),
        (changed("enabled", json!("yes")), 400, "[1].enabled"),
        (changed("configuration", json!({"token": "********"})), 400, "[1].configuration.token"),
        (changed("tags", json!([{"key": "a", "value": "b"}, {"key": ""}])), 400, "[1].tags[1].key"),
        (changed("tags", json!([{}])), 400, "[1].tags[0].key"),
        (changed("apis", json!([{"api": "ok"}, {"api": "all"}])), 400, "[1].apis[1].api"),
        (changed("apis", json!([{"api": "x", "maxTokens": -1}])), 400, "[1].apis[0].maxTokens"),
        (
            changed("apis", json!([{"api": "x", "integrationName": "other"}])),
            400,
            "[1].apis[0].integrationName",
        ),
        (json!({"name": "there", "type": "anthropic"}), 400, "[1].type"),
        (json!({"type": "openai"}), 400, "[1].name"),
    ] {
        server.unchanged(|| {
            let body = json!([item("good"), bad, item("fine")]);
            let error = admin.post(ROOT, &body).refused(status, "nothing was saved");
            assert_eq!(reported(&error), [place], "{error}");
        });
    }
}

#[test]
fn items_that_are_bad_in_different_ways_are_reported_together() {
    let server = &Server::start();
    let admin = server.admin();
    let unknown = |name: &str| json!({"name": name, "type": "nothing"});
    let toys = json!({"name": "toys", "type": "openai", "category": "TOYS"});
    let mask = json!({"name": "mask", "type": "openai", "configuration": {"token": "********"}});
    for (body, status, places) in [
        (json!([unknown("a"), item("good"), unknown("b")]), 404, vec!["[0]", "[2]"]),
        (json!([unknown("a"), mask]), 400, vec!["[0]", "[1].configuration.token"]),
        (json!([toys, item("good"), mask]), 400, vec!["[0].category", "[2].configuration.token"]),
        (
            json!([mask, unknown("a"), {"name": 5}, toys]),
            400,
            vec!["[0].configuration.token", "[1]", "[2].name", "[3].category"],
        ),
    ] {
        server.unchanged(|| {
            let error = admin.post(ROOT, &body).refused(status, "nothing was saved");
            assert_eq!(reported(&error), places, "{error}");
        });
    }
}

#[test]
fn a_name_stands_only_once_in_a_request() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| {
        let body = json!([item("one"), item("two"), item("one")]);
        let error = admin.post(ROOT, &body).refused(400, "[0]");
        assert_eq!(reported(&error), ["[2].name"]);
    });
}

#[test]
fn one_item_that_may_not_be_saved_stops_all() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    admin.post(ROOT, &json!([item("hers"), item("his")])).done();
    let body = json!([item("own"), item("hers"), item("his")]);
    let denied = server.without_change(|| {
        let error = ada.post(ROOT, &body).refused(403, "UPDATE");
        assert_eq!(reported(&error), ["[1]", "[2]"]);
    });
    assert_eq!(
        denied,
        ["denied UPDATE INTEGRATION_PROVIDER hers", "denied UPDATE INTEGRATION_PROVIDER his",]
    );
    assert_eq!(list(&ada), json!([]));

    let mixed = json!([item("hers"), {"name": "new", "type": "nothing"}]);
    let denied = server.denied(|| {
        let error = ada.post(ROOT, &mixed).refused(400, "nothing was saved");
        assert_eq!(reported(&error), ["[0]", "[1]"]);
    });
    assert_eq!(denied, "denied UPDATE INTEGRATION_PROVIDER hers");
}

#[test]
fn a_whole_request_is_one_change_with_a_record_for_each_part() {
    let server = &Server::start();
    let admin = server.admin();
    let before = server.database.revision();
    let records = server.records_of(|| admin.post(ROOT, &json!([item("one")])).done());
    assert_eq!(
        records,
        [
            "done CREATE INTEGRATION_PROVIDER one",
            "done CREATE INTEGRATION one:gpt-4o",
            "done CREATE INTEGRATION one:meta-llama/Llama-3",
        ]
    );
    assert_eq!(server.database.revision(), before + 1);
}

#[test]
fn an_empty_request_changes_nothing() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| admin.post(ROOT, &json!([])).done());
}

#[test]
fn what_is_not_a_list_of_items_is_refused_with_its_place() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| {
        for (body, place) in [
            (json!({}), "body"),
            (json!("x"), "body"),
            (json!([item("a"), 5]), "[1]"),
            (json!([null]), "[0]"),
        ] {
            let error = admin.post(ROOT, &body).refused(400, "");
            let reported = reported(&error);
            assert!(reported.len() == 1 && reported[0].starts_with(place), "{error}");
        }
    });
}

#[test]
fn a_bulk_body_may_be_eight_times_as_large_as_another() {
    let server = &Server::start();
    let admin = server.admin();
    let mut large = item("large");
    large["description"] = json!("x".repeat(2 << 20));
    admin.post(ROOT, &json!([large])).done();
    let read = admin.get(&format!("{PROVIDER}/large")).ok();
    assert_eq!(read["description"].as_str().unwrap().len(), 2 << 20);
    server.unchanged(|| {
        let length = format!("Content-Length: {}", (8 << 20) + 1);
        let headers = ["Content-Type: application/json", length.as_str()];
        for path in ["/api/integrations", "/api/integrations/def/register"] {
            admin.raw(&format!("POST {path}"), &headers, b"").refused(413, "8388608");
        }
    });
}
