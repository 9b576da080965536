//! What a registry does before it serves: its own keys, and the first administrator.

use std::sync::Arc;

use uuid::Uuid;

use super::{Caller, IssuedKey, Registry, Tools, now_millis};
use crate::auth::keys::{self, KeyHasher};
use crate::auth::oidc::Issuers;
use crate::auth::tokens::{Lifetime, Tokens};
use crate::catalogue::Catalogue;
use crate::domain::access::{Access, Need, Subject, SystemRole, Target, UserId};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::seal::{Keyring, Place};
use crate::storage::server_keys::{self, ServerKey};
use crate::storage::{Db, Tx, subject_roles};

/// The name of the application that the first administrator's access key belongs to.
const ADMINISTRATOR: &str = "administrator";

/// The id and secret that an operator chose for the first administrator's access key.
pub struct AdminKey {
    /// The id that signs in with it.
    pub id: String,
    /// The secret.
    pub secret: Secret,
}

impl Registry {
    /// A registry over `db`, whose secrets are sealed with `keyring`. Makes the server's own keys
    /// where they are missing.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when `keyring` does not open what `db` holds.
    pub async fn open(db: Db, keyring: Keyring, lifetime: Lifetime) -> Result<Self> {
        let (keyring, signing, hashing) = db
            .write(move |tx| {
                let signing = server_key(tx, &keyring, "sign tokens")?;
                let hashing = server_key(tx, &keyring, "hash access keys")?;
                Ok((keyring, signing, hashing))
            })
            .await?;
        let tools = Tools {
            keyring,
            catalogue: Catalogue::built_in(),
            hasher: KeyHasher::new(&hashing.1)?,
        };
        let tokens = Tokens::new(signing.0, &signing.1, lifetime);
        Ok(Self { db, tools: Arc::new(tools), tokens, issuers: Issuers::default() })
    }

    /// The registry, taking the tokens of `issuers` too.
    #[must_use]
    pub fn trusting(self, issuers: Issuers) -> Self {
        Self { issuers, ..self }
    }

    /// Makes the first administrator with the key that was `chosen`, or a new one, if no
    /// administrator has an access key. Gives the key that was made.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when the chosen key cannot be used.
    pub async fn first_administrator(&self, chosen: Option<AdminKey>) -> Result<Option<IssuedKey>> {
        let held = |tx: &mut dyn Tx| {
            subject_roles::has_key_holder(tx, SystemRole::Admin.as_str(), now_millis())
        };
        if self.db.read(held).await? {
            return Ok(None);
        }
        let key = match chosen {
            Some(AdminKey { id, secret }) => IssuedKey { id, secret },
            None => IssuedKey { id: keys::new_id()?, secret: keys::new_secret()? },
        };
        let id = Uuid::now_v7().to_string();
        self.transact(&Caller::Local, move |change| {
            change.add_application(id.clone(), ADMINISTRATOR.to_owned())?;
            let target = Target::Application(id.clone());
            change.one(Need::Access(Access::Update), &target, |change| {
                let subject = Subject::user(&UserId::of_application(&id));
                subject_roles::insert(change.tx, &subject, SystemRole::Admin.as_str())?;
                change.add_access_key(&id, &key, None)
            })?;
            Ok(Some(key))
        })
        .await
    }
}

/// The id and the key of the server for `purpose`, made where it is missing.
fn server_key(tx: &mut dyn Tx, keyring: &Keyring, purpose: &str) -> Result<(String, Secret)> {
    fn place<'a>(parts: &'a [&'a str; 2]) -> Place<'a> {
        Place { table: "server_key", parts }
    }
    if let Some(ServerKey { id, sealed }) = server_keys::find(tx, purpose)? {
        let wrong = |_| Error::internal("the seal key is not the one that sealed this database");
        return Ok((id.clone(), keyring.open(&sealed, place(&[purpose, &id])).map_err(wrong)?));
    }
    let (id, key) = (keys::new_id()?, keys::new_secret()?);
    let sealed = keyring.seal(&key, place(&[purpose, &id]))?;
    server_keys::insert(tx, purpose, &ServerKey { id: id.clone(), sealed }, now_millis())?;
    Ok((id, key))
}
