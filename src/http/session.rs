//! Who is calling, from the request's token.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev};

use super::limits::Rates;
use super::observe;
use super::proxies::address;
use super::refusal::Refusal;
use super::terms::terms;
use crate::domain::error::SignIn;
use crate::domain::{Error, Result};
use crate::registry::{Caller, Registry};

/// The registry, and a caller with a valid token. A request without one never reaches its
/// handler; a refusal becomes an `E`.
///
/// It stands first among a handler's parameters, so that nothing of a stranger's body is read. The
/// route has [opened](open) it.
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
        let mut found = req.extensions_mut();
        let session = if let Some(Opened(registry, caller)) = found.get() {
            let (registry, caller) = (registry.clone(), caller.clone());
            Ok(Self { registry, caller, dialect: PhantomData })
        } else {
            let unopened = || Error::internal("nobody has opened it").into();
            Err(found.remove().unwrap_or_else(unopened))
        };
        ready(session.map_err(|refusal: Refusal| refusal.into()))
    }
}

/// What a [`Session`] is made of.
struct Opened(Data<Registry>, Caller);

/// Finds out who calls, which may take a while, and then on which terms, and keeps that, or the
/// refusal, for the [`Session`]. `conditional` is whether the route takes preconditions.
pub async fn open(req: &HttpRequest, payload: &mut dev::Payload, conditional: bool) {
    match opened(req, payload, conditional).await {
        Ok(opened) => req.extensions_mut().insert(opened).map(drop),
        Err(refusal) => req.extensions_mut().insert(refusal).map(drop),
    };
}

async fn opened(
    req: &HttpRequest,
    payload: &mut dev::Payload,
    conditional: bool,
) -> Result<Opened, Refusal> {
    let registry = req.app_data::<Data<Registry>>().cloned();
    let registry = registry.ok_or_else(|| Error::internal("the server holds no registry"))?;
    let caller = registry.caller(presented(req)?, address(req)).await?;
    if let Some(user) = caller.user() {
        observe::note_subject(user);
        if let Some(rates) = req.app_data::<Data<Rates>>() {
            rates.admit(user)?;
        }
    }
    let terms = terms(req, payload, conditional).await?;
    Ok(Opened(registry, Caller { terms, ..caller }))
}

/// Conductor's clients send `X-Authorization`, which goes first; everyone else sends
/// `Authorization: Bearer`. A token in the query is not looked for: queries end up in logs.
fn presented(req: &HttpRequest) -> Result<&str> {
    let token = match only(req, "X-Authorization")? {
        None => only(req, "Authorization")?.and_then(|value| value.strip_prefix("Bearer ")),
        token => token,
    };
    token.filter(|token| !token.is_empty()).ok_or(Error::Unauthenticated(SignIn::Missing))
}

/// The header `name`. Sent twice, it could mean either.
fn only<'r>(req: &'r HttpRequest, name: &str) -> Result<Option<&'r str>> {
    let invalid = Error::Unauthenticated(SignIn::Invalid);
    let mut values = req.headers().get_all(name);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| invalid),
        (Some(_), Some(_)) => Err(invalid),
    }
}
