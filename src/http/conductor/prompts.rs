//! Prompts; contract sections 5.3 and 6.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::header::{ContentType, USER_AGENT};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::names::{ResourcePath, segment};
use super::prompt_wire::{BulkPrompt, PromptJson};
use super::wire::Tag;
use super::{Answer, ConductorError, Json, Query, Session, Text, done, tags, template};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::prompt::{Label, ModelRef, PromptDraft, PromptName, Settings, Version, Which};
use crate::domain::{Error, Result};
use crate::http::json::{self, MAX_BULK_BODY};
use crate::http::query::boolean;
use crate::registry::{PromptView, prompt};

/// The query of a save.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SaveQuery {
    description: String,
    #[serde(default)]
    models: Vec<String>,
    version: Option<i64>,
    #[serde(default, deserialize_with = "boolean")]
    auto_increment: bool,
}

/// The query of a read.
#[derive(Deserialize)]
pub struct WhichQuery {
    version: Option<i64>,
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

/// The prompt of a path. A name that cannot be one is a mistake where it is to be made, and
/// anywhere else a prompt that does not exist.
fn named(req: &HttpRequest) -> Result<PromptName> {
    let name = segment(req, "name")?;
    PromptName::parse("name", &*name).map_err(|error| match req.method().as_str() {
        "POST" | "PUT" => error,
        _ => Error::NotFound { kind: "prompt", name },
    })
}

/// The models of a query: repeated, or with commas between them, with white space or without.
fn models(sent: &[String]) -> Result<BTreeSet<ModelRef>> {
    let each = sent.iter().flat_map(|one| one.split(',')).map(str::trim);
    each.filter(|one| !one.is_empty()).map(|one| ModelRef::parse("models", one)).collect()
}

/// `GET /prompts`: the latest version of each prompt that the caller can see.
pub async fn list(session: Session) -> Answer {
    let found = session.registry.prompts(&session.caller).await?;
    Ok(HttpResponse::Ok().json(found.iter().map(PromptJson::new).collect::<Vec<_>>()))
}

/// `POST /prompts`: saves many prompts, all or none.
pub async fn save_all(
    session: Session,
    body: json::Json<Vec<Value>, ConductorError, MAX_BULK_BODY>,
) -> Answer {
    let item = |value| json::typed(value).and_then(BulkPrompt::into_item);
    let items = body.0.into_iter().map(item).collect();
    session.registry.save_prompts(&session.caller, items).await?;
    Ok(done())
}

/// `GET /prompts/{name}`: the latest version, or that of `version` or `label`.
pub async fn find(session: Session, req: HttpRequest, query: Query<WhichQuery>) -> Answer {
    let which = query.0.which()?;
    let found = session.registry.prompt(&session.caller, &named(&req)?, &which).await?;
    Ok(HttpResponse::Ok().json(PromptJson::new(&found)))
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
        settings: Settings::default(),
    };
    let name = named(req)?;
    session.registry.save_prompt(&session.caller, name, version, draft, keep).await?;
    Ok(done())
}

/// `DELETE /prompts/{name}`: deletes every version.
pub async fn delete(session: Session, req: HttpRequest) -> Answer {
    session.registry.delete_prompt(&session.caller, named(&req)?).await?;
    Ok(done())
}

/// `GET /prompts/{name}/versions`: every version, the newest first.
pub async fn versions(session: Session, req: HttpRequest) -> Answer {
    let found = session.registry.prompt_versions(&session.caller, &named(&req)?).await?;
    Ok(HttpResponse::Ok().json(found.iter().map(PromptJson::new).collect::<Vec<_>>()))
}

/// `DELETE /prompts/{name}/versions/{version}`: deletes one version.
pub async fn delete_version(session: Session, req: HttpRequest) -> Answer {
    let version = segment(&req, "version")?.parse();
    let version = version.map_err(|_| Error::invalid("version", "must be a whole number"))?;
    session.registry.delete_prompt_version(&session.caller, named(&req)?, version).await?;
    Ok(done())
}

/// `GET /prompts/{name}/tags`.
pub async fn tags(session: Session, req: HttpRequest) -> Answer {
    tags::list(session, prompt(&named(&req)?)).await
}

/// `PUT /prompts/{name}/tags`.
pub async fn add_tags(session: Session, req: HttpRequest, body: Json<Vec<Tag>>) -> Answer {
    tags::add(session, prompt(&named(&req)?), body.0).await
}

