//! What must hold of any token that says it is of an issuer, and of what an issuer publishes.

#![allow(clippy::missing_panics_doc, reason = "to panic is what they are for")]

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use super::Moment;
use super::claims;
use super::keys::{self, Key};
use super::rule::{Rule, To};
use super::token::Token;

/// Keys of an issuer, of either curve: those of RFC 7515, A.3, and RFC 8037, A.2.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let set = json!({"keys": [
        {"kty": "EC", "crv": "P-256", "kid": "a",
         "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
         "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
        {"kty": "OKP", "crv": "Ed25519", "kid": "b",
         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    ]});
    let keys = keys::parse(set.to_string().as_bytes()).unwrap_or_default();
    assert_eq!(keys.len(), 2);
    keys
});

/// Nobody has those keys, so nothing is signed with them; and claims stand for a user only where
/// they are for us, and never for an application.
pub fn token(data: &[u8], message: &str) {
    let text = std::str::from_utf8(data).unwrap_or_default();
    let signature = BASE64URL_NOPAD.encode(&data[..data.len().min(64)]);
    for text in [text, message, &format!("{message}.{signature}")] {
        let Some(token) = Token::parse(text) else { continue };
        assert!(!KEYS.iter().any(|key| token.is_signed_with(key)), "{text}");
        judge(&token.claims);
    }
    for key in keys::parse(data).unwrap_or_default() {
        assert!(!key.kid.is_empty());
    }
    if let Ok(Value::Object(said)) = serde_json::from_slice(data) {
        judge(&said);
    }
}

fn judge(said: &Map<String, Value>) {
    let now = Moment::now().seconds;
    if claims::check(said, "us", false, now) == Ok(()) {
        let aud = &said["aud"];
        assert!(aud == "us" || aud.as_array().is_some_and(|all| all.contains(&"us".into())));
        assert!(said["exp"].as_i64().is_some_and(|exp| exp > now - 61), "{said:?}");
    }
    let bound = Map::from_iter([("repository".to_owned(), "acme".into())]);
    let Ok(rule) = Rule::new(bound, To::User("sub".to_owned())) else { return };
    if rule.fits(said) {
        assert_eq!(said["repository"], "acme");
    }
    if let Some(user) = rule.user(said) {
        assert_eq!(user.application(), None);
        let sub = said["sub"].as_str().unwrap_or_default();
        assert!(user.as_str().eq_ignore_ascii_case(sub), "{sub} became {user:?}");
    }
}
