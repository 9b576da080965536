//! Integrations, which Conductor calls providers; contract section 5.1.

use actix_web::HttpResponse;
use serde::Deserialize;
use serde_json::Value;

use super::merge::IntegrationMerge;
use super::names::IntegrationPath;
use super::wire::{BulkIntegration, IntegrationJson, IntegrationUpdate, ResolvedJson};
use super::{Answer, ConductorError, Json, Query, Session, done};
use crate::domain::integration::Filter;
use crate::http::json;
use crate::http::query::boolean;
use crate::registry::IntegrationView;

/// The query of the lists. Clients name the filter `category` or `type`, and mean either by both.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListQuery {
    category: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
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
pub async fn list(session: Session, query: Query<ListQuery>) -> Answer {
    let filter = query.0.into();
    let found = session.registry.integrations(&session.caller, filter).await?;
    let found: Vec<_> = found.iter().map(IntegrationJson::new).collect();
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /integrations/`: as `GET /integrations/provider`, with resources.
pub async fn list_with_resources(session: Session, query: Query<ListQuery>) -> Answer {
    let filter = query.0.into();
    let found = session.registry.integrations_with_resources(&session.caller, filter).await?;
    let found: Vec<_> = found
        .iter()
        .map(|(view, resources)| IntegrationJson::with_resources(view, resources))
        .collect();
    Ok(HttpResponse::Ok().json(found))
}

/// `POST /integrations/`: creates or replaces many integrations with tags and resources, all or
/// none.
pub async fn save_all(
    session: Session,
    body: json::Json<Vec<Value>, ConductorError, true>,
) -> Answer {
    let item = |value| json::typed(value).and_then(BulkIntegration::into_item);
    let items = body.0.into_iter().map(item).collect();
    session.registry.save_integrations(&session.caller, items).await?;
    Ok(done())
}

/// `GET /integrations/provider/{name}`: one integration.
pub async fn find(session: Session, path: IntegrationPath) -> Answer {
    let show = |view: &IntegrationView| json::shown(&IntegrationJson::new(view));
    let found = session.registry.integration(&session.caller, path.0, show).await?;
    Ok(json::answer(found))
}

/// `POST /integrations/provider/{name}`: creates the integration, or replaces it.
pub async fn save(
    session: Session,
    path: IntegrationPath,
    body: Json<IntegrationUpdate>,
) -> Answer {
    let draft = body.0.into_draft()?;
    let saved = session.registry.save_integration(&session.caller, path.0, draft).await?;
    Ok(HttpResponse::Ok().json(IntegrationJson::new(&saved)))
}

/// `PATCH /integrations/provider/{name}`: merges into the integration. Podium's own route.
pub async fn patch(
    session: Session,
    path: IntegrationPath,
    body: Json<IntegrationMerge>,
) -> Answer {
    let merge = body.0.into_patch()?;
    let saved = session.registry.patch_integration(&session.caller, path.0, merge).await?;
    Ok(HttpResponse::Ok().json(IntegrationJson::new(&saved)))
}

/// `POST /integrations/provider/{name}/resolve`: the configuration with its secrets. Podium's own
/// route.
pub async fn resolve(session: Session, path: IntegrationPath) -> Answer {
    let resolved = session.registry.resolve_integration(&session.caller, path.0).await?;
    Ok(HttpResponse::Ok().json(ResolvedJson::from(&resolved)))
}

/// `DELETE /integrations/provider/{name}`: deletes the integration and its resources.
pub async fn delete(session: Session, path: IntegrationPath) -> Answer {
    session.registry.delete_integration(&session.caller, path.0).await?;
    Ok(done())
}
