//! Grants; contract section 9.

use actix_web::HttpResponse;
use serde::Deserialize;
use serde_json::json;

use super::names::IdsPath;
use super::people::{AuthorizationRequest, GrantedAccessJson, by_access, by_subject};
use super::{Answer, Json, Query, Session};
use crate::domain::access::{Kind, Subject, Target};
use crate::domain::{Error, Result};

/// `POST /auth/authorization`: grants accesses.
pub async fn grant(session: Session, body: Json<AuthorizationRequest>) -> Answer {
    let (subject, target, accesses) = body.0.into_parts()?;
    session.registry.grant(&session.caller, subject, target, accesses).await?;
    Ok(HttpResponse::Ok().json(json!({"message": "Granted permission"})))
}

/// `DELETE /auth/authorization`: takes accesses away.
pub async fn revoke(session: Session, body: Json<AuthorizationRequest>) -> Answer {
    let (subject, target, accesses) = body.0.into_parts()?;
    session.registry.revoke(&session.caller, subject, target, accesses).await?;
    Ok(HttpResponse::Ok().json(json!({"message": "Removed permission"})))
}

/// The query of the grants on a target.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupQuery {
    group_by: Option<String>,
}

/// `GET /auth/authorization/{type}/{id}`: the grants on one target, by access or by subject.
pub async fn on_target(session: Session, path: IdsPath, query: Query<GroupQuery>) -> Answer {
    let target = Target::of(Kind::parse("type", &path.0)?, &path.1)?;
    let found = session.registry.grants_on(&session.caller, target).await?;
    let group_by = query.0.group_by.unwrap_or_else(|| "access".to_owned());
    match group_by.to_ascii_lowercase().as_str() {
        "access" => Ok(HttpResponse::Ok().json(by_access(&found))),
        "subject" => Ok(HttpResponse::Ok().json(by_subject(&found))),
        _ => Err(Error::invalid("groupBy", "must be `access` or `subject`").into()),
    }
}

/// The query of the grants of a subject.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KindQuery {
    resource_type: Option<String>,
}

impl KindQuery {
    fn kind(self) -> Result<Option<Kind>> {
        self.resource_type.map(|word| Kind::parse("resourceType", &word)).transpose()
    }
}

/// `GET /auth/subjects/{type}/{id}/grants`: what a subject was granted.
pub async fn of_subject(session: Session, path: IdsPath, query: Query<KindQuery>) -> Answer {
    let subject = Subject::parse(&path.0, &path.1)?;
    let found = session.registry.grants_of(&session.caller, subject, query.0.kind()?).await?;
    Ok(HttpResponse::Ok().json(found.iter().map(GrantedAccessJson::from).collect::<Vec<_>>()))
}

/// `DELETE /auth/subjects/{type}/{id}/grants`: takes all of that away.
pub async fn revoke_all(session: Session, path: IdsPath, query: Query<KindQuery>) -> Answer {
    let subject = Subject::parse(&path.0, &path.1)?;
    session.registry.revoke_all(&session.caller, subject, query.0.kind()?).await?;
    Ok(HttpResponse::Ok().json(json!({"message": "Revoked grants"})))
}
