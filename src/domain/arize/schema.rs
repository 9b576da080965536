//! The schema of what an agent takes, and the ready-made requests that must fit it; contract
//! sections 4.4 and 4.5.
//!
//! A schema is JSON Schema of draft 7 and refers to nothing but itself. It comes from a client, so
//! what it may cost is bounded before a request is looked at with it: [`Budget`] walks the way that
//! the validator will go.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

use super::Shape;
use crate::domain::configuration::{Configuration, mask};
use crate::domain::{Error, Result};

/// The longest schema, as JSON, in bytes.
const LONGEST: usize = 64 * 1024;

/// How many times parts of a schema may be applied to parts of one request.
const MOST_STEPS: usize = 100_000;

/// How deep that may go.
const DEEPEST: usize = 256;

/// A member that evaluators get beside their input.
const RESERVED: &str = "arize_metadata";

/// Keywords with a schema that applies to the same value.
const SAME: [&str; 4] = ["not", "if", "then", "else"];

/// Keywords with several of those.
const SEVERAL: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Keywords with a schema for each value inside.
const EACH: [&str; 4] = ["additionalProperties", "additionalItems", "contains", "items"];

/// Keywords with schemas by name.
const NAMED: [&str; 4] = ["properties", "patternProperties", "dependencies", "definitions"];

/// A schema that was checked.
pub struct InputSchema {
    schema: Value,
    validator: Validator,
}

impl InputSchema {
    /// Checks a schema. What it requires is not asked of ready-made requests, which callers may
    /// complete.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming `config.input_schema`.
    pub fn new(shape: Shape, schema: Configuration) -> Result<Self> {
        let refused = |reason: &str| Err(Error::invalid("config.input_schema", reason));
        if shape == Shape::Evaluator {
            if schema.get("type").and_then(Value::as_str) != Some("object") {
                return refused("must have the type `object`");
            }
            if schema.get("properties").and_then(|all| all.get(RESERVED)).is_some() {
                return refused("must not define `arize_metadata`, which is reserved");
            }
        }
        let mut schema = Value::Object(schema);
        if schema.to_string().len() > LONGEST {
            return refused("must be at most 65536 bytes long as JSON");
        }
        // Also where its parts would not be met: `required` may hide a fault.
        build(&schema)?;
        if !refers_within(&schema, true) {
            return refused("must refer to its own parts alone, as in `#/definitions/part`");
        }
        relax(&mut schema);
        let validator = build(&schema)?;
        Ok(Self { schema, validator })
    }

    /// Checks a ready-made request, which stands at `place`. What is masked in it was checked when
    /// it was sent.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming the member. Values are not repeated.
    pub fn check(&self, place: &str, request: &Configuration) -> Result<()> {
        let mut request = Value::Object(request.clone());
        unmask(&mut request);
        let mut budget = Budget { root: &self.schema, steps: MOST_STEPS };
        if !budget.spend(&self.schema, &request, 0) {
            return Err(Error::invalid(place, "takes too many steps to compare with the schema"));
        }
        let mut errors = self.validator.iter_errors(&request);
        errors.next().map_or(Ok(()), |error| {
            let at = error.instance_path().as_str().replace('/', ".");
            let reason = format!("does not fit the schema: {}", error.masked());
            Err(Error::invalid(format!("{place}{at}"), reason))
        })
    }
}

fn build(schema: &Value) -> Result<Validator> {
    let options = jsonschema::options()
        .with_draft(Draft::Draft7)
        // Takes time in proportion to the text, whatever the pattern.
        .with_pattern_options(PatternOptions::regex());
    options.build(schema).map_err(|error| {
        let at = error.instance_path().as_str().replace('/', ".");
        let field = format!("config.input_schema{at}");
        Error::invalid(field, "must be JSON Schema (draft 7) that refers to nothing outside itself")
    })
}

/// Whether all references are to parts of the schema by their place.
fn refers_within(schema: &Value, is_root: bool) -> bool {
    let own = match schema {
        Value::Object(map) => {
            let reference = map.get("$ref").and_then(Value::as_str);
            reference.is_none_or(|to| to == "#" || to.starts_with("#/"))
                && (is_root || !map.get("$id").is_some_and(Value::is_string))
        }
        _ => true,
    };
    own && parts(schema).all(|part| refers_within(part, false))
}

