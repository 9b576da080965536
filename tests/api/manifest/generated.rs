//! Manifests made up from a seed: small pools of names, so that they meet each other.

use serde_json::{Map, Value, json};

/// A stream of numbers that a seed decides.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides` (xorshift).
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }

    /// Some of these, in their order.
    fn some<'a, T>(&mut self, from: &'a [T]) -> Vec<&'a T> {
        from.iter().filter(|_| self.roll(2) == 0).collect()
    }

    fn text(&mut self) -> String {
        const TEXTS: [&str; 9] =
            ["", "a", "Grüße", "two\nlines\n", "$${env:X}", "keep", "{{ x }}", "\"q\"", "😀 ${a}"];
        (*self.pick(&TEXTS)).replace("$${env:X}", "$$${env:X}")
    }

    fn tags(&mut self) -> Value {
        let tags = [("team", "core"), ("team", "edge"), ("tier", ""), ("note", "é:x")];
        self.some(&tags)
            .into_iter()
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect()
    }

    /// A configuration; one that sends its secrets elsewhere than others only where that `decides`.
    fn configuration(&mut self, decides: bool) -> Value {
        let mut map = Map::new();
        let plain: [(&str, Value); 6] = [
            ("suffix", json!("org")),
            ("temperature", json!(0.25)),
            ("list", json!([1, "two", {"three": null}])),
            ("note", json!("eu")),
            ("text", json!(self.text())),
            ("literal", json!("$${env:NOT} ${workflow.x}")),
        ];
        for (key, value) in self.some(&plain) {
            map.insert((*key).to_owned(), value.clone());
        }
        for key in self.some(&["api_key", "x token", "password"]) {
            let secret = format!("${{env:S{}}}", self.roll(3));
            map.insert((*key).to_owned(), json!(secret));
        }
        if decides && self.roll(3) == 0 {
            map.insert("region".to_owned(), json!("eu"));
            let value = format!("Bearer ${{env:S{}}}", self.roll(3));
            map.insert("headers".to_owned(), json!({"X-One": value}));
        }
        Value::Object(map)
    }
}

/// The values of every secret of a generated manifest.
pub fn secrets() -> Value {
    json!({"env:S0": "sk-zero-0123456789abc", "env:S1": "one", "env:S2": "two two"})
}

const INTEGRATIONS: [&str; 3] = ["openai", "an other", "dritté"];
const RESOURCES: [&str; 3] = ["gpt-4o", "meta/llama:3", "a b"];
const ROLES: [&str; 2] = ["reader", "writer"];
const USERS: [&str; 2] = ["ann@example.com", "bob"];
const APPLICATIONS: [&str; 2] = ["workers", "Büro"];
const GROUPS: [&str; 2] = ["readers", "team x"];

/// A manifest. What it refers to, it holds.
pub fn manifest(dice: &mut Dice) -> Value {
    let (users, applications) = (dice.some(&USERS), dice.some(&APPLICATIONS));
    let (roles, groups) = (dice.some(&ROLES), dice.some(&GROUPS));
    let permissions = ["READ_PROMPT", "READ_INTEGRATION_PROVIDER", "workflow:read"];
    let mut found = json!({
        "roles": roles.iter().map(|name| json!({"name": name, "permissions": dice.some(&permissions)}))
            .collect::<Value>(),
        "users": users.iter().map(|id| {
            let roles: Vec<_> = dice.some(&["USER", "WORKER"]);
            json!({"id": id, "name": dice.pick(&["A", "B"]), "roles": roles})
        }).collect::<Value>(),
        "applications": applications.iter().map(|name| {
            json!({"name": name, "roles": dice.some(&["USER", "WORKER"]), "tags": dice.tags()})
        }).collect::<Value>(),
        "groups": groups.iter().map(|id| json!({
            "id": id, "description": dice.text(), "roles": dice.some(&roles),
            "users": dice.some(&users), "applications": dice.some(&applications),
        })).collect::<Value>(),
    });
    let (integrations, models) = integrations(dice);
    found["integrations"] = integrations;
    found["prompts"] = prompts(dice, &models);
    let mut subjects: Vec<_> = users.iter().map(|id| ("USER", **id)).collect();
    subjects.extend(applications.iter().map(|name| ("APPLICATION", **name)));
    subjects.extend(groups.iter().map(|id| ("GROUP", **id)));
    let targets = [("TAG", "team:core"), ("WORKFLOW_DEF", "w f"), ("PROMPT", "nobody knows")];
    let mut grants = vec![];
    for subject in subjects {
        for target in dice.some(&targets) {
            let access = [vec!["READ"], vec!["EXECUTE", "READ"], vec!["UPDATE"]];
            grants.push(json!({
                "subject": {"type": subject.0, "id": subject.1},
                "target": {"type": target.0, "id": target.1},
                "access": dice.pick(&access),
            }));
        }
    }
    found["grants"] = Value::Array(grants);
    found
}

/// Integrations, and the names of their models.
fn integrations(dice: &mut Dice) -> (Value, Vec<String>) {
    let mut models = vec![];
    let mut found = vec![];
    for name in dice.some(&INTEGRATIONS) {
        let mut resources = vec![];
        for part in dice.some(&RESOURCES) {
            models.push(format!("{name}:{part}"));
            let mut one = json!({"name": part, "enabled": dice.roll(2) == 0,
                                 "configuration": dice.configuration(false), "tags": dice.tags()});
            if dice.roll(2) == 0 {
                one["maxTokens"] = json!(dice.roll(100));
                one["frequency"] = json!(dice.pick(&["daily", "weekly"]));
            }
            resources.push(one);
        }
        let mut one = json!({"name": name, "type": "openai", "enabled": dice.roll(2) == 0,
                             "configuration": dice.configuration(true), "tags": dice.tags(),
                             "resources": resources});
        if dice.roll(2) == 0 {
            one["description"] = json!(dice.text());
        }
        if dice.roll(3) == 0 {
            one["tokenLimit"] = json!({"maxTokens": dice.roll(9), "period": "MONTH"});
        }
        found.push(one);
    }
    (Value::Array(found), models)
}

fn prompts(dice: &mut Dice, models: &[String]) -> Value {
    let names = ["greeting", "a b"];
    let mut found = vec![];
    for name in dice.some(&names) {
        let mut versions = vec![];
        for version in [1, 2, 7] {
            if version > 1 && dice.roll(2) == 0 {
                continue;
            }
            let mut one = json!({"version": version, "template": dice.text(),
                                 "description": dice.text(), "models": dice.some(models)});
            if dice.roll(2) == 0 {
                one["temperature"] = json!(0.5);
                one["stopWords"] = json!(["end"]);
            }
            versions.push(one);
        }
        let mut labels = Map::new();
        for label in dice.some(&["draft", "production"]) {
            labels.insert((*label).to_owned(), dice.pick(&versions)["version"].clone());
        }
        found.push(
            json!({"name": name, "versions": versions, "labels": labels, "tags": dice.tags()}),
        );
    }
    Value::Array(found)
}
