//! Groups of users; contract section 8.3.

use super::names::{IdPath, IdsPath};
use super::pages::{Listed, Wanted};
use super::people::{GrantedJson, GroupJson, GroupRequest, UserJson};
use super::wire::Message;
use super::{Answer, Json, Session, Tagged, done, tagged, told};
use crate::domain::Result;
use crate::domain::access::{Target, UserId};

/// `GET /groups`: the groups that the caller can see.
pub async fn list(session: Session, wanted: Wanted) -> Answer<Listed<GroupJson<'static>>> {
    let found = session.registry.groups(&session.caller, wanted.part.clone()).await?;
    wanted.told(&found, GroupJson::from)
}

/// `GET /groups/{id}`: one group.
pub async fn find(session: Session, path: IdPath) -> Answer<Tagged<GroupJson<'static>>> {
    let found = session.registry.group(&session.caller, path.0).await?;
    Ok(tagged(&found, GroupJson::from(&found))?)
}

/// `PUT /groups/{id}`: creates the group, or replaces it.
pub async fn save(
    session: Session,
    path: IdPath,
    body: Json<GroupRequest>,
) -> Answer<GroupJson<'static>> {
    let draft = body.0.into();
    let saved = session.registry.save_group(&session.caller, path.0, draft).await?;
    Ok(told(GroupJson::from(&saved)))
}

/// `DELETE /groups/{id}`: deletes the group, with what it was given.
pub async fn delete(session: Session, path: IdPath) -> Answer<Message> {
    let message = format!("Deleted group '{}'", path.0);
    session.registry.delete_group(&session.caller, path.0).await?;
    Ok(told(Message { message }))
}

/// `GET /groups/{id}/permissions`: what the group was granted.
pub async fn permissions(session: Session, path: IdPath) -> Answer<Tagged<GrantedJson<'static>>> {
    let found = session.registry.granted(&session.caller, Target::Group(path.0)).await?;
    Ok(tagged(&found, GrantedJson::from(found.as_slice()))?)
}

/// `GET /groups/{id}/users`: the users in the group.
pub async fn members(session: Session, path: IdPath) -> Answer<Tagged<Vec<UserJson<'static>>>> {
    let found = session.registry.group_members(&session.caller, path.0).await?;
    Ok(tagged(&found, found.iter().map(UserJson::from).collect::<Vec<_>>())?)
}

/// `POST /groups/{id}/users`: puts users into the group.
pub async fn add_members(session: Session, path: IdPath, body: Json<Vec<String>>) -> Answer {
    add(session, path.0, &body.0).await
}

/// `POST /groups/{id}/users/{userId}`: puts a user into the group.
pub async fn add_member(session: Session, path: IdsPath) -> Answer {
    add(session, path.0, &[path.1]).await
}

/// `DELETE /groups/{id}/users`: takes users out of the group.
pub async fn remove_members(session: Session, path: IdPath, body: Json<Vec<String>>) -> Answer {
    remove(session, path.0, &body.0).await
}

/// `DELETE /groups/{id}/users/{userId}`: takes a user out of the group.
pub async fn remove_member(session: Session, path: IdsPath) -> Answer {
    remove(session, path.0, &[path.1]).await
}

async fn add(session: Session, group: String, users: &[String]) -> Answer {
    session.registry.add_members(&session.caller, group, ids(users)?).await?;
    Ok(done())
}

async fn remove(session: Session, group: String, users: &[String]) -> Answer {
    session.registry.remove_members(&session.caller, group, ids(users)?).await?;
    Ok(done())
}

fn ids(users: &[String]) -> Result<Vec<UserId>> {
    let each = users.iter().enumerate();
    each.map(|(index, id)| UserId::parse(&format!("[{index}]"), id)).collect()
}
