//! Tokens and access keys, real and forged, wherever a client could send one.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::json;

use crate::client::Client;
use crate::secrets::Secrets;
use crate::support::ADMIN;

/// A route that needs a token.
const ROUTE: &str = "/api/integrations/provider?activeOnly=true";

/// Sends `token`, which is good, and many that are not, in every header.
pub fn send_all(stranger: &Client, token: &str, secrets: &Secrets) {
    let new = || secrets.canary();
    let basic = BASE64.encode(format!("{}:{}", ADMIN.0, ADMIN.1).as_bytes());
    let key = format!("podium_{}_{}", ADMIN.0, ADMIN.1);
    for (headers, status) in [
        (format!("X-Authorization: {token}\r\n"), 200),
        (format!("Authorization: Bearer {token}\r\n"), 200),
        (format!("X-Authorization: {key}\r\n"), 200),
        (format!("Authorization: Bearer {key}\r\n"), 200),
        (format!("Authorization: {key}\r\n"), 401),
        (format!("X-Authorization: {key}\r\nX-Authorization: {key}\r\n"), 401),
        (format!("X-Authorization: {token}\r\nAuthorization: Basic {basic}\r\n"), 200),
        (format!("X-Authorization: {token}\r\nCookie: session={}\r\n", new()), 200),
        (format!("X-Authorization: {token}\r\nX-Api-Key: {}\r\n", new()), 200),
        (format!("Authorization: {token}\r\n"), 401),
        (format!("Authorization: Basic {basic}\r\n"), 401),
        (format!("Authorization: Bearer {}\r\n", new()), 401),
        (format!("X-Authorization: {token}\r\nX-Authorization: {token}\r\n"), 401),
        (format!("X-Authorization: {}\r\nX-Authorization: {}\r\n", new(), new()), 401),
        (format!("X-Authorization: {} {}\r\n", new(), new()), 401),
        (format!("X-Authorization: {}\u{e9}\r\n", new()), 401),
        (format!("Cookie: token={}\r\n", new()), 401),
        (format!("X-Authorization:\r\nX-Token: {}\r\n", new()), 401),
    ] {
        stranger.with(&headers).get(ROUTE).is(status);
    }
    for forged in forged(token, secrets) {
        stranger.bearing(&forged).get(ROUTE).is(401);
        stranger.with(&format!("Authorization: Bearer {forged}\r\n")).get(ROUTE).is(401);
        stranger.bearing(&forged).post("/api/integrations", &json!([{"api_key": new()}])).is(401);
    }
    stranger.get(&format!("/api/integrations?token={token}&access_token={}", new())).is(401);
    stranger.get(&format!("/api/integrations?token={key}")).is(401);
    // More than a server reads of a head is refused before there is a route.
    let long = new() + &"x".repeat(200_000);
    stranger.with(&format!("X-Authorization: {long}\r\n")).get(ROUTE).is(431);
    let broken = format!("X-Authorization: {token}\r\nBroken {}\r\n", new());
    stranger.with(&broken).get(ROUTE).is(400);
}

/// Tokens that only look like one.
fn forged(token: &str, secrets: &Secrets) -> Vec<String> {
    let [header, claims, signature]: [_; 3] =
        token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let text = |json: serde_json::Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let new = || secrets.canary();
    let encoded = || BASE64URL_NOPAD.encode(secrets.canary().as_bytes());
    let none = text(json!({"alg": "none", "typ": "JWT"}));
    vec![
        new(),
        format!("{header}.{claims}.{}", encoded()),
        format!("{header}.{claims}.{}", new()),
        format!("{header}.{}.{signature}", encoded()),
        format!("{}.{claims}.{signature}", text(json!({"alg": "HS256", "kid": new()}))),
        format!("{none}.{}.", text(json!({"sub": new(), "key": new(), "iat": 1, "exp": 2}))),
        format!("{header}.{}.{signature}", text(json!({"sub": [new()], "exp": new()}))),
        format!("{header}.{}.{signature}", text(json!({"iss": "https://other", "jti": new()}))),
        format!("{token}.{}", new()),
        format!("podium_{}", new()),
        format!("podium_{}_{}", ADMIN.0, new()),
        format!("podium_{}_{}", ADMIN.1, ADMIN.0),
        format!("podium_{}_{}", new(), new()),
    ]
}

/// Signs in with secrets that are wrong, that have the place of the id, and that are too long.
pub fn guess(stranger: &Client, admin: &Client, secrets: &Secrets) {
    let [application, key, secret] = admin.new_application("guessed", secrets);
    let new = || secrets.canary();
    for (id, secret) in [
        (key.clone(), new()),
        (ADMIN.0.to_owned(), new()),
        ("no-such-key".to_owned(), new()),
        // They are mixed up easily.
        (secret.clone(), key.clone()),
        (ADMIN.1.to_owned(), ADMIN.0.to_owned()),
        (new(), new()),
        (format!("{key}:{}", new()), String::new()),
        (new() + &"x".repeat(1000), new() + &"x".repeat(100_000)),
    ] {
        stranger.post("/api/token", &json!({"keyId": id, "keySecret": secret})).is(401);
    }
    let rotated = format!("/api/applications/{application}/accessKeys/{key}/rotate");
    let [newer, _] = admin.issued(&rotated, secrets);
    stranger.post("/api/token", &json!({"keyId": key, "keySecret": secret})).is(401);
    stranger.post("/api/token", &json!({"keyId": newer, "keySecret": secret})).is(401);
}
