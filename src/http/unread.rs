//! What is left of a request's body when it is answered.
//!
//! Where nobody holds that any more, actix takes in all the rest of a chunked body, for as long as its
//! client sends it, to use the connection again. Where the answer holds it, actix closes the
//! connection behind the answer.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceResponse};
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};

/// The rest of a body.
struct Unread(#[expect(dead_code, reason = "it is held, and never read")] Payload);

/// The body of a request, of which is left for the answer what was not read when this is dropped.
pub struct Body {
    req: HttpRequest,
    payload: Payload,
}

impl Body {
    /// The body of `req`, taken out of `payload`.
    pub fn of(req: &HttpRequest, payload: &mut Payload) -> Self {
        Self { req: req.clone(), payload: payload.take() }
    }

    /// What is still to be read.
    pub fn payload(&mut self) -> &mut Payload {
        &mut self.payload
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let payload = self.payload.take();
        if !matches!(payload, Payload::None) {
            self.req.extensions_mut().insert(Unread(payload));
        }
    }
}

/// The answer, with what was left of the body of its request.
pub fn kept(answer: ServiceResponse) -> ServiceResponse {
    let unread = answer.request().extensions_mut().remove::<Unread>();
    match unread {
        Some(unread) => answer.map_body(|_, body| BoxBody::new(Kept { body, _unread: unread })),
        None => answer,
    }
}

/// The body of an answer, which holds what was left of that of its request.
struct Kept {
    body: BoxBody,
    _unread: Unread,
}

impl MessageBody for Kept {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
