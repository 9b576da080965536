//! Applications, their access keys and roles; contract section 7.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::{IdPath, IdsPath};
use super::pages::{Listed, Wanted};
use super::wire::{Message, Tag, Times};
use super::{Answer, Json, Optional, Session, Tagged, Told, done, tagged, told};
use crate::domain::application::{AccessKey, Application};
use crate::domain::tag;
use crate::registry::IssuedKey;

/// `CreateOrUpdateApplicationRequest`.
#[derive(Deserialize, JsonSchema)]
pub struct ApplicationRequest {
    /// The name.
    pub name: String,
}

/// `ExtendedConductorApplication`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Application")]
pub struct ApplicationJson<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<Tag>>,
    #[serde(flatten)]
    times: Times<'a>,
}

/// An access key without its secret.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AccessKey")]
pub struct AccessKeyJson {
    id: String,
    created_at: i64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<i64>,
}

/// A new key, with its secret, and as one string; that is an extension.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "IssuedKey")]
pub struct IssuedKeyJson<'a> {
    id: &'a str,
    secret: &'a str,
    api_key: &'a str,
}

/// What a new access key may be asked to be; the contract has no such body, so all is optional.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessKeyRequest {
    /// When it ends, in epoch milliseconds.
    pub expires_at: Option<i64>,
}

/// How an access key is rotated.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotationRequest {
    /// For how long the old key lives on.
    #[serde(default)]
    pub overlap_seconds: i64,
}

impl<'a> ApplicationJson<'a> {
    /// As a single read shows it, or with its tags as a list does.
    pub fn new(application: &'a Application, tags: Option<Vec<tag::Tag>>) -> Self {
        Self {
            id: &application.id,
            name: &application.name,
            tags: tags.map(|tags| tags.into_iter().map(Tag::from).collect()),
            times: (&application.stamps).into(),
        }
    }
}

impl From<&AccessKey> for AccessKeyJson {
    fn from(key: &AccessKey) -> Self {
        Self {
            status: if key.active { "ACTIVE" } else { "INACTIVE" },
            id: key.id.clone(),
            created_at: key.created_on,
            expires_at: key.expires_on,
            last_used_at: key.last_used_on,
        }
    }
}

/// `GET /applications`: every application, with its tags.
pub async fn list(session: Session, wanted: Wanted) -> Answer<Listed<ApplicationJson<'static>>> {
    let found = session.registry.applications(&session.caller, wanted.part.clone()).await?;
    wanted.told(&found, |(application, tags)| ApplicationJson::new(application, Some(tags.clone())))
}

/// `POST /applications`: makes one.
pub async fn create(
    session: Session,
    body: Json<ApplicationRequest>,
) -> Answer<ApplicationJson<'static>> {
    let made = session.registry.create_application(&session.caller, body.0.name).await?;
    Ok(told(ApplicationJson::new(&made, None)))
}

/// `GET /applications/key/{key}`: the one that an access key belongs to.
pub async fn find_by_key(
    session: Session,
    path: IdPath,
) -> Answer<Tagged<ApplicationJson<'static>>> {
    let found = session.registry.application_of_key(&session.caller, path.0).await?;
    Ok(tagged(&found, ApplicationJson::new(&found, None))?)
}

/// `GET /applications/{id}`: one of them.
pub async fn find(session: Session, path: IdPath) -> Answer<Tagged<ApplicationJson<'static>>> {
    let found = session.registry.application(&session.caller, path.0).await?;
    Ok(tagged(&found, ApplicationJson::new(&found, None))?)
}

/// `PUT /applications/{id}`: renames it.
pub async fn rename(
    session: Session,
    path: IdPath,
    body: Json<ApplicationRequest>,
) -> Answer<ApplicationJson<'static>> {
    let renamed = session.registry.rename_application(&session.caller, path.0, body.0.name).await?;
    Ok(told(ApplicationJson::new(&renamed, None)))
}

/// `DELETE /applications/{id}`: deletes it with its keys.
pub async fn delete(session: Session, path: IdPath) -> Answer<Message> {
    let message = format!("Deleted Application '{}'", path.0);
    session.registry.delete_application(&session.caller, path.0).await?;
    Ok(told(Message { message }))
}

/// `GET /applications/{id}/accessKeys`: its keys, without secrets.
pub async fn keys(session: Session, path: IdPath) -> Answer<Tagged<Vec<AccessKeyJson>>> {
    let found = session.registry.access_keys(&session.caller, path.0).await?;
    Ok(tagged(&found, found.iter().map(AccessKeyJson::from).collect::<Vec<_>>())?)
}

/// `POST /applications/{id}/accessKeys`: makes a key, and shows its secret this once.
pub async fn create_key(
    session: Session,
    path: IdPath,
    body: Optional<AccessKeyRequest>,
) -> Answer<IssuedKeyJson<'static>> {
    let ends = body.0.expires_at;
    let key = session.registry.create_access_key(&session.caller, path.0, ends).await?;
    Ok(issued(&key))
}

/// `POST /applications/{id}/accessKeys/{key}/rotate`: makes a key in its place, and lets it live
/// on for a while; an extension.
pub async fn rotate_key(
    session: Session,
    path: IdsPath,
    body: Optional<RotationRequest>,
) -> Answer<IssuedKeyJson<'static>> {
    let IdsPath(application, key) = path;
    let overlap = body.0.overlap_seconds.saturating_mul(1000);
    let registry = &session.registry;
    let key = registry.rotate_access_key(&session.caller, application, key, overlap).await?;
    Ok(issued(&key))
}

fn issued(key: &IssuedKey) -> Told<IssuedKeyJson<'static>> {
    let (secret, api_key) = (key.secret.expose(), key.api_key());
    told(IssuedKeyJson { id: &key.id, secret, api_key: api_key.expose() })
}

/// `POST /applications/{id}/accessKeys/{key}/status`: pauses it, or takes it up again.
pub async fn toggle_key(session: Session, path: IdsPath) -> Answer<AccessKeyJson> {
    let key = session.registry.toggle_access_key(&session.caller, path.0, path.1).await?;
    Ok(told(AccessKeyJson::from(&key)))
}

/// `DELETE /applications/{id}/accessKeys/{key}`: deletes it.
pub async fn delete_key(session: Session, path: IdsPath) -> Answer<Message> {
    let message = format!("Deleted Access key '{}'", path.1);
    session.registry.delete_access_key(&session.caller, path.0, path.1).await?;
    Ok(told(Message { message }))
}

/// `POST /applications/{id}/roles/{role}`: gives it a role.
pub async fn add_role(session: Session, path: IdsPath) -> Answer {
    session.registry.add_role(&session.caller, path.0, path.1).await?;
    Ok(done())
}

/// `DELETE /applications/{id}/roles/{role}`: takes a role away.
pub async fn remove_role(session: Session, path: IdsPath) -> Answer {
    session.registry.remove_role(&session.caller, path.0, path.1).await?;
    Ok(done())
}
