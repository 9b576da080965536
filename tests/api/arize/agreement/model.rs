//! The model: all that a registry holds, secrets in clear, and what is true of every change.
//!
//! A record is one thing. What both dialects know of it, and what only Conductor knows, stands in
//! its configuration under Conductor's keys; what only Arize knows stands beside that, so that a
//! save through Conductor cannot touch it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::kinds::{Kind, Shape, kind, points};

/// What a client writes in these tests for the mask that it has read at that place.
pub const MASK: &str = "<mask>";

/// The statuses that a refusal may have; nothing where there is no reason to refuse.
pub type Faults = BTreeSet<u16>;

/// A value of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    Plain(Value),
    /// A secret in clear. Its version is new whenever it is said, be it the same text.
    Secret {
        text: String,
        version: usize,
    },
}

#[derive(Clone, Debug)]
pub struct Record {
    /// The step that made it.
    pub number: usize,
    pub kind: &'static Kind,
    /// Its name in Conductor.
    pub name: String,
    /// Its former names there.
    pub aliases: BTreeSet<String>,
    /// Its name in Arize.
    pub arize_name: String,
    pub description: Option<String>,
    pub enabled: bool,
    pub tags: Tags,
    pub configuration: BTreeMap<String, Held>,
    /// What only Arize knows, under its names, but for what follows.
    pub own: BTreeMap<&'static str, Held>,
    pub headers: Vec<(String, Held)>,
    pub auth: String,
    pub calls_functions: bool,
    pub default_models: bool,
    /// Organizations, and spaces of them; without any it is seen everywhere.
    pub scopings: Vec<(usize, Option<usize>)>,
    /// Models, or ready-made requests.
    pub children: BTreeMap<String, Child>,
    /// The order in which Arize's clients last named them.
    pub order: Vec<String>,
    pub stamps: Stamps,
}

/// A resource of Conductor's.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    pub description: Option<String>,
    pub enabled: bool,
    pub configuration: Value,
    pub max_tokens: Option<i64>,
    pub frequency: Option<String>,
    pub tags: Tags,
    pub stamps: Stamps,
}

pub type Tags = BTreeSet<(String, String)>;

/// Who made and last changed a thing, and numbers that stand for when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamps {
    pub made_by: usize,
    pub made: usize,
    pub changed_by: usize,
    pub changed: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub records: BTreeMap<usize, Record>,
    /// Who is at work.
    pub who: usize,
    /// Numbers that were given away.
    given: usize,
}

impl Model {
    /// A number that nothing had before.
    pub fn fresh(&mut self) -> usize {
        self.given += 1;
        self.given
    }

    /// A secret that was just said.
    pub fn secret(&mut self, text: &str) -> Held {
        Held::Secret { text: text.to_owned(), version: self.fresh() }
    }

    /// The stamps of what is changed now, or made.
    pub fn stamps(&mut self, before: Option<&Stamps>) -> Stamps {
        let (who, now) = (self.who, self.fresh());
        let made = before.map_or((who, now), |before| (before.made_by, before.made));
        Stamps { made_by: made.0, made: made.1, changed_by: who, changed: now }
    }

    /// The record that has or had this name in Conductor.
    pub fn named(&self, name: &str) -> Option<&Record> {
        self.records.values().find(|one| one.name == name || one.aliases.contains(name))
    }

    /// The record of this name among those of a namespace of Arize's.
    pub fn arize_named(&self, namespace: &str, name: &str) -> Option<&Record> {
        let mut all = self.records.values();
        all.find(|one| one.kind.shape.namespace() == namespace && one.arize_name == name)
    }

    /// A new record, which has no name yet.
    pub fn blank(&mut self, number: usize, kind: &'static Kind) -> Record {
        Record {
            number,
            kind,
            name: String::new(),
            aliases: BTreeSet::new(),
            arize_name: String::new(),
            description: None,
            enabled: true,
            tags: Tags::new(),
            configuration: BTreeMap::new(),
            own: BTreeMap::new(),
            headers: vec![],
            auth: "DEFAULT".to_owned(),
            calls_functions: true,
            default_models: false,
            scopings: vec![],
            children: BTreeMap::new(),
            order: vec![],
            stamps: self.stamps(None),
        }
    }

    /// Conductor's name for what Arize calls `name`: like it where that is free, or with a suffix.
    pub fn conductor_name(&self, shape: Shape, name: &str) -> String {
        let plain = name.replace(['/', ':'], "-");
        let suffixed = format!("{plain}.{}", shape.namespace().to_lowercase());
        let numbered = (2..).map(|number| format!("{suffixed}.{number}"));
        let mut names = [plain, suffixed.clone()].into_iter().chain(numbered);
        names.find(|name| self.named(name).is_none()).unwrap()
    }

