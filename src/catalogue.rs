//! The built-in catalogue: the definitions that come with Podium, in `catalogue.json`.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::definition::Definition;

/// The built-in definitions, in the order of the file.
pub struct Catalogue {
    definitions: Vec<Arc<Definition>>,
    by_kind: HashMap<String, usize>,
}

impl Catalogue {
    /// Reads the catalogue that was built in.
    ///
    /// # Panics
    ///
    /// When the file is not what a test of this module has seen it to be.
    pub fn built_in() -> Self {
        let definitions: Vec<Definition> =
            serde_json::from_str(include_str!("catalogue.json")).expect("catalogue.json fits");
        let definitions: Vec<_> = definitions.into_iter().map(Arc::new).collect();
        let by_kind = definitions
            .iter()
            .enumerate()
            .map(|(index, definition)| (Definition::key(&definition.kind), index))
            .collect();
        Self { definitions, by_kind }
    }

    /// Every definition.
    pub fn all(&self) -> &[Arc<Definition>] {
        &self.definitions
    }

    /// The definition of the type `kind`, whatever its case.
    pub fn find(&self, kind: &str) -> Option<&Arc<Definition>> {
        self.by_kind.get(&Definition::key(kind)).map(|index| &self.definitions[*index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::endpoint::{self, Hosts};

    #[test]
    fn every_definition_passes_the_checks_of_a_registered_one() {
        let catalogue = Catalogue::built_in();
        assert_eq!(catalogue.all().len(), catalogue.by_kind.len());
        for definition in catalogue.all() {
            definition.check().unwrap();
        }
        assert!(catalogue.find("openai").unwrap().holds_secret("api_key"));
        assert!(!catalogue.find("openai").unwrap().holds_secret("endpoint"));
        assert!(catalogue.find("mongovectordb").unwrap().holds_secret("endpoint"));
    }

    #[test]
    fn types_are_found_in_any_case_and_answered_as_the_catalogue_spells_them() {
        let catalogue = Catalogue::built_in();
        for spelling in ["Grok", "grok", "GROK"] {
            assert_eq!(catalogue.find(spelling).unwrap().kind, "Grok");
        }
        assert!(catalogue.find("").is_none());
    }

    #[test]
    fn every_default_of_an_address_passes_its_own_check() {
        let catalogue = Catalogue::built_in();
        let mut checked = 0;
        for definition in catalogue.all() {
            for field in &definition.configuration {
                let (name, value) = (&field.field_name, field.default_value.as_ref());
                let is_address = endpoint::is_address(name) || !field.addresses.is_empty();
                if let Some(value) = value.and_then(|value| value.as_str()).filter(|_| is_address) {
                    let forms = definition.addresses(name);
                    endpoint::check(name, value, forms, &Hosts::default()).unwrap();
                    checked += 1;
                }
                assert!(field.addresses.is_empty() || !field.field_type.is_secret(), "{name}");
            }
        }
        assert_eq!(checked, 5);
    }
}
