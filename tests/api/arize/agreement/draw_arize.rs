//! Bodies of Arize's dialect by chance.

use serde_json::{Map, Value, json};

use super::body::{AUTH_TYPES, Family};
use super::draw::{MODELS, NAMES, REQUESTS, URLS, family, request, value};
use super::kinds::{PROVIDERS, Provider, Shape};
use super::model::{MASK, Record};
use super::run::Act;
use crate::dice::Dice;

const HEADERS: [&str; 3] = ["X-Key", "X-Team", "Authorization"];

pub fn create(dice: &mut Dice) -> Act {
    let family = family(dice);
    let name = *dice.pick(&NAMES);
    let provider = *dice.pick(&PROVIDERS);
    let mut body = match (family, dice.below(10)) {
        (Family::Older, _) => {
            let mut body = older(provider, true, dice);
            body["provider"] = json!(provider.word);
            body
        }
        (_, 0..2) => json!({"type": "AGENT", "config": called(Shape::Agent, true, None, dice)}),
        (_, 2) => {
            json!({"type": "EVALUATOR", "config": called(Shape::Evaluator, true, None, dice)})
        }
        _ => {
            let mut config = config(provider, true, None, dice);
            config["provider"] = json!(provider.word);
            json!({"type": "LLM", "config": config})
        }
    };
    body["name"] = json!(name);
    if body["type"] == "AGENT" && dice.chance(50) {
        body["description"] =
            json!(if dice.chance(50) { Value::Null } else { json!("made there") });
    }
    if dice.chance(35) {
        body["scopings"] = scopings(dice);
    }
    spoil(&mut body, dice);
    Act::Create { family, body }
}

pub fn patch(record: &Record, family: Family, dice: &mut Dice) -> Value {
    let mut body = match (family, record.kind.shape) {
        (Family::Older, Shape::Llm(provider)) => older(provider, false, dice),
        (Family::Newer, Shape::Llm(provider)) => {
            let mut config = config(provider, false, Some(record), dice);
            if dice.chance(30) {
                config["provider"] = json!(provider.word);
            }
            json!({"type": "LLM", "config": config})
        }
        (_, shape) => {
            json!({"type": shape.word(), "config": called(shape, false, Some(record), dice)})
        }
    };
    if dice.chance(25) {
        body["name"] = json!(dice.pick(&NAMES));
    }
    if body["type"] == "AGENT" && dice.chance(30) {
        body["description"] = if dice.chance(30) { Value::Null } else { json!("said there") };
    }
    if dice.chance(20) {
        body["scopings"] = scopings(dice);
    }
    spoil(&mut body, dice);
    body
}

/// A `config` of the newer family.
fn config(provider: &Provider, creates: bool, record: Option<&Record>, dice: &mut Dice) -> Value {
    let mut config = Map::new();
    let resends = dice.chance(50);
    for name in provider.must.iter().chain(provider.may) {
        let must = creates && provider.must.contains(name);
        let says = must || dice.chance(35) || resends && ["api_key", "headers"].contains(name);
        if says && !(*name == "auth" && config.contains_key("api_key")) {
            let clears = !must && provider.clears(name) && dice.chance(15);
            let said = if clears { Value::Null } else { member(name, provider, record, dice) };
            config.insert((*name).to_owned(), said);
        }
    }
    if creates && provider.needs_models() && !config.contains_key("model_names") && dice.chance(90)
    {
        config.insert("is_default_models_enabled".to_owned(), json!(true));
    }
    Value::Object(config)
}

/// A value for a member of Arize's.
fn member(name: &str, provider: &Provider, record: Option<&Record>, dice: &mut Dice) -> Value {
    match name {
        "api_key" | "client_secret" => json!(dice.secret()),
        "external_id" => json!(if dice.chance(20) { MASK.to_owned() } else { dice.secret() }),
        "base_url" | "token_url" | "endpoint" => json!(dice.pick(&URLS)),
        "headers" => headers(record, dice),
        "is_function_calling_enabled" | "is_default_models_enabled" => json!(dice.chance(50)),
        "model_names" => json!(dice.some(&MODELS, 3)),
        "role_arn" => value("roleArn", dice),
        "project_id" => value("projectName", dice),
        "location" => value("environment", dice),
        "client_id" => json!(if dice.chance(5) { "with:colon" } else { "client" }),
        "auth" => {
            let word = *dice.pick(&AUTH_TYPES);
            let [must, may] = provider.block(word).unwrap_or([&[], &["base_url"]]);
            let mut block = Map::new();
            block.insert("auth_type".to_owned(), json!(word));
            for name in must.iter().chain(may) {
                if must.contains(name) || dice.chance(60) {
                    block.insert((*name).to_owned(), member(name, provider, record, dice));
                }
            }
            Value::Object(block)
        }
        _ => json!(dice.pick(&["one", "two"])),
    }
}

/// Headers, some as they were read.
fn headers(record: Option<&Record>, dice: &mut Dice) -> Value {
    let reads = record.is_some_and(|record| matches!(record.kind.shape, Shape::Llm(_)));
    let known = record.filter(|_| reads && dice.chance(40));
    let names = match known {
        Some(record) => record.headers.iter().map(|(name, _)| name.clone()).collect(),
        None => dice.some(&HEADERS.map(str::to_owned), 2),
    };
    let value = |dice: &mut Dice| {
        if known.is_some() && dice.chance(70) { MASK.to_owned() } else { dice.secret() }
    };
    names.into_iter().map(|name| (name, json!(value(dice)))).collect()
}

