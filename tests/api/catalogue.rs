//! Definitions: the catalogue and what is registered; contract sections 4.8 and 5.5.

use serde_json::{Value, json};

use crate::support::{PROVIDER, Server, is_mask, openai};

const DEF: &str = "/api/integrations/def";
const REGISTER: &str = "/api/integrations/def/register";

fn definition(kind: &str) -> Value {
    json!({
        "type": kind,
        "name": "My Tools",
        "category": "MCP",
        "configuration": [{"fieldName": "where", "fieldType": "PASSWORD", "label": "Where"}],
        "apis": [
            {"api": "search", "description": "finds", "inputSchema": {"data": {"type": "object"}}},
            {"api": "store"},
        ],
    })
}

/// Every key in `value`, at any depth.
fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                found.push(key.clone());
                keys(inner, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn the_catalogue_has_every_documented_type_and_only_fields_of_the_contract() {
    let server = &Server::start();
    // Everyone with a token reads it.
    let found = server.client("ada", &[]).get(DEF).ok();
    let all = found.as_array().unwrap();
    assert_eq!(all.len(), 41);
    let mut names = vec![];
    keys(&found, &mut names);
    assert!(!names.iter().any(|name| name.starts_with("x-")), "{names:?}");
    for one in all {
        for text in ["type", "name", "category", "categoryLabel", "description", "iconName"] {
            assert!(one[text].as_str().is_some_and(|text| !text.is_empty()), "{text}: {one}");
        }
        assert!(one["enabled"].is_boolean() && one["tags"].is_array(), "{one}");
        for field in one["configuration"].as_array().unwrap() {
            let kind = field["fieldType"].as_str().unwrap();
            assert!(["DROPDOWN", "TEXT", "PASSWORD", "FILE"].contains(&kind), "{field}");
            assert!(field["fieldName"].is_string() && field["optional"].is_boolean());
            if kind == "DROPDOWN" {
                for option in field["valueOptions"].as_array().unwrap() {
                    assert!(option["label"].is_string() && option["value"].is_string());
                }
            }
        }
        assert!(one["apis"].as_array().unwrap().iter().all(|api| api["api"].is_string()));
    }
    for kind in ["openai", "anthropic", "azure_openai", "pineconedb", "kafka", "relational_db"] {
        assert!(all.iter().any(|one| one["type"] == kind), "{kind}");
    }
}

#[test]
fn a_definition_is_found_by_type_and_by_name_in_any_case() {
    let server = &Server::start();
    let admin = server.admin();
    for (name, kind) in [
        ("openai", "openai"),
        ("OpenAI", "openai"),
        ("grok", "Grok"),
        ("Grok/", "Grok"),
        ("Hugging%20Face", "huggingface"),
        ("azure%20openai", "azure_openai"),
        ("GCP%20Pub%2FSub", "gcp_pubsub"),
    ] {
        assert_eq!(admin.get(&format!("{DEF}/{name}")).ok()["type"], kind, "{name}");
    }
    let list = admin.get(DEF).ok();
    assert_eq!(admin.get(&format!("{DEF}/azure_openai")).ok(), list[0]);
    let pgvector = admin.get(&format!("{DEF}/pgvectordb")).ok();
    assert_eq!(pgvector["configuration"][2]["addresses"], json!(["jdbc"]));
    admin.get(&format!("{DEF}/nothing")).refused(404, "`nothing`");
}

#[test]
fn a_registered_definition_is_listed_and_used() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(REGISTER, &json!([definition("My_Tools"), definition("other")])).done();
    let found = admin.get(&format!("{DEF}/my_tools")).ok();
    assert_eq!(found["type"], "My_Tools");
    assert_eq!((&found["enabled"], &found["tags"]), (&json!(true), &json!([])));
    assert_eq!(found["configuration"][0]["fieldType"], "PASSWORD");
    let list = admin.get(DEF).ok();
    assert_eq!(list.as_array().unwrap().len(), 43);
    assert!(list.as_array().unwrap().contains(&found));

    let body = json!({"type": "MY_TOOLS", "configuration": {"where": "secret"}});
    let saved = admin.post(&format!("{PROVIDER}/tools"), &body).ok();
    assert_eq!((&saved["type"], &saved["category"]), (&json!("My_Tools"), &json!("MCP")));
    assert!(is_mask(&saved["configuration"]["where"]), "{saved}");
    let offered = admin.get(&format!("{PROVIDER}/tools/integration/all")).ok();
    assert_eq!(offered, json!(["search", "store"]));
}

#[test]
fn a_registered_definition_replaces_the_former_of_its_type() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(REGISTER, &json!([definition("tools")])).done();
    let mut changed = admin.get(&format!("{DEF}/openai")).ok();
    changed["type"] = json!("OPENAI");
    changed["description"] = json!("ours");
    let mut tools = definition("TOOLS");
    tools["apis"] = json!([]);
    admin.post(REGISTER, &json!([changed, tools])).done();
    assert_eq!(admin.get(DEF).ok().as_array().unwrap().len(), 42);
    assert_eq!(admin.get(&format!("{DEF}/openai")).ok()["description"], "ours");
    assert_eq!(admin.get(&format!("{DEF}/tools")).ok()["apis"], json!([]));
}

