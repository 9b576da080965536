//! What must hold of any token, API key and key set, whoever sends it. `tests/fuzz` looks for one of
//! which it does not.

#![allow(clippy::missing_panics_doc, reason = "to panic is what they are for")]

use std::sync::LazyLock;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::Value;

use super::keys::{api_key, parse_api_key};
use super::oidc;
use super::tokens::{Lifetime, Tokens};
use crate::domain::secret::Secret;

/// How long the token lives that is tampered with: longer than any run.
const LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What makes tokens, and one that it made.
static MADE: LazyLock<(Tokens, String)> = LazyLock::new(|| {
    let lifetime = Lifetime { default: LIFE, max: LIFE };
    let tokens = Tokens::new("k1".to_owned(), &Secret::new("key".to_owned()), lifetime);
    let now = oidc::Moment::now().seconds * 1000;
    let token = tokens.issue("app:1", "k", now, None).unwrap_or_default();
    assert!(tokens.verify(&token).is_ok(), "{token}");
    (tokens, token)
});

/// Nothing is taken that was not signed with our key, for our algorithm, as it stands.
pub fn token(data: &[u8]) {
    let (tokens, made) = &*MADE;
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(tokens.verify(text).is_err(), "{text}");
        if let Some((id, secret)) = parse_api_key(text) {
            assert_eq!(api_key(&id, &secret).expose(), text);
        }
    }
    let edited = edited(made, data);
    assert_eq!(tokens.verify(&edited).is_ok(), edited == *made, "{edited}");

    let mut parts = data.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (head, body, signature) = (part(), part(), part());
    let [written, claims, signature] =
        [head, body, signature].map(|part| BASE64URL_NOPAD.encode(part));
    let message = format!("{written}.{claims}");
    assert!(tokens.verify(&format!("{message}.{signature}")).is_err(), "{message}");
    let own = EncodingKey::from_secret(b"key");
    let signature = crypto::sign(message.as_bytes(), &own, Algorithm::HS256).unwrap_or_default();
    if let Ok(claims) = tokens.verify(&format!("{message}.{signature}")) {
        let head: Value = serde_json::from_slice(head).unwrap_or_default();
        assert_eq!((&head["alg"], &head["kid"]), (&"HS256".into(), &"k1".into()));
        assert!(claims.exp >= oidc::Moment::now().seconds, "{claims:?}");
    }
    oidc::fuzz::token(data, &message);
}

/// `text` with other bytes: each two of `data` are a place and what comes there.
fn edited(text: &str, data: &[u8]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for pair in data.chunks_exact(2) {
        let place = usize::from(pair[0]) % bytes.len();
        bytes[place] = pair[1] & 0x7f;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
