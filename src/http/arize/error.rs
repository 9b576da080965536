//! How an error looks in Arize's dialect: a problem of RFC 9457; contract section 2.3.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, ETAG, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::client::Client;
use crate::domain::access::{Access, Target};
use crate::domain::{Error, Problem};
use crate::http::refusal::Refusal;

/// The page that tells of each problem.
const PAGE: &str = "https://arize.com/docs/ax/rest-reference/errors";

/// A [`Refusal`] told the way Arize's clients expect it.
#[derive(Debug)]
pub struct ArizeError {
    refusal: Refusal,
    instance: Option<String>,
}

/// The body of an error.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct Body<'a> {
    r#type: Cow<'static, str>,
    title: &'a str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// One bad field.
#[derive(Serialize, JsonSchema)]
struct FieldError {
    field: String,
    reason: String,
}

impl ArizeError {
    /// Why the request for `path` is refused.
    pub fn at(path: &str, refusal: Refusal) -> Self {
        Self { instance: Some(path.to_owned()), ..refusal.into() }
    }

    /// What the request for `path` is answered. Clients take the status from the body, and an
    /// empty body for success.
    pub fn answer(&self, path: Option<&str>, client: &Client) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::build(status);
        if let Refusal::Method(allowed) = &self.refusal {
            answer.insert_header((ALLOW, allowed.as_str()));
        }
        if let Some(seconds) = self.refusal.retry_after() {
            answer.insert_header((RETRY_AFTER, seconds));
        }
        if let Some(etag) = self.refusal.etag() {
            answer.insert_header((ETAG, etag));
        }
        answer.insert_header((CACHE_CONTROL, "no-store"));
        let body = self.body(path, client);
        answer.insert_header((CONTENT_TYPE, "application/problem+json")).json(body)
    }

    fn body<'a>(&self, path: Option<&'a str>, client: &Client) -> Body<'a> {
        let status = self.status_code();
        let problems = if client.is_strict() { vec![] } else { self.refusal.problems() };
        let (r#type, title) = kind(status);
        Body {
            r#type,
            title,
            status: status.as_u16(),
            detail: self.to_string(),
            instance: path,
            errors: problems
                .into_iter()
                .map(|Problem { field, reason }| FieldError { field, reason })
                .collect(),
        }
    }
}

/// The status and body of a refusal, as of the list of integrations.
pub fn sample(refusal: Refusal) -> (u16, Value) {
    let error = ArizeError::from(refusal);
    let body = error.body(Some("/v2/integrations"), &Client::default());
    (error.status_code().as_u16(), json!(body))
}

impl From<Error> for ArizeError {
    fn from(error: Error) -> Self {
        Refusal::from(error).into()
    }
}

impl From<Refusal> for ArizeError {
    /// What one may not see is told as what is not there.
    fn from(refusal: Refusal) -> Self {
        let refusal = match refusal {
            Refusal::Domain(Error::Forbidden { access: Access::Read, target })
                if !matches!(target, Target::Every(_)) =>
            {
                Error::NotFound { kind: target.noun(), name: target.id() }.into()
            }
            other => other,
        };
        Self { refusal, instance: None }
    }
}

impl fmt::Display for ArizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.refusal {
            // Its name here and in the registry differ: telling it would tell that it is there.
            Refusal::Domain(Error::NotFound { kind: kind @ "integration", .. }) => {
                write!(f, "No such {kind}")
            }
            refusal => refusal.fmt(f),
        }
    }
}

