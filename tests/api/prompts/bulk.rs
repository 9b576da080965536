//! Saving many prompts at once: all or none.

use serde_json::{Value, json};

use super::{MANAGER, PROMPTS, grant, integration, names, save, update, versions, with_main};
use crate::support::Server;

fn item(name: &str) -> Value {
    json!({"name": name, "template": format!("Hello ${{{name}}}")})
}

/// The item with this field.
fn with(mut item: Value, field: &str, value: Value) -> Value {
    item[field] = value;
    item
}

/// The fields that the answer reports as bad.
fn reported(error: &Value) -> Vec<&str> {
    let errors = error["validationErrors"].as_array().unwrap();
    errors.iter().map(|error| error["path"].as_str().unwrap()).collect()
}

#[test]
fn everything_of_every_item_is_saved() {
    let server = &Server::start();
    let admin = with_main(server);
    let whole = json!({
        "name": "hi", "template": "Hi \"${x}\"\n", "version": 4, "description": "says hi",
        "integrations": ["main:gpt", " main:a:b,c "], "temperature": 0.5, "topP": 0.25,
        "stopWords": ["END", ""], "responseFormat": "json_object",
    });
    admin.post(&format!("{PROMPTS}/"), &json!([whole, item("ho")])).done();
    let read = admin.get(&format!("{PROMPTS}/hi")).ok();
    for (field, value) in whole.as_object().unwrap() {
        if field != "integrations" {
            assert_eq!(read[field], *value, "{field}");
        }
    }
    assert_eq!(read["integrations"], json!(["main:a:b,c", "main:gpt"]));
    assert_eq!(read["variables"], json!(["x"]));
    let read = admin.get(&format!("{PROMPTS}/ho")).ok();
    assert_eq!((&read["version"], &read["description"]), (&json!(1), &json!("")));
    assert_eq!(read["temperature"], json!(0.1));
}

#[test]
fn a_template_is_taken_as_it_stands() {
    let server = &Server::start();
    let admin = server.admin();
    for template in ["\"quoted\"", "say \\n", "", "\"", "5", "é💡\r\n"] {
        admin.post(PROMPTS, &json!([{"name": "hi", "template": template}])).done();
        assert_eq!(admin.get(&format!("{PROMPTS}/hi")).ok()["template"], template);
    }
}

#[test]
fn an_item_overwrites_its_version_as_a_save_does() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", MANAGER));
    let path = format!("{PROMPTS}/hi");
    save(&admin, &path, "", "one").done();
    save(&admin, &path, "&version=2", "two").done();
    ada.post(PROMPTS, &json!([item("hi")])).done();
    let read = admin.get(&format!("{path}?version=1")).ok();
    assert_eq!(read["template"], "Hello ${hi}");
    assert_eq!(read["createdBy"], json!(ada.subject));
    assert_eq!(admin.get(&path).ok()["template"], "two");
}

#[test]
fn several_versions_of_one_prompt_may_come_together_and_the_same_may_not() {
    let server = &Server::start();
    let ada = server.client("ada", MANAGER);
    let version = |number: i64| with(item("hi"), "version", json!(number));
    ada.post(PROMPTS, &json!([version(3), version(1), item("ho"), version(2)])).done();
    assert_eq!(versions(&ada, &format!("{PROMPTS}/hi")), [3, 2, 1]);
    server.unchanged(|| {
        // Without a version it is the first.
        let body = json!([version(1), item("ho"), version(2), item("hi"), version(2)]);
        let error = ada.post(PROMPTS, &body).refused(400, "nothing was saved");
        assert_eq!(reported(&error), ["[3].version", "[4].version"]);
    });
}

#[test]
fn what_a_list_gave_can_be_sent_back() {
    let server = &Server::start();
    let admin = with_main(server);
    let models = with(item("a"), "integrations", json!(["main:gpt"]));
    let settings = with(item("b"), "temperature", json!(1.50));
    admin.post(PROMPTS, &json!([models, settings])).done();
    update(&admin, &format!("{PROMPTS}/a"), "&models=main:gpt", "\"changed\"").done();
    let all = admin.get(PROMPTS).ok();
    admin.post(PROMPTS, &all).done();
    let without_times = |all: &Value| {
        let mut all = all.clone();
        for prompt in all.as_array_mut().unwrap() {
            for time in ["createTime", "updateTime", "createdOn", "updatedOn"] {
                prompt.as_object_mut().unwrap().remove(time);
            }
        }
        all
    };
    assert_eq!(without_times(&admin.get(PROMPTS).ok()), without_times(&all));
}

