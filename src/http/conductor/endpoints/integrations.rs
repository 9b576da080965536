//! Integrations and resources.

use super::super::{catalogue, providers, resources, tags, usage};
use crate::domain::access::Access::{Create, Delete, Execute, Read, Update};
use crate::domain::access::Kind::{Definition, Events, Integration, Resource};
use crate::domain::access::Rule::{Filtered, Needs, Save, SaveEach, SignedIn};
use crate::http::routes::Endpoint;

/// Integrations with their resources, and the catalogue of their types.
pub fn all() -> Vec<Endpoint> {
    let mut endpoints = first();
    endpoints.extend(of_one());
    endpoints
}

fn first() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/integrations/provider/{name}/integration/all").get(
            Needs(Read, Integration),
            resources::offered,
            "The names of the resources that the type offers",
        ),
        Endpoint::at("/integrations/provider/{name}/integration/{api}")
            .conditional()
            .get(Needs(Read, Resource), resources::find, "A resource")
            .post(Save(Resource), resources::save, "Creates a resource, or replaces it")
            .patch(Needs(Update, Resource), resources::patch, "Merges into a resource")
            .delete(Needs(Delete, Resource), resources::delete, "Deletes a resource"),
        Endpoint::at("/integrations")
            .get(
                Filtered(Integration),
                providers::list_with_resources,
                "The integrations, with their resources",
            )
            .post(
                SaveEach(Integration),
                providers::save_all,
                "Saves many integrations, all or none",
            ),
        Endpoint::at("/integrations/all").get(
            Filtered(Resource),
            catalogue::usable_names,
            "The names of all that can be used",
        ),
        Endpoint::at("/integrations/def").get(
            SignedIn,
            catalogue::definitions,
            "The types of integrations",
        ),
        Endpoint::at("/integrations/def/register").post(
            Needs(Update, Definition),
            catalogue::register,
            "Registers types of integrations, all or none",
        ),
        Endpoint::at("/integrations/def/{name}").get(
            SignedIn,
            catalogue::definition,
            "A type of integration",
        ),
        Endpoint::at("/integrations/eventStats").post(
            Needs(Create, Events),
            usage::record_events_by_query,
            "Counts events, of the type in the query",
        ),
        Endpoint::at("/integrations/eventStats/{type}").post(
            Needs(Create, Events),
            usage::record_events,
            "Counts events",
        ),
        Endpoint::at("/integrations/llm/{name}/token")
            .conditional()
            .get(
                Needs(Read, Integration),
                usage::token_limit,
                "How many tokens an integration may use",
            )
            .post(
                Needs(Update, Integration),
                usage::set_token_limit,
                "Sets how many tokens an integration may use",
            ),
        Endpoint::at("/integrations/llm/{name}/token/history").get(
            Needs(Read, Integration),
            usage::history,
            "The tokens used by day, the newest first",
        ),
    ]
}

fn of_one() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/integrations/provider").get(
            Filtered(Integration),
            providers::list,
            "The integrations, without their resources",
        ),
        Endpoint::at("/integrations/provider/{name}")
            .conditional()
            .get(Needs(Read, Integration), providers::find, "An integration")
            .post(Save(Integration), providers::save, "Creates an integration, or replaces it")
            .patch(Needs(Update, Integration), providers::patch, "Merges into an integration")
            .delete(
                Needs(Delete, Integration),
                providers::delete,
                "Deletes an integration and its resources",
            ),
        Endpoint::at("/integrations/provider/{name}/resolve")
            .post(
                Needs(Execute, Integration),
                providers::resolve,
                "The configuration of an integration, with its secrets",
            )
            .fails(&[501]),
        Endpoint::at("/integrations/provider/{name}/tags")
            .conditional()
            .get(Needs(Read, Integration), tags::of_provider, "The tags of an integration")
            .put(Needs(Update, Integration), tags::add_to_provider, "Adds tags to an integration")
            .delete(
                Needs(Update, Integration),
                tags::remove_from_provider,
                "Removes tags from an integration",
            ),
        Endpoint::at("/integrations/provider/{name}/metrics").get(
            Needs(Read, Integration),
            usage::by_resource,
            "The tokens that each resource has used",
        ),
        Endpoint::at("/integrations/provider/{name}/integration").get(
            Filtered(Resource),
            resources::list,
            "The resources of an integration",
        ),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/resolve")
            .post(
                Needs(Execute, Resource),
                resources::resolve,
                "The effective configuration of a resource, with its secrets",
            )
            .fails(&[501]),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/tags")
            .conditional()
            .get(Needs(Read, Resource), tags::of_resource, "The tags of a resource")
            .put(Needs(Update, Resource), tags::add_to_resource, "Adds tags to a resource")
            .delete(
                Needs(Update, Resource),
                tags::remove_from_resource,
                "Removes tags from a resource",
            ),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/metrics")
            .get(Needs(Read, Resource), usage::total, "The tokens that a resource has used")
            .post(
                Needs(Execute, Resource),
                usage::register,
                "Adds to the tokens that a resource has used",
            ),
        Endpoint::at("/integrations/{name}/def/apis").get(
            Needs(Read, Integration),
            catalogue::operations,
            "What an integration or a type offers",
        ),
        Endpoint::at("/integrations/{name}/def/api/{method}").get(
            Needs(Read, Integration),
            catalogue::operation,
            "One of the operations that an integration or a type offers",
        ),
    ]
}
