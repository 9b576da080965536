//! Agents with their ready-made requests, and evaluators; contract sections 4.4 and 4.5.

use serde_json::{Value, json};

use super::records::{INTEGRATIONS, KEY, URL, agent, at, endpoint, names, provider};
use crate::saving::{resolved, with};
use crate::support::{Server, is_mask};

fn preset(name: &str, config: Value) -> Value {
    json!({"name": name, "config": config})
}

fn presets(list: Value) -> Value {
    json!({"config": {"request_presets": list}})
}

/// What asks for a text, and may be given a number.
fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["question"],
        "properties": {"question": {"type": "string"}, "depth": {"type": "integer"}},
    })
}

#[test]
fn an_agent_shows_what_the_contract_lists_and_nothing_else() {
    let server = &Server::start();
    let admin = server.admin();
    let full = json!({
        "headers": {"X-One": KEY},
        "input_schema": schema(),
        "request_presets": [
            {"name": "z", "config": {"question": "why"}, "description": "first"},
            {"name": "a", "config": {}, "description": null},
        ],
    });
    for (more, described) in [(json!({}), json!(null)), (full, json!("reads mail"))] {
        let name = format!("agent {described}");
        let mut body = agent(&name, more.clone());
        body["description"] = described.clone();
        let made = admin.make(&body);
        let written = more["request_presets"].as_array().cloned().unwrap_or_default();
        let read = made["config"]["request_presets"].as_array().unwrap();
        assert_eq!(read.len(), written.len());
        let presets: Vec<_> = written
            .iter()
            .zip(read)
            .map(|(written, read)| {
                json!({
                    "id": read["id"],
                    "name": written["name"],
                    "config": written["config"],
                    "description": written["description"],
                    "created_at": made["created_at"],
                    "updated_at": made["created_at"],
                })
            })
            .collect();
        assert!(read.iter().all(|read| read["id"].as_str().is_some_and(|id| !id.is_empty())));
        let expected = json!({
            "id": made["id"],
            "type": "AGENT",
            "name": name,
            "description": described,
            "scopings": [{"organization_id": null, "space_id": null}],
            "created_at": made["created_at"],
            "updated_at": made["created_at"],
            "created_by_user_id": made["created_by_user_id"],
            "config": {
                "endpoint": URL,
                "has_headers": more.get("headers").is_some(),
                "input_schema": more.get("input_schema").unwrap_or(&json!({"type": "object"})),
                "request_presets": presets,
            },
        });
        assert_eq!(made, expected);
        assert_eq!(admin.read(&made), made);
        assert_eq!(admin.get(INTEGRATIONS).ok()["integrations"][0], made);
        assert!(!made.to_string().contains(KEY));
    }
}

#[test]
fn an_evaluator_has_no_presets_and_is_listed_on_request_alone() {
    let server = &Server::start();
    let admin = server.admin();
    admin.make(&agent("agent", json!({})));
    let evaluator = |more| endpoint("EVALUATOR", "evaluator", more);
    for (more, status, field) in [
        (json!({"request_presets": []}), 422, "config.request_presets"),
        (json!({"input_schema": {}}), 422, "config.input_schema"),
        (json!({"input_schema": {"type": "array"}}), 422, "config.input_schema"),
        (json!({"input_schema": {"type": ["object"]}}), 422, "config.input_schema"),
        (
            json!({"input_schema": {"type": "object", "properties": {"arize_metadata": {}}}}),
            422,
            "config.input_schema",
        ),
        (
            json!({"input_schema": {"type": "object", "title": "x".repeat(64 * 1024)}}),
            422,
            "config.input_schema",
        ),
    ] {
        server.unchanged(|| admin.post(INTEGRATIONS, &evaluator(more)).names(status, field));
    }
    let made = admin.make(&evaluator(json!({"headers": {"X-One": KEY}})));
    let config = json!({"endpoint": URL, "has_headers": true,
                        "input_schema": {"type": "object"}});
    assert_eq!((&made["type"], &made["config"]), (&json!("EVALUATOR"), &config));
    assert!(made["description"].is_null());
    let list = |query: &str| admin.get(&format!("{INTEGRATIONS}{query}")).ok();
    assert_eq!(names(&list("")), ["agent"]);
    assert_eq!(names(&list("?type=AGENT")), ["agent"]);
    assert_eq!(list("?type=EVALUATOR")["integrations"], json!([made]));
    assert_eq!(admin.read(&made), made);
    server.unchanged(|| {
        let place = "config.request_presets";
        admin.change(&made, presets(json!([]))).names(422, place);
        let schema = json!({"config": {"input_schema": {"type": "array"}}});
        admin.change(&made, schema).names(422, "config.input_schema");
    });
    let changed = admin.change(&made, json!({"description": "judges", "name": "judge"})).ok();
    assert_eq!((&changed["description"], &changed["name"]), (&json!("judges"), &json!("judge")));
    admin.delete(&at(INTEGRATIONS, &made)).gone();
    admin.get(&at(INTEGRATIONS, &made)).problem(404, "");
}

