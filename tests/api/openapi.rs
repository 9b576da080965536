//! The OpenAPI document: that it is whole, and that it is served. That answers are as it says,
//! [`documented`](crate::documented) looks at with each request of every test.

use std::collections::BTreeSet;

use podium::domain::access::Rule;
use serde_json::Value;

use crate::documented::DOCUMENT;
use crate::support::Server;

/// Every operation: its path, its method, and what the document says of it.
fn operations() -> Vec<(&'static str, &'static str, &'static Value)> {
    let paths = DOCUMENT.whole["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    operations.collect()
}

#[test]
fn every_route_is_in_the_document_and_nothing_else() {
    let told: BTreeSet<_> = operations()
        .into_iter()
        .map(|(path, method, _)| (method.to_ascii_uppercase(), path.to_owned()))
        .collect();
    let routes = podium::http::rules().into_iter();
    let served: BTreeSet<_> = routes.map(|(method, path, _)| (method.to_owned(), path)).collect();
    assert_eq!(told, served);
    assert!(told.len() > 140);
}

#[test]
fn every_operation_is_told_with_its_parameters_and_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations() {
        let here = format!("{method} {path}");
        assert!(names.insert(operation["operationId"].as_str().unwrap()), "{here}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 3), "{here}");
        let parameters = operation["parameters"].as_array().unwrap();
        for parameter in parameters {
            assert_ne!(parameter["description"], "", "{here}: {parameter}");
        }
        let captured: Vec<_> =
            path.split('{').skip(1).map(|part| &part[..part.find('}').unwrap()]).collect();
        let told = parameters.iter().filter(|parameter| parameter["in"] == "path");
        let told: Vec<_> = told.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        assert_eq!(told, captured, "{here}");
        let is_open = |(known, route, rule): (&str, String, Rule)| {
            known.eq_ignore_ascii_case(method) && route == path && rule == Rule::Open
        };
        let is_open = podium::http::rules().into_iter().any(is_open);
        assert_eq!(operation["security"].as_array().unwrap().is_empty(), is_open, "{here}");
        let told = &operation["responses"]["401"];
        assert_eq!(told.is_null(), is_open && path != "/api/token", "{here}");
    }
}

/// Everything in a part of the document that has a schema, with where it stands.
fn described<'d>(part: &'d Value, place: &str, found: &mut Vec<(String, &'d Value)>) {
    match part {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                described(item, &format!("{place}/{index}"), found);
            }
        }
        Value::Object(members) if members.contains_key("schema") => {
            found.push((place.to_owned(), part));
        }
        Value::Object(members) => {
            for (name, member) in members {
                described(member, &format!("{place}/{name}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_parameter_and_body_has_an_example_that_fits() {
    let mut found = vec![];
    described(&DOCUMENT.whole["paths"], "", &mut found);
    described(&DOCUMENT.whole["components"]["responses"], "", &mut found);
    assert!(found.len() > 400, "{}", found.len());
    for (place, part) in found {
        let example = part.get("example").unwrap_or_else(|| panic!("{place} has no example"));
        let misfit = DOCUMENT.misfit(&part["schema"], example, true);
        assert_eq!(misfit, None, "{place}: {example}");
    }
}

#[test]
fn it_is_served_to_everybody_at_both_paths() {
    let server = Server::start();
    for path in ["/openapi.json", "/api-docs"] {
        let answer = server.stranger().get(path);
        assert_eq!(answer.text.as_bytes(), &podium::http::openapi()[..], "{path}");
        assert_eq!(answer.ok()["openapi"], "3.1.0", "{path}");
    }
}

#[test]
fn the_page_is_whole_without_the_internet() {
    let server = Server::start();
    let stranger = server.stranger();
    let page = stranger.get("/swagger-ui");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("http"), "{policy}");
    for foreign in ["http:", "https:", "=\"//"] {
        assert!(!page.text.contains(foreign), "{foreign}");
    }
    let start = stranger.get("/swagger-ui/start.js");
    assert!(start.text.contains("\"/openapi.json\""), "{}", start.text);
    stranger.get("/swagger-ui/index.html").refused(404, "");
}
