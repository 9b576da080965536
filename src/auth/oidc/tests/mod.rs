//! What the parts do together, on a clock of the tests' own.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Mutex;
use std::time::Duration;

use jsonwebtoken::Algorithm;
use serde_json::json;

use super::*;

mod refresh;
#[path = "../../../../tests/oidc/keys.rs"]
mod signing;
use signing::{SigningKey, encoded};

const ISSUER: &str = "https://id.example.com/";
const DISCOVERY: &str = "https://id.example.com/.well-known/openid-configuration";
const JWKS: &str = "https://keys.example.com/jwks";
const SECONDS: i64 = 1_800_000_000;

/// A provider that answers from a table, and writes down what it was asked.
#[derive(Default)]
struct Provider {
    answers: Mutex<HashMap<String, String>>,
    asked: Mutex<Vec<String>>,
}

impl Provider {
    fn with_keys(keys: &[&SigningKey]) -> Arc<Self> {
        let provider = Arc::new(Self::default());
        provider.answer(DISCOVERY, &json!({"issuer": ISSUER, "jwks_uri": JWKS}));
        provider.publish(keys);
        provider
    }

    fn publish(&self, keys: &[&SigningKey]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        self.answer(JWKS, &json!({"keys": keys}));
    }

    fn answer(&self, url: &str, body: &Value) {
        self.answers.lock().unwrap().insert(url.to_owned(), body.to_string());
    }

    fn fall_silent(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// How often it was asked for its keys, or where they are.
    fn asked_for(&self, url: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == url).count()
    }

    fn fetch(self: &Arc<Self>) -> Arc<Fetch> {
        let provider = Arc::clone(self);
        Arc::new(move |url: &str| {
            provider.asked.lock().unwrap().push(url.to_owned());
            let answers = provider.answers.lock().unwrap();
            answers.get(url).map(|body| body.clone().into_bytes()).ok_or("is silent".to_owned())
        })
    }
}

fn issuers(fetch: &Arc<Fetch>) -> Issuers {
    let file = json!({"issuers": [{
        "issuer": ISSUER,
        "audience": "podium",
        "algorithms": ["ES256", "EdDSA", "RS256"],
        "rules": [{"claims": {"team": "core"}, "to": {"user": "sub"}}],
    }]});
    Issuers::new(parse(&file.to_string()).unwrap(), fetch)
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "podium", "sub": "ann", "team": "core",
        "iat": SECONDS, "nbf": SECONDS, "exp": SECONDS + 90_000,
    })
}

