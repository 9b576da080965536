//! Request bodies that are text, whatever they say of their type.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::{FromRequest, HttpRequest, dev};

use super::json::{check_coding, read};
use super::refusal::Refusal;
use crate::domain::Error;

/// A body in UTF-8; a refusal becomes an `E`.
pub struct Text<E>(pub String, PhantomData<E>);

impl<E> FromRequest for Text<E>
where
    E: From<Refusal> + Into<actix_web::Error> + 'static,
{
    type Error = E;
    type Future = Pin<Box<dyn Future<Output = Result<Self, E>>>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let (is_plain, body) = (check_coding(req.headers()), read(req, payload, false));
        Box::pin(async move {
            is_plain?;
            let text = String::from_utf8(body.await?.into());
            let text =
                text.map_err(|_| Refusal::Malformed(Error::invalid("body", "must be UTF-8")))?;
            Ok(Self(text, PhantomData))
        })
    }
}
