//! The routes, in the order in which they are looked through.

mod integrations;
mod people;

use super::{
    audit, document, manifest, metadata, prompt_labels, prompt_models, prompts, seal, server, token,
};
use crate::domain::access::Access::{Delete, Read, Update};
use crate::domain::access::Kind::{self, AuditLog, Prompt, Resource, SealKey};
use crate::domain::access::Rule::{
    Filtered, FilteredAll, Needs, Open, Save, SaveAll, SaveEach, SignedIn,
};
use crate::http::routes::Endpoint;

/// What stands outside `/api`.
pub fn open() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/health").get(
            Open,
            server::health,
            "Whether the server answers, and how it is",
        ),
        Endpoint::at("/health/ready").get(Open, server::ready, "Whether the server can serve"),
        Endpoint::at("/context.js").get(
            Open,
            server::context,
            "The switches of Conductor's user interface",
        ),
        Endpoint::at("/openapi.json").get(Open, document::openapi, "This document"),
        Endpoint::at("/api-docs").get(Open, document::openapi, "This document"),
        Endpoint::at("/swagger-ui").get(Open, document::page, "A page that shows this document"),
        Endpoint::at("/swagger-ui/{file}").get(Open, document::file, "A file of that page"),
    ]
}

/// What stands below `/api`. The first that fits wins: fixed segments go before names, and what is
/// asked for most before the rest.
pub fn api() -> Vec<Endpoint> {
    let mut endpoints = integrations::all();
    endpoints.extend(server_endpoints());
    endpoints.extend(metadata_endpoints());
    endpoints.extend(prompt_endpoints());
    endpoints.extend(people::applications());
    endpoints.extend(people::people());
    endpoints
}

fn server_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/health").get(
            Open,
            server::health,
            "Whether the server answers, and how it is",
        ),
        Endpoint::at("/version").get(Open, server::version, "The version"),
        Endpoint::at("/limits").get(SignedIn, server::limits, "The limits of requests"),
        Endpoint::at("/token")
            .post(Open, token::generate, "Signs in with an access key, and gives a token")
            .fails(&[401, 429]),
        Endpoint::at("/token/userInfo").get(SignedIn, token::user_info, "Who calls"),
        Endpoint::at("/audit").get(Needs(Read, AuditLog), audit::list, "Records of the audit log"),
        Endpoint::at("/audit/verify").get(
            Needs(Read, AuditLog),
            audit::verify,
            "Whether the audit log is whole",
        ),
        Endpoint::at("/audit/fingerprint").post(
            Needs(Read, AuditLog),
            audit::fingerprint,
            "What the audit log holds in the place of a secret",
        ),
        Endpoint::at("/manifest")
            .get(FilteredAll, manifest::export, "What the caller can see, as a manifest")
            .fails(&[409]),
        Endpoint::at("/manifest/plan")
            .post(SaveAll, manifest::plan, "What applying a manifest would do")
            .fails(&[412]),
        Endpoint::at("/manifest/apply")
            .post(
                SaveAll,
                manifest::apply,
                "Makes the registry what a manifest says, all of it or nothing",
            )
            .fails(&[412]),
        Endpoint::at("/seal").get(Needs(Read, SealKey), seal::status, "The keys that seal secrets"),
        Endpoint::at("/seal/rotate").post(
            Needs(Update, SealKey),
            seal::rotate,
            "Seals everything with a new key",
        ),
    ]
}

