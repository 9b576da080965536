//! Roles; contract section 8.4.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use serde_json::json;

use super::names::IdPath;
use super::people::{RoleJson, RoleRequest};
use super::{Answer, Json, Session, done};
use crate::domain::Error;
use crate::domain::access::Permission;

/// `GET /roles`: the roles of the system, and the custom ones that the caller can see.
pub async fn list(session: Session) -> Answer {
    let mut found = session.registry.system_roles(&session.caller).await?;
    found.extend(session.registry.custom_roles(&session.caller).await?);
    Ok(HttpResponse::Ok().json(found.iter().map(RoleJson::from).collect::<Vec<_>>()))
}

/// `GET /roles/system`: the roles of the system, by name.
pub async fn system(session: Session) -> Answer {
    let found = session.registry.system_roles(&session.caller).await?;
    let found: BTreeMap<_, _> =
        found.iter().map(|role| (role.name.as_str(), RoleJson::from(role))).collect();
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /roles/custom`: the custom roles that the caller can see.
pub async fn custom(session: Session) -> Answer {
    let found = session.registry.custom_roles(&session.caller).await?;
    Ok(HttpResponse::Ok().json(found.iter().map(RoleJson::from).collect::<Vec<_>>()))
}

/// `GET /roles/permissions`: what a custom role can be made of.
pub async fn permissions(session: Session) -> Answer {
    session.registry.known(&session.caller).await?;
    let known = Permission::all();
    let names: Vec<_> = known.iter().map(Permission::as_str).collect();
    Ok(HttpResponse::Ok().json(json!({"permissions": names})))
}

/// `POST /roles`: makes a role.
pub async fn create(session: Session, body: Json<RoleRequest>) -> Answer {
    let RoleRequest { name, permissions } = body.0;
    let name = name.ok_or_else(|| Error::invalid("name", "is required"))?;
    let made = session.registry.create_role(&session.caller, name, permissions).await?;
    Ok(HttpResponse::Ok().json(RoleJson::from(&made)))
}

/// `GET /roles/{name}`: one role.
pub async fn find(session: Session, path: IdPath) -> Answer {
    let found = session.registry.role(&session.caller, path.0).await?;
    Ok(HttpResponse::Ok().json(RoleJson::from(&found)))
}

/// `PUT /roles/{name}`: replaces the permissions of a custom role.
pub async fn update(session: Session, path: IdPath, body: Json<RoleRequest>) -> Answer {
    if body.0.name.as_ref().is_some_and(|name| *name != path.0) {
        return Err(Error::invalid("name", "must be the name in the path").into());
    }
    let permissions = body.0.permissions;
    let updated = session.registry.update_role(&session.caller, path.0, permissions).await?;
    Ok(HttpResponse::Ok().json(RoleJson::from(&updated)))
}

/// `DELETE /roles/{name}`: deletes a custom role.
pub async fn delete(session: Session, path: IdPath) -> Answer {
    session.registry.delete_role(&session.caller, path.0).await?;
    Ok(done())
}
