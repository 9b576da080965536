//! What a PATCH changes and what it keeps; contract sections 4.3 and 4.6.

use serde_json::{Value, json};

use super::records::{
    INTEGRATIONS, KEY, PROVIDERS, ROLE, URL, agent, at, endpoint, escaped, least, llm, names,
};
use crate::saving::with;
use crate::support::Server;

/// Section 4.3: what may be changed of each provider, in the order of [`PROVIDERS`]: `n` is
/// cleared by null, `s` is not, and `-` is refused.
const PATCH: [(&str, &str); 10] = [
    ("api_key", "nnn-n-nnnn"),
    ("is_function_calling_enabled", "sss-s-ssss"),
    ("auth", "---ss-----"),
    ("base_url", "-n--s-ns--"),
    ("headers", "----n-nn--"),
    ("is_default_models_enabled", "---ss-s-ss"),
    ("model_names", "---ss-ssss"),
    ("project_id", "-----s----"),
    ("location", "-----s----"),
    ("project_access_label", "-----s----"),
];

/// What a field becomes.
fn value(provider: &str, field: &str) -> Value {
    match field {
        "is_function_calling_enabled" => json!(false),
        "is_default_models_enabled" => json!(true),
        "headers" => json!({"X-New": KEY}),
        "model_names" => json!(["new"]),
        "auth" if provider == "CUSTOM" => json!({"auth_type": "DEFAULT", "api_key": KEY}),
        "auth" => json!({"auth_type": "BEARER_TOKEN", "api_key": KEY}),
        "base_url" => json!("https://new.example.org/v2"),
        _ => json!(format!("new {field}")),
    }
}

/// What is read of a field that was set to `value`, or cleared.
fn read(provider: &str, field: &str, value: &Value) -> Value {
    let is_set = !value.is_null();
    match field {
        "api_key" if provider == "CUSTOM" => json!({
            "has_api_key": is_set, "auth": {"auth_type": "DEFAULT", "has_api_key": is_set},
        }),
        "api_key" => json!({"has_api_key": is_set}),
        "headers" if is_set => json!({"header_names": ["X-New"]}),
        "headers" => json!({"header_names": []}),
        "auth" if provider == "CUSTOM" => {
            json!({"has_api_key": true, "auth": {"auth_type": "DEFAULT", "has_api_key": true}})
        }
        "auth" => json!({
            "auth": {"auth_type": "BEARER_TOKEN", "has_api_key": true, "base_url": null},
        }),
        _ => json!({field: value}),
    }
}

/// A record's `config` with these members, some of which may be null.
fn expected(record: &Value, members: Value) -> Value {
    let mut config = record["config"].as_object().unwrap().clone();
    config.extend(members.as_object().unwrap().clone());
    config.into()
}

/// What was `read`, with this for its time of change.
fn at_the_time(read: &Value, other: &Value) -> Value {
    with(read, &json!({"updated_at": other["updated_at"]}))
}

#[test]
fn each_field_changes_by_itself() {
    let server = &Server::start();
    let admin = server.admin();
    for (index, provider) in PROVIDERS.into_iter().enumerate() {
        for (field, row) in PATCH {
            let letter = row.as_bytes()[index];
            let made = admin.make(&llm(&format!("{provider} {field}"), least(provider)));
            let place = format!("config.{field}");
            let value = value(provider, field);
            let mut config = json!({field: value});
            if letter == b'-' {
                server.unchanged(|| {
                    admin.change(&made, json!({"config": config})).names(422, &place);
                    let null = json!({"config": {field: null}});
                    admin.change(&made, null).names(422, &place);
                });
                continue;
            }
            // A key goes only where it was saved for.
            let is_moved = ["base_url", "headers"].contains(&field);
            if is_moved {
                config["api_key"] = json!(KEY);
            }
            let changed = admin.change(&made, json!({"config": config})).ok();
            let mut members = read(provider, field, &value);
            if is_moved {
                let key = read(provider, "api_key", &json!(KEY));
                members = with(&members, &key);
            }
            let shown = with(&made, &json!({"config": expected(&made, members)}));
            assert_eq!(changed, at_the_time(&shown, &changed), "{provider} {field}");
            assert_eq!(admin.read(&made), changed);

            let mut clearing = json!({field: null});
            if letter == b's' {
                server.unchanged(|| {
                    admin.change(&made, json!({"config": null})).names(422, "config");
                    admin.change(&made, json!({"config": clearing})).names(422, &place);
                });
                continue;
            }
            if is_moved {
                clearing["api_key"] = json!(KEY);
            }
            let cleared = admin.change(&made, json!({"config": clearing})).ok();
            let members = read(provider, field, &Value::Null);
            let shown = with(&changed, &json!({"config": expected(&changed, members)}));
            assert_eq!(cleared, at_the_time(&shown, &cleared), "{provider} {field}");
        }
    }
}

