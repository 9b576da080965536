//! What a registry does before it serves: its own keys, and an administrator who can sign in.

use std::sync::Arc;

use uuid::Uuid;

use super::permit::roles_of;
use super::{
    Caller, Change, InProgress, IssuedKey, Memory, Meters, Registry, Repeatable, Settings, Tools,
    audit, now_millis, upgrade,
};
use crate::auth::keys::{self, KeyHasher};
use crate::auth::oidc::Issuers;
use crate::auth::tokens::Tokens;
use crate::catalogue::Catalogue;
use crate::domain::access::{Access, Need, Subject, SystemRole, Target, UserId};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::seal::{Keyring, Mac, Place, Seal};
use crate::storage::server_keys::{self, ServerKey};
use crate::storage::{Db, Tx, access_keys, seal_keys, subject_roles};

/// The name of the application that the first administrator's access key belongs to.
const ADMINISTRATOR: &str = "administrator";

/// What the key of the audit log's chain is for.
pub(super) const CHAINING: &str = "chain the audit log";

/// The id and secret that an operator chose for the first administrator's access key.
pub struct AdminKey {
    /// The id that signs in with it.
    pub id: String,
    /// The secret.
    pub secret: Secret,
}

/// The first administrator's access key, where it was made.
struct Made(Option<IssuedKey>);

impl Repeatable for Made {}

impl Registry {
    /// A registry over `db`, whose secrets are sealed with `seal`. Makes the server's own keys
    /// where they are missing, and fills in what an older version of the schema did not have.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when `seal` does not open what `db` holds.
    pub async fn open(db: Db, seal: impl Into<Seal>, settings: Settings) -> Result<Self> {
        let Settings { lifetime, resolve, hosts, references, protected_labels } = settings;
        let seal = seal.into();
        let ring = seal.ring();
        let (signing, hashing, mac, ages) = db
            .write(move |tx| {
                let begun = server_keys::list(tx)?.iter().any(|key| key.purpose == CHAINING);
                let signing = server_key(tx, &ring, "sign tokens")?;
                let hashing = server_key(tx, &ring, "hash access keys")?;
                let mac = Mac::new(&server_key(tx, &ring, CHAINING)?.1)?;
                upgrade::bind_secrets(tx, &ring)?;
                if !begun {
                    audit::begin(tx, &mac)?;
                }
                seal_keys::insert(tx, ring.id(), now_millis())?;
                Ok((signing, hashing, mac, seal_keys::list(tx)?))
            })
            .await?;
        let hasher = KeyHasher::new(&hashing.1)?;
        let catalogue = Catalogue::built_in();
        let rotation = Arc::default();
        let tools = Tools {
            memory: Memory::new(Arc::clone(db.freshness())),
            seal,
            rotation,
            mac,
            catalogue,
            hasher,
            resolve,
            hosts,
            references,
            protected_labels,
        };
        let tokens = Tokens::new(signing.0, &signing.1, lifetime);
        Ok(Self {
            db,
            tools: Arc::new(tools),
            tokens,
            issuers: Issuers::default(),
            in_progress: InProgress::default(),
            meters: Meters::of(&ages),
        })
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
        if self.db.read(has_administrator).await? {
            return Ok(None);
        }
        let key = match chosen {
            Some(AdminKey { id, secret }) => IssuedKey { id, secret },
            None => IssuedKey::new()?,
        };
        self.transact(&Caller::LOCAL, "administrator.create", move |change| {
            // Another server that starts at the same time may have made one since.
            if has_administrator(change.tx)? {
                return Ok(Made(None));
            }
            if access_keys::find(change.tx, &key.id)?.is_some() {
                return Err(Error::Conflict(
                    "PODIUM_ADMIN_KEY_ID names an access key that no longer works: \
                     choose another, or run `podium key recover`"
                        .into(),
                ));
            }
            change.add_administrator(&key)?;
            Ok(Made(Some(key)))
        })
        .await
        .map(|Made(key)| key)
    }

    /// Makes an access key for an operator at the database who has none left: of a new
    /// administrator, or of the `application` that is one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Conflict`] for an application that is no administrator.
    pub async fn recover_administrator(&self, application: Option<String>) -> Result<IssuedKey> {
        let key = IssuedKey::new()?;
        self.transact(&Caller::LOCAL, "administrator.recover", move |change| {
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
        self.one("administrator.create", Need::Access(Access::Update), &target, |change| {
            let subject = Subject::user(&UserId::of_application(&id));
            subject_roles::insert(change.tx, &subject, SystemRole::Admin.as_str())?;
            change.add_access_key(&id, key, None)
        })
    }

    /// Adds an access key to an application that is an administrator already.
    fn add_administrator_key(&mut self, id: &str, key: &IssuedKey) -> Result<()> {
        let target = Target::Application(id.to_owned());
        self.one("administrator.recover", Need::Access(Access::Update), &target, |change| {
            let roles = roles_of(change.tx, &UserId::of_application(id))?;
            if !roles.iter().any(|role| role.system == Some(SystemRole::Admin)) {
                return Err(Error::Conflict("the application is no administrator".into()));
            }
            change.add_access_key(id, key, None)
        })
    }
}

/// Whether there is an administrator who can sign in.
pub(super) fn has_administrator(tx: &mut dyn Tx) -> Result<bool> {
    let admin = SystemRole::Admin.as_str();
    Ok(subject_roles::has_key_holder(tx, admin, now_millis())?
        || subject_roles::has_person(tx, admin)?)
}

fn place<'a>(parts: &'a [&'a str; 2]) -> Place<'a> {
    Place { table: "server_key", parts }
}

/// The id and the key of the server for `purpose`, if it is there.
///
/// # Errors
///
/// [`Error::Internal`] when `ring` does not open it.
pub(super) fn kept_key(
    tx: &mut dyn Tx,
    ring: &Keyring,
    purpose: &str,
) -> Result<Option<(String, Secret)>> {
    let found = server_keys::list(tx)?.into_iter().find(|key| key.purpose == purpose);
    let Some(ServerKey { id, sealed, .. }) = found else { return Ok(None) };
    let wrong = |_| Error::internal("the seal key is not the one that sealed this database");
    let key = ring.open(&sealed, place(&[purpose, &id])).map_err(wrong)?;
    Ok(Some((id, key)))
}

/// As [`kept_key`]; it is made where it is missing.
fn server_key(tx: &mut dyn Tx, ring: &Keyring, purpose: &str) -> Result<(String, Secret)> {
    if let Some((id, key)) = kept_key(tx, ring, purpose)? {
        return Ok((id, key));
    }
    let (id, key) = (keys::new_id()?, keys::new_secret()?);
    let sealed = ring.seal(&key, place(&[purpose, &id]))?;
    let purpose = purpose.to_owned();
    server_keys::insert(tx, &ServerKey { purpose, id: id.clone(), sealed }, now_millis())?;
    Ok((id, key))
}
