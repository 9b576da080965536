//! Writes that are refused, each with secrets in it.

use serde_json::{Value, json};

use crate::client::Client;
use crate::secrets::Secrets;
use crate::stored::{provider, resource};

const JSON: &str = "Content-Type: application/json\r\n";

/// The integration that nothing of this is saved of.
const TARGET: &str = "target";

const BULK: &str = "/api/integrations";
const REGISTER: &str = "/api/integrations/def/register";

/// The longest body but for a bulk save.
const MAX_BODY: usize = 1024 * 1024;

/// Configurations that are refused.
pub fn configurations(secrets: &Secrets) -> Vec<Value> {
    let new = || secrets.canary();
    let with = |key: &str, value: String| json!({"api_key": new(), key: value});
    vec![
        json!({"api_key": format!("****{}", new())}),
        json!({"api_key": format!("****abcdef23****{}", new())}),
        json!({"api_key": {"inner": format!("****{}", new())}}),
        json!({"api_key": new() + &"x".repeat(17_000)}),
        json!({"api_key": format!("{}\n{}", new(), new())}),
        json!({"api_key": format!("{}\u{0}", new())}),
        json!({"api_key": format!("{}-ü", new())}),
        json!({"headers": {"not a name": new()}}),
        json!({"headers": {"X-Key": format!("{}\r\nX-Other: {}", new(), new())}}),
        with("endpoint", format!("https://user:{}@example.org", new())),
        with("endpoint", format!("https://example.org/?api_key={}", new())),
        with("endpoint", format!("https://{}:{}", new(), new())),
        with("endpoint", format!("https://169.254.169.254/{}", new())),
        with("note", format!("see https://user:{}@example.org", new())),
        with("note", format!("see https://example.org/?token={}", new())),
        with("url", format!("jdbc:postgresql://db/x?password={}", new())),
        with("datasourceURL", format!("jdbc:oracle:thin:u/{}@db:1521:x", new())),
        with("token", format!("file:/etc/{}", new())),
        with("token", format!("env:{}", new().to_uppercase().replace('-', "_"))),
    ]
}

/// Bodies that are no resource.
fn misfits(secrets: &Secrets) -> Vec<Value> {
    let new = || secrets.canary();
    vec![
        json!(new()),
        json!([new()]),
        fitting_but("configuration", json!(new()), secrets),
        fitting_but("configuration", json!([new()]), secrets),
        fitting_but("enabled", json!(new()), secrets),
        fitting_but("enabled", json!([new()]), secrets),
        fitting_but("description", json!({"text": new()}), secrets),
        fitting_but("description", json!([new()]), secrets),
    ]
}

/// Bodies that are no integration, beside [`misfits`].
fn misfits_of_integration(secrets: &Secrets) -> Vec<Value> {
    let new = || secrets.canary();
    vec![
        fitting_but("category", json!(new()), secrets),
        fitting_but("category", json!([new()]), secrets),
        fitting_but("type", json!([new()]), secrets),
        fitting_but("type", json!("cohere"), secrets),
    ]
}

/// A body that fits but for one field.
fn fitting_but(field: &str, value: Value, secrets: &Secrets) -> Value {
    json!({"name": TARGET, "configuration": {"api_key": secrets.canary()}, field: value})
}

