//! The server itself; contract section 10.

use std::num::NonZeroU32;

use actix_web::HttpRequest;
use actix_web::http::header::ContentType;
use actix_web::web::Data;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Answer, Session, told};
use crate::domain::{Error, Result, name};
use crate::http::answer::{Checked, NO_STORE, PlainText, Script, Told};
use crate::http::limits::Limits;
use crate::http::strict::MAX_DEPTH;
use crate::registry::Registry;

/// The switches of Conductor's user interface for what is served here.
const CONTEXT: &str = "window.conductor = {INTEGRATIONS: true, ACCESS_MANAGEMENT: true};\n\
                       window.authConfig = undefined;\n\
                       window.auth0Identifiers = undefined;\n";

/// Whether all is well, and what was looked at.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    healthy: bool,
    health_results: Vec<HealthResult>,
}

/// One thing that was looked at.
#[derive(Serialize, JsonSchema)]
struct HealthResult {
    name: &'static str,
    healthy: bool,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// `GET /health` and `GET /api/health`: 200 as long as the server can answer at all, and whether it is
/// ready.
pub async fn health(registry: Data<Registry>) -> Told<Health> {
    let health = Health::of(&registry).await;
    Told::new(|mut answer| answer.insert_header(NO_STORE).json(health))
}

/// `GET /health/ready`: whether the server can serve, 503 if not, and then why not.
pub async fn ready(registry: Data<Registry>) -> Checked<Health> {
    let health = Health::of(&registry).await;
    Checked::new(health.healthy, health)
}

impl Health {
    async fn of(registry: &Registry) -> Self {
        let checks = [("database", registry.check().await), ("disk", registry.check_room())];
        let healthy = checks.iter().all(|(_, checked)| checked.is_ok());
        let result = |(name, checked): (_, Result<(), Error>)| {
            let healthy = checked.is_ok();
            let message = checked.err().map(|error| {
                log::warn!("not healthy: {error:?}");
                error.to_string()
            });
            HealthResult { name, healthy, message }
        };
        Self { healthy, health_results: checks.map(result).into() }
    }
}

/// `GET /api/version`: the version, as text.
pub async fn version() -> Told<PlainText> {
    Told::new(|mut answer| {
        answer.content_type(ContentType::plaintext()).body(env!("CARGO_PKG_VERSION"))
    })
}

/// `GET /context.js`: what the user interface reads its switches from.
pub async fn context() -> Told<Script> {
    Told::new(|mut answer| {
        answer
            .content_type("application/javascript; charset=utf-8")
            .insert_header(("Cache-Control", "no-cache"))
            .body(CONTEXT)
    })
}

/// The limits of requests.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Limits")]
pub struct LimitsJson {
    /// The largest body, in bytes.
    #[serde(rename = "maxRequestBytes")]
    body: usize,
    /// The largest body of a bulk save, in bytes.
    #[serde(rename = "maxBulkRequestBytes")]
    bulk: usize,
    /// How deep JSON may be nested.
    #[serde(rename = "maxJsonDepth")]
    depth: usize,
    /// The longest name, in bytes.
    #[serde(rename = "maxNameBytes")]
    name: usize,
    /// How many requests a caller may send in a second; `null` is any number.
    #[serde(rename = "maxRequestsPerSecond")]
    rate: Option<NonZeroU32>,
}

/// `GET /api/limits`: the limits of requests.
pub async fn limits(session: Session, req: HttpRequest) -> Answer<LimitsJson> {
    session.registry.known(&session.caller).await?;
    let limits = Limits::of(&req);
    Ok(told(LimitsJson {
        body: limits.body_bytes,
        bulk: limits.bulk_bytes,
        depth: MAX_DEPTH,
        name: name::MAX_LEN,
        rate: limits.rate,
    }))
}

/// `GET /api/metadata/taskdefs`: none, since this server runs no tasks.
pub async fn task_definitions(session: Session) -> Answer<Vec<Value>> {
    session.registry.known(&session.caller).await?;
    Ok(told([(); 0]))
}
