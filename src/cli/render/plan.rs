//! What a Conductor server is told, before it is written in one format.

use serde_json::Value;

use super::choose::Chosen;
use super::mapping::{Field, Place};
use super::reference::{self, Source};
use super::spring;
use crate::catalogue::Catalogue;

/// The property that lets that server use models and vector databases at all.
const SWITCH: &str = "conductor.integrations.ai.enabled";

/// The properties of a server.
#[derive(Default)]
pub struct Plan {
    /// The properties, together by integration.
    pub sections: Vec<Section>,
    /// The variables that its environment has to have.
    pub variables: Vec<Variable>,
    /// What is left out, or not as Podium has it.
    pub notes: Vec<String>,
}

/// Properties that belong together.
pub struct Section {
    /// What they are of.
    pub title: String,
    /// Each property with its value.
    pub entries: Vec<(String, Text)>,
}

/// The value of a property, which may be a secret in clear.
#[cfg_attr(test, derive(Debug))]
#[derive(PartialEq, Eq)]
pub enum Text {
    /// This text.
    Literal(String),
    /// What this variable of the environment holds.
    Reference(String),
}

/// A variable that the environment of the server has to have.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub purpose: String,
}

impl Plan {
    /// The plan for what was chosen; with `clear`, its secrets are in clear and are told so.
    pub fn of(chosen: &[Chosen], clear: bool, notes: Vec<String>) -> Self {
        let catalogue = Catalogue::built_in();
        let mut plan = Self { notes, ..Self::default() };
        if chosen.iter().any(|one| !matches!(one.mapping.place, Place::Jdbc)) {
            let entries = vec![(SWITCH.to_owned(), Text::Literal("true".to_owned()))];
            plan.sections.push(Section { title: "models and vector databases".into(), entries });
        }
        for (at, one) in chosen.iter().enumerate() {
            let list = one.mapping.place.list();
            let index = chosen[..at].iter().filter(|other| other.mapping.place.list() == list);
            let index = index.count();
            plan.add(&catalogue, one, index, clear);
        }
        plan
    }

    /// Adds an integration, the element `index` of its list.
    fn add(&mut self, catalogue: &Catalogue, one: &Chosen, index: usize, clear: bool) {
        let Chosen { mapping, provider } = one;
        let mut entries = identity(mapping.place, index, &provider.name);
        for Field { from, to, reading } in mapping.fields {
            let Some(value) = provider.configuration.get(*from).and_then(scalar) else { continue };
            let source = reference::source(catalogue, &provider.kind, from, &value);
            let text = match source.filter(|_| !clear) {
                Some(source) => self.reference(&provider.name, from, &source),
                None => Text::Literal(spring::inert(&reading.apply(&value))),
            };
            entries.push((format!("{}.{to}", mapping.place.prefix(index)), text));
        }
        self.sections.push(Section { title: title(one), entries });
        self.notes.extend(unmapped(one));
    }

    /// A reference to a variable, which is added to those to set.
    fn reference(&mut self, name: &str, field: &str, source: &Source<'_>) -> Text {
        let variable = match source {
            Source::Variable(variable) => (*variable).to_owned(),
            Source::File(_) | Source::Kept => reference::variable(name, field),
        };
        let purpose = format!("`{field}` of `{name}`");
        if let Source::File(path) = source {
            self.notes.push(format!(
                "{purpose} is in the file `{path}` where Podium runs, which that server cannot \
                 read: set {variable} to what it holds"
            ));
        }
        match self.variables.iter_mut().find(|known| known.name == variable) {
            Some(known) => known.purpose = format!("{}, {purpose}", known.purpose),
            None => self.variables.push(Variable { name: variable.clone(), purpose }),
        }
        Text::Reference(variable)
    }
}

/// What an element of a list begins with: its name, and its type where there are several.
fn identity(place: Place, index: usize, name: &str) -> Vec<(String, Text)> {
    let Some(list) = place.list() else { return vec![] };
    let entry = |key, text: &str| (format!("{list}[{index}].{key}"), Text::Literal(text.into()));
    let mut entries = vec![entry("name", &spring::inert(name))];
    if let Place::Vector(kind) = place {
        entries.push(entry("type", kind));
    }
    entries
}

/// The integration with its type and its resources.
fn title(one: &Chosen) -> String {
    let provider = &one.provider;
    let mut title = format!("{} ({})", provider.name, provider.kind);
    if !provider.resources.is_empty() {
        title = format!("{title}: {}", provider.resources.join(", "));
    }
    title
}

/// A note on the fields that are set and have no counterpart.
fn unmapped(one: &Chosen) -> Option<String> {
    let known = |key: &str| one.mapping.fields.iter().any(|field| field.from == key);
    let configuration = one.provider.configuration.iter();
    let lost: Vec<_> =
        configuration
            .filter(|(key, value)| {
                if known(key) { value.is_object() || value.is_array() } else { !is_empty(value) }
            })
            .map(|(key, _)| format!("`{key}`"))
            .collect();
    let name = &one.provider.name;
    (!lost.is_empty()).then(|| format!("`{name}` has no counterpart there for {}", lost.join(", ")))
}