#[test]
fn a_bad_definition_is_refused_with_its_place_and_none_is_registered() {
    let server = &Server::start();
    let admin = server.admin();
    let with = |field: &str, value: Value| {
        let mut bad = definition("bad");
        bad[field] = value;
        json!([definition("good"), bad])
    };
    let field = |kind: &str| json!([{"fieldName": "x", "fieldType": kind}]);
    let addresses =
        |forms: Value| json!([{"fieldName": "x", "fieldType": "TEXT", "addresses": forms}]);
    server.unchanged(|| {
        for (body, words) in [
            (with("type", json!("")), "[1].type"),
            (with("type", json!(null)), "[1].type"),
            (with("category", json!("TOYS")), "[1].category"),
            (with("configuration", field("CHECKBOX")), "[1].configuration[0].fieldType"),
            (with("configuration", json!([{"fieldType": "TEXT"}])), "configuration[0].fieldName"),
            (
                with("configuration", json!([{"fieldName": "", "fieldType": "TEXT"}])),
                "[1].configuration[0].fieldName",
            ),
            (
                with("configuration", addresses(json!(["https", "file"]))),
                "[1].configuration[0].addresses[1]",
            ),
            (with("configuration", addresses(json!("https"))), "configuration[0].addresses"),
            (with("apis", json!([{}])), "[1].apis[0].api"),
            (with("enabled", json!("yes")), "[1].enabled"),
            (json!([{"type": "x"}]), "[0].category"),
            (json!({}), "body"),
        ] {
            admin.post(REGISTER, &body).refused(400, words);
        }
    });
}

#[test]
fn a_built_in_secret_cannot_be_made_visible_by_registering() {
    let server = &Server::start();
    let admin = server.admin();
    let clear = "mongodb://user:hush@db.example.org";
    let path = format!("{PROVIDER}/mongo");
    let body = json!({"type": "mongovectordb", "configuration": {"endpoint": clear}});
    let saved = admin.post(&path, &body).ok();
    let sealed = server.database.secrets();

    let mut opened = admin.get(&format!("{DEF}/mongovectordb")).ok();
    opened["configuration"] = json!([{"fieldName": "endpoint", "fieldType": "TEXT"}]);
    server.unchanged(|| {
        admin
            .post(REGISTER, &json!([opened]))
            .refused(400, "must have `endpoint` as PASSWORD or FILE");
    });

    // A definition that does not speak of the field any more makes it no less secret.
    opened["configuration"] = json!([]);
    let answer = admin.post(REGISTER, &json!([opened]));
    assert!(matches!(answer.status, 200 | 400), "{}", answer.text);
    let kept = json!({"type": "mongovectordb", "configuration": saved["configuration"]});
    admin.post(&path, &kept).ok();
    assert_eq!(server.database.secrets(), sealed);
    let saved = admin.post(&path, &body).ok();
    assert!(is_mask(&saved["configuration"]["endpoint"]), "{saved}");
}

#[test]
fn only_an_administrator_registers() {
    let server = &Server::start();
    for role in ["USER", "METADATA_MANAGER", "USER_READ_ONLY", "WORKER"] {
        let client = server.client("ada", &[role]);
        let body = json!([definition("tools")]);
        let denied = server.denied(|| client.post(REGISTER, &body).refused(403, "definitions"));
        assert_eq!(denied, "denied UPDATE INTEGRATION_DEF *", "{role}");
    }
    server.client("ada", &["ADMIN"]).post(REGISTER, &json!([definition("tools")])).done();
}

#[test]
fn what_a_type_offers_is_found_by_integration_and_by_type() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(REGISTER, &json!([definition("tools")])).done();
    admin.post(&format!("{PROVIDER}/mine"), &json!({"type": "tools"})).ok();
    admin.post(&format!("{PROVIDER}/openai"), &json!({"type": "tools"})).ok();
    for name in ["mine", "tools", "TOOLS", "openai"] {
        let found = admin.get(&format!("/api/integrations/{name}/def/apis")).ok();
        assert_eq!((&found[0]["api"], &found[1]["api"]), (&json!("search"), &json!("store")));
        let one = admin.get(&format!("/api/integrations/{name}/def/api/search")).ok();
        assert_eq!(one, found[0]);
        assert_eq!(one["inputSchema"]["data"], json!({"type": "object"}));
        let missing = format!("/api/integrations/{name}/def/api/nothing");
        admin.get(&missing).refused(404, "`nothing`");
    }
    admin.get("/api/integrations/absent/def/apis").refused(404, "`absent`");
    admin.get("/api/integrations/absent/def/api/x").refused(404, "`absent`");
    let ada = server.client("ada", &[]);
    ada.get("/api/integrations/tools/def/apis").ok();
    ada.get("/api/integrations/mine/def/apis").refused(403, "READ");
    ada.get("/api/integrations/mine/def/api/search").refused(403, "READ");
}

#[test]
fn an_integration_can_be_named_like_a_fixed_word() {
    let server = &Server::start();
    let admin = server.admin();
    for name in ["def", "all", "provider", "llm", "register", "tags", "integration"] {
        let path = format!("{PROVIDER}/{name}");
        admin.post(&path, &openai("sk-1")).ok();
        assert_eq!(admin.get(&path).ok()["name"], name);
    }
}
