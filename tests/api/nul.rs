//! U+0000, which SQLite keeps and PostgreSQL does not: it is refused wherever it could be kept.

use serde_json::{Value, json};

use crate::support::{Server, openai};

const MAIN: &str = "/api/integrations/provider/main";

/// A body with U+0000 in one of its texts, and the place of that.
fn spoiled(body: &Value) -> Vec<(Value, String)> {
    let mut found = vec![];
    walk(body, String::new(), &mut |place, pointer| {
        let mut spoiled = body.clone();
        let text = spoiled.pointer_mut(pointer).unwrap();
        *text = json!(format!("{}\0", text.as_str().unwrap()));
        found.push((spoiled, place));
    });
    found
}

/// Shows each text of a value to `visit`: its place as an error names it, and its pointer.
fn walk(value: &Value, pointer: String, visit: &mut impl FnMut(String, &str)) {
    match value {
        Value::String(_) => {
            let place = pointer.split('/').skip(1).fold(String::new(), |place, step| {
                match step.parse::<usize>() {
                    Ok(index) => format!("{place}[{index}]"),
                    Err(_) if place.is_empty() => step.to_owned(),
                    Err(_) => format!("{place}.{step}"),
                }
            });
            visit(place, &pointer);
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{pointer}/{index}"), visit);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                walk(member, format!("{pointer}/{key}"), visit);
            }
        }
        _ => {}
    }
}

#[test]
fn u_0000_is_refused_in_every_text_of_a_body() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    let tag = json!({"key": "k", "value": "v", "type": "METADATA"});
    let mut whole = openai("sk-1");
    whole["name"] = json!("main");
    whole["tags"] = json!([tag]);
    whole["apis"] = json!([{"api": "gpt", "description": "d", "configuration": {"note": ["n"]}}]);
    let definition = json!({"type": "own", "name": "n", "description": "d", "category": "API",
        "configuration": [{"fieldName": "f", "fieldType": "TEXT", "label": "l"}]});
    let mut tried = 0;
    let before = server.database.state();
    for (method, path, body) in [
        ("POST", MAIN, openai("sk-1")),
        ("PATCH", MAIN, json!({"description": "d"})),
        ("PUT", &format!("{MAIN}/tags"), json!([tag])),
        ("POST", &format!("{MAIN}/integration/gpt"), json!({"description": "d"})),
        ("POST", "/api/integrations", json!([whole])),
        ("POST", "/api/integrations/def/register", json!([definition])),
        ("POST", "/api/prompts", json!([{"name": "p", "template": "t", "description": "d"}])),
        ("POST", "/api/applications", json!({"name": "n"})),
        ("PUT", "/api/users/ann", json!({"name": "n", "roles": ["USER"], "groups": ["g"]})),
        ("PUT", "/api/groups/g", json!({"description": "d", "roles": ["USER"]})),
        ("POST", "/api/roles", json!({"name": "r", "permissions": ["READ"]})),
        ("POST", "/api/token", json!({"keyId": "k", "keySecret": "s"})),
        ("POST", "/api/metadata/workflow", json!({"name": "w", "version": 1, "tasks": ["t"]})),
        (
            "POST",
            "/api/integrations/eventStats/kafka",
            json!([{"eventType": "SEND", "event": "e", "handlerName": "h", "createdAt": 1}]),
        ),
        (
            "POST",
            "/api/auth/authorization",
            json!({"subject": {"type": "USER", "id": "ann"}, "access": ["READ"],
                "target": {"type": "INTEGRATION_PROVIDER", "id": "main"}}),
        ),
        ("POST", "/v2/organizations", json!({"name": "n"})),
        (
            "POST",
            "/v2/integrations",
            json!({"type": "LLM", "name": "n", "description": "d",
                "config": {"provider": "OPEN_AI", "api_key": "k", "model_names": ["m"]}}),
        ),
    ] {
        for (body, place) in spoiled(&body) {
            let answer = admin.call_with(method, path, &body);
            let status = if path.starts_with("/v2") { 422 } else { 400 };
            assert_eq!(answer.status, status, "{method} {path} {place}: {}", answer.text);
            let named = format!("`{place}` must not hold control characters");
            assert!(answer.text.contains(&named), "{method} {path} {place}: {}", answer.text);
            tried += 1;
        }
    }
    assert_eq!(server.database.state(), before);
    assert!(tried > 50, "only {tried}");
}

#[test]
fn u_0000_is_refused_in_a_query() {
    let server = &Server::start();
    let admin = server.admin();
    for (path, name) in [
        ("/api/integrations?category=a%00", "category"),
        ("/api/audit?subject=a%00", "subject"),
        ("/api/metadata/tags/resources?tagKey=a%00&tagValue=b", "tagKey"),
        ("/v2/integrations?name=a%00", "name"),
        ("/api/integrations?%00=a", "query"),
    ] {
        let answer = admin.get(path);
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert!(answer.text.contains(&format!("`{name}`")), "{path}: {}", answer.text);
    }
}
