//! How much a client may ask, and how long it may take to do so.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::Data;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::domain::{Error, Result};

/// After how many requests those callers are forgotten who have not called for a while.
const SWEEP: usize = 10_000;

/// The limits of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections are open at once; more wait to be accepted.
    pub connections: usize,
    /// How long a TLS handshake and the head of a request may take, and a connection may be silent.
    pub head: Duration,
    /// How long a body may take, and an answer may wait for its client to take any of it.
    pub body: Duration,
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// The largest body of a bulk save, in bytes.
    pub bulk_bytes: usize,
    /// How many requests a caller may send in a second, and in a burst of one.
    pub rate: Option<NonZeroU32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            body_bytes: 1024 * 1024,
            bulk_bytes: 8 * 1024 * 1024,
            rate: NonZeroU32::new(10_000),
        }
    }
}

impl Limits {
    /// The limits of the server that serves `req`.
    pub fn of(req: &HttpRequest) -> Self {
        req.app_data::<Data<Self>>().map(|limits| ***limits).unwrap_or_default()
    }

    /// The largest body of a kind of request, in bytes.
    pub fn bytes(&self, is_bulk: bool) -> usize {
        if is_bulk { self.bulk_bytes } else { self.body_bytes }
    }
}

/// How much each caller has asked.
pub struct Rates {
    limiter: Option<DefaultKeyedRateLimiter<String>>,
    admitted: AtomicUsize,
}

impl Rates {
    /// Counts by these limits.
    pub fn new(limits: &Limits) -> Self {
        let limiter = limits.rate.map(|rate| RateLimiter::keyed(Quota::per_second(rate)));
        Self { limiter, admitted: AtomicUsize::new(0) }
    }

    /// Counts a request of `caller`, who may be anything that tells callers apart.
    ///
    /// # Errors
    ///
    /// [`Error::TooMany`] where it is one too many.
    pub fn admit(&self, caller: &str) -> Result<()> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        if self.admitted.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            limiter.retain_recent();
        }
        limiter.check_key(&caller.to_owned()).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Error::TooMany { seconds: wait.as_secs() + 1 }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_caller_has_a_rate_of_their_own() {
        let rates = Rates::new(&Limits { rate: NonZeroU32::new(3), ..Limits::default() });
        for _ in 0..3 {
            assert!(rates.admit("one").is_ok());
        }
        assert!(matches!(rates.admit("one"), Err(Error::TooMany { seconds: 1 })));
        assert!(rates.admit("other").is_ok());
        let none = Rates::new(&Limits { rate: None, ..Limits::default() });
        assert!((0..100_000).all(|_| none.admit("one").is_ok()));
    }

    #[test]
    fn callers_who_are_long_gone_are_forgotten() {
        // At this rate, a nanosecond is long.
        let rates = Rates::new(&Limits { rate: Some(NonZeroU32::MAX), ..Limits::default() });
        for caller in 0..2 * SWEEP {
            assert!(rates.admit(&caller.to_string()).is_ok());
        }
        assert!(rates.limiter.as_ref().unwrap().len() < SWEEP);
    }
}
