//! What a route needs, as `docs/access.md` tells it.

use std::fmt;

use super::{Access, Kind};

/// What a route needs. Every route is declared with one; the registry is what enforces it, and
/// tests compare both with `docs/access.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nothing, not even a token.
    Open,
    /// A valid token.
    SignedIn,
    /// A valid token; the answer holds only what the caller has READ on.
    Filtered(Kind),
    /// As [`Rule::Filtered`], whatever the kind.
    FilteredAll,
    /// An access to the thing in the path.
    Needs(Access, Kind),
    /// As [`Rule::Needs`], or to be that user oneself.
    SelfOr(Access, Kind),
    /// UPDATE on the thing where it exists, CREATE on its kind where it does not.
    Save(Kind),
    /// As [`Rule::Save`] for each item.
    SaveEach(Kind),
    /// For each thing in the body what it needs by itself.
    SaveAll,
    /// READ on the target in the path, whatever its kind; everyone has it on themself.
    ReadOfPath,
    /// UPDATE on the target in the path, whatever its kind.
    UpdateOfPath,
    /// UPDATE on the thing in the body, and each access that is given on it.
    Give,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("no token"),
            Self::SignedIn => f.write_str("any token"),
            Self::Filtered(kind) => write!(f, "any token; shows READ on {}", kind.as_str()),
            Self::FilteredAll => f.write_str("any token; shows READ on each thing"),
            Self::Needs(access, kind) => write!(f, "{access} on {}", kind.as_str()),
            Self::SelfOr(access, kind) => write!(f, "{access} on {}, or oneself", kind.as_str()),
            Self::Save(kind) => {
                write!(f, "UPDATE on {0}, or CREATE where it is new", kind.as_str())
            }
            Self::SaveEach(kind) => {
                write!(f, "for each item UPDATE on {0}, or CREATE where it is new", kind.as_str())
            }
            Self::SaveAll => {
                f.write_str("for each thing what saving, tagging or deleting it needs")
            }
            Self::ReadOfPath => f.write_str("READ on the target in the path, or oneself"),
            Self::UpdateOfPath => f.write_str("UPDATE on the target in the path"),
            Self::Give => f.write_str("UPDATE on the target, and each access that is given"),
        }
    }
}
