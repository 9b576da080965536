//! Conductor's dialect: what the official SDKs and the user interface call.
//!
//! Handlers translate between the wire and the registry, and nothing else.

mod applications;
mod audit;
mod authorization;
mod catalogue;
mod error;
mod groups;
mod merge;
mod metadata;
mod names;
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

use actix_web::HttpResponse;
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, ServiceConfig};

use super::refusal::Refusal;
use super::routes::Endpoint;
use crate::domain::access::Access::{Create, Delete, Execute, Read, Update};
use crate::domain::access::Kind::{
    self, Application, AuditLog, Definition, Events, Group, Integration, Prompt, Resource, Role,
    SealKey, User,
};
use crate::domain::access::Rule::{
    self, Filtered, FilteredAll, Give, Needs, Open, ReadOfPath, Save, SaveEach, SelfOr, SignedIn,
    UpdateOfPath,
};
pub use error::ConductorError;

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

/// What a handler answers with.
type Answer = Result<HttpResponse, ConductorError>;

/// Every route of the dialect; anything else is 404 in its shape.
pub fn routes(config: &mut ServiceConfig) {
    for endpoint in open_endpoints() {
        config.service(closed(endpoint));
    }
    let mut api = web::scope("/api").wrap(no_store());
    for endpoint in api_endpoints() {
        api = api.service(closed(endpoint));
    }
    config.service(api).default_service(web::to(no_route));
}

/// What every route of the dialect needs: method, path and rule, in the order of the code.
pub fn rules() -> Vec<(&'static str, String, Rule)> {
    let open = open_endpoints();
    let open = open.iter().flat_map(|endpoint| {
        endpoint.rules().map(|(method, path, rule)| (method, path.to_owned(), rule))
    });
    let api = api_endpoints();
    let api = api.iter().flat_map(|endpoint| {
        endpoint.rules().map(|(method, path, rule)| (method, format!("/api{path}"), rule))
    });
    open.chain(api).collect()
}

/// What stands outside `/api`.
fn open_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/health").get(Open, server::health),
        Endpoint::at("/health/ready").get(Open, server::ready),
        Endpoint::at("/context.js").get(Open, server::context),
    ]
}

/// What stands below `/api`. The first that fits wins: fixed segments go before names, and what is
/// asked for most before the rest.
fn api_endpoints() -> Vec<Endpoint> {
    let mut endpoints = integration_endpoints();
    endpoints.extend(server_endpoints());
    endpoints.extend(metadata_endpoints());
    endpoints.extend(prompt_endpoints());
    endpoints.extend(application_endpoints());
    endpoints.extend(people_endpoints());
    endpoints
}

fn server_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/health").get(Open, server::health),
        Endpoint::at("/version").get(Open, server::version),
        Endpoint::at("/limits").get(SignedIn, server::limits),
        Endpoint::at("/token").post(Open, token::generate),
        Endpoint::at("/token/userInfo").get(SignedIn, token::user_info),
        Endpoint::at("/audit").get(Needs(Read, AuditLog), audit::list),
        Endpoint::at("/audit/verify").get(Needs(Read, AuditLog), audit::verify),
        Endpoint::at("/audit/fingerprint").post(Needs(Read, AuditLog), audit::fingerprint),
        Endpoint::at("/seal").get(Needs(Read, SealKey), seal::status),
        Endpoint::at("/seal/rotate").post(Needs(Update, SealKey), seal::rotate),
    ]
}

fn metadata_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/metadata/tags").get(FilteredAll, metadata::all_tags),
        Endpoint::at("/metadata/tags/grouped").get(FilteredAll, metadata::grouped_tags),
        Endpoint::at("/metadata/tags/resources").get(FilteredAll, metadata::carriers),
        Endpoint::at("/metadata/taskdefs").get(SignedIn, server::task_definitions),
        Endpoint::at("/metadata/task/{name}/tags")
            .get(Needs(Read, Kind::TASK), metadata::task_tags)
            .post(Needs(Update, Kind::TASK), metadata::add_task_tag)
            .put(Needs(Update, Kind::TASK), metadata::set_task_tags)
            .delete(Needs(Update, Kind::TASK), metadata::remove_task_tag),
        Endpoint::at("/metadata/workflow").post(Save(Kind::WORKFLOW), metadata::save_workflow),
        Endpoint::at("/metadata/workflow/{name}")
            .get(Needs(Read, Kind::WORKFLOW), metadata::find_workflow),
        Endpoint::at("/metadata/workflow/{name}/tags")
            .get(Needs(Read, Kind::WORKFLOW), metadata::workflow_tags)
            .post(Needs(Update, Kind::WORKFLOW), metadata::add_workflow_tag)
            .put(Needs(Update, Kind::WORKFLOW), metadata::set_workflow_tags)
            .delete(Needs(Update, Kind::WORKFLOW), metadata::remove_workflow_tag),
        Endpoint::at("/metadata/workflow/{name}/{version}")
            .delete(Needs(Delete, Kind::WORKFLOW), metadata::delete_workflow),
    ]
}

