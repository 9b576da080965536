//! Tokens from identity providers: whose a token is, whether it is good, and whom it stands for.
//!
//! A token is read ([`token`]), its `iss` names one of the trusted issuers ([`settings`]), the
//! issuer's keys ([`keys`], kept in [`cache`]) check its signature, then its [`claims`] are
//! checked, and the first [`rule`] that fits says who is calling. The clock is handed in, and so
//! is [`Fetch`], the one way out.

mod cache;
mod claims;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod keys;
mod members;
mod rule;
mod settings;
#[cfg(test)]
mod tests;
mod token;
mod url;

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::access::UserId;
use crate::domain::error::SignIn;
use crate::domain::{Error, Result};
use cache::Cache;
use keys::Key;
pub use settings::{Trusted, parse};
use token::Token;

/// Gets the body of a URL, or says in one line why not. It may block.
pub type Fetch = dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync;

/// A moment on both clocks: the calendar's for claims, the steady one for the age of keys.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Epoch seconds.
    pub seconds: i64,
    /// The steady clock.
    pub steady: Instant,
}

impl Moment {
    /// This very moment.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        Self { seconds, steady: Instant::now() }
    }
}

/// The issuers that are trusted.
#[derive(Default)]
pub struct Issuers(Vec<Arc<Issuer>>);

/// One of them, with its keys.
struct Issuer {
    trusted: Trusted,
    cache: Arc<Cache>,
    fetch: Arc<Fetch>,
}

/// Who bears a token that an issuer vouches for.
#[derive(Debug)]
pub struct Identity {
    /// The user or, as `app:<id>`, the application that the token stands for. Whether there is
    /// one is for the database to say.
    pub user: UserId,
    /// The issuer.
    pub issuer: String,
    /// What the token says.
    pub claims: Map<String, Value>,
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// It was good and has expired.
    Expired,
    /// It is not good; for the log only.
    Because(&'static str),
}

impl Issuers {
    /// The issuers of `trusted`, whose keys are got with `fetch`.
    pub fn new(trusted: Vec<Trusted>, fetch: &Arc<Fetch>) -> Self {
        let issuer = |trusted| {
            let (cache, fetch) = (Arc::new(Cache::default()), Arc::clone(fetch));
            Arc::new(Issuer { trusted, cache, fetch })
        };
        Self(trusted.into_iter().map(issuer).collect())
    }

    /// `token`, if it says that it comes from one of them. Nothing of it is checked yet.
    pub fn claimed(&self, token: &str) -> Option<Claimed> {
        if self.0.is_empty() {
            return None;
        }
        let token = Token::parse(token)?;
        let named = token.claims.get("iss")?.as_str()?;
        let issuer = self.0.iter().find(|issuer| issuer.trusted.issuer == named)?;
        Some(Claimed { issuer: Arc::clone(issuer), token })
    }
}

/// A token that says it comes from a trusted issuer.
pub struct Claimed {
    issuer: Arc<Issuer>,
    token: Token,
}

impl Claimed {
    /// Who bears the token at `at`. Waits for the issuer's keys where they are needed.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`]: [`SignIn::Expired`] for a token that only its age refuses,
    /// [`SignIn::Invalid`] for any other; [`Error::Unavailable`] as long as the issuer's keys have
    /// never been read.
    pub async fn identity(self, at: Moment) -> Result<Identity> {
        let Self { issuer, token } = self;
        let refused = |why| {
            log::debug!("a token of {} was refused: {why:?}", issuer.trusted.issuer);
            Error::Unauthenticated(match why {
                Refused::Expired => SignIn::Expired,
                Refused::Because(_) => SignIn::Invalid,
            })
        };
        if !issuer.trusted.algorithms.contains(&token.algorithm) {
            return Err(refused(Refused::Because("its algorithm is not the issuer's")));
        }
        let read = {
            let issuer = Arc::clone(&issuer);
            move || issuer.read_keys()
        };
        let key = issuer.cache.key(&token.kid, token.algorithm, at.steady, read).await?;
        let key = key.ok_or_else(|| refused(Refused::Because("no such key")))?;
        let user = issuer.check(&token, &key, at.seconds).map_err(refused)?;
        Ok(Identity { user, issuer: issuer.trusted.issuer.clone(), claims: token.claims })
    }
}

/// What is read of `{issuer}/.well-known/openid-configuration`.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Issuer {
    /// Whom a token stands for that `key` ought to have signed.
    fn check(&self, token: &Token, key: &Key, now: i64) -> Result<UserId, Refused> {
        if !token.is_signed_with(key) {
            return Err(Refused::Because("its signature is wrong"));
        }
        let Trusted { audience, nbf_optional, rules, .. } = &self.trusted;
        claims::check(&token.claims, audience, *nbf_optional, now)?;
        let rule = rules.iter().find(|rule| rule.fits(&token.claims));
        let rule = rule.ok_or(Refused::Because("no rule fits its claims"))?;
        rule.user(&token.claims).ok_or(Refused::Because("it has no claim that names a user"))
    }

    /// Reads the issuer's keys from where it publishes them. Blocks.
    fn read_keys(&self) -> Result<Vec<Key>, String> {
        let outcome = self.jwks_uri().and_then(|uri| {
            let keys = (self.fetch)(&uri).and_then(|body| keys::parse(&body));
            keys.map_err(|reason| format!("{uri}: {reason}"))
        });
        let issuer = &self.trusted.issuer;
        match &outcome {
            Ok(keys) => log::info!("read {} keys of {issuer}", keys.len()),
            Err(reason) => log::warn!("the keys of {issuer} cannot be read: {reason}"),
        }
        outcome
    }

    /// Where the keys are: as the settings say, or else as the issuer itself does.
    fn jwks_uri(&self) -> Result<String, String> {
        let Trusted { issuer, jwks_uri, .. } = &self.trusted;
        if let Some(uri) = jwks_uri {
            return Ok(uri.clone());
        }
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let told = |reason: String| format!("{place}: {reason}");
        let body = (self.fetch)(&place).map_err(told)?;
        let found = serde_json::from_slice::<Discovery>(&body);
        let found = found.map_err(|error| told(error.to_string()))?;
        if found.issuer != *issuer {
            return Err(told("names another issuer".to_owned()));
        }
        let checked = url::check(&found.jwks_uri).and_then(|()| {
            // Only an issuer on this machine may send us to this machine in the clear.
            let is_worse = issuer.starts_with("https:") && !found.jwks_uri.starts_with("https:");
            if is_worse { Err("must be https") } else { Ok(()) }
        });
        checked.map_err(|reason| told(format!("jwks_uri {reason}")))?;
        Ok(found.jwks_uri)
    }
}