#[test]
fn an_endpoint_and_a_schema_are_there_for_good() {
    let server = &Server::start();
    let admin = server.admin();
    for kind in ["AGENT", "EVALUATOR"] {
        let made = admin.make(&endpoint(kind, kind, json!({})));
        let refuse = |member: &str, value: Value, status: u16, place: &str| {
            let place = format!("config.{place}");
            server.unchanged(|| {
                let mut body = endpoint(kind, "x", json!({}));
                body["config"][member] = value.clone();
                admin.post(INTEGRATIONS, &body).names(status, &place);
                let changes = json!({"config": {member: value}});
                admin.change(&made, changes).names(status, &place);
            });
        };
        for member in ["endpoint", "input_schema"] {
            let body = endpoint(kind, "x", json!({member: null}));
            let place = format!("config.{member}");
            server.unchanged(|| admin.post(INTEGRATIONS, &body).names(422, &place));
            refuse(member, Value::Null, 422, member);
            refuse(member, json!(1), 400, member);
        }
        let long = format!("https://a.example.org/{}", "x".repeat(2027));
        assert_eq!(long.len(), 2049);
        for url in ["", "http://a.example.org", "a.example.org", "https://169.254.169.254", &long] {
            refuse("endpoint", json!(url), 422, "endpoint");
        }
        for (schema, place) in [
            (json!({"type": "object", "title": 1}), "input_schema.title"),
            (json!({"type": "object", "$ref": "https://a.example.org"}), "input_schema"),
            (json!({"type": "object", "properties": {"a": 1}}), "input_schema.properties.a"),
        ] {
            refuse("input_schema", schema, 422, place);
        }
        refuse("input_schema", json!([]), 400, "input_schema");
        refuse("headers", json!({"X-One": 1}), 400, "headers.X-One");
        refuse("headers", json!({"X-One": "x".repeat(8164)}), 422, "headers");
        for other in ["has_headers", "api_key", "base_url", "provider"] {
            refuse(other, json!("x"), 422, other);
        }
        let longest = json!({"config": {"endpoint": &long[..2048]}});
        admin.change(&made, longest).ok();
    }
}

#[test]
fn headers_are_kept_replaced_and_cleared_and_never_shown() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&agent("mine", json!({"headers": {"X-One": KEY, "X-Two": "2"}})));
    let stored = || resolved(&admin, &provider("mine"))["arize"]["headers"].clone();
    assert_eq!(stored(), json!({"X-One": KEY, "X-Two": "2"}));
    let change = |config: Value| {
        let changed = admin.change(&made, json!({"config": config})).ok();
        assert!(!changed.to_string().contains(KEY));
        changed["config"]["has_headers"].clone()
    };
    assert_eq!(change(json!({"input_schema": schema()})), true);
    assert_eq!(stored(), json!({"X-One": KEY, "X-Two": "2"}));
    assert_eq!(change(json!({"headers": {"X-New": KEY}})), true);
    assert_eq!(stored(), json!({"X-New": KEY}));
    for nothing in [json!(null), json!({})] {
        let mut config = json!({});
        config["headers"] = nothing;
        assert_eq!(change(config), false);
        assert_eq!(stored(), Value::Null);
        assert_eq!(change(json!({"headers": {"X-New": KEY}})), true);
    }
}

