//! What types there are, and what is registered; contract section 5.5.

use actix_web::HttpResponse;

use super::names::{IdPath, IdsPath};
use super::providers::ListQuery;
use super::{Answer, ConductorError, Query, Session, done};
use crate::domain::Error;
use crate::domain::definition::Definition;
use crate::http::json;

/// `GET /integrations/all`: `provider:api` of each resource, `provider` where there is none.
pub async fn usable_names(session: Session, query: Query<ListQuery>) -> Answer {
    let filter = query.0.into();
    let names = session.registry.usable_names(&session.caller, filter).await?;
    Ok(HttpResponse::Ok().json(names))
}

/// `GET /integrations/def`: every definition.
pub async fn definitions(session: Session) -> Answer {
    let found = session.registry.definitions(&session.caller).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /integrations/def/{name}`: the definition of a type.
pub async fn definition(session: Session, path: IdPath) -> Answer {
    let found = session.registry.definition(&session.caller, path.0).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `POST /integrations/def/register`: registers definitions, all or none.
pub async fn register(
    session: Session,
    body: json::Json<Vec<Definition>, ConductorError, true>,
) -> Answer {
    session.registry.register_definitions(&session.caller, body.0).await?;
    Ok(done())
}

/// `GET /integrations/{name}/def/apis`: what an integration, or a type, offers.
pub async fn operations(session: Session, path: IdPath) -> Answer {
    let found = session.registry.operations(&session.caller, path.0).await?;
    Ok(HttpResponse::Ok().json(found))
}

/// `GET /integrations/{name}/def/api/{method}`: one of those.
pub async fn operation(session: Session, path: IdsPath) -> Answer {
    let IdsPath(name, method) = path;
    let found = session.registry.operations(&session.caller, name).await?;
    let one = found.into_iter().find(|operation| operation.api == method);
    let missing = || Error::NotFound { kind: "integration operation", name: method.clone() };
    Ok(HttpResponse::Ok().json(one.ok_or_else(missing)?))
}
