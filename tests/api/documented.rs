//! That every answer of every test is as the OpenAPI document says, and that what was sent to get a
//! good one is, too.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::support::Response;

/// The document, and its paths in segments, in the order in which they are looked through.
pub struct Document {
    pub whole: Value,
    paths: Vec<Vec<String>>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

pub static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let whole: Value = serde_json::from_slice(&podium::http::openapi()).unwrap();
    let paths = whole["paths"].as_object().unwrap().keys();
    let mut paths: Vec<Vec<String>> =
        paths.map(|path| path.split('/').map(str::to_owned).collect()).collect();
    // The longest tail first, then what captures least.
    let captured = |path: &Vec<String>| path.iter().filter(|part| part.starts_with('{')).count();
    paths.sort_by_key(|path| (usize::MAX - path.len(), captured(path)));
    Document { whole, paths, validators: Mutex::default() }
});

/// Panics where an answer breaks the document.
#[track_caller]
pub fn check(method: &str, path: &str, answer: &Response) {
    let here = format!("{method} {path}: {} {}", answer.status, answer.text);
    let kind = answer.header("content-type").map(|kind| kind.split(';').next().unwrap());
    if answer.status == 400 && kind.is_none() && answer.text.is_empty() {
        return; // What is no HTTP has no route.
    }
    let Some(methods) = DOCUMENT.methods(path) else {
        assert!([400, 404].contains(&answer.status), "the document has no such path: {here}");
        return;
    };
    let operation = &methods[method.to_ascii_lowercase()];
    if operation.is_null() {
        assert!([400, 405].contains(&answer.status), "the document has no such method: {here}");
        return;
    }
    let told = DOCUMENT.resolved(&operation["responses"][answer.status.to_string()]);
    assert!(!told.is_null(), "the document has no such status: {here}");
    for (name, header) in told["headers"].as_object().into_iter().flatten() {
        let is_there = answer.header(name).is_some();
        let required = DOCUMENT.resolved(header)["required"] == true;
        assert!(is_there || !required, "the document has a header {name}: {here}");
    }
    match (kind, told["content"].as_object()) {
        (None, None) => assert_eq!(answer.text, "", "the document has no body: {here}"),
        (Some(kind), Some(content)) if content.contains_key(kind) => {
            if kind.ends_with("json") {
                let misfit = DOCUMENT.misfit(&content[kind]["schema"], &answer.json, true);
                assert_eq!(misfit, None, "the document has another body: {here}");
            }
        }
        other => panic!("the document has another content type than {other:?}: {here}"),
    }
}

/// Panics where the body that got a good answer breaks the document.
#[track_caller]
pub fn check_sent(method: &str, path: &str, sent: Option<&str>, answer: &Response) {
    if answer.status >= 300 {
        return;
    }
    let methods = DOCUMENT.methods(path).unwrap();
    let body = &methods[method.to_ascii_lowercase()]["requestBody"];
    let schema = &body["content"]["application/json"]["schema"];
    match sent.filter(|sent| !sent.is_empty()) {
        Some(sent) if !schema.is_null() => {
            let sent = serde_json::from_str(sent).unwrap();
            let misfit = DOCUMENT.misfit(schema, &sent, false);
            assert_eq!(misfit, None, "the document of {method} {path} takes no {sent}");
        }
        Some(_) => {}
        None => assert_ne!(body["required"], true, "the document wants a body: {method} {path}"),
    }
}

impl Document {
    /// What the document says of the methods of a path.
    fn methods(&self, path: &str) -> Option<&Value> {
        self.route(path).map(|route| &self.whole["paths"][route])
    }

    /// The route that a path is of, as in `/api/users/{id}`.
    pub fn route(&self, path: &str) -> Option<String> {
        let path = path.split('?').next().unwrap();
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<_> =
            path.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy()).collect();
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        self.paths.iter().find(|route| fits(route, &segments)).map(|route| route.join("/"))
    }

    /// What a reference points to, or the thing itself.
    pub fn resolved<'d>(&'d self, part: &'d Value) -> &'d Value {
        match part["$ref"].as_str() {
            Some(path) => self.whole.pointer(path.strip_prefix('#').unwrap()).unwrap(),
            None => part,
        }
    }

    /// How a value breaks a schema of the document; where `closed`, also by members that the
    /// schema does not name.
    pub fn misfit(&self, schema: &Value, value: &Value, closed: bool) -> Option<String> {
        let key = format!("{closed} {schema}");
        let known = self.validators.lock().unwrap().get(&key).cloned();
        let validator = known.unwrap_or_else(|| {
            let mut whole = json!({"$schema": "https://json-schema.org/draft/2020-12/schema"});
            let mut components = Map::new();
            self.collect(schema, &mut components);
            whole["components"] = json!({"schemas": components});
            whole["allOf"] = json!([schema]);
            if closed {
                close(&mut whole);
            }
            let validator = Arc::new(jsonschema::validator_for(&whole).unwrap());
            self.validators.lock().unwrap().insert(key, Arc::clone(&validator));
            validator
        });
        validator.validate(value).err().map(|error| format!("{error} at {}", error.instance_path()))
    }

    /// The schemas that a schema refers to.
    fn collect(&self, part: &Value, found: &mut Map<String, Value>) {
        match part {
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, found)),
            Value::Object(members) => {
                if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                    let name = name.strip_prefix("#/components/schemas/").unwrap();
                    if !found.contains_key(name) {
                        let schema = self.whole["components"]["schemas"][name].clone();
                        assert!(!schema.is_null(), "{name} is nowhere");
                        found.insert(name.to_owned(), schema.clone());
                        self.collect(&schema, found);
                    }
                }
                members.values().for_each(|member| self.collect(member, found));
            }
            _ => {}
        }
    }
}

/// Whether a path is an instance of a route. The name of a resource may be several segments.
fn fits(route: &[String], path: &[&str]) -> bool {
    match (route, path) {
        ([], []) => true,
        ([first, route @ ..], [_, rest @ ..]) if first == "{api}" => {
            (0..=rest.len()).any(|more| fits(route, &rest[more..]))
        }
        ([first, route @ ..], [segment, rest @ ..]) => {
            let same = first == segment || first.starts_with('{') && !segment.is_empty();
            same && fits(route, rest)
        }
        _ => false,
    }
}

/// Lets objects have no other members than are named.
fn close(part: &mut Value) {
    match part {
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Object(members) => {
            if members.get("properties").is_some_and(Value::is_object)
                && members.contains_key("type")
            {
                members.entry("unevaluatedProperties").or_insert(json!(false));
            }
            members.values_mut().for_each(close);
        }
        _ => {}
    }
}
