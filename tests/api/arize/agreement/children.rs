//! What Arize's dialect does to models and ready-made requests, which are resources to Conductor.

use serde_json::{Map, Value, json};

use super::model::{Child, Model, Record, Tags};

impl Model {
    /// The models by name: those that are shown are replaced, those that are disabled stay.
    pub fn models(&mut self, record: &mut Record, config: &Map<String, Value>) {
        let Some(sent) = config.get("model_names").and_then(Value::as_array) else { return };
        let mut names: Vec<String> = vec![];
        for name in sent.iter().filter_map(Value::as_str) {
            if !names.iter().any(|other| other == name) {
                names.push(name.to_owned());
            }
        }
        record.children.retain(|name, child| !child.enabled || names.contains(name));
        for name in &names {
            let before = record.children.get(name).cloned();
            let after = before.clone().unwrap_or_else(|| self.child());
            self.put(record, name, before, Child { enabled: true, ..after });
        }
        record.order = names;
    }

    /// The ready-made requests, as models.
    pub fn presets(&mut self, record: &mut Record, config: &Map<String, Value>) {
        let Some(sent) = config.get("request_presets").and_then(Value::as_array) else { return };
        let name = |one: &Value| one["name"].as_str().unwrap_or_default().to_owned();
        let names: Vec<String> = sent.iter().map(name).collect();
        record.children.retain(|name, child| !child.enabled || names.contains(name));
        for (name, preset) in names.iter().zip(sent) {
            let before = record.children.get(name).cloned();
            let mut after = before.clone().unwrap_or_else(|| self.child());
            after.enabled = true;
            after.description = preset["description"].as_str().map(str::to_owned);
            after.configuration = preset["config"].clone();
            self.put(record, name, before, after);
        }
        record.order = names;
    }

    /// A child that is new.
    fn child(&mut self) -> Child {
        Child {
            description: None,
            enabled: true,
            configuration: json!({}),
            max_tokens: None,
            frequency: None,
            tags: Tags::new(),
            stamps: self.stamps(None),
        }
    }

    /// Puts a child in its place; one that stays as it was is not touched.
    fn put(&mut self, record: &mut Record, name: &str, before: Option<Child>, mut after: Child) {
        if let Some(before) = before.filter(|before| *before != after) {
            after.stamps = self.stamps(Some(&before.stamps));
        }
        record.children.insert(name.to_owned(), after);
    }
}
