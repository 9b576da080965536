//! What the SDKs' own suites need of the orchestrator's metadata; contract section 10.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::names::{IdPath, IdsPath};
use super::wire::Tag;
use super::{Answer, Json, Query, Session, Tagged, done, tagged, tags, told};
use crate::domain::access::{Kind, Object, Target};
use crate::domain::{Error, tag};
use crate::http::query::boolean;
use crate::registry::workflow;

/// The definition of a workflow, which is kept as it is sent.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct WorkflowDefinition(Value);

impl JsonSchema for WorkflowDefinition {
    fn schema_name() -> Cow<'static, str> {
        "WorkflowDefinition".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "The definition of a workflow. All other members are kept too.",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "examples": ["onboarding"]},
                "version": {"type": ["integer", "null"], "format": "int64"},
            },
            "additionalProperties": true,
        })
    }
}

/// A tag that something carries.
#[derive(Serialize, JsonSchema)]
pub struct TagPair {
    key: String,
    value: String,
}

/// How many things of a kind carry a tag.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TagCount {
    tag_key: String,
    tag_value: String,
    resource_type: &'static str,
    count_per_resource_type: usize,
}

/// A thing that carries a tag.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Carrier {
    id: String,
    display_name: String,
}

/// The query of a workflow save.
#[derive(Deserialize, JsonSchema)]
pub struct OverwriteQuery {
    /// Whether a version that is there is replaced.
    #[serde(default, deserialize_with = "boolean")]
    overwrite: bool,
}

/// `POST /metadata/workflow`: keeps a workflow definition.
pub async fn save_workflow(
    session: Session,
    query: Query<OverwriteQuery>,
    body: Json<WorkflowDefinition>,
) -> Answer {
    let name = body.0.0.get("name").and_then(Value::as_str).map(str::to_owned);
    let name = name.ok_or_else(|| Error::invalid("name", "is required"))?;
    let version = match body.0.0.get("version") {
        None | Some(Value::Null) => 1,
        Some(version) => {
            version.as_i64().ok_or_else(|| Error::invalid("version", "must be a whole number"))?
        }
    };
    let overwrite = query.0.overwrite;
    let registry = &session.registry;
    registry.save_workflow(&session.caller, name, version, &body.0.0, overwrite).await?;
    Ok(done())
}

/// The query of a workflow read.
#[derive(Deserialize, JsonSchema)]
pub struct VersionQuery {
    /// The version; the latest unless said.
    version: Option<i64>,
}

/// `GET /metadata/workflow/{name}`: a workflow definition, as it was sent.
pub async fn find_workflow(
    session: Session,
    path: IdPath,
    query: Query<VersionQuery>,
) -> Answer<Tagged<WorkflowDefinition>> {
    let found = session.registry.workflow(&session.caller, path.0, query.0.version).await?;
    Ok(tagged(&found, &found)?)
}

/// `DELETE /metadata/workflow/{name}/{version}`: removes a version.
pub async fn delete_workflow(session: Session, path: IdsPath) -> Answer {
    let version = path.1.parse();
    let version = version.map_err(|_| Error::invalid("version", "must be a whole number"))?;
    session.registry.delete_workflow(&session.caller, path.0, version).await?;
    Ok(done())
}

/// `GET /metadata/tags`: every tag of what the caller can see.
pub async fn all_tags(session: Session) -> Answer<Vec<TagPair>> {
    let found = session.registry.all_tags(&session.caller).await?;
    let mut pairs: Vec<_> = found.into_iter().map(|(_, tag)| (tag.key, tag.value)).collect();
    pairs.dedup();
    let pairs = pairs.into_iter().map(|(key, value)| TagPair { key, value });
    Ok(told(pairs.collect::<Vec<_>>()))
}

/// `GET /metadata/tags/grouped`: how many things of each kind carry each tag.
pub async fn grouped_tags(session: Session) -> Answer<Vec<TagCount>> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for (object, tag) in session.registry.all_tags(&session.caller).await? {
        *counts.entry((tag.key, tag.value, object.kind.as_str())).or_default() += 1;
    }
    let counts = counts.into_iter().map(|((tag_key, tag_value, resource_type), count)| TagCount {
        tag_key,
        tag_value,
        resource_type,
        count_per_resource_type: count,
    });
    Ok(told(counts.collect::<Vec<_>>()))
}

/// The query of the things that carry a tag.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CarrierQuery {
    /// The key of the tag.
    tag_key: String,
    /// Its value.
    tag_value: String,
    /// The type of the things.
    resource_type: String,
}

/// `GET /metadata/tags/resources`: the things of a kind that carry a tag.
pub async fn carriers(session: Session, query: Query<CarrierQuery>) -> Answer<Vec<Carrier>> {
    let CarrierQuery { tag_key, tag_value, resource_type } = query.0;
    let kind = Kind::parse("resourceType", &resource_type)?;
    let found = session.registry.all_tags(&session.caller).await?;
    let carriers = found
        .into_iter()
        .filter(|(object, tag)| object.kind == kind && tag.key == tag_key && tag.value == tag_value)
        .map(|(object, _)| Carrier { display_name: object.id.clone(), id: object.id });
    Ok(told(carriers.collect::<Vec<_>>()))
}

/// `GET /metadata/workflow/{name}/tags`.
pub async fn workflow_tags(session: Session, path: IdPath) -> Answer<Tagged<Vec<Tag>>> {
    tags::list(session, workflow(&path.0)).await
}

/// `POST /metadata/workflow/{name}/tags`: adds one tag.
pub async fn add_workflow_tag(session: Session, path: IdPath, tag: Json<Tag>) -> Answer {
    tags::add(session, workflow(&path.0), one(tag)).await
}

/// `PUT /metadata/workflow/{name}/tags`: replaces all tags.
pub async fn set_workflow_tags(session: Session, path: IdPath, tags: Json<Vec<Tag>>) -> Answer {
    set(session, workflow(&path.0), tags).await
}

/// `DELETE /metadata/workflow/{name}/tags`: removes one tag.
pub async fn remove_workflow_tag(session: Session, path: IdPath, tag: Json<Tag>) -> Answer {
    tags::remove(session, workflow(&path.0), one(tag)).await
}

/// `GET /metadata/task/{name}/tags`.
pub async fn task_tags(session: Session, path: IdPath) -> Answer<Tagged<Vec<Tag>>> {
    tags::list(session, task(path)).await
}

/// `POST /metadata/task/{name}/tags`: adds one tag.
pub async fn add_task_tag(session: Session, path: IdPath, tag: Json<Tag>) -> Answer {
    tags::add(session, task(path), one(tag)).await
}

/// `PUT /metadata/task/{name}/tags`: replaces all tags.
pub async fn set_task_tags(session: Session, path: IdPath, tags: Json<Vec<Tag>>) -> Answer {
    set(session, task(path), tags).await
}

/// `DELETE /metadata/task/{name}/tags`: removes one tag.
pub async fn remove_task_tag(session: Session, path: IdPath, tag: Json<Tag>) -> Answer {
    tags::remove(session, task(path), one(tag)).await
}

/// The target that a task definition is.
fn task(path: IdPath) -> Target {
    Target::Other(Object { kind: Kind::TASK, id: path.0 })
}

/// The one tag of a body as the list that [`tags`] takes.
fn one(tag: Json<Tag>) -> Vec<Tag> {
    vec![tag.0]
}

async fn set(session: Session, target: Target, tags: Json<Vec<Tag>>) -> Answer {
    let tags = tags.0.into_iter().map(tag::Tag::from).collect();
    session.registry.set_tags(&session.caller, target, tags).await?;
    Ok(done())
}
