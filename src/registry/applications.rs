//! Applications: their access keys and roles.

use uuid::Uuid;

use super::pages::{part, span};
use super::{Caller, Change, Reading, Registry, Repeatable};
use crate::auth::keys;
use crate::domain::access::{Access, Kind, Need, Subject, Target, UserId};
use crate::domain::application::{AccessKey, Application};
use crate::domain::name;
use crate::domain::page::{Page, Part};
use crate::domain::secret::Secret;
use crate::domain::tag::Tag;
use crate::domain::{Error, Result};
use crate::storage::{Tx, access_keys, applications, subject_roles, tags};

/// The longest that a rotated key may live on beside the new one: 30 days, in milliseconds.
const LONGEST_OVERLAP: i64 = 30 * 86_400_000;

/// A new access key. Its secret is shown this once and never again.
pub struct IssuedKey {
    /// The id that signs in with it.
    pub id: String,
    /// The secret.
    pub secret: Secret,
}

impl IssuedKey {
    /// A new random key.
    pub(super) fn new() -> Result<Self> {
        Ok(Self { id: keys::new_id()?, secret: keys::new_secret()? })
    }

    /// Both as one string, which can be sent in the place of a token.
    pub fn api_key(&self) -> Secret {
        keys::api_key(&self.id, &self.secret)
    }
}

impl Repeatable for IssuedKey {
    fn keep(&self) -> Result<Option<Secret>> {
        let text = serde_json::to_string(&(&self.id, self.secret.expose()));
        text.map(|text| Some(Secret::new(text))).map_err(Error::internal)
    }

    fn again(text: &Secret) -> Result<Self> {
        let (id, secret) = serde_json::from_str(text.expose()).map_err(Error::internal)?;
        Ok(Self { id, secret: Secret::new(secret) })
    }
}

