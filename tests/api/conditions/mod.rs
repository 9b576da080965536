//! Entity tags, and changes that are made only while they hold.

mod races;
mod requests;
mod routes;
mod shown;

use serde_json::{Value, json};

use crate::support::{Client, PROVIDER, Response, Server, model, openai};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const MAIN: &str = "/api/integrations/provider/main";
const GPT: &str = "/api/integrations/provider/main/integration/gpt";

#[track_caller]
fn etag(client: &Client, path: &str) -> String {
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tag = answer.header("etag").unwrap().to_owned();
    assert!(tag.len() == 34 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    tag
}

fn send(client: &Client, method: &str, path: &str, header: (&str, &str), body: &Value) -> Response {
    let body = (!body.is_null()).then(|| body.to_string());
    client.send(method, path, &[JSON, header], body.as_deref())
}

fn if_match(client: &Client, method: &str, path: &str, tag: &str, body: &Value) -> Response {
    send(client, method, path, ("If-Match", tag), body)
}

/// A change.
type Step<'a> = &'a dyn Fn();

/// Saves an integration with a resource, and gives its path in Arize's dialect.
fn saved(server: &Server) -> String {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin.post(GPT, &model()).done();
    let listed = admin.get("/v2/integrations").ok();
    format!("/v2/integrations/{}", listed["integrations"][0]["id"].as_str().unwrap())
}

/// The same integration in the older family.
fn older(newer: &str) -> String {
    newer.replace("/v2/integrations", "/v2/ai-integrations")
}

/// That the thing was not as the precondition said.
#[track_caller]
fn assert_unmet(path: &str, words: &str, answer: Response) {
    assert_eq!(answer.status, 412, "{}", answer.text);
    let member = if path.starts_with("/v2/") { "detail" } else { "message" };
    assert!(answer.json[member].as_str().unwrap().contains(words), "{}", answer.text);
    assert_eq!(answer.json["status"], 412);
    assert_eq!(answer.header("retry-after"), None);
}

#[test]
fn a_tag_is_the_same_for_everyone_until_what_is_shown_changes() {
    let server = &Server::start();
    let arize = saved(server);
    let admin = server.admin();
    let target = ("INTEGRATION_PROVIDER", "main");
    let guest = server.granted("guest", target, &["READ"]);
    let seen = || [MAIN, GPT, &arize, &older(&arize)].map(|path| etag(&admin, path));
    let first = seen();
    assert_eq!([MAIN, GPT, &arize, &older(&arize)].map(|path| etag(&guest, path)), first);
    let unrelated = || {
        admin.post(&format!("{PROVIDER}/other"), &openai("sk-2")).ok();
        admin.put(&format!("{PROVIDER}/other/tags"), &json!([{"key": "a"}])).done();
        admin.post(&format!("{GPT}/metrics"), &json!(5)).done();
    };
    unrelated();
    assert_eq!(seen(), first);
    // Which of the three is changed by what: the integration, the resource, Arize's view.
    let tags = json!([{"key": "team", "value": "core"}]);
    let mut described = openai("sk-1");
    described["description"] = json!("another");
    let steps: [(&str, Step<'_>, [bool; 3]); 7] = [
        ("a save", &|| drop(admin.post(MAIN, &described).ok()), [true, false, true]),
        ("a secret", &|| drop(admin.post(MAIN, &openai("sk-3")).ok()), [true, false, true]),
        ("a tag", &|| admin.put(&format!("{MAIN}/tags"), &tags).done(), [true, false, false]),
        ("its tag", &|| admin.put(&format!("{GPT}/tags"), &tags).done(), [false, true, false]),
        (
            "a description",
            &|| admin.patch(GPT, &json!({"description": "new"})).done(),
            [false, true, false],
        ),
        (
            "a resource",
            &|| admin.post(&format!("{MAIN}/integration/o3"), &model()).done(),
            [true, false, true],
        ),
        (
            "a name there",
            &|| drop(admin.patch(&arize, &json!({"type": "LLM", "name": "a/b"})).ok()),
            [true, false, true],
        ),
    ];
    for (what, change, expected) in steps {
        let before = seen();
        change();
        let after = seen();
        let changed = [0, 1, 2].map(|index| before[index] != after[index]);
        assert_eq!(changed, expected, "{what}");
        assert_eq!(after[2], after[3], "{what}");
    }
}

#[test]
fn a_change_is_made_only_while_the_tag_holds() {
    let server = &Server::start();
    let arize = saved(server);
    let admin = server.admin();
    let requests: [(&str, &str, &str, Value); 7] = [
        ("POST", MAIN, MAIN, openai("sk-2")),
        ("PATCH", MAIN, MAIN, json!({"description": "new"})),
        ("POST", GPT, GPT, json!({"description": "two", "enabled": true})),
        ("PATCH", GPT, GPT, json!({"description": "three"})),
        (
            "PATCH",
            &arize,
            &arize,
            json!({"type": "LLM", "config": {"is_function_calling_enabled": false}}),
        ),
        ("PATCH", &older(&arize), &older(&arize), json!({"function_calling_enabled": true})),
        // The tag of one dialect holds in the other.
        ("PATCH", MAIN, &arize, json!({"enabled": true})),
    ];
    for (method, path, read, body) in &requests {
        let good = etag(&admin, read);
        for bad in ["\"0123456789abcdef0123456789abcdef\"", &format!("W/{good}"), "\"\""] {
            let answer = server.unchanging(|| if_match(&admin, method, path, bad, body));
            assert_unmet(path, "`If-Match`: it has changed", answer);
        }
        let list = format!("\"other\", {good}");
        let answer = if_match(&admin, method, path, &list, body);
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
        if etag(&admin, read) != good {
            let answer = server.unchanging(|| if_match(&admin, method, path, &good, body));
            assert_unmet(path, "`If-Match`: it has changed", answer);
        }
        assert_eq!(if_match(&admin, method, path, "*", body).status, 200);
    }
    for path in [GPT, &arize, &older(&arize), MAIN] {
        let answer = server.unchanging(|| if_match(&admin, "DELETE", path, "\"x\"", &Value::Null));
        assert_unmet(path, "`If-Match`: it has changed", answer);
    }
    let tag = etag(&admin, GPT);
    if_match(&admin, "DELETE", GPT, &tag, &Value::Null).done();
    let tag = etag(&admin, &arize);
    assert_eq!(if_match(&admin, "DELETE", &arize, &tag, &Value::Null).status, 204);
}

#[test]
fn what_is_not_there_has_no_tag() {
    let server = &Server::start();
    let admin = server.admin();
    for header in ["*", "\"x\""] {
        let answer = server.unchanging(|| if_match(&admin, "POST", MAIN, header, &openai("k")));
        assert_unmet(MAIN, "`If-Match`: it is not there", answer);
        server.unchanged(|| {
            if_match(&admin, "DELETE", MAIN, header, &Value::Null).refused(404, "No such")
        });
    }
    let absent = ("If-None-Match", "*");
    send(&admin, "POST", MAIN, absent, &openai("sk-1")).ok();
    let answer = server.unchanging(|| send(&admin, "POST", MAIN, absent, &openai("sk-1")));
    assert_unmet(MAIN, "`If-None-Match`: it is there", answer);
    send(&admin, "POST", GPT, absent, &model()).done();
    let answer = server.unchanging(|| send(&admin, "POST", GPT, absent, &model()));
    assert_unmet(GPT, "`If-None-Match`: it is there", answer);
    // Who may not change a thing is not told how it is.
    let guest = server.granted("guest", ("INTEGRATION_PROVIDER", "main"), &["READ"]);
    server.denied(|| if_match(&guest, "POST", MAIN, "\"x\"", &openai("k")).refused(403, "UPDATE"));
}

#[test]
fn a_precondition_that_is_none_or_has_no_place_is_refused() {
    let server = &Server::start();
    let arize = saved(server);
    let admin = server.admin();
    for bad in ["x", "\"x", "\"x\" \"y\"", "*, \"x\"", ","] {
        for path in [MAIN, GPT, &arize] {
            let answer = server.unchanging(|| if_match(&admin, "PATCH", path, bad, &json!({})));
            assert_eq!(answer.status, 400, "{bad}: {}", answer.text);
            assert!(answer.text.contains("`If-Match` must be"), "{}", answer.text);
        }
    }
    let both = [JSON, ("If-Match", "*"), ("If-None-Match", "*")];
    let body = openai("sk-1").to_string();
    server.unchanged(|| admin.send("POST", MAIN, &both, Some(&body)).refused(400, "`If-Match`"));
    let tag = ("If-None-Match", "\"x\"");
    server.unchanged(|| {
        send(&admin, "POST", MAIN, tag, &openai("k")).refused(400, "`If-None-Match`")
    });
}

#[test]
fn a_repetition_is_answered_whatever_the_tag_is_now() {
    let server = &Server::start();
    saved(server);
    let admin = server.admin();
    let tag = etag(&admin, MAIN);
    let headers = [JSON, ("If-Match", &tag), ("Idempotency-Key", "k")];
    let body = openai("sk-2").to_string();
    let first = admin.send("POST", MAIN, &headers, Some(&body)).ok();
    assert_ne!(etag(&admin, MAIN), tag);
    let again = server.unchanging(|| admin.send("POST", MAIN, &headers, Some(&body)).ok());
    assert_eq!(again, first);
    let headers = [JSON, ("If-Match", &tag), ("Idempotency-Key", "l")];
    let answer = server.unchanging(|| admin.send("POST", MAIN, &headers, Some(&body)));
    assert_unmet(MAIN, "`If-Match`", answer);
}
