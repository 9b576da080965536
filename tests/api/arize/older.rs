//! The older family; contract section 5.

use serde_json::{Map, Value, json};

use super::records::{
    AI_INTEGRATIONS, INTEGRATIONS, KEY, PROVIDERS, ROLE, URL, agent, at, endpoint, least, llm,
    names, provider,
};
use crate::saving::{resolved, with};
use crate::support::{Client, Server, is_mask};

/// What a provider must be called with.
fn metadata(provider: &str) -> Value {
    match provider {
        "AWS_BEDROCK" => json!({"kind": "AWS", "role_arn": ROLE, "external_id": null}),
        "VERTEX_AI" => json!({"kind": "GCP", "project_id": "p-1", "location": "us-central1",
                              "project_access_label": "l-1"}),
        _ => Value::Null,
    }
}

/// Every provider of the family.
fn providers() -> impl Iterator<Item = &'static str> {
    PROVIDERS.into_iter().chain(["AZURE_OPEN_AI"])
}

/// What makes a record with this beside what it must have.
fn body(name: &str, provider: &str, more: &Value) -> Value {
    let body = json!({"name": name, "provider": provider});
    with(&with(&body, &json!({"provider_metadata": metadata(provider)})), more)
}

fn make(client: &Client, body: &Value) -> Value {
    client.post(AI_INTEGRATIONS, body).made()
}

fn change(client: &Client, record: &Value, changes: &Value) -> Value {
    client.patch(&at(AI_INTEGRATIONS, record), changes).ok()
}

/// What was read, with these members, some of which may be null.
fn having(read: &Value, members: &Value) -> Value {
    let mut read: Map<_, _> = read.as_object().unwrap().clone();
    read.extend(members.as_object().unwrap().clone());
    read.into()
}

/// A record with a star for each value of its headers, which must be masks.
fn starred(record: &Value) -> Value {
    let mut record = record.clone();
    for value in record["headers"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        assert!(is_mask(value), "{value}");
        *value = json!("*");
    }
    record
}

#[test]
fn each_provider_takes_and_shows_the_same_flat_members() {
    let server = &Server::start();
    let admin = server.admin();
    let full = json!({
        "api_key": KEY,
        "base_url": URL,
        "model_names": ["z", "a/b:c", "z"],
        "headers": {"X-One": KEY, "X-Two": KEY},
        "enable_default_models": true,
        "function_calling_enabled": false,
        "auth_type": "PROXY_WITH_HEADERS",
        "scopings": [],
    });
    for provider in providers() {
        let name = format!("{provider} least");
        let made = make(&admin, &body(&name, provider, &json!({})));
        let least = json!({
            "id": made["id"],
            "name": name,
            "provider": provider,
            "has_api_key": false,
            "base_url": null,
            "model_names": [],
            "headers": null,
            "enable_default_models": false,
            "function_calling_enabled": true,
            "auth_type": "DEFAULT",
            "provider_metadata": metadata(provider),
            "scopings": [{"organization_id": null, "space_id": null}],
            "created_at": made["created_at"],
            "updated_at": made["created_at"],
            "created_by_user_id": made["created_by_user_id"],
        });
        assert_eq!(made, least);
        assert!(made["created_by_user_id"].is_string());
        let name = format!("{provider} most");
        let made = make(&admin, &body(&name, provider, &full));
        // Where a role is not assumed, there is none to be told of.
        let role = if provider == "AWS_BEDROCK" {
            made["provider_metadata"].clone()
        } else {
            metadata(provider)
        };
        let most = json!({
            "id": made["id"],
            "name": name,
            "has_api_key": true,
            "base_url": URL,
            "model_names": ["z", "a/b:c"],
            "headers": {"X-One": "*", "X-Two": "*"},
            "enable_default_models": true,
            "function_calling_enabled": false,
            "auth_type": "PROXY_WITH_HEADERS",
            "provider_metadata": role,
            "created_at": made["created_at"],
            "updated_at": made["created_at"],
        });
        assert_eq!(starred(&made), having(&least, &most));
        assert_eq!(admin.get(&at(AI_INTEGRATIONS, &made)).ok(), made);
        let list = admin.get(AI_INTEGRATIONS).ok();
        assert_eq!(list["ai_integrations"][0], made);
        assert!(!list.to_string().contains(KEY));
    }
    assert_eq!(names(&admin.get(AI_INTEGRATIONS).ok()).len(), 22);
}

