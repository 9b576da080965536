//! Names in paths, in every way that clients write them; contract sections 0.2 and 2.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::support::{Client, PROVIDER, Response, Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";

fn escaped(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

fn with_main(server: &Server) -> Client {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin
}

/// Sends a path as it stands, escaping nothing.
fn raw(client: &Client, method: &str, path: &str, body: Option<&Value>) -> Response {
    let body = body.map(Value::to_string).unwrap_or_default();
    let length = format!("Content-Length: {}", body.len());
    let headers = ["Content-Type: application/json", length.as_str()];
    let headers = if body.is_empty() { &headers[..0] } else { &headers };
    client.raw(&format!("{method} {path}"), headers, body.as_bytes())
}

#[test]
fn an_integration_may_have_any_name_without_slash_and_colon() {
    let server = &Server::start();
    let admin = server.admin();
    let longest = "x".repeat(255);
    for name in [
        "openai-main",
        "Team A",
        "überall 💡",
        "a+b",
        "a%2Fb",
        "%",
        "a?b#c&d=e",
        "{name}",
        "--help",
        "tags",
        "Main",
        "main",
        "\"'\\",
        "...",
        &longest,
    ] {
        let path = format!("{PROVIDER}/{}", escaped(name));
        assert_eq!(admin.post(&path, &openai("sk-1")).ok()["name"], name);
        assert_eq!(admin.get(&path).ok()["name"], name);
        assert_eq!(admin.get(&format!("{path}/")).ok()["name"], name);
        admin.get(&format!("/api/integrations/llm/{}/token", escaped(name))).refused(404, "limit");
    }
    assert_eq!(admin.get(PROVIDER).ok().as_array().unwrap().len(), 15);
}

#[test]
fn a_resource_may_have_any_name_that_models_have() {
    let server = &Server::start();
    let admin = with_main(server);
    let longest = "é".repeat(127);
    let names = [
        "gpt-4o",
        "meta-llama/Llama-3-70b",
        "anthropic.claude-v2:0",
        "a b",
        "a+b",
        "überall 💡",
        "a%2Fb",
        "a/tags",
        "tags",
        "prompt",
        "metrics",
        "prompt/x",
        "integration",
        "{model}",
        "a/b/c",
        "All",
        "gpt?x=1#y",
        &longest,
    ];
    let tag = json!([{"key": "k", "value": "v"}]);
    for name in names {
        let path = format!("{MAIN}/integration/{}", escaped(name));
        admin.post(&path, &model()).done();
        admin.put(&format!("{path}/tags"), &tag).done();
        admin.post(&format!("{path}/metrics/"), &json!(3)).done();
        let read = admin.get(&path).ok();
        assert_eq!((&read["api"], &read["tags"]), (&json!(name), &tag));
        assert_eq!(admin.get(&format!("{path}/metrics")).ok(), 3);
        assert_eq!(admin.get(&format!("{path}/tags/")).ok(), tag);
    }
    let all = admin.get(&format!("{MAIN}/integration")).ok();
    assert_eq!(all.as_array().unwrap().len(), names.len());
    let usable = admin.get("/api/integrations/all").ok();
    assert!(usable.as_array().unwrap().contains(&json!("main:anthropic.claude-v2:0")));
    for name in names {
        admin.delete(&format!("{MAIN}/integration/{}/", escaped(name))).done();
    }
    assert_eq!(admin.get(&format!("{MAIN}/integration")).ok(), json!([]));
}

#[test]
fn unescaped_names_arrive_whole_and_the_longest_tail_ends_them() {
    let server = &Server::start();
    let admin = with_main(server);
    let tag = json!([{"key": "k", "value": "v"}]);
    for name in ["meta-llama/Llama-3:70b", "a/b/c", "{model}", "x/tags/y", "tags"] {
        let path = format!("{MAIN}/integration/{name}");
        raw(&admin, "POST", &path, Some(&model())).done();
        raw(&admin, "PUT", &format!("{path}/tags"), Some(&tag)).done();
        raw(&admin, "POST", &format!("{path}/metrics"), Some(&json!(2))).done();
        let read = raw(&admin, "GET", &path, None).ok();
        assert_eq!(read["api"], name);
        assert_eq!(read, raw(&admin, "GET", &format!("{path}/"), None).ok());
        assert_eq!(read, admin.get(&format!("{MAIN}/integration/{}", escaped(name))).ok());
        assert_eq!(raw(&admin, "GET", &format!("{path}/tags"), None).ok(), tag);
        assert_eq!(raw(&admin, "GET", &format!("{path}/metrics"), None).ok(), 2);
        raw(&admin, "DELETE", &format!("{path}/tags"), Some(&tag)).done();
        raw(&admin, "DELETE", &path, None).done();
    }
    // `a/tags` unescaped are the tags of `a`; escaped it is a resource.
    admin.post(&format!("{MAIN}/integration/a%2Ftags"), &model()).done();
    let missing = "No such integration: `main:a`";
    raw(&admin, "GET", &format!("{MAIN}/integration/a/tags"), None).refused(404, missing);
}

#[test]
fn an_unescaped_name_may_hold_braces_as_javas_client_sends_them() {
    let server = &Server::start();
    let admin = server.admin();
    let name = "{integrationName}";
    let path = format!("{PROVIDER}/{name}");
    raw(&admin, "GET", &path, None).refused(404, name);
    raw(&admin, "POST", &path, Some(&openai("sk-1"))).ok();
    assert_eq!(raw(&admin, "GET", &path, None).ok()["name"], name);
    assert_eq!(admin.get(&format!("{PROVIDER}/{}", escaped(name))).ok()["name"], name);
}

/// Bytes outside ASCII are no HTTP: no client sends them, and no route ever sees them.
#[test]
fn utf_8_stands_in_a_path_only_escaped() {
    let server = &Server::start();
    let admin = with_main(server);
    server.unchanged(|| {
        for path in [format!("{PROVIDER}/é"), format!("{MAIN}/integration/é")] {
            assert_eq!(raw(&admin, "POST", &path, Some(&openai("sk-1"))).status, 400);
        }
    });
    admin.post(&format!("{PROVIDER}/%C3%A9"), &openai("sk-1")).ok();
}

#[test]
fn a_segment_is_decoded_exactly_once() {
    let server = &Server::start();
    let admin = with_main(server);
    admin.post(&format!("{MAIN}/integration/a%252Fb"), &model()).done();
    assert_eq!(admin.get(&format!("{MAIN}/integration/a%252Fb")).ok()["api"], "a%2Fb");
    admin.get(&format!("{MAIN}/integration/a%2Fb")).refused(404, "`main:a/b`");
    admin.get(&format!("{MAIN}/integration/a%25252Fb")).refused(404, "`main:a%252Fb`");
    let saved = admin.post(&format!("{PROVIDER}/a%252Fb"), &openai("sk-1")).ok();
    assert_eq!(saved["name"], "a%2Fb");
    // Escapes in fixed words are the same words.
    assert_eq!(admin.get("/api/%69ntegrations/provide%72/main").ok()["name"], "main");
}

#[test]
fn a_plus_means_a_space_only_where_a_name_with_spaces_exists() {
    let server = &Server::start();
    let admin = server.admin();
    let (plus, space) = (format!("{PROVIDER}/a+b"), format!("{PROVIDER}/a%20b"));
    admin.get(&plus).refused(404, "`a+b`");
    admin.post(&space, &openai("sk-1")).ok();
    assert_eq!(admin.get(&plus).ok()["name"], "a b");
    assert_eq!(admin.post(&plus, &openai("sk-2")).ok()["name"], "a b");
    admin.post(&format!("{plus}/integration/x+y"), &json!({})).done();
    admin.post(&format!("{plus}/integration/x%20z"), &model()).done();
    let names = admin.get(&format!("{plus}/integration?activeOnly=false")).ok();
    assert_eq!((&names[0]["api"], &names[1]["api"]), (&json!("x z"), &json!("x+y")));
    assert_eq!(admin.get(&format!("{plus}/integration/x+z")).ok()["api"], "x z");
    let tags = json!([{"key": "k", "value": "v"}]);
    admin.put(&format!("{plus}/integration/x+z/tags"), &tags).done();
    assert_eq!(admin.get(&format!("{space}/integration/x%20z/tags")).ok(), tags);
    admin.put(&format!("{plus}/tags"), &tags).done();
    let limit = json!({"maxTokens": 1, "tokenLimitPeriod": "DAY"});
    admin.post("/api/integrations/llm/a+b/token", &limit).done();
    assert_eq!(admin.get("/api/integrations/llm/a%20b/token").ok()["maxTokens"], 1);

    // A name with `+` goes before the one with spaces.
    admin.delete(&plus).done();
    admin.get(&space).refused(404, "`a b`");
    assert_eq!(admin.post(&plus, &openai("sk-1")).ok()["name"], "a+b");
    admin.post(&space, &openai("sk-1")).ok();
    assert_eq!(admin.get(&plus).ok()["name"], "a+b");
    admin.delete(&plus).done();
    assert_eq!(admin.get(&space).ok()["name"], "a b");
}

#[test]
fn an_escaped_plus_never_means_a_space() {
    let server = &Server::start();
    let admin = server.admin();
    let (plus, space) = (format!("{PROVIDER}/a%2Bb"), format!("{PROVIDER}/a%20b"));
    admin.post(&space, &openai("sk-1")).ok();
    server.unchanged(|| {
        admin.get(&plus).refused(404, "`a+b`");
        admin.delete(&plus).refused(404, "`a+b`");
    });
    assert_eq!(admin.post(&plus, &openai("sk-2")).ok()["name"], "a+b");
    admin.post(&format!("{space}/integration/x%20y"), &model()).done();
    admin.get(&format!("{space}/integration/x%2By")).refused(404, "`a b:x+y`");
    admin.post(&format!("{space}/integration/x%2By"), &model()).done();
    assert_eq!(admin.get(&space).ok()["modelsCount"], 2);
}

#[test]
fn a_path_that_can_be_read_in_two_ways_is_refused() {
    let server = &Server::start();
    let admin = with_main(server);
    admin.post(&format!("{MAIN}/integration/gpt"), &model()).done();
    server.unchanged(|| {
        for path in [
            "/api/integrations/provider/../provider/main",
            "/api/integrations/provider/./main",
            "/api/integrations/provider/%2e%2e/main",
            "/api/integrations/provider/%2E%2E",
            "/api/integrations/provider/..",
            "/api/integrations/provider//main",
            "//api/integrations/provider/main",
            "/api/integrations/provider/main//",
            "/api/integrations/provider/ma%00in",
            "/api/integrations/provider/ma%0Ain",
            "/api/integrations/provider/ma%7Fin",
            "/api/integrations/provider/ma%C2%85in",
            "/api/integrations/provider/ma%",
            "/api/integrations/provider/ma%2",
            "/api/integrations/provider/ma%zz",
            "/api/integrations/provider/ma%ff",
            "/api/integrations/provider/ma%C0%AF",
            "/api/integrations/provider/main/integration/a/../gpt",
            "/api/integrations/provider/main/integration/a%00b",
        ] {
            raw(&admin, "GET", path, None).refused(400, "must");
            raw(&admin, "POST", path, Some(&openai("sk-2"))).refused(400, "must");
            raw(&admin, "DELETE", path, None).refused(400, "must");
        }
        // What cannot be a name is a mistake in a save, and does not exist for all else.
        for name in ["a%2F..%2Fgpt", "%2Fgpt", "gpt%2F", "a%2F%2Fgpt"] {
            let path = format!("/api/integrations/provider/main/integration/{name}");
            raw(&admin, "GET", &path, None).refused(404, "No such integration");
            raw(&admin, "POST", &path, Some(&openai("sk-2"))).refused(400, "must");
            raw(&admin, "DELETE", &path, None).refused(404, "No such integration");
        }
    });
}

#[test]
fn a_bad_name_is_refused_with_its_field() {
    let server = &Server::start();
    let admin = with_main(server);
    let long = "x".repeat(256);
    let long_utf_8 = "é".repeat(128);
    server.unchanged(|| {
        for name in ["a/b", "a:b", " ", " a", "a ", "\u{a0}a", &long, &long_utf_8] {
            let path = format!("{PROVIDER}/{}", escaped(name));
            let error = admin.post(&path, &openai("sk-1")).refused(400, "`name` must");
            assert_eq!(error["validationErrors"][0]["path"], "name", "{name:?}");
        }
        for name in [" ", " a", "a ", &long, &long_utf_8] {
            let path = format!("{MAIN}/integration/{}", escaped(name));
            admin.post(&path, &model()).refused(400, "must");
        }
        // Reserved: a read of it is the list of what is available.
        let answer = admin.post(&format!("{MAIN}/integration/all"), &model());
        assert!(matches!(answer.status, 400 | 405), "{}", answer.text);
    });
}
