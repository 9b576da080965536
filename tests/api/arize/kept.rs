//! What only one dialect knows survives whatever the other writes; contract section 8.3.

use serde_json::{Value, json};

use super::records::{
    AI_INTEGRATIONS, INTEGRATIONS, KEY, ROLE, URL, agent, at, least, llm, provider,
};
use crate::saving::{resolved, with};
use crate::support::{Client, Server};

const MAIN: &str = "/api/integrations/provider/main";

/// Replaces the integration `main` in Conductor's dialect by what is read of it, with other texts
/// and this configuration.
fn replace(client: &Client, configuration: &Value) {
    let mut whole = client.get(MAIN).ok();
    whole["description"] = json!("by Conductor");
    whole["enabled"] = json!(false);
    whole["configuration"] = configuration.clone();
    client.post(MAIN, &whole).ok();
}

/// A record of the newer family without its time of change.
fn still(client: &Client, record: &Value) -> Value {
    with(&client.read(record), &json!({"updated_at": null}))
}

#[test]
fn what_only_arize_knows_survives_conductors_replacement() {
    let server = &Server::start();
    let admin = server.admin();
    let (organization, space) = admin.make_space("Acme", "prod");
    let oauth = json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "client_id": "c-1", "client_secret": KEY,
                       "token_url": "https://login.example.org", "scopes": "a b", "audience": "aud"});
    let proxy =
        json!({"auth_type": "PROXY_WITH_HEADERS", "base_url": URL, "headers": {"X-One": KEY}});
    let bearer = json!({"auth_type": "BEARER_TOKEN", "api_key": KEY, "base_url": URL});
    let role = json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": "e-1"});
    let off = json!({"is_function_calling_enabled": false});
    let on = json!({"is_default_models_enabled": true});
    let headers = json!({"headers": {"X-One": KEY, "X-Two": KEY}});
    let bedrock = |auth: &Value| with(&least("AWS_BEDROCK"), &json!({"auth": auth}));
    let records = [
        llm("main", with(&least("OPEN_AI"), &off)),
        llm("main", with(&with(&least("CUSTOM"), &with(&headers, &on)), &off)),
        llm("main", with(&least("CUSTOM"), &json!({"auth": oauth}))),
        llm("main", with(&with(&least("LITELLM"), &headers), &off)),
        llm("main", with(&with(&least("NVIDIA_NIM"), &headers), &on)),
        llm("main", with(&least("TOGETHER_AI"), &on)),
        llm("main", bedrock(&proxy)),
        llm("main", bedrock(&bearer)),
        llm("main", bedrock(&role)),
        llm("main", least("VERTEX_AI")),
        agent(
            "main",
            with(&headers, &json!({"request_presets": [{"name": "p", "config": {"a": 1}}]})),
        ),
    ];
    for mut body in records {
        body["scopings"] = json!([{"organization_id": organization, "space_id": space}]);
        let made = admin.make(&body);
        let clear = resolved(&admin, MAIN);
        let before = still(&admin, &made);
        let is_agent = made["type"] == "AGENT";
        for round in 0..2 {
            // What was read, and then with a key that only Conductor knows.
            let mut configuration = admin.get(MAIN).ok()["configuration"].clone();
            assert!(configuration.get("arize").is_none(), "{configuration}");
            if round == 1 {
                configuration["publisher"] = json!("p");
            }
            replace(&admin, &configuration);
            let mut expected = before.clone();
            if is_agent {
                expected["description"] = json!("by Conductor");
            }
            assert_eq!(still(&admin, &made), expected, "{body}");
            admin.patch(MAIN, &json!({"enabled": true, "description": null})).ok();
            let mut now = resolved(&admin, MAIN);
            now.as_object_mut().unwrap().remove("publisher");
            assert_eq!(now, clear, "{body}");
        }
        let item = json!([{"name": "main", "enabled": true, "configuration": admin.get(MAIN).ok()["configuration"]}]);
        admin.post("/api/integrations", &item).done();
        assert_eq!(still(&admin, &made), before);
        admin.patch(MAIN, &json!({"configuration": {"publisher": null}})).ok();
        assert_eq!(resolved(&admin, MAIN), clear);
        admin.delete(MAIN).done();
    }
}

