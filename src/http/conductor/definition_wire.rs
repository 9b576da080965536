//! The schemas of definitions, which are documents of the domain; contract section 4.8.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::domain::definition::Definition;

/// Definitions that are to be registered.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Definitions(pub Vec<Definition>);

impl JsonSchema for Definitions {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Definitions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Vec<DefinitionJson>>()
    }
}

/// A definition.
pub struct DefinitionJson;

/// A field of a definition.
struct FieldJson;

/// An operation of a definition.
pub struct OperationJson;

impl JsonSchema for DefinitionJson {
    fn schema_name() -> Cow<'static, str> {
        "Definition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let field = generator.subschema_for::<FieldJson>();
        let operation = generator.subschema_for::<OperationJson>();
        json_schema!({
            "type": "object",
            "description": "A type of integration: what its integrations are configured with.",
            "required": required(generator, &["type", "category"], &[
                "name", "categoryLabel", "description", "enabled", "iconName", "tags",
                "configuration", "apis",
            ]),
            "properties": {
                "type": {"type": "string", "examples": ["acme"]},
                "name": {"type": "string", "examples": ["Acme"]},
                "category": {"type": "string", "examples": ["AI_MODEL"]},
                "categoryLabel": {"type": "string", "examples": ["AI/LLM"]},
                "description": {"type": "string"},
                "enabled": {"type": "boolean"},
                "iconName": {"type": "string", "examples": ["acme"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "configuration": {"type": "array", "items": field},
                "apis": {"type": "array", "items": operation},
            },
        })
    }
}

impl JsonSchema for FieldJson {
    fn schema_name() -> Cow<'static, str> {
        "DefinitionField".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A field of a configuration, as a form shows it.",
            "required": required(generator, &["fieldName", "fieldType"], &["label", "optional"]),
            "properties": {
                "fieldName": {"type": "string", "examples": ["endpoint"]},
                "fieldType": {"enum": ["TEXT", "DROPDOWN", "PASSWORD", "FILE"]},
                "label": {"type": "string", "examples": ["API endpoint"]},
                "description": {"type": ["string", "null"]},
                "optional": {"type": "boolean"},
                "defaultValue": {"description": "What a form starts with; none for a secret."},
                "value": {"description": "A fixed value; none for a secret."},
                "valueOptions": {"type": "array", "items": {}, "examples": [[]]},
                "dependsOn": {
                    "type": "array", "items": {}, "examples": [[]],
                    "description": "Other fields that must have a value for this one to be shown.",
                },
                "addresses": {
                    "type": "array", "items": {"type": "string"}, "examples": [["https"]],
                    "description": "The forms that an address in it may have.",
                },
            },
        })
    }
}

impl JsonSchema for OperationJson {
    fn schema_name() -> Cow<'static, str> {
        "DefinitionApi".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A resource or operation that a type offers.",
            "required": required(generator, &["api"], &["description", "integrationType"]),
            "properties": {
                "api": {"type": "string"},
                "description": {"type": "string"},
                "integrationType": {"type": "string", "examples": ["acme"]},
                "inputSchema": {"description": "An object whose `data` is a JSON Schema."},
                "outputSchema": {"description": "An object whose `data` is a JSON Schema."},
            },
        })
    }
}

/// What must be there: in an answer also what has a default.
fn required(
    generator: &SchemaGenerator,
    always: &[&'static str],
    defaulted: &[&'static str],
) -> Vec<&'static str> {
    let answered = generator.contract().is_serialize();
    let defaulted = defaulted.iter().filter(|_| answered);
    always.iter().chain(defaulted).copied().collect()
}
