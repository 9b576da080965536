//! Applications: their access keys and roles.

use uuid::Uuid;

use super::{Caller, Change, Registry};
use crate::auth::keys;
use crate::domain::access::{Access, Kind, Need, Role, Target};
use crate::domain::application::{AccessKey, Application, ApplicationUser};
use crate::domain::name;
use crate::domain::secret::Secret;
use crate::domain::tag::Tag;
use crate::domain::{Error, Result};
use crate::storage::{access_keys, applications, grants, subject_roles, tags};

/// A new access key. Its secret is shown this once and never again.
pub struct IssuedKey {
    /// The id that signs in with it.
    pub id: String,
    /// The secret.
    pub secret: Secret,
}

impl Registry {
    /// Every application with its tags, oldest first; none for a caller who may not see them.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn applications(&self, caller: &Caller) -> Result<Vec<(Application, Vec<Tag>)>> {
        self.list(caller, |look, sight| {
            if !sight.applications() {
                return Ok(vec![]);
            }
            let mut tags = tags::by_target(look.tx, Kind::Application)?;
            let found = applications::list(look.tx)?;
            Ok(found
                .into_iter()
                .map(|application| {
                    let tags = tags.remove(&application.id).unwrap_or_default();
                    (application, tags)
                })
                .collect())
        })
        .await
    }

    /// The application `id`. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn application(&self, caller: &Caller, id: &str) -> Result<Application> {
        let target = Target::Application(id.to_owned());
        self.look(caller, Access::Read, &target, |look| found(look.tx, id)).await
    }

    /// The application that the access key `key` belongs to. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn application_of_key(&self, caller: &Caller, key: &str) -> Result<Application> {
        self.look(caller, Access::Read, &Target::Every(Kind::Application), |look| {
            let key = access_keys::find(look.tx, key)?.ok_or_else(|| no_such_key(key))?;
            found(look.tx, &key.application)
        })
        .await
    }

    /// Makes an application. Needs the right to create applications.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::Forbidden`].
    pub async fn create_application(&self, caller: &Caller, name: String) -> Result<Application> {
        name::check("name", &name)?;
        let id = Uuid::now_v7().to_string();
        self.transact(caller, move |change| change.add_application(id, name)).await
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
        let target = Target::Application(id.clone());
        self.change(caller, Need::Access(Access::Update), target, move |change| {
            let existing = found(change.tx, &id)?;
            let stamps = change.stamps(Some(&existing.stamps));
            let application = Application { id, name, stamps };
            applications::upsert(change.tx, &application)?;
            Ok(application)
        })
        .await
    }

    /// Deletes an application with its access keys, roles, grants and tags. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_application(&self, caller: &Caller, id: String) -> Result<()> {
        let target = Target::Application(id.clone());
        self.change(caller, Need::Access(Access::Delete), target.clone(), move |change| {
            let subject = Application::user_id(&id);
            subject_roles::delete_all(change.tx, &subject)?;
            grants::delete_of_subject(change.tx, &subject)?;
            change.forget(&target)?;
            applications::delete(change.tx, &id)
        })
        .await
    }

    /// The access keys of an application, oldest first. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn access_keys(&self, caller: &Caller, application: &str) -> Result<Vec<AccessKey>> {
        let target = Target::Application(application.to_owned());
        self.look(caller, Access::Read, &target, |look| access_keys::list(look.tx, application))
            .await
    }

    /// Makes an access key for an application. Needs UPDATE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn create_access_key(
        &self,
        caller: &Caller,
        application: String,
    ) -> Result<IssuedKey> {
        let key = IssuedKey { id: keys::new_id()?, secret: keys::new_secret()? };
        let target = Target::Application(application.clone());
        self.change(caller, Need::Access(Access::Update), target, move |change| {
            change.add_access_key(&application, &key)?;
            Ok(key)
        })
        .await
    }

    /// Pauses an access key, or takes it up again. Needs UPDATE on the application.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn toggle_access_key(
        &self,
        caller: &Caller,
        application: String,
        key: String,
    ) -> Result<AccessKey> {
        let target = Target::Application(application.clone());
        self.change(caller, Need::Access(Access::Update), target, move |change| {
            let found = key_of(change, &application, &key)?;
            access_keys::set_active(change.tx, &key, !found.active)?;
            Ok(AccessKey { active: !found.active, ..found })
        })
        .await
    }

    /// Deletes an access key. Needs UPDATE on the application.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_access_key(
        &self,
        caller: &Caller,
        application: String,
        key: String,
    ) -> Result<()> {
        let target = Target::Application(application.clone());
        self.change(caller, Need::Access(Access::Update), target, move |change| {
            key_of(change, &application, &key)?;
            access_keys::delete(change.tx, &key)
        })
        .await
    }

    /// Gives an application a role. Needs UPDATE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the application and for the role, [`Error::Invalid`] when the role
    /// has to stand alone, [`Error::Forbidden`].
    pub async fn add_role(&self, caller: &Caller, application: String, role: String) -> Result<()> {
        let target = Target::Application(application.clone());
        self.change(caller, Need::Access(Access::Update), target, move |change| {
            let role = role_named(&role)?;
            let subject = Application::user_id(&application);
            let mut roles = subject_roles::list(change.tx, &subject)?;
            roles.retain(|held| *held != role);
            if !roles.is_empty() && (role == Role::UserReadOnly || roles == [Role::UserReadOnly]) {
                let reason = "must be the only role where it is USER_READ_ONLY";
                return Err(Error::invalid("role", reason));
            }
            subject_roles::insert(change.tx, &subject, role)
        })
        .await
    }

    /// Takes a role away; one that it does not have is no error. Needs UPDATE on the application.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the application and for the role, [`Error::Forbidden`].
    pub async fn remove_role(
        &self,
        caller: &Caller,
        application: String,
        role: String,
    ) -> Result<()> {
        let target = Target::Application(application.clone());
        self.change(caller, Need::Access(Access::Update), target, move |change| {
            let role = role_named(&role)?;
            subject_roles::delete(change.tx, &Application::user_id(&application), role)
        })
        .await
    }

    /// Who the caller is, and the roles they have now.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn user_info(&self, caller: &Caller) -> Result<ApplicationUser> {
        self.list(caller, |look, _| {
            let who = &look.who;
            Ok(ApplicationUser {
                id: who.subject.clone(),
                name: who.name.clone(),
                roles: who.roles.clone(),
            })
        })
        .await
    }
}

impl Change<'_> {
    /// Adds an application, permitted and recorded.
    pub(super) fn add_application(&mut self, id: String, name: String) -> Result<Application> {
        let target = Target::Application(id.clone());
        self.one(Need::Save, &target, |change| {
            let application = Application { id, name, stamps: change.stamps(None) };
            applications::upsert(change.tx, &application)?;
            Ok(application)
        })
    }

    /// Adds an access key, which the caller may do.
    pub(super) fn add_access_key(&mut self, application: &str, key: &IssuedKey) -> Result<()> {
        let row = AccessKey {
            id: key.id.clone(),
            application: application.to_owned(),
            active: true,
            created_on: self.now,
        };
        access_keys::insert(self.tx, &row, &self.tools.hasher.hash(&key.id, &key.secret))
    }
}

fn found(tx: &mut dyn crate::storage::Tx, id: &str) -> Result<Application> {
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

fn role_named(name: &str) -> Result<Role> {
    Role::named(name).ok_or_else(|| Error::NotFound { kind: "role", name: name.to_owned() })
}
