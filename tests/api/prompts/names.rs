//! Names of prompts in paths; contract sections 0.2 and 2.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::{PROMPTS, bad_field, names, save, update, versions, with_main};
use crate::support::Server;

fn escaped(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

#[test]
fn a_prompt_may_have_any_name_without_a_slash() {
    let server = &Server::start();
    let admin = with_main(server);
    let longest = "é".repeat(127);
    let mut all = [
        "greeting",
        "Two Words",
        "grüße 💡",
        "a:b",
        "a+b",
        "a%2Fb",
        "%",
        "a?b#c",
        "tags",
        "all",
        "Test",
        "tests",
        "versions",
        "{name}",
        "...",
        "a\\b",
        "\"",
        &longest,
    ];
    for name in all {
        let path = format!("{PROMPTS}/{}", escaped(name));
        save(&admin, &path, "", "a").done();
        update(&admin, &format!("{path}/"), "", "b").done();
        let read = admin.get(&path).ok();
        assert_eq!((&read["name"], &read["template"]), (&json!(name), &json!("b")));
        admin.put(&format!("{path}/labels/x"), &json!({"version": 1})).done();
        assert_eq!(admin.get(&format!("{path}/labels")).ok()[0]["label"], "x");
        let attach = "/api/integrations/provider/main/integration/gpt/prompt";
        admin.call("POST", &format!("{attach}/{}", escaped(name))).done();
        assert_eq!(admin.get(&path).ok()["integrations"], json!(["main:gpt"]));
        assert_eq!(admin.post(&format!("{path}/render"), &json!({})).text, "b");
    }
    all.sort_unstable();
    assert_eq!(names(&admin.get(PROMPTS).ok()), all);
    for name in all {
        admin.delete(&format!("{PROMPTS}/{}", escaped(name))).done();
    }
    assert_eq!(admin.get(PROMPTS).ok(), json!([]));
}

#[test]
fn what_cannot_be_a_name_is_a_mistake_where_it_is_made_and_missing_elsewhere() {
    let server = &Server::start();
    let admin = server.admin();
    let long = "x".repeat(256);
    server.unchanged(|| {
        for name in ["a%2Fb", "%20a", "a%20", "%20", &long] {
            let path = format!("{PROMPTS}/{name}");
            assert_eq!(bad_field(save(&admin, &path, "", "a")), "name", "{name}");
            assert_eq!(bad_field(update(&admin, &path, "", "a")), "name");
            admin.get(&path).refused(404, "No such prompt");
            admin.delete(&path).refused(404, "No such prompt");
            admin.get(&format!("{path}/versions")).refused(404, "No such prompt");
        }
        // The path of the trial is no prompt: it takes only the trial's own POST.
        admin.get(&format!("{PROMPTS}/test/versions")).refused(404, "No such prompt: `test`");
        admin
            .send("POST", &format!("{PROMPTS}/test?description=d"), &[], Some("a"))
            .refused(400, "`body`");
    });
}

#[test]
fn a_path_that_can_be_read_in_two_ways_is_refused() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| {
        for name in [".", "..", "%2e%2e", "%2E", "a%00", "a%0A", "%", "%zz", "%ff", "/a"] {
            let line = format!("{PROMPTS}/{name}?description=d");
            for method in ["GET", "POST", "PUT", "DELETE"] {
                let answer = admin.raw(&format!("{method} {line}"), &[], b"");
                answer.refused(400, "`path`");
            }
        }
    });
}

#[test]
fn names_are_told_apart_by_case_and_by_each_byte() {
    let server = &Server::start();
    let admin = server.admin();
    // The last two are the same to the eye: one letter, and a letter with an accent after it.
    let all = ["hi", "Hi", "hi2", "h", "caf%C3%A9", "cafe%CC%81"];
    for name in all {
        save(&admin, &format!("{PROMPTS}/{name}"), "", name).done();
    }
    save(&admin, &format!("{PROMPTS}/hi"), "&version=2", "hi").done();
    admin.delete(&format!("{PROMPTS}/h")).done();
    for name in all.into_iter().filter(|name| *name != "h") {
        assert_eq!(admin.get(&format!("{PROMPTS}/{name}?version=1")).ok()["template"], name);
    }
    assert_eq!(versions(&admin, &format!("{PROMPTS}/Hi")), [1]);
}

/// Java writes a space in a path as `+`.
#[test]
fn a_plus_means_a_space_only_where_a_name_with_spaces_exists() {
    let server = &Server::start();
    let admin = with_main(server);
    let (plus, space) = (format!("{PROMPTS}/a+b"), format!("{PROMPTS}/a%20b"));
    admin.get(&plus).refused(404, "`a+b`");
    save(&admin, &space, "", "spaced").done();
    assert_eq!(admin.get(&plus).ok()["name"], "a b");
    save(&admin, &plus, "&version=2", "spaced, too").done();
    assert_eq!(versions(&admin, &plus), [2, 1]);
    let attach = "/api/integrations/provider/main/integration/gpt/prompt/a+b";
    admin.call("POST", attach).done();
    assert_eq!(admin.get(&space).ok()["integrations"], json!(["main:gpt"]));
    let tags = json!([{"key": "k", "value": "v"}]);
    admin.put(&format!("{plus}/tags"), &tags).done();
    assert_eq!(admin.get(&format!("{space}/tags")).ok(), tags);
    // An escaped one never does, and an exact name goes before.
    admin.get(&format!("{PROMPTS}/a%2Bb")).refused(404, "`a+b`");
    save(&admin, &format!("{PROMPTS}/a%2Bb"), "", "plus").done();
    assert_eq!(admin.get(&plus).ok()["template"], "plus");
    admin.delete(&plus).done();
    assert_eq!(admin.get(&plus).ok()["name"], "a b");
}
