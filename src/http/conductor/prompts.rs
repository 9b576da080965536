//! Prompts; contract sections 5.3 and 6.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::HttpRequest;
use actix_web::http::header::{ContentType, USER_AGENT};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::pages::{Listed, Wanted};
use super::prompt_names::named;
use super::prompt_wire::{BulkPrompt, PromptJson};
use super::wire::{Items, Tag};
use super::{
    Answer, ConductorError, Json, Query, Session, Tagged, Text, Told, done, tagged, tags, template,
    told,
};
use crate::domain::prompt::{Label, ModelRef, PromptDraft, Version, Which};
use crate::domain::{Error, Result};
use crate::http::answer::PlainText;
use crate::http::json;
use crate::http::query::boolean;
use crate::http::segment::segment;
use crate::registry::prompt;

/// The query of a save.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SaveQuery {
    /// Free text.
    description: String,
    /// The models it is for, as in `openai-main:gpt-4o`, repeated or with commas between.
    #[serde(default)]
    models: Vec<String>,
    /// The version.
    version: Option<i64>,
    /// Whether it becomes a version of its own, after the latest.
    #[serde(default, deserialize_with = "boolean")]
    auto_increment: bool,
}

/// The query of a read.
#[derive(Deserialize, JsonSchema)]
pub struct WhichQuery {
    /// The version; the latest unless said.
    version: Option<i64>,
    /// The label that points at the version. Not with `version`.
    label: Option<String>,
}

impl WhichQuery {
    fn which(self) -> Result<Which> {
        match (self.version, self.label) {
            (None, None) => Ok(Which::Latest),
            (Some(version), None) => Ok(Which::Version(version)),
            (None, Some(label)) => Label::parse(label).map(Which::Label),
            (Some(_), Some(_)) => Err(Error::invalid("label", "must not be sent with `version`")),
        }
    }
}

/// The models of a query: repeated, or with commas between them, with white space or without.
fn models(sent: &[String]) -> Result<BTreeSet<ModelRef>> {
    let each = sent.iter().flat_map(|one| one.split(',')).map(str::trim);
    each.filter(|one| !one.is_empty()).map(|one| ModelRef::parse("models", one)).collect()
}

/// `GET /prompts`: the latest version of each prompt that the caller can see.
pub async fn list(session: Session, wanted: Wanted) -> Answer<Listed<PromptJson<'static>>> {
    let found = session.registry.prompts(&session.caller, wanted.part.clone()).await?;
    wanted.told(&found, PromptJson::new)
}

/// `POST /prompts`: saves many prompts, all or none.
pub async fn save_all(
    session: Session,
    body: json::Json<Items<BulkPrompt>, ConductorError, true>,
) -> Answer {
    let items = body.0.each(BulkPrompt::into_item);
    session.registry.save_prompts(&session.caller, items).await?;
    Ok(done())
}

/// `GET /prompts/{name}`: the latest version, or that of `version` or `label`.
pub async fn find(
    session: Session,
    req: HttpRequest,
    query: Query<WhichQuery>,
) -> Answer<Tagged<PromptJson<'static>>> {
    let which = query.0.which()?;
    let name = named(&session, &req).await?;
    let found = session.registry.prompt(&session.caller, name, which).await?;
    Ok(tagged(&found, PromptJson::new(&found))?)
}

/// `POST /prompts/{name}`: writes a version: the next one with `autoIncrement`, or `version`, or
/// else the first (quirk Q27).
pub async fn save(
    session: Session,
    req: HttpRequest,
    query: Query<SaveQuery>,
    body: Text,
) -> Answer {
    let version = match query.0.version {
        _ if query.0.auto_increment => Version::Next,
        Some(version) => Version::Exactly(version),
        None => Version::Exactly(1),
    };
    write(session, &req, query.0, &body.0, version, false).await
}

/// `PUT /prompts/{name}`: changes `version`, or else the latest.
pub async fn update(
    session: Session,
    req: HttpRequest,
    query: Query<SaveQuery>,
    body: Text,
) -> Answer {
    let version = query.0.version.map_or(Version::Latest, Version::Exactly);
    write(session, &req, query.0, &body.0, version, true).await
}

async fn write(
    session: Session,
    req: &HttpRequest,
    query: SaveQuery,
    body: &str,
    version: Version,
    keep: bool,
) -> Answer {
    let agent = req.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let draft = PromptDraft {
        description: query.description,
        template: template::decode(body, agent).into_owned(),
        models: models(&query.models)?,
        settings: None,
    };
    let name = named(&session, req).await?;
    session.registry.save_prompt(&session.caller, name, version, draft, keep).await?;
    Ok(done())
}

/// `DELETE /prompts/{name}`: deletes every version.
pub async fn delete(session: Session, req: HttpRequest) -> Answer {
    let name = named(&session, &req).await?;
    session.registry.delete_prompt(&session.caller, name).await?;
    Ok(done())
}

/// `GET /prompts/{name}/versions`: every version, the newest first.
pub async fn versions(session: Session, req: HttpRequest) -> Answer<Vec<PromptJson<'static>>> {
    let name = named(&session, &req).await?;
    let found = session.registry.prompt_versions(&session.caller, name).await?;
    Ok(told(found.iter().map(PromptJson::new).collect::<Vec<_>>()))
}

/// `DELETE /prompts/{name}/versions/{version}`: deletes one version.
pub async fn delete_version(session: Session, req: HttpRequest) -> Answer {
    let version = segment(&req, "version")?.parse();
    let version = version.map_err(|_| Error::invalid("version", "must be a whole number"))?;
    let name = named(&session, &req).await?;
    session.registry.delete_prompt_version(&session.caller, name, version).await?;
    Ok(done())
}

/// `GET /prompts/{name}/tags`.
pub async fn tags(session: Session, req: HttpRequest) -> Answer<Tagged<Vec<Tag>>> {
    let target = prompt(&named(&session, &req).await?);
    tags::list(session, target).await
}

/// `PUT /prompts/{name}/tags`.
pub async fn add_tags(session: Session, req: HttpRequest, body: Json<Vec<Tag>>) -> Answer {
    let target = prompt(&named(&session, &req).await?);
    tags::add(session, target, body.0).await
}

/// `DELETE /prompts/{name}/tags`.
pub async fn remove_tags(session: Session, req: HttpRequest, body: Json<Vec<Tag>>) -> Answer {
    let target = prompt(&named(&session, &req).await?);
    tags::remove(session, target, body.0).await
}

/// The body of `render`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenderRequest {
    #[serde(default)]
    variables: BTreeMap<String, Value>,
}

/// `POST /prompts/{name}/render`: the text with the variables filled in. Podium's own route.
pub async fn render(
    session: Session,
    req: HttpRequest,
    query: Query<WhichQuery>,
    body: Json<RenderRequest>,
) -> Answer<PlainText> {
    let (which, values) = (query.0.which()?, texts(body.0.variables));
    let name = named(&session, &req).await?;
    let text = session.registry.render_prompt(&session.caller, name, which, &values).await?;
    Ok(Told::new(|mut answer| answer.content_type(ContentType::plaintext()).body(text)))
}

/// Values as they are put in: texts as they are, all else as its JSON.
pub(super) fn texts(values: BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let text = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    values.into_iter().map(|(name, value)| (name, text(value))).collect()
}
