//! What the failures of PostgreSQL mean.

use std::error::Error as StdError;
use std::io;

use tokio_postgres::error::SqlState;

use crate::domain::Error;

/// Why something was not done.
pub(super) enum Failure {
    /// The connection is gone; whether the server has done it is not known.
    Lost(Error),
    /// The server has refused it.
    Refused(Error),
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Lost(error) | Failure::Refused(error) => error,
        }
    }
}

/// Whether the server ends the connection with this error, or has to be left: it stops, or does
/// not write any more since another has taken its place.
pub(super) fn is_lost(error: &tokio_postgres::Error) -> bool {
    error.code().is_none_or(|code| {
        code.code().starts_with("08")
            || code.code().starts_with("57P")
            || *code == SqlState::READ_ONLY_SQL_TRANSACTION
            || *code == SqlState::FEATURE_NOT_SUPPORTED
    })
}

/// What a failure of PostgreSQL means to a caller.
pub(super) fn failure(error: &tokio_postgres::Error) -> Error {
    let Some(code) = error.code() else {
        let is_io = StdError::source(error).is_some_and(<dyn StdError>::is::<io::Error>);
        return if error.is_closed() || is_io {
            Error::Unavailable("the connection to the database is lost")
        } else {
            Error::internal(told(error))
        };
    };
    match code.code() {
        "55P03" | "40001" | "40P01" => Error::Contended,
        "57014" => Error::Unavailable("the database takes too long"),
        "25006" => Error::Unavailable("the database takes no changes now"),
        "53100" => Error::Unavailable("the disk of the database is full"),
        other if other.starts_with("53") => Error::Unavailable("the database is overloaded"),
        other if other.starts_with("08") || other.starts_with("57P") => {
            Error::Unavailable("the connection to the database is lost")
        }
        _ => Error::internal(told(error)),
    }
}

/// An error in one line, without the values that it speaks of.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("{} ({})", error.message(), error.code().code());
    }
    match StdError::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
