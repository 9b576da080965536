//! Query strings.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer};

use super::json::{NO_NUL, misfit};
use super::refusal::Refusal;
use crate::domain::Error;

/// A query string; a refusal becomes an `E`.
pub struct Query<T, E>(pub T, PhantomData<E>);

impl<T, E> FromRequest for Query<T, E>
where
    T: DeserializeOwned,
    E: From<Refusal> + Into<actix_web::Error>,
{
    type Error = E;
    type Future = Ready<Result<Self, E>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let odd = req.query_string().split('&').find(|pair| pair.contains("%00"));
        if let Some(odd) = odd {
            let name = odd.split('=').next().filter(|name| !name.contains('%')).unwrap_or("query");
            return ready(Err(Refusal::Malformed(Error::invalid(name, NO_NUL)).into()));
        }
        let pairs = serde_html_form::Deserializer::from_bytes(req.query_string().as_bytes());
        let found = serde_path_to_error::deserialize(pairs);
        let found = found.map_err(|error| Refusal::Malformed(misfit(&error, "query")).into());
        ready(found.map(|value| Self(value, PhantomData)))
    }
}

/// A boolean in any case: Python writes `True`.
///
/// # Errors
///
/// When it is neither `true` nor `false`.
pub fn boolean<'de, D: Deserializer<'de>>(input: D) -> Result<bool, D::Error> {
    let text = String::deserialize(input)?;
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(D::Error::invalid_value(Unexpected::Other("text"), &"`true` or `false`")),
    }
}