/// The values inside of one.
fn parts(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(map) => Box::new(map.values()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Takes `required` out of a schema and all its parts. What is denied by it is allowed then.
fn relax(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    if map.get("not").is_some_and(|denied| denied.to_string().contains("\"required\"")) {
        map.shift_remove("not");
    }
    map.shift_remove("required");
    for keyword in SAME.iter().chain(&EACH).chain(&["propertyNames"]) {
        map.get_mut(*keyword).into_iter().for_each(relax);
    }
    for keyword in SEVERAL.iter().chain(&["items"]) {
        let parts = map.get_mut(*keyword).and_then(Value::as_array_mut);
        parts.into_iter().flatten().for_each(relax);
    }
    for keyword in NAMED {
        let parts = map.get_mut(keyword).and_then(Value::as_object_mut);
        parts.into_iter().flat_map(|parts| parts.values_mut()).for_each(relax);
    }
}

/// Counts the steps of a validation before it is made: references make it possible to write down
/// in a few lines what takes longer than the world has.
struct Budget<'s> {
    root: &'s Value,
    steps: usize,
}

impl<'s> Budget<'s> {
    /// Whether applying `schema` to `value` stays within the bounds. It counts rather too much:
    /// every pattern is taken to fit.
    fn spend(&mut self, schema: &'s Value, value: &Value, depth: usize) -> bool {
        let Value::Object(map) = schema else { return true };
        if depth > DEEPEST || self.steps == 0 {
            return false;
        }
        self.steps -= 1;
        if let Some(to) = map.get("$ref").and_then(Value::as_str) {
            let target = self.root.pointer(to.trim_start_matches('#'));
            return target.is_none_or(|target| self.spend(target, value, depth + 1));
        }
        let same = SAME.iter().filter_map(|keyword| map.get(*keyword));
        let several = SEVERAL.iter().filter_map(|keyword| map.get(*keyword)?.as_array()).flatten();
        let dependent = map.get("dependencies").into_iter().flat_map(parts);
        let mut all = same.chain(several).chain(dependent);
        all.all(|part| self.spend(part, value, depth + 1))
            && inside(value).all(|(name, inner)| self.within(map, name, inner, depth + 1))
    }

    /// As [`Budget::spend`], for one value inside.
    fn within(
        &mut self,
        map: &'s Configuration,
        name: Option<&str>,
        value: &Value,
        depth: usize,
    ) -> bool {
        let own = name.and_then(|name| map.get("properties")?.get(name));
        let patterns = map.get("patternProperties").into_iter().flat_map(parts);
        let each = EACH.iter().filter_map(|keyword| map.get(*keyword));
        let tuple = map.get("items").and_then(Value::as_array).into_iter().flatten();
        let mut all = own.into_iter().chain(patterns).chain(each).chain(tuple);
        let of_names = map.get("propertyNames").filter(|_| name.is_some());
        all.all(|part| self.spend(part, value, depth))
            && of_names.is_none_or(|part| self.spend(part, &Value::Null, depth))
    }
}

/// Takes out what is masked.
fn unmask(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.as_str().is_some_and(mask::is_whole));
            map.values_mut().for_each(unmask);
        }
        Value::Array(items) => items.iter_mut().for_each(unmask),
        _ => {}
    }
}

