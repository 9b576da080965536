//! Steps by chance: mostly such as a client would take, and some with a fault.

use serde_json::{Map, Value, json};

use super::body::Family;
use super::conductor::{Named, read};
use super::draw_arize::{create, patch};
use super::kinds::{KINDS, Shape};
use super::model::{MASK, Model, Record, Tags};
use super::run::{Act, Step};
use crate::dice::Dice;

/// How many records there are at about the most.
const CROWD: usize = 10;

pub const NAMES: [&str; 9] =
    ["main", "a/b", "a-b", "a:b", "team one", "main.agent", "main.llm", "main.2", "überall"];
pub const MODELS: [&str; 6] = [
    "gpt-4o",
    "meta-llama/Llama-3",
    "cohere.command",
    "amazon.titan-v1",
    "a b",
    "anthropic.claude:0",
];
pub const REQUESTS: [&str; 3] = ["first", "second", "third/one"];
pub const URLS: [&str; 3] =
    ["https://a.example.org/v1", "https://b.example.org", "https://c.example.org:8443/v1"];

/// A step that somebody might take now.
pub fn step(number: usize, model: &Model, dice: &mut Dice) -> Step {
    Step { number, who: dice.below(2), act: act(number, model, dice) }
}

fn act(number: usize, model: &Model, dice: &mut Dice) -> Act {
    let records: Vec<_> = model.records.values().collect();
    if records.len() > CROWD && dice.chance(40) {
        let record = *dice.pick(&records);
        return delete(record, dice);
    }
    if records.is_empty() || dice.chance(if records.len() < CROWD { 25 } else { 8 }) {
        return if dice.chance(60) { create(dice) } else { save_new(dice) };
    }
    let record = *dice.pick(&records);
    let name = former(record, dice);
    let at = |child| Named { integration: name.clone(), child };
    match dice.below(100) {
        0..15 => Act::Save { name, body: conductor(record.kind.name, Some(record), dice) },
        15..25 => Act::Merge { name, body: merge(record, dice) },
        25..35 => child(record, at(Some(child_name(record, dice))), dice),
        35..38 => Act::RemoveChild { at: at(Some(child_name(record, dice))) },
        38..44 => {
            let child = dice.chance(40).then(|| child_name(record, dice));
            Act::Tag { at: at(child), tags: tags(dice), removes: dice.chance(40) }
        }
        44..46 => delete(record, dice),
        46..48 => {
            // It is gone, or never was.
            let record = dice.below(number);
            Act::Patch { record, family: family(dice), body: json!({"type": "LLM", "name": "x"}) }
        }
        _ => {
            let family = match record.kind.shape {
                Shape::Llm(_) => family(dice),
                _ => Family::Newer,
            };
            let record = if dice.chance(3) { *dice.pick(&records) } else { record };
            Act::Patch { record: record.number, family, body: patch(record, family, dice) }
        }
    }
}

pub fn family(dice: &mut Dice) -> Family {
    if dice.chance(55) { Family::Newer } else { Family::Older }
}

fn delete(record: &Record, dice: &mut Dice) -> Act {
    match dice.below(3) {
        0 => Act::Remove { name: former(record, dice) },
        1 => Act::Delete { record: record.number, family: Family::Newer },
        _ => Act::Delete { record: record.number, family: Family::Older },
    }
}

/// A name that a record has or had in Conductor.
fn former(record: &Record, dice: &mut Dice) -> String {
    let aliases: Vec<_> = record.aliases.iter().collect();
    if aliases.is_empty() || dice.chance(70) {
        record.name.clone()
    } else {
        (*dice.pick(&aliases)).clone()
    }
}

fn save_new(dice: &mut Dice) -> Act {
    let name = dice.pick(&NAMES).replace(['/', ':'], "-");
    let kind = dice.pick(&KINDS).name;
    Act::Save { name, body: conductor(kind, None, dice) }
}

