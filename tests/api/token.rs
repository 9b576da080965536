//! Signing in, and what a token opens; contract section 1.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::support::{ADMIN, Client, LIFE, LONGEST_LIFE, Server};
use crate::support::{claims, openai};

const TOKEN: &str = "/api/token";
const USER_INFO: &str = "/api/token/userInfo";

fn credentials() -> Value {
    json!({"keyId": ADMIN.0, "keySecret": ADMIN.1})
}

fn token(client: &Client, body: &Value) -> String {
    let answer = client.post(TOKEN, body).ok();
    assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    answer["token"].as_str().unwrap().to_owned()
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

#[test]
fn the_id_and_secret_of_a_key_give_a_token_that_opens_the_api() {
    let server = &Server::start();
    let mut given = String::new();
    server.unchanged(|| given = token(&server.stranger(), &credentials()));
    let token = given;
    assert!(token.chars().all(|c| c.is_ascii_graphic()), "{token}");
    let user = server.bearer(&token).get(USER_INFO).ok();
    assert_eq!(user["name"], "administrator");
}

#[test]
fn a_wrong_secret_and_an_unknown_key_are_refused_alike() {
    let server = &Server::start();
    let message = |id: &str, secret: &str| {
        let body = json!({"keyId": id, "keySecret": secret});
        let answer = server.stranger().post(TOKEN, &body);
        let message = answer.json["message"].as_str().unwrap().to_owned();
        answer.not_signed_in("INVALID_CREDENTIALS");
        message
    };
    let failed = server.failed(|| {
        let wrong = message(ADMIN.0, "wrong");
        assert_eq!(wrong, message("nobody", ADMIN.1));
        assert_eq!(wrong, message(ADMIN.1, ADMIN.0));
    });
    let print = |value: &str| {
        let answer = server.admin().post("/api/audit/fingerprint", &json!({"value": value}));
        answer.ok()["fingerprint"].as_str().unwrap().to_owned()
    };
    // What is no key's id may be a secret: who mixes the two up sends it there.
    let failed_with = |key: &str| format!("failed EXECUTE ACCESS_KEY {key}");
    let keys = [ADMIN.0, &print("nobody"), &print(ADMIN.1)];
    assert_eq!(failed, keys.map(failed_with));
}

#[test]
fn a_malformed_sign_in_is_400_with_the_field_and_never_404() {
    let server = &Server::start();
    let stranger = server.stranger();
    for (body, words) in [
        (json!({}), "`keyId` is required"),
        (json!({"keyId": "x"}), "`keySecret` is required"),
        (json!({"keyId": 1, "keySecret": "x"}), "`keyId` must be a string"),
        (json!({"keyId": "x", "keySecret": null}), "`keySecret` must be a string"),
        (json!({"keyId": "x", "keySecret": "y", "expiration": "soon"}), "`expiration`"),
        (json!("x"), "body"),
        (json!([]), ""),
    ] {
        stranger.post(TOKEN, &body).refused(400, words);
    }
    let kind = [("Content-Type", "application/json")];
    stranger.send("POST", TOKEN, &kind, Some("{")).refused(400, "not valid JSON");
    stranger.call("POST", TOKEN).refused(400, "not valid JSON");
}

#[test]
fn a_token_is_given_by_post_only() {
    let server = &Server::start();
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = server.stranger().call(method, TOKEN);
        assert_eq!(answer.header("allow"), Some("POST"));
        answer.refused(405, "POST");
    }
}

#[test]
fn an_old_token_does_not_stand_in_the_way_of_a_sign_in() {
    let server = &Server::start();
    let subject = server.admin().subject;
    let expired = server.database.tokens().issue(&subject, ADMIN.0, 0, None).unwrap();
    for old in ["garbage", &expired] {
        token(&server.bearer(old), &credentials());
    }
}

#[test]
fn a_token_lives_as_long_as_was_asked_within_the_limits() {
    let server = &Server::start();
    for (asked, seconds) in [
        (json!(null), LIFE),
        (json!(0), LIFE),
        (json!(60_000), 60),
        (json!(LONGEST_LIFE * 1000), LONGEST_LIFE),
        (json!(LONGEST_LIFE * 1000 + 1), LONGEST_LIFE),
        (json!(i64::MAX), LONGEST_LIFE),
        (json!(-1), LONGEST_LIFE),
    ] {
        let mut body = credentials();
        body["expiration"] = asked.clone();
        let said = claims(&token(&server.stranger(), &body));
        let life = said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap();
        assert_eq!(life, seconds, "{asked}");
    }
}

#[test]
fn a_token_says_who_calls_and_nothing_of_what_they_may() {
    let server = &Server::start();
    let ada = server.client("ada", &["USER"]);
    let token = ada.token.unwrap();
    let header = BASE64URL_NOPAD.decode(token.split('.').next().unwrap().as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(header["alg"], "HS256");
    assert!(header["kid"].as_str().is_some_and(|kid| !kid.is_empty()));
    let said = claims(&token);
    let mut names: Vec<_> = said.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["exp", "iat", "key", "sub"]);
    assert_eq!(said["sub"], format!("app:{}", ada.application));
    assert_eq!(said["key"], ada.key);
}

