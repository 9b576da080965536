//! Which bodies of Arize's dialect are refused, and why: 400 for a value of the wrong type, 422 for
//! a broken rule, 404 for a place that is none. A body may be refused for each of its faults.

use serde_json::{Map, Value};

use super::arize::provider;
use super::kinds::{Provider, Shape};
use super::model::{Faults, Record};

/// The two sets of routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    Newer,
    Older,
}

pub const AUTH_TYPES: [&str; 4] =
    ["DEFAULT", "BEARER_TOKEN", "PROXY_WITH_HEADERS", "OAUTH2_CLIENT_CREDENTIALS"];

/// Spaces by their place here, each with its organization.
pub const SPACES: [usize; 3] = [0, 0, 1];

const NEWER: [&str; 5] = ["type", "name", "description", "scopings", "config"];
const OLDER: [&str; 11] = [
    "name",
    "provider",
    "api_key",
    "base_url",
    "model_names",
    "headers",
    "enable_default_models",
    "function_calling_enabled",
    "auth_type",
    "provider_metadata",
    "scopings",
];

/// What a body makes, if that can be told.
pub fn shape(family: Family, sent: &Value) -> Option<Shape> {
    let llm = |word: &Value| provider(word.as_str()?).map(Shape::Llm);
    match (family, sent["type"].as_str()) {
        (Family::Older, _) => llm(&sent["provider"]),
        (_, Some("LLM")) => llm(&sent["config"]["provider"]),
        (_, Some("AGENT")) => Some(Shape::Agent),
        (_, Some("EVALUATOR")) => Some(Shape::Evaluator),
        _ => None,
    }
}

/// Checks all of a body but its `config`.
pub fn check(family: Family, creates: bool, sent: &Value, faults: &mut Faults) {
    let empty = Map::new();
    let body = sent.as_object().unwrap_or(&empty);
    types(body, faults);
    let (known, must): (&[_], &[_]) = match (family, creates) {
        (Family::Newer, true) => (&NEWER, &["type", "name", "config"]),
        (Family::Newer, false) => (&NEWER, &["type"]),
        (Family::Older, true) => (&OLDER, &["name", "provider"]),
        (Family::Older, false) => (&OLDER, &[]),
    };
    refuse(faults, body.keys().any(|name| !known.contains(&name.as_str())));
    refuse(faults, must.iter().any(|name| !body.contains_key(*name)));
    let never_null = ["type", "name", "provider", "scopings", "config"];
    refuse(faults, never_null.iter().any(|name| body.get(*name).is_some_and(Value::is_null)));
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        let odd = name.trim() != name || name.is_empty() || name.len() > 255;
        refuse(faults, odd || name.contains(char::is_control));
    }
    if creates || body.contains_key("provider") || sent["config"].get("provider").is_some() {
        let found = shape(family, sent);
        let in_family = |shape| match shape {
            Shape::Llm(provider) => family == Family::Older || provider.is_newer(),
            _ => true,
        };
        refuse(faults, !found.is_some_and(in_family));
    }
    if family == Family::Newer {
        refuse(faults, sent["type"] == "LLM" && body.contains_key("description"));
        refuse(faults, !["LLM", "AGENT", "EVALUATOR"].iter().any(|word| sent["type"] == *word));
        let says = body.keys().any(|name| !["type", "config"].contains(&name.as_str()));
        let configures = sent["config"].as_object().is_some_and(|config| !config.is_empty());
        refuse(faults, !creates && !says && !configures);
    } else {
        refuse(faults, body.is_empty());
    }
}

/// A type and a provider never change.
pub fn check_stays(family: Family, shape: Shape, sent: &Value, faults: &mut Faults) {
    refuse(faults, family == Family::Newer && sent["type"] != shape.word());
    let said =
        if family == Family::Older { &sent["provider"] } else { &sent["config"]["provider"] };
    if let (Some(said), Shape::Llm(provider)) = (said.as_str(), shape) {
        refuse(faults, said != provider.word);
    }
}