    /// Arize's name for what Conductor calls `name`.
    pub fn arize_name(&self, shape: Shape, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}.{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| self.arize_named(shape.namespace(), name).is_none()).unwrap()
    }

    /// Gives a record another name in Arize, and where both were the same, in Conductor.
    pub fn rename(&self, record: &mut Record, to: &str, faults: &mut Faults) {
        let other = self.arize_named(record.kind.shape.namespace(), to);
        if other.is_some_and(|other| other.number != record.number) {
            faults.insert(409);
        }
        if record.arize_name == to {
            return;
        }
        let moves = record.arize_name == record.name;
        to.clone_into(&mut record.arize_name);
        let is_free = self.named(to).is_none_or(|one| one.number == record.number);
        if moves && is_free && !to.contains(['/', ':']) {
            let former = std::mem::replace(&mut record.name, to.to_owned());
            record.aliases.remove(to);
            record.aliases.insert(former);
        }
    }
}

impl Record {
    /// A field of Arize's, wherever it stands.
    pub fn field(&self, name: &'static str) -> Option<&Held> {
        match self.kind.shape.key(name) {
            Some(key) => self.configuration.get(key),
            None => self.own.get(name),
        }
    }

    /// Sets a field of Arize's, or removes it.
    pub fn set(&mut self, name: &'static str, value: Option<Held>) {
        if name == "external_id" && value.is_none() {
            self.own.remove(name);
        }
        match (self.kind.shape.key(name), value) {
            (Some(key), Some(value)) => drop(self.configuration.insert(key.to_owned(), value)),
            (Some(key), None) => drop(self.configuration.remove(key)),
            (None, Some(value)) => drop(self.own.insert(name, value)),
            (None, None) => drop(self.own.remove(name)),
        }
    }

    /// The text of a field that is no secret; what is empty is none.
    pub fn text(&self, name: &'static str) -> Option<&str> {
        match self.field(name) {
            Some(Held::Plain(value)) => value.as_str().filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Whether there is something in a field.
    pub fn has(&self, name: &'static str) -> bool {
        self.field(name).is_some_and(|held| *held != Held::Plain("".into()))
    }

    /// What an agent takes, as far as that is an object.
    pub fn schema(&self) -> Option<Value> {
        let schema = serde_json::from_str::<Value>(self.text("input_schema")?).ok()?;
        schema.is_object().then_some(schema)
    }

    /// The names of what is shown of its children, in Arize's order.
    pub fn shown(&self) -> Vec<&String> {
        let mut shown: Vec<_> =
            self.children.iter().filter(|(_, child)| child.enabled).map(|(name, _)| name).collect();
        let place = |name: &&String| self.order.iter().position(|other| other == *name);
        shown.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
        shown
    }

    /// Whether Bedrock is called in a role that is not Conductor's own.
    pub fn assumes_role(&self) -> bool {
        let connection = self.configuration.get("connectionType");
        connection.is_none_or(|how| *how == Held::Plain("EXTERNAL_ROLE".into()))
            && self.text("role_arn").is_some()
    }

    /// Every secret that it holds, by version.
    fn versions(&self) -> BTreeSet<usize> {
        let headers = self.headers.iter().map(|(_, held)| held);
        let all = self.configuration.values().chain(self.own.values()).chain(headers);
        all.filter_map(Held::version).collect()
    }

    /// Everything that decides where secrets are sent.
    fn points(&self) -> BTreeMap<String, String> {
        let configuration = self.configuration.iter().map(|(key, held)| (key.as_str(), held));
        let own = self.own.iter().map(|(key, held)| (*key, held));
        let mut all: BTreeMap<_, _> = configuration
            .chain(own)
            .filter(|(key, held)| points(key) && **held != Held::Plain("".into()))
            .map(|(key, held)| (key.to_owned(), format!("{held:?}")))
            .collect();
        all.insert("auth_type".to_owned(), self.auth.clone());
        all.extend(self.headers.iter().map(|(name, _)| (format!("header {name}"), String::new())));
        all
    }

    /// A stored secret goes only where it was saved for.
    pub fn rebind(&self, before: &Self, faults: &mut Faults) {
        let keeps = !self.versions().is_disjoint(&before.versions());
        if keeps && self.points() != before.points() {
            faults.insert(409);
        }
    }
}

impl Held {
    pub fn version(&self) -> Option<usize> {
        match self {
            Self::Secret { version, .. } => Some(*version),
            Self::Plain(_) => None,
        }
    }

    /// The value in clear.
    pub fn clear(&self) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Secret { text, .. } => text.clone().into(),
        }
    }
}

/// The type that a new record of this shape has, whose first model is `model`.
pub fn new_kind(shape: Shape, model: &str) -> &'static Kind {
    let name = match shape {
        Shape::Llm(provider) => provider.new_kind(model),
        Shape::Agent => "arize_agent",
        Shape::Evaluator => "arize_evaluator",
        Shape::Foreign => "cohere",
    };
    kind(name).unwrap()
}
