//! Labels of prompts. Podium's own routes.

use actix_web::HttpRequest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::prompt_names::named;
use super::{Answer, Json, Session, Tagged, done, tagged};
use crate::domain::prompt::Label;
use crate::http::segment::segment;
use crate::registry::PromptLabel;

/// A label, and which version it points at.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PromptLabel")]
pub struct LabelJson<'a> {
    label: &'a str,
    version: i64,
    updated_by: &'a str,
    update_time: i64,
}

impl<'a> From<&'a PromptLabel> for LabelJson<'a> {
    fn from(row: &'a PromptLabel) -> Self {
        Self {
            label: row.label.as_str(),
            version: row.version,
            updated_by: &row.updated_by,
            update_time: row.updated_on,
        }
    }
}

/// `GET /prompts/{name}/labels`: which version each label points at.
pub async fn list(session: Session, req: HttpRequest) -> Answer<Tagged<Vec<LabelJson<'static>>>> {
    let name = named(&session, &req).await?;
    let found = session.registry.prompt_labels(&session.caller, name).await?;
    Ok(tagged(&found, found.iter().map(LabelJson::from).collect::<Vec<_>>())?)
}

/// The body of a label.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelRequest {
    version: i64,
}

/// `PUT /prompts/{name}/labels/{label}`: points a label at a version.
pub async fn point(session: Session, req: HttpRequest, body: Json<LabelRequest>) -> Answer {
    let (name, label) = (named(&session, &req).await?, Label::parse(segment(&req, "label")?)?);
    let version = body.0.version;
    session.registry.move_prompt_label(&session.caller, name, label, version).await?;
    Ok(done())
}

/// `DELETE /prompts/{name}/labels/{label}`: removes a label.
pub async fn remove(session: Session, req: HttpRequest) -> Answer {
    let (name, label) = (named(&session, &req).await?, Label::parse(segment(&req, "label")?)?);
    session.registry.remove_prompt_label(&session.caller, name, label).await?;
    Ok(done())
}
