//! Resources of integrations, which Conductor calls integration apis; contract section 5.2.

use schemars::JsonSchema;
use serde::Deserialize;

use super::merge::ResourceMerge;
use super::names::{IntegrationPath, ResourcePath};
use super::pages::{Listed, Wanted};
use super::providers::yes;
use super::wire::{ResolvedJson, ResourceJson, ResourceUpdate};
use super::{Answer, Json, Query, Session, Tagged, done, shown, told};
use crate::domain::page::Part;
use crate::http::json;
use crate::http::query::boolean;
use crate::registry::ResourceView;

/// The query of the list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListQuery {
    /// Whether those that are not enabled are left out.
    #[serde(default = "yes", deserialize_with = "boolean")]
    active_only: bool,
}

/// `GET /integrations/provider/{name}/integration`: the resources of an integration.
pub async fn list(
    session: Session,
    path: IntegrationPath,
    query: Query<ListQuery>,
    wanted: Wanted,
) -> Answer<Listed<ResourceJson<'static>>> {
    let active_only = query.0.active_only;
    if wanted.part != Part::default() {
        let (registry, part) = (&session.registry, wanted.part.clone());
        let found = registry.resources_part(&session.caller, path.0, active_only, part).await?;
        return wanted.told(&found, ResourceJson::new);
    }
    let show = |views: &[ResourceView]| {
        json::shown(&views.iter().map(ResourceJson::new).collect::<Vec<_>>())
    };
    let found = session.registry.resources(&session.caller, path.0, active_only, show).await?;
    Ok(shown(found))
}

/// `GET /integrations/provider/{name}/integration/all`: the names that the type offers.
pub async fn offered(session: Session, path: IntegrationPath) -> Answer<Vec<String>> {
    let names = session.registry.offered_resources(&session.caller, path.0).await?;
    Ok(told(names))
}

/// `GET /integrations/provider/{name}/integration/{api}`: one resource.
pub async fn find(session: Session, path: ResourcePath) -> Answer<Tagged<ResourceJson<'static>>> {
    let show = |view: &ResourceView| json::shown(&ResourceJson::new(view));
    let found = session.registry.resource(&session.caller, path.0, path.1, show).await?;
    Ok(shown(found))
}

/// `POST /integrations/provider/{name}/integration/{api}`: creates the resource, or replaces it.
pub async fn save(session: Session, path: ResourcePath, body: Json<ResourceUpdate>) -> Answer {
    let draft = body.0.into();
    session.registry.save_resource(&session.caller, path.0, path.1, draft).await?;
    Ok(done())
}

/// `PATCH /integrations/provider/{name}/integration/{api}`: merges into the resource. Podium's own
/// route.
pub async fn patch(session: Session, path: ResourcePath, body: Json<ResourceMerge>) -> Answer {
    let merge = body.0.into();
    session.registry.patch_resource(&session.caller, path.0, path.1, merge).await?;
    Ok(done())
}

/// `POST /integrations/provider/{name}/integration/{api}/resolve`: the effective configuration
/// with its secrets. Podium's own route.
pub async fn resolve(session: Session, path: ResourcePath) -> Answer<ResolvedJson<'static>> {
    let resolved = session.registry.resolve_resource(&session.caller, path.0, path.1).await?;
    Ok(told(ResolvedJson::from(&resolved)))
}

/// `DELETE /integrations/provider/{name}/integration/{api}`: deletes the resource.
pub async fn delete(session: Session, path: ResourcePath) -> Answer {
    session.registry.delete_resource(&session.caller, path.0, path.1).await?;
    Ok(done())
}
