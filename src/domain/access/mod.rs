//! Who may do what; contract section 9 and `docs/access.md`.
//!
//! A [`Principal`] holds [`Role`]s, directly and through groups. A role gives [`Access`] to
//! everything of a [`Kind`]; a grant gives a [`Subject`] (a user, a group or a role) access to one
//! [`Target`], or to whatever carries a tag.

mod principal;
mod role;
mod rule;
mod target;

use std::fmt;

pub use principal::{Principal, Subject, SubjectKind, UserId};
pub use role::{CUSTOM_PERMISSION_KINDS, Permission, Role, SystemRole};
pub use rule::Rule;
pub use target::{Kind, Object, Target};

use super::{Error, Result};

/// What can be done to a thing; contract section 9.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Make it.
    Create,
    /// See it.
    Read,
    /// Use it.
    Execute,
    /// Change it, its tags, its parts and who may do what to it.
    Update,
    /// Remove it.
    Delete,
}

impl Access {
    /// Every access, in the order of the contract's examples.
    pub const ALL: [Self; 5] =
        [Self::Create, Self::Read, Self::Execute, Self::Update, Self::Delete];

    /// What the creator of a thing gets on it.
    pub const OWNER: [Self; 4] = [Self::Read, Self::Execute, Self::Update, Self::Delete];

    /// The word of the wire, as in `READ`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Read => "READ",
            Self::Execute => "EXECUTE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }

    /// The access of this word, in any case.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.as_str().eq_ignore_ascii_case(word))
    }

    /// The access of this word, as a client wrote it in `field`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] listing the words there are.
    pub fn parse(field: &str, word: &str) -> Result<Self> {
        Self::named(word).ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            Error::invalid(field, format!("must be one of {words}"))
        })
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// This access to the target, which must exist.
    Access(Access),
    /// This access to the target, whether it exists or not.
    Regardless(Access),
    /// [`Access::Update`] where the target exists, [`Access::Create`] where it does not.
    Save,
}

impl Need {
    /// The access that is needed to a target that exists, or does not.
    pub fn access(self, exists: bool) -> Access {
        match self {
            Self::Access(access) | Self::Regardless(access) => access,
            Self::Save if exists => Access::Update,
            Self::Save => Access::Create,
        }
    }
}

/// One access of one subject to one object, or to whatever carries a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub subject: Subject,
    /// To what.
    pub object: Object,
    /// Which access.
    pub access: Access,
}

/// What a subject may do to one object, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantedAccess {
    /// The object.
    pub object: Object,
    /// Every access to it.
    pub access: Vec<Access>,
    /// The tag that gives it, as `key:value`, where a tag does.
    pub tag: Option<String>,
}
