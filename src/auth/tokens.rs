//! Tokens: JWTs that say who calls and until when, and nothing about what they may do.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::domain::error::SignIn;
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};

/// The one algorithm that is ever accepted for a token of ours.
const ALGORITHM: Algorithm = Algorithm::HS256;

/// How many tokens are remembered.
const VERIFIED: usize = 10_000;

/// What a token says. Every member is required and has this type; any other makes the token
/// invalid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The user id, `app:<application id>`.
    pub sub: String,
    /// The access key that signed in.
    pub key: String,
    /// When it was made, in epoch seconds.
    pub iat: i64,
    /// When it ends, in epoch seconds.
    pub exp: i64,
}

/// How long tokens live.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// When the caller asks for nothing.
    pub default: Duration,
    /// At most, whatever the caller asks for.
    pub max: Duration,
}

impl Lifetime {
    /// The life of a token for which `asked` milliseconds were asked. Negative asks for a token
    /// that never expires (contract section 1.1), and gets the longest.
    fn granted(&self, asked: Option<i64>) -> Duration {
        match asked.map(u64::try_from) {
            None | Some(Ok(0)) => self.default,
            Some(Ok(millis)) => Duration::from_millis(millis).min(self.max),
            Some(Err(_)) => self.max,
        }
    }
}

/// Makes tokens and checks them.
pub struct Tokens {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    lifetime: Lifetime,
    /// What tokens say that were verified before. They never say anything else.
    verified: Cache<Box<str>, Arc<Claims>>,
}

impl Tokens {
    /// Tokens signed under `key`, which the header of each names as `kid`.
    pub fn new(kid: String, key: &Secret, lifetime: Lifetime) -> Self {
        let mut validation = Validation::new(ALGORITHM);
        validation.set_required_spec_claims(&["exp", "sub"]);
        // Whether it has expired is asked each time, also of what was verified before.
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self {
            kid,
            encoding: EncodingKey::from_secret(key.expose().as_bytes()),
            decoding: DecodingKey::from_secret(key.expose().as_bytes()),
            validation,
            lifetime,
            verified: Cache::new(VERIFIED),
        }
    }

    /// A token for `subject`, signed in with the access key `key`, at `now` (epoch milliseconds).
    /// It lives for `asked` milliseconds at the most, rounded up to whole seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when signing fails.
    pub fn issue(&self, subject: &str, key: &str, now: i64, asked: Option<i64>) -> Result<String> {
        let iat = now.div_euclid(1000);
        let life = self.lifetime.granted(asked).as_millis().div_ceil(1000);
        let exp = iat.saturating_add(i64::try_from(life).unwrap_or(i64::MAX));
        let claims = Claims { sub: subject.to_owned(), key: key.to_owned(), iat, exp };
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(ALGORITHM) };
        jsonwebtoken::encode(&header, &claims, &self.encoding).map_err(Error::internal)
    }

    /// What `token` says, if we made it and it has not expired.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`]: [`SignIn::Expired`] for a good token that is too old,
    /// [`SignIn::Invalid`] for all else.
    pub fn verify(&self, token: &str) -> Result<Arc<Claims>> {
        let claims = match self.verified.get(token) {
            Some(claims) => claims,
            None => self.opened(token)?,
        };
        let now = seconds();
        let refused = |why| Err(Error::Unauthenticated(why));
        if now > claims.exp {
            refused(SignIn::Expired)
        } else if claims.iat > now.saturating_add(EARLY) {
            refused(SignIn::Invalid)
        } else {
            Ok(claims)
        }
    }

    /// What `token` says, if we made it, however old it is.
    fn opened(&self, token: &str) -> Result<Arc<Claims>> {
        let invalid = |_| Error::Unauthenticated(SignIn::Invalid);
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        if header.kid.as_deref() != Some(self.kid.as_str()) {
            return Err(Error::Unauthenticated(SignIn::Invalid));
        }
        let data = jsonwebtoken::decode(token, &self.decoding, &self.validation);
        let claims: Arc<Claims> = Arc::new(data.map_err(invalid)?.claims);
        self.verified.insert(token.into(), Arc::clone(&claims));
        Ok(claims)
    }
}

/// How much earlier than a token was made it is taken, in seconds: the clock may have been set
/// back.
const EARLY: i64 = 60;

