//! The OpenAPI document, put together from the table of routes that the server itself serves.
//!
//! What a route takes is told by the types of its handler's parameters ([`Takes`]), what it answers
//! by the type of its result, who may call it by its rule. So nothing is said twice, and no route
//! can be missing.

mod errors;
mod example;
mod extractors;
mod operation;
mod page;
mod parameters;
mod schemas;

use serde_json::{Map, Value, json};

use super::dialect::Dialect;
pub use extractors::Takes;
pub use operation::Operation;
pub use page::{POLICY, asset};
pub use schemas::Schemas;

/// What the document says of the whole.
const ABOUT: &str = "\
Integrations of Conductor workflows: model providers, vector databases and brokers, with their \
keys sealed. Below `/api` stands Conductor's dialect, as its official SDKs call it; below `/v2` \
that of Arize AX, over the same records.\n\n\
A token of `POST /api/token`, or an API key in its place, is sent in `X-Authorization`, or in \
`Authorization` after `Bearer`.\n\n\
Names in paths are escaped as one segment each; that of a resource may also come unescaped.";

/// The document of these dialects.
pub fn document(dialects: &[Dialect]) -> Value {
    let mut schemas = Schemas::new();
    let (mut paths, mut responses) = (Map::new(), Map::new());
    for dialect in dialects {
        errors::add(dialect, &mut schemas, &mut responses);
        for route in &dialect.routes {
            let operation = operation::told(dialect, route, &mut schemas);
            let path = paths.entry(&route.path).or_insert_with(|| json!({}));
            path[route.method.to_ascii_lowercase()] = operation;
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Podium",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This server"}],
        "paths": paths,
        "components": {
            "responses": responses,
            "headers": {
                "X-Request-Id": {
                    "description": "By which the log knows the request: as the client sent it, or \
                                    a new one.",
                    "required": true,
                    "schema": {"type": "string", "examples": ["0199c7a3-7f2e-7d10-8a55-3c1f0a9b7c11"]},
                },
            },
            "securitySchemes": {
                "token": {
                    "type": "apiKey", "in": "header", "name": "X-Authorization",
                    "description": "A token, or an API key.",
                },
                "bearer": {
                    "type": "http", "scheme": "bearer",
                    "description": "A token, or an API key.",
                },
            },
        },
    });
    schemas.join(&mut document);
    example::fill(&mut document);
    document
}
