//! Where a command does its work: at a running server, or at the database while none runs.

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::local::Local;
use super::remote::Remote;
use super::{Outcome, open};
use crate::domain::access::{Access, Subject, Target, UserId};
use crate::domain::user::UserDraft;
use crate::registry::IssuedKey;

/// What `--help` says of what is read from the environment.
pub const SETTINGS: &str = "\
A running server is asked with the access key that these variables hold:
  CONDUCTOR_SERVER_URL     where it listens, as in http://127.0.0.1:8080/api
  CONDUCTOR_AUTH_KEY, CONDUCTOR_AUTH_SECRET
                           the id and the secret of the access key
With --database the database is opened instead, while no server runs. This needs no access key,
but the seal key of the server: PODIUM_SEAL_KEY, or a file. What is done is recorded as done by
`local`.";

/// Where to work, and how to print.
///
/// The ids are not those of `serve`'s flags: clap would take over its default database, and every
/// command would open that.
#[derive(Args)]
pub struct Place {
    /// Work on this database itself, as in `sqlite://podium.db`, while no server runs.
    #[arg(id = "place_database", long = "database", global = true, value_name = "URL")]
    pub database: Option<String>,
    /// With --database: a file with the key that seals secrets.
    #[arg(id = "place_seal_key_file", long = "seal-key-file", global = true)]
    #[arg(env = "PODIUM_SEAL_KEY_FILE", value_name = "FILE")]
    pub seal_key_file: Option<String>,
    /// Print JSON, for machines.
    #[arg(long, global = true)]
    pub json: bool,
}

/// A user, as commands print one.
#[derive(Debug, Serialize)]
pub struct User {
    /// The id.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// The names of the roles given to the user directly.
    pub roles: Vec<String>,
    /// The ids of the groups that the user is in.
    pub groups: Vec<String>,
}

/// An access key, as commands print one.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// The id.
    pub id: String,
    /// `ACTIVE`, or `INACTIVE` while it is paused.
    pub status: String,
    /// When it was made, in epoch milliseconds.
    pub created_at: i64,
    /// When it ends, in epoch milliseconds, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    /// When it was last used, in epoch milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<i64>,
}

/// A grant, as commands print one: whom it is for, or what it is on.
#[derive(Debug, Serialize)]
pub struct Granted {
    /// The type of that, as in `USER`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What may be done.
    pub access: Vec<String>,
    /// The tag that gives it, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// An integration that is enabled, as commands read one.
pub struct Provider {
    /// Its name.
    pub name: String,
    /// The type of its definition.
    pub kind: String,
    /// The names of its enabled resources.
    pub resources: Vec<String>,
    /// Its configuration, secrets masked.
    pub configuration: Map<String, Value>,
}

#[cfg(test)]
impl Provider {
    /// One that nothing is configured of.
    pub fn bare(name: &str, kind: &str) -> Self {
        let (name, kind) = (name.to_owned(), kind.to_owned());
        Self { name, kind, resources: vec![], configuration: Map::new() }
    }
}

/// Where a command does its work. Both do the same, with the same permission checks and records.
pub enum Desk {
    /// At a running server.
    Remote(Remote),
    /// At the database itself.
    Local(Box<Local>),
}

/// Does the same at either desk.
macro_rules! at {
    ($desk:expr, $method:ident($($argument:expr),*)) => {
        match $desk {
            Desk::Remote(remote) => remote.$method($($argument),*),
            Desk::Local(local) => local.$method($($argument),*),
        }
    };
}

impl Desk {
    /// The database where one is named, or else the server that the environment names.
    pub fn open(place: &Place) -> Outcome<Self> {
        open::check_settings()?;
        match &place.database {
            Some(url) => {
                Ok(Self::Local(Box::new(Local::open(url, place.seal_key_file.as_deref())?)))
            }
            None => Remote::sign_in(&open::variable).map(Self::Remote),
        }
    }

    pub fn users(&self, with_applications: bool) -> Outcome<Vec<User>> {
        at!(self, users(with_applications))
    }

    pub fn user(&self, id: &UserId) -> Outcome<User> {
        at!(self, user(id))
    }

    pub fn save_user(&self, id: UserId, draft: UserDraft) -> Outcome<User> {
        at!(self, save_user(id, draft))
    }

    pub fn delete_user(&self, id: UserId) -> Outcome {
        at!(self, delete_user(id))
    }

    pub fn keys(&self, application: &str) -> Outcome<Vec<Key>> {
        at!(self, keys(application))
    }

    /// Makes a key that ends at `expires_at`, in epoch milliseconds.
    pub fn create_key(&self, application: &str, expires_at: Option<i64>) -> Outcome<IssuedKey> {
        at!(self, create_key(application, expires_at))
    }

    /// Makes a key in the place of `key`, which lives on for `overlap` seconds.
    pub fn rotate_key(&self, application: &str, key: &str, overlap: i64) -> Outcome<IssuedKey> {
        at!(self, rotate_key(application, key, overlap))
    }

    /// Pauses a key, or takes it up again.
    pub fn toggle_key(&self, application: &str, key: &str) -> Outcome<Key> {
        at!(self, toggle_key(application, key))
    }

    pub fn delete_key(&self, application: &str, key: &str) -> Outcome {
        at!(self, delete_key(application, key))
    }

    /// Whom something on `target` was granted to.
    pub fn grants_on(&self, target: &Target) -> Outcome<Vec<Granted>> {
        at!(self, grants_on(target))
    }

    /// What `subject` was granted something on.
    pub fn grants_to(&self, subject: &Subject) -> Outcome<Vec<Granted>> {
        at!(self, grants_to(subject))
    }

    pub fn grant(&self, subject: Subject, target: Target, access: Vec<Access>) -> Outcome {
        at!(self, grant(subject, target, access))
    }

    pub fn revoke(&self, subject: Subject, target: Target, access: Vec<Access>) -> Outcome {
        at!(self, revoke(subject, target, access))
    }

    /// The enabled integrations that the caller may see, secrets masked.
    pub fn integrations(&self) -> Outcome<Vec<Provider>> {
        at!(self, integrations())
    }

    /// The configuration of the integration `name`, secrets in clear.
    pub fn resolve(&self, name: &str) -> Outcome<Map<String, Value>> {
        at!(self, resolve(name))
    }
}
