//! The server itself; contract section 10.

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::{Answer, Session};
use crate::domain::name;
use crate::http::json::MAX_DEPTH;
use crate::http::limits::Limits;
use crate::registry::Registry;

/// The switches of Conductor's user interface for what is served here.
const CONTEXT: &str = "window.conductor = {INTEGRATIONS: true, ACCESS_MANAGEMENT: true};\n\
                       window.authConfig = undefined;\n\
                       window.auth0Identifiers = undefined;\n";

/// `GET /health` and `GET /api/health`: 200 as long as the server can answer at all, and whether it is
/// ready.
pub async fn health(registry: Data<Registry>) -> HttpResponse {
    told(&registry, StatusCode::OK).await
}

/// `GET /health/ready`: whether the server can serve, 503 if not, and then why not.
pub async fn ready(registry: Data<Registry>) -> HttpResponse {
    told(&registry, StatusCode::SERVICE_UNAVAILABLE).await
}

/// How the registry is, with `unready` for the status where something is wrong.
async fn told(registry: &Registry, unready: StatusCode) -> HttpResponse {
    let checks = [("database", registry.check().await), ("disk", registry.check_room())];
    let healthy = checks.iter().all(|(_, checked)| checked.is_ok());
    let results = checks.map(|(name, checked)| {
        let mut result = json!({"name": name, "healthy": checked.is_ok()});
        if let Err(error) = checked {
            log::warn!("not healthy: {error:?}");
            result["message"] = error.to_string().into();
        }
        result
    });
    let body = json!({"healthy": healthy, "healthResults": results});
    let status = if healthy { StatusCode::OK } else { unready };
    HttpResponse::build(status).insert_header(("Cache-Control", "no-store")).json(body)
}

/// `GET /api/version`: the version, as text.
pub async fn version() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body(env!("CARGO_PKG_VERSION"))
}

/// `GET /context.js`: what the user interface reads its switches from.
pub async fn context() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/javascript; charset=utf-8")
        .insert_header(("Cache-Control", "no-cache"))
        .body(CONTEXT)
}

/// `GET /api/limits`: the limits of requests.
pub async fn limits(session: Session, req: HttpRequest) -> Answer {
    session.registry.known(&session.caller).await?;
    let limits = Limits::of(&req);
    Ok(HttpResponse::Ok().json(json!({
        "maxRequestBytes": limits.body_bytes,
        "maxBulkRequestBytes": limits.bulk_bytes,
        "maxJsonDepth": MAX_DEPTH,
        "maxNameBytes": name::MAX_LEN,
        "maxRequestsPerSecond": limits.rate,
    })))
}

/// `GET /api/metadata/taskdefs`: none, since this server runs no tasks.
pub async fn task_definitions(session: Session) -> Answer {
    session.registry.known(&session.caller).await?;
    Ok(HttpResponse::Ok().json(json!([])))
}
