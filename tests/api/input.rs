//! Bad input: each with the right status in Conductor's shape, and nothing changed.

use serde_json::json;

use crate::support::{Client, Response, Server, model, openai};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const MAIN: &str = "/api/integrations/provider/main";
const MIB: usize = 1 << 20;

/// Every route that takes a body, with the largest body it takes.
fn with_body(server: &Server) -> Vec<(&'static str, String, usize)> {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    let gpt = format!("{MAIN}/integration/gpt");
    admin.post(&gpt, &model()).done();
    let app = format!("/api/applications/{}", server.client("ada", &[]).application);
    vec![
        ("POST", MAIN.to_owned(), MIB),
        ("POST", gpt.clone(), MIB),
        ("POST", format!("{gpt}/metrics"), MIB),
        ("PUT", format!("{gpt}/tags"), MIB),
        ("DELETE", format!("{gpt}/tags"), MIB),
        ("PUT", format!("{MAIN}/tags"), MIB),
        ("DELETE", format!("{MAIN}/tags"), MIB),
        ("POST", "/api/integrations/".to_owned(), 8 * MIB),
        ("POST", "/api/integrations/def/register".to_owned(), 8 * MIB),
        ("POST", "/api/integrations/llm/main/token".to_owned(), MIB),
        ("POST", "/api/integrations/eventStats/kafka".to_owned(), MIB),
        ("POST", "/api/integrations/eventStats?type=kafka".to_owned(), MIB),
        ("POST", "/api/applications".to_owned(), MIB),
        ("PUT", app.clone(), MIB),
        ("PUT", format!("{app}/tags"), MIB),
        ("DELETE", format!("{app}/tags"), MIB),
        ("POST", "/api/token".to_owned(), MIB),
    ]
}

/// Tries `ask` on every route with a body; none may change anything.
#[track_caller]
fn everywhere(server: &Server, ask: impl Fn(&Client, &str, &str, usize)) {
    let (routes, admin) = (with_body(server), server.admin());
    for (method, path, limit) in routes {
        server.unchanged(|| ask(&admin, method, &path, limit));
    }
}

#[test]
fn broken_json_is_400_wherever_a_body_is_taken() {
    let server = &Server::start();
    everywhere(server, |client, method, path, _| {
        for body in
            ["", " ", "{", "[1", "{\"name\":}", "{'name':1}", "{} {}", "[],", "nul", "\u{feff}{}"]
        {
            let answer = client.send(method, path, &[JSON], Some(body));
            let error = answer.refused(400, "`body` is not valid JSON at line");
            assert_eq!(error["validationErrors"][0]["path"], "body");
        }
    });
}

#[test]
fn a_body_that_is_not_utf_8_is_400() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| {
        let body = b"{\"type\":\"openai\",\"description\":\"\xff\"}";
        let length = format!("Content-Length: {}", body.len());
        let headers = ["Content-Type: application/json", length.as_str()];
        admin.raw(&format!("POST {MAIN}"), &headers, body).refused(400, "not valid JSON");
    });
}

#[test]
fn json_of_the_wrong_type_is_400_wherever_a_body_is_taken() {
    let server = &Server::start();
    everywhere(server, |client, method, path, _| {
        for body in [
            "\"text\"",
            "true",
            "null",
            "[[]]",
            "{\"type\":{}, \"name\":{}, \"keyId\":{}, \"maxTokens\":{}, \"description\": {}}",
        ] {
            let error = client.send(method, path, &[JSON], Some(body)).refused(400, "`");
            assert!(error["validationErrors"][0]["path"].is_string(), "{path} {body}: {error}");
        }
    });
}

#[test]
fn a_key_that_stands_twice_is_400() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| {
        for body in [
            r#"{"type":"openai","type":"anthropic"}"#,
            r#"{"type":"openai","\u0074ype":"openai"}"#,
            r#"{"type":"openai","configuration":{"a":1,"a":1}}"#,
            r#"{"type":"openai","configuration":{"deep":[{"a":1,"b":2,"a":3}]}}"#,
            r#"{"type":"openai","unknown":{"a":1,"a":2}}"#,
        ] {
            admin.send("POST", MAIN, &[JSON], Some(body)).refused(400, "twice");
        }
        let bulk = r#"[{"name":"a","type":"openai"},{"name":"b","name":"c","type":"openai"}]"#;
        let answer = admin.send("POST", "/api/integrations", &[JSON], Some(bulk));
        answer.refused(400, "names the key `name` twice");
    });
}