#[test]
fn the_type_and_the_provider_must_stay() {
    let server = &Server::start();
    let admin = server.admin();
    let records = [
        admin.make(&llm("llm", least("OPEN_AI"))),
        admin.make(&agent("agent", json!({}))),
        admin.make(&endpoint("EVALUATOR", "evaluator", json!({}))),
    ];
    for record in &records {
        let patch = |body: Value| admin.patch(&at(INTEGRATIONS, record), &body);
        server.unchanged(|| {
            for other in ["LLM", "AGENT", "EVALUATOR"] {
                if other != record["type"] {
                    patch(json!({"type": other, "name": "new"})).names(422, "type");
                    patch(json!({"type": other, "config": {}, "name": "n"})).names(422, "type");
                }
            }
            patch(json!({"name": "new"})).names(422, "type");
            patch(json!({"type": null, "name": "new"})).names(422, "type");
            patch(json!({"type": "TOOL", "name": "new"})).names(422, "type");
        });
    }
    for other in PROVIDERS.into_iter().filter(|other| *other != "OPEN_AI") {
        let config = json!({"config": {"provider": other, "api_key": "sk-2"}});
        server.unchanged(|| admin.change(&records[0], config).names(422, "config.provider"));
    }
    let null = json!({"config": {"provider": null}});
    server.unchanged(|| admin.change(&records[0], null).names(422, "config.provider"));
    let same = json!({"config": {"provider": "OPEN_AI", "is_function_calling_enabled": false}});
    let changed = admin.change(&records[0], same).ok();
    assert_eq!(changed["config"]["is_function_calling_enabled"], false);
}

#[test]
fn something_must_change_beside_the_type() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&llm("llm", least("OPEN_AI")));
    let remote = admin.make(&agent("agent", json!({})));
    for record in [&made, &remote] {
        server.unchanged(|| {
            admin.change(record, json!({})).problem(422, "must change something");
            admin.patch(&at(INTEGRATIONS, record), &json!({})).names(422, "type");
            admin.change(record, json!({"name": null})).names(422, "name");
            admin.change(record, json!({"scopings": null})).names(422, "scopings");
            admin.change(record, json!({"config": null})).names(422, "config");
            admin.change(record, json!({"id": "x"})).names(422, "id");
        });
    }
    server.unchanged(|| {
        admin.change(&made, json!({"description": "d"})).names(422, "description");
        admin.change(&made, json!({"description": null})).names(422, "description");
    });
    // JavaScript says the provider whatever it changes.
    let same = admin.change(&made, json!({"config": {"provider": "OPEN_AI"}})).ok();
    assert_eq!(at_the_time(&same, &made), made);
    admin.change(&remote, json!({"description": null})).ok();
    admin.change(&remote, json!({"name": "agent"})).ok();
}

#[test]
fn a_patch_is_made_as_a_whole_or_not_at_all() {
    let server = &Server::start();
    let admin = server.admin();
    let (_, space) = admin.make_space("Acme", "prod");
    admin.make(&llm("taken", least("GEMINI")));
    let custom = json!({"api_key": KEY, "headers": {"X-One": "v"}, "base_url": URL,
                        "model_names": ["a", "b"], "provider": "CUSTOM"});
    let made = admin.make(&llm("mine", custom));
    let good = json!({"model_names": ["c"], "headers": {"X-Two": "w"}, "api_key": "sk-2"});
    let body = |name: &str, scopings: Value, more: Value| json!({"name": name, "scopings": scopings, "config": with(&good, &more)});
    for (body, status, field) in [
        (body("taken", json!([]), json!({})), 409, ""),
        (body(" new", json!([]), json!({})), 422, "name"),
        (body("new", json!([{"space_id": space}]), json!({})), 422, "scopings[0].organization_id"),
        (body("new", json!([{"organization_id": "U3BhY2U6MTIzNDU="}]), json!({})), 404, ""),
        (
            body("new", json!([{"organization_id": "x"}]), json!({})),
            400,
            "scopings[0].organization_id",
        ),
        (
            body("new", json!([]), json!({"base_url": "http://x.example.org"})),
            422,
            "config.base_url",
        ),
        (body("new", json!([]), json!({"model_names": ["c", ""]})), 422, "config.model_names[1]"),
        (body("new", json!([]), json!({"model_names": []})), 422, "config.model_names"),
        (body("new", json!([]), json!({"project_id": "p"})), 422, "config.project_id"),
        (body("new", json!([]), json!({"api_key": 1})), 400, "config.api_key"),
    ] {
        server.unchanged(|| {
            let answer = admin.change(&made, body);
            if field.is_empty() {
                answer.problem(status, "");
            } else {
                answer.names(status, field);
            }
        });
    }
    assert_eq!(admin.read(&made), made);
}

