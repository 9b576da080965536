//! Signing in: an access key's id and secret become a token.

use super::{Caller, Registry, now_millis};
use crate::domain::application::Application;
use crate::domain::error::SignIn;
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::storage::access_keys;

impl Registry {
    /// A token for the bearer of an access key. It lives for `expiration` milliseconds, within
    /// the limits of the server.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] alike for an unknown id, a wrong secret and a paused key.
    pub async fn sign_in(
        &self,
        key_id: &str,
        secret: &Secret,
        expiration: Option<i64>,
    ) -> Result<String> {
        let found = self.db.read(|tx| access_keys::find_for_sign_in(tx, key_id)).await?;
        let hash = found.as_ref().map(|key| key.secret_hash.as_str());
        let fits = self.tools.hasher.verify(key_id, secret, hash);
        match found {
            Some(key) if fits && key.active => {
                let subject = Application::user_id(&key.application);
                self.tokens.issue(&subject, key_id, now_millis(), expiration)
            }
            _ => Err(Error::Unauthenticated(SignIn::Credentials)),
        }
    }

    /// Who bears `token`, coming from `address`.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`].
    pub fn caller(&self, token: &str, address: Option<String>) -> Result<Caller> {
        Ok(Caller::Token { claims: self.tokens.verify(token)?, address })
    }
}