/// Texts that are no JSON, or not ours.
pub fn texts(secrets: &Secrets) -> Vec<Vec<u8>> {
    let new = || secrets.canary();
    let texts = [
        format!("{{\"configuration\":{{\"api_key\":\"{}\"", new()),
        format!("{{\"configuration\":{{\"api_key\":\"{}\",}}}}", new()),
        format!("{{\"configuration\":{{\"api_key\":{}}}}}", new()),
        format!("{{\"configuration\":{{\"api_key\":'{}'}}}}", new()),
        format!("{{\"configuration\":{{\"api_key\":\"{}\\q\"}}}}", new()),
        format!("{{\"configuration\":{{\"api_key\":\"{}\\ud800\"}}}}", new()),
        format!("{{}} {}", new()),
        format!("api_key={}&b={}", new(), new()),
        new(),
        format!("{{\"api_key\":\"{}\",\"api_key\":\"{}\"}}", new(), new()),
        format!("{{\"configuration\":{{\"a\":\"{}\",\"a\":\"{}\"}}}}", new(), new()),
        format!("{{\"enabled\":\"{}\",\"enabled\":\"{}\"}}", new(), new()),
        format!("{{\"configuration\":{{\"$serde_json::private::Number\":\"{}\"}}}}", new()),
        format!("{{\"configuration\":{{\"$serde_json::private::Number\":[\"{}\"]}}}}", new()),
        format!("{{\"$serde_json::private::RawValue\":\"{}\"}}", new()),
        format!("{}\"{}\"{}", "{\"a\":".repeat(70), new(), "}".repeat(70)),
    ];
    let mut texts: Vec<_> = texts.into_iter().map(String::into_bytes).collect();
    texts.push([format!("{{\"api_key\":\"{}", new()).as_bytes(), b"\xff\"}"].concat());
    texts
}

/// Sends all of it, in every way that a configuration can be sent.
pub fn send_all(admin: &Client, nobody: &Client, stranger: &Client, secrets: &Secrets) {
    let (path, model) = (provider(TARGET), resource(TARGET, "gpt-4o"));
    let new = || json!({"configuration": {"api_key": secrets.canary()}});
    let first = json!({"type": "openai", "configuration": new()["configuration"]});
    let saved = admin.post(&path, &first).ok();
    admin.post(&model, &json!({"enabled": true})).is(200);
    for (method, path) in [("POST", &path), ("PATCH", &path), ("POST", &model), ("PATCH", &model)] {
        for configuration in configurations(secrets) {
            admin.call(method, path, Some(&json!({"configuration": configuration}))).is(400);
        }
        for body in misfits(secrets) {
            admin.call(method, path, Some(&body)).is(400);
        }
        bodies_to(admin, method, path, secrets);
        nobody.call(method, path, Some(&new())).is(403);
        stranger.call(method, path, Some(&new())).is(401);
    }
    for method in ["POST", "PATCH"] {
        for body in misfits_of_integration(secrets) {
            admin.call(method, &path, Some(&body)).is(400);
        }
        // The secret that is kept would go elsewhere, and the new one is not kept either.
        let kept = &saved["configuration"]["api_key"];
        let moved = json!({"api_key": kept, "token": secrets.canary(), "endpoint": "https://else"});
        admin.call(method, &path, Some(&json!({"configuration": moved}))).is(409);
    }
    bulk(admin, secrets);
    elsewhere(admin, secrets);
    assert_eq!(admin.get(&path).ok()["updateTime"], saved["updateTime"], "something was saved");
}

/// What is wrong with a body whatever the route, and with how it is sent.
fn bodies_to(admin: &Client, method: &str, path: &str, secrets: &Secrets) {
    let one = || json!({"configuration": {"api_key": secrets.canary()}}).to_string();
    for text in texts(secrets) {
        admin.send(method, path, JSON, &text).is(400);
    }
    for other in ["text/plain", "application/json; charset=latin1", "application/xml"] {
        let headers = format!("Content-Type: {other}\r\n");
        admin.send(method, path, &headers, one().as_bytes()).is(415);
    }
    let compressed = format!("{JSON}Content-Encoding: gzip\r\n");
    admin.send(method, path, &compressed, one().as_bytes()).is(415);
    admin.send("FNORD", path, JSON, one().as_bytes()).is(405);
    admin.send(method, &format!("{path}%zz"), JSON, one().as_bytes()).is(400);
    admin.send(method, &format!("/nothing{path}"), JSON, one().as_bytes()).is(404);
    let announced = format!("{JSON}Content-Length: {}\r\n", 9 * MAX_BODY);
    admin.raw(method, path, &announced, one().as_bytes()).is(413);
    if path != BULK {
        let large = one() + &" ".repeat(MAX_BODY + 1 - one().len());
        let chunk = format!("{:x}\r\n{large}", large.len());
        let chunked = format!("{JSON}Transfer-Encoding: chunked\r\n");
        admin.raw(method, path, &chunked, chunk.as_bytes()).is(413);
    }
}