#[test]
fn what_both_know_follows_conductors_replacement() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&llm("main", with(&least("ANTHROPIC"), &json!({"base_url": URL}))));
    let config = || admin.read(&made)["config"].clone();
    let mask = admin.get(MAIN).ok()["configuration"]["api_key"].clone();
    replace(&admin, &json!({"api_key": mask, "endpoint": URL}));
    assert_eq!((&config()["has_api_key"], &config()["base_url"]), (&json!(true), &json!(URL)));
    // What is left out is cleared.
    replace(&admin, &json!({"endpoint": "https://b.example.org"}));
    assert_eq!(config()["has_api_key"], false);
    assert_eq!(config()["base_url"], "https://b.example.org");
    replace(&admin, &json!({"api_key": "", "endpoint": ""}));
    assert_eq!((&config()["has_api_key"], &config()["base_url"]), (&json!(false), &Value::Null));
    let vertex = admin.make(&llm("vertex", least("VERTEX_AI")));
    let moved = json!({"configuration": {"projectName": "p-2", "environment": "e-2"}});
    admin.patch(&provider("vertex"), &moved).ok();
    let config = admin.read(&vertex)["config"].clone();
    assert_eq!((&config["project_id"], &config["location"]), (&json!("p-2"), &json!("e-2")));
    assert_eq!(config["project_access_label"], "l-1");
    server.unchanged(|| {
        let reserved = json!({"configuration": {"arize": {"headers": {}}}});
        admin.patch(MAIN, &reserved).refused(400, "reserved");
    });
}

/// An integration with all that only Conductor knows, and its record in Arize's dialect.
fn of_conductor(server: &Server) -> Value {
    let admin = server.admin();
    let configuration = json!({"api_key": KEY, "endpoint": URL, "completionsPath": "/v2", "version": "v1",
                               "betaVersion": "b1", "another": {"deep": [1, 2.50]}, "password": "pw-0123456789abcdef"});
    let body = json!({"type": "anthropic", "category": "AI_MODEL", "description": "team account",
                      "enabled": false, "configuration": configuration});
    admin.post(MAIN, &body).ok();
    let tags = json!([{"key": "team", "value": "core"}]);
    admin.put(&format!("{MAIN}/tags"), &tags).done();
    for (name, is_enabled) in [("on", true), ("off", false)] {
        let body = json!({"enabled": is_enabled, "description": "d", "maxTokens": 5, "frequency": "daily",
                          "configuration": {"temperature": 0.50, "api_key": "sk-own-0123456789"}});
        let path = format!("{MAIN}/integration/{name}");
        admin.post(&path, &body).done();
        admin.put(&format!("{path}/tags"), &tags).done();
        admin.post(&format!("{path}/metrics"), &json!(3)).done();
    }
    admin.get(INTEGRATIONS).ok()["integrations"][0].clone()
}

