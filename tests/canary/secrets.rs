//! The secrets of a run: canaries, and what the server makes itself.

use std::cell::RefCell;
use std::collections::BTreeSet;

use data_encoding::HEXLOWER;

/// What every canary begins with. Nothing that may be shown holds it.
pub const MARKER: &str = "CANARY-";

/// The number of a secret.
pub type Id = usize;

/// Several of them.
pub type Ids = BTreeSet<Id>;

/// All secrets of a run, by their number.
#[derive(Default)]
pub struct Secrets(RefCell<Vec<Vec<u8>>>);

impl Secrets {
    /// A new secret, of 128 random bits.
    pub fn canary(&self) -> String {
        let mut random = [0; 16];
        getrandom::fill(&mut random).unwrap();
        let canary = format!("{MARKER}{}", HEXLOWER.encode(&random));
        self.add(&canary);
        canary
    }

    /// Remembers a secret that was made elsewhere.
    pub fn add(&self, secret: impl AsRef<[u8]>) -> Id {
        let mut all = self.0.borrow_mut();
        all.push(secret.as_ref().to_vec());
        all.len() - 1
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// What `work` makes, and the secrets that it made for that.
    pub fn in_use<T>(&self, work: impl FnOnce() -> T) -> (T, Ids) {
        let before = self.count();
        let made = work();
        (made, (before..self.count()).collect())
    }

    /// All of them, in order.
    pub fn all(&self) -> Vec<Vec<u8>> {
        self.0.borrow().clone()
    }
}
