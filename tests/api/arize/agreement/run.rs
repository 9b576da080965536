//! Steps, taken on a server and on the model, and what both say then.

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::body::{Family, SPACES};
use super::conductor::Named;
use super::facts::Facts;
use super::model::{Faults, Held, MASK, Model, Record, Tags};
use super::views::People;
use crate::support::{Client, PROVIDER, Response, Server};

/// Something that a client does.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number, by which a record that it makes is known.
    pub number: usize,
    /// Who does it.
    pub who: usize,
    pub act: Act,
}

#[derive(Clone, Debug)]
pub enum Act {
    Save { name: String, body: Value },
    Merge { name: String, body: Value },
    Remove { name: String },
    SaveChild { at: Named, body: Value, merges: bool },
    RemoveChild { at: Named },
    Tag { at: Named, tags: Tags, removes: bool },
    Create { family: Family, body: Value },
    Patch { record: usize, family: Family, body: Value },
    Delete { record: usize, family: Family },
}

/// What the model and the server do not agree on.
pub type Agreed = Result<(), String>;

impl Model {
    /// Takes a step, or gives the statuses that its refusal may have. Gives the record it is on.
    pub fn take(&mut self, step: &Step) -> Result<usize, Faults> {
        let mut faults = Faults::new();
        let mut after = self.clone();
        after.who = step.who;
        let why = &mut faults;
        let record = match &step.act {
            Act::Save { name, body } => after.save(step.number, name, body, why),
            Act::Merge { name, body } => after.merge(name, body, why),
            Act::Remove { name } => after.remove(name, why),
            Act::SaveChild { at, body, merges } => after.save_child(at, body, *merges, why),
            Act::RemoveChild { at } => after.remove_child(at, why),
            Act::Tag { at, tags, removes } => after.tag(at, tags, *removes, why),
            Act::Create { family, body } => after.create(step.number, *family, body, why),
            Act::Patch { record, family, body } => after.patch(*record, *family, body, why),
            Act::Delete { record, family } => after.delete(*record, *family, why),
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        *self = after;
        Ok(record)
    }
}

/// A method, a path and a body.
type Request = (&'static str, String, Option<Value>);

/// A server with the model of what it holds.
pub struct Run {
    pub clients: [Client; 2],
    pub people: People,
    pub model: Model,
    pub facts: Facts,
    /// What was changed since it was last looked at.
    pub changed: BTreeSet<usize>,
    _server: Server,
}

impl Run {
    pub fn start() -> Self {
        let server = Server::start();
        let clients = [server.admin(), server.client("second", &["ADMIN"])];
        let people = [clients[0].subject.clone(), clients[1].subject.clone()];
        let mut facts = Facts::default();
        let mut make = |path: &str, fact: String, body: Value| {
            let made = clients[0].post(path, &body);
            facts.bind(&fact, &made.json["id"]).unwrap();
            made.json["id"].clone()
        };
        let organizations = ["acme", "other"].map(|name| {
            make(
                "/v2/organizations",
                format!("id org {}", usize::from(name == "other")),
                json!({"name": name}),
            )
        });
        for (space, of) in SPACES.iter().enumerate() {
            let body =
                json!({"name": format!("space {space}"), "organization_id": organizations[*of]});
            make("/v2/spaces", format!("id space {space}"), body);
        }
        let (model, changed) = (Model::default(), BTreeSet::new());
        Self { clients, people, model, facts, changed, _server: server }
    }

    /// Takes a step on both, and compares what they say of it.
    pub fn take(&mut self, step: &Step) -> Agreed {
        let target = self.target(&step.act);
        let Some((method, path, body)) = self.request(step, target.as_ref())? else {
            return Ok(());
        };
        let predicted = self.model.take(step);
        let client = &self.clients[step.who];
        let answer = match &body {
            Some(body) => client.call_with(method, &path, body),
            None => client.call(method, &path),
        };
        let asked = format!("{method} {path} {}", body.unwrap_or_default());
        let answered = self.answered(step, &predicted, &answer);
        answered.map_err(|why| {
            format!("{why}\n{asked}\nwas answered {} {}", answer.status, answer.text)
        })
    }

    fn answered(
        &mut self,
        step: &Step,
        predicted: &Result<usize, Faults>,
        answer: &Response,
    ) -> Agreed {
        let number = match predicted {
            Ok(number) => *number,
            Err(faults) if faults.contains(&answer.status) => {
                let told = answer.json["status"] == answer.status;
                return if told { Ok(()) } else { Err("its status is not in the body".to_owned()) };
            }
            Err(faults) => return Err(format!("it should be refused with one of {faults:?}")),
        };
        let expected = match step.act {
            Act::Create { .. } => 201,
            Act::Delete { .. } => 204,
            _ => 200,
        };
        if answer.status != expected {
            return Err(format!("it should be answered with {expected}"));
        }
        self.changed.insert(number);
        let Some(record) = self.model.records.get(&number) else { return Ok(()) };
        let view = match step.act {
            Act::Save { .. } | Act::Merge { .. } => record.conductor(&self.people),
            Act::Create { family, .. } | Act::Patch { family, .. } => {
                record.arize(family, &self.people)
            }
            _ => return Ok(()),
        };
        self.facts.agree(&view, &answer.json).map_err(|why| format!("the answer{why}"))
    }

    /// The record that a step is on, if that is there.
    fn target(&self, act: &Act) -> Option<Record> {
        match act {
            Act::Save { name, .. } | Act::Merge { name, .. } | Act::Remove { name } => {
                self.model.named(name).cloned()
            }
            Act::Patch { record, .. } | Act::Delete { record, .. } => {
                self.model.records.get(record).cloned()
            }
            _ => None,
        }
    }

    /// What is sent for a step; nothing if the id that it needs was never told.
    fn request(&mut self, step: &Step, target: Option<&Record>) -> Result<Option<Request>, String> {
        let at = |at: &Named| match &at.child {
            Some(child) => format!("{}/integration/{}", provider(&at.integration), escaped(child)),
            None => provider(&at.integration),
        };
        let (method, path, body) = match &step.act {
            Act::Save { name, body } => ("POST", provider(name), Some(body.clone())),
            Act::Merge { name, body } => ("PATCH", provider(name), Some(body.clone())),
            Act::Remove { name } => ("DELETE", provider(name), None),
            Act::SaveChild { at: place, body, merges } => {
                (if *merges { "PATCH" } else { "POST" }, at(place), Some(body.clone()))
            }
            Act::RemoveChild { at: place } => ("DELETE", at(place), None),
            Act::Tag { at: place, tags, removes } => {
                let tags = tags.iter().map(|(key, value)| json!({"key": key, "value": value}));
                let method = if *removes { "DELETE" } else { "PUT" };
                (method, format!("{}/tags", at(place)), Some(tags.collect()))
            }
            Act::Create { family, body } => ("POST", list(*family).to_owned(), Some(body.clone())),
            Act::Patch { record, family, body } => {
                let Some(path) = self.path(*record, *family)? else { return Ok(None) };
                ("PATCH", path, Some(body.clone()))
            }
            Act::Delete { record, family } => {
                let Some(path) = self.path(*record, *family)? else { return Ok(None) };
                ("DELETE", path, None)
            }
        };
        let Some(mut body) = body else { return Ok(Some((method, path, None))) };
        if body.to_string().contains(MASK) {
            target.map_or(Ok(()), |record| self.look_at(record.number))?;
        }
        self.fill(&mut body, "", target);
        Ok(Some((method, path, Some(body))))
    }

    /// The path of a record, if its id was told.
    fn path(&mut self, record: usize, family: Family) -> Result<Option<String>, String> {
        let fact = format!("id {record}");
        if self.facts.known(&fact).is_none() {
            self.compare(0)?;
        }
        Ok(self.facts.known(&fact).map(|id| format!("{}/{}", list(family), escaped(id))))
    }

    /// Writes ids and masks in the place of what stands for them.
    fn fill(&self, value: &mut Value, key: &str, target: Option<&Record>) {
        match value {
            Value::Object(map) => {
                map.iter_mut().for_each(|(key, value)| self.fill(value, key, target));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.fill(item, key, target)),
            Value::String(text) if text == MASK => {
                let version = target.and_then(|record| version(record, key));
                let mask = version.and_then(|version| self.facts.mask(version));
                mask.unwrap_or("****abcdefgh********").clone_into(text);
            }
            Value::String(text) if text.starts_with('<') => {
                let name = text.trim_matches(['<', '>']);
                let nobody = data_encoding::BASE64.encode(format!("Nobody:{name}").as_bytes());
                *text = self.facts.known(&format!("id {name}")).map_or(nobody, str::to_owned);
            }
            _ => {}
        }
    }
}

/// The version of the secret that stands under a key.
fn version(record: &Record, key: &str) -> Option<usize> {
    let key = if key == "external_id" { "externalId" } else { key };
    let header = || record.headers.iter().find(|(name, _)| name == key).map(|(_, held)| held);
    record.configuration.get(key).or_else(header).and_then(Held::version)
}

pub fn list(family: Family) -> &'static str {
    if family == Family::Newer { "/v2/integrations" } else { "/v2/ai-integrations" }
}

pub fn provider(name: &str) -> String {
    format!("{PROVIDER}/{}", escaped(name))
}

pub fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