fn integration_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/integrations/provider/{name}/integration/all")
            .get(Needs(Read, Integration), resources::offered),
        Endpoint::at("/integrations/provider/{name}/integration/{api}")
            .conditional()
            .get(Needs(Read, Resource), resources::find)
            .post(Save(Resource), resources::save)
            .patch(Needs(Update, Resource), resources::patch)
            .delete(Needs(Delete, Resource), resources::delete),
        Endpoint::at("/integrations")
            .get(Filtered(Integration), providers::list_with_resources)
            .post(SaveEach(Integration), providers::save_all),
        Endpoint::at("/integrations/all").get(Filtered(Resource), catalogue::usable_names),
        Endpoint::at("/integrations/def").get(SignedIn, catalogue::definitions),
        Endpoint::at("/integrations/def/register")
            .post(Needs(Update, Definition), catalogue::register),
        Endpoint::at("/integrations/def/{name}").get(SignedIn, catalogue::definition),
        Endpoint::at("/integrations/eventStats")
            .post(Needs(Create, Events), usage::record_events_by_query),
        Endpoint::at("/integrations/eventStats/{type}")
            .post(Needs(Create, Events), usage::record_events),
        Endpoint::at("/integrations/llm/{name}/token")
            .get(Needs(Read, Integration), usage::token_limit)
            .post(Needs(Update, Integration), usage::set_token_limit),
        Endpoint::at("/integrations/llm/{name}/token/history")
            .get(Needs(Read, Integration), usage::history),
        Endpoint::at("/integrations/provider").get(Filtered(Integration), providers::list),
        Endpoint::at("/integrations/provider/{name}")
            .conditional()
            .get(Needs(Read, Integration), providers::find)
            .post(Save(Integration), providers::save)
            .patch(Needs(Update, Integration), providers::patch)
            .delete(Needs(Delete, Integration), providers::delete),
        Endpoint::at("/integrations/provider/{name}/resolve")
            .post(Needs(Execute, Integration), providers::resolve),
        Endpoint::at("/integrations/provider/{name}/tags")
            .get(Needs(Read, Integration), tags::of_provider)
            .put(Needs(Update, Integration), tags::add_to_provider)
            .delete(Needs(Update, Integration), tags::remove_from_provider),
        Endpoint::at("/integrations/provider/{name}/metrics")
            .get(Needs(Read, Integration), usage::by_resource),
        Endpoint::at("/integrations/provider/{name}/integration")
            .get(Filtered(Resource), resources::list),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/resolve")
            .post(Needs(Execute, Resource), resources::resolve),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/tags")
            .get(Needs(Read, Resource), tags::of_resource)
            .put(Needs(Update, Resource), tags::add_to_resource)
            .delete(Needs(Update, Resource), tags::remove_from_resource),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/metrics")
            .get(Needs(Read, Resource), usage::total)
            .post(Needs(Execute, Resource), usage::register),
        Endpoint::at("/integrations/{name}/def/apis")
            .get(Needs(Read, Integration), catalogue::operations),
        Endpoint::at("/integrations/{name}/def/api/{method}")
            .get(Needs(Read, Integration), catalogue::operation),
    ]
}

fn prompt_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/integrations/provider/{name}/integration/{api}/prompt")
            .get(Needs(Read, Resource), prompt_models::of_model),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/prompt/{prompt}")
            .post(Needs(Update, Prompt), prompt_models::attach),
        Endpoint::at("/prompts")
            .get(Filtered(Prompt), prompts::list)
            .post(SaveEach(Prompt), prompts::save_all),
        Endpoint::at("/prompts/test").post(Needs(Read, Resource), prompt_models::test),
        Endpoint::at("/prompts/{name}")
            .get(Needs(Read, Prompt), prompts::find)
            .post(Save(Prompt), prompts::save)
            .put(Save(Prompt), prompts::update)
            .delete(Needs(Delete, Prompt), prompts::delete),
        Endpoint::at("/prompts/{name}/labels").get(Needs(Read, Prompt), prompt_labels::list),
        Endpoint::at("/prompts/{name}/labels/{label}")
            .put(Needs(Update, Prompt), prompt_labels::point)
            .delete(Needs(Update, Prompt), prompt_labels::remove),
        Endpoint::at("/prompts/{name}/render").post(Needs(Read, Prompt), prompts::render),
        Endpoint::at("/prompts/{name}/tags")
            .get(Needs(Read, Prompt), prompts::tags)
            .put(Needs(Update, Prompt), prompts::add_tags)
            .delete(Needs(Update, Prompt), prompts::remove_tags),
        Endpoint::at("/prompts/{name}/versions").get(Needs(Read, Prompt), prompts::versions),
        Endpoint::at("/prompts/{name}/versions/{version}")
            .delete(Needs(Delete, Prompt), prompts::delete_version),
    ]
}