#[test]
fn presets_are_matched_by_their_names() {
    let server = &Server::start();
    let admin = server.admin();
    let first =
        json!([preset("a", json!({"n": 1})), preset("b", json!({})), preset("A", json!({}))]);
    let made = admin.make(&agent("mine", json!({"request_presets": first})));
    let of = |record: &Value, name: &str| {
        let presets = record["config"]["request_presets"].as_array().unwrap().iter();
        presets.into_iter().find(|preset| preset["name"] == name).cloned()
    };
    server.database.tamper("UPDATE resource SET created_on = 1000, updated_on = 2000");
    let old = admin.read(&made);
    assert_eq!(of(&old, "a").unwrap()["updated_at"], "1970-01-01T00:00:02.000Z");
    let second = json!([
        preset("c", json!({})),
        preset("b", json!({})),
        {"name": "a", "config": {"n": 2}, "description": "two"},
    ]);
    let changed = admin.change(&made, presets(second)).ok();
    let order: Vec<_> = changed["config"]["request_presets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(order, ["c", "b", "a"]);
    assert_eq!(of(&changed, "b"), of(&old, "b"));
    let (was, is) = (of(&old, "a").unwrap(), of(&changed, "a").unwrap());
    assert_eq!((&is["id"], &is["created_at"]), (&was["id"], &was["created_at"]));
    assert_eq!((&is["config"], &is["description"]), (&json!({"n": 2}), &json!("two")));
    assert!(is["updated_at"].as_str() > was["updated_at"].as_str());
    assert_eq!(of(&changed, "A"), None);
    let new = of(&changed, "c").unwrap();
    assert!(new["created_at"].as_str() > was["created_at"].as_str());
    let ids: std::collections::HashSet<_> =
        ["a", "b", "c"].map(|name| of(&changed, name).unwrap()["id"].to_string()).into();
    assert_eq!(ids.len(), 3);

    // Other changes leave them alone; one that is added again is another.
    let renamed = admin.change(&made, json!({"name": "other", "description": "d"})).ok();
    assert_eq!(renamed["config"], changed["config"]);
    assert_eq!(
        admin.change(&made, presets(json!([]))).ok()["config"]["request_presets"],
        json!([])
    );
    let again = admin.change(&made, presets(json!([preset("a", json!({}))]))).ok();
    assert_ne!(of(&again, "a").unwrap()["id"], is["id"]);
    assert!(of(&again, "a").unwrap()["description"].is_null());
}

#[test]
fn a_preset_has_its_shape_and_fits_the_schema_but_for_what_is_missing() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&agent("mine", json!({"input_schema": schema()})));
    let good = preset("good", json!({"question": "why", "depth": 1, "more": []}));
    let changed = admin.change(&made, presets(json!([good, preset("empty", json!({}))]))).ok();
    assert_eq!(changed["config"]["request_presets"][0]["config"], good["config"]);
    for (bad, status, place) in [
        (json!({"config": {}}), 422, ".name"),
        (json!({"name": null, "config": {}}), 422, ".name"),
        (json!({"name": "", "config": {}}), 422, ".name"),
        (json!({"name": "good", "config": {}}), 422, ".name"),
        (json!({"name": "x".repeat(256), "config": {}}), 422, ".name"),
        (json!({"name": 1, "config": {}}), 400, ".name"),
        (json!({"name": "x"}), 422, ".config"),
        (json!({"name": "x", "config": null}), 422, ".config"),
        (json!({"name": "x", "config": []}), 400, ".config"),
        (json!({"name": "x", "config": {}, "description": "x".repeat(1025)}), 422, ".description"),
        (json!({"name": "x", "config": {}, "description": 1}), 400, ".description"),
        (json!({"name": "x", "config": {}, "id": "p"}), 422, ".id"),
        (
            json!({"name": "x", "config": {}, "created_at": "2026-01-01T00:00:00.000Z"}),
            422,
            ".created_at",
        ),
        (json!({"name": "x", "config": {}, "updated_at": null}), 422, ".updated_at"),
        (json!({"name": "x", "config": {"question": 1}}), 422, ".config.question"),
        (json!({"name": "x", "config": {"question": "why", "depth": "2"}}), 422, ".config.depth"),
        (json!("x"), 400, ""),
    ] {
        let place = format!("config.request_presets[1]{place}");
        let list = json!([good, bad]);
        server.unchanged(|| {
            admin.change(&made, presets(list.clone())).names(status, &place);
            let config = json!({"input_schema": schema(), "request_presets": list});
            admin.post(INTEGRATIONS, &agent("x", config)).names(status, &place);
        });
    }
    server.unchanged(|| {
        admin.change(&made, presets(json!(null))).names(422, "config.request_presets");
        admin.change(&made, presets(json!({}))).names(400, "config.request_presets");
        let body = agent("x", json!({"request_presets": null}));
        let mut null = body.clone();
        null["config"]["request_presets"] = Value::Null;
        admin.post(INTEGRATIONS, &null).names(422, "config.request_presets");
    });
    let text = json!({"name": "é".repeat(127), "config": {}, "description": "é".repeat(1024)});
    admin.change(&made, presets(json!([text]))).ok();
}