impl ResponseError for ArizeError {
    fn status_code(&self) -> StatusCode {
        match &self.refusal {
            Refusal::Domain(error) => status(error),
            Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
            Refusal::NoRoute => StatusCode::NOT_FOUND,
            Refusal::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
            Refusal::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Refusal::Domain(Error::Internal(cause)) = &self.refusal {
            log::error!("internal error: {cause}");
        }
        self.answer(self.instance.as_deref(), &Client::default())
    }
}

/// The status of the registry's errors. Every variant has its line, so that a new one does not
/// compile until it has been answered here.
fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound { .. } => StatusCode::NOT_FOUND,
        Error::Invalid(_) | Error::Items(_) | Error::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
        Error::Forbidden { .. } | Error::NotHeld { .. } => StatusCode::FORBIDDEN,
        Error::Conflict(_) | Error::SecretsNeeded(_) | Error::InProgress => StatusCode::CONFLICT,
        Error::Precondition { .. } => StatusCode::PRECONDITION_FAILED,
        Error::Unsupported(_) => StatusCode::NOT_IMPLEMENTED,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Contended | Error::Unavailable(_) | Error::OutcomeUnknown => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The type and title of a problem. Arize's page tells of some statuses; any other is what HTTP
/// says it is.
fn kind(status: StatusCode) -> (Cow<'static, str>, &'static str) {
    let (anchor, title) = match status.as_u16() {
        400 => ("invalid-request", "Bad Request"),
        401 => ("authentication-required", "Authentication required"),
        403 => ("access-forbidden", "Access forbidden"),
        404 => ("resource-not-found", "Resource not found"),
        409 => ("resource-conflict", "Conflict"),
        422 => ("validation-error", "Unprocessable Entity"),
        429 => ("rate-limit-exceeded", "Rate limit exceeded"),
        503 => ("service-unavailable", "Service Unavailable"),
        _ => return ("about:blank".into(), status.canonical_reason().unwrap_or("Error")),
    };
    (format!("{PAGE}#{anchor}").into(), title)
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::http::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::access::Access::{Read, Update};
    use crate::domain::access::Kind;
    use crate::domain::error::{ItemError, SignIn};
    use crate::domain::name::IntegrationName;

    /// The status, headers and body of an answer.
    async fn told(refusal: impl Into<Refusal>) -> (u16, HeaderMap, Value) {
        let answer = ArizeError::at("/v2/x", refusal.into()).error_response();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = to_bytes(answer.into_body()).await.unwrap();
        (status, headers, serde_json::from_slice(&body).unwrap())
    }

    #[actix_web::test]
    async fn every_refusal_is_a_problem_with_its_status() {
        let target = || Target::Every(Kind::Integration);
        let name = || "x".to_owned();
        let items =
            vec![ItemError { place: "[0]".into(), error: Error::invalid("name", "must be there") }];
        let refusals: [(u16, &str, Refusal); 24] = [
            (400, "invalid-request", Refusal::Malformed(Error::invalid("body", "is no JSON"))),
            (401, "authentication-required", Error::Unauthenticated(SignIn::Missing).into()),
            (401, "authentication-required", Error::Unauthenticated(SignIn::Invalid).into()),
            (401, "authentication-required", Error::Unauthenticated(SignIn::Expired).into()),
            (403, "access-forbidden", Error::Forbidden { access: Read, target: target() }.into()),
            (403, "access-forbidden", Error::Forbidden { access: Update, target: target() }.into()),
            (403, "access-forbidden", Error::NotHeld { what: name(), target: target() }.into()),
            (404, "resource-not-found", Error::NotFound { kind: "space", name: name() }.into()),
            (404, "resource-not-found", Refusal::NoRoute),
            (405, "", Refusal::Method("GET".to_owned())),
            (408, "", Refusal::Slow),
            (409, "resource-conflict", Error::Conflict("taken".into()).into()),
            (409, "resource-conflict", Error::SecretsNeeded(vec![]).into()),
            (409, "resource-conflict", Error::InProgress.into()),
            (412, "", Error::Precondition { reason: "it has changed", etag: None }.into()),
            (413, "", Refusal::TooLarge(7)),
            (415, "", Refusal::MediaType),
            (422, "validation-error", Error::invalid("name", "must be there").into()),
            (422, "validation-error", Error::Items(items).into()),
            (422, "validation-error", Error::KeyReused.into()),
            (429, "rate-limit-exceeded", Error::TooMany { seconds: 3 }.into()),
            (500, "", Error::internal("SELECT secret").into()),
            (501, "", Error::Unsupported("that").into()),
            (503, "service-unavailable", Error::Contended.into()),
        ];
        for (status, anchor, refusal) in refusals {
            let detail = refusal.to_string();
            let (found, headers, body) = told(refusal).await;
            let kind = match anchor {
                "" => "about:blank".to_owned(),
                anchor => format!("{PAGE}#{anchor}"),
            };
            assert_eq!((found, &body["status"]), (status, &json!(status)), "{body}");
            assert_eq!((&body["type"], &body["detail"]), (&json!(kind), &json!(detail)));
            assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()), "{body}");
            assert_eq!(body["instance"], "/v2/x");
            assert_eq!(headers.get("content-type").unwrap(), "application/problem+json");
            assert_eq!(headers.get("cache-control").unwrap(), "no-store");
            let retry = headers.get("retry-after").map(|value| value.to_str().unwrap());
            let expected = match status {
                409 if detail.contains("still being served") => Some("1"),
                429 => Some("3"),
                503 => Some("1"),
                _ => None,
            };
            assert_eq!(retry, expected, "{status}");
            assert_eq!(headers.contains_key("allow"), status == 405);
        }
    }

    #[actix_web::test]
    async fn bad_fields_are_named() {
        let (_, _, body) = told(Error::invalid("name", "must be there")).await;
        assert_eq!(body["errors"], json!([{"field": "name", "reason": "must be there"}]));
        let (_, _, body) = told(Error::Contended).await;
        assert_eq!(body.get("errors"), None);
    }

    #[actix_web::test]
    async fn what_may_not_be_seen_is_told_as_what_is_not_there() {
        let target = Target::Integration(IntegrationName::parse("name", "main").unwrap());
        let absent = Error::NotFound { kind: "integration", name: "TGxt".to_owned() };
        let hidden = Error::Forbidden { access: Read, target: target.clone() };
        let (absent, hidden) = (told(absent).await, told(hidden).await);
        assert_eq!(absent.0, 404);
        assert_eq!((hidden.0, hidden.2), (absent.0, absent.2));
        let seen = Error::Forbidden { access: Update, target };
        assert_eq!(told(seen).await.0, 403);
    }
}
