//! Writes that are taken: secrets wherever a configuration can hold one.

use std::collections::BTreeMap;
use std::fs;

use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::secrets::{Ids, MARKER, Secrets};
use crate::server::Site;

const PROVIDER: &str = "/api/integrations/provider";

/// How many integrations of each type of the catalogue are saved, and resources of each.
const OF_EACH_TYPE: usize = 4;
const RESOURCES: usize = 4;

/// Keys that look like those of secrets.
const LOOKS: [&str; 16] = [
    "API_KEY",
    "x-api-key",
    "accessToken",
    "auth",
    "bearer",
    "session_cookie",
    "id_jwt",
    "pin",
    "db_pwd",
    "passwd",
    "passphrase",
    "client_secret",
    "privateKeyPem",
    "signature",
    "team_credential",
    "aws.secret.access.key",
];

/// A configuration as it was sent last, and the secrets of it that are new.
#[derive(Clone)]
pub struct Sent {
    pub configuration: Value,
    pub secrets: Ids,
}

/// An integration as it was sent last, and its resources.
pub struct Stored {
    pub sent: Sent,
    /// Whether the configurations of the resources are laid over its own.
    pub is_overlaid: bool,
    pub resources: BTreeMap<String, Sent>,
}

/// Everything that is stored, by the name of the integration.
pub type Shelves = BTreeMap<String, Stored>;

/// The path of an integration.
pub fn provider(name: &str) -> String {
    format!("{PROVIDER}/{name}")
}

/// The path of a resource.
pub fn resource(name: &str, resource: &str) -> String {
    format!("{PROVIDER}/{name}/integration/{}", resource.replace('/', "%2F"))
}

/// Saves integrations of every type of the catalogue, each with resources, by bulk saves.
pub fn save_all(admin: &Client, secrets: &Secrets) -> Shelves {
    let definitions = admin.get("/api/integrations/def").ok();
    let mut shelves = Shelves::new();
    for definition in definitions.as_array().unwrap() {
        let kind = definition["type"].as_str().unwrap();
        let mut items = vec![];
        for number in 0..OF_EACH_TYPE {
            let name = format!("{kind}-{number}");
            // Those of an agent are requests to it.
            let is_overlaid = !["arize_agent", "arize_evaluator"].contains(&kind);
            let (sent, resources) = (of_type(definition, secrets), resources(secrets));
            let stored = Stored { sent, is_overlaid, resources };
            items.push(item(kind, &name, &stored));
            shelves.insert(name, stored);
        }
        admin.post("/api/integrations", &json!(items)).is(200);
    }
    shelves
}

/// An item of a bulk save.
fn item(kind: &str, name: &str, stored: &Stored) -> Value {
    let api = |(name, sent): (&String, &Sent)| json!({"api": name, "enabled": true, "configuration": sent.configuration});
    let apis: Vec<_> = stored.resources.iter().map(api).collect();
    json!({"name": name, "type": kind, "enabled": true, "apis": apis,
           "configuration": stored.sent.configuration})
}

/// A configuration of a type, with a secret in each of its fields that take one, and in all other
/// places.
fn of_type(definition: &Value, secrets: &Secrets) -> Sent {
    let (configuration, secrets) = secrets.in_use(|| {
        let mut all = Map::new();
        for field in definition["configuration"].as_array().unwrap() {
            let name = field["fieldName"].as_str().unwrap();
            match field["fieldType"].as_str().unwrap() {
                "PASSWORD" => all.insert(name.to_owned(), json!(secrets.canary())),
                "FILE" => all.insert(name.to_owned(), json!(document(secrets))),
                _ => None,
            };
        }
        all.extend(anywhere(secrets));
        all
    });
    Sent { configuration: configuration.into(), secrets }
}

/// A file of a service account.
fn document(secrets: &Secrets) -> String {
    let key = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END\n", secrets.canary());
    json!({"type": "service_account", "private_key": key, "id": secrets.canary()}).to_string()
}

/// Secrets that no definition knows of.
fn anywhere(secrets: &Secrets) -> Map<String, Value> {
    let new = || secrets.canary();
    let mut all: Map<_, _> = LOOKS.map(|key| (key.to_owned(), json!(new()))).into_iter().collect();
    let basic = BASE64.encode(format!("user:{}", new()).as_bytes());
    let pem = format!("-----BEGIN KEY-----\n{}\n-----END KEY-----\n", new());
    let others = json!({
        "extraHeaders": {"Authorization": format!("Bearer {}", new()),
            "Proxy-Authorization": format!("Basic {basic}"), "X-Team": new(), "X-Inner": [new()]},
        "custom_header": format!("X-Key: {}", new()),
        "nested": {"deep": {"client_secret": new(), "shown": "in clear"},
            "list": [{"password": new()}, [{"refresh_token": new()}], {"header": new()}]},
        "credentials": {"type": "service_account", "private_key": new(), "more": {"id": new()}},
        "tokens": [new(), {"inner": new()}, [new()]],
        "pasted_password": format!("{}\n", new()),
        "odd_password": format!("\"pä/ss\\{}\u{1F600}<&>'", new()),
        "key_file": pem,
        "region": "eu-1",
    });
    all.extend(others.as_object().unwrap().clone());
    all
}

fn resources(secrets: &Secrets) -> BTreeMap<String, Sent> {
    let one = |number| {
        let (configuration, secrets) = secrets.in_use(|| {
            let new = || secrets.canary();
            let mut all = Map::new();
            // Of `auth` among other words it is not said what it holds.
            let looks = LOOKS.into_iter().filter(|key| *key != "auth");
            all.extend(looks.map(|key| (format!("own_{key}"), json!(new()))));
            all.insert(
                "own".to_owned(),
                json!({"deep": [{"api_key": new()}], "shown": "in clear"}),
            );
            all
        });
        (format!("model/{number}"), Sent { configuration: configuration.into(), secrets })
    };
    (0..RESOURCES).map(one).collect()
}

