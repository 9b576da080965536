//! `podium openapi`: the document that the server serves, for tools that want a file.

use super::{Outcome, output};
use crate::http;

/// Prints it.
pub fn run() -> Outcome {
    output::stream(None, false, |out| Ok(out.write_all(&http::openapi())?))
}
