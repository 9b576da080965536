//! Why a request is not served: the registry's error, or a fact of HTTP.

use crate::domain::Error;

/// A refusal, which each dialect tells in its own shape.
#[derive(Debug)]
pub enum Refusal {
    /// The registry refused.
    Domain(Error),
    /// No route has this path.
    NoRoute,
    /// The route has other methods, listed as in an `Allow` header.
    Method(String),
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// The body is of a type that the route does not take.
    MediaType,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}
