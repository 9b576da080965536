//! How callers of a provider show who they are; contract section 4.2, `auth`.

use serde_json::{Value, json};

use super::records::{INTEGRATIONS, KEY, ROLE, URL, least, llm, provider};
use crate::saving::{resolved, with};
use crate::support::{Client, Server};

/// A block with everything it may hold, and how it is read.
fn blocks(provider: &str) -> Vec<(Value, Value)> {
    let token_url = "https://login.example.org/token";
    match provider {
        "AWS_BEDROCK" => vec![
            (
                json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": "e-1",
                       "base_url": URL}),
                json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": "e-1",
                       "base_url": URL}),
            ),
            (
                json!({"auth_type": "DEFAULT", "role_arn": ROLE}),
                json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": null,
                       "base_url": null}),
            ),
            (
                json!({"auth_type": "BEARER_TOKEN", "api_key": KEY, "base_url": URL}),
                json!({"auth_type": "BEARER_TOKEN", "has_api_key": true, "base_url": URL}),
            ),
            (
                json!({"auth_type": "BEARER_TOKEN", "api_key": KEY}),
                json!({"auth_type": "BEARER_TOKEN", "has_api_key": true, "base_url": null}),
            ),
            (
                json!({"auth_type": "PROXY_WITH_HEADERS", "base_url": URL,
                       "headers": {"X-B": KEY, "X-A": KEY}}),
                json!({"auth_type": "PROXY_WITH_HEADERS", "base_url": URL,
                       "header_names": ["X-B", "X-A"]}),
            ),
            (
                json!({"auth_type": "PROXY_WITH_HEADERS", "base_url": URL}),
                json!({"auth_type": "PROXY_WITH_HEADERS", "base_url": URL, "header_names": []}),
            ),
        ],
        _ => vec![
            (
                json!({"auth_type": "DEFAULT", "api_key": KEY}),
                json!({"auth_type": "DEFAULT", "has_api_key": true}),
            ),
            (
                json!({"auth_type": "DEFAULT"}),
                json!({"auth_type": "DEFAULT", "has_api_key": false}),
            ),
            (
                json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "token_url": token_url,
                       "client_id": "c-1", "client_secret": KEY, "scopes": "a b",
                       "audience": "aud"}),
                json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "token_url": token_url,
                       "client_id": "c-1", "has_client_secret": true, "scopes": "a b",
                       "audience": "aud"}),
            ),
            (
                json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "token_url": token_url,
                       "client_id": "c-1", "client_secret": KEY}),
                json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "token_url": token_url,
                       "client_id": "c-1", "has_client_secret": true, "scopes": null,
                       "audience": null}),
            ),
        ],
    }
}

fn with_auth(provider: &str, auth: &Value) -> Value {
    with(&least(provider), &json!({"auth": auth}))
}

/// Everything of a secret kind that is stored of the integration `mine`.
fn stored(admin: &Client) -> String {
    let text = resolved(admin, &provider("mine")).to_string();
    assert!(!text.contains("****"), "{text}");
    text
}

#[test]
fn each_block_is_read_without_its_secrets() {
    let server = &Server::start();
    let admin = server.admin();
    for provider in ["AWS_BEDROCK", "CUSTOM"] {
        for (number, (block, shown)) in blocks(provider).into_iter().enumerate() {
            let name = format!("{provider} {number}");
            let made = admin.make(&llm(&name, with_auth(provider, &block)));
            assert_eq!(made["config"]["auth"], shown, "{provider}");
            assert_eq!(admin.read(&made), made);
            assert!(!made.to_string().contains(KEY));
            if provider == "CUSTOM" {
                let has_key = shown.get("has_api_key").unwrap_or(&json!(false)) == true;
                assert_eq!(made["config"]["has_api_key"], has_key);
            }
        }
    }
}

#[test]
fn any_block_gives_way_to_any_other_as_a_whole() {
    let server = &Server::start();
    let admin = server.admin();
    for provider in ["AWS_BEDROCK", "CUSTOM"] {
        let made = admin.make(&llm("mine", least(provider)));
        for (first, first_shown) in blocks(provider) {
            for (second, shown) in blocks(provider) {
                let change = |block: &Value| {
                    let changed = admin.change(&made, json!({"config": {"auth": block}})).ok();
                    changed["config"]["auth"].clone()
                };
                assert_eq!(change(&first), first_shown, "{first}");
                assert_eq!(change(&second), shown, "{first} {second}");
                let text = stored(&admin);
                for (member, value) in first.as_object().unwrap() {
                    let is_gone = !second.as_object().unwrap().contains_key(member);
                    if is_gone && member != "base_url" {
                        let value = value.as_str().map_or("X-B", |text| text);
                        let still = second.to_string().contains(value);
                        assert!(still || !text.contains(value), "{member} in {text}");
                    }
                }
                let has_secret = second.to_string().contains(KEY);
                assert_eq!(text.contains(KEY), has_secret, "{second} {text}");
            }
        }
        let path = format!("{INTEGRATIONS}/{}", made["id"].as_str().unwrap());
        admin.delete(&path).gone();
    }
}