/// Checks what is said of a model provider.
pub fn check_config(
    provider: &Provider,
    family: Family,
    creates: bool,
    config: &Map<String, Value>,
    faults: &mut Faults,
) {
    values(config, faults);
    if family == Family::Older {
        let flags =
            ["enable_default_models", "function_calling_enabled", "model_names", "auth_type"];
        refuse(faults, !creates && flags.iter().any(|one| config.get(*one) == Some(&Value::Null)));
        if let Some(word) = config.get("auth_type").and_then(Value::as_str) {
            refuse(faults, !AUTH_TYPES[..3].contains(&word));
        }
        return check_metadata(provider, creates, config, faults);
    }
    for (name, value) in config.iter().filter(|(name, _)| *name != "provider") {
        refuse(faults, !provider.takes(name));
        refuse(faults, value.is_null() && !provider.clears(name));
        refuse(faults, value.is_null() && creates && provider.must.contains(&name.as_str()));
    }
    refuse(faults, creates && provider.must.iter().any(|name| !config.contains_key(*name)));
    refuse(faults, config.contains_key("api_key") && config.contains_key("auth"));
    let Some(block) = config.get("auth").and_then(Value::as_object) else { return };
    values(block, faults);
    let word = block.get("auth_type").and_then(Value::as_str).unwrap_or_default();
    let Some([must, may]) = provider.block(word) else { return refuse(faults, true) };
    let said = |name: &str| block.get(name).is_some_and(|value| !value.is_null());
    refuse(faults, !must.iter().all(|name| said(name)));
    let known = |name: &str| name == "auth_type" || must.contains(&name) || may.contains(&name);
    refuse(faults, block.keys().any(|name| !known(name) && (said(name) || !is_in_a_block(name))));
    refuse(
        faults,
        block.get("client_id").and_then(Value::as_str).is_some_and(|id| id.contains(':')),
    );
}

/// Whether some block has this member.
fn is_in_a_block(name: &str) -> bool {
    let providers = ["AWS_BEDROCK", "CUSTOM"].into_iter().filter_map(provider);
    let mut blocks = providers.flat_map(|one| AUTH_TYPES.iter().filter_map(|word| one.block(word)));
    blocks.any(|[must, may]| must.contains(&name) || may.contains(&name))
}

fn check_metadata(
    provider: &Provider,
    creates: bool,
    body: &Map<String, Value>,
    faults: &mut Faults,
) {
    let auth = body.get("auth_type").and_then(Value::as_str).unwrap_or("DEFAULT");
    let (kind, must, may): (_, &[&str], &[&str]) = match provider.word {
        "AWS_BEDROCK" => ("AWS", &["role_arn"], &["external_id"]),
        "VERTEX_AI" => ("GCP", &["project_id", "location", "project_access_label"], &[]),
        _ => ("", &[], &[]),
    };
    let needed = kind == "GCP" || kind == "AWS" && auth == "DEFAULT";
    match body.get("provider_metadata") {
        None | Some(Value::Null) => refuse(faults, creates && needed),
        Some(Value::Object(metadata)) => {
            values(metadata, faults);
            let said = |name: &str| metadata.get(name).is_some_and(|value| !value.is_null());
            refuse(faults, kind.is_empty() || !metadata.get("kind").is_some_and(|one| one == kind));
            refuse(faults, !must.iter().all(|name| said(name)));
            let known = |name: &str| name == "kind" || must.contains(&name) || may.contains(&name);
            refuse(faults, metadata.keys().any(|name| !known(name) && said(name)));
        }
        Some(_) => {}
    }
}

/// Checks what is said of an agent or evaluator.
pub fn check_called(shape: Shape, creates: bool, config: &Map<String, Value>, faults: &mut Faults) {
    values(config, faults);
    let must = ["endpoint", "input_schema"];
    let known = |name: &str| {
        must.contains(&name)
            || name == "headers"
            || name == "request_presets" && shape == Shape::Agent
    };
    refuse(faults, config.keys().any(|name| !known(name)));
    refuse(faults, creates && must.iter().any(|name| !config.contains_key(*name)));
    let null = |name: &str| config.get(name).is_some_and(Value::is_null);
    refuse(faults, null("endpoint") || null("input_schema") || null("request_presets"));
    let presets = config.get("request_presets").and_then(Value::as_array);
    for (index, preset) in presets.into_iter().flatten().enumerate() {
        let name = preset["name"].as_str();
        let twice = |other: &Value| other["name"].as_str() == name;
        refuse(faults, name.is_none_or(str::is_empty) || !preset["config"].is_object());
        refuse(faults, presets.is_some_and(|all| all[..index].iter().any(twice)));
        refuse(faults, preset["description"].as_str().is_some_and(|text| text.len() > 1024));
        let members = preset.as_object().into_iter().flat_map(Map::keys);
        refuse(faults, members.into_iter().any(|name| !PRESET.contains(&name.as_str())));
    }
}

