//! Values whose every field must be known.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{Draft, JsonType, ValidationError};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::json::typed;
use crate::domain::error::TOLD;
use crate::domain::{Error, Problem, Result};

/// The longest name, in bytes, that a suggestion is looked for.
const LONGEST: usize = 64;

/// Reads a value as a `T`.
///
/// # Errors
///
/// [`crate::domain::Error::Invalid`] naming each field that does not fit.
pub fn exact<T: DeserializeOwned + JsonSchema>(value: Value) -> Result<T> {
    let problems = misfits::<T>(&value)?;
    if problems.is_empty() { typed(value) } else { Err(Error::Invalid(problems)) }
}

/// The JSON Schema of what is read as a `T`: no field but those that are told, and all in one piece.
pub fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.transforms.push(Box::new(RecursiveTransform(close)) as Box<_>);
    });
    settings.for_deserialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// Lets an object have no field but those that are told.
fn close(schema: &mut schemars::Schema) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}

/// What does not fit the schema of a `T`.
fn misfits<T: JsonSchema>(value: &Value) -> Result<Vec<Problem>> {
    let schema = schema::<T>();
    let validator = jsonschema::options().with_draft(Draft::Draft202012).build(&schema);
    let validator = validator.map_err(|error| Error::internal(error.to_string()))?;
    let mut problems = vec![];
    for error in validator.iter_errors(value) {
        tell(&error, &schema, &mut problems);
        if problems.len() > TOLD {
            break;
        }
    }
    Ok(problems)
}

/// Adds what an error says. What the client sent is not repeated: it may be a secret.
fn tell(error: &ValidationError<'_>, schema: &Value, problems: &mut Vec<Problem>) {
    let place = place(error.instance_path());
    let mut add = |field: String, reason: String| problems.push(Problem { field, reason });
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let object = error.schema_path().as_str().rsplit_once('/').map_or("", |(up, _)| up);
            let known = schema.pointer(object).and_then(|schema| schema["properties"].as_object());
            for name in unexpected.iter().take(TOLD) {
                let known = known.into_iter().flat_map(|known| known.keys());
                let hint = nearest(name, known)
                    .map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
                add(below(&place, name), format!("is an unknown field{hint}"));
            }
        }
        Kind::Required { property } => {
            add(below(&place, property.as_str().unwrap_or_default()), "is required".to_owned());
        }
        Kind::Type { kind } => add(whole(place), format!("must be {}", expected(kind))),
        // Nothing else is said by the schemas of our types, so it is told as it is, without the value.
        _ => add(whole(place), "is not valid".to_owned()),
    }
}

/// The name that was probably meant; none by one so long that to compare it would take much.
fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k String>) -> Option<&'k String> {
    if name.len() > LONGEST {
        return None;
    }
    let far =
        |known: &String| strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase());
    let near = known.map(|known| (far(known), known)).min_by_key(|(distance, _)| *distance);
    near.filter(|(distance, known)| *distance <= 1 + known.len() / 4).map(|(_, known)| known)
}

/// A place as clients are told of it, as in `integrations[3].name`.
fn place(location: &Location) -> String {
    location.iter().fold(String::new(), |place, segment| match segment {
        LocationSegment::Property(name) => below(&place, &name),
        LocationSegment::Index(index) => format!("{place}[{index}]"),
    })
}

fn below(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn whole(place: String) -> String {
    if place.is_empty() { "body".to_owned() } else { place }
}

/// What a value must be, in words.
fn expected(kind: &TypeKind) -> String {
    let word = |kind: JsonType| match kind {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "nothing",
        JsonType::Number => "a number",
        JsonType::Object => "an object",
        JsonType::String => "a string",
    };
    match kind {
        TypeKind::Single(kind) => word(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            // That a field may be left empty goes without saying.
            let kinds = kinds.iter().filter(|kind| *kind != JsonType::Null);
            kinds.map(word).collect::<Vec<_>>().join(" or ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::manifest::Manifest;

    #[test]
    fn every_field_that_does_not_fit_is_named_at_once_and_no_value_is_repeated() {
        let sent = json!({
            "integrations": [
                {"name": "a", "type": "openai", "descripton": "CANARY", "configuration": {"any": [{}]}},
                {"type": "openai", "enabled": "CANARY", "tokenLimit": {"maxTokens": 1, "periods": 2}},
            ],
            "groups": [{"id": "g", "defaultAccess": {"WORKFLOW_DEF": ["READ"]}, "Roles": []}],
            "prompts": {},
            "zzz": 1,
        });
        let error = exact::<Manifest>(sent).err().unwrap();
        let Error::Invalid(problems) = error else { panic!("{error}") };
        let mut told: Vec<_> =
            problems.iter().map(|told| format!("{} {}", told.field, told.reason)).collect();
        told.sort();
        assert_eq!(
            told,
            [
                "groups[0].Roles is an unknown field: did you mean `roles`?",
                "integrations[0].descripton is an unknown field: did you mean `description`?",
                "integrations[1].enabled must be true or false",
                "integrations[1].name is required",
                "integrations[1].tokenLimit.period is required",
                "integrations[1].tokenLimit.periods is an unknown field: did you mean `period`?",
                "prompts must be a list",
                "zzz is an unknown field",
            ]
        );
    }

    #[test]
    fn what_fits_is_read() {
        let sent = json!({"integrations": [{"name": "a", "type": "openai", "description": null,
            "tokenLimit": null, "configuration": {"n": 1}}]});
        let manifest = exact::<Manifest>(sent).unwrap();
        assert!(manifest.integrations[0].enabled);
        assert_eq!(manifest.integrations[0].configuration["n"], json!(1));
        let refused = |sent: Value| exact::<Manifest>(sent).err().unwrap().to_string();
        assert_eq!(refused(json!([])), "`body` must be an object");
        let version = json!({"version": 1.5, "template": ""});
        let prompts = json!([{"name": "p", "versions": [version]}]);
        let told = refused(json!({"prompts": prompts}));
        assert_eq!(told, "`prompts[0].versions[0].version` must be a whole number");
    }
}
