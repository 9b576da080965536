//! Who is calling, from the request's token.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev};

use super::refusal::Refusal;
use crate::domain::error::SignIn;
use crate::domain::{Error, Result};
use crate::registry::{Caller, Registry};

/// The registry, and a caller with a valid token. A request without one never reaches its
/// handler; a refusal becomes an `E`.
///
/// It stands first among a handler's parameters, so that nothing of a stranger's body is read.
pub struct Session<E> {
    /// The registry.
    pub registry: Data<Registry>,
    /// Who is calling.
    pub caller: Caller,
    dialect: PhantomData<E>,
}

impl<E> FromRequest for Session<E>
where
    E: From<Refusal> + Into<actix_web::Error> + 'static,
{
    type Error = E;
    type Future = Ready<Result<Self, E>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let session = open(req);
        ready(session.map_err(|error| Refusal::from(error).into()))
    }
}

fn open<E>(req: &HttpRequest) -> Result<Session<E>> {
    let registry = req.app_data::<Data<Registry>>().cloned();
    let registry = registry.ok_or_else(|| Error::internal("the server holds no registry"))?;
    let token = presented(req).ok_or(Error::Unauthenticated(SignIn::Missing))?;
    let caller = registry.caller(token, address(req))?;
    Ok(Session { registry, caller, dialect: PhantomData })
}

/// Where a request came from.
pub fn address(req: &HttpRequest) -> Option<String> {
    req.peer_addr().map(|address| address.ip().to_string())
}

/// Conductor's clients send `X-Authorization`, everyone else `Authorization: Bearer`.
fn presented(req: &HttpRequest) -> Option<&str> {
    let header = |name| req.headers().get(name)?.to_str().ok();
    header("X-Authorization")
        .or_else(|| header("Authorization")?.strip_prefix("Bearer "))
        .filter(|token| !token.is_empty())
}
