//! How an error looks in Conductor's dialect; contract section 3.

use std::fmt;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, ETAG, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

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
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Error")]
pub struct Body<'a> {
    status: u16,
    message: String,
    instance: &'a str,
    retryable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    validation_errors: Vec<ValidationError>,
}

/// One bad field.
#[derive(Serialize, JsonSchema)]
struct ValidationError {
    path: String,
    message: String,
}

impl ConductorError {
    /// What the client is told, at this time.
    fn body(&self, since: Duration) -> Body<'static> {
        let code = match &self.0 {
            Refusal::Domain(Error::Unauthenticated(why)) => Some(code(*why)),
            _ => None,
        };
        Body {
            status: self.status_code().as_u16(),
            message: self.to_string(),
            instance: &INSTANCE,
            retryable: self.0.retry_after().is_some(),
            error: code,
            timestamp: code.map(|_| since.as_millis().try_into().unwrap_or(u64::MAX)),
            validation_errors: self.0.problems().into_iter().map(Into::into).collect(),
        }
    }
}

/// The status and body of a refusal, as on a machine called `podium`.
pub fn sample(refusal: Refusal) -> (u16, Value) {
    let error = ConductorError(refusal);
    let body = error.body(Duration::from_millis(1_771_018_039_055));
    (error.status_code().as_u16(), json!(Body { instance: "podium", ..body }))
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
        let mut answer = HttpResponse::build(self.status_code());
        match &self.0 {
            Refusal::Domain(Error::Internal(cause)) => log::error!("internal error: {cause}"),
            Refusal::Method(allowed) => {
                answer.insert_header((ALLOW, allowed.as_str()));
            }
            _ => {}
        }
        if let Some(seconds) = self.0.retry_after() {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        if let Some(etag) = self.0.etag() {
            answer.insert_header((ETAG, etag));
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        answer.insert_header(("Cache-Control", "no-store")).json(self.body(since))
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
        Error::Precondition { .. } => StatusCode::PRECONDITION_FAILED,
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
            let items = errors.into_iter().map(|error| ItemError { place: "[0]".into(), error });
            status(&Error::Items(items.collect()))
        };
        assert_eq!(items(vec![not_found(), not_found()]), StatusCode::NOT_FOUND);
        assert_eq!(items(vec![not_found(), invalid()]), StatusCode::BAD_REQUEST);
    }
}
