//! HTTP: the server, what all dialects share, and a folder for each dialect.

mod answer;
pub mod arize;
pub mod conductor;
mod cursor;
mod dialect;
pub mod exact;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod json;
pub mod limits;
pub mod metrics;
mod objects;
mod observe;
mod openapi;
mod path;
pub mod proxies;
mod query;
mod refusal;
mod routes;
mod segment;
pub mod server;
mod session;
mod starting;
mod strict;
mod terms;
mod text;
pub mod tls;
mod unread;

use std::sync::LazyLock;

use bytes::Bytes;

use crate::domain::access::Rule;
use arize::ArizeError;
use conductor::ConductorError;
pub use observe::{Requests, request_id};
use refusal::Refusal;
pub use server::{Options, Server};
pub use starting::Starting;
pub use strict::MAX_DEPTH;

/// What every route of every dialect needs: method, path and rule, in the order of the code.
pub fn rules() -> Vec<(&'static str, String, Rule)> {
    let routes = dialects().into_iter().flat_map(|dialect| dialect.routes);
    routes.map(|route| (route.method, route.path, route.rule)).collect()
}

/// The OpenAPI document of all routes, as JSON.
pub fn openapi() -> Bytes {
    static DOCUMENT: LazyLock<Bytes> =
        LazyLock::new(|| format!("{:#}\n", openapi::document(&dialects())).into());
    DOCUMENT.clone()
}

fn dialects() -> [dialect::Dialect; 2] {
    [conductor::dialect(), arize::dialect()]
}

/// A refusal in the shape of the dialect that answers for `path`.
fn refused(path: &str, refusal: Refusal) -> actix_web::Error {
    if arize::answers_for(path) {
        ArizeError::at(path, refusal).into()
    } else {
        ConductorError::from(refusal).into()
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_route_has_its_row_in_the_access_document() {
        let mut table = "| method | route | needs |\n| --- | --- | --- |\n".to_owned();
        for (method, path, rule) in rules() {
            writeln!(table, "| {method} | `{path}` | {rule} |").unwrap();
        }
        let document = include_str!("../../docs/access.md");
        let told = document.split("<!-- routes -->\n").nth(1).unwrap();
        let told = told.split("<!-- /routes -->").next().unwrap();
        assert_eq!(told, table, "docs/access.md must hold this table:\n{table}");
    }
}
