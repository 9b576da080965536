//! Requests that are sent again with the key of the first: the change is made once, and its
//! result is given again.
//!
//! The result is kept, sealed, in the transaction of the change itself, so that there is never one
//! without the other. A change that fails keeps nothing: it may be tried again.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Caller, Change, Repeat};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::seal::{Keyring, Place};
use crate::storage::idempotency::{self, Kept};

/// For how long results are kept, in milliseconds.
const LIFE: i64 = 86_400_000;

/// How many that have ended go with each new one. More than come, so that none pile up.
const SWEEP: i64 = 100;

/// What a change gives, and how that is kept for a repetition. What says nothing of it is not
/// kept, and the change is made again.
pub(super) trait Repeatable: Sized {
    /// The result as text.
    fn keep(&self) -> Result<Option<Secret>> {
        Ok(None)
    }

    /// The result that was kept as `text`.
    fn again(_text: &Secret) -> Result<Self> {
        Err(Error::internal("this result is not kept"))
    }
}

impl<T: Serialize + DeserializeOwned> Repeatable for T {
    fn keep(&self) -> Result<Option<Secret>> {
        let text = serde_json::to_string(self).map_err(Error::internal)?;
        Ok(Some(Secret::new(text)))
    }

    fn again(text: &Secret) -> Result<Self> {
        serde_json::from_str(text.expose()).map_err(Error::internal)
    }
}

impl Change<'_> {
    /// Runs `work`, or where the request was served before, gives what it gave then.
    ///
    /// # Errors
    ///
    /// What `work` gives; [`Error::KeyReused`] when that was another request.
    pub(super) fn once<T: Repeatable>(
        &mut self,
        repeat: &Repeat,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if let Some(again) = self.repeated(repeat)? {
            return Ok(again);
        }
        let done = work(self)?;
        if let Some(result) = done.keep()? {
            let request = self.tools.mac.request(&repeat.digest);
            let user = self.who.user.as_str().to_owned();
            let kept = Kept { user, key: repeat.key.clone(), request, sealed: String::new() };
            let ring = self.tools.seal.ring();
            let kept = Kept { sealed: ring.seal(&result, place(&kept.parts()))?, ..kept };
            idempotency::sweep(self.tx, self.now - LIFE, SWEEP)?;
            idempotency::upsert(self.tx, &kept, ring.id(), self.now)?;
        }
        Ok(done)
    }

    /// What the request gave, if it was served before.
    ///
    /// # Errors
    ///
    /// [`Error::KeyReused`] when that was another request.
    pub(super) fn repeated<T: Repeatable>(&mut self, repeat: &Repeat) -> Result<Option<T>> {
        let user = self.who.user.as_str();
        let Some(kept) = idempotency::find(self.tx, user, &repeat.key, self.now - LIFE)? else {
            return Ok(None);
        };
        if kept.request != self.tools.mac.request(&repeat.digest) {
            return Err(Error::KeyReused);
        }
        T::again(&open(&self.tools.seal.ring(), &kept)?).map(Some)
    }

    /// Seals up to `limit` results again that `old` has sealed; whether there were any.
    pub(super) fn seal_results_again(&mut self, old: &str, limit: i64) -> Result<bool> {
        let ring = self.tools.seal.ring();
        let found = idempotency::sealed_with(self.tx, old, limit)?;
        for kept in &found {
            let sealed = ring.seal(&open(&ring, kept)?, place(&kept.parts()))?;
            idempotency::reseal(self.tx, kept, ring.id(), &sealed)?;
        }
        Ok(!found.is_empty())
    }
}

fn open(ring: &Keyring, kept: &Kept) -> Result<Secret> {
    ring.open(&kept.sealed, place(&kept.parts()))
}

/// The place of a result: nobody else's, and no other request's.
fn place<'a>(parts: &'a [&'a str]) -> Place<'a> {
    Place { table: "idempotency", parts }
}

/// The requests with a key that this server is serving: the user and the key of each.
#[derive(Clone, Default)]
pub(super) struct InProgress(Arc<Mutex<HashSet<(String, String)>>>);

impl InProgress {
    /// Begins to serve a request, if it has a key.
    ///
    /// # Errors
    ///
    /// [`Error::InProgress`] while another with the same key is being served.
    pub fn begin(&self, caller: &Caller) -> Result<Option<Serving>> {
        let (Some(repeat), Some(user)) = (&caller.terms.repeat, caller.user()) else {
            return Ok(None);
        };
        let entry = (user.to_owned(), repeat.key.clone());
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !entries.insert(entry.clone()) {
            return Err(Error::InProgress);
        }
        Ok(Some(Serving { all: self.clone(), entry }))
    }
}

/// One request with a key, until this is dropped. It goes with the write, which is finished also
/// when the client has gone.
pub(super) struct Serving {
    all: InProgress,
    entry: (String, String),
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}
