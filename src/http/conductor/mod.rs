//! Conductor's dialect: what the official SDKs and the user interface call.
//!
//! Handlers translate between the wire and the registry, and nothing else.

mod applications;
mod audit;
mod authorization;
mod catalogue;
mod definition_wire;
mod document;
mod endpoints;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod groups;
mod manifest;
mod merge;
mod metadata;
mod names;
mod pages;
mod people;
mod prompt_labels;
mod prompt_models;
mod prompt_names;
mod prompt_wire;
mod prompts;
mod providers;
mod resources;
mod roles;
mod seal;
mod server;
mod tags;
mod template;
mod token;
mod usage;
mod users;
mod wire;

use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, ServiceConfig};

use super::answer::{Nothing, Tagged, Told, done, shown, tagged, told};
use super::dialect::Dialect;
use super::refusal::Refusal;
use super::routes::Endpoint;
pub use error::ConductorError;

/// Where most of the dialect stands.
pub const BASE: &str = "/api";

/// The registry and a signed-in caller.
type Session = super::session::Session<ConductorError>;

/// A JSON body.
type Json<T> = super::json::Json<T, ConductorError>;

/// A JSON body that may be left out.
type Optional<T> = super::json::Optional<T, ConductorError>;

/// A body that is text.
type Text = super::text::Text<ConductorError>;

/// A query string.
type Query<T> = super::query::Query<T, ConductorError>;

/// What a handler answers with: a `T`, or no body.
type Answer<T = Nothing> = Result<Told<T>, ConductorError>;

/// Every route of the dialect; anything else is 404 in its shape.
pub fn routes(config: &mut ServiceConfig) {
    for endpoint in endpoints::open() {
        config.service(closed(endpoint));
    }
    let mut api = web::scope(BASE).wrap(no_store());
    for endpoint in endpoints::api() {
        api = api.service(closed(endpoint));
    }
    config.service(api).default_service(web::to(no_route));
}

/// What the dialect is to the OpenAPI document.
pub fn dialect() -> Dialect {
    let open = endpoints::open().into_iter().flat_map(|endpoint| endpoint.routes(""));
    let api = endpoints::api().into_iter().flat_map(|endpoint| endpoint.routes(BASE));
    Dialect {
        name: "Conductor",
        base: BASE,
        routes: open.chain(api).collect(),
        error_type: "application/json",
        error_schema: |schemas| schemas.answered::<error::Body<'_>>(),
        error: error::sample,
        rule_broken: &[],
    }
}

/// Refuses the methods that an endpoint does not serve, in the dialect's shape.
fn closed(endpoint: Endpoint) -> actix_web::Resource {
    endpoint.refusing(|allowed| -> Answer { Err(Refusal::Method(allowed).into()) })
}

async fn no_route() -> Answer {
    Err(Refusal::NoRoute.into())
}

/// Nothing of what a token opens may be kept by a cache.
fn no_store() -> DefaultHeaders {
    DefaultHeaders::new().add(("Cache-Control", "no-store"))
}
