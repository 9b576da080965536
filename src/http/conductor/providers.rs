//! Integrations, which Conductor calls providers; contract section 5.1.

use schemars::JsonSchema;
use serde::Deserialize;

use super::merge::IntegrationMerge;
use super::names::IntegrationPath;
use super::pages::{Listed, Wanted};
use super::wire::{BulkIntegration, IntegrationJson, IntegrationUpdate, Items, ResolvedJson};
use super::{Answer, ConductorError, Json, Query, Session, Tagged, done, shown, told};
use crate::domain::integration::Filter;
use crate::http::json;
use crate::http::query::boolean;
use crate::registry::IntegrationView;

/// The query of the lists. Clients name the filter `category` or `type`, and mean either by both.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListQuery {
    /// Only those of this category or type.
    category: Option<String>,
    /// The same.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Whether those that are not enabled are left out.
    #[serde(default = "yes", deserialize_with = "boolean")]
    active_only: bool,
}

impl From<ListQuery> for Filter {
    fn from(query: ListQuery) -> Self {
        let wanted = query.category.into_iter().chain(query.kind);
        Self {
            wanted: wanted.filter(|wanted| !wanted.is_empty()).collect(),
            active_only: query.active_only,
        }
    }
}

/// The default of `activeOnly`.
pub fn yes() -> bool {
    true
}

/// `GET /integrations/provider`: the integrations that the caller can see, without resources.
pub async fn list(
    session: Session,
    query: Query<ListQuery>,
    wanted: Wanted,
) -> Answer<Listed<IntegrationJson<'static>>> {
    let (filter, part) = (query.0.into(), wanted.part.clone());
    let found = session.registry.integrations(&session.caller, filter, part).await?;
    wanted.told(&found, IntegrationJson::new)
}

/// `GET /integrations/`: as `GET /integrations/provider`, with resources.
pub async fn list_with_resources(
    session: Session,
    query: Query<ListQuery>,
    wanted: Wanted,
) -> Answer<Listed<IntegrationJson<'static>>> {
    let (filter, part) = (query.0.into(), wanted.part.clone());
    let found = session.registry.integrations_with_resources(&session.caller, filter, part).await?;
    wanted.told(&found, |(view, resources)| IntegrationJson::with_resources(view, resources))
}

/// `POST /integrations/`: creates or replaces many integrations with tags and resources, all or
/// none.
pub async fn save_all(
    session: Session,
    body: json::Json<Items<BulkIntegration>, ConductorError, true>,
) -> Answer {
    let items = body.0.each(BulkIntegration::into_item);
    session.registry.save_integrations(&session.caller, items).await?;
    Ok(done())
}

/// `GET /integrations/provider/{name}`: one integration.
pub async fn find(
    session: Session,
    path: IntegrationPath,
) -> Answer<Tagged<IntegrationJson<'static>>> {
    let show = |view: &IntegrationView| json::shown(&IntegrationJson::new(view));
    let found = session.registry.integration(&session.caller, path.0, show).await?;
    Ok(shown(found))
}

/// `POST /integrations/provider/{name}`: creates the integration, or replaces it.
pub async fn save(
    session: Session,
    path: IntegrationPath,
    body: Json<IntegrationUpdate>,
) -> Answer<IntegrationJson<'static>> {
    let draft = body.0.into_draft()?;
    let saved = session.registry.save_integration(&session.caller, path.0, draft).await?;
    Ok(told(IntegrationJson::new(&saved)))
}

/// `PATCH /integrations/provider/{name}`: merges into the integration. Podium's own route.
pub async fn patch(
    session: Session,
    path: IntegrationPath,
    body: Json<IntegrationMerge>,
) -> Answer<IntegrationJson<'static>> {
    let merge = body.0.into_patch()?;
    let saved = session.registry.patch_integration(&session.caller, path.0, merge).await?;
    Ok(told(IntegrationJson::new(&saved)))
}

/// `POST /integrations/provider/{name}/resolve`: the configuration with its secrets. Podium's own
/// route.
pub async fn resolve(session: Session, path: IntegrationPath) -> Answer<ResolvedJson<'static>> {
    let resolved = session.registry.resolve_integration(&session.caller, path.0).await?;
    Ok(told(ResolvedJson::from(&resolved)))
}

/// `DELETE /integrations/provider/{name}`: deletes the integration and its resources.
pub async fn delete(session: Session, path: IntegrationPath) -> Answer {
    session.registry.delete_integration(&session.caller, path.0).await?;
    Ok(done())
}
