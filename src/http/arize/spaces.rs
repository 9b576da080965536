//! Spaces of organizations; contract section 6.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::{IdPath, id};
use super::page::{self, Pagination};
use super::time::rfc3339;
use super::{Answer, Json, Nothing, Query, Session, done, told};
use crate::registry::SpaceView;

/// The query of the list.
#[derive(Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Only those whose name contains this.
    name: Option<String>,
    /// Only those of this organization.
    org_id: Option<String>,
    /// How many, from 1 to 100; 50 unless said.
    #[schemars(with = "Option<u8>", range(min = 1, max = 100))]
    limit: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// A new space.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSpace {
    name: String,
    organization_id: String,
}

/// A space, as it is read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Space")]
pub struct SpaceJson<'a> {
    id: &'a str,
    organization_id: &'a str,
    name: &'a str,
    description: &'a str,
    created_at: String,
    is_private: bool,
}

/// A page of spaces.
#[derive(Serialize, JsonSchema)]
pub struct SpacePage<'a> {
    spaces: Vec<SpaceJson<'a>>,
    pagination: Pagination,
}

impl<'a> From<&'a SpaceView> for SpaceJson<'a> {
    fn from(SpaceView { id, organization, space }: &'a SpaceView) -> Self {
        Self {
            id: id.as_str(),
            organization_id: organization.as_str(),
            name: &space.name,
            description: "",
            created_at: rfc3339(space.stamps.created_on),
            is_private: false,
        }
    }
}

/// `GET /spaces`: every space, or those of a name or an organization.
pub async fn list(session: Session, query: Query<ListQuery>) -> Answer<SpacePage<'static>> {
    let ListQuery { name, org_id, limit, cursor } = query.0;
    let name = page::filter("name", name)?;
    let organization = org_id.map(|text| id("org_id", &text)).transpose()?;
    let of = organization.as_ref().map_or("", |id| id.as_str());
    let filter = [session.caller.user().unwrap_or_default(), "spaces", &name.clone(), of];
    let slice = page::slice(limit.as_deref(), cursor.as_deref(), &filter)?;
    let (registry, caller) = (&session.registry, &session.caller);
    let found = registry.spaces(caller, name, organization.clone(), slice).await?;
    Ok(told(SpacePage {
        spaces: found.items.iter().map(SpaceJson::from).collect(),
        pagination: Pagination::new(&filter, found.next),
    }))
}

/// `POST /spaces`: makes one.
pub async fn create(session: Session, body: Json<NewSpace>) -> Answer<SpaceJson<'static>, 201> {
    let NewSpace { name, organization_id } = body.0;
    let organization = id("organization_id", &organization_id)?;
    let made = session.registry.create_space(&session.caller, organization, name).await?;
    Ok(told(SpaceJson::from(&made)))
}

/// `DELETE /spaces/{space_id}`: deletes one that no integration is scoped to.
pub async fn delete(session: Session, path: IdPath) -> Answer<Nothing, 204> {
    session.registry.delete_space(&session.caller, path.0).await?;
    Ok(done())
}
