//! Definitions: what types of integration there are, and what each is configured with.
//!
//! Contract section 4.8. A definition is a document that clients read and administrators
//! register, so its JSON form is Conductor's.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::integration::Category;
use super::secret::looks_secret;
use super::{Error, Result, endpoint, name};

/// A type of integration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// The type, as in `openai`; matched without regard to case.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name shown for it.
    #[serde(default)]
    pub name: String,
    /// The category that its integrations have unless they say otherwise.
    pub category: String,
    /// The name shown for the category.
    #[serde(default)]
    pub category_label: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// Whether it is offered.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// The icon of the user interface.
    #[serde(default)]
    pub icon_name: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The fields of its configuration.
    #[serde(default)]
    pub configuration: Vec<FormField>,
    /// The resources or operations it is known to offer.
    #[serde(default)]
    pub apis: Vec<DefinitionApi>,
}

/// A field of a configuration, as a form shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormField {
    /// The key in the configuration.
    pub field_name: String,
    /// What it takes.
    pub field_type: FieldType,
    /// The name shown for it.
    #[serde(default)]
    pub label: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it may be left out; nothing enforces it at save (contract section 4.2).
    #[serde(default)]
    pub optional: bool,
    /// What a form starts with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_value: Option<Value>,
    /// A fixed value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub value_options: Vec<Value>,
    /// Other fields that must have a certain value for this one to be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Value>,
    /// The forms that an address in it may have, as in `["nats", "tls", "hosts"]`; without any,
    /// those that fit its name. This is Podium's own, which clients of Conductor pass over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// What a [`FormField`] takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FieldType {
    /// One of its options.
    Dropdown,
    /// Text.
    Text,
    /// A secret.
    Password,
    /// The content of a file, which is a secret too.
    File,
}

impl FieldType {
    /// Whether what it takes is a secret.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Password | Self::File)
    }
}

/// A resource or operation that a type offers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DefinitionApi {
    /// Its name.
    pub api: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// The type it belongs to.
    #[serde(default)]
    pub integration_type: String,
    /// What it takes: an object whose `data` is a JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<Value>,
    /// What it gives: an object whose `data` is a JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Value>,
}

impl FormField {
    /// Whether it says what a secret shall be.
    fn gives_secret(&self) -> bool {
        let is_secret = self.field_type.is_secret() || looks_secret(&self.field_name);
        let mut given = self.default_value.iter().chain(&self.value);
        is_secret && given.any(|value| !value.is_null() && value != "")
    }
}

fn enabled() -> bool {
    true
}

impl Definition {
    /// The field of this key.
    pub fn field(&self, key: &str) -> Option<&FormField> {
        self.configuration.iter().find(|field| field.field_name == key)
    }

    /// Whether the definition says that the field `key` holds a secret.
    pub fn holds_secret(&self, key: &str) -> bool {
        self.field(key).is_some_and(|field| field.field_type.is_secret())
    }

    /// The forms that an address in the field `key` may have; none if the definition leaves that to
    /// the name of the key.
    pub fn addresses(&self, key: &str) -> &[String] {
        self.field(key).map_or(&[], |field| &field.addresses)
    }

    /// The category of its integrations.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] when it is not one.
    pub fn category(&self) -> Result<Category> {
        Category::parse("category", &self.category)
    }

    /// Checks a definition that is to be registered.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming the field.
    pub fn check(&self) -> Result<()> {
        name::check("type", &self.kind)?;
        self.category()?;
        for (index, field) in self.configuration.iter().enumerate() {
            if field.field_name.is_empty() {
                let field = format!("configuration[{index}].fieldName");
                return Err(Error::invalid(field, "must not be blank"));
            }
            if field.gives_secret() {
                let field = format!("configuration[{index}].defaultValue");
                let reason = "must not be given for a secret: everyone reads definitions";
                return Err(Error::invalid(field, reason));
            }
            if let Some(at) = field.addresses.iter().position(|form| !endpoint::is_form(form)) {
                let field = format!("configuration[{index}].addresses[{at}]");
                let reason = "must be `host`, `hosts`, `mq`, `jdbc` or a URL scheme with a host";
                return Err(Error::invalid(field, reason));
            }
        }
        Ok(())
    }

    /// The key that types are compared by.
    pub fn key(kind: &str) -> String {
        kind.to_lowercase()
    }
}