#[test]
fn what_only_conductor_knows_survives_arizes_changes() {
    let server = &Server::start();
    let admin = server.admin();
    let record = of_conductor(server);
    let read = || {
        let mut whole = admin.get(MAIN).ok();
        for member in ["updateTime", "updatedOn"] {
            whole.as_object_mut().unwrap().remove(member);
        }
        let resources = admin.get(&format!("{MAIN}/integration?activeOnly=false")).ok();
        (whole, resources, admin.get(&format!("{MAIN}/metrics")).ok())
    };
    let before = read();
    assert_eq!(before.0["enabled"], false);
    let flat = admin.get(&at(AI_INTEGRATIONS, &record)).ok();
    assert_eq!(flat["model_names"], json!(["on"]));
    for config in [
        json!({"is_function_calling_enabled": false}),
        json!({"is_function_calling_enabled": true}),
        json!({"api_key": KEY, "base_url": URL}),
    ] {
        admin.change(&record, json!({"config": config})).ok();
        let mut after = read();
        after.0["configuration"]["api_key"] = before.0["configuration"]["api_key"].clone();
        assert_eq!(after, before, "{config}");
    }
    // Another key says nothing of the other secrets and settings.
    admin.change(&record, json!({"config": {"api_key": null}})).ok();
    let after = read();
    let without = with(&before.0["configuration"], &json!({"api_key": null}));
    assert_eq!(after.0["configuration"], without);
    assert_eq!((&after.0["tags"], after.1, after.2), (&before.0["tags"], before.1, before.2));
    admin.patch(MAIN, &json!({"enabled": true})).ok();
    assert_eq!(resolved(&admin, MAIN)["password"], "pw-0123456789abcdef");
    let item = json!({"name": "main", "headers": {"X-One": "v"}, "api_key": KEY});
    admin.patch(&at(AI_INTEGRATIONS, &record), &item).problem(409, "password");
}

#[test]
fn models_are_replaced_by_name_and_a_disabled_one_stays_until_it_is_named() {
    let server = &Server::start();
    let admin = server.admin();
    let record = of_conductor(server);
    let path = at(AI_INTEGRATIONS, &record);
    let set = |models: Value| {
        let changed = admin.patch(&path, &json!({"model_names": models})).ok();
        changed["model_names"].clone()
    };
    let rows = || -> Vec<(String, bool)> {
        let rows = admin.get(&format!("{MAIN}/integration?activeOnly=false")).ok();
        let row = |row: &Value| (row["api"].as_str().unwrap().to_owned(), row["enabled"] == true);
        rows.as_array().unwrap().iter().map(row).collect()
    };
    let row = |name: &str| admin.get(&format!("{MAIN}/integration/{name}")).ok();
    let own = |name: &str| admin.get(&format!("{MAIN}/integration/{name}/metrics")).ok();
    let (on, off) = (row("on"), row("off"));
    // One that is kept keeps all it has.
    assert_eq!(set(json!(["z", "on", "z"])), json!(["z", "on"]));
    assert_eq!(row("on"), on);
    assert_eq!(own("on"), 3);
    let named = |rows: &[(&str, bool)]| -> Vec<(String, bool)> {
        rows.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect()
    };
    assert_eq!(rows(), named(&[("off", false), ("on", true), ("z", true)]));
    let new = row("z");
    assert_eq!((&new["enabled"], &new["configuration"]), (&json!(true), &json!({})));
    // One that is left out goes; one that is disabled was not shown, and stays.
    assert_eq!(set(json!([])), json!([]));
    assert_eq!(rows(), named(&[("off", false)]));
    assert_eq!(row("off"), off);
    assert_eq!(set(json!(["off", "on"])), json!(["off", "on"]));
    let enabled = row("off");
    for member in ["description", "maxTokens", "frequency", "configuration", "tags", "createTime"] {
        assert_eq!(enabled.get(member), off.get(member), "{member}");
    }
    assert_eq!((&enabled["enabled"], own("off"), own("on")), (&json!(true), json!(3), json!(0)));
    assert_eq!(row("on")["configuration"], json!({}));
    // Conductor's hand in it is seen here.
    admin.patch(&format!("{MAIN}/integration/off"), &json!({"enabled": false})).done();
    admin
        .post(&format!("{MAIN}/integration/b"), &json!({"enabled": true, "configuration": {}}))
        .done();
    assert_eq!(admin.get(&path).ok()["model_names"], json!(["on", "b"]));
    // A disabled record is listed like any other.
    admin.patch(MAIN, &json!({"enabled": false})).ok();
    assert_eq!(admin.get(&path).ok()["model_names"], json!(["on", "b"]));
}