/// The values inside of one, with their names.
fn inside(value: &Value) -> Box<dyn Iterator<Item = (Option<&str>, &Value)> + '_> {
    match value {
        Value::Object(map) => {
            Box::new(map.iter().map(|(name, value)| (Some(name.as_str()), value)))
        }
        Value::Array(items) => Box::new(items.iter().map(|item| (None, item))),
        _ => Box::new(std::iter::empty()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(schema: Value) -> Result<InputSchema> {
        InputSchema::new(Shape::Agent, schema.as_object().cloned().unwrap())
    }

    fn check(schema_of: Value, request: Value) -> Result<()> {
        schema(schema_of).unwrap().check("preset", request.as_object().unwrap())
    }

    #[test]
    fn present_values_are_checked_and_missing_ones_are_not() {
        let of = || {
            json!({
                "type": "object",
                "required": ["question", "required"],
                "properties": {
                    "question": {"type": "string"},
                    "required": {"type": "boolean"},
                    "deep": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
                    "list": {"type": "array", "items": {"$ref": "#/definitions/item"}},
                },
                "definitions": {"item": {"required": ["b"], "properties": {"b": {"type": "null"}}}},
                "additionalProperties": false,
            })
        };
        for request in [
            json!({}),
            json!({"question": "why"}),
            json!({"deep": {}, "list": [{}, {"b": null}], "required": true}),
        ] {
            check(of(), request).unwrap();
        }
        for (request, field) in [
            (json!({"question": 1}), "preset.question"),
            (json!({"required": 1}), "preset.required"),
            (json!({"deep": {"a": "sk-1"}}), "preset.deep.a"),
            (json!({"list": [{"b": 1}]}), "preset.list.0.b"),
            (json!({"other": 1}), "preset"),
        ] {
            let error = check(of(), request).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{field}` does not fit")), "{error}");
            assert!(!error.contains("sk-1"), "{error}");
        }
        check(json!({"not": {"required": ["a"]}}), json!({})).unwrap();
    }

    #[test]
    fn a_schema_must_be_one_and_refer_to_itself_alone() {
        for bad in [
            json!({"type": "objekt"}),
            json!({"properties": {"a": {"minimum": "1"}}}),
            json!({"$ref": "https://example.org/a.json"}),
            json!({"$ref": "file:///etc/passwd"}),
            json!({"properties": {"a": {"$ref": "other.json#/a"}}}),
            json!({"properties": {"a": {"$id": "https://example.org/", "$ref": "#/b"}}}),
            json!({"properties": {"a": {"pattern": "(?=a)b"}}}),
            json!({"$ref": "#/nowhere"}),
            json!({"description": "x".repeat(LONGEST)}),
        ] {
            let error = schema(bad.clone()).err().unwrap_or_else(|| panic!("{bad}"));
            assert!(error.to_string().starts_with("`config.input_schema"), "{error}");
        }
        for good in [json!({}), json!({"$schema": "http://json-schema.org/draft-07/schema#"})] {
            schema(good).unwrap();
        }
    }

    #[test]
    fn an_evaluator_takes_an_object_without_the_reserved_member() {
        let of = |schema: Value| {
            InputSchema::new(Shape::Evaluator, schema.as_object().cloned().unwrap()).is_ok()
        };
        assert!(of(
            json!({"type": "object", "properties": {"a": {"properties": {(RESERVED): {}}}}})
        ));
        assert!(!of(json!({})) && !of(json!({"type": "array"})));
        assert!(!of(json!({"type": "object", "properties": {(RESERVED): {}}})));
    }

    #[test]
    fn what_would_take_forever_is_refused() {
        let mut definitions = serde_json::Map::new();
        for index in 0..60 {
            let next = json!({"$ref": format!("#/definitions/a{}", index + 1)});
            definitions.insert(format!("a{index}"), json!({"allOf": [next, next]}));
        }
        definitions.insert("a60".to_owned(), json!({"type": "integer"}));
        let doubling =
            json!({"definitions": definitions, "properties": {"x": {"$ref": "#/definitions/a0"}}});
        let error = check(doubling, json!({"x": 1})).unwrap_err().to_string();
        assert!(error.contains("too many steps"), "{error}");
        let both = json!([{"$ref": "#"}, {"$ref": "#"}]);
        let nested = json!({"properties": {"a": {"anyOf": both}}});
        let deep = (0..40).fold(json!({}), |inner, _| json!({"a": inner}));
        assert!(check(nested, deep).is_err());
        assert!(check(json!({"$ref": "#"}), json!({})).is_err());
        let tree =
            json!({"properties": {"children": {"items": {"$ref": "#"}}, "n": {"type": "integer"}}});
        let grown = (0..20).fold(json!({"n": 1}), |inner, n| json!({"n": n, "children": [inner]}));
        check(tree, grown).unwrap();
    }
}
