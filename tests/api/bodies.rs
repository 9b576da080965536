//! Bodies as the SDKs send them, and answers as they need them; contract sections 0.2 and 2.

use serde_json::{Value, json};

use crate::support::{Client, Response, Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";

fn chunked(client: &Client, method: &str, path: &str, body: &Value) -> Response {
    let text = body.to_string();
    let mut sent = vec![];
    // Three pieces, cut anywhere.
    for piece in text.as_bytes().chunks(text.len().div_ceil(3)) {
        sent.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        sent.extend(piece);
        sent.extend(b"\r\n");
    }
    sent.extend(b"0\r\n\r\n");
    let headers = ["Content-Type: application/json", "Transfer-Encoding: chunked"];
    client.raw(&format!("{method} {path}"), &headers, &sent)
}

/// An integration with a resource, and an application with a key.
fn filled(server: &Server) -> (Client, String, String) {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin.post(&format!("{MAIN}/integration/gpt"), &model()).done();
    let ada = server.client("ada", &[]);
    let app = format!("/api/applications/{}", ada.application);
    (admin, app.clone(), format!("{app}/accessKeys/{}", ada.key))
}

#[test]
fn chunked_bodies_without_a_length_are_read() {
    let server = &Server::start();
    let admin = server.admin();
    let saved = chunked(&admin, "POST", MAIN, &openai("sk-1")).ok();
    assert_eq!(saved["configuration"]["endpoint"], "https://api.example.org");
    assert_eq!(server.database.opened("main", "", "/api_key"), "\"sk-1\"");
    chunked(&admin, "POST", &format!("{MAIN}/integration/gpt"), &model()).done();
    let tags = json!([{"key": "a", "value": "b"}]);
    chunked(&admin, "PUT", &format!("{MAIN}/tags"), &tags).done();
    assert_eq!(admin.get(&format!("{MAIN}/tags")).ok(), tags);
    chunked(&admin, "DELETE", &format!("{MAIN}/tags"), &tags).done();
    assert_eq!(admin.get(&format!("{MAIN}/tags")).ok(), json!([]));
    let item = json!([{"name": "bulk", "type": "openai"}]);
    chunked(&admin, "POST", "/api/integrations/", &item).done();
    let key = json!({"keyId": crate::support::ADMIN.0, "keySecret": crate::support::ADMIN.1});
    chunked(&server.stranger(), "POST", "/api/token", &key).ok();
}

#[test]
fn an_object_that_nobody_asked_for_is_no_harm() {
    let server = &Server::start();
    let (admin, app, key) = filled(server);
    let empty = json!({});
    admin.call_with("POST", &format!("{app}/accessKeys"), &empty).ok();
    admin.call_with("POST", &format!("{app}/roles/USER"), &empty).done();
    admin.call_with("DELETE", &format!("{app}/roles/USER"), &empty).done();
    admin.call_with("POST", &format!("{key}/status"), &empty).ok();
    admin.call_with("DELETE", &key, &empty).ok();
    admin.call_with("DELETE", &app, &empty).ok();
    admin.call_with("DELETE", &format!("{MAIN}/integration/gpt"), &empty).done();
    admin.call_with("GET", MAIN, &empty).ok();
    chunked(&admin, "DELETE", MAIN, &empty).done();
}

#[test]
fn an_empty_body_with_or_without_a_type_is_no_harm_where_none_is_needed() {
    let server = &Server::start();
    let (admin, app, key) = filled(server);
    let typed = ["Content-Type: application/json", "Content-Length: 0"];
    admin.raw(&format!("POST {app}/roles/USER"), &typed, b"").done();
    admin.raw(&format!("POST {app}/roles/USER"), &typed[1..], b"").done();
    admin.raw(&format!("POST {app}/accessKeys"), &[], b"").ok();
    admin.raw(&format!("POST {key}/status"), &typed, b"").ok();
    admin.raw(&format!("DELETE {key}"), &typed[..1], b"").ok();
    admin.raw(&format!("DELETE {MAIN}/integration/gpt"), &[], b"").done();
    admin.raw(&format!("GET {MAIN}"), &typed[..1], b"").ok();
}

#[test]
fn a_connection_goes_on_after_a_body_that_nobody_read() {
    let server = &Server::start();
    let (admin, app, key) = filled(server);
    let headers = ["Content-Type: application/json", "Content-Length: 2"];
    let (status, delete) = (format!("POST {key}/status"), format!("DELETE {MAIN}"));
    let (get, unknown) = (format!("GET {app}"), "POST /api/nothing");
    let answers = admin.raw_all(&[
        (&status, &headers, b"{}"),
        (&get, &[], b""),
        (unknown, &headers, b"{}"),
        (&delete, &headers, b"{}"),
        (&get, &[], b""),
    ]);
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 404, 200, 200]);
    assert_eq!(answers[4].json["name"], "ada");
}

