//! How requests fail: one answer for each status of a dialect, as the dialect itself tells it.

use serde_json::{Map, Value, json};

use super::{Schemas, operation};
use crate::domain::Error;
use crate::domain::access::Access::Update;
use crate::domain::access::{Kind, Rule, Target};
use crate::domain::error::SignIn;
use crate::http::answer::ETAG_EXAMPLE;
use crate::http::dialect::{Dialect, Route};
use crate::http::limits::Limits;
use crate::http::refusal::Refusal;

/// One refusal of each kind, each with what it means.
fn samples() -> [(&'static str, Refusal); 15] {
    let malformed = Error::invalid("body", "is not valid JSON at line 1, column 9");
    let target = Target::Every(Kind::Integration);
    [
        ("The request cannot be read, or breaks a rule.", Refusal::Malformed(malformed)),
        (
            "Nobody is signed in, or not with a valid token.",
            Error::Unauthenticated(SignIn::Invalid).into(),
        ),
        ("The caller may not do this.", Error::Forbidden { access: Update, target }.into()),
        (
            "What was named is not there.",
            Error::NotFound { kind: "integration", name: "openai-main".to_owned() }.into(),
        ),
        (
            "The change does not fit what is there, or the request is still being served.",
            Error::Conflict("the integration is still in use".into()).into(),
        ),
        (
            "The thing is not as the precondition says.",
            Error::Precondition {
                reason: "`If-Match`: it has changed",
                etag: Some(ETAG_EXAMPLE.to_owned()),
            }
            .into(),
        ),
        ("The body did not come in time.", Refusal::Slow),
        ("The body is too large.", Refusal::TooLarge(Limits::default().body_bytes)),
        ("The body is of another type.", Refusal::MediaType),
        (
            "The request breaks a rule, or its `Idempotency-Key` was sent with another.",
            Error::KeyReused.into(),
        ),
        ("The caller has tried too often.", Error::TooMany { seconds: 30 }.into()),
        ("A fault of the server.", Error::internal("a fault").into()),
        ("This server does not do that.", Error::Unsupported("this server sends no mail").into()),
        ("The registry cannot serve now; trying again helps.", Error::Contended.into()),
        (
            "The registry cannot serve now; trying again helps.",
            Error::Unavailable("too many requests wait").into(),
        ),
    ]
}

/// Adds the errors of a dialect to the responses of the document.
pub fn add(dialect: &Dialect, schemas: &mut Schemas, responses: &mut Map<String, Value>) {
    let schema = (dialect.error_schema)(schemas);
    for (about, refusal) in samples() {
        let seconds = refusal.retry_after();
        let etag = refusal.etag().map(str::to_owned);
        let (status, body) = (dialect.error)(refusal);
        let mut response = json!({
            "description": about,
            "headers": operation::headers(),
            "content": {dialect.error_type: {"schema": schema, "example": body}},
        });
        if let Some(seconds) = seconds {
            response["headers"]["Retry-After"] = json!({
                "description": "After how many seconds trying again may help.",
                "schema": {"type": "integer", "minimum": 0, "examples": [seconds]},
            });
        }
        if let Some(etag) = etag {
            response["headers"]["ETag"] = json!({
                "description": "The entity tag that the thing has now, if it is there and the \
                                caller may read it.",
                "schema": {"type": "string", "examples": [etag]},
            });
        }
        responses.insert(format!("{}{status}", dialect.name), response);
    }
}

/// The statuses that a route with this rule can fail with, beside those of what it takes.
pub fn of_rule(dialect: &Dialect, route: &Route) -> Vec<u16> {
    let mut statuses = vec![401, 429, 500, 503];
    if !matches!(route.rule, Rule::SignedIn | Rule::Filtered(_) | Rule::FilteredAll) {
        statuses.push(403);
    }
    if route.method != "GET" {
        statuses.extend([404, 409]);
        statuses.extend(dialect.rule_broken);
    }
    statuses
}
