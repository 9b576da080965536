//! Why a request is not served: the registry's error, or a fact of HTTP.

use std::fmt;

use crate::domain::error::{ItemError, TOLD};
use crate::domain::{Error, Problem};

/// A refusal, which each dialect tells in its own shape.
#[derive(Debug)]
pub enum Refusal {
    /// The registry refused.
    Domain(Error),
    /// The input cannot be read at all, so that the registry was not asked: it is no JSON, a value
    /// is of the wrong type, a path, query or id has no meaning.
    Malformed(Error),
    /// No route has this path.
    NoRoute,
    /// The route has other methods, listed as in an `Allow` header.
    Method(String),
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// The body did not come in time.
    Slow,
    /// The body is of a type that the route does not take.
    MediaType,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(error) | Self::Malformed(error) => error.fmt(f),
            Self::NoRoute => f.write_str("No such route"),
            Self::Method(allowed) => write!(f, "This route takes only {allowed}"),
            Self::TooLarge(limit) => write!(f, "The body must be at most {limit} bytes long"),
            Self::Slow => f.write_str("The body did not come in time"),
            Self::MediaType => f.write_str(
                "The body must be sent with `Content-Type: application/json`, uncompressed",
            ),
        }
    }
}

impl Refusal {
    /// After how many seconds trying again may help, where it may.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Domain(
                Error::InProgress
                | Error::Contended
                | Error::Unavailable(_)
                | Error::OutcomeUnknown,
            ) => Some(1),
            Self::Domain(Error::TooMany { seconds }) => Some(*seconds),
            _ => None,
        }
    }

    /// The entity tag that the thing has now, where it was not as a precondition says.
    pub fn etag(&self) -> Option<&str> {
        match self {
            Self::Domain(Error::Precondition { etag, .. }) => etag.as_deref(),
            _ => None,
        }
    }

    /// The bad fields, each with the item it stands in, and of very many the first.
    pub fn problems(&self) -> Vec<Problem> {
        match self {
            Self::Domain(error) | Self::Malformed(error) => problems(error),
            _ => vec![],
        }
    }
}

fn problems(error: &Error) -> Vec<Problem> {
    match error {
        Error::Invalid(problems) | Error::SecretsNeeded(problems) => {
            problems.iter().take(TOLD).cloned().collect()
        }
        Error::Items(items) => items.iter().flat_map(problems_of_item).take(TOLD).collect(),
        _ => vec![],
    }
}

fn problems_of_item(item: &ItemError) -> Vec<Problem> {
    let place = &item.place;
    match &item.error {
        Error::Invalid(problems) | Error::SecretsNeeded(problems) => problems
            .iter()
            .map(|problem| Problem {
                field: format!("{place}.{}", problem.field),
                reason: problem.reason.clone(),
            })
            .collect(),
        other => vec![Problem { field: place.clone(), reason: other.to_string() }],
    }
}