impl Registry {
    /// The part of the applications that the caller can see, with their tags, oldest first.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn applications(
        &self,
        caller: &Caller,
        wanted: Part,
    ) -> Result<Page<(Application, Vec<Tag>), String>> {
        self.list(caller, move |look, sight| {
            let found = part(
                &wanted,
                |after, most| applications::list(look.tx, after, most),
                |application| &application.id,
                |application| sight.thing(Kind::Application, &application.id),
            )?;
            let (first, last) = span(&found.items, |application| &application.id);
            let mut tags = tags::by_target(look.tx, Kind::Application, first, last)?;
            Ok(found.map(|application| {
                let tags = tags.remove(&application.id).unwrap_or_default();
                (application, tags)
            }))
        })
        .await
    }

    /// The application `id`. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn application(&self, caller: &Caller, id: String) -> Result<Application> {
        let target = Target::Application(id.clone());
        self.look(caller, Access::Read, target, move |look| found(look.tx, &id)).await
    }

    /// The application that the access key `key` belongs to. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn application_of_key(&self, caller: &Caller, key: String) -> Result<Application> {
        self.list(caller, move |look, _| {
            let key = access_keys::find(look.tx, &key)?.ok_or_else(|| no_such_key(&key))?;
            let target = Target::Application(key.application.clone());
            super::permit::require(look.tx, &look.who, Access::Read, &target)?;
            found(look.tx, &key.application)
        })
        .await
    }

    /// Makes an application, which belongs to its creator. Needs the right to create
    /// applications.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::Forbidden`].
    pub async fn create_application(&self, caller: &Caller, name: String) -> Result<Application> {
        name::check("name", &name)?;
        let id = Uuid::now_v7().to_string();
        self.transact(caller, "application.create", move |change| change.add_application(id, name))
            .await
    }

    /// Renames an application. Needs UPDATE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Invalid`], [`Error::Forbidden`].
    pub async fn rename_application(
        &self,
        caller: &Caller,
        id: String,
        name: String,
    ) -> Result<Application> {
        name::check("name", &name)?;
        self.change_application(
            caller,
            "application.rename",
            Access::Update,
            whole(id),
            move |change, id, _| {
                change.note("name", &*name);
                let existing = found(change.tx, id)?;
                let stamps = change.stamps(Some(&existing.stamps));
                let application = Application { id: id.to_owned(), name, stamps };
                applications::upsert(change.tx, &application)?;
                Ok(application)
            },
        )
        .await
    }

    /// Deletes an application with its access keys, roles, grants and tags. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] for the last administrator.
    pub async fn delete_application(&self, caller: &Caller, id: String) -> Result<()> {
        self.change_application(
            caller,
            "application.delete",
            Access::Delete,
            whole(id),
            |change, id, _| change.remove_application(id),
        )
        .await
    }

    /// The access keys of an application, oldest first. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn access_keys(
        &self,
        caller: &Caller,
        application: String,
    ) -> Result<Vec<AccessKey>> {
        let target = Target::Application(application.clone());
        self.look(caller, Access::Read, target, move |look| {
            access_keys::list(look.tx, &application)
        })
        .await
    }

    /// Makes an access key for an application, which ends at `expires_on` (epoch milliseconds)
    /// if that is given. Needs UPDATE on the application, and to hold all that it has.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::NotHeld`], [`Error::Invalid`].
    pub async fn create_access_key(
        &self,
        caller: &Caller,
        application: String,
        expires_on: Option<i64>,
    ) -> Result<IssuedKey> {
        let key = IssuedKey::new()?;
        self.change_application(
            caller,
            "key.create",
            Access::Update,
            Reading::AccessKeys(application),
            move |change, id, target| {
                if expires_on.is_some_and(|end| end <= change.now) {
                    return Err(Error::invalid("expiresAt", "must be in the future"));
                }
                change.may_act_as(&UserId::of_application(id), target)?;
                change.add_access_key(id, &key, expires_on)?;
                Ok(key)
            },
        )
        .await
    }

    /// Makes a new access key in the place of `key`, which lives on for `overlap` milliseconds.
    /// Needs UPDATE on the application, and to hold all that it has.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::NotHeld`], [`Error::Invalid`],
    /// [`Error::Conflict`] for a key that is paused or has ended.
    pub async fn rotate_access_key(
        &self,
        caller: &Caller,
        application: String,
        key: String,
        overlap: i64,
    ) -> Result<IssuedKey> {
        if !(0..=LONGEST_OVERLAP).contains(&overlap) {
            return Err(Error::invalid("overlapSeconds", "must be from 0 to 2592000 (30 days)"));
        }
        let new = IssuedKey::new()?;
        self.change_application(
            caller,
            "key.rotate",
            Access::Update,
            Reading::AccessKeys(application),
            move |change, id, target| {
                let old = key_of(change, id, &key)?;
                change.note("replaced", &*key);
                if !old.is_usable(change.now) {
                    return Err(Error::Conflict("only a key that works can be rotated".into()));
                }
                change.may_act_as(&UserId::of_application(id), target)?;
                change.add_access_key(id, &new, None)?;
                let end = change.now + overlap;
                let end = old.expires_on.map_or(end, |earlier| earlier.min(end));
                change.note("until", end);
                access_keys::set_expiry(change.tx, &key, end)?;
                Ok(new)
            },
        )
        .await
    }

    /// Pauses an access key, or takes it up again. Needs UPDATE on the application, and to take
    /// it up, to hold all that it has.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::NotHeld`], [`Error::Conflict`] for the
    /// last administrator.
    pub async fn toggle_access_key(
        &self,
        caller: &Caller,
        application: String,
        key: String,
    ) -> Result<AccessKey> {
        self.change_application(
            caller,
            "key.toggle",
            Access::Update,
            Reading::AccessKeys(application),
            move |change, id, target| {
                let found = key_of(change, id, &key)?;
                change.note("key", &*key);
                change.note("active", !found.active);
                if !found.active {
                    change.may_act_as(&UserId::of_application(id), target)?;
                }
                change.keeping_an_administrator(|change| {
                    access_keys::set_active(change.tx, &key, !found.active)
                })?;
                Ok(AccessKey { active: !found.active, ..found })
            },
        )
        .await
    }

    /// Deletes an access key. Needs UPDATE on the application.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] for the last administrator.
    pub async fn delete_access_key(
        &self,
        caller: &Caller,
        application: String,
        key: String,
    ) -> Result<()> {
        self.change_application(
            caller,
            "key.delete",
            Access::Update,
            Reading::AccessKeys(application),
            move |change, id, _| {
                key_of(change, id, &key)?;
                change.note("key", &*key);
                change.keeping_an_administrator(|change| access_keys::delete(change.tx, &key))
            },
        )
        .await
    }

    /// Gives an application a role. Needs UPDATE on it, and to hold all that the role gives.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the application and for the role, [`Error::Invalid`] when the role
    /// has to stand alone, [`Error::Forbidden`], [`Error::NotHeld`].
    pub async fn add_role(&self, caller: &Caller, application: String, role: String) -> Result<()> {
        self.change_application(
            caller,
            "role.add",
            Access::Update,
            whole(application),
            move |change, id, target| change.give_role(id, &role, target),
        )
        .await
    }

    /// Takes a role away; one that it does not have is no error. Needs UPDATE on the application.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the application and for the role, [`Error::Forbidden`],
    /// [`Error::Conflict`] for the last administrator.
    pub async fn remove_role(
        &self,
        caller: &Caller,
        application: String,
        role: String,
    ) -> Result<()> {
        self.change_application(
            caller,
            "role.remove",
            Access::Update,
            whole(application),
            move |change, id, _| change.take_role(id, &role),
        )
        .await
    }

    /// As [`Registry::change`], of one application or its keys.
    async fn change_application<T: Repeatable + Send + 'static>(
        &self,
        caller: &Caller,
        action: &'static str,
        access: Access,
        of: Reading,
        work: impl FnOnce(&mut Change<'_>, &str, &Target) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let target = of.target()?;
        self.change(caller, action, Need::Access(access), of, move |change| {
            work(change, &target.id(), &target)
        })
        .await
    }
}

