//! What a registry does before it serves: its own keys, and an administrator who can sign in.

use std::sync::Arc;

use uuid::Uuid;

use super::permit::roles_of;
use super::{Caller, Change, IssuedKey, Registry, Tools, now_millis};
use crate::auth::keys::{self, KeyHasher};
use crate::auth::oidc::Issuers;
use crate::auth::tokens::{Lifetime, Tokens};
use crate::catalogue::Catalogue;
use crate::domain::access::{Access, Need, Subject, SystemRole, Target, UserId};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::seal::{Keyring, Place};
use crate::storage::server_keys::{self, ServerKey};
use crate::storage::{Db, Tx, access_keys, subject_roles};

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

    /// Makes the first administrator with the key that was `chosen`, or a new one, if there is no
    /// administrator: neither an application with a working access key nor a person. Gives the key
    /// that was made.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when the id of the chosen key is taken by one that does not work.
    pub async fn first_administrator(&self, chosen: Option<AdminKey>) -> Result<Option<IssuedKey>> {
        let held = |tx: &mut dyn Tx| {
            let admin = SystemRole::Admin.as_str();
            Ok(subject_roles::has_key_holder(tx, admin, now_millis())?
                || subject_roles::has_person(tx, admin)?)
        };
        if self.db.read(held).await? {
            return Ok(None);
        }
        let key = match chosen {
            Some(AdminKey { id, secret }) => IssuedKey { id, secret },
            None => IssuedKey::new()?,
        };
        self.transact(&Caller::Local, move |change| {
            if access_keys::find(change.tx, &key.id)?.is_some() {
                return Err(Error::Conflict(
                    "PODIUM_ADMIN_KEY_ID names an access key that no longer works: \
                     choose another, or run `podium key recover`",
                ));
            }
            change.add_administrator(&key)?;
            Ok(Some(key))
        })
        .await
    }

    /// Makes an access key for an operator at the database who has none left: of a new
    /// administrator, or of the `application` that is one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Conflict`] for an application that is no administrator.
    pub async fn recover_administrator(&self, application: Option<String>) -> Result<IssuedKey> {
        let key = IssuedKey::new()?;
        self.transact(&Caller::Local, move |change| {
            match application {
                None => change.add_administrator(&key)?,
                Some(id) => change.add_administrator_key(&id, &key)?,
            }
            Ok(key)
        })
        .await
    }
}

impl Change<'_> {
    /// Adds an application that is an administrator, with its access key.
    fn add_administrator(&mut self, key: &IssuedKey) -> Result<()> {
        let id = Uuid::now_v7().to_string();
        self.add_application(id.clone(), ADMINISTRATOR.to_owned())?;
        let target = Target::Application(id.clone());
        self.one(Need::Access(Access::Update), &target, |change| {
            let subject = Subject::user(&UserId::of_application(&id));
            subject_roles::insert(change.tx, &subject, SystemRole::Admin.as_str())?;
            change.add_access_key(&id, key, None)
        })
    }

    /// Adds an access key to an application that is an administrator already.
    fn add_administrator_key(&mut self, id: &str, key: &IssuedKey) -> Result<()> {
        let target = Target::Application(id.to_owned());
        self.one(Need::Access(Access::Update), &target, |change| {
            let roles = roles_of(change.tx, &UserId::of_application(id))?;
            if !roles.iter().any(|role| role.system == Some(SystemRole::Admin)) {
                return Err(Error::Conflict("the application is no administrator"));
            }
            change.add_access_key(id, key, None)
        })
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