/// The text of a value that has one.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::choose::choose;
    use super::*;
    use crate::cli::desk::Provider;

    fn plan(clear: bool, found: &[(&str, &str, Value)]) -> Plan {
        let found = found.iter().map(|(name, kind, configuration)| {
            let configuration = configuration.as_object().unwrap().clone();
            Provider { configuration, ..Provider::bare(name, kind) }
        });
        let mut notes = vec![];
        let chosen = choose(found.collect(), &[], &mut notes).unwrap();
        Plan::of(&chosen, clear, notes)
    }

    fn entries(plan: &Plan) -> Vec<String> {
        let entries = plan.sections.iter().flat_map(|section| &section.entries);
        entries
            .map(|(property, text)| match text {
                Text::Literal(text) => format!("{property}={text}"),
                Text::Reference(variable) => format!("{property}=<{variable}>"),
            })
            .collect()
    }

    #[test]
    fn a_provider_has_its_prefix_and_its_secrets_are_references() {
        let configuration = json!({"api_key": "********", "endpoint": "https://api.openai.com",
            "organizationId": "", "proxy": "p", "empty": null});
        let plan = plan(false, &[("main", "OpenAI", configuration)]);
        let expected = [
            "conductor.integrations.ai.enabled=true",
            "conductor.ai.openai.api-key=<MAIN_API_KEY>",
            "conductor.ai.openai.base-url=https://api.openai.com/v1",
        ];
        assert_eq!(entries(&plan), expected);
        let purpose = "`api_key` of `main`".to_owned();
        assert_eq!(plan.variables, [Variable { name: "MAIN_API_KEY".into(), purpose }]);
        assert_eq!(plan.notes, ["`main` has no counterpart there for `proxy`"]);
    }

    #[test]
    fn secrets_in_clear_are_told_and_cannot_hold_a_placeholder() {
        let plan = plan(true, &[("main", "cohere", json!({"api_key": "a${HOME}"}))]);
        assert_eq!(entries(&plan)[1], "conductor.ai.cohere.api-key=a${podium.dollar:$}{HOME}");
        assert!(plan.variables.is_empty());
    }

    #[test]
    fn lists_are_numbered_each_from_zero() {
        let plan = plan(
            false,
            &[
                ("b${X}", "pineconedb", json!({"api_key": "********"})),
                (
                    "a",
                    "pgvectordb",
                    json!({"dimensions": 1536, "distance_metric": "Inner Product"}),
                ),
                ("c", "relational_db", json!({"jdbcDriver": "Postgres", "user": ["x"]})),
            ],
        );
        let entries = entries(&plan);
        assert_eq!(
            entries[..7],
            [
                "conductor.integrations.ai.enabled=true",
                "conductor.vectordb.instances[0].name=a",
                "conductor.vectordb.instances[0].type=postgres",
                "conductor.vectordb.instances[0].postgres.dimensions=1536",
                "conductor.vectordb.instances[0].postgres.distanceMetric=inner_product",
                "conductor.vectordb.instances[1].name=b${podium.dollar:$}{X}",
                "conductor.vectordb.instances[1].type=pinecone",
            ]
        );
        assert_eq!(
            entries[8..],
            [
                "conductor.jdbc.instances[0].name=c",
                "conductor.jdbc.instances[0].connection.jdbcDriver=org.postgresql.Driver",
            ]
        );
        assert_eq!(plan.notes, ["`c` has no counterpart there for `user`"]);
    }

    #[test]
    fn references_of_podium_become_variables() {
        let plan = plan(
            false,
            &[
                ("a", "cohere", json!({"api_key": "env:SHARED"})),
                ("b", "mistral", json!({"api_key": "env:SHARED"})),
                ("c", "Grok", json!({"api_key": "file:/run/key"})),
            ],
        );
        assert_eq!(
            entries(&plan)[1..],
            [
                "conductor.ai.cohere.api-key=<SHARED>",
                "conductor.ai.grok.api-key=<C_API_KEY>",
                "conductor.ai.mistral.api-key=<SHARED>",
            ]
        );
        assert_eq!(plan.variables[0].purpose, "`api_key` of `a`, `api_key` of `b`");
        assert!(plan.notes[0].contains("`/run/key`") && plan.notes[0].contains("set C_API_KEY"));
    }

    #[test]
    fn jdbc_alone_does_not_switch_models_on() {
        let plan = plan(false, &[("c", "relational_db", json!({"user": "u"}))]);
        assert!(!entries(&plan).iter().any(|entry| entry.starts_with(SWITCH)));
    }
}
