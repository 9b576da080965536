//! Query strings.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::{DeserializeOwned, Error as _, Unexpected};
use serde::{Deserialize, Deserializer};

use super::json::{NO_NUL, misfit};
use super::refusal::Refusal;
use crate::domain::{Error, Result};

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
        let found = fitting(req.query_string()).map_err(|error| Refusal::Malformed(error).into());
        ready(found.map(|value| Self(value, PhantomData)))
    }
}

/// Reads a query string as what a route takes.
///
/// # Errors
///
/// [`Error::Invalid`] naming the parameter.
pub fn fitting<T: DeserializeOwned>(query: &str) -> Result<T> {
    if let Some(odd) = query.split('&').find(|pair| pair.contains("%00")) {
        let name = odd.split('=').next().filter(|name| !name.contains('%')).unwrap_or("query");
        return Err(Error::invalid(name, NO_NUL));
    }
    let pairs = serde_html_form::Deserializer::from_bytes(query.as_bytes());
    serde_path_to_error::deserialize(pairs).map_err(|error| misfit(&error, "query"))
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
