//! How configurations are taken apart.

use std::cell::Cell;

use serde_json::json;

use super::*;

type Found = Vec<(String, Option<String>)>;

fn separated(value: Value, stored: &Stored) -> Result<(Value, Found)> {
    let Value::Object(map) = value else { panic!("an object") };
    let count = Cell::new(0);
    let tag = || {
        count.set(count.get() + 1);
        Ok(format!("aaaaaaa{}", count.get()))
    };
    let rules = Rules { definition: None, hosts: &Hosts::default(), tag: &tag };
    let Separated { shown, secrets } = separate(map, &rules, stored)?;
    let found = secrets.into_iter().map(|(path, given)| match given {
        Given::New(secret) => (path, Some(secret.expose().to_owned())),
        Given::Kept => (path, None),
        Given::Reference(reference) => (path, Some(reference.to_string())),
    });
    Ok((shown, found.collect()))
}

fn mask(tag: &str) -> String {
    format!("****{tag}********")
}

fn stored(shown: Value, paths: &[&str]) -> Stored {
    Stored { shown, secrets: paths.iter().map(|path| (*path).to_owned()).collect() }
}

fn refused(value: Value, stored: &Stored, field: &str, words: &str) {
    let error = separated(value.clone(), stored).unwrap_err().to_string();
    assert!(error.contains(&format!("`{field}` ")) && error.contains(words), "{value}: {error}");
}

#[test]
fn secrets_are_masked_and_kept_with_their_path_and_type() {
    let sent = json!({
        "endpoint": "https://api.example.org",
        "api_key": "sk-1",
        "password": 1234,
        "file": {"kind": "open"},
        "account": "-----BEGIN PRIVATE KEY-----\nAA",
        "nested": {"deep": [{"clientSecret": "s"}, [{"token": "t"}]], "token": {"a": 1}},
        "headers": {"X-Any": "v", "x.y": "w"},
    });
    let (shown, secrets) = separated(sent, &Stored::default()).unwrap();
    assert_eq!(
        shown,
        json!({
            "endpoint": "https://api.example.org",
            "api_key": mask("aaaaaaa1"),
            "password": mask("aaaaaaa2"),
            "file": {"kind": "open"},
            "account": mask("aaaaaaa3"),
            "nested": {
                "deep": [{"clientSecret": mask("aaaaaaa4")}, [{"token": mask("aaaaaaa5")}]],
                "token": mask("aaaaaaa6"),
            },
            "headers": {"X-Any": mask("aaaaaaa7"), "x.y": mask("aaaaaaa8")},
        })
    );
    let expected = [
        ("/api_key", "\"sk-1\""),
        ("/password", "1234"),
        ("/account", "\"-----BEGIN PRIVATE KEY-----\\nAA\""),
        ("/nested/deep/0/clientSecret", "\"s\""),
        ("/nested/deep/1/0/token", "\"t\""),
        ("/nested/token", "{\"a\":1}"),
        ("/headers/X-Any", "\"v\""),
        ("/headers/x.y", "\"w\""),
    ];
    let expected = expected.map(|(path, text)| (path.to_owned(), Some(text.to_owned())));
    assert_eq!(secrets, expected);
}

#[test]
fn null_drops_a_secret_and_its_mask_keeps_it() {
    let now = mask("bbbbbbbb");
    let known = stored(json!({"password": now}), &["/password"]);
    let sent = json!({"api_key": null, "password": now, "region": null, "token": true});
    let (shown, secrets) = separated(sent, &known).unwrap();
    assert_eq!(shown, json!({"password": now, "region": null, "token": true}));
    assert_eq!(secrets, [("/password".to_owned(), None)]);
}

#[test]
fn only_the_mask_that_stands_there_now_keeps() {
    let now = stored(
        json!({"api_key": mask("bbbbbbbb"), "password": mask("cccccccc")}),
        &["/api_key", "/password"],
    );
    let other_field = json!({"api_key": mask("cccccccc")});
    let older = json!({"api_key": mask("zzzzzzzz")});
    for sent in [other_field, older, json!({"api_key": "********"}), json!({"api_key": "sk-****"})]
    {
        refused(sent, &now, "configuration.api_key", "is a mask");
    }
    refused(json!({"token": mask("bbbbbbbb")}), &now, "configuration.token", "is a mask");
    refused(json!({"model": mask("bbbbbbbb")}), &now, "configuration.model", "is a mask");
    refused(json!({"tokens": [mask("bbbbbbbb")]}), &now, "configuration.tokens", "is a mask");
    refused(json!({"a": ["********"]}), &now, "configuration.a.0", "is a mask");
}

#[test]
fn what_is_stored_as_a_secret_stays_one() {
    let known = stored(json!({"model": mask("bbbbbbbb")}), &["/model"]);
    let (shown, secrets) = separated(json!({"model": "new"}), &known).unwrap();
    assert_eq!(shown, json!({"model": mask("aaaaaaa1")}));
    assert_eq!(secrets, [("/model".to_owned(), Some("\"new\"".to_owned()))]);
}

#[test]
fn a_secret_in_a_list_never_moves_to_another_element() {
    let node = |name: &str, tag: &str| json!({"name": name, "token": mask(tag)});
    let list = json!({"nodes": [node("a", "bbbbbbbb"), node("b", "cccccccc")]});
    let known = stored(list.clone(), &["/nodes/0/token", "/nodes/1/token"]);
    assert!(separated(list, &known).is_ok());
    let swapped = json!({"nodes": [node("b", "cccccccc"), node("a", "bbbbbbbb")]});
    assert!(separated(swapped, &known).is_err());
    let shorter = json!({"nodes": [node("b", "cccccccc")]});
    assert!(separated(shorter, &known).is_err());
    let new = json!({"nodes": [{"name": "b", "token": "t"}]});
    assert!(separated(new, &known).is_ok());
}

#[test]
fn references_are_shown_and_cannot_say_where_secrets_go() {
    let sent = json!({"api_key": "env:OPENAI_API_KEY", "model": "file:/run/model"});
    let (shown, secrets) = separated(sent.clone(), &Stored::default()).unwrap();
    assert_eq!(shown, sent);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(secrets[0], ("/api_key".to_owned(), text("env:OPENAI_API_KEY")));
    assert_eq!(secrets[1], ("/model".to_owned(), text("file:/run/model")));
    let none = Stored::default();
    refused(json!({"endpoint": "env:WHERE"}), &none, "configuration.endpoint", "itself");
}

#[test]
fn what_no_request_could_carry_is_refused() {
    let none = Stored::default();
    refused(json!({"api_key": "a\nb"}), &none, "configuration.api_key", "control");
    refused(json!({"headers": {"X A": "b"}}), &none, "configuration.headers.X A", "header");
    refused(json!({"headers": {"X": "b\r\nY: c"}}), &none, "configuration.headers.X", "control");
    let name = json!({"auth-header-name": "X\r\nY"});
    refused(name, &none, "configuration.auth-header-name", "header");
    let (shown, secrets) = separated(json!({"api_key": "sk-1\n"}), &none).unwrap();
    assert_eq!(shown, json!({"api_key": mask("aaaaaaa1")}));
    assert_eq!(secrets[0].1.as_deref(), Some("\"sk-1\""));
}