#[test]
fn json_may_be_nested_64_deep_and_no_deeper() {
    let server = &Server::start();
    let admin = server.admin();
    let nested = |depth: usize| {
        let inner = depth - 2;
        let (open, close) = ("[".repeat(inner), "]".repeat(inner));
        format!(r#"{{"type":"openai","configuration":{{"a":{open}{close}}}}}"#)
    };
    admin.send("POST", MAIN, &[JSON], Some(&nested(64))).ok();
    server.unchanged(|| {
        for depth in [65, 66, 100_000] {
            let answer = admin.send("POST", MAIN, &[JSON], Some(&nested(depth)));
            answer.refused(400, "nested more than 64 deep");
        }
        let objects = "{\"a\":".repeat(65) + "1" + &"}".repeat(65);
        let answer = admin.send("POST", MAIN, &[JSON], Some(&objects));
        answer.refused(400, "nested more than 64 deep");
    });
}

#[test]
fn a_body_with_too_great_a_length_is_413_unread() {
    let server = &Server::start();
    everywhere(server, |client, method, path, limit| {
        let length = format!("Content-Length: {}", limit + 1);
        let headers = ["Content-Type: application/json", length.as_str()];
        let answer = client.raw(&format!("{method} {path}"), &headers, b"");
        answer.refused(413, &limit.to_string());
    });
}

#[test]
fn a_chunked_body_is_413_as_soon_as_it_is_too_large() {
    let server = &Server::start();
    let routes = with_body(server);
    let admin = server.admin();
    for (method, path, limit) in routes.into_iter().take(8) {
        server.unchanged(|| {
            let mut body = format!("{:x}\r\n", limit + 1).into_bytes();
            body.resize(body.len() + limit + 1, b' ');
            let headers = ["Content-Type: application/json", "Transfer-Encoding: chunked"];
            let answer = admin.raw(&format!("{method} {path}"), &headers, &body);
            answer.refused(413, &limit.to_string());
        });
    }
}

#[test]
fn a_body_of_just_the_largest_size_is_taken() {
    let server = &Server::start();
    let admin = server.admin();
    let mut body = json!({"type": "openai", "description": ""});
    let room = MIB - body.to_string().len();
    body["description"] = json!("x".repeat(room));
    assert_eq!(body.to_string().len(), MIB);
    admin.post(MAIN, &body).ok();
    body["description"] = json!("x".repeat(room + 1));
    let length = format!("Content-Length: {}", MIB + 1);
    let headers = ["Content-Type: application/json", length.as_str()];
    admin.raw(&format!("POST {MAIN}"), &headers, b"").refused(413, "1048576");
}

#[test]
fn a_body_of_another_type_is_415_wherever_one_is_taken() {
    let server = &Server::start();
    everywhere(server, |client, method, path, _| {
        let send = |headers: &[(&str, &str)]| -> Response {
            client.send(method, path, headers, Some("{\"type\":\"openai\",\"name\":\"x\"}"))
        };
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/xml",
            "application/jsonx",
            "application/json; charset=iso-8859-1",
        ] {
            send(&[("Content-Type", kind)]).refused(415, "application/json");
        }
        for coding in ["gzip", "br", "deflate", "zstd"] {
            send(&[JSON, ("Content-Encoding", coding)]).refused(415, "uncompressed");
        }
    });
}

#[test]
fn a_body_without_a_type_is_read_as_json() {
    let server = &Server::start();
    everywhere(server, |client, method, path, _| {
        let line = format!("{method} {path}");
        client.raw(&line, &["Content-Length: 2"], b"{]").refused(400, "not valid JSON");
    });
}

#[test]
fn json_has_several_spellings_of_its_type() {
    let server = &Server::start();
    let admin = server.admin();
    for kind in [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        "application/json; charset=\"UTF-8\"",
        "application/json; odd=1",
    ] {
        let body = openai("sk-1").to_string();
        admin.send("POST", MAIN, &[("Content-Type", kind)], Some(&body)).ok();
    }
    let identity = [JSON, ("Content-Encoding", "identity")];
    admin.send("POST", MAIN, &identity, Some(&openai("sk-1").to_string())).ok();
}

#[test]
fn bad_queries_are_400_with_their_name() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    for path in ["/api/integrations", "/api/integrations/all", "/api/integrations/provider"] {
        for value in ["1", "yes", "", "truee"] {
            let answer = admin.get(&format!("{path}?activeOnly={value}"));
            let error = answer.refused(400, "`activeOnly`");
            assert_eq!(error["validationErrors"][0]["path"], "activeOnly", "{path} {value}");
        }
    }
}
