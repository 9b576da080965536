//! Query strings that say two things at once.

use serde_json::Value;

use super::{Operation, World};
use crate::documented::DOCUMENT;

/// A value that a parameter takes; `None` where it may stand there several times.
fn fitting(parameter: &Value) -> Option<&'static str> {
    let schema = DOCUMENT.resolved(&parameter["schema"]);
    let is = |kind: &str| {
        schema["type"] == kind
            || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
    };
    match schema {
        _ if is("array") => None,
        _ if is("boolean") => Some("true"),
        _ if is("integer") => Some("1"),
        _ => Some("DAY"),
    }
}

#[test]
fn d8_a_parameter_that_stands_twice_is_refused_on_every_endpoint() {
    let world = &World::new();
    let mut tried = 0;
    world.unharmed(|| {
        for Operation { method, path, told, .. } in &world.operations {
            if told.get("requestBody").is_some() || method != "GET" {
                continue;
            }
            for parameter in told["parameters"].as_array().unwrap() {
                let name = parameter["name"].as_str().unwrap();
                let Some(value) = fitting(parameter).filter(|_| parameter["in"] == "query") else {
                    continue;
                };
                let escaped = format!("%{:02x}{}", name.as_bytes()[0], &name[1..]);
                for query in [
                    format!("{name}={value}&{name}={value}"),
                    format!("{name}={value}&x=y&{escaped}={value}"),
                    format!("{escaped}={value}&{name}={value}"),
                ] {
                    let answer = world.admin.get(&format!("{path}?{query}"));
                    assert_eq!(answer.status, 400, "{method} {path}?{query}: {}", answer.text);
                    assert!(answer.text.contains("is not valid"), "{query}: {}", answer.text);
                    tried += 1;
                }
            }
        }
    });
    assert!(tried >= 60, "{tried} were tried");
}
