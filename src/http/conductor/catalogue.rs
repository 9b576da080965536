//! What types there are, and what is registered; contract section 5.5.

use super::definition_wire::{DefinitionJson, Definitions, OperationJson};
use super::names::{IdPath, IdsPath};
use super::providers::ListQuery;
use super::{Answer, ConductorError, Query, Session, Tagged, done, tagged, told};
use crate::domain::Error;
use crate::http::json;

/// `GET /integrations/all`: `provider:api` of each resource, `provider` where there is none.
pub async fn usable_names(session: Session, query: Query<ListQuery>) -> Answer<Vec<String>> {
    let filter = query.0.into();
    let names = session.registry.usable_names(&session.caller, filter).await?;
    Ok(told(names))
}

/// `GET /integrations/def`: every definition.
pub async fn definitions(session: Session) -> Answer<Vec<DefinitionJson>> {
    let found = session.registry.definitions(&session.caller).await?;
    Ok(told(found))
}

/// `GET /integrations/def/{name}`: the definition of a type.
pub async fn definition(session: Session, path: IdPath) -> Answer<Tagged<DefinitionJson>> {
    let found = session.registry.definition(&session.caller, path.0).await?;
    Ok(tagged(&*found, &found)?)
}

/// `POST /integrations/def/register`: registers definitions, all or none.
pub async fn register(
    session: Session,
    body: json::Json<Definitions, ConductorError, true>,
) -> Answer {
    session.registry.register_definitions(&session.caller, body.0.0).await?;
    Ok(done())
}

/// `GET /integrations/{name}/def/apis`: what an integration, or a type, offers.
pub async fn operations(session: Session, path: IdPath) -> Answer<Vec<OperationJson>> {
    let found = session.registry.operations(&session.caller, path.0).await?;
    Ok(told(found))
}

/// `GET /integrations/{name}/def/api/{method}`: one of those.
pub async fn operation(session: Session, path: IdsPath) -> Answer<OperationJson> {
    let IdsPath(name, method) = path;
    let found = session.registry.operations(&session.caller, name).await?;
    let one = found.into_iter().find(|operation| operation.api == method);
    let missing = || Error::NotFound { kind: "integration operation", name: method.clone() };
    Ok(told(one.ok_or_else(missing)?))
}