#[test]
fn a_mask_keeps_the_value_of_a_header() {
    let server = &Server::start();
    let admin = server.admin();
    for (index, of) in providers().enumerate() {
        let name = format!("p{index}");
        let headers = json!({"X-One": format!("{KEY}1"), "X-Two": format!("{KEY}2")});
        let made = make(&admin, &body(&name, of, &json!({"headers": headers})));
        let stored = || resolved(&admin, &provider(&name))["arize"]["headers"].clone();
        assert_eq!(stored(), headers);
        let same = change(&admin, &made, &json!({"headers": made["headers"]}));
        assert_eq!((&same["headers"], stored()), (&made["headers"], headers.clone()));
        // A new value for the one; the other is kept.
        let one_new = json!({"X-One": made["headers"]["X-One"], "X-Two": "new-0123456789abcdef"});
        change(&admin, &made, &json!({"headers": one_new}));
        assert_eq!(stored(), with(&headers, &json!({"X-Two": "new-0123456789abcdef"})));
        // A mask that stands for another value, or none, keeps nothing.
        server.unchanged(|| {
            let wrong = json!({"headers": {"X-One": "v", "X-Two": made["headers"]["X-One"]}});
            let answer = admin.patch(&at(AI_INTEGRATIONS, &made), &wrong);
            answer.names(422, "headers.X-Two");
            let new = body("new", of, &json!({"headers": made["headers"]}));
            admin.post(AI_INTEGRATIONS, &new).names(422, "headers.X-One");
        });
        change(&admin, &made, &json!({"headers": {"X-Three": "v"}}));
        assert_eq!(stored(), json!({"X-Three": "v"}));
        assert!(change(&admin, &made, &json!({"headers": null}))["headers"].is_null());
        assert_eq!(stored(), Value::Null);
    }
}

#[test]
fn what_is_said_changes_and_null_removes_where_it_may() {
    let server = &Server::start();
    let admin = server.admin();
    for of in providers() {
        let full = json!({"api_key": KEY, "base_url": URL, "model_names": ["a"], "headers": {"X-One": "v"}});
        let made = make(&admin, &body(of, of, &full));
        for (sent, shown) in [
            (json!({"name": format!("{of}!")}), json!({"name": format!("{of}!")})),
            (
                json!({"provider": of, "function_calling_enabled": false}),
                json!({"function_calling_enabled": false}),
            ),
            (json!({"enable_default_models": true}), json!({"enable_default_models": true})),
            (json!({"model_names": ["b", "a", "b"]}), json!({"model_names": ["b", "a"]})),
            (json!({"model_names": []}), json!({"model_names": []})),
            (json!({"api_key": null}), json!({"has_api_key": false})),
            (json!({"headers": null}), json!({"headers": null})),
            (json!({"base_url": null}), json!({"base_url": null})),
            (
                json!({"base_url": "https://b.example.org"}),
                json!({"base_url": "https://b.example.org"}),
            ),
            (json!({"api_key": "sk-2"}), json!({"has_api_key": true})),
            (json!({"provider_metadata": null}), json!({"provider_metadata": null})),
            (
                json!({"api_key": "sk-3", "provider_metadata": metadata(of)}),
                json!({"provider_metadata": metadata(of)}),
            ),
        ] {
            if metadata(of).is_null() && sent.get("provider_metadata").is_some() {
                continue;
            }
            let mut sent = sent;
            if sent.get("provider_metadata").is_some() {
                sent["api_key"] = json!("sk-3");
            }
            let before = admin.get(&at(AI_INTEGRATIONS, &made)).ok();
            let after = change(&admin, &made, &sent);
            let shown = having(&shown, &json!({"updated_at": after["updated_at"]}));
            assert_eq!(after, having(&before, &shown), "{of} {sent}");
        }
        server.unchanged(|| {
            let patch = |body: &Value| admin.patch(&at(AI_INTEGRATIONS, &made), body);
            patch(&json!({})).problem(422, "must change something");
            for member in [
                "name",
                "provider",
                "model_names",
                "enable_default_models",
                "function_calling_enabled",
                "auth_type",
                "scopings",
            ] {
                patch(&json!({member: null})).names(422, member);
                patch(&json!({member: {"a": 1}})).names(400, member);
            }
            for other in providers().filter(|other| *other != of) {
                patch(&json!({"provider": other, "name": "x"})).names(422, "provider");
            }
            for member in ["type", "config", "description", "has_api_key", "id"] {
                patch(&json!({member: "LLM"})).names(422, member);
            }
            let oauth = json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS"});
            patch(&oauth).names(422, "auth_type");
        });
    }
}

