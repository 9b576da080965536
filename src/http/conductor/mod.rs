//! Conductor's dialect: what the official SDKs and the user interface call.
//!
//! Handlers translate between the wire and the registry, and nothing else.

mod applications;
mod catalogue;
mod error;
mod names;
mod providers;
mod resources;
mod server;
mod tags;
mod token;
mod usage;
mod wire;

use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Resource};

use super::refusal::Refusal;
use super::routes::Endpoint;
pub use error::ConductorError;

/// The registry and a signed-in caller.
type Session = super::session::Session<ConductorError>;

/// A JSON body.
type Json<T> = super::json::Json<T, ConductorError>;

/// A query string.
type Query<T> = super::query::Query<T, ConductorError>;

/// What a handler answers with.
type Answer = Result<HttpResponse, ConductorError>;

/// Every route of the dialect; anything else is 404 in its shape.
pub fn routes(config: &mut ServiceConfig) {
    for endpoint in open_endpoints() {
        config.service(endpoint);
    }
    let mut api = web::scope("/api").wrap(no_store());
    for endpoint in api_endpoints() {
        api = api.service(endpoint);
    }
    config.service(api).default_service(web::to(no_route));
}

/// What stands outside `/api`.
fn open_endpoints() -> Vec<Resource> {
    [Endpoint::at("/health").get(server::health), Endpoint::at("/context.js").get(server::context)]
        .map(closed)
        .into()
}

/// What stands below `/api`. Fixed segments go before names, since the first that fits wins.
fn api_endpoints() -> Vec<Resource> {
    [
        Endpoint::at("/health").get(server::health),
        Endpoint::at("/version").get(server::version),
        Endpoint::at("/limits").get(server::limits),
        Endpoint::at("/metadata/tags").get(tags::all),
        Endpoint::at("/metadata/taskdefs").get(server::task_definitions),
        Endpoint::at("/token").post(token::generate),
        Endpoint::at("/token/userInfo").get(token::user_info),
        Endpoint::at("/integrations").get(providers::list_with_resources).post(providers::save_all),
        Endpoint::at("/integrations/all").get(catalogue::usable_names),
        Endpoint::at("/integrations/def").get(catalogue::definitions),
        Endpoint::at("/integrations/def/register").post(catalogue::register),
        Endpoint::at("/integrations/def/{name}").get(catalogue::definition),
        Endpoint::at("/integrations/eventStats").post(usage::record_events_by_query),
        Endpoint::at("/integrations/eventStats/{type}").post(usage::record_events),
        Endpoint::at("/integrations/llm/{name}/token")
            .get(usage::token_limit)
            .post(usage::set_token_limit),
        Endpoint::at("/integrations/llm/{name}/token/history").get(usage::history),
        Endpoint::at("/integrations/provider").get(providers::list),
        Endpoint::at("/integrations/provider/{name}")
            .get(providers::find)
            .post(providers::save)
            .delete(providers::delete),
        Endpoint::at("/integrations/provider/{name}/tags")
            .get(tags::of_provider)
            .put(tags::add_to_provider)
            .delete(tags::remove_from_provider),
        Endpoint::at("/integrations/provider/{name}/metrics").get(usage::by_resource),
        Endpoint::at("/integrations/provider/{name}/integration").get(resources::list),
        Endpoint::at("/integrations/provider/{name}/integration/all").get(resources::offered),
        Endpoint::at("/integrations/provider/{name}/integration/{api}")
            .get(resources::find)
            .post(resources::save)
            .delete(resources::delete),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/tags")
            .get(tags::of_resource)
            .put(tags::add_to_resource)
            .delete(tags::remove_from_resource),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/metrics")
            .get(usage::total)
            .post(usage::register),
        Endpoint::at("/integrations/{name}/def/apis").get(catalogue::operations),
        Endpoint::at("/integrations/{name}/def/api/{method}").get(catalogue::operation),
        Endpoint::at("/applications").get(applications::list).post(applications::create),
        Endpoint::at("/applications/key/{key}").get(applications::find_by_key),
        Endpoint::at("/applications/{id}")
            .get(applications::find)
            .put(applications::rename)
            .delete(applications::delete),
        Endpoint::at("/applications/{id}/accessKeys")
            .get(applications::keys)
            .post(applications::create_key),
        Endpoint::at("/applications/{id}/accessKeys/{key}").delete(applications::delete_key),
        Endpoint::at("/applications/{id}/accessKeys/{key}/status").post(applications::toggle_key),
        Endpoint::at("/applications/{id}/roles/{role}")
            .post(applications::add_role)
            .delete(applications::remove_role),
        Endpoint::at("/applications/{id}/tags")
            .get(tags::of_application)
            .put(tags::add_to_application)
            .delete(tags::remove_from_application),
    ]
    .map(closed)
    .into()
}

/// Refuses the methods that an endpoint does not serve, in the dialect's shape.
fn closed(endpoint: Endpoint) -> Resource {
    endpoint.refusing(|allowed| -> Answer { Err(Refusal::Method(allowed).into()) })
}

async fn no_route() -> Answer {
    Err(Refusal::NoRoute.into())
}

/// Nothing of what a token opens may be kept by a cache.
fn no_store() -> DefaultHeaders {
    DefaultHeaders::new().add(("Cache-Control", "no-store"))
}

/// 200 without a body and without a content type, which no client stumbles over (contract 0.2).
fn done() -> HttpResponse {
    HttpResponse::Ok().finish()
}