/// `DELETE /prompts/{name}/tags`.
pub async fn remove_tags(session: Session, req: HttpRequest, body: Json<Vec<Tag>>) -> Answer {
    tags::remove(session, prompt(&named(&req)?), body.0).await
}

/// The body of `render`.
#[derive(Deserialize)]
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
) -> Answer {
    let (which, values) = (query.0.which()?, texts(body.0.variables));
    let name = named(&req)?;
    let text = session.registry.render_prompt(&session.caller, &name, &which, &values).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body(text))
}

/// Values as they are put in: texts as they are, all else as its JSON.
fn texts(values: BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let text = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    values.into_iter().map(|(name, value)| (name, text(value))).collect()
}

/// The body of `test`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestRequest {
    prompt: String,
    #[serde(default, deserialize_with = "super::wire::null_is_default")]
    prompt_variables: BTreeMap<String, Value>,
    llm_provider: String,
    model: String,
}

/// `POST /prompts/test`: checks all that can be checked, and then answers 501.
pub async fn test(session: Session, body: Json<TestRequest>) -> Answer {
    let TestRequest { prompt, prompt_variables, llm_provider, model } = body.0;
    let model = ModelRef {
        integration: IntegrationName::parse("llmProvider", llm_provider)?,
        model: ResourceName::parse("model", model)?,
    };
    let values = texts(prompt_variables);
    session.registry.test_prompt(&session.caller, &prompt, &values, &model).await?;
    Ok(done())
}

/// `GET /prompts/{name}/labels`: which version each label points at. Podium's own route.
pub async fn labels(session: Session, req: HttpRequest) -> Answer {
    let found = session.registry.prompt_labels(&session.caller, &named(&req)?).await?;
    let row = |row: &crate::registry::PromptLabel| {
        json!({
            "label": row.label,
            "version": row.version,
            "updatedBy": row.updated_by,
            "updateTime": row.updated_on,
        })
    };
    Ok(HttpResponse::Ok().json(found.iter().map(row).collect::<Vec<_>>()))
}

/// The body of a label.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelRequest {
    version: i64,
}

/// `PUT /prompts/{name}/labels/{label}`: points a label at a version. Podium's own route.
pub async fn move_label(session: Session, req: HttpRequest, body: Json<LabelRequest>) -> Answer {
    let (name, label) = (named(&req)?, Label::parse(segment(&req, "label")?)?);
    let version = body.0.version;
    session.registry.move_prompt_label(&session.caller, name, label, version).await?;
    Ok(done())
}

/// `DELETE /prompts/{name}/labels/{label}`: removes a label. Podium's own route.
pub async fn remove_label(session: Session, req: HttpRequest) -> Answer {
    let (name, label) = (named(&req)?, Label::parse(segment(&req, "label")?)?);
    session.registry.remove_prompt_label(&session.caller, name, label).await?;
    Ok(done())
}

/// `POST /integrations/provider/{name}/integration/{api}/prompt/{prompt}`.
pub async fn attach(session: Session, path: ResourcePath, req: HttpRequest) -> Answer {
    let name = segment(&req, "prompt")?;
    let name = PromptName::parse("prompt", name)?;
    let model = ModelRef { integration: path.0, model: path.1 };
    session.registry.attach_prompt(&session.caller, name, model).await?;
    Ok(done())
}

/// What Java's client sends in the query, with the names of the parameters in the path (Q4).
#[derive(Deserialize)]
pub struct JavaQuery {
    #[serde(rename = "integrationName")]
    integration: Option<String>,
    model: Option<String>,
}

/// `GET /integrations/provider/{name}/integration/{api}/prompt`.
pub async fn of_model(session: Session, path: ResourcePath, query: Query<JavaQuery>) -> Answer {
    let unfilled = path.0.as_str() == "{integrationName}" && path.1.as_str() == "{model}";
    let model = match (query.0.integration, query.0.model) {
        (Some(integration), Some(model)) if unfilled => ModelRef {
            integration: IntegrationName::parse("integrationName", integration)?,
            model: ResourceName::parse("model", model)?,
        },
        _ => ModelRef { integration: path.0, model: path.1 },
    };
    let found: Vec<PromptView> = session.registry.prompts_of_model(&session.caller, &model).await?;
    Ok(HttpResponse::Ok().json(found.iter().map(PromptJson::new).collect::<Vec<_>>()))
}