fn application_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/applications")
            .get(Filtered(Application), applications::list)
            .post(Needs(Create, Application), applications::create),
        Endpoint::at("/applications/key/{key}")
            .get(Needs(Read, Application), applications::find_by_key),
        Endpoint::at("/applications/{id}")
            .get(Needs(Read, Application), applications::find)
            .put(Needs(Update, Application), applications::rename)
            .delete(Needs(Delete, Application), applications::delete),
        Endpoint::at("/applications/{id}/accessKeys")
            .get(Needs(Read, Application), applications::keys)
            .post(Needs(Update, Application), applications::create_key),
        Endpoint::at("/applications/{id}/accessKeys/{key}")
            .delete(Needs(Update, Application), applications::delete_key),
        Endpoint::at("/applications/{id}/accessKeys/{key}/status")
            .post(Needs(Update, Application), applications::toggle_key),
        Endpoint::at("/applications/{id}/accessKeys/{key}/rotate")
            .post(Needs(Update, Application), applications::rotate_key),
        Endpoint::at("/applications/{id}/roles/{role}")
            .post(Needs(Update, Application), applications::add_role)
            .delete(Needs(Update, Application), applications::remove_role),
        Endpoint::at("/applications/{id}/tags")
            .get(Needs(Read, Application), tags::of_application)
            .put(Needs(Update, Application), tags::add_to_application)
            .delete(Needs(Update, Application), tags::remove_from_application),
    ]
}

fn people_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/users").get(Filtered(User), users::list),
        Endpoint::at("/users/{id}")
            .get(SelfOr(Read, User), users::find)
            .put(Save(User), users::save)
            .delete(Needs(Delete, User), users::delete),
        Endpoint::at("/users/{id}/permissions").get(SelfOr(Read, User), users::permissions),
        Endpoint::at("/users/{id}/checkPermissions").get(SelfOr(Read, User), users::check),
        Endpoint::at("/users/{id}/sendInviteEmail").post(SelfOr(Read, User), users::invite),
        Endpoint::at("/groups").get(Filtered(Group), groups::list),
        Endpoint::at("/groups/{id}")
            .get(Needs(Read, Group), groups::find)
            .put(Save(Group), groups::save)
            .delete(Needs(Delete, Group), groups::delete),
        Endpoint::at("/groups/{id}/permissions").get(Needs(Read, Group), groups::permissions),
        Endpoint::at("/groups/{id}/users")
            .get(Needs(Read, Group), groups::members)
            .post(Needs(Update, Group), groups::add_members)
            .delete(Needs(Update, Group), groups::remove_members),
        Endpoint::at("/groups/{id}/users/{user}")
            .post(Needs(Update, Group), groups::add_member)
            .delete(Needs(Update, Group), groups::remove_member),
        Endpoint::at("/roles")
            .get(Filtered(Role), roles::list)
            .post(Needs(Create, Role), roles::create),
        Endpoint::at("/roles/system").get(SignedIn, roles::system),
        Endpoint::at("/roles/custom").get(Filtered(Role), roles::custom),
        Endpoint::at("/roles/permissions").get(SignedIn, roles::permissions),
        Endpoint::at("/roles/{name}")
            .get(Needs(Read, Role), roles::find)
            .put(Needs(Update, Role), roles::update)
            .delete(Needs(Delete, Role), roles::delete),
        Endpoint::at("/auth/authorization")
            .post(Give, authorization::grant)
            .delete(Give, authorization::revoke),
        Endpoint::at("/auth/authorization/{type}/{id}").get(ReadOfPath, authorization::on_target),
        Endpoint::at("/auth/subjects/{type}/{id}/grants")
            .get(ReadOfPath, authorization::of_subject)
            .delete(UpdateOfPath, authorization::revoke_all),
    ]
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

/// 200 without a body and without a content type, which no client stumbles over (contract 0.2).
fn done() -> HttpResponse {
    HttpResponse::Ok().finish()
}
