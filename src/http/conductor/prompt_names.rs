//! The prompt of a path.

use actix_web::HttpRequest;

use super::Session;
use crate::domain::prompt::PromptName;
use crate::domain::{Error, Result};
use crate::http::segment::{captured, decoded};

/// The prompt `{name}` of a path, as it is stored. A name that cannot be one is a mistake where it
/// is to be made, and anywhere else a prompt that does not exist.
pub async fn named(session: &Session, req: &HttpRequest) -> Result<PromptName> {
    stored(session, req, "name").await
}

/// The prompt `{prompt}` of a path, as it is stored.
pub async fn attached(session: &Session, req: &HttpRequest) -> Result<PromptName> {
    stored(session, req, "prompt").await
}

/// Only a literal `+` makes it a question what is stored: Java writes a space so.
async fn stored(session: &Session, req: &HttpRequest, segment: &str) -> Result<PromptName> {
    let raw = captured(req, segment);
    let name = decoded(raw)?;
    let exact = PromptName::parse(segment, &*name).map_err(|error| unknown(req, name, error))?;
    match PromptName::parse(segment, decoded(&raw.replace('+', " "))?) {
        Ok(spaced) if spaced != exact => {
            session.registry.prompt_spelling(&session.caller, exact, spaced).await
        }
        _ => Ok(exact),
    }
}

fn unknown(req: &HttpRequest, name: String, error: Error) -> Error {
    match req.method().as_str() {
        "POST" | "PUT" => error,
        _ => Error::NotFound { kind: "prompt", name },
    }
}
