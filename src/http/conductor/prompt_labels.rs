//! Labels of prompts. Podium's own routes.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::prompt_names::named;
use super::{Answer, Json, Session, done};
use crate::domain::prompt::Label;
use crate::http::segment::segment;
use crate::registry::PromptLabel;

/// `GET /prompts/{name}/labels`: which version each label points at.
pub async fn list(session: Session, req: HttpRequest) -> Answer {
    let name = named(&session, &req).await?;
    let found = session.registry.prompt_labels(&session.caller, name).await?;
    let row = |row: &PromptLabel| {
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
