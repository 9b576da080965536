//! What is in the registry.

use std::ops::Range;

use serde_json::{Value, json};

use super::Outcome;
use super::client::Client;

/// The body of a save.
pub const BODY: &str = concat!(
    r#"{"description":"Updated model {i}, for questions and answers","enabled":true,"#,
    r#""configuration":{"temperature":0.7,"endpoint":"https://models.example.com/v1/chat","#,
    r#""region":"eu-west-1"},"maxTokens":4096,"frequency":"daily"}"#,
);

/// The name of the integration that is listed, and how many resources it has.
const LISTED: (&str, usize) = ("listed", 1_000);

/// How many integrations and resources one bulk save holds: far less than it may.
const BATCH: usize = 5_000;

/// How many paths are asked for at the most, drawn evenly from all: wrk keeps them in memory.
const MOST_PATHS: usize = 100_000;

/// How much there is in the registry, besides the integration that is listed.
#[derive(Clone, Copy)]
pub struct Size {
    /// Integrations.
    pub integrations: usize,
    /// Resources of each.
    pub resources: usize,
}

impl Size {
    /// How many resources there are.
    pub fn all_resources(self) -> usize {
        self.integrations * self.resources
    }
}

/// The name of an integration.
pub fn integration(number: usize) -> String {
    format!("integration-{number:06}")
}

fn resource(number: usize) -> String {
    format!("model-{number:03}")
}

/// The path of each resource, or of as many as are asked for.
pub fn resource_paths(size: Size) -> Vec<String> {
    let all = size.all_resources();
    let step = all.div_ceil(MOST_PATHS).max(1);
    let path = |number: usize| {
        let integration = integration(number / size.resources);
        let resource = resource(number % size.resources);
        format!("/api/integrations/provider/{integration}/integration/{resource}")
    };
    // Not always the same resource of its integration.
    (0..all / step).map(|number| path(number * step + number % step)).collect()
}

/// The path of the list.
pub fn list_path() -> String {
    format!("/api/integrations/provider/{}/integration", LISTED.0)
}

/// The path of each integration that is not listed, as Arize's dialect knows it.
pub fn arize_paths(client: &Client) -> Outcome<Vec<String>> {
    const PAGE: &str = "/v2/integrations?limit=100";
    let mut paths = vec![];
    let mut next = Some(PAGE.to_owned());
    while let Some(page) = next {
        let found: Value = serde_json::from_str(&client.get(&page)?)?;
        let records = found["integrations"].as_array().ok_or("no list was given")?;
        let others = records.iter().filter(|record| record["name"] != LISTED.0);
        let ids = others.filter_map(|record| record["id"].as_str());
        paths.extend(ids.map(|id| format!("/v2/integrations/{id}")));
        let cursor = found["pagination"]["next_cursor"].as_str();
        next = cursor.map(|cursor| format!("{PAGE}&cursor={cursor}"));
    }
    Ok(paths)
}

/// Saves the integration that is listed.
pub fn save_listed(client: &Client) -> Outcome {
    let listed = item(LISTED.0, LISTED.1)?;
    client.post("/api/integrations", &Value::Array(vec![listed])).map(drop)
}

/// Saves integrations by their numbers, each with its resources, many with each request.
pub fn save(client: &Client, integrations: Range<usize>, resources: usize) -> Outcome {
    let numbers: Vec<_> = integrations.collect();
    for numbers in numbers.chunks((BATCH / (resources + 1)).max(1)) {
        let items: Outcome<Vec<_>> =
            numbers.iter().map(|number| item(&integration(*number), resources)).collect();
        client.post("/api/integrations", &Value::Array(items?))?;
    }
    Ok(())
}

/// An integration with its resources, as a bulk save takes it.
fn item(name: &str, resources: usize) -> Outcome<Value> {
    let seed = BODY.replace("Updated", "Created").replace("{i}", "000000");
    let mut apis = Vec::with_capacity(resources);
    for number in 0..resources {
        let mut api: Value = serde_json::from_str(&seed)?;
        api["api"] = resource(number).into();
        apis.push(api);
    }
    Ok(json!({
        "name": name,
        "type": "openai",
        "category": "AI_MODEL",
        "description": "Made for the benchmark",
        "enabled": true,
        "configuration": {"endpoint": "https://models.example.com/v1"},
        "apis": apis,
    }))
}
