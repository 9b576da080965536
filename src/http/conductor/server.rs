//! The server itself; contract section 10.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Data;
use serde_json::json;

use super::{Answer, Session};
use crate::domain::name;
use crate::http::json::{MAX_BODY, MAX_BULK_BODY, MAX_DEPTH};
use crate::registry::Registry;

/// The switches of Conductor's user interface for what is served here.
const CONTEXT: &str = "window.conductor = {INTEGRATIONS: true, ACCESS_MANAGEMENT: true};\n\
                       window.authConfig = undefined;\n\
                       window.auth0Identifiers = undefined;\n";

/// `GET /health` and `GET /api/health`: whether the server and its database answer, and if not,
/// what is wrong.
pub async fn health(registry: Data<Registry>) -> HttpResponse {
    let checked = registry.check().await;
    let healthy = checked.is_ok();
    let mut result = json!({"name": "database", "healthy": healthy});
    if let Err(error) = checked {
        log::warn!("not healthy: {error:?}");
        result["message"] = error.to_string().into();
    }
    let body = json!({"healthy": healthy, "healthResults": [result]});
    let mut answer = if healthy { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header(("Cache-Control", "no-store")).json(body)
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
pub async fn limits(session: Session) -> Answer {
    session.registry.known(&session.caller).await?;
    Ok(HttpResponse::Ok().json(json!({
        "maxRequestBytes": MAX_BODY,
        "maxBulkRequestBytes": MAX_BULK_BODY,
        "maxJsonDepth": MAX_DEPTH,
        "maxNameBytes": name::MAX_LEN,
    })))
}

/// `GET /api/metadata/taskdefs`: none, since this server runs no tasks.
pub async fn task_definitions(session: Session) -> Answer {
    session.registry.known(&session.caller).await?;
    Ok(HttpResponse::Ok().json(json!([])))
}
