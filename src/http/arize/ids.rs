//! The ids in a path.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};

use super::ArizeError;
use crate::domain::arize::id::Id;
use crate::http::openapi::Takes;
use crate::http::refusal::Refusal;
use crate::http::segment::segment;

/// The one captured segment of a path, which is named as clients know it.
pub struct IdPath(pub Id);

impl Takes for IdPath {}

impl FromRequest for IdPath {
    type Error = ArizeError;
    type Future = Ready<Result<Self, ArizeError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let name = req.match_info().iter().next().map_or("", |(name, _)| name);
        let id = segment(req, name).and_then(|text| Id::parse(name, &text));
        ready(id.map(Self).map_err(|error| Refusal::Malformed(error).into()))
    }
}

/// The id that a client sent as `field`.
///
/// # Errors
///
/// [`Refusal::Malformed`].
pub fn id(field: &str, text: &str) -> Result<Id, Refusal> {
    Id::parse(field, text).map_err(Refusal::Malformed)
}
