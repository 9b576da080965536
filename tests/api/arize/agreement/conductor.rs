//! What Conductor's dialect does to the model: saves replace, and leave alone what only Arize
//! knows.

use serde_json::{Map, Value, json};

use super::kinds::kind;
use super::model::{Child, Faults, Held, MASK, Model, Record, Tags};

/// A resource by its integration and its own name, or an integration.
#[derive(Clone, Debug)]
pub struct Named {
    pub integration: String,
    pub child: Option<String>,
}

impl Model {
    /// `POST …/provider/{name}`.
    pub fn save(&mut self, step: usize, name: &str, body: &Value, faults: &mut Faults) -> usize {
        let before = self.named(name).cloned();
        let said = body["type"].as_str();
        let found = said.map(|said| (said, kind(said)));
        match (&before, found) {
            (_, Some((_, None))) => drop(faults.insert(404)),
            (None, None) => drop(faults.insert(400)),
            (Some(before), Some((said, _))) if before.kind.name != said => {
                faults.insert(400);
            }
            _ => {}
        }
        let mut record = match (&before, found) {
            (Some(before), _) => before.clone(),
            (None, Some((_, Some(kind)))) => {
                let mut record = self.blank(step, kind);
                name.clone_into(&mut record.name);
                record.arize_name = self.arize_name(kind.shape, name);
                record
            }
            _ => return 0,
        };
        record.description = body["description"].as_str().map(str::to_owned);
        record.enabled = body["enabled"] == true;
        let empty = Map::new();
        let sent = body["configuration"].as_object().unwrap_or(&empty);
        self.configure(&mut record, sent, faults);
        self.keep(record, before.as_ref(), faults)
    }

    /// `PATCH …/provider/{name}`.
    pub fn merge(&mut self, name: &str, body: &Value, faults: &mut Faults) -> usize {
        let Some(before) = self.named(name).cloned() else {
            faults.insert(404);
            return 0;
        };
        let mut record = before.clone();
        if let Some(said) = body.get("description") {
            record.description = said.as_str().map(str::to_owned);
        }
        if let Some(said) = body["enabled"].as_bool() {
            record.enabled = said;
        }
        if let Some(said) = body["configuration"].as_object() {
            let mut sent = read(&record);
            for (key, value) in said {
                match value {
                    Value::Null => drop(sent.shift_remove(key)),
                    value => drop(sent.insert(key.clone(), value.clone())),
                }
            }
            self.configure(&mut record, &sent, faults);
        }
        self.keep(record, Some(&before), faults)
    }

    /// `DELETE …/provider/{name}`.
    pub fn remove(&mut self, name: &str, faults: &mut Faults) -> usize {
        let found = self.named(name).map(|record| record.number);
        match found {
            Some(number) => drop(self.records.remove(&number)),
            None => drop(faults.insert(404)),
        }
        found.unwrap_or(0)
    }

    /// `POST …/integration/{api}`, or with `merges` PATCH.
    pub fn save_child(
        &mut self,
        at: &Named,
        body: &Value,
        merges: bool,
        faults: &mut Faults,
    ) -> usize {
        let name = at.child.clone().unwrap_or_default();
        let record = self.named(&at.integration).cloned();
        let before = record.as_ref().and_then(|record| record.children.get(&name).cloned());
        let (Some(mut record), true) = (record, before.is_some() || !merges) else {
            faults.insert(404);
            return 0;
        };
        let blank = Child {
            description: None,
            enabled: false,
            configuration: json!({}),
            max_tokens: None,
            frequency: None,
            tags: before.as_ref().map(|before| before.tags.clone()).unwrap_or_default(),
            stamps: self.stamps(before.as_ref().map(|before| &before.stamps)),
        };
        let stamps = blank.stamps.clone();
        let mut child = before.filter(|_| merges).unwrap_or(blank);
        child.stamps = stamps;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        for (member, value) in body.as_object().into_iter().flatten() {
            match member.as_str() {
                "description" => child.description = text(value),
                "enabled" => child.enabled = *value == true,
                "maxTokens" => child.max_tokens = value.as_i64(),
                "frequency" => child.frequency = text(value),
                _ if merges => {
                    for (key, value) in value.as_object().into_iter().flatten() {
                        child.configuration[key] = value.clone();
                    }
                }
                _ => child.configuration = value.clone(),
            }
        }
        if child.max_tokens.is_some_and(|most| most < 0) {
            faults.insert(400);
        }
        record.children.insert(name, child);
        let number = record.number;
        self.records.insert(number, record);
        number
    }

    /// `DELETE …/integration/{api}`.
    pub fn remove_child(&mut self, at: &Named, faults: &mut Faults) -> usize {
        let number = self.named(&at.integration).map_or(0, |record| record.number);
        let name = at.child.as_deref().unwrap_or_default();
        let record = self.records.get_mut(&number);
        if record.and_then(|record| record.children.remove(name)).is_none() {
            faults.insert(404);
        }
        number
    }

    /// `PUT …/tags`, or with `removes` DELETE.
    pub fn tag(&mut self, at: &Named, tags: &Tags, removes: bool, faults: &mut Faults) -> usize {
        let number = self.named(&at.integration).map_or(0, |record| record.number);
        let found = self.records.get_mut(&number).and_then(|record| match &at.child {
            None => Some(&mut record.tags),
            Some(child) => record.children.get_mut(child).map(|child| &mut child.tags),
        });
        match found {
            Some(found) if removes => found.retain(|tag| !tags.contains(tag)),
            Some(found) => found.extend(tags.iter().cloned()),
            None => drop(faults.insert(404)),
        }
        number
    }

    /// Makes `sent` the whole configuration that Conductor knows.
    fn configure(&mut self, record: &mut Record, sent: &Map<String, Value>, faults: &mut Faults) {
        let before = std::mem::take(&mut record.configuration);
        for (key, value) in sent {
            let held = match value.as_str() {
                _ if key == "arize" => {
                    faults.insert(400);
                    continue;
                }
                Some(MASK) => {
                    let kept = before.get(key).filter(|held| held.version().is_some());
                    let Some(kept) = kept else {
                        // A mask is never stored, and stands for nothing but what is there.
                        faults.insert(400);
                        continue;
                    };
                    kept.clone()
                }
                Some(text) if record.kind.is_secret(key) && !text.is_empty() => self.secret(text),
                _ => Held::Plain(value.clone()),
            };
            record.configuration.insert(key.clone(), held);
        }
        // Arize shows it as long as it is what was said there.
        if record.configuration.get("externalId") != before.get("externalId") {
            record.own.remove("external_id");
        }
    }

    /// Puts a changed record in its place.
    pub fn keep(
        &mut self,
        mut record: Record,
        before: Option<&Record>,
        faults: &mut Faults,
    ) -> usize {
        if let Some(before) = before {
            record.rebind(before, faults);
            record.stamps = self.stamps(Some(&before.stamps));
        }
        let number = record.number;
        self.records.insert(number, record);
        number
    }
}

/// The configuration as a client reads it.
pub fn read(record: &Record) -> Map<String, Value> {
    let value = |held: &Held| match held {
        Held::Plain(value) => value.clone(),
        Held::Secret { .. } => MASK.into(),
    };
    record.configuration.iter().map(|(key, held)| (key.clone(), value(held))).collect()
}
