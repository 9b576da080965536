//! The keys of a running server, which a rotation replaces.

use std::sync::{Arc, PoisonError, RwLock};

use super::Keyring;
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};

/// What is said when new keys cannot be kept.
const UNKEPT: &str = "the file of the seal key cannot be written, and the log says why; if it is \
    read-only, put a new key before the old one in it, and restart";

/// Keeps the text of a keyring where the next start finds it, in the place of the former keyring,
/// which must be what is there. An error is told in one line.
pub type Keep = dyn Fn(&Keyring, &Secret) -> Result<(), String> + Send + Sync;

/// The keyring of a running server, which a rotation replaces.
pub struct Seal {
    ring: RwLock<Arc<Keyring>>,
    keep: Option<Box<Keep>>,
}

impl Seal {
    /// A seal whose keys are kept in a file of the server's own.
    pub fn kept(ring: Keyring, keep: Box<Keep>) -> Self {
        Self { keep: Some(keep), ..Self::from(ring) }
    }

    /// The keys of now.
    pub fn ring(&self) -> Arc<Keyring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether new keys can be kept, so that the server may make one.
    pub fn makes_keys(&self) -> bool {
        self.keep.is_some()
    }

    /// Keeps `text`, where that is the server's to do, and uses its keys from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when it cannot be kept.
    pub fn replace(&self, text: &Secret) -> Result<()> {
        if let Some(keep) = &self.keep {
            keep(&self.ring(), text).map_err(|cause| {
                log::error!("{cause}");
                Error::Unavailable(UNKEPT)
            })?;
        }
        let ring = Keyring::parse(text).map_err(|bad| Error::internal(bad.to_string()))?;
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }
}

impl From<Keyring> for Seal {
    fn from(ring: Keyring) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), keep: None }
    }
}