impl Change<'_> {
    /// Adds an application, permitted and recorded.
    pub(super) fn add_application(&mut self, id: String, name: String) -> Result<Application> {
        let target = Target::Application(id.clone());
        self.one("application.create", Need::Save, &target, |change| {
            change.note("name", &*name);
            let application = Application { id, name, stamps: change.stamps(None) };
            applications::upsert(change.tx, &application)?;
            change.own(&target)?;
            Ok(application)
        })
    }

    /// Removes an application, which the caller may do, with all that hangs on it.
    pub(super) fn remove_application(&mut self, id: &str) -> Result<()> {
        self.keeping_an_administrator(|change| {
            change.forget_user(&UserId::of_application(id))?;
            change.forget(&Target::Application(id.to_owned()))?;
            applications::delete(change.tx, id)
        })
    }

    /// Gives a role to an application that the caller may change.
    pub(super) fn give_role(&mut self, id: &str, role: &str, target: &Target) -> Result<()> {
        self.role_to_give(role, target)?;
        self.note("role", role);
        let user = UserId::of_application(id);
        subject_roles::insert(self.tx, &Subject::user(&user), role)?;
        self.check_roles_of(&user)
    }

    /// Takes a role from an application that the caller may change.
    pub(super) fn take_role(&mut self, id: &str, role: &str) -> Result<()> {
        super::permit::find_role(self.tx, role)?
            .ok_or_else(|| Error::NotFound { kind: "role", name: role.to_owned() })?;
        let subject = Subject::user(&UserId::of_application(id));
        self.note("role", role);
        self.keeping_an_administrator(|change| subject_roles::delete(change.tx, &subject, role))
    }

    /// Adds an access key, which the caller may do.
    pub(super) fn add_access_key(
        &mut self,
        application: &str,
        key: &IssuedKey,
        expires_on: Option<i64>,
    ) -> Result<()> {
        let row = AccessKey {
            id: key.id.clone(),
            application: application.to_owned(),
            active: true,
            created_on: self.now,
            expires_on,
            last_used_on: None,
        };
        self.note("key", &*key.id);
        if let Some(end) = expires_on {
            self.note("expires", end);
        }
        access_keys::insert(self.tx, &row, &self.tools.hasher.hash(&key.id, &key.secret))
    }
}

/// An application itself.
fn whole(id: String) -> Reading {
    Target::Application(id).into()
}

/// The application `id`.
pub(super) fn found(tx: &mut dyn Tx, id: &str) -> Result<Application> {
    applications::find(tx, id)?
        .ok_or_else(|| Error::NotFound { kind: "application", name: id.to_owned() })
}

/// The key, if it is one of this application.
fn key_of(change: &mut Change<'_>, application: &str, key: &str) -> Result<AccessKey> {
    access_keys::find(change.tx, key)?
        .filter(|found| found.application == application)
        .ok_or_else(|| no_such_key(key))
}

fn no_such_key(key: &str) -> Error {
    Error::NotFound { kind: "access key", name: key.to_owned() }
}