/// The time, in epoch seconds.
fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;
    use serde_json::{Value, json};

    use super::*;

    const HOUR: Lifetime =
        Lifetime { default: Duration::from_secs(3600), max: Duration::from_secs(7200) };

    fn tokens() -> Tokens {
        Tokens::new("k1".into(), &Secret::new("key".into()), HOUR)
    }

    fn now() -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        i64::try_from(since.as_millis()).unwrap()
    }

    /// Signs any header and claims with our own key.
    fn signed(header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(b"key")).unwrap()
    }

    fn header() -> Header {
        Header { kid: Some("k1".into()), ..Header::new(ALGORITHM) }
    }

    #[track_caller]
    fn refused(token: &str, why: SignIn) {
        match tokens().verify(token) {
            Err(Error::Unauthenticated(found)) => assert_eq!(found, why, "{token}"),
            other => panic!("{token}: {other:?}"),
        }
    }

    #[test]
    fn a_token_tells_who_signed_in() {
        let token = tokens().issue("app:1", "k", now(), None).unwrap();
        let claims = tokens().verify(&token).unwrap();
        assert_eq!((claims.sub.as_str(), claims.key.as_str()), ("app:1", "k"));
        assert_eq!(claims.exp - claims.iat, 3600);
    }

    #[test]
    fn the_life_asked_for_is_in_milliseconds_and_capped() {
        let life = |asked| {
            let claims = tokens().verify(&tokens().issue("s", "k", now(), asked).unwrap()).unwrap();
            claims.exp - claims.iat
        };
        assert_eq!(life(Some(60_000)), 60);
        assert_eq!(life(Some(1)), 1);
        assert_eq!(life(Some(0)), 3600);
        assert_eq!(life(Some(-1)), 7200);
        assert_eq!(life(Some(i64::MAX)), 7200);
        assert_eq!(life(Some(i64::MIN)), 7200);
    }

    #[test]
    fn an_old_token_is_expired_and_a_forged_one_invalid() {
        refused(&tokens().issue("s", "k", now() - 3_601_000, None).unwrap(), SignIn::Expired);
        let other = Tokens::new("k1".into(), &Secret::new("other".into()), HOUR);
        refused(&other.issue("s", "k", now() - 3_601_000, None).unwrap(), SignIn::Invalid);
        refused(&other.issue("s", "k", now(), None).unwrap(), SignIn::Invalid);
    }

    #[test]
    fn f6_a_token_made_in_the_future_is_invalid() {
        let made = |iat: i64| {
            let exp = iat + 3600;
            signed(&header(), &json!({"sub": "s", "key": "k", "iat": iat, "exp": exp}))
        };
        let now = now() / 1000;
        assert!(tokens().verify(&made(now)).is_ok());
        assert!(tokens().verify(&made(now + 60)).is_ok());
        refused(&made(now + 3000), SignIn::Invalid);
        refused(&made(i64::MAX - 3600), SignIn::Invalid);
    }

    #[test]
    fn claims_of_the_wrong_type_or_number_are_invalid() {
        let good = json!({"sub": "s", "key": "k", "iat": 1, "exp": now() / 1000 + 60});
        assert!(tokens().verify(&signed(&header(), &good)).is_ok());
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            signed(&header(), &claims)
        };
        for exp in [json!("9999999999"), json!(9e9 + 0.5), json!([9_999_999_999_u64]), json!(null)]
        {
            refused(&with("exp", exp), SignIn::Invalid);
        }
        refused(&with("sub", json!(1)), SignIn::Invalid);
        refused(&with("nbf", json!("soon")), SignIn::Invalid);
        refused(&with("admin", json!(true)), SignIn::Invalid);
        for missing in ["exp", "sub", "key", "iat"] {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().shift_remove(missing);
            refused(&signed(&header(), &claims), SignIn::Invalid);
        }
    }

    #[test]
    fn only_our_algorithm_and_key_id_are_accepted() {
        let token = tokens().issue("s", "k", now(), None).unwrap();
        let (body, signature) = token.split_once('.').unwrap().1.split_once('.').unwrap();
        for alg in [json!("none"), json!("None"), json!("HS384"), json!("RS256"), json!(["HS256"])]
        {
            let head = json!({"typ": "JWT", "kid": "k1", "alg": alg}).to_string();
            let head = BASE64URL_NOPAD.encode(head.as_bytes());
            refused(&format!("{head}.{body}.{signature}"), SignIn::Invalid);
            refused(&format!("{head}.{body}."), SignIn::Invalid);
        }
        let claims = json!({"sub": "s", "key": "k", "iat": 1, "exp": now() / 1000 + 60});
        refused(&signed(&Header { kid: Some("k2".into()), ..header() }, &claims), SignIn::Invalid);
        refused(&signed(&Header::new(ALGORITHM), &claims), SignIn::Invalid);
        for text in ["", ".", "a.b", "a.b.c", "Bearer x", &token[..token.len() - 1]] {
            refused(text, SignIn::Invalid);
        }
    }
}