#[test]
fn what_has_nothing_to_say_says_nothing_at_length_zero() {
    let server = &Server::start();
    let (admin, app, _) = filled(server);
    let (tags, limit) =
        (json!([{"key": "a", "value": "b"}]), json!({"maxTokens": 1, "tokenLimitPeriod": "DAY"}));
    let gpt = format!("{MAIN}/integration/gpt");
    // `done` looks at status, body, length and type.
    admin.post("/api/integrations", &json!([])).done();
    admin.post("/api/integrations/def/register", &json!([])).done();
    admin.post("/api/integrations/eventStats/kafka", &json!([])).done();
    admin.post("/api/integrations/llm/main/token", &limit).done();
    admin.post(&gpt, &model()).done();
    admin.post(&format!("{gpt}/metrics"), &json!(1)).done();
    for thing in [MAIN, &gpt, &app] {
        admin.put(&format!("{thing}/tags"), &tags).done();
        admin.call_with("DELETE", &format!("{thing}/tags"), &tags).done();
    }
    admin.call("POST", &format!("{app}/roles/USER")).done();
    admin.delete(&format!("{app}/roles/USER")).done();
    admin.delete(&gpt).done();
    admin.delete(MAIN).done();
}

#[test]
fn curl_may_ask_before_it_sends_a_large_body() {
    let server = &Server::start();
    let admin = server.admin();
    let body = openai("sk-1").to_string();
    let length = format!("Content-Length: {}", body.len());
    let headers = ["Content-Type: application/json", length.as_str(), "Expect: 100-continue"];
    admin.raw(&format!("POST {MAIN}"), &headers, body.as_bytes()).ok();
}

#[test]
fn a_body_whose_end_can_be_read_in_two_ways_is_refused() {
    let server = &Server::start();
    let admin = server.admin();
    let body = b"0\r\n\r\nGET /api/version HTTP/1.1\r\n\r\n";
    let line = format!("POST {MAIN}");
    server.unchanged(|| {
        for lengths in [
            ["Content-Length: 4", "Content-Length: 5"],
            ["Content-Length: 5", "Transfer-Encoding: chunked"],
            ["Transfer-Encoding: chunked", "Content-Length: 5"],
            ["Content-Length: +5", "X: y"],
            ["Content-Length: 5, 5", "X: y"],
        ] {
            let headers = ["Content-Type: application/json", lengths[0], lengths[1]];
            assert_eq!(admin.raw(&line, &headers, body).status, 400, "{lengths:?}");
        }
    });
}

#[test]
fn any_accept_header_is_served_and_nothing_is_compressed() {
    let server = &Server::start();
    let (admin, ..) = filled(server);
    for accept in ["*/*", "application/json", "text/plain", "image/png"] {
        let headers = [("Accept", accept), ("Accept-Encoding", "gzip, br")];
        let answer = admin.send("GET", MAIN, &headers, None);
        assert_eq!(answer.header("content-encoding"), None);
        answer.ok();
    }
}