#[test]
fn what_cannot_be_made_is_told() {
    let server = &Server::start();
    let admin = server.admin();
    make(&admin, &body("taken", "GEMINI", &json!({})));
    let aws = |more: Value| json!({"provider_metadata": with(&metadata("AWS_BEDROCK"), &more)});
    let gcp = |more: Value| json!({"provider_metadata": with(&metadata("VERTEX_AI"), &more)});
    let one = |provider: &str, more: Value| body("x", provider, &more);
    for (body, status, field) in [
        (json!({"provider": "GEMINI"}), 422, "name"),
        (json!({"name": "x"}), 422, "provider"),
        (json!({"name": "x", "provider": "OPENAI"}), 422, "provider"),
        (json!({"name": "x", "provider": 1}), 400, "provider"),
        (json!({"name": "x", "provider": "AWS_BEDROCK"}), 422, "provider_metadata"),
        (json!({"name": "x", "provider": "VERTEX_AI"}), 422, "provider_metadata"),
        (one("GEMINI", aws(json!({}))), 422, "provider_metadata"),
        (one("AWS_BEDROCK", aws(json!({"kind": null}))), 422, "provider_metadata.kind"),
        (one("AWS_BEDROCK", gcp(json!({}))), 422, "provider_metadata.kind"),
        (one("AWS_BEDROCK", aws(json!({"role_arn": null}))), 422, "provider_metadata.role_arn"),
        (one("AWS_BEDROCK", aws(json!({"location": "l"}))), 422, "provider_metadata.location"),
        (one("AWS_BEDROCK", aws(json!({"role_arn": 1}))), 400, "provider_metadata.role_arn"),
        (one("VERTEX_AI", aws(json!({}))), 422, "provider_metadata.kind"),
        (one("VERTEX_AI", gcp(json!({"project_id": null}))), 422, "provider_metadata.project_id"),
        (one("VERTEX_AI", gcp(json!({"location": null}))), 422, "provider_metadata.location"),
        (
            one("VERTEX_AI", gcp(json!({"project_access_label": null}))),
            422,
            "provider_metadata.project_access_label",
        ),
        (one("VERTEX_AI", gcp(json!({"other": "o"}))), 422, "provider_metadata.other"),
        (one("CUSTOM", json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS"})), 422, "auth_type"),
        (one("CUSTOM", json!({"auth_type": "NONE"})), 422, "auth_type"),
        (one("CUSTOM", json!({"headers": {"X-One": "x".repeat(8164)}})), 422, "headers"),
        (one("CUSTOM", json!({"headers": {"X-One": 1}})), 400, "headers.X-One"),
        (one("CUSTOM", json!({"base_url": "http://a.example.org"})), 422, "base_url"),
        (one("CUSTOM", json!({"base_url": "https://169.254.169.254/"})), 422, "base_url"),
        (one("CUSTOM", json!({"model_names": [1]})), 400, "model_names[0]"),
        (one("CUSTOM", json!({"type": "LLM"})), 422, "type"),
        (
            one("CUSTOM", json!({"is_function_calling_enabled": true})),
            422,
            "is_function_calling_enabled",
        ),
        (one("CUSTOM", json!({"name": " x"})), 422, "name"),
        (one("CUSTOM", json!({"name": "taken"})), 409, ""),
    ] {
        server.unchanged(|| {
            let answer = admin.post(AI_INTEGRATIONS, &body);
            match field {
                "" => drop(answer.problem(status, "taken")),
                field => drop(answer.names(status, field)),
            }
        });
    }
    // What is null on a create was left out.
    let nulls = json!({"name": "nulls", "provider": "CUSTOM", "api_key": null, "base_url": null,
        "headers": null, "model_names": null, "provider_metadata": null,
        "enable_default_models": null, "function_calling_enabled": null, "auth_type": null});
    let made = make(&admin, &nulls);
    assert_eq!(
        (&made["function_calling_enabled"], &made["auth_type"]),
        (&json!(true), &json!("DEFAULT"))
    );
    make(
        &admin,
        &json!({"name": "x", "provider": "AWS_BEDROCK", "auth_type": "BEARER_TOKEN", "api_key": KEY}),
    );
}

#[test]
fn both_families_tell_of_the_same_record() {
    let server = &Server::start();
    let admin = server.admin();
    for of in PROVIDERS {
        let made = admin.make(&llm(of, least(of)));
        let flat = admin.get(&at(AI_INTEGRATIONS, &made)).ok();
        for member in ["id", "name", "scopings", "created_at", "updated_at", "created_by_user_id"] {
            assert_eq!(flat[member], made[member], "{of} {member}");
        }
        let config = &made["config"];
        for (here, there) in [
            ("provider", "provider"),
            ("has_api_key", "has_api_key"),
            ("base_url", "base_url"),
            ("model_names", "model_names"),
            ("is_default_models_enabled", "enable_default_models"),
            ("is_function_calling_enabled", "function_calling_enabled"),
        ] {
            assert!(config.get(here).is_none_or(|value| *value == flat[there]), "{of} {here}");
        }
        let changed = json!({"enable_default_models": true, "function_calling_enabled": false});
        change(&admin, &made, &changed);
        let config = admin.read(&made)["config"].clone();
        let setting = |name: &str| config.get(name).cloned();
        assert!(setting("is_default_models_enabled").is_none_or(|flag| flag == true));
        assert!(setting("is_function_calling_enabled").is_none_or(|flag| flag == false));
    }
    for kind in ["AGENT", "EVALUATOR"] {
        let made = admin.make(&endpoint(kind, kind, json!({})));
        let path = at(AI_INTEGRATIONS, &made);
        server.unchanged(|| {
            admin.get(&path).problem(404, "No such integration");
            admin.patch(&path, &json!({"name": "x"})).problem(404, "No such integration");
            admin.delete(&path).problem(404, "No such integration");
        });
    }
    let azure = make(&admin, &body("azure", "AZURE_OPEN_AI", &json!({})));
    let path = at(INTEGRATIONS, &azure);
    server.unchanged(|| {
        admin.get(&path).problem(404, "No such integration");
        let changes = json!({"type": "LLM", "name": "x"});
        admin.patch(&path, &changes).problem(404, "No such integration");
        admin.delete(&path).problem(404, "No such integration");
    });
    let listed = admin.get(&format!("{INTEGRATIONS}?type=LLM")).ok();
    assert!(!names(&listed).contains(&"azure"));
    assert_eq!(names(&admin.get(AI_INTEGRATIONS).ok()).len(), 11);
    admin.make(&agent("azure", json!({})));
    admin.delete(&at(AI_INTEGRATIONS, &azure)).gone();
    admin.get(&at(AI_INTEGRATIONS, &azure)).problem(404, "No such integration");
}
