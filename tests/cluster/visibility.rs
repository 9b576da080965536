//! C11: what one server has acknowledged, the next request to any other sees.

use serde_json::{Value, json};

use crate::client::Client;
use crate::people::{Actor, arize_integration, integration, resource};
use crate::site::{PROVIDER, SERVERS, Site, call, done, rounds};

/// How often each kind of change is made, on each server in turn.
const ROUNDS: usize = 30;

/// The servers that a change in this round is not sent to.
fn others(admins: &[Client], round: usize) -> [&Client; SERVERS - 1] {
    [1, 2].map(|distance| &admins[(round + distance) % SERVERS])
}

#[test]
fn c11_a_change_in_conductor_s_dialect_is_seen_by_the_next_request_anywhere() {
    let site = Site::new();
    let admins = site.admins();
    for round in 0..rounds(ROUNDS) {
        let admin = &admins[round % SERVERS];
        let path = format!("{PROVIDER}/made-{round}");
        done(admin, &format!("POST {path}"), integration("first"));
        for other in others(&admins, round) {
            let shown = done(other, &format!("GET {path}"), Value::Null);
            assert_eq!(shown["description"], "first");
        }
        done(admin, &format!("POST {path}"), integration("second"));
        for other in others(&admins, round) {
            let shown = done(other, &format!("GET {path}"), Value::Null);
            assert_eq!(shown["description"], "second");
        }
        done(admin, &format!("POST {path}/integration/gpt"), resource());
        done(admin, &format!("PUT {path}/tags"), json!([{"key": "team", "value": "core"}]));
        for other in others(&admins, round) {
            done(other, &format!("GET {path}/integration/gpt"), Value::Null);
            let listed = done(other, &format!("GET {PROVIDER}"), Value::Null);
            assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
            assert_eq!(listed[0]["modelsCount"], 1, "{listed}");
            let tags = done(other, &format!("GET {path}/tags"), Value::Null);
            assert_eq!(tags, json!([{"key": "team", "value": "core"}]));
        }
        done(admin, &format!("DELETE {path}"), Value::Null);
        for other in others(&admins, round) {
            call(other, &format!("GET {path}"), Value::Null).is(404);
            assert_eq!(done(other, &format!("GET {PROVIDER}"), Value::Null), json!([]));
        }
    }
}

#[test]
fn c11_a_change_in_arize_s_dialect_is_seen_by_the_next_request_anywhere() {
    let site = Site::new();
    let admins = site.admins();
    for round in 0..rounds(ROUNDS) {
        let admin = &admins[round % SERVERS];
        let name = format!("made-{round}");
        let made = done(admin, "POST /v2/integrations", arize_integration(&name));
        let path = format!("/v2/integrations/{}", made["id"].as_str().unwrap());
        for other in others(&admins, round) {
            assert_eq!(done(other, &format!("GET {path}"), Value::Null)["name"], *name);
        }
        let renamed = format!("{name}-renamed");
        done(admin, &format!("PATCH {path}"), json!({"type": "LLM", "name": renamed}));
        for other in others(&admins, round) {
            let shown = done(other, &format!("GET {path}"), Value::Null);
            assert_eq!(shown["name"], *renamed);
            let listed = done(other, "GET /v2/integrations", Value::Null);
            let listed = listed["integrations"].as_array().unwrap();
            assert_eq!(listed.len(), 1, "{listed:?}");
            assert_eq!(listed[0]["name"], *renamed);
        }
        done(admin, &format!("DELETE {path}"), Value::Null);
        for other in others(&admins, round) {
            call(other, &format!("GET {path}"), Value::Null).is(404);
            let listed = done(other, "GET /v2/integrations", Value::Null);
            assert_eq!(listed["integrations"], json!([]));
        }
    }
}

#[test]
fn c11_a_key_that_one_server_has_made_opens_all() {
    let site = Site::new();
    let admins = site.admins();
    for round in 0..rounds(ROUNDS) {
        let actor = Actor::new(&admins[round % SERVERS], "actor", &["USER_READ_ONLY"]);
        for (number, server) in site.servers.iter().enumerate() {
            let token = actor.token(&site, number);
            for bearer in [&actor.api_key, &token] {
                let client = server.client(Some(bearer));
                done(&client, &format!("GET {PROVIDER}"), Value::Null);
                done(&client, "GET /v2/integrations", Value::Null);
            }
        }
    }
}
