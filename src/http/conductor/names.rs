//! The names in a path.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev};

use super::{ConductorError, Session};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::{Error, Result};
use crate::http::openapi::Takes;
use crate::http::segment::{captured, decoded, segment};
use crate::registry::Registry;

/// The integration of `…/provider/{name}`, as it is stored.
pub struct IntegrationPath(pub IntegrationName);

/// The integration and resource of `…/provider/{name}/integration/{api}`, as they are stored.
pub struct ResourcePath(pub IntegrationName, pub ResourceName);

/// One captured segment that is an id.
pub struct IdPath(pub String);

/// Two captured segments that are ids.
pub struct IdsPath(pub String, pub String);

type Found<T> = Pin<Box<dyn Future<Output = Result<T, ConductorError>>>>;

impl Takes for IntegrationPath {}
impl Takes for ResourcePath {}
impl Takes for IdPath {}
impl Takes for IdsPath {}

impl FromRequest for IntegrationPath {
    type Error = ConductorError;
    type Future = Found<Self>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move { Ok(Self(stored(&req, false).await?.0)) })
    }
}

impl FromRequest for ResourcePath {
    type Error = ConductorError;
    type Future = Found<Self>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let (integration, resource) = stored(&req, true).await?;
            let resource =
                resource.ok_or_else(|| Error::internal("a resource route without one"))?;
            Ok(Self(integration, resource))
        })
    }
}

/// The names of a path as they are stored: an integration may have had another, and a literal `+`
/// may stand for a space.
async fn stored(
    req: &HttpRequest,
    with_resource: bool,
) -> Result<(IntegrationName, Option<ResourceName>), ConductorError> {
    let (raw_integration, raw_resource) = (captured(req, "name"), captured(req, "api"));
    let names = |spell: fn(&str) -> Cow<'_, str>| {
        let name = decoded(&spell(raw_integration))?;
        let integration =
            IntegrationName::parse("name", &*name).map_err(|error| unknown(req, name, error))?;
        if !with_resource {
            return Ok((integration, None));
        }
        let name = decoded(&spell(raw_resource))?;
        let resource = ResourceName::parse("integration_name", &*name)
            .map_err(|error| unknown(req, format!("{integration}:{name}"), error))?;
        Ok::<_, Error>((integration, Some(resource)))
    };
    let exact = names(|raw| raw.into())?;
    if !raw_integration.contains('+') && !raw_resource.contains('+') {
        let registry = req.app_data::<Data<Registry>>();
        let registry = registry.ok_or_else(|| Error::internal("the server holds no registry"))?;
        return Ok((registry.present_name(exact.0).await?, exact.1));
    }
    let session = Session::extract(req).await?;
    let spaced = names(|raw| raw.replace('+', " ").into()).unwrap_or_else(|_| exact.clone());
    Ok(session.registry.spelling(&session.caller, exact, spaced).await?)
}

/// What a name that cannot be one means: to a save it is a mistake, to all else a thing that does
/// not exist. Python's client asks for models in the place of integrations (quirk Q3).
fn unknown(req: &HttpRequest, name: String, error: Error) -> Error {
    if req.method() == Method::POST {
        return error;
    }
    Error::NotFound { kind: "integration", name }
}

impl FromRequest for IdPath {
    type Error = ConductorError;
    type Future = std::future::Ready<Result<Self, ConductorError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let id = req.match_info().iter().next().map_or("", |(name, _)| name);
        std::future::ready(segment(req, id).map(Self).map_err(ConductorError::from))
    }
}

impl FromRequest for IdsPath {
    type Error = ConductorError;
    type Future = std::future::Ready<Result<Self, ConductorError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let names: Vec<_> = req.match_info().iter().map(|(name, _)| name).collect();
        let found = match names.as_slice() {
            [one, two, ..] => segment(req, one).and_then(|one| Ok(Self(one, segment(req, two)?))),
            _ => Err(Error::internal("a route with too few segments")),
        };
        std::future::ready(found.map_err(ConductorError::from))
    }
}
