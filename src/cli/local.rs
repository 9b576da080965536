//! The database itself as the desk: the registry's operations, as the local caller.

use std::future::Future;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

use super::desk::{Granted, Key, Provider, User};
use super::{Outcome, open};
use crate::auth::tokens::Lifetime;
use crate::config;
use crate::domain::Result;
use crate::domain::access::{Access, Grant, GrantedAccess, Subject, Target, UserId};
use crate::domain::application::AccessKey;
use crate::domain::integration::{Filter, Resource};
use crate::domain::name::IntegrationName;
use crate::domain::page::Part;
use crate::domain::user::UserDraft;
use crate::registry::{Caller, IntegrationView, IssuedKey, Registry, Settings, UserView};
use crate::storage::OpenError;

/// Who does it, as the audit log tells.
pub(super) const WHO: Caller = Caller::LOCAL;

/// How long tokens live: none is made here.
pub(super) const NO_TOKENS: Lifetime = Lifetime { default: Duration::ZERO, max: Duration::ZERO };

/// A registry that no server holds.
pub struct Local {
    pub(super) registry: Registry,
    runtime: Runtime,
}

impl Local {
    /// Opens the database of `url`, which must be there.
    pub fn open(url: &str, seal_key_file: Option<&str>) -> Outcome<Self> {
        let database = config::database(url, &open::variable)?;
        open::must_exist(&database)?;
        // Who has the database and its key in hand could open every secret anyway.
        let settings = Settings { resolve: true, ..Settings::from(NO_TOKENS) };
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let opened = runtime.block_on(open::registry(&database, seal_key_file, settings));
        let registry = opened.map_err(|error| match error.downcast_ref() {
            Some(OpenError::InUse(_)) => format!(
                "a server is running on the database {database}: stop it first, or ask it, without \
                 --database and with CONDUCTOR_SERVER_URL, CONDUCTOR_AUTH_KEY and \
                 CONDUCTOR_AUTH_SECRET set"
            )
            .into(),
            _ => error,
        })?;
        Ok(Self { registry, runtime })
    }

    /// As [`Registry::recover_administrator`].
    pub fn recover(&self, application: Option<String>) -> Outcome<IssuedKey> {
        self.run(self.registry.recover_administrator(application))
    }

    pub fn users(&self, with_applications: bool) -> Outcome<Vec<User>> {
        let found = self.run(self.registry.users(&WHO, with_applications, Part::default()))?;
        Ok(found.items.into_iter().map(User::from).collect())
    }

    pub fn user(&self, id: &UserId) -> Outcome<User> {
        self.run(self.registry.user(&WHO, id.clone())).map(User::from)
    }

    pub fn save_user(&self, id: UserId, draft: UserDraft) -> Outcome<User> {
        self.run(self.registry.save_user(&WHO, id, draft)).map(User::from)
    }

    pub fn delete_user(&self, id: UserId) -> Outcome {
        self.run(self.registry.delete_user(&WHO, id))
    }

    pub fn keys(&self, application: &str) -> Outcome<Vec<Key>> {
        let found = self.run(self.registry.access_keys(&WHO, application.to_owned()))?;
        Ok(found.into_iter().map(Key::from).collect())
    }

    pub fn create_key(&self, application: &str, expires_at: Option<i64>) -> Outcome<IssuedKey> {
        self.run(self.registry.create_access_key(&WHO, application.to_owned(), expires_at))
    }

    pub fn rotate_key(&self, application: &str, key: &str, overlap: i64) -> Outcome<IssuedKey> {
        let (application, key) = (application.to_owned(), key.to_owned());
        let overlap = overlap.saturating_mul(1000);
        self.run(self.registry.rotate_access_key(&WHO, application, key, overlap))
    }

    pub fn toggle_key(&self, application: &str, key: &str) -> Outcome<Key> {
        let (application, key) = (application.to_owned(), key.to_owned());
        self.run(self.registry.toggle_access_key(&WHO, application, key)).map(Key::from)
    }

    pub fn delete_key(&self, application: &str, key: &str) -> Outcome {
        let (application, key) = (application.to_owned(), key.to_owned());
        self.run(self.registry.delete_access_key(&WHO, application, key))
    }

    pub fn grants_on(&self, target: &Target) -> Outcome<Vec<Granted>> {
        Ok(by_subject(self.run(self.registry.grants_on(&WHO, target.clone()))?))
    }

    pub fn grants_to(&self, subject: &Subject) -> Outcome<Vec<Granted>> {
        let found = self.run(self.registry.grants_of(&WHO, subject.clone(), None))?;
        Ok(found.into_iter().map(Granted::from).collect())
    }

    pub fn grant(&self, subject: Subject, target: Target, access: Vec<Access>) -> Outcome {
        self.run(self.registry.grant(&WHO, subject, target, access))
    }

    pub fn revoke(&self, subject: Subject, target: Target, access: Vec<Access>) -> Outcome {
        self.run(self.registry.revoke(&WHO, subject, target, access))
    }

    pub fn integrations(&self) -> Outcome<Vec<Provider>> {
        let enabled = Filter { active_only: true, ..Filter::default() };
        let found =
            self.run(self.registry.integrations_with_resources(&WHO, enabled, Part::default()))?;
        let provider = |(view, resources): (IntegrationView, Vec<Resource>)| {
            Ok(Provider {
                name: view.integration.name.to_string(),
                kind: view.integration.kind,
                resources: resources.into_iter().map(|one| one.name.to_string()).collect(),
                configuration: serde_json::from_str(view.integration.configuration.get())?,
            })
        };
        found.items.into_iter().map(provider).collect()
    }

    pub fn resolve(&self, name: &str) -> Outcome<Map<String, Value>> {
        let name = IntegrationName::parse("name", name)?;
        let resolved = self.run(self.registry.resolve_integration(&WHO, name))?;
        match resolved.configuration {
            Value::Object(configuration) => Ok(configuration),
            _ => Ok(Map::new()),
        }
    }

    /// Waits for `operation`.
    pub(super) fn run<T>(&self, operation: impl Future<Output = Result<T>>) -> Outcome<T> {
        self.runtime.block_on(operation).map_err(open::told)
    }
}

impl From<UserView> for User {
    fn from(user: UserView) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name,
            roles: user.roles.into_iter().map(|role| role.name).collect(),
            groups: user.groups.into_iter().map(|view| view.group.id).collect(),
        }
    }
}

impl From<AccessKey> for Key {
    fn from(key: AccessKey) -> Self {
        Self {
            id: key.id,
            status: if key.active { "ACTIVE" } else { "INACTIVE" }.to_owned(),
            created_at: key.created_on,
            expires_at: key.expires_on,
            last_used_at: key.last_used_on,
        }
    }
}

impl From<GrantedAccess> for Granted {
    fn from(granted: GrantedAccess) -> Self {
        Self {
            kind: granted.object.kind.as_str().to_owned(),
            id: granted.object.id,
            access: granted.access.into_iter().map(|access| access.to_string()).collect(),
            tag: granted.tag,
        }
    }
}

/// An entry for each subject.
fn by_subject(grants: Vec<Grant>) -> Vec<Granted> {
    let mut found: Vec<Granted> = vec![];
    for Grant { subject, access, .. } in grants {
        let (kind, access) = (subject.kind.as_str(), access.to_string());
        match found.iter_mut().find(|one| one.kind == kind && one.id == subject.id) {
            Some(one) => one.access.push(access),
            None => found.push(Granted {
                kind: kind.to_owned(),
                id: subject.id,
                access: vec![access],
                tag: None,
            }),
        }
    }
    found
}
