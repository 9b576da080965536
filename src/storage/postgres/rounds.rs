//! Asking once for many: who asks while a round is under way shares the next one.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::domain::{Error, Result};

/// Rounds of a question whose answer must not be older than the asking.
#[derive(Default)]
pub(super) struct Rounds {
    begun: AtomicU64,
    ended: Mutex<Ended>,
}

/// The latest round that has ended.
#[derive(Default)]
struct Ended {
    number: u64,
    has_failed: bool,
}

impl Rounds {
    /// Waits for a round that begins after this moment, or begins it with `ask`.
    ///
    /// # Errors
    ///
    /// What `ask` gives; [`Error::Unavailable`] where the round of another has failed.
    pub async fn join<A>(&self, ask: impl FnOnce() -> A) -> Result<()>
    where
        A: Future<Output = Result<()>>,
    {
        let begun = self.begun.load(Ordering::SeqCst);
        let mut ended = self.ended.lock().await;
        if ended.number > begun {
            let failed = Error::Unavailable("the database cannot be asked");
            return if ended.has_failed { Err(failed) } else { Ok(()) };
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let outcome = ask().await;
        *ended = Ended { number, has_failed: outcome.is_err() };
        outcome
    }
}
