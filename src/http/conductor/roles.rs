//! Roles; contract section 8.4.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::names::IdPath;
use super::people::{RoleJson, RoleRequest};
use super::{Answer, Json, Session, Tagged, done, tagged, told};
use crate::domain::Error;
use crate::domain::access::Permission;

/// `GET /roles`: the roles of the system, and the custom ones that the caller can see.
pub async fn list(session: Session) -> Answer<Vec<RoleJson<'static>>> {
    let mut found = session.registry.system_roles(&session.caller).await?;
    found.extend(session.registry.custom_roles(&session.caller).await?);
    Ok(told(found.iter().map(RoleJson::from).collect::<Vec<_>>()))
}

/// `GET /roles/system`: the roles of the system, by name.
pub async fn system(session: Session) -> Answer<BTreeMap<String, RoleJson<'static>>> {
    let found = session.registry.system_roles(&session.caller).await?;
    let found: BTreeMap<_, _> =
        found.iter().map(|role| (role.name.as_str(), RoleJson::from(role))).collect();
    Ok(told(found))
}

/// `GET /roles/custom`: the custom roles that the caller can see.
pub async fn custom(session: Session) -> Answer<Vec<RoleJson<'static>>> {
    let found = session.registry.custom_roles(&session.caller).await?;
    Ok(told(found.iter().map(RoleJson::from).collect::<Vec<_>>()))
}

/// The names of permissions.
#[derive(Serialize, JsonSchema)]
pub struct PermissionNames<'a> {
    permissions: Vec<&'a str>,
}

/// `GET /roles/permissions`: what a custom role can be made of.
pub async fn permissions(session: Session) -> Answer<PermissionNames<'static>> {
    session.registry.known(&session.caller).await?;
    let known = Permission::all();
    let names: Vec<_> = known.iter().map(Permission::as_str).collect();
    Ok(told(PermissionNames { permissions: names }))
}

/// `POST /roles`: makes a role.
pub async fn create(session: Session, body: Json<RoleRequest>) -> Answer<RoleJson<'static>> {
    let RoleRequest { name, permissions } = body.0;
    let name = name.ok_or_else(|| Error::invalid("name", "is required"))?;
    let made = session.registry.create_role(&session.caller, name, permissions).await?;
    Ok(told(RoleJson::from(&made)))
}

/// `GET /roles/{name}`: one role.
pub async fn find(session: Session, path: IdPath) -> Answer<Tagged<RoleJson<'static>>> {
    let found = session.registry.role(&session.caller, path.0).await?;
    Ok(tagged(&found, RoleJson::from(&found))?)
}

/// `PUT /roles/{name}`: replaces the permissions of a custom role.
pub async fn update(
    session: Session,
    path: IdPath,
    body: Json<RoleRequest>,
) -> Answer<RoleJson<'static>> {
    if body.0.name.as_ref().is_some_and(|name| *name != path.0) {
        return Err(Error::invalid("name", "must be the name in the path").into());
    }
    let permissions = body.0.permissions;
    let updated = session.registry.update_role(&session.caller, path.0, permissions).await?;
    Ok(told(RoleJson::from(&updated)))
}

/// `DELETE /roles/{name}`: deletes a custom role.
pub async fn delete(session: Session, path: IdPath) -> Answer {
    session.registry.delete_role(&session.caller, path.0).await?;
    Ok(done())
}
