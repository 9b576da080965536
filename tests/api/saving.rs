//! The ways in which a configuration is saved.

use serde_json::{Map, Value, json};

use crate::support::{Client, Response};

/// The integration of most tests.
pub const MAIN: &str = "/api/integrations/provider/main";

/// Its resource.
pub const GPT: &str = "/api/integrations/provider/main/integration/gpt";

/// The way that a configuration is sent.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    Replace,
    Merge,
    Bulk,
}

/// Whose configuration it is.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    Integration,
    Resource,
}

/// Everything that saves a configuration.
pub fn each_way() -> impl Iterator<Item = (Whose, Way)> {
    let ways = [Way::Replace, Way::Merge, Way::Bulk];
    [Whose::Integration, Whose::Resource]
        .into_iter()
        .flat_map(move |whose| ways.map(|way| (whose, way)))
}

impl Whose {
    pub fn path(self) -> &'static str {
        match self {
            Self::Integration => MAIN,
            Self::Resource => GPT,
        }
    }

    /// What stands before the fields of the configuration when they are bad.
    pub fn place(self, way: Way) -> &'static str {
        match (self, way) {
            (Self::Integration, Way::Bulk) => "[0].",
            (Self::Resource, Way::Bulk) => "[0].apis[0].",
            _ => "",
        }
    }

    /// The configuration as it is read.
    pub fn read(self, client: &Client) -> Value {
        client.get(self.path()).ok()["configuration"].clone()
    }

    /// Makes this the configuration.
    pub fn save(self, client: &Client, way: Way, configuration: &Value) -> Response {
        let body = json!({"enabled": true, "configuration": configuration});
        match way {
            Way::Replace => client.post(self.path(), &body),
            Way::Merge => {
                let changes = changes(&self.read(client), configuration);
                client.patch(self.path(), &json!({"configuration": changes}))
            }
            Way::Bulk => {
                let whole = Self::Integration.read(client);
                let apis = json!([{"api": "gpt", "enabled": true, "configuration": configuration}]);
                let (configuration, apis) = match self {
                    Self::Integration => (configuration, json!([])),
                    Self::Resource => (&whole, apis),
                };
                let item = json!({
                    "name": "main", "enabled": true, "configuration": configuration, "apis": apis,
                });
                client.post("/api/integrations", &json!([item]))
            }
        }
    }
}

/// The configuration that somebody gets who calls the provider.
#[track_caller]
pub fn resolved(client: &Client, path: &str) -> Value {
    client.resolve(path).ok()["configuration"].clone()
}

/// `map` with these entries in the place of its own; null removes.
pub fn with(map: &Value, entries: &Value) -> Value {
    let mut map = map.as_object().unwrap().clone();
    for (key, value) in entries.as_object().unwrap() {
        if value.is_null() {
            map.remove(key);
        } else {
            map.insert(key.clone(), value.clone());
        }
    }
    map.into()
}

/// What a merge has to say, so that `from` becomes `to`.
fn changes(from: &Value, to: &Value) -> Value {
    let (Value::Object(from), Value::Object(to)) = (from, to) else { return to.clone() };
    let mut changes = Map::new();
    for key in from.keys().filter(|key| !to.contains_key(*key)) {
        changes.insert(key.clone(), Value::Null);
    }
    for (key, value) in to {
        match from.get(key) {
            Some(same) if same == value => {}
            Some(other) => drop(changes.insert(key.clone(), self::changes(other, value))),
            None => drop(changes.insert(key.clone(), value.clone())),
        }
    }
    changes.into()
}

#[test]
fn merging_the_changes_makes_the_one_out_of_the_other() {
    let from = json!({"a": 1, "b": {"c": 2, "d": 3}, "e": [4]});
    let to = json!({"a": 1, "b": {"c": 5}, "e": [6], "f": {"g": 7}});
    let expected = json!({"b": {"c": 5, "d": null}, "e": [6], "f": {"g": 7}});
    assert_eq!(changes(&from, &to), expected);
}