const PRESET: [&str; 3] = ["name", "config", "description"];

/// Ready-made requests must fit the schema, which must be one. In these tests a schema says at most
/// what type a `question` has.
pub fn check_requests(record: &Record, faults: &mut Faults) {
    let schema = record.schema().unwrap_or_default();
    let known = |said: &Value| {
        said.is_null() || ["object", "string", "integer"].iter().any(|one| said == one)
    };
    let wanted = &schema["properties"]["question"]["type"];
    refuse(faults, !known(&schema["type"]) || !known(wanted));
    if record.kind.shape == Shape::Evaluator {
        refuse(faults, schema["type"] != "object");
        return refuse(faults, schema["properties"].get("arize_metadata").is_some());
    }
    for child in record.children.values().filter(|child| child.enabled) {
        let fits = match (wanted.as_str(), child.configuration.get("question")) {
            (Some("string"), Some(said)) => said.is_string(),
            (Some("integer"), Some(said)) => said.is_i64(),
            (Some("object"), Some(said)) => said.is_object(),
            _ => true,
        };
        refuse(faults, !fits);
    }
}

/// Where a body says that a record is seen, as `<org 0>` and `<space 0>`; what is seen everywhere
/// is seen nowhere in particular.
pub fn scopings(sent: &Value, faults: &mut Faults) -> Option<Vec<(usize, Option<usize>)>> {
    let number = |value: &Value, stem: &str| {
        let text = value.as_str()?.strip_prefix(stem)?.strip_suffix('>')?;
        text.parse::<usize>().ok()
    };
    let mut found = vec![];
    let mut everywhere = false;
    for scoping in sent["scopings"].as_array()? {
        let organization = number(&scoping["organization_id"], "<org ");
        let space = number(&scoping["space_id"], "<space ");
        let Some(organization) = organization else {
            everywhere = true;
            refuse(faults, space.is_some());
            continue;
        };
        let of = space.map(|space| SPACES.get(space));
        if organization > 1 || of == Some(None) {
            faults.insert(404);
        }
        refuse(faults, of.flatten().is_some_and(|of| *of != organization));
        if !found.contains(&(organization, space)) {
            found.push((organization, space));
        }
    }
    if everywhere {
        found.clear();
    }
    Some(found)
}

/// Checks the texts of an object: none is blank, and addresses are of https.
fn values(map: &Map<String, Value>, faults: &mut Faults) {
    for (name, value) in map {
        let Some(text) = value.as_str().filter(|_| name != "name") else { continue };
        refuse(faults, text.trim().is_empty());
        let is_url = ["base_url", "endpoint", "token_url"].contains(&name.as_str());
        refuse(faults, is_url && !text.starts_with("https://"));
    }
    let models = map.get("model_names").and_then(Value::as_array);
    refuse(faults, models.into_iter().flatten().any(|name| name == ""));
}

/// Checks that each member has its type, also within.
fn types(map: &Map<String, Value>, faults: &mut Faults) {
    for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
        let fits = match name.as_str() {
            "config" | "auth" | "provider_metadata" => match value.as_object() {
                // That of a ready-made request may hold anything.
                Some(_) if map.contains_key("config") && !map.contains_key("type") => true,
                Some(inner) => {
                    types(inner, faults);
                    true
                }
                None => false,
            },
            "input_schema" => value.is_object(),
            "model_names" => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
            "headers" => value.as_object().is_some_and(|all| all.values().all(Value::is_string)),
            "scopings" | "request_presets" => value.as_array().is_some_and(|all| {
                all.iter().all(|one| {
                    one.as_object().is_some_and(|one| {
                        types(one, faults);
                        true
                    })
                })
            }),
            "is_function_calling_enabled"
            | "is_default_models_enabled"
            | "enable_default_models"
            | "function_calling_enabled" => value.is_boolean(),
            "strange" => true,
            _ => value.is_string(),
        };
        if !fits {
            faults.insert(400);
        }
    }
}

fn refuse(faults: &mut Faults, broken: bool) {
    if broken {
        faults.insert(422);
    }
}
