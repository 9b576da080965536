//! Writes that are refused, each with secrets in it.

use serde_json::{Value, json};

use crate::client::Client;
use crate::secrets::Secrets;
use crate::stored::{PROVIDER, provider};

const JSON: &str = "Content-Type: application/json\r\n";

/// The integration that nothing of this is saved of.
const TARGET: &str = "target";

/// The longest body.
const MAX_BODY: usize = 1024 * 1024;

/// What is refused because of its configuration: what is wrong with it, with the status.
fn configurations(secrets: &Secrets) -> Vec<(Value, u16)> {
    let new = || secrets.canary();
    let with = |key: &str, value: String| json!({"api_key": new(), key: value});
    vec![
        (json!({"api_key": format!("****{}", new())}), 400),
        (json!({"api_key": format!("****abcdef23****{}", new())}), 400),
        (json!({"api_key": {"inner": format!("****{}", new())}}), 400),
        (json!({"api_key": new() + &"x".repeat(17_000)}), 400),
        (json!({"api_key": format!("{}\n{}", new(), new())}), 400),
        (json!({"api_key": format!("{}\u{0}", new())}), 400),
        (json!({"api_key": format!("{}-ü", new())}), 400),
        (json!({"headers": {"not a name": new()}}), 400),
        (json!({"headers": {"X-Key": format!("{}\r\nX-Other: {}", new(), new())}}), 400),
        (with("endpoint", format!("https://user:{}@example.org", new())), 400),
        (with("endpoint", format!("https://example.org/?api_key={}", new())), 400),
        (with("endpoint", format!("https://{}:{}", new(), new())), 400),
        (with("endpoint", format!("https://169.254.169.254/{}", new())), 400),
        (with("note", format!("see https://user:{}@example.org", new())), 400),
        (with("note", format!("see https://example.org/?token={}", new())), 400),
        (with("url", format!("jdbc:postgresql://db/x?password={}", new())), 400),
        (with("datasourceURL", format!("jdbc:oracle:thin:u/{}@db:1521:x", new())), 400),
        (with("token", format!("file:/etc/{}", new())), 400),
        (with("token", format!("env:{}", new().to_uppercase().replace('-', "_"))), 400),
        // The secret that is kept would go elsewhere, and the new one is not kept either.
        (json!({"api_key": null, "token": new(), "endpoint": "https://else.example.org"}), 409),
    ]
}

/// Bodies that do not fit, whatever the configuration.
fn misfits(secrets: &Secrets) -> Vec<Value> {
    let new = || secrets.canary();
    let with = |field: &str, value: Value| json!({"type": "openai", "configuration": {"api_key": new()}, field: value});
    vec![
        json!(new()),
        json!([new()]),
        with("configuration", json!(new())),
        with("configuration", json!([new()])),
        with("enabled", json!(new())),
        with("enabled", json!([new()])),
        with("description", json!({"text": new()})),
        with("category", json!(new())),
        with("category", json!([new()])),
        with("type", json!([new()])),
        with("type", json!("cohere")),
    ]
}

/// Texts that are no JSON, or not ours.
fn texts(secrets: &Secrets) -> Vec<Vec<u8>> {
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
    let api_key = secrets.canary();
    let stored = json!({"type": "openai", "enabled": true, "configuration": {"api_key": api_key}});
    let path = provider(TARGET);
    let model = format!("{path}/integration/gpt-4o");
    let saved = admin.post(&path, &stored).ok();
    admin.post(&model, &json!({"enabled": true})).is(200);
    configurations_to(admin, &path, &saved["configuration"]["api_key"], secrets);
    for (method, path) in [("POST", &path), ("PATCH", &path), ("POST", &model), ("PATCH", &model)] {
        bodies_to(admin, method, path, secrets);
    }
    bodies_to(admin, "POST", "/api/integrations", secrets);
    bulk(admin, secrets);
    for (client, status) in [(nobody, 403), (stranger, 401)] {
        let body = || json!({"type": "openai", "configuration": {"api_key": secrets.canary()}});
        client.post(&path, &body()).is(status);
        client.post(&model, &body()).is(status);
        client
            .call("PATCH", &path, Some(&json!({"configuration": {"token": secrets.canary()}})))
            .is(status);
    }
    elsewhere(admin, secrets);
    assert_eq!(admin.get(&path).ok()["updateTime"], saved["updateTime"], "something was saved");
}

/// What is wrong in a configuration.
fn configurations_to(admin: &Client, path: &str, kept: &Value, secrets: &Secrets) {
    for method in ["POST", "PATCH"] {
        for (mut configuration, status) in configurations(secrets) {
            if configuration["api_key"].is_null() && status == 409 {
                configuration["api_key"] = kept.clone();
            }
            let body = json!({"enabled": true, "configuration": configuration});
            admin.call(method, path, Some(&body)).is(status);
        }
    }
    for (configuration, status) in
        configurations(secrets).into_iter().filter(|(_, status)| *status == 400)
    {
        let body = json!({"enabled": true, "configuration": configuration});
        admin.post(&format!("{path}/integration/gpt-4o"), &body).is(status);
    }
}

