//! Organizations; contract section 6.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ids::IdPath;
use super::page::{self, Pagination};
use super::time::rfc3339;
use super::{Answer, Json, Query, Session};
use crate::registry::OrganizationView;

/// The query of the list.
#[derive(Deserialize)]
pub struct ListQuery {
    name: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// A new organization.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    name: String,
}

/// An organization, as it is read.
#[derive(Serialize)]
struct OrganizationJson<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    created_at: String,
}

impl<'a> From<&'a OrganizationView> for OrganizationJson<'a> {
    fn from(OrganizationView { id, organization }: &'a OrganizationView) -> Self {
        Self {
            id: id.as_str(),
            name: &organization.name,
            description: "",
            created_at: rfc3339(organization.stamps.created_on),
        }
    }
}

/// `GET /organizations`: every organization, or those of a name.
pub async fn list(session: Session, query: Query<ListQuery>) -> Answer {
    let ListQuery { name, limit, cursor } = query.0;
    let name = page::filter("name", name)?;
    let filter = ["organizations", &name.clone()];
    let slice = page::slice(limit.as_deref(), cursor.as_deref(), &filter)?;
    let found = session.registry.organizations(&session.caller, name, slice).await?;
    Ok(HttpResponse::Ok().json(json!({
        "organizations": found.items.iter().map(OrganizationJson::from).collect::<Vec<_>>(),
        "pagination": Pagination::new(&filter, found.next),
    })))
}

/// `POST /organizations`: makes one.
pub async fn create(session: Session, body: Json<NewOrganization>) -> Answer {
    let made = session.registry.create_organization(&session.caller, body.0.name).await?;
    Ok(HttpResponse::Created().json(OrganizationJson::from(&made)))
}

/// `DELETE /organizations/{organization_id}`: deletes one that nothing belongs to.
pub async fn delete(session: Session, path: IdPath) -> Answer {
    session.registry.delete_organization(&session.caller, path.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
