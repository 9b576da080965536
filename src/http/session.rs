//! Who is calling, from the request's token.

use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev};

use super::refusal::Refusal;
use crate::domain::error::SignIn;
use crate::domain::{Error, Result};
use crate::registry::{Bearer, Caller, Registry};

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
    type Future = Opening<E>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        open(req).unwrap_or_else(|error| Opening::Done(ready(Err(Refusal::from(error).into()))))
    }
}

/// A session that opens: at once for a token of ours, and once its provider's keys are at hand
/// for any other.
pub enum Opening<E> {
    /// It is open, or refused.
    Done(Ready<Result<Session<E>, E>>),
    /// It waits.
    Waiting(Pin<Box<dyn Future<Output = Result<Session<E>, E>>>>),
}

impl<E> Future for Opening<E> {
    type Output = Result<Session<E>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.get_mut() {
            Self::Done(done) => Pin::new(done).poll(context),
            Self::Waiting(waiting) => waiting.as_mut().poll(context),
        }
    }
}

fn open<E: From<Refusal> + 'static>(req: &HttpRequest) -> Result<Opening<E>> {
    let registry = req.app_data::<Data<Registry>>().cloned();
    let registry = registry.ok_or_else(|| Error::internal("the server holds no registry"))?;
    let token = presented(req)?;
    let bearer = registry.bearer(token, address(req))?;
    let session = |caller| Session { registry, caller, dialect: PhantomData };
    Ok(match bearer {
        Bearer::Known(caller) => Opening::Done(ready(Ok(session(caller)))),
        Bearer::Claimed(token) => Opening::Waiting(Box::pin(async move {
            let caller = token.caller().await;
            caller.map(session).map_err(|error| Refusal::from(error).into())
        })),
    })
}

/// Where a request came from.
pub fn address(req: &HttpRequest) -> Option<String> {
    req.peer_addr().map(|address| address.ip().to_string())
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