#[test]
fn a_schema_changes_only_if_the_presets_fit_it() {
    let server = &Server::start();
    let admin = server.admin();
    let list = json!([preset("p", json!({"depth": 1, "max_tokens": 5}))]);
    let made = admin.make(&agent("mine", json!({"request_presets": list})));
    let by = |depth: &str, more: Value| {
        let properties = json!({"depth": {"type": depth}});
        let schema = json!({"type": "object", "properties": properties});
        json!({"config": with(&json!({"input_schema": schema}), &more)})
    };
    server.unchanged(|| {
        let reason = admin.change(&made, by("string", json!({})));
        reason.names(422, "config.request_presets[0].config.depth");
    });
    let fitting = json!({"request_presets": [preset("p", json!({"depth": "1"}))]});
    admin.change(&made, by("string", fitting)).ok();
    admin.change(&made, by("integer", json!({"request_presets": []}))).ok();
    admin.change(&made, by("string", json!({}))).ok();
}

#[test]
fn what_looks_like_a_secret_is_hidden_from_readers_and_not_from_the_schema() {
    let server = &Server::start();
    let admin = server.admin();
    let schema = |kind: &str| json!({"properties": {"token": {"type": kind}, "n": {"type": kind}}});
    let list = json!([preset("p", json!({"token": 7, "n": 1}))]);
    let config = json!({"request_presets": list, "input_schema": schema("integer")});
    let made = admin.make(&agent("mine", config));
    assert!(is_mask(&made["config"]["request_presets"][0]["config"]["token"]), "{made}");
    let stored =
        || resolved(&admin, &format!("{}/integration/p", provider("mine")))["token"].clone();
    admin.change(&made, json!({"config": {"input_schema": schema("number")}})).ok();
    assert_eq!(stored(), 7);
    server.unchanged(|| {
        let wrong = presets(json!([preset("p", json!({"token": "seven"}))]));
        admin.change(&made, wrong).names(422, "config.request_presets[0].config.token");
    });
    let shown = made["config"]["request_presets"][0]["config"].clone();
    let n = json!({"n": 2});
    admin.change(&made, presets(json!([preset("p", with(&shown, &n))]))).ok();
    assert_eq!(stored(), 7);
    // It goes only where the agent was when it was sent.
    admin.change(&made, json!({"config": {"endpoint": "https://new.example.org"}})).ok();
    let path = format!("{}/integration/p", provider("mine"));
    admin.resolve(&path).refused(409, "another destination");
    server.unchanged(|| {
        let kept = presets(json!([preset("p", with(&shown, &json!({"n": 3})))]));
        let place = "config.request_presets[0].config.token";
        admin.change(&made, kept).names(409, place);
    });
    admin.change(&made, presets(json!([preset("p", json!({"token": 8}))]))).ok();
    assert_eq!(stored(), 8);
}
