//! Users; contract section 8.2.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::names::IdPath;
use super::pages::{Listed, Wanted};
use super::people::{GrantedJson, UserJson, UserRequest};
use super::wire::Message;
use super::{Answer, Json, Query, Session, Tagged, tagged, told};
use crate::domain::access::{Kind, Target, UserId};
use crate::domain::{Error, Result};
use crate::http::query::boolean;

/// The user of `/users/{id}`.
pub fn user_id(path: &IdPath) -> Result<UserId> {
    UserId::parse("id", &path.0)
}

/// The query of the list.
#[derive(Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Whether the users of applications are listed too.
    #[serde(default, deserialize_with = "boolean")]
    apps: bool,
}

/// `GET /users`: the users that the caller can see.
pub async fn list(
    session: Session,
    query: Query<ListQuery>,
    wanted: Wanted,
) -> Answer<Listed<UserJson<'static>>> {
    let (registry, part) = (&session.registry, wanted.part.clone());
    let found = registry.users(&session.caller, query.0.apps, part).await?;
    wanted.told(&found, UserJson::from)
}

/// `GET /users/{id}`: one user.
pub async fn find(session: Session, path: IdPath) -> Answer<Tagged<UserJson<'static>>> {
    let found = session.registry.user(&session.caller, user_id(&path)?).await?;
    Ok(tagged(&found, UserJson::from(&found))?)
}

/// `PUT /users/{id}`: creates the user, or replaces it.
pub async fn save(
    session: Session,
    path: IdPath,
    body: Json<UserRequest>,
) -> Answer<UserJson<'static>> {
    let draft = body.0.into();
    let saved = session.registry.save_user(&session.caller, user_id(&path)?, draft).await?;
    Ok(told(UserJson::from(&saved)))
}

/// `DELETE /users/{id}`: deletes the user, with what they were given.
pub async fn delete(session: Session, path: IdPath) -> Answer<Message> {
    session.registry.delete_user(&session.caller, user_id(&path)?).await?;
    Ok(told(Message { message: format!("Deleted user '{}'", path.0) }))
}

/// `GET /users/{id}/permissions`: what the user was granted.
pub async fn permissions(session: Session, path: IdPath) -> Answer<Tagged<GrantedJson<'static>>> {
    let target = Target::User(user_id(&path)?);
    let found = session.registry.granted(&session.caller, target).await?;
    Ok(tagged(&found, GrantedJson::from(found.as_slice()))?)
}

/// The query of `checkPermissions`.
#[derive(Deserialize, JsonSchema)]
pub struct CheckQuery {
    /// The type of the thing.
    #[serde(rename = "type")]
    kind: String,
    /// Its id or name.
    id: String,
}

/// `GET /users/{id}/checkPermissions`: which accesses the user has on one target.
pub async fn check(
    session: Session,
    path: IdPath,
    query: Query<CheckQuery>,
) -> Answer<BTreeMap<String, bool>> {
    let CheckQuery { kind, id } = query.0;
    let target = Target::of(Kind::parse("type", &kind)?, &id)?;
    let user = user_id(&path)?;
    let found = session.registry.check_permissions(&session.caller, user, target).await?;
    let found: BTreeMap<_, _> =
        found.into_iter().map(|(access, has)| (access.as_str(), has)).collect();
    Ok(told(found))
}

/// `POST /users/{id}/sendInviteEmail`: this server sends no mail, and says so.
pub async fn invite(session: Session, path: IdPath) -> Answer {
    session.registry.user(&session.caller, user_id(&path)?).await?;
    Err(Error::Unsupported("this server sends no mail").into())
}