/// Bulk saves of which one item is bad, so that nothing is saved.
fn bulk(admin: &Client, secrets: &Secrets) {
    bodies_to(admin, "POST", BULK, secrets);
    let item = |name: &str| json!({"name": name, "type": "openai", "configuration": {"api_key": secrets.canary()}});
    let in_resource = |configuration| {
        let mut item = item(TARGET);
        item["apis"] = json!([{"api": "gpt-4o", "configuration": configuration}]);
        item
    };
    let bad = configurations(secrets).into_iter().map(in_resource);
    let bad = bad.chain(misfits(secrets)).chain(misfits_of_integration(secrets));
    for bad in bad.collect::<Vec<_>>() {
        admin.post(BULK, &json!([item("unsaved"), bad])).is(400);
        admin.post(BULK, &bad).is(400);
    }
    admin.get(&provider("unsaved")).is(404);
}

/// Secrets that were sent to the wrong route, or in the wrong place of it.
fn elsewhere(admin: &Client, secrets: &Secrets) {
    let new = || json!(secrets.canary());
    let (target, model) = (provider(TARGET), resource(TARGET, "gpt-4o"));
    let limit = format!("/api/integrations/llm/{TARGET}/token");
    let field = json!({"fieldName": "api_key", "fieldType": "PASSWORD", "defaultValue": new()});
    for (method, path, body, status) in [
        ("POST", "/api/token", json!({"keyId": "x", "keySecret": [new()]}), 400),
        ("POST", "/api/token", json!({"keyId": [new()], "keySecret": new()}), 400),
        ("POST", "/api/token", json!({"keySecret": new()}), 400),
        ("POST", "/api/token", json!({"keyId": "", "keySecret": new(), "expiration": new()}), 400),
        ("POST", "/api/audit/fingerprint", json!({"valu": new()}), 400),
        ("POST", "/api/audit/fingerprint", new(), 400),
        ("POST", "/api/audit/fingerprint", json!({"value": new()}), 200),
        ("POST", "/api/audit/fingerprint", json!({"value": {"inner": [new()]}}), 200),
        ("POST", &limit, json!({"maxTokens": new()}), 400),
        ("POST", &limit, json!({"maxTokens": 1, "tokenLimitPeriod": new()}), 400),
        ("POST", &format!("{model}/metrics"), new(), 400),
        ("POST", &model, json!({"maxTokens": new()}), 400),
        ("POST", &model, json!({"maxTokens": 1, "frequency": new()}), 400),
        ("PATCH", &target, json!({"api_key": new()}), 400),
        ("PATCH", &model, json!({"api_key": new()}), 400),
        ("PUT", &format!("{target}/tags"), json!({"api_key": new()}), 400),
        ("PUT", &target, json!({"configuration": {"api_key": new()}}), 405),
        ("POST", "/api/integrations/eventStats/openai", json!({"api_key": new()}), 400),
        ("POST", REGISTER, json!([{"type": "x", "category": new()}]), 400),
        ("POST", REGISTER, json!([{"type": "x", "category": "API", "configuration": new()}]), 400),
        (
            "POST",
            REGISTER,
            json!([{"type": "x", "category": "API", "configuration": [field]}]),
            400,
        ),
        ("POST", "/api/auth/authorization", json!({"subject": new(), "target": new()}), 400),
        ("PUT", "/api/users/somebody", json!({"name": [new()], "roles": new()}), 400),
    ] {
        admin.call(method, path, Some(&body)).is(status);
    }
    for (path, status) in [
        ("/api/integrations?activeOnly=", 400),
        ("/api/token/userInfo?claims=", 400),
        ("/api/audit?limit=", 400),
        ("/api/audit?token=", 400),
        ("/api/integrations/provider?api_key=x&token=", 200),
        ("/nothing?api_key=", 404),
    ] {
        admin.get(&format!("{path}{}", secrets.canary())).is(status);
    }
}