/// Saves, merges and saves again one by one, so that some of what is stored is newer than the rest.
pub fn change(admin: &Client, secrets: &Secrets, shelves: &mut Shelves) {
    for (name, stored) in shelves.iter_mut() {
        match name.rsplit('-').next() {
            Some("0") => merge(admin, secrets, name, &mut stored.sent),
            Some("1") => save_alone(admin, secrets, name, stored),
            Some("2") => replace(admin, secrets, name, stored),
            _ => {}
        }
    }
}

/// Adds two secrets to a configuration.
fn merge(admin: &Client, secrets: &Secrets, name: &str, sent: &mut Sent) {
    let new = || secrets.canary();
    let (patch, new) =
        secrets.in_use(|| json!({"merged_key": new(), "nested": {"merged_key": new()}}));
    admin.call("PATCH", &provider(name), Some(&json!({"configuration": patch}))).is(200);
    sent.configuration["merged_key"] = patch["merged_key"].clone();
    sent.configuration["nested"]["merged_key"] = patch["nested"]["merged_key"].clone();
    sent.secrets.extend(new);
}

/// Saves a resource three times: with a secret, with another one, and with that one's mask.
fn save_alone(admin: &Client, secrets: &Secrets, name: &str, stored: &mut Stored) {
    let path = resource(name, "alone");
    let with_key = |key: &str| json!({"enabled": true, "configuration": {"own_token": key}});
    admin.post(&path, &with_key(&secrets.canary())).is(200);
    let (key, secrets) = secrets.in_use(|| secrets.canary());
    admin.post(&path, &with_key(&key)).is(200);
    let shown = admin.get(&path).ok();
    admin.post(&path, &json!({"enabled": true, "configuration": shown["configuration"]})).is(200);
    let sent = Sent { configuration: json!({"own_token": key}), secrets };
    stored.resources.insert("alone".to_owned(), sent);
}

/// Deletes the resources of an integration, and all its secrets for new ones.
fn replace(admin: &Client, secrets: &Secrets, name: &str, stored: &mut Stored) {
    for model in std::mem::take(&mut stored.resources).keys() {
        admin.call("DELETE", &resource(name, model), None).is(200);
    }
    let (configuration, secrets) = secrets.in_use(|| anywhere(secrets));
    let body = json!({"enabled": true, "configuration": configuration});
    admin.post(&provider(name), &body).is(200);
    stored.sent = Sent { configuration: configuration.into(), secrets };
}

/// Integrations whose secrets are kept in files.
pub fn refer(admin: &Client, secrets: &Secrets, site: &Site) -> Shelves {
    let refer = |number: usize| {
        let ((), held) = secrets.in_use(|| {
            let file = site.path("references").join(format!("key-{number}"));
            fs::write(file, format!("{}\n", secrets.canary())).unwrap();
        });
        let file = site.path("references").join(format!("key-{number}"));
        let configuration = json!({"api_key": format!("file:{}", file.display())});
        let name = format!("referring-{number}");
        let body = json!({"type": "openai", "enabled": true, "configuration": configuration});
        admin.post(&provider(&name), &body).is(200);
        let sent = Sent { configuration, secrets: held };
        (name, Stored { sent, is_overlaid: true, resources: BTreeMap::new() })
    };
    (0..8).map(refer).collect()
}

/// Resolves everything: each answer holds its own secrets, and none of any other.
pub fn resolve(admin: &Client, shelves: &Shelves) {
    for (name, stored) in shelves {
        let answer = admin.call("POST", &format!("{}/resolve", provider(name)), None);
        answer.is(200);
        admin.was_for(stored.sent.secrets.iter().copied());
        for (model, sent) in &stored.resources {
            let path = resource(name, model);
            admin.call("POST", &format!("{path}/resolve"), None).is(200);
            let around = stored.is_overlaid.then_some(&stored.sent.secrets);
            admin.was_for(around.into_iter().flatten().chain(&sent.secrets).copied());
        }
    }
}

/// Panics unless `shown` is what was sent, with masks in the place of secrets.
pub fn assert_masked(sent: &Value, shown: &Value) {
    match (sent, shown) {
        (Value::Object(sent), Value::Object(shown)) => {
            assert_eq!(sent.len(), shown.len(), "{shown:?}");
            sent.iter().for_each(|(key, sent)| assert_masked(sent, &shown[key]));
        }
        (Value::Array(sent), Value::Array(shown)) => {
            assert_eq!(sent.len(), shown.len(), "{shown:?}");
            sent.iter().zip(shown).for_each(|(sent, shown)| assert_masked(sent, shown));
        }
        (sent, Value::String(text)) if text.starts_with("****") => assert_mask(sent, text),
        _ => {
            assert_eq!(sent, shown);
            assert!(!sent.to_string().contains(MARKER), "{shown} is no mask");
        }
    }
}

/// Panics unless `mask` gives away no more than four characters of `sent`.
pub fn assert_mask(sent: &Value, mask: &str) {
    let (tag, hint) = mask[4..].split_once("****").unwrap();
    assert!(tag.len() == 8 && tag.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7')));
    let sent = sent.as_str().unwrap_or_default().trim_end();
    let ending = sent.char_indices().rev().nth(3).map_or("", |(at, _)| &sent[at..]);
    assert!(hint == "****" || hint == ending, "{mask} for {sent}");
}