#[test]
fn nothing_is_saved_when_one_item_is_bad_and_all_bad_ones_are_reported() {
    let server = &Server::start();
    let admin = with_main(server);
    let long = "x".repeat(512 * 1024 + 1);
    let bad = |field: &str, value: Value| with(item("bad"), field, value);
    for (bad, status, place) in [
        (json!({"template": "x"}), 400, "[1].name"),
        (json!({"name": "x"}), 400, "[1].template"),
        (bad("template", Value::Null), 400, "[1].template"),
        (bad("template", json!(5)), 400, "[1].template"),
        (bad("template", json!(long)), 400, "[1].template"),
        (bad("name", json!("test")), 400, "[1].name"),
        (bad("name", json!("a/b")), 400, "[1].name"),
        (bad("name", json!("")), 400, "[1].name"),
        (bad("version", json!(0)), 400, "[1].version"),
        (bad("version", json!(1.5)), 400, "[1].version"),
        (bad("version", json!("1")), 400, "[1].version"),
        (bad("version", json!(1_i64 << 31)), 400, "[1].version"),
        (bad("description", json!(5)), 400, "[1].description"),
        (bad("integrations", json!("main:gpt")), 400, "[1].integrations"),
        (bad("integrations", json!(["main:gpt", "x"])), 400, "[1].integrations[1]"),
        (bad("integrations", json!(["none:gpt"])), 404, "[1]"),
        (bad("temperature", json!("hot")), 400, "[1].temperature"),
        (bad("topP", json!([])), 400, "[1].topP"),
        (bad("stopWords", json!("END")), 400, "[1].stopWords"),
        (bad("stopWords", json!(["END", 5])), 400, "[1].stopWords"),
        (bad("responseFormat", json!({})), 400, "[1].responseFormat"),
        (json!(5), 400, "[1].body"),
        (Value::Null, 400, "[1].body"),
    ] {
        server.unchanged(|| {
            let body = json!([item("good"), bad, item("fine")]);
            let error = admin.post(PROMPTS, &body).refused(status, "nothing was saved");
            assert_eq!(reported(&error), [place], "{error}");
        });
    }
    server.unchanged(|| {
        let missing = bad("integrations", json!(["none:gpt"]));
        let body = json!([missing, item("good"), {"name": "x"}, bad("version", json!(-1))]);
        let error = admin.post(PROMPTS, &body).refused(400, "nothing was saved");
        assert_eq!(reported(&error), ["[0]", "[2].template", "[3].version"]);
    });
}

#[test]
fn what_is_left_out_or_null_is_the_default() {
    let server = &Server::start();
    let admin = server.admin();
    let nulls = json!({
        "name": "hi", "template": "a", "version": null, "description": null, "tags": [5],
        "integrations": null, "temperature": null, "topP": null, "stopWords": null,
        "responseFormat": null, "unknown": true,
    });
    admin.post(PROMPTS, &json!([nulls, {"name": "ho", "template": "a"}])).done();
    let all = admin.get(PROMPTS).ok();
    for field in ["version", "description", "integrations", "temperature", "topP", "stopWords"] {
        assert_eq!(all[0][field], all[1][field], "{field}");
    }
}

#[test]
fn one_item_that_may_not_be_saved_stops_all() {
    let server = &Server::start();
    let admin = with_main(server);
    integration(&admin, "seen", "gpt");
    let ada = server.client("ada", &[]);
    grant(&admin, &ada, ("PROMPT", "hers"), &["CREATE", "READ"]);
    grant(&admin, &ada, ("INTEGRATION_PROVIDER", "seen"), &["READ"]);
    save(&admin, &format!("{PROMPTS}/his"), "", "a").done();
    let model = |model: &str| with(item("hers"), "integrations", json!([model]));
    for (bad, denied) in [
        (item("his"), "denied UPDATE PROMPT his"),
        (item("new"), "denied CREATE PROMPT new"),
        (model("main:gpt"), "denied READ INTEGRATION main:gpt"),
    ] {
        let good = with(model("seen:gpt"), "version", json!(2));
        let records = server.without_change(|| {
            let error = ada.post(PROMPTS, &json!([good, bad])).refused(403, "nothing was saved");
            assert_eq!(reported(&error), ["[1]"]);
        });
        assert_eq!(records, [denied]);
    }
    ada.post(PROMPTS, &json!([model("seen:gpt")])).done();
    assert_eq!(names(&ada.get(PROMPTS).ok()), ["hers"]);
}

#[test]
fn a_whole_request_is_one_change_with_a_record_for_each_item() {
    let server = &Server::start();
    let admin = server.admin();
    let before = server.database.revision();
    let body = json!([item("a"), item("b"), with(item("a"), "version", json!(2))]);
    let records = server.records_of(|| admin.post(PROMPTS, &body).done());
    assert_eq!(records, ["done CREATE PROMPT a", "done CREATE PROMPT b", "done UPDATE PROMPT a"]);
    assert_eq!(server.database.revision(), before + 1);
    server.unchanged(|| admin.post(PROMPTS, &json!([])).done());
    server.unchanged(|| admin.post(PROMPTS, &json!({})).refused(400, "`body`"));
}

#[test]
fn a_bulk_body_may_be_eight_times_as_large_as_another() {
    let server = &Server::start();
    let admin = server.admin();
    let long = json!("x".repeat(512 * 1024));
    let body: Vec<_> =
        (0..8).map(|index| with(item(&index.to_string()), "template", long.clone())).collect();
    admin.post(PROMPTS, &json!(body)).done();
    assert_eq!(admin.get(PROMPTS).ok().as_array().unwrap().len(), 8);
    server.unchanged(|| {
        let length = format!("Content-Length: {}", (8 << 20) + 1);
        let headers = ["Content-Type: application/json", length.as_str()];
        admin.raw(&format!("POST {PROMPTS}"), &headers, b"").refused(413, "8388608");
    });
}
