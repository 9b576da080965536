//! Who is calling, and whom a role or a grant is given to.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::{Access, Kind, Role, SystemRole};
use crate::domain::name;
use crate::domain::{Error, Result};

/// The id of a user, in lower case: ids are compared without case.
///
/// Printable ASCII without spaces, so that no two ids look the same. `app:` begins the id of the
/// user that an application is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

impl UserId {
    /// Checks `raw`; a refusal names `field`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`].
    pub fn parse(field: &str, raw: &str) -> Result<Self> {
        name::check(field, raw)?;
        if !raw.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid(field, "must be printable ASCII without spaces"));
        }
        let id = Self(raw.to_ascii_lowercase());
        if id == Self::local() {
            return Err(Error::invalid(field, "must not be `local`, which is the server itself"));
        }
        Ok(id)
    }

    /// The user that the server itself and the commands at its database act as. No sign-in leads
    /// to it.
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    /// The user that the application `id` is.
    pub fn of_application(id: &str) -> Self {
        Self(format!("app:{id}").to_ascii_lowercase())
    }

    /// The application that the user is, if it is one.
    pub fn application(&self) -> Option<&str> {
        self.0.strip_prefix("app:")
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whom a role or a grant is given to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// What it is.
    pub kind: SubjectKind,
    /// Its id.
    pub id: String,
}

impl Subject {
    /// A subject as a client names it: the kind in any case, the id as its kind writes it.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming the field.
    pub fn parse(kind: &str, id: &str) -> Result<Self> {
        let kind = SubjectKind::named(kind)
            .ok_or_else(|| Error::invalid("subject.type", "must be one of USER, GROUP, ROLE"))?;
        let field = "subject.id";
        let id = match kind {
            SubjectKind::User => UserId::parse(field, id)?.0,
            SubjectKind::Group | SubjectKind::Role => {
                name::check(field, id)?;
                id.to_owned()
            }
        };
        Ok(Self { kind, id })
    }

    /// The user `id`.
    pub fn user(id: &UserId) -> Self {
        Self { kind: SubjectKind::User, id: id.to_string() }
    }

    /// The group `id`.
    pub fn group(id: &str) -> Self {
        Self { kind: SubjectKind::Group, id: id.to_owned() }
    }

    /// Whoever has the role `name`.
    pub fn role(name: &str) -> Self {
        Self { kind: SubjectKind::Role, id: name.to_owned() }
    }
}

/// What a [`Subject`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A user, or the user that an application is.
    User,
    /// A group of users.
    Group,
    /// Whoever has a role.
    Role,
}

impl SubjectKind {
    /// The word of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Group => "GROUP",
            Self::Role => "ROLE",
        }
    }

    /// The kind of this word, in any case.
    pub fn named(word: &str) -> Option<Self> {
        [Self::User, Self::Group, Self::Role]
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(word))
    }
}

/// Who is calling, as the database knows them now.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The user.
    pub user: UserId,
    /// The access key that signed in, or how else they did.
    pub key_id: String,
    /// When that key ends, in epoch milliseconds, if it does.
    pub until: Option<i64>,
    /// The roles held, directly and through groups.
    pub roles: Arc<[Role]>,
    /// Where the request came from, for the audit log.
    pub address: Option<IpAddr>,
}

impl Principal {
    /// Whether one of the roles alone gives `access` to everything of `kind`.
    pub fn may(&self, access: Access, kind: Kind) -> bool {
        self.roles.iter().any(|role| role.allows(access, kind))
    }

    /// Whether they may do everything.
    pub fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role.system == Some(SystemRole::Admin))
    }

    /// Whether the roles held give all that `role` gives, so that it may be passed on.
    pub fn holds_role(&self, role: &Role) -> bool {
        self.is_admin()
            || role.system != Some(SystemRole::Admin)
                && role.system != Some(SystemRole::UserReadOnly)
                && role.permissions.iter().all(|permission| {
                    let held = self.roles.iter().any(|held| held.permissions.contains(permission));
                    let gives = permission.gives();
                    held || !gives.is_empty()
                        && gives.iter().all(|(access, kind)| self.may(*access, *kind))
                })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_one_whatever_their_case_and_refused_when_they_could_be_two() {
        let parse = |raw| UserId::parse("id", raw).map(|id| id.0);
        assert_eq!(parse("Ann@Example.org").unwrap(), "ann@example.org");
        for raw in ["", " ann", "ann ", "a nn", "ann\n", "ánn", "ａｎｎ", "аnn", "ann\u{200b}"]
        {
            assert!(parse(raw).is_err(), "{raw:?}");
        }
    }
}