fn metadata_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/metadata/tags").get(
            FilteredAll,
            metadata::all_tags,
            "Every tag of what the caller can see",
        ),
        Endpoint::at("/metadata/tags/grouped").get(
            FilteredAll,
            metadata::grouped_tags,
            "How many things of each kind carry each tag",
        ),
        Endpoint::at("/metadata/tags/resources").get(
            FilteredAll,
            metadata::carriers,
            "The things of a kind that carry a tag",
        ),
        Endpoint::at("/metadata/taskdefs").get(
            SignedIn,
            server::task_definitions,
            "No task definitions: this server runs no tasks",
        ),
        Endpoint::at("/metadata/task/{name}/tags")
            .conditional()
            .get(Needs(Read, Kind::TASK), metadata::task_tags, "The tags of a task definition")
            .post(
                Needs(Update, Kind::TASK),
                metadata::add_task_tag,
                "Adds a tag to a task definition",
            )
            .put(
                Needs(Update, Kind::TASK),
                metadata::set_task_tags,
                "Replaces the tags of a task definition",
            )
            .delete(
                Needs(Update, Kind::TASK),
                metadata::remove_task_tag,
                "Removes a tag from a task definition",
            ),
        Endpoint::at("/metadata/workflow").conditional().post(
            Save(Kind::WORKFLOW),
            metadata::save_workflow,
            "Keeps a workflow definition",
        ),
        Endpoint::at("/metadata/workflow/{name}").get(
            Needs(Read, Kind::WORKFLOW),
            metadata::find_workflow,
            "A workflow definition, as it was sent",
        ),
        Endpoint::at("/metadata/workflow/{name}/tags")
            .conditional()
            .get(
                Needs(Read, Kind::WORKFLOW),
                metadata::workflow_tags,
                "The tags of a workflow definition",
            )
            .post(
                Needs(Update, Kind::WORKFLOW),
                metadata::add_workflow_tag,
                "Adds a tag to a workflow definition",
            )
            .put(
                Needs(Update, Kind::WORKFLOW),
                metadata::set_workflow_tags,
                "Replaces the tags of a workflow definition",
            )
            .delete(
                Needs(Update, Kind::WORKFLOW),
                metadata::remove_workflow_tag,
                "Removes a tag from a workflow definition",
            ),
        Endpoint::at("/metadata/workflow/{name}/{version}").conditional().delete(
            Needs(Delete, Kind::WORKFLOW),
            metadata::delete_workflow,
            "Deletes a version of a workflow definition",
        ),
    ]
}

fn prompt_endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/integrations/provider/{name}/integration/{api}/prompt").get(
            Needs(Read, Resource),
            prompt_models::of_model,
            "The prompts for a model",
        ),
        Endpoint::at("/integrations/provider/{name}/integration/{api}/prompt/{prompt}")
            .conditional()
            .post(Needs(Update, Prompt), prompt_models::attach, "Attaches a prompt to a model"),
        Endpoint::at("/prompts")
            .get(Filtered(Prompt), prompts::list, "The latest version of each prompt")
            .post(SaveEach(Prompt), prompts::save_all, "Saves many prompts, all or none"),
        Endpoint::at("/prompts/test")
            .post(
                Needs(Read, Resource),
                prompt_models::test,
                "Checks what a test of a prompt needs; this server calls no models",
            )
            .fails(&[501]),
        Endpoint::at("/prompts/{name}")
            .conditional()
            .get(Needs(Read, Prompt), prompts::find, "A prompt")
            .post(Save(Prompt), prompts::save, "Writes a version of a prompt")
            .put(Save(Prompt), prompts::update, "Changes a version of a prompt")
            .delete(Needs(Delete, Prompt), prompts::delete, "Deletes a prompt"),
        Endpoint::at("/prompts/{name}/labels").get(
            Needs(Read, Prompt),
            prompt_labels::list,
            "The labels of a prompt",
        ),
        Endpoint::at("/prompts/{name}/labels/{label}")
            .conditional()
            .put(Needs(Update, Prompt), prompt_labels::point, "Points a label at a version")
            .delete(Needs(Update, Prompt), prompt_labels::remove, "Removes a label"),
        Endpoint::at("/prompts/{name}/render").post(
            Needs(Read, Prompt),
            prompts::render,
            "The text of a prompt, with its variables filled in",
        ),
        Endpoint::at("/prompts/{name}/tags")
            .conditional()
            .get(Needs(Read, Prompt), prompts::tags, "The tags of a prompt")
            .put(Needs(Update, Prompt), prompts::add_tags, "Adds tags to a prompt")
            .delete(Needs(Update, Prompt), prompts::remove_tags, "Removes tags from a prompt"),
        Endpoint::at("/prompts/{name}/versions").get(
            Needs(Read, Prompt),
            prompts::versions,
            "The versions of a prompt, the newest first",
        ),
        Endpoint::at("/prompts/{name}/versions/{version}").conditional().delete(
            Needs(Delete, Prompt),
            prompts::delete_version,
            "Deletes a version of a prompt",
        ),
    ]
}
