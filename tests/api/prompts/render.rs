//! Rendering: the text with its variables filled in.

use serde_json::{Value, json};

use super::{HI, MANAGER, bad_field, grant, save};
use crate::support::{Client, Response, Server};

const RENDER: &str = "/api/prompts/hi/render";

fn render(client: &Client, variables: &Value) -> Response {
    client.post(RENDER, &json!({"variables": variables}))
}

/// The text, given that all went well.
#[track_caller]
fn text(answer: Response) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    answer.text
}

#[test]
fn variables_are_filled_in_once_as_text_or_as_json() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", "${a}|${b c}|${a}|$${a}|{{a}}|${é}").done();
    for (value, expected) in [
        (json!("text"), "text"),
        (json!(""), ""),
        (json!("${a}${é}"), "${a}${é}"),
        (json!("$${a}"), "$${a}"),
        (json!("\"q\" \\ \n"), "\"q\" \\ \n"),
        (json!(5), "5"),
        (json!(1.50), "1.5"),
        (json!(true), "true"),
        (json!(null), "null"),
        (json!(["x", 1]), "[\"x\",1]"),
        (json!({"b": 1, "a": "é"}), "{\"b\":1,\"a\":\"é\"}"),
    ] {
        let variables = json!({"a": value, "b c": "2", "é": "3", "more": "unused"});
        let expected = format!("{expected}|2|{expected}|${{a}}|{{{{a}}}}|3");
        assert_eq!(text(render(&admin, &variables)), expected, "{value}");
    }
    // A number is put in as it was written.
    let body = r#"{"variables":{"a":1.10,"b c":12345678901234567890,"é":1e5}}"#;
    let answer = admin.send("POST", RENDER, &[super::JSON], Some(body));
    assert!(text(answer).starts_with("1.10|12345678901234567890|1.10|"));
}

#[test]
fn every_variable_without_a_value_is_named() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", "${x} ${a} ${b c} ${x}").done();
    server.unchanged(|| {
        let error = render(&admin, &json!({"a": "1"})).refused(400, "`variables.x` is missing");
        let expected = json!([
            {"path": "variables.x", "message": "is missing"},
            {"path": "variables.b c", "message": "is missing"},
        ]);
        assert_eq!(error["validationErrors"], expected);
        admin.post(RENDER, &json!({})).refused(400, "variables.a");
    });
}

#[test]
fn a_text_that_would_be_too_long_is_refused() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", &"${a}".repeat(100_000)).done();
    let fits = text(render(&admin, &json!({"a": "x".repeat(80)})));
    assert_eq!(fits.len(), 8_000_000);
    server.unchanged(|| {
        let answer = render(&admin, &json!({"a": "x".repeat(1_000_000)}));
        assert_eq!(bad_field(answer), "variables");
    });
}

#[test]
fn a_prompt_without_variables_needs_none() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", "").done();
    assert_eq!(text(admin.post(RENDER, &json!({}))), "");
    save(&admin, HI, "", "line1\nline2 \"é\"").done();
    assert_eq!(text(admin.post(RENDER, &json!({}))), "line1\nline2 \"é\"");
    assert_eq!(text(render(&admin, &json!({}))), "line1\nline2 \"é\"");
}

#[test]
fn the_version_is_chosen_as_for_a_read() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", "one ${a}").done();
    save(&admin, HI, "&version=2", "two ${a}").done();
    let body = json!({"variables": {"a": "x"}});
    assert_eq!(text(admin.post(RENDER, &body)), "two x");
    assert_eq!(text(admin.post(&format!("{RENDER}?version=1"), &body)), "one x");
    let both = admin.post(&format!("{RENDER}?version=1&label=a"), &body);
    assert_eq!(bad_field(both), "label");
}

#[test]
fn what_is_no_set_of_variables_is_refused() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", "${a}").done();
    server.unchanged(|| {
        for (body, field) in [
            (json!({"variables": {"a": "x"}, "more": 1}), "more"),
            (json!({"a": "x"}), "a"),
            (json!({"variables": []}), "variables"),
            (json!({"variables": null}), "variables"),
            (json!("a"), "body"),
        ] {
            assert_eq!(bad_field(admin.post(RENDER, &body)), field, "{body}");
        }
        let twice = r#"{"variables":{"a":"1","a":"2"}}"#;
        let answer = admin.send("POST", RENDER, &[super::JSON], Some(twice));
        answer.refused(400, "twice");
    });
}

#[test]
fn rendering_needs_read() {
    let server = &Server::start();
    let (admin, bob) = (server.admin(), server.client("bob", &[]));
    save(&admin, HI, "", "a").done();
    grant(&admin, &bob, ("PROMPT", "hi"), &["EXECUTE", "UPDATE"]);
    server.unchanged(|| bob.post(RENDER, &json!({})).refused(403, "READ"));
    grant(&admin, &bob, ("PROMPT", "hi"), &["READ"]);
    assert_eq!(text(bob.post(RENDER, &json!({}))), "a");
    let ada = server.client("ada", MANAGER);
    assert_eq!(text(ada.post(RENDER, &json!({}))), "a");
}
