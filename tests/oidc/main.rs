//! Tokens from identity providers, over HTTP, against a provider that the tests run themselves.
//!
//! What needs a clock of its own (the leeway, how often keys are read) is tested beside the code.

#![allow(clippy::unwrap_used)]

mod accepted;
#[path = "../support/database.rs"]
mod database;
mod forged;
mod keys;
mod misused;
mod provider;
mod server;
mod settings;

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use keys::SigningKey;
use provider::Provider;
use server::{Home, Server};

const INVALID: (u16, &str) = (401, "INVALID_TOKEN");

/// A server that trusts a provider, with the user `ann`.
struct Setting {
    key: SigningKey,
    provider: Provider,
    server: Server,
    _home: Home,
}

impl Setting {
    /// The provider signs with `key` and its rule takes `sub` for the user of the team `core`.
    fn with_key(key: SigningKey) -> Self {
        let provider = Provider::start(&[&key]);
        let home = Home::new();
        home.trust(&json!([trusted(&provider.issuer)]));
        let server = home.start();
        let body = json!({"name": "Ann", "roles": ["USER"]});
        assert_eq!(server.put(&server.admin(), "/users/ann", &body).status, 200);
        Self { key, provider, server, _home: home }
    }

    fn new() -> Self {
        Self::with_key(SigningKey::es256("k1"))
    }

    /// The claims of a good token.
    fn claims(&self) -> Value {
        claims(&self.provider.issuer)
    }

    fn token(&self) -> String {
        self.key.sign(&self.claims())
    }

    /// A token of these claims, one of them changed.
    fn token_with(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[name] = value;
        self.key.sign(&claims)
    }

    #[track_caller]
    fn refuses(&self, token: &str) {
        let (status, code) = self.server.who(token);
        assert_eq!((status, code.as_str()), INVALID, "{token}");
    }

    #[track_caller]
    fn takes(&self, token: &str) {
        assert_eq!(self.server.who(token), (200, "ann".to_owned()), "{token}");
    }
}

/// An entry of the file.
fn trusted(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "audience": "podium",
        "algorithms": ["ES256", "EdDSA", "RS256"],
        "rules": [{"claims": {"team": "core"}, "to": {"user": "sub"}}],
    })
}

fn claims(issuer: &str) -> Value {
    let now = now();
    json!({
        "iss": issuer, "aud": "podium", "sub": "ann", "team": "core",
        "iat": now, "nbf": now, "exp": now + 3600,
    })
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A token's three parts.
fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<_> = token.split('.').collect();
    parts.try_into().unwrap()
}

fn decoded(part: &str) -> Map<String, Value> {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// A good token of ours, and a good one of the provider.
fn both(setting: &Setting) -> [String; 2] {
    let (ours, theirs) = (setting.server.admin(), setting.token());
    assert_eq!(setting.server.who(&ours).0, 200);
    setting.takes(&theirs);
    [ours, theirs]
}
