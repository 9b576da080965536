//! The one error of the library. It knows nothing of HTTP: each dialect says how it looks outside.

use std::borrow::Cow;
use std::fmt;

use super::access::{Access, Target};

/// The result of everything that can fail in the library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, in the terms that a caller can tell apart.
///
/// Messages are for the caller: they hold no secret, no SQL and no path. Only
/// [`Error::Internal`] carries more, for the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was named does not exist. The words `No such` are what SDKs look for.
    #[error("No such {kind}: `{name}`")]
    NotFound {
        /// The kind of thing, as in `integration`.
        kind: &'static str,
        /// The name or id that was asked for.
        name: String,
    },
    /// The input breaks a rule; nothing was changed.
    #[error("{}", Listed(.0))]
    Invalid(Vec<Problem>),
    /// Several items were sent together and these are bad; nothing was changed.
    #[error("nothing was saved: {}", Listed(.0))]
    Items(Vec<ItemError>),
    /// Nobody, or nobody we know, is calling.
    #[error("{0}")]
    Unauthenticated(SignIn),
    /// The caller is known and may not do this.
    #[error("You don't have {access} access to {target}")]
    Forbidden {
        /// The access that is missing.
        access: Access,
        /// What it is missing on.
        target: Target,
    },
    /// The caller would give more than they hold.
    #[error("You can't give {what}: you don't hold it yourself")]
    NotHeld {
        /// What they would give.
        what: String,
        /// Whom or what they would give it to.
        target: Target,
    },
    /// The change does not fit what is there.
    #[error("{0}")]
    Conflict(Cow<'static, str>),
    /// The key of a request was sent with another request before.
    #[error("`Idempotency-Key` was sent with another request before: send a new key with this one")]
    KeyReused,
    /// A request with the same key is not done yet; trying again helps.
    #[error("a request with this `Idempotency-Key` is still being served, try again")]
    InProgress,
    /// The thing is not as the request's precondition says; nothing was changed.
    #[error("{reason}{}", now(.etag.as_deref()))]
    Precondition {
        /// What is not as it says.
        reason: &'static str,
        /// The entity tag that the thing has now, quotes included, for who may read it.
        etag: Option<String>,
    },
    /// Where a thing sends its secrets changes, so that they do not follow by themselves.
    #[error("{}", Listed(.0))]
    SecretsNeeded(Vec<Problem>),
    /// The caller has tried too often.
    #[error("Too many attempts, wait {seconds} s")]
    TooMany {
        /// How long to wait.
        seconds: u64,
    },
    /// This server does not do that.
    #[error("Not supported: {0}")]
    Unsupported(&'static str),
    /// Somebody else holds the database; trying again helps.
    #[error("the registry is busy, try again")]
    Contended,
    /// The registry cannot serve now; trying again later helps.
    #[error("the registry is not available: {0}")]
    Unavailable(&'static str),
    /// The database went away while it saved the change, and has not said whether it has.
    #[error(
        "the database was lost while it saved this, so that it is not known whether it was saved; \
         repeat the request with the same Idempotency-Key, or look"
    )]
    OutcomeUnknown,
    /// A fault of ours. The cause is for the log only.
    #[error("an internal error occurred")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// The input field `field` breaks a rule; `reason` completes the sentence "`field` …".
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem { field: field.into(), reason: reason.into() }])
    }

    /// A fault of ours, to be logged with `cause`.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Whether it says nothing of the input, but of the state that the registry is in.
    pub fn is_fault(&self) -> bool {
        matches!(
            self,
            Self::Contended | Self::Unavailable(_) | Self::OutcomeUnknown | Self::Internal(_)
        )
    }

    /// Puts the fields that break a rule below `parent`, as in `apis[2].description`.
    #[must_use]
    pub fn within(self, parent: &str) -> Self {
        self.told_by(|problem| {
            let dot = if problem.field.starts_with('[') { "" } else { "." };
            Problem { field: format!("{parent}{dot}{}", problem.field), ..problem }
        })
    }

    /// Tells each field that breaks a rule in another way.
    #[must_use]
    pub fn told_by(self, tell: impl FnMut(Problem) -> Problem) -> Self {
        match self {
            Self::Invalid(problems) => Self::Invalid(problems.into_iter().map(tell).collect()),
            Self::SecretsNeeded(problems) => {
                Self::SecretsNeeded(problems.into_iter().map(tell).collect())
            }
            other => other,
        }
    }
}

/// One broken rule: the field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field as the client wrote it, as in `configuration.api_key`.
    pub field: String,
    /// What is wrong, completing the sentence that the field begins.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.reason)
    }
}

/// A bad item among several.
#[derive(Debug)]
pub struct ItemError {
    /// Where it stands in the request, as in `[2]`, counted from 0.
    pub place: String,
    /// What is wrong with it.
    pub error: Error,
}

impl fmt::Display for ItemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.place, self.error)
    }
}

/// How many problems are told at the most: an answer must not be much larger than what it answers.
pub const TOLD: usize = 1000;

/// What the entity tag of a thing is now.
fn now(etag: Option<&str>) -> String {
    etag.map(|etag| format!("; its entity tag is now {etag}")).unwrap_or_default()
}

/// Several messages in one line.
struct Listed<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().take(TOLD).enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            item.fmt(f)?;
        }
        match self.0.len().saturating_sub(TOLD) {
            0 => Ok(()),
            rest => write!(f, "; and {rest} more"),
        }
    }
}

/// Why a caller is not signed in; contract section 1.1 gives each its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// No token was sent.
    Missing,
    /// The token is not one of ours, or its access key is no longer in force.
    Invalid,
    /// The token was good and has expired.
    Expired,
    /// The key id and secret of a sign-in are wrong.
    Credentials,
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "Token cannot be null or empty",
            Self::Invalid => "Token is not valid",
            Self::Expired => "Token has expired",
            Self::Credentials => "Key id or secret is wrong",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_name_their_place() {
        let error = Error::invalid("api_key", "is a mask").within("configuration").within("[2]");
        assert_eq!(error.to_string(), "`[2].configuration.api_key` is a mask");
    }

    #[test]
    fn an_internal_error_keeps_its_cause_to_itself() {
        let error = Error::internal("SELECT secret FROM place");
        assert_eq!(error.to_string(), "an internal error occurred");
    }
}
