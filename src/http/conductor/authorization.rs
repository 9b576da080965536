//! Grants; contract section 9.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::IdsPath;
use super::people::{
    AuthorizationRequest, GrantedAccessJson, ReferenceJson, by_access, by_subject,
};
use super::wire::Message;
use super::{Answer, Json, Query, Session, Tagged, tagged, told};
use crate::domain::access::{Kind, Subject, Target};
use crate::domain::{Error, Result};

/// `POST /auth/authorization`: grants accesses.
pub async fn grant(session: Session, body: Json<AuthorizationRequest>) -> Answer<Message> {
    let (subject, target, accesses) = body.0.into_parts()?;
    session.registry.grant(&session.caller, subject, target, accesses).await?;
    Ok(told(Message { message: "Granted permission".to_owned() }))
}

/// `DELETE /auth/authorization`: takes accesses away.
pub async fn revoke(session: Session, body: Json<AuthorizationRequest>) -> Answer<Message> {
    let (subject, target, accesses) = body.0.into_parts()?;
    session.registry.revoke(&session.caller, subject, target, accesses).await?;
    Ok(told(Message { message: "Removed permission".to_owned() }))
}

/// The query of the grants on a target.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupQuery {
    /// `access` or `subject`.
    group_by: Option<String>,
}

/// The grants on a target: by access the subjects, or by subject the accesses.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum GrantsOnTarget<'a> {
    /// The subjects by access.
    ByAccess(BTreeMap<&'static str, Vec<ReferenceJson<'a>>>),
    /// The accesses by subject, as in `USER:ann@example.com`.
    BySubject(BTreeMap<String, Vec<&'static str>>),
}

/// `GET /auth/authorization/{type}/{id}`: the grants on one target, by access or by subject.
pub async fn on_target(
    session: Session,
    path: IdsPath,
    query: Query<GroupQuery>,
) -> Answer<Tagged<GrantsOnTarget<'static>>> {
    let target = Target::of(Kind::parse("type", &path.0)?, &path.1)?;
    let found = session.registry.grants_on(&session.caller, target).await?;
    let group_by = query.0.group_by.unwrap_or_else(|| "access".to_owned());
    match group_by.to_ascii_lowercase().as_str() {
        "access" => Ok(tagged(&found, GrantsOnTarget::ByAccess(by_access(&found)))?),
        "subject" => Ok(tagged(&found, GrantsOnTarget::BySubject(by_subject(&found)))?),
        _ => Err(Error::invalid("groupBy", "must be `access` or `subject`").into()),
    }
}

/// The query of the grants of a subject.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KindQuery {
    /// Only grants on things of this type.
    resource_type: Option<String>,
}

impl KindQuery {
    fn kind(self) -> Result<Option<Kind>> {
        self.resource_type.map(|word| Kind::parse("resourceType", &word)).transpose()
    }
}

/// `GET /auth/subjects/{type}/{id}/grants`: what a subject was granted.
pub async fn of_subject(
    session: Session,
    path: IdsPath,
    query: Query<KindQuery>,
) -> Answer<Tagged<Vec<GrantedAccessJson<'static>>>> {
    let subject = Subject::parse(&path.0, &path.1)?;
    let found = session.registry.grants_of(&session.caller, subject, query.0.kind()?).await?;
    Ok(tagged(&found, found.iter().map(GrantedAccessJson::from).collect::<Vec<_>>())?)
}

/// `DELETE /auth/subjects/{type}/{id}/grants`: takes all of that away.
pub async fn revoke_all(
    session: Session,
    path: IdsPath,
    query: Query<KindQuery>,
) -> Answer<Message> {
    let subject = Subject::parse(&path.0, &path.1)?;
    session.registry.revoke_all(&session.caller, subject, query.0.kind()?).await?;
    Ok(told(Message { message: "Revoked grants".to_owned() }))
}
