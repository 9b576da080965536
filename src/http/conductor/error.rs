//! How an error looks in Conductor's dialect; contract section 3.

use std::fmt;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::domain::error::{ItemError, SignIn};
use crate::domain::{Error, Problem};
use crate::http::refusal::Refusal;

/// A [`Refusal`] told the way Conductor's clients expect it.
#[derive(Debug)]
pub struct ConductorError(Refusal);

impl From<Error> for ConductorError {
    fn from(error: Error) -> Self {
        Self(error.into())
    }
}

impl From<Refusal> for ConductorError {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl fmt::Display for ConductorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of this machine, as clients see it.
static INSTANCE: LazyLock<String> = LazyLock::new(|| {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "podium".to_owned() } else { name.trim().to_owned() }
});

/// The body of an error.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    status: u16,
    message: String,
    instance: &'a str,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u128>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    validation_errors: Vec<ValidationError>,
}

/// One bad field.
#[derive(Serialize)]
struct ValidationError {
    path: String,
    message: String,
}

impl ResponseError for ConductorError {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Refusal::Domain(error) | Refusal::Malformed(error) => status(error),
            Refusal::NoRoute => StatusCode::NOT_FOUND,
            Refusal::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
            Refusal::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::build(status);
        let mut body = Body {
            status: status.as_u16(),
            message: self.to_string(),
            instance: &INSTANCE,
            retryable: self.0.retry_after().is_some(),
            error: None,
            timestamp: None,
            validation_errors: self.0.problems().into_iter().map(Into::into).collect(),
        };
        match &self.0 {
            Refusal::Domain(Error::Internal(cause)) => log::error!("internal error: {cause}"),
            Refusal::Domain(Error::Unauthenticated(why)) => {
                body.error = Some(code(*why));
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                body.timestamp = Some(since.as_millis());
            }
            Refusal::Method(allowed) => {
                answer.insert_header((ALLOW, allowed.as_str()));
            }
            _ => {}
        }
        if let Some(seconds) = self.0.retry_after() {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        answer.insert_header(("Cache-Control", "no-store")).json(body)
    }
}

/// The status of the registry's errors. Every variant has its line, so that a new one does not
/// compile until it has been answered here.
fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound { .. } => StatusCode::NOT_FOUND,
        Error::Invalid(_) => StatusCode::BAD_REQUEST,
        Error::Items(items) => status_of_items(items),
        Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden { .. } | Error::NotHeld { .. } => StatusCode::FORBIDDEN,
        Error::Conflict(_) | Error::SecretsNeeded(_) | Error::InProgress => StatusCode::CONFLICT,
        Error::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Precondition(_) => StatusCode::PRECONDITION_FAILED,
        Error::Unsupported(_) => StatusCode::NOT_IMPLEMENTED,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Contended | Error::Unavailable(_) | Error::OutcomeUnknown => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The one status of all bad items, or 400 where they differ.
fn status_of_items(items: &[ItemError]) -> StatusCode {
    let mut found = items.iter().map(|item| status(&item.error));
    let first = found.next().unwrap_or(StatusCode::BAD_REQUEST);
    if found.all(|other| other == first) { first } else { StatusCode::BAD_REQUEST }
}

/// The code that SDKs read from a 401; contract section 1.1.
fn code(why: SignIn) -> &'static str {
    match why {
        SignIn::Missing | SignIn::Invalid => "INVALID_TOKEN",
        SignIn::Expired => "EXPIRED_TOKEN",
        SignIn::Credentials => "INVALID_CREDENTIALS",
    }
}

impl From<Problem> for ValidationError {
    fn from(problem: Problem) -> Self {
        Self { path: problem.field, message: problem.reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_share_a_status_or_get_400() {
        let not_found = || Error::NotFound { kind: "integration type", name: "x".into() };
        let invalid = || Error::invalid("type", "must stay");
        let items = |errors: Vec<Error>| {
            let items = errors.into_iter().map(|error| ItemError { index: 0, error });
            status(&Error::Items(items.collect()))
        };
        assert_eq!(items(vec![not_found(), not_found()]), StatusCode::NOT_FOUND);
        assert_eq!(items(vec![not_found(), invalid()]), StatusCode::BAD_REQUEST);
    }
}