#[test]
fn what_is_left_out_stays_and_lists_and_maps_are_replaced() {
    let server = &Server::start();
    let admin = server.admin();
    let config = json!({"provider": "NVIDIA_NIM", "headers": {"X-One": "1", "X-Two": "2"},
                        "model_names": ["a", "b", "c"], "base_url": URL,
                        "is_function_calling_enabled": false});
    let made = admin.make(&llm("mine", config));
    let expect = |changes: Value, config: Value| {
        let before = admin.read(&made);
        let after = admin.change(&made, changes).ok();
        let members = json!({"config": expected(&before, config)});
        assert_eq!(at_the_time(&after, &before), with(&before, &members));
    };
    let config = |config: Value| json!({"config": config});
    let models = json!({"model_names": ["c", "d", "c"]});
    expect(config(models), json!({"model_names": ["c", "d"]}));
    let headers = json!({"headers": {"X-Two": "3"}});
    expect(config(headers), json!({"header_names": ["X-Two"]}));
    expect(config(json!({"headers": {}})), json!({"header_names": []}));
    expect(
        config(json!({"is_default_models_enabled": true})),
        json!({"is_default_models_enabled": true}),
    );
    expect(config(json!({"model_names": []})), json!({"model_names": []}));
    server.unchanged(|| {
        let off = json!({"config": {"is_default_models_enabled": false}});
        admin.change(&made, off).names(422, "config.model_names");
    });
    let both = json!({"is_default_models_enabled": false, "model_names": ["e"]});
    expect(config(both.clone()), both);
    expect(config(json!({"base_url": null})), json!({"base_url": null}));
    for provider in ["FIREWORKS", "LITELLM", "TOGETHER_AI"] {
        let config = with(&least(provider), &json!({"model_names": ["a"]}));
        let made = admin.make(&llm(provider, config));
        let emptied = admin.change(&made, json!({"config": {"model_names": []}})).ok();
        assert_eq!(emptied["config"]["model_names"], json!([]));
    }
}

#[test]
fn the_time_of_change_moves_and_that_of_creation_stays() {
    let server = &Server::start();
    let admin = server.admin();
    let bedrock = json!({"auth": {"auth_type": "DEFAULT", "role_arn": ROLE}});
    let made = admin.make(&llm("a", with(&least("AWS_BEDROCK"), &bedrock)));
    let remote = admin.make(&agent("b", json!({})));
    let (organization, _) = admin.make_space("Acme", "prod");
    for (record, changes) in [
        (&made, json!({"name": "new"})),
        (&made, json!({"scopings": [{"organization_id": organization}]})),
        (&made, json!({"config": {"model_names": ["m"]}})),
        (&made, json!({"config": {"auth": {"auth_type": "BEARER_TOKEN", "api_key": "k"}}})),
        (&remote, json!({"description": "new"})),
        (&remote, json!({"config": {"request_presets": [{"name": "p", "config": {}}]}})),
    ] {
        server.database.tamper("UPDATE integration SET created_on = 1000, updated_on = 2000");
        assert_eq!(admin.read(record)["updated_at"], "1970-01-01T00:00:02.000Z");
        let changed = admin.change(record, changes).ok();
        assert_eq!(changed["created_at"], "1970-01-01T00:00:01.000Z");
        assert!(changed["updated_at"].as_str().unwrap() > "2026", "{changed}");
        let kept = ["id", "created_by_user_id"];
        assert!(kept.iter().all(|member| changed[member] == record[member]), "{changed}");
    }
    // The order of the list is that of creation, and an id is for good.
    assert_eq!(names(&admin.get(INTEGRATIONS).ok()), ["b", "new"]);
    let id = made["id"].as_str().unwrap();
    admin.get(&format!("{INTEGRATIONS}/{id}")).ok();
    admin.get(&format!("{INTEGRATIONS}/{}", escaped(id))).ok();
}