#[test]
fn a_block_is_closed_and_whole() {
    let server = &Server::start();
    let admin = server.admin();
    for provider in ["AWS_BEDROCK", "CUSTOM"] {
        let required = |block: &Value| -> &[&str] {
            match (provider, block["auth_type"].as_str().unwrap()) {
                ("AWS_BEDROCK", "DEFAULT") => &["role_arn"],
                ("AWS_BEDROCK", "BEARER_TOKEN") => &["api_key"],
                ("AWS_BEDROCK", _) => &["base_url"],
                (_, "DEFAULT") => &[],
                _ => &["token_url", "client_id", "client_secret"],
            }
        };
        let made = admin.make(&llm("mine", least(provider)));
        let refuse = |block: &Value, status: u16, member: &str| {
            let place = format!("config.auth.{member}");
            let place = place.trim_end_matches('.');
            server.unchanged(|| {
                let create = llm("x", with_auth(provider, block));
                admin.post(INTEGRATIONS, &create).names(status, place);
                admin.change(&made, json!({"config": {"auth": block}})).names(status, place);
            });
        };
        for (block, _) in blocks(provider) {
            for member in ["auth_type"].iter().chain(required(&block)) {
                refuse(&with(&block, &json!({*member: null})), 422, member);
                let mut null = block.clone();
                null[*member] = Value::Null;
                refuse(&null, 422, member);
                null[*member] = json!(1);
                refuse(&null, 400, member);
                null[*member] = json!(" ");
                refuse(&null, 422, member);
            }
            // What another block takes, of this provider or the other, this one does not.
            for other in [blocks("AWS_BEDROCK"), blocks("CUSTOM")].concat() {
                for (member, value) in other.0.as_object().unwrap() {
                    let taken = blocks(provider)
                        .iter()
                        .filter(|(one, _)| one["auth_type"] == block["auth_type"])
                        .any(|(one, _)| one.get(member).is_some());
                    if !taken {
                        refuse(&with(&block, &json!({member: value})), 422, member);
                    }
                }
            }
            refuse(&with(&block, &json!({"has_api_key": true})), 422, "has_api_key");
        }
        refuse(&json!({"auth_type": "NONE"}), 422, "auth_type");
        admin.delete(&super::records::at(INTEGRATIONS, &made)).gone();
    }
    let bedrock = |block: &Value| llm("x", with_auth("AWS_BEDROCK", block));
    let custom = |block: &Value| llm("x", with_auth("CUSTOM", block));
    let proxy = &blocks("AWS_BEDROCK")[4].0;
    let oauth = &blocks("CUSTOM")[2].0;
    for (body, field) in [
        (bedrock(oauth), "config.auth.auth_type"),
        (custom(proxy), "config.auth.auth_type"),
        (custom(&blocks("AWS_BEDROCK")[2].0), "config.auth.auth_type"),
        (custom(&blocks("AWS_BEDROCK")[0].0), "config.auth.role_arn"),
        (
            bedrock(&with(proxy, &json!({"base_url": "http://x.example.org"}))),
            "config.auth.base_url",
        ),
        (
            bedrock(&with(proxy, &json!({"headers": {"X-Long": "x".repeat(8175)}}))),
            "config.auth.headers",
        ),
        (
            custom(&with(oauth, &json!({"token_url": "http://x.example.org"}))),
            "config.auth.token_url",
        ),
        (
            custom(&with(oauth, &json!({"token_url": "https://169.254.169.254/t"}))),
            "config.auth.token_url",
        ),
        (custom(&with(oauth, &json!({"client_id": "a:b"}))), "config.auth.client_id"),
    ] {
        server.unchanged(|| admin.post(INTEGRATIONS, &body).names(422, field));
    }
}

#[test]
fn a_key_and_a_block_exclude_one_another() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&llm("mine", least("CUSTOM")));
    let (oauth, oauth_shown) = blocks("CUSTOM").remove(3);
    for block in [&oauth, &json!({"auth_type": "DEFAULT"})] {
        for key in [json!("sk-1"), Value::Null] {
            let mut config = json!({"auth": block, "api_key": key});
            server.unchanged(|| {
                admin.change(&made, json!({"config": config})).names(422, "config.auth");
                let more = least("CUSTOM");
                config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                admin.post(INTEGRATIONS, &llm("x", config)).names(422, "config.auth");
            });
        }
    }
    let change = |config: Value| admin.change(&made, json!({"config": config})).ok();
    let default = |has: bool| json!({"auth_type": "DEFAULT", "has_api_key": has});
    let keyed = change(json!({"api_key": "sk-first"}));
    assert_eq!(
        (&keyed["config"]["auth"], &keyed["config"]["has_api_key"]),
        (&default(true), &json!(true))
    );
    let by_oauth = change(json!({"auth": oauth}));
    assert_eq!(by_oauth["config"]["auth"], oauth_shown);
    assert_eq!(by_oauth["config"]["has_api_key"], false);
    assert!(!stored(&admin).contains("sk-first"));
    let back = change(json!({"api_key": "sk-second"}));
    assert_eq!(
        (&back["config"]["auth"], &back["config"]["has_api_key"]),
        (&default(true), &json!(true))
    );
    assert!(stored(&admin).contains("sk-second") && !stored(&admin).contains(KEY));
    let bare = change(json!({"auth": {"auth_type": "DEFAULT"}}));
    assert_eq!(
        (&bare["config"]["auth"], &bare["config"]["has_api_key"]),
        (&default(false), &json!(false))
    );
    assert!(!stored(&admin).contains("sk-second"));
    change(json!({"auth": oauth}));
    let cleared = change(json!({"api_key": null}));
    assert_eq!(cleared["config"]["auth"], oauth_shown);
}