/// A body of the older family.
fn older(provider: &Provider, creates: bool, dice: &mut Dice) -> Value {
    let mut body = json!({});
    let resends = creates || dice.chance(40);
    let nullable =
        |value: Value, dice: &mut Dice| if dice.chance(12) { Value::Null } else { value };
    if resends {
        body["api_key"] = nullable(json!(dice.secret()), dice);
    }
    if dice.chance(if creates { 60 } else { 25 }) {
        body["base_url"] = nullable(json!(dice.pick(&URLS)), dice);
    }
    if dice.chance(25) {
        body["headers"] = nullable(headers(None, dice), dice);
    }
    if dice.chance(30) {
        body["model_names"] = json!(dice.some(&MODELS, 3));
    }
    for name in ["enable_default_models", "function_calling_enabled"] {
        if dice.chance(25) {
            body[name] = json!(dice.chance(50));
        }
    }
    if dice.chance(20) {
        body["auth_type"] = json!(dice.pick(&AUTH_TYPES[..3]));
    }
    let metadata = match provider.word {
        "AWS_BEDROCK" => json!({"kind": "AWS", "role_arn": value("roleArn", dice),
            "external_id": member("external_id", provider, None, dice)}),
        "VERTEX_AI" => json!({"kind": "GCP", "project_id": value("projectName", dice),
            "location": value("environment", dice), "project_access_label": "label"}),
        _ if dice.chance(95) => return body,
        _ => json!({"kind": "AWS", "role_arn": "arn"}),
    };
    if dice.chance(if creates { 90 } else { 30 }) {
        body["provider_metadata"] = nullable(metadata, dice);
    }
    body
}

/// A `config` of an agent or evaluator.
fn called(shape: Shape, creates: bool, record: Option<&Record>, dice: &mut Dice) -> Value {
    let mut config = json!({});
    if creates || dice.chance(25) {
        config["endpoint"] = json!(dice.pick(&URLS));
    }
    if creates || dice.chance(30) {
        config["input_schema"] = schema(dice);
    }
    if dice.chance(if record.is_some_and(|record| !record.headers.is_empty()) { 50 } else { 30 }) {
        config["headers"] = if dice.chance(20) { Value::Null } else { headers(None, dice) };
    }
    if shape == Shape::Agent && dice.chance(45) {
        let names = dice.some(&REQUESTS, 3);
        let preset = |name| {
            let mut preset = json!({"name": name, "config": request(dice)});
            if dice.chance(50) {
                preset["description"] = json!(format!("text {}", dice.below(9)));
            }
            preset
        };
        config["request_presets"] = names.into_iter().map(preset).collect();
    }
    config
}

fn schema(dice: &mut Dice) -> Value {
    match dice.below(20) {
        0 => json!({"type": "objekt"}),
        1..4 => json!({"type": "object", "properties": {"question": {"type": "integer"}}}),
        4..8 => json!({"type": "object", "properties": {"question": {"type": "string"}},
            "required": ["question", "more"]}),
        8 => json!({"type": "object", "properties": {"arize_metadata": {}}}),
        9..12 => json!({}),
        _ => json!({"type": "object"}),
    }
}

fn scopings(dice: &mut Dice) -> Value {
    let all = [
        json!({"organization_id": "<org 0>"}),
        json!({"organization_id": "<org 1>", "space_id": null}),
        json!({"organization_id": "<org 0>", "space_id": "<space 0>"}),
        json!({"organization_id": "<org 0>", "space_id": "<space 1>"}),
        json!({"organization_id": "<org 1>", "space_id": "<space 2>"}),
    ];
    let mut scopings = dice.some(&all, 3);
    match dice.below(25) {
        0..3 => scopings.push(json!({})),
        3 => scopings.push(json!({"organization_id": "<org 0>", "space_id": "<space 2>"})),
        4 => scopings.push(json!({"space_id": "<space 1>"})),
        5 => scopings.push(json!({"organization_id": "<org 7>"})),
        6 => scopings.extend(all[..1].iter().cloned()),
        _ => {}
    }
    json!(scopings)
}

/// Puts a fault into a body now and then: at its top, or within its `config`.
fn spoil(body: &mut Value, dice: &mut Dice) {
    if !dice.chance(10) {
        return;
    }
    let within = body.get("config").is_some() && dice.chance(60);
    let part = if within { &mut body["config"] } else { body };
    let Some(map) = part.as_object_mut() else { return };
    let names: Vec<_> = map.keys().cloned().collect();
    let name = if names.is_empty() { "strange".to_owned() } else { dice.pick(&names).clone() };
    match dice.below(5) {
        0 => drop(map.shift_remove(&name)),
        1 => drop(map.insert(name, Value::Null)),
        2 => drop(map.insert("strange".to_owned(), json!(1))),
        3 => drop(map.insert(name, json!(7))),
        _ => drop(map.insert(name, json!(dice.pick(&["", " x", "http://a.example.org", "LLM"])))),
    }
}
