//! The text of a prompt, as each client writes it; contract section 6.2.

use std::fmt::Write;

use serde_json::json;

use super::{HI, JSON, PROMPTS};
use crate::support::{Client, Server};

/// What clients call themselves. The Python SDK is known by its own.
const PYTHON: &str = "python-httpx/0.28.1";
const JAVASCRIPT: &str = "undici";
const RAW: [&str; 4] = ["okhttp/4.12.0", "Go-http-client/1.1", "Mozilla/5.0", "curl/8.5.0"];

/// The text that the bodies below stand for; Java, Go, shells and the user interface send it as
/// it is. `tests/clients` holds the SDKs to theirs.
const TEMPLATE: &str = include_str!("../fixtures/prompts/template.txt");
const FROM_PYTHON: &str = include_str!("../fixtures/prompts/python.txt");
const FROM_JAVASCRIPT: &str = include_str!("../fixtures/prompts/javascript.txt");

/// Texts that some client or server gets wrong.
const TEXTS: [&str; 20] = [
    TEMPLATE,
    "",
    "plain",
    "line1\nline2\r\n\ttab",
    "\n",
    "ends in a quote\"",
    "\"begins with one",
    "a \"quoted\" word",
    "\"",
    "\\",
    "ends in a backslash\\",
    "\\\"",
    "C:\\new\\table",
    "literal \\n and \\u00e9",
    "é 模型 💡 \u{2028} \u{feff}",
    "${x} ${{x}} $${x} {{x}} {x} $x",
    "{\"a\": [1, null]}",
    "null",
    " white space around ",
    "100% + a&b=c #d ?e",
];

/// As JSON, with everything beyond ASCII escaped: `json.dumps` of Python.
fn dumps(text: &str) -> String {
    let mut ascii = String::new();
    for c in json!(text).to_string().chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(ascii, "\\u{unit:04x}").unwrap();
            }
        }
    }
    ascii
}

/// What the server keeps of a body, written with `POST` and with `PUT`.
#[track_caller]
fn kept(client: &Client, agent: &str, body: &str) -> String {
    let headers = [JSON, ("User-Agent", agent)];
    let read = ["POST", "PUT"].map(|method| {
        let other = client.send(method, &format!("{HI}?description=d"), &[JSON], Some("other"));
        other.done();
        client.send(method, &format!("{HI}?description=d"), &headers, Some(body)).done();
        client.get(HI).ok()["template"].as_str().unwrap().to_owned()
    });
    assert_eq!(read[0], read[1]);
    read[0].clone()
}

#[test]
fn the_recorded_body_of_each_client_is_the_same_text() {
    let server = &Server::start();
    let admin = server.admin();
    assert_eq!(FROM_PYTHON, dumps(TEMPLATE).trim_matches('"'));
    assert_eq!(FROM_JAVASCRIPT, json!(TEMPLATE).to_string());
    assert_eq!(kept(&admin, PYTHON, FROM_PYTHON), TEMPLATE);
    assert_eq!(kept(&admin, JAVASCRIPT, FROM_JAVASCRIPT), TEMPLATE);
    for agent in RAW {
        assert_eq!(kept(&admin, agent, TEMPLATE), TEMPLATE, "{agent}");
    }
}

#[test]
fn every_text_comes_back_whoever_sends_it() {
    let server = &Server::start();
    let admin = server.admin();
    for text in TEXTS {
        assert_eq!(kept(&admin, PYTHON, dumps(text).trim_matches('"')), text, "Python");
        assert_eq!(kept(&admin, JAVASCRIPT, &json!(text).to_string()), text, "JavaScript");
        assert_eq!(kept(&admin, RAW[0], text), text, "raw");
        admin.post(PROMPTS, &json!([{"name": "hi", "template": text}])).done();
        assert_eq!(admin.get(HI).ok()["template"], text, "bulk");
    }
}

#[test]
fn quotes_around_raw_text_go_and_what_only_looks_like_python_stays() {
    let server = &Server::start();
    let admin = server.admin();
    for (agent, body, text) in [
        (RAW[0], "\"hello\"", "hello"),
        (RAW[0], "\"two\nlines\"", "two\nlines"),
        (RAW[0], "\"one\" and \"two\"", "one\" and \"two"),
        (RAW[0], "say \\n", "say \\n"),
        // One who sends a JSON string means its text, and one whose text is no JSON says it raw.
        (PYTHON, "\"hello\\n\"", "hello\n"),
        (PYTHON, "two\nlines", "two\nlines"),
        (PYTHON, "C:\\xyz", "C:\\xyz"),
        (JAVASCRIPT, "say \\n", "say \\n"),
    ] {
        assert_eq!(kept(&admin, agent, body), text, "{agent}: {body}");
    }
}
