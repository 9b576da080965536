//! The keys of an issuer, kept, and when to read them again.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::Algorithm;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use super::keys::Key;
use crate::domain::{Error, Result};

/// How often the keys are read at the most, whoever asks for whatever.
const PAUSE: Duration = Duration::from_secs(60);

/// How old the keys get before they are read again: so long a key may work after its issuer has
/// withdrawn it. While the issuer cannot be reached they stay in force.
const LIFE: Duration = Duration::from_secs(3600);

/// The keys of an issuer. Requests that need them read wait for the one that reads.
#[derive(Default)]
pub struct Cache {
    kept: RwLock<Kept>,
    turn: Arc<Mutex<()>>,
}

/// What is kept: the keys, and when reading them last worked and was last tried.
#[derive(Default)]
struct Kept {
    keys: Vec<Arc<Key>>,
    read: Option<Instant>,
    tried: Option<Instant>,
}

/// What a look at the kept keys gives.
enum Found {
    Key(Arc<Key>),
    /// The keys must be read first.
    Ask,
    /// There is no such key.
    Nothing,
    /// No keys have been read yet, and it is too early to try again.
    NoKeys,
}

impl Kept {
    fn find(&self, kid: &str, algorithm: Algorithm, at: Instant) -> Found {
        let is_older = |when: Option<Instant>, age| {
            when.is_none_or(|when| at.saturating_duration_since(when) >= age)
        };
        let key = self.keys.iter().find(|key| key.kid == kid && key.fits(algorithm));
        match key {
            Some(key) if !is_older(self.read, LIFE) => Found::Key(Arc::clone(key)),
            _ if is_older(self.tried, PAUSE) => Found::Ask,
            Some(key) => Found::Key(Arc::clone(key)),
            None if self.read.is_some() => Found::Nothing,
            None => Found::NoKeys,
        }
    }

    /// Takes over what reading at `at` gave. The old keys stay when it failed, and go when it
    /// worked.
    fn store(&mut self, outcome: Result<Vec<Key>, String>, at: Instant) {
        self.tried = Some(at);
        if let Ok(keys) = outcome {
            self.keys = keys.into_iter().map(Arc::new).collect();
            self.read = Some(at);
        }
    }
}

impl Cache {
    /// The key `kid` for `algorithm`, if there is one at `at`; `read` reads the keys anew, where
    /// that is due.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when no keys could be read yet.
    pub async fn key(
        self: &Arc<Self>,
        kid: &str,
        algorithm: Algorithm,
        at: Instant,
        read: impl FnOnce() -> Result<Vec<Key>, String> + Send + 'static,
    ) -> Result<Option<Arc<Key>>> {
        if let Found::Ask = self.find(kid, algorithm, at) {
            let turn = Arc::clone(&self.turn).lock_owned().await;
            // Whoever had the turn before may have read what is wanted here.
            if let Found::Ask = self.find(kid, algorithm, at) {
                let cache = Arc::clone(self);
                // Goes on when the request that began it has gone: nobody can keep the keys from
                // being read by asking and leaving.
                let reading = spawn_blocking(move || {
                    let outcome = read();
                    let mut kept = cache.kept.write().unwrap_or_else(PoisonError::into_inner);
                    kept.store(outcome, at);
                    drop(turn);
                });
                reading.await.map_err(Error::internal)?;
            }
        }
        match self.find(kid, algorithm, at) {
            Found::Key(key) => Ok(Some(key)),
            Found::Nothing => Ok(None),
            Found::Ask | Found::NoKeys => {
                Err(Error::Unavailable("the identity provider's keys cannot be read"))
            }
        }
    }

    fn find(&self, kid: &str, algorithm: Algorithm, at: Instant) -> Found {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).find(kid, algorithm, at)
    }
}
