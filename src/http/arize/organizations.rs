//! Organizations; contract section 6.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::IdPath;
use super::page::{self, Pagination};
use super::time::rfc3339;
use super::{Answer, Json, Nothing, Query, Session, done, told};
use crate::registry::OrganizationView;

/// The query of the list.
#[derive(Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Only those whose name contains this.
    name: Option<String>,
    /// How many, from 1 to 100; 50 unless said.
    #[schemars(with = "Option<u8>", range(min = 1, max = 100))]
    limit: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// A new organization.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganization {
    name: String,
}

/// An organization, as it is read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Organization")]
pub struct OrganizationJson<'a> {
    id: &'a str,
    name: &'a str,
    description: &'a str,
    created_at: String,
}

/// A page of organizations.
#[derive(Serialize, JsonSchema)]
pub struct OrganizationPage<'a> {
    organizations: Vec<OrganizationJson<'a>>,
    pagination: Pagination,
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
pub async fn list(session: Session, query: Query<ListQuery>) -> Answer<OrganizationPage<'static>> {
    let ListQuery { name, limit, cursor } = query.0;
    let name = page::filter("name", name)?;
    let filter = [session.caller.user().unwrap_or_default(), "organizations", &name.clone()];
    let slice = page::slice(limit.as_deref(), cursor.as_deref(), &filter)?;
    let found = session.registry.organizations(&session.caller, name, slice).await?;
    Ok(told(OrganizationPage {
        organizations: found.items.iter().map(OrganizationJson::from).collect(),
        pagination: Pagination::new(&filter, found.next),
    }))
}

/// `POST /organizations`: makes one.
pub async fn create(
    session: Session,
    body: Json<NewOrganization>,
) -> Answer<OrganizationJson<'static>, 201> {
    let made = session.registry.create_organization(&session.caller, body.0.name).await?;
    Ok(told(OrganizationJson::from(&made)))
}

/// `DELETE /organizations/{organization_id}`: deletes one that nothing belongs to.
pub async fn delete(session: Session, path: IdPath) -> Answer<Nothing, 204> {
    session.registry.delete_organization(&session.caller, path.0).await?;
    Ok(done())
}
