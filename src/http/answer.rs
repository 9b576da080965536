//! Answers, whose types say what the OpenAPI document says of them.

use std::marker::PhantomData;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, ETAG};
use actix_web::{HttpRequest, HttpResponse, Responder};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::openapi::{Operation, Schemas};
use crate::domain::Result;
use crate::registry::{Shown, Shows};

/// The header of what no cache may keep.
pub const NO_STORE: (&str, &str) = ("Cache-Control", "no-store");

/// An answer with the status `STATUS` and a `T` for its body.
pub struct Told<T, const STATUS: u16 = 200>(HttpResponse, PhantomData<T>);

impl<T, const STATUS: u16> Responder for Told<T, STATUS> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

impl<T, const STATUS: u16> Told<T, STATUS> {
    /// An answer whose headers or body JSON alone does not make.
    pub fn new(make: impl FnOnce(actix_web::HttpResponseBuilder) -> HttpResponse) -> Self {
        let status = StatusCode::from_u16(STATUS).unwrap_or_default();
        Self(make(HttpResponse::build(status)), PhantomData)
    }
}

/// The answer that is this body as JSON. It must be a `T`, but for lifetimes.
pub fn told<T, const STATUS: u16>(body: impl Serialize) -> Told<T, STATUS> {
    Told::new(|mut answer| answer.json(body))
}

/// The answer that says no more than its status, without a content type, which no client stumbles
/// over (contract 0.2).
pub fn done<const STATUS: u16>() -> Told<Nothing, STATUS> {
    Told::new(|mut answer| answer.finish())
}

/// The answer that shows what has been written already.
pub fn shown<T>(Shown { etag, body }: Shown) -> Told<T> {
    Told::new(|mut answer| {
        if let Some(etag) = etag {
            answer.insert_header((ETAG, etag));
        }
        answer.content_type(ContentType::json()).body(body)
    })
}

/// How the server is: 200, or 503 in the same shape.
pub struct Checked<T>(HttpResponse, PhantomData<T>);

impl<T: Serialize> Checked<T> {
    /// The answer that says this, where all is well or not.
    pub fn new(well: bool, body: T) -> Self {
        let mut answer = if well { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
        Self(answer.insert_header(NO_STORE).json(body), PhantomData)
    }
}

impl<T> Responder for Checked<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0
    }
}

/// The answer that shows what can be read alone, with its entity tag: `body`, which must be a `T`, but for
/// lifetimes, of `found`.
///
/// # Errors
///
/// [`Error::Internal`](crate::domain::Error::Internal).
pub fn tagged<T>(found: &impl Shows, body: impl Serialize) -> Result<Told<Tagged<T>>> {
    let etag = found.etag()?;
    Ok(Told::new(|mut answer| answer.insert_header((ETAG, etag)).json(body)))
}

/// What a handler can answer with.
pub trait Tells {
    /// Adds its answers to the document.
    fn tell(operation: &mut Operation<'_>);
}

impl<T: Content, const STATUS: u16> Tells for Told<T, STATUS> {
    fn tell(operation: &mut Operation<'_>) {
        operation.answers::<T>(STATUS);
    }
}

impl<T: JsonSchema> Tells for Checked<T> {
    fn tell(operation: &mut Operation<'_>) {
        operation.answers::<T>(200);
        operation.answers::<T>(503);
    }
}

/// A dialect tells its errors itself.
impl<T: Tells, E> Tells for Result<T, E> {
    fn tell(operation: &mut Operation<'_>) {
        T::tell(operation);
    }
}

/// What the body of an answer is.
pub trait Content {
    /// Its media types, each with its schema; none where there is no body.
    fn content(schemas: &mut Schemas) -> Vec<(&'static str, Value)>;

    /// The headers that go with it.
    fn headers() -> Vec<Header> {
        vec![]
    }
}

/// A header of an answer.
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// An example.
    pub example: &'static str,
    /// Whether every answer has it.
    pub required: bool,
}

impl<T: JsonSchema> Content for T {
    fn content(schemas: &mut Schemas) -> Vec<(&'static str, Value)> {
        vec![("application/json", schemas.answered::<T>())]
    }
}

/// No body.
pub struct Nothing;

impl Content for Nothing {
    fn content(_: &mut Schemas) -> Vec<(&'static str, Value)> {
        vec![]
    }
}

/// A `T` that can be read alone, and so has an entity tag.
pub struct Tagged<T>(PhantomData<T>);

/// What an entity tag looks like.
pub const ETAG_EXAMPLE: &str = "\"5f0c2b8e9d41a7360e8b1c44d2f9a073\"";

impl<T: Content> Content for Tagged<T> {
    fn content(schemas: &mut Schemas) -> Vec<(&'static str, Value)> {
        T::content(schemas)
    }

    fn headers() -> Vec<Header> {
        vec![Header {
            name: "ETag",
            about: "What `If-Match` takes to change the thing only as it is now.",
            example: ETAG_EXAMPLE,
            required: true,
        }]
    }
}

/// A body that is text.
pub struct PlainText;

impl Content for PlainText {
    fn content(_: &mut Schemas) -> Vec<(&'static str, Value)> {
        vec![("text/plain", json!({"type": "string"}))]
    }
}

/// A script.
pub struct Script;

impl Content for Script {
    fn content(_: &mut Schemas) -> Vec<(&'static str, Value)> {
        vec![("application/javascript", json!({"type": "string"}))]
    }
}

/// A page, or what it loads.
pub struct Page;

impl Content for Page {
    fn content(_: &mut Schemas) -> Vec<(&'static str, Value)> {
        ["text/html", "application/javascript", "text/css"]
            .map(|kind| (kind, json!({"type": "string"})))
            .into()
    }
}

/// A document in JSON that is described elsewhere.
pub struct JsonDocument;

impl Content for JsonDocument {
    fn content(_: &mut Schemas) -> Vec<(&'static str, Value)> {
        vec![("application/json", json!({"type": "object", "examples": [{"openapi": "3.1.0"}]}))]
    }
}