/// What saves an integration of a type through Conductor: one that was read and edited, or anew.
fn conductor(kind: &str, record: Option<&Record>, dice: &mut Dice) -> Value {
    let mut configuration = Map::new();
    let known = record.map(read).unwrap_or_default();
    let keeps = dice.chance(60);
    for key in super::kinds::kind(kind).into_iter().flat_map(|kind| kind.keys) {
        let said = match known.get(*key) {
            Some(was) if keeps && dice.chance(90) => was.clone(),
            _ if dice.chance(if keeps { 10 } else { 70 }) => value(key, dice),
            _ => continue,
        };
        configuration.insert((*key).to_owned(), said);
    }
    let mut body = json!({
        "type": kind,
        "enabled": dice.chance(75),
        "configuration": configuration,
    });
    if dice.chance(50) {
        body["description"] = json!(format!("text {}", dice.below(9)));
    }
    match dice.below(60) {
        0 => body["type"] = json!("no_such_type"),
        1 => body["type"] = json!("mistral"),
        2 => drop(body.as_object_mut().unwrap().shift_remove("type")),
        3 => body["configuration"]["arize"] = json!({"headers": {}}),
        4 => body["configuration"]["note"] = json!(MASK),
        _ => {}
    }
    if body["type"] == "mistral" {
        // Of another type than any record here.
        body["type"] = json!(if kind == "cohere" { "openai" } else { "cohere" });
    }
    body
}

fn merge(record: &Record, dice: &mut Dice) -> Value {
    let mut body = Map::new();
    if dice.chance(40) {
        body.insert("enabled".to_owned(), json!(dice.chance(75)));
    }
    if dice.chance(30) {
        let text = format!("text {}", dice.below(9));
        body.insert(
            "description".to_owned(),
            if dice.chance(30) { Value::Null } else { json!(text) },
        );
    }
    if body.is_empty() || dice.chance(50) {
        let mut configuration = Map::new();
        for key in dice.some(record.kind.keys, 2) {
            let said = if dice.chance(25) { Value::Null } else { value(key, dice) };
            configuration.insert(key.to_owned(), said);
        }
        if configuration.is_empty() {
            configuration.insert("note".to_owned(), json!("n"));
        }
        body.insert("configuration".to_owned(), Value::Object(configuration));
    }
    Value::Object(body)
}

/// A value for a key of Conductor's.
pub fn value(key: &str, dice: &mut Dice) -> Value {
    let texts: &[&str] = match key {
        "endpoint" => &URLS,
        "connectionType" => &["EXTERNAL_ROLE", "ACCESS_KEY", "CONDUCTOR_ROLE"],
        "region" => &["us-east-1", "eu-west-1"],
        "environment" => &["us-east1", "europe-west4"],
        "projectName" => &["project-1", "project-2"],
        "roleArn" => &["arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"],
        "inputSchema" => {
            &["{\"type\":\"object\"}", "{}", "not JSON", "[]", "{\"type\":\"objekt\"}"]
        }
        _ => &["one", "two"],
    };
    let secret = ["api_key", "awsAccountId", "externalId", "file"].contains(&key);
    match dice.below(20) {
        0 => json!(""),
        1 if secret => json!(MASK),
        _ if secret => json!(dice.secret()),
        _ => json!(dice.pick(texts)),
    }
}

fn child_name(record: &Record, dice: &mut Dice) -> String {
    let known: Vec<_> = record.children.keys().collect();
    if !known.is_empty() && dice.chance(60) {
        return (*dice.pick(&known)).clone();
    }
    let names: &[&str] = if record.kind.shape == Shape::Agent { &REQUESTS } else { &MODELS };
    (*dice.pick(names)).to_owned()
}

fn child(record: &Record, at: Named, dice: &mut Dice) -> Act {
    let mut body = Map::new();
    let mut add = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    add("enabled", json!(dice.chance(65)));
    if dice.chance(50) {
        add("description", json!(format!("text {}", dice.below(9))));
    }
    if dice.chance(30) {
        add("maxTokens", json!(if dice.chance(5) { -1 } else { 1000 }));
        add("frequency", json!(dice.pick(&["daily", "weekly", "monthly"])));
    }
    if dice.chance(50) {
        let agent = record.kind.shape == Shape::Agent;
        add(
            "configuration",
            if agent { request(dice) } else { json!({"temperature": dice.below(3)}) },
        );
    }
    Act::SaveChild { at, body: Value::Object(body), merges: dice.chance(40) }
}

fn tags(dice: &mut Dice) -> Tags {
    let all = ["team", "stage"]
        .into_iter()
        .flat_map(|key| ["core", "edge", ""].map(|value| (key, value)));
    let all: Vec<_> = all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mut tags = dice.some(&all, 2);
    tags.push(all[0].clone());
    tags.into_iter().collect()
}

/// What a ready-made request holds.
pub fn request(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => json!({"question": 1}),
        1..4 => json!({"question": "why"}),
        4 => json!({"question": "why", "deep": {"list": [1, null, 2.50]}}),
        _ => json!({"other": dice.below(3)}),
    }
}
