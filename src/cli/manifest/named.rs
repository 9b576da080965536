//! Configurations of another server without their secrets: each becomes the name of a variable.

use serde_json::Value;

use crate::domain::configuration::{Configuration, mask, tells_nothing};
use crate::domain::definition::Definition;
use crate::domain::endpoint;
use crate::domain::manifest::{Variables, literal};
use crate::domain::secret;

/// Gives secrets names of their own.
#[derive(Default)]
pub struct Namer(Variables);

impl Namer {
    /// Puts references in the place of the secrets of a configuration. `path` leads to it, for their
    /// names.
    pub fn name(
        &mut self,
        configuration: &mut Configuration,
        path: &[&str],
        definition: Option<&Definition>,
    ) {
        self.map(configuration, path, definition, false);
    }

    /// The names of all secrets.
    pub fn into_names(self) -> Vec<String> {
        self.0.into_names()
    }

    fn map(
        &mut self,
        map: &mut Configuration,
        path: &[&str],
        definition: Option<&Definition>,
        headers: bool,
    ) {
        for (key, value) in map.iter_mut() {
            let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
            let holds_headers = headers || secret::holds_headers(key);
            let is_defined = definition.is_some_and(|definition| definition.holds_secret(key));
            match value {
                Value::Object(inner) if holds_headers => self.map(inner, &path, definition, true),
                value if holds_headers || is_defined || secret::looks_secret(key) => {
                    if !tells_nothing(value) {
                        *value = self.0.reference(&path).into();
                    }
                }
                value => self.value(value, &path, key, definition),
            }
        }
    }

    /// Goes through a value that is not secret by its key.
    fn value(
        &mut self,
        value: &mut Value,
        path: &[&str],
        key: &str,
        definition: Option<&Definition>,
    ) {
        match value {
            Value::Object(inner) => self.map(inner, path, definition, false),
            Value::Array(items) => {
                for item in items {
                    self.value(item, path, key, definition);
                }
            }
            Value::String(text) if holds_secret(text, key) => {
                *value = self.0.reference(path).into();
            }
            Value::String(text) => *text = literal(text),
            _ => {}
        }
    }
}

/// Whether a text holds a secret whatever its key says: a private key, a mask, a password in an address.
fn holds_secret(text: &str, key: &str) -> bool {
    let is_address = text.contains("://") || text.starts_with("jdbc:") || endpoint::is_address(key);
    let mut parameters =
        text.split(['?', '&', ';', ',', ' ']).filter_map(|part| part.split_once('='));
    secret::is_private_key(text)
        || mask::is_like(text)
        || is_address && text.contains('@')
        || parameters.any(|(name, value)| !value.is_empty() && secret::looks_secret(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn every_secret_becomes_a_name_and_nothing_else_does() {
        let catalogue = Catalogue::built_in();
        let Value::Object(mut configuration) = json!({
            "api_key": "CANARY-1", "endpoint": "https://api.openai.com/v1", "max_tokens": 5,
            "password": {"inner": "CANARY-2"}, "user": "ann", "empty_secret": "", "tokens": [],
            "headers": {"X-A": "CANARY-3", "x.a": "CANARY-4"}, "pin": 1234,
            "url": "postgres://u:CANARY-5@h/db", "extra": [{"apiKey": "CANARY-6"}],
            "datasourceURL": "jdbc:postgresql://h/db?user=u&password=CANARY-7",
            "file": "-----BEGIN PRIVATE KEY-----CANARY-8", "note": "mail ann@example.org ${env:X}",
            "masked": "****k3v9q2mz****",
        }) else {
            panic!()
        };
        let mut namer = Namer::default();
        namer.name(&mut configuration, &["1-openai"], catalogue.find("openai").map(|it| &**it));
        let told = Value::Object(configuration);
        assert!(!told.to_string().contains("CANARY"), "{told:#}");
        assert_eq!(
            told,
            json!({
                "api_key": "${env:_1_OPENAI_API_KEY}", "endpoint": "https://api.openai.com/v1",
                "max_tokens": 5, "password": "${env:_1_OPENAI_PASSWORD}", "user": "ann",
                "empty_secret": "", "tokens": [],
                "headers": {"X-A": "${env:_1_OPENAI_HEADERS_X_A}", "x.a": "${env:_1_OPENAI_HEADERS_X_A_2}"},
                "pin": "${env:_1_OPENAI_PIN}", "url": "${env:_1_OPENAI_URL}",
                "extra": [{"apiKey": "${env:_1_OPENAI_EXTRA_APIKEY}"}],
                "datasourceURL": "${env:_1_OPENAI_DATASOURCEURL}",
                "file": "${env:_1_OPENAI_FILE}", "note": "mail ann@example.org $${env:X}",
                "masked": "${env:_1_OPENAI_MASKED}",
            })
        );
        assert_eq!(namer.into_names().len(), 10);
    }
}
