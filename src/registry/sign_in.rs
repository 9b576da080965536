//! Signing in: an access key's id and secret become a token, or are sent in the place of one.
//! Guessing is slowed down.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Caller, Registry, Who, audit, now_millis};
use crate::auth::keys;
use crate::auth::oidc::Moment;
use crate::domain::access::{Access, UserId};
use crate::domain::application::AccessKey;
use crate::domain::audit::{Entry, Outcome};
use crate::domain::error::SignIn;
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::seal::Mac;
use crate::storage::sign_in_failures::Failures;
use crate::storage::{Tx, access_keys, sign_in_failures};

/// For how long failures are counted, in milliseconds.
const WINDOW: i64 = 60_000;

/// Failures with one key id from one address after which that pair must wait.
const MOST_OF_PAIR: i64 = 10;

/// Failures from one address, whatever the key ids, after which it must wait.
const MOST_OF_ADDRESS: i64 = 100;

/// How often the last use of a key is noted, in milliseconds.
const NOTED_EVERY: i64 = 60_000;

impl Registry {
    /// A token for the bearer of an access key, who calls from `address`. It lives for
    /// `expiration` milliseconds, within the limits of the server.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] alike for an unknown id, a wrong secret and a key that is paused
    /// or has ended; [`Error::TooMany`] after too many failures.
    pub async fn sign_in(
        &self,
        key_id: &str,
        secret: &Secret,
        expiration: Option<i64>,
        address: Option<IpAddr>,
    ) -> Result<String> {
        let now = now_millis();
        let key = self.key_in_force(key_id, secret, address, now, false).await?;
        let key = key.ok_or(Error::Unauthenticated(SignIn::Credentials))?;
        let user = UserId::of_application(&key.application);
        self.tokens.issue(user.as_str(), key_id, now, expiration)
    }

    /// The access key `key_id`, if this is its secret and it is in force at `now`. Its use is
    /// noted.
    ///
    /// Failures are counted for each pair of key id and address and for each address, in a write
    /// of their own. Nobody can lock out the owner of a key from another address. Where the secret
    /// is `random`, as all that we make are, its bearer does not wait for what others do at theirs:
    /// nobody guesses it, and an API key is looked at with every request.
    ///
    /// # Errors
    ///
    /// [`Error::TooMany`] after too many failures.
    async fn key_in_force(
        &self,
        key_id: &str,
        secret: &Secret,
        address: Option<IpAddr>,
        now: i64,
        random: bool,
    ) -> Result<Option<AccessKey>> {
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        let (id, from, tools) = (key_id.to_owned(), address.clone(), Arc::clone(&self.tools));
        let read = self.db.read(move |tx| {
            let found = access_keys::find_with_hash(tx, &id)?;
            let counted = counted(&tools.mac, &id, found.is_some());
            let failures = sign_in_failures::find(tx, &counted, &from, now - WINDOW)?;
            Ok((counted, failures, found))
        });
        let (counted, failures, found) = read.await?;
        let hash = found.as_ref().map(|(_, hash)| hash.as_str());
        let fits = self.tools.hasher.verify(key_id, secret, hash);
        if !(fits && random) {
            refuse_guessing(&failures, now)?;
        }
        match found {
            Some((key, _)) if fits && key.is_usable(now) => {
                if key.last_used_on.is_none_or(|last| now - last >= NOTED_EVERY) {
                    self.note_use(key.id.clone(), now).await;
                }
                Ok(Some(key))
            }
            _ => {
                self.count_failure(counted, &address, now).await?;
                Ok(None)
            }
        }
    }

    /// Counts a failure and records it. What was guessed at the same moment is looked at one by
    /// one here, so that no more get an answer than may.
    async fn count_failure(&self, id: String, address: &str, now: i64) -> Result<()> {
        self.meters.sign_in_failures.inc();
        let from = address.to_owned();
        let tools = Arc::clone(&self.tools);
        let count = move |tx: &mut dyn Tx| {
            refuse_guessing(&sign_in_failures::find(tx, &id, &from, now - WINDOW)?, now)?;
            sign_in_failures::add(tx, &id, &from, now, now - WINDOW)?;
            audit::append(tx, &tools.mac, failed_sign_in(id, from, now))
        };
        self.db.write(count).await
    }

    /// Notes the use of a key. That it cannot be noted keeps nobody out.
    async fn note_use(&self, id: String, now: i64) {
        let noted = self.db.write(move |tx| access_keys::set_last_used(tx, &id, now)).await;
        if let Err(error) = noted {
            log::warn!("the use of an access key could not be noted: {error:?}");
        }
    }

    /// Who bears `token`, coming from `address`. A token is never of two kinds: an API key begins
    /// as nothing else does, and ours have no `iss`, which names the provider in all others.
    ///
    /// The secret of an API key is looked at here and then forgotten: the id of a key never gets
    /// another one. Whether the key is still in force is asked again in the transaction of each
    /// operation.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`]; [`Error::Unavailable`] as long as a provider's keys are not
    /// known; [`Error::TooMany`] after too many failures with access keys.
    pub async fn caller(&self, token: &str, address: Option<IpAddr>) -> Result<Caller> {
        if let Some((id, secret)) = keys::parse_api_key(token) {
            let random = keys::is_random(&secret);
            let key = self.key_in_force(&id, &secret, address, now_millis(), random).await?;
            let key = key.ok_or(Error::Unauthenticated(SignIn::Invalid))?;
            let sub = UserId::of_application(&key.application).to_string();
            return Ok(Who::Key { sub, key: key.id, address }.into());
        }
        let refused = match self.tokens.verify(token) {
            Ok(claims) => return Ok(Who::Token { claims, address }.into()),
            Err(error) => error,
        };
        let claimed = match refused {
            Error::Unauthenticated(SignIn::Invalid) => self.issuers.claimed(token),
            _ => None,
        };
        let identity = claimed.ok_or(refused)?.identity(Moment::now()).await?;
        Ok(Who::Federated { identity: Arc::new(identity), address }.into())
    }
}

/// The record of a sign-in that failed. Whose key it was tried with is not told: nobody has signed
/// in.
fn failed_sign_in(key_id: String, address: String, at: i64) -> Entry {
    Entry {
        subject: String::new(),
        target_id: key_id.clone(),
        key_id,
        address: Some(address),
        action: "sign-in",
        access: Access::Execute,
        target_kind: "ACCESS_KEY",
        outcome: Outcome::Failed,
        detail: Map::new(),
        at,
    }
}

/// A key id as failures are counted and recorded under it: itself where a key has it, or had it
/// before it was deleted. Anything else may be a secret in the wrong field, and of that only the
/// fingerprint is kept. That is made for every id, so that the time tells nothing of which are
/// there.
fn counted(mac: &Mac, key_id: &str, known: bool) -> String {
    let fingerprint = mac.fingerprint(&Secret::new(Value::from(key_id).to_string()));
    if known || keys::is_id(key_id) { key_id.to_owned() } else { fingerprint }
}

/// Refuses to look at a secret after too many wrong ones.
fn refuse_guessing(failures: &Failures, now: i64) -> Result<()> {
    let since = if failures.of_pair >= MOST_OF_PAIR {
        failures.pair_since
    } else if failures.of_address >= MOST_OF_ADDRESS {
        failures.address_since
    } else {
        return Ok(());
    };
    // A failure that was counted meanwhile, or by another server, may be later than this moment.
    let wait = (since + WINDOW - now).clamp(1, WINDOW);
    Err(Error::TooMany { seconds: u64::try_from(wait).unwrap_or(1).div_ceil(1000) })
}