#[test]
fn a_request_without_a_good_token_is_told_why() {
    let server = &Server::start();
    let tokens = server.database.tokens();
    let subject = server.admin().subject;
    let good = tokens.issue(&subject, ADMIN.0, now(), None).unwrap();
    server.bearer(&good).get(USER_INFO).ok();

    let past = now() - 2 * LIFE * 1000;
    let expired = tokens.issue(&subject, ADMIN.0, past, None).unwrap();
    server.bearer(&expired).get(USER_INFO).not_signed_in("EXPIRED_TOKEN");

    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = head.split_once('.').unwrap();
    let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
    for bad in [
        "garbage".to_owned(),
        format!("Bearer {good}"),
        format!("{head}."),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{header}.{}.{signature}", BASE64URL_NOPAD.encode(b"{}")),
        tokens.issue("app:nobody", ADMIN.0, now(), None).unwrap(),
        tokens.issue(&subject, "no-key", now(), None).unwrap(),
    ] {
        server.bearer(&bad).get(USER_INFO).not_signed_in("INVALID_TOKEN");
    }
    server.bearer("").get(USER_INFO).not_signed_in("INVALID_TOKEN");
    let answer = server.stranger().get(USER_INFO);
    assert_eq!(answer.json["message"], "Token cannot be null or empty");
    answer.not_signed_in("INVALID_TOKEN");
}

#[test]
fn a_stranger_changes_nothing_and_is_told_nothing() {
    let server = &Server::start();
    server.admin().post("/api/integrations/provider/main", &openai("sk-1")).ok();
    let stranger = server.stranger();
    server.unchanged(|| {
        for name in ["main", "absent"] {
            let path = format!("/api/integrations/provider/{name}");
            stranger.get(&path).not_signed_in("INVALID_TOKEN");
            stranger.post(&path, &openai("sk-2")).not_signed_in("INVALID_TOKEN");
            stranger.post(&path, &json!("bad")).not_signed_in("INVALID_TOKEN");
            stranger.delete(&path).not_signed_in("INVALID_TOKEN");
        }
        for path in [
            "/api/integrations",
            "/api/integrations/all",
            "/api/integrations/def",
            "/api/integrations/provider",
            "/api/applications",
            "/api/limits",
            "/api/metadata/tags",
            "/api/metadata/taskdefs",
        ] {
            stranger.get(path).not_signed_in("INVALID_TOKEN");
        }
    });
}

#[test]
fn an_authorization_header_carries_the_token_too() {
    let server = &Server::start();
    let token = server.admin().token.unwrap();
    let with =
        |value: &str| server.stranger().send("GET", USER_INFO, &[("Authorization", value)], None);
    with(&format!("Bearer {token}")).ok();
    with(&token).not_signed_in("INVALID_TOKEN");
    with("Basic eDp5").not_signed_in("INVALID_TOKEN");
}

#[test]
fn user_info_tells_who_one_is() {
    let server = &Server::start();
    let ada = server.client("ada", &["METADATA_MANAGER", "WORKER"]);
    let user = ada.get(USER_INFO).ok();
    let mut roles = user["roles"].as_array().unwrap().clone();
    roles.sort_by_key(|role| role["name"].as_str().unwrap().to_owned());
    let permissions: Vec<_> = roles[0]["permissions"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&roles[0]["name"], &roles[1]["name"]),
        (&json!("METADATA_MANAGER"), &json!("WORKER"))
    );
    assert!(permissions.contains(&&json!({"name": "CREATE_INTEGRATION"})), "{user}");
    assert_eq!(roles[1]["permissions"], json!([]));
    assert_eq!(user["id"], ada.subject);
    assert_eq!(user["name"], "ada");
    assert_eq!(user["groups"], json!([]));
    assert!(user["uuid"].is_string(), "{user}");
    assert_eq!(user["applicationUser"], true);
    assert_eq!(user["encryptedId"], false);
    assert_eq!(user["orkesWorkersApp"], false);
    assert!(user["encryptedIdDisplayValue"].is_string(), "{user}");
}

#[test]
fn user_info_tells_what_the_token_says_if_asked() {
    let server = &Server::start();
    let admin = server.admin();
    let user = admin.get(USER_INFO).ok();
    let said = claims(admin.token.as_ref().unwrap());
    for yes in ["true", "True", "TRUE"] {
        let both = admin.get(&format!("{USER_INFO}?claims={yes}")).ok();
        assert_eq!(both, json!({"user": user, "claims": said}));
    }
    assert_eq!(admin.get(&format!("{USER_INFO}?claims=False")).ok(), user);
    admin.get(&format!("{USER_INFO}?claims=maybe")).refused(400, "`claims`");
}
