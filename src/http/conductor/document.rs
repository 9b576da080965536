//! The OpenAPI document, and the page that shows it. Podium's own routes, but for `/api-docs`.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};

use super::names::IdPath;
use super::{Answer, Told};
use crate::http::answer::{JsonDocument, Page};
use crate::http::openapi::{POLICY, asset};
use crate::http::refusal::Refusal;

/// `GET /openapi.json` and `GET /api-docs`: the document.
pub async fn openapi() -> Told<JsonDocument> {
    Told::new(|mut answer| {
        answer
            .insert_header((CONTENT_TYPE, "application/json"))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .body(crate::http::openapi())
    })
}

/// `GET /swagger-ui`: the page that shows it.
pub async fn page() -> Answer<Page> {
    served("")
}

/// `GET /swagger-ui/{file}`: what the page loads.
pub async fn file(path: IdPath) -> Answer<Page> {
    served(&path.0)
}

fn served(name: &str) -> Answer<Page> {
    let asset = asset(name).ok_or(Refusal::NoRoute)?;
    Ok(Told::new(|mut answer| {
        if asset.compressed {
            answer.insert_header((CONTENT_ENCODING, "gzip"));
        }
        answer
            .insert_header((CONTENT_TYPE, asset.kind))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header(("Content-Security-Policy", POLICY))
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .body(asset.body)
    }))
}