/// What is wrong with a body as a whole, and with how it is sent.
fn bodies_to(admin: &Client, method: &str, path: &str, secrets: &Secrets) {
    let one = || json!({"configuration": {"api_key": secrets.canary()}}).to_string();
    let is_resource = path.contains("/integration/");
    for body in misfits(secrets) {
        let other_type = is_resource && method == "POST" && body["type"] != json!([]);
        let answer = admin.call(method, path, Some(&body));
        assert!(answer.status == 400 || other_type, "{} {body}", answer.status);
    }
    for text in texts(secrets) {
        admin.send(method, path, JSON, &text).is(400);
    }
    for headers in [
        "Content-Type: text/plain\r\n",
        "Content-Type: application/json; charset=latin1\r\n",
        "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
    ] {
        admin.send(method, path, headers, one().as_bytes()).is(415);
    }
    admin.send("FNORD", path, JSON, one().as_bytes()).is(405);
    admin.send(method, &format!("{path}%zz"), JSON, one().as_bytes()).is(400);
    admin.send(method, &format!("/nothing{path}"), JSON, one().as_bytes()).is(404);
    let announced = format!("{JSON}Content-Length: {}\r\n", 9 * MAX_BODY);
    admin.raw(method, path, &announced, one().as_bytes()).is(413);
    if path != "/api/integrations" {
        let large = one() + &" ".repeat(MAX_BODY + 1 - one().len());
        let chunk = format!("{:x}\r\n{large}", large.len());
        admin
            .raw(method, path, &format!("{JSON}Transfer-Encoding: chunked\r\n"), chunk.as_bytes())
            .is(413);
    }
}

/// Bulk saves of which one item is bad, so that nothing is saved.
fn bulk(admin: &Client, secrets: &Secrets) {
    for (index, (configuration, _)) in configurations(secrets).into_iter().enumerate().take(19) {
        let good = json!({"name": format!("bulk-{index}"), "type": "openai", "configuration": {"api_key": secrets.canary()}});
        let api = json!({"api": "gpt-4o", "configuration": configuration});
        let bad = json!({"name": "bad", "type": "openai", "apis": [api], "configuration": {"api_key": secrets.canary()}});
        admin.post("/api/integrations", &json!([good, bad])).is(400);
        admin.get(&format!("{PROVIDER}/bulk-{index}")).is(404);
    }
}

/// Secrets that were sent to the wrong route, or in the wrong place of it.
fn elsewhere(admin: &Client, secrets: &Secrets) {
    let new = || json!(secrets.canary());
    let path = provider(TARGET);
    for (method, path, body, status) in [
        ("POST", "/api/token".to_owned(), json!({"keyId": "x", "keySecret": [new()]}), 400),
        ("POST", "/api/token".to_owned(), json!({"keyId": [new()], "keySecret": new()}), 400),
        ("POST", "/api/token".to_owned(), json!({"keySecret": new()}), 400),
        (
            "POST",
            "/api/token".to_owned(),
            json!({"keyId": "x", "keySecret": new(), "expiration": new()}),
            400,
        ),
        ("POST", "/api/audit/fingerprint".to_owned(), json!({"valu": new()}), 400),
        ("POST", "/api/audit/fingerprint".to_owned(), new(), 400),
        ("POST", format!("/api/integrations/llm/{TARGET}/token"), json!({"maxTokens": new()}), 400),
        (
            "POST",
            format!("/api/integrations/llm/{TARGET}/token"),
            json!({"maxTokens": 1, "tokenLimitPeriod": new()}),
            400,
        ),
        ("POST", format!("{path}/integration/gpt-4o/metrics"), new(), 400),
        (
            "POST",
            format!("{path}/integration/gpt-4o"),
            json!({"maxTokens": new(), "frequency": new()}),
            400,
        ),
        (
            "POST",
            format!("{path}/integration/gpt-4o"),
            json!({"maxTokens": 1, "frequency": new()}),
            400,
        ),
        ("PATCH", path.clone(), json!({"api_key": new()}), 400),
        ("PUT", format!("{path}/tags"), json!({"api_key": new()}), 400),
        ("PUT", path.clone(), json!({"configuration": {"api_key": new()}}), 405),
        ("POST", "/api/integrations/eventStats/openai".to_owned(), json!({"api_key": new()}), 400),
        (
            "POST",
            "/api/integrations/def/register".to_owned(),
            json!([{"type": "x", "category": new()}]),
            400,
        ),
        (
            "POST",
            "/api/auth/authorization".to_owned(),
            json!({"subject": new(), "target": new()}),
            400,
        ),
        ("PUT", "/api/users/somebody".to_owned(), json!({"name": [new()], "roles": new()}), 400),
        ("GET", format!("/api/integrations?activeOnly={}", secrets.canary()), Value::Null, 400),
        ("GET", format!("/api/token/userInfo?claims={}", secrets.canary()), Value::Null, 400),
        ("GET", format!("/api/audit?limit={}", secrets.canary()), Value::Null, 400),
        ("GET", format!("/api/audit?cursor=1&token={}", secrets.canary()), Value::Null, 400),
        (
            "GET",
            format!("{path}?api_key={}&token={}", secrets.canary(), secrets.canary()),
            Value::Null,
            200,
        ),
        ("GET", format!("/nothing?api_key={}", secrets.canary()), Value::Null, 404),
    ] {
        let body = Some(&body).filter(|body| !body.is_null());
        admin.call(method, &path, body).is(status);
    }
    for value in [new(), json!({"private_key": new()}), json!([new()])] {
        admin.post("/api/audit/fingerprint", &json!({"value": value})).is(200);
    }
}
