//! The parameters that no type tells: those of the path, and the headers that go with a rule.

use serde_json::{Value, json};

use super::Operation;
use crate::domain::access::Rule;
use crate::http::answer::ETAG_EXAMPLE;
use crate::http::dialect::Route;

/// What the segments of paths are, each with an example.
const SEGMENTS: &[(&str, &str, &str)] = &[
    ("api", "The name of the resource, as in `gpt-4o`.", "gpt-4o"),
    ("file", "One of the files of the page.", "swagger-ui.css"),
    ("id", "The id of the thing, or for a user its name.", "ann@example.com"),
    (
        "integration_id",
        "The id that a list or a save answered.",
        "TGxtSW50ZWdyYXRpb246MTI6YWIzZA==",
    ),
    ("key", "The id of an access key.", "0199c7a3-7f2e-7d10-8a55-3c1f0a9b7c11"),
    ("label", "A label of the prompt.", "production"),
    ("method", "The name of an operation that the type offers.", "gpt-4o"),
    ("name", "The name of the thing.", "openai-main"),
    ("organization_id", "The id of an organization.", "QWNjb3VudE9yZzoxOmFiM2Q="),
    ("prompt", "The name of a prompt.", "summarize"),
    ("role", "The name of a role.", "METADATA_MANAGER"),
    ("space_id", "The id of a space.", "U3BhY2U6MjphYjNk"),
    ("type", "The type of what the id names, or of events.", "USER"),
    ("user", "The id of a user.", "ann@example.com"),
    ("version", "The number of the version.", "1"),
];

/// Adds what the path of a route and its rule say.
pub fn add(operation: &mut Operation<'_>, route: &Route) {
    for name in route.path.split('/').filter_map(segment) {
        let known = SEGMENTS.iter().find(|(known, ..)| *known == name);
        let (_, about, example) = known.unwrap_or(&("", "", ""));
        let schema = match name {
            "version" => json!({"type": "integer", "format": "int64", "examples": [1]}),
            _ => json!({"type": "string", "minLength": 1, "examples": [example]}),
        };
        operation.takes("path", name, about, true, schema);
        operation.fails(&[400, 404]);
    }
    if route.rule == Rule::Open || route.method == "GET" {
        return;
    }
    if route.method == "POST" {
        let about = "By which the server knows the request again when it is repeated: it is then \
                     not made a second time, and answered as it was the first time.";
        let schema = json!({
            "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$",
            "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"],
        });
        header(operation, "Idempotency-Key", about, &schema);
        operation.fails(&[408, 413, 422]);
    }
    if route.conditional {
        let tags = json!({"type": "string", "examples": [ETAG_EXAMPLE]});
        let about = "Entity tags, one of which the thing must have now; `*` is any. \
                     Not with `If-None-Match`.";
        header(operation, "If-Match", about, &tags);
        let only = json!({"type": "string", "const": "*"});
        header(operation, "If-None-Match", "`*`: the thing must not be there.", &only);
        operation.fails(&[412]);
    }
    operation.fails(&[400]);
}

fn header(operation: &mut Operation<'_>, name: &str, about: &str, schema: &Value) {
    operation.takes("header", name, about, false, schema.clone());
}

/// The name of a segment that a route captures.
fn segment(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_segments_that_routes_capture_are_those_that_are_told() {
        let rules = crate::http::rules();
        let captured: BTreeSet<_> =
            rules.iter().flat_map(|(_, path, _)| path.split('/').filter_map(segment)).collect();
        let told: BTreeSet<_> = SEGMENTS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(captured, told);
    }
}