/// The moment `seconds` after the tests begin.
fn after(start: Instant, seconds: u64) -> Moment {
    let later = SECONDS + i64::try_from(seconds).unwrap();
    Moment { seconds: later, steady: start + Duration::from_secs(seconds) }
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// Who bears the token at the moment: `ann`, or why nobody does.
fn bearer(issuers: &Issuers, token: &str, at: Moment) -> &'static str {
    let Some(claimed) = issuers.claimed(token) else { return "not theirs" };
    match run(claimed.identity(at)) {
        Ok(identity) => {
            assert_eq!((identity.user.as_str(), identity.issuer.as_str()), ("ann", ISSUER));
            "ann"
        }
        Err(Error::Unauthenticated(SignIn::Invalid)) => "invalid",
        Err(Error::Unauthenticated(SignIn::Expired)) => "expired",
        Err(Error::Unavailable(_)) => "unavailable",
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn every_kind_of_key_works_with_its_own_algorithm_only() {
    let start = Instant::now();
    let (es, ed) = (SigningKey::es256("es"), SigningKey::ed25519("ed"));
    let (rsa, pss) = SigningKey::rs256("rs", 2048).and_as("ps", Algorithm::PS256);
    let provider = Provider::with_keys(&[&es, &ed, &rsa, &pss]);
    let issuers = issuers(&provider.fetch());
    for key in [&es, &ed, &rsa] {
        assert_eq!(bearer(&issuers, &key.sign(&claims()), after(start, 0)), "ann", "{}", key.kid);
        for other in ["ES256", "EdDSA", "RS256"] {
            let mut header = key.header();
            if header["alg"] != other {
                header["alg"] = json!(other);
                let token = key.sign_under(&header, &claims());
                assert_eq!(bearer(&issuers, &token, after(start, 0)), "invalid", "{header}");
            }
        }
    }
    // A good signature of an algorithm that the issuer does not use.
    assert_eq!(bearer(&issuers, &pss.sign(&claims()), after(start, 0)), "invalid");
}

#[test]
fn f16_the_first_rule_that_fits_decides_even_when_it_names_nobody() {
    let key = SigningKey::ed25519("k");
    let provider = Provider::with_keys(&[&key]);
    let file = json!({"issuers": [{
        "issuer": ISSUER,
        "audience": "podium",
        "algorithms": ["EdDSA"],
        "rules": [
            {"claims": {"team": "core"}, "to": {"user": "owner"}},
            {"claims": {"team": "core"}, "to": {"user": "sub"}},
            {"claims": {"team": "guests"}, "to": {"user": "sub"}},
        ],
    }]});
    let issuers = Issuers::new(parse(&file.to_string()).unwrap(), &provider.fetch());
    let who = |change: Value| {
        let mut claims = claims();
        claims["sub"] = json!("ben");
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        bearer(&issuers, &key.sign(&claims), after(Instant::now(), 0))
    };
    assert_eq!(who(json!({"owner": "ann"})), "ann");
    assert_eq!(who(json!({})), "invalid");
    assert_eq!(who(json!({"sub": "ann"})), "invalid");
    assert_eq!(who(json!({"team": "guests", "sub": "ann"})), "ann");
}

#[test]
fn f2_a_key_must_fit_the_algorithm_by_all_that_it_says() {
    let start = Instant::now();
    let key = SigningKey::es256("k");
    let works = |change: &dyn Fn(&mut Value)| {
        let provider = Provider::with_keys(&[]);
        let mut jwk = key.jwk();
        change(&mut jwk);
        provider.answer(JWKS, &json!({"keys": [{"kty": "what"}, 1, null, jwk]}));
        bearer(&issuers(&provider.fetch()), &key.sign(&claims()), after(start, 0)) == "ann"
    };
    assert!(works(&|_| ()));
    let remove = |name: &'static str| {
        move |jwk: &mut Value| {
            jwk.as_object_mut().unwrap().shift_remove(name);
        }
    };
    assert!(works(&remove("alg")));
    assert!(works(&remove("use")));
    assert!(works(&|jwk| jwk["key_ops"] = json!(["verify"])));
    for (name, value) in [
        ("alg", json!("ES384")),
        ("alg", json!("RS256")),
        ("alg", json!("HS256")),
        ("alg", json!("ECDH-ES")),
        ("use", json!("enc")),
        ("use", json!("other")),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!([])),
        ("kty", json!("RSA")),
        ("kty", json!("oct")),
        ("crv", json!("P-384")),
        ("crv", json!("Ed25519")),
        ("kid", json!("other")),
        ("kid", json!("")),
        ("x", json!("AAAA")),
    ] {
        assert!(!works(&|jwk| jwk[name] = value.clone()), "{name} {value}");
    }
    assert!(!works(&remove("kid")));
    let short = SigningKey::rs256("k", 1024);
    let provider = Provider::with_keys(&[&short]);
    let issuers = issuers(&provider.fetch());
    assert_eq!(bearer(&issuers, &short.sign(&claims()), after(start, 0)), "invalid");
}

#[test]
fn f2_a_published_secret_verifies_nothing() {
    let start = Instant::now();
    let provider = Provider::with_keys(&[]);
    let secret = json!({"kty": "oct", "kid": "k", "k": encoded("secret"), "alg": "HS256"});
    provider.answer(JWKS, &json!({"keys": [secret]}));
    let issuers = issuers(&provider.fetch());
    let header = jsonwebtoken::Header { kid: Some("k".to_owned()), ..Default::default() };
    let encoding = jsonwebtoken::EncodingKey::from_secret(b"secret");
    let token = jsonwebtoken::encode(&header, &claims(), &encoding).unwrap();
    assert_eq!(bearer(&issuers, &token, after(start, 0)), "not theirs");
}

#[test]
fn f5_no_flipped_bit_of_a_token_goes_unseen() {
    let start = Instant::now();
    let key = SigningKey::ed25519("k");
    let provider = Provider::with_keys(&[&key]);
    let issuers = issuers(&provider.fetch());
    let token = key.sign(&claims());
    assert_eq!(bearer(&issuers, &token, after(start, 0)), "ann");
    let bits = token.len() * 8;
    for flip in 0..1000 {
        let bit = flip * bits / 1000;
        let mut bytes = token.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(flipped) = String::from_utf8(bytes) else { continue };
        assert_ne!(bearer(&issuers, &flipped, after(start, 0)), "ann", "bit {bit}");
    }
}

#[test]
fn f6_the_leeway_is_a_minute_on_a_whole_token() {
    let start = Instant::now();
    let key = SigningKey::ed25519("k");
    let provider = Provider::with_keys(&[&key]);
    let issuers = issuers(&provider.fetch());
    let token = key.sign(&claims());
    let other = SigningKey::ed25519("k");
    for (seconds, outcome) in
        [(90_000, "ann"), (90_059, "ann"), (90_060, "expired"), (90_061, "expired")]
    {
        assert_eq!(bearer(&issuers, &token, after(start, seconds)), outcome, "{seconds}");
    }
    assert_eq!(bearer(&issuers, &other.sign(&claims()), after(start, 90_061)), "invalid");
    let early = |seconds| Moment { seconds, steady: start };
    assert_eq!(bearer(&issuers, &token, early(SECONDS - 60)), "ann");
    assert_eq!(bearer(&issuers, &token, early(SECONDS - 61)), "invalid");
}
