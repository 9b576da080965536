//! Users and groups; contract section 8.

use std::collections::BTreeMap;

use super::access::{Role, SystemRole, UserId};
use super::integration::Stamps;
use super::{Error, Result};

/// A person.
#[derive(Clone, Debug)]
pub struct User {
    /// The id that signs in, often an e-mail address.
    pub id: UserId,
    /// An id that is never used again.
    pub uuid: String,
    /// The name shown.
    pub name: String,
    /// Who and when.
    pub stamps: Stamps,
}

/// A group of users.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Free text.
    pub description: String,
    /// What its members may do to things of the orchestrator, by target type.
    pub default_access: DefaultAccess,
    /// Who and when.
    pub stamps: Stamps,
}

/// Words of access by words of target type.
pub type DefaultAccess = BTreeMap<String, Vec<String>>;

/// What a client asks a user to become: all of it, since a save replaces.
#[derive(Debug)]
pub struct UserDraft {
    /// The name shown.
    pub name: String,
    /// The names of the roles.
    pub roles: Vec<String>,
    /// The ids of the groups; `None` leaves them as they are.
    pub groups: Option<Vec<String>>,
}

/// What a client asks a group to become: all of it, since a save replaces.
#[derive(Debug)]
pub struct GroupDraft {
    /// Free text.
    pub description: String,
    /// The names of the roles.
    pub roles: Vec<String>,
    /// What its members may do to things of the orchestrator.
    pub default_access: DefaultAccess,
}

/// Refuses `USER_READ_ONLY` beside anything else: it promises that nothing can be changed. It may
/// come from a group, if that is the only one and there is no role beside it.
///
/// # Errors
///
/// [`Error::Invalid`] naming `roles`.
pub fn check_combination(roles: &[Role], groups: usize, is_direct: bool) -> Result<()> {
    let read_only = roles.iter().any(|role| role.system == Some(SystemRole::UserReadOnly));
    let most_groups = usize::from(!is_direct);
    if read_only && (roles.len() > 1 || groups > most_groups) {
        let reason = "must not join USER_READ_ONLY with other roles, groups or default access";
        return Err(Error::invalid("roles", reason));
    }
    Ok(())
}
