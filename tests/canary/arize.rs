//! Arize's dialect: secrets in every member that can hold one, in writes that are taken and in
//! writes that are refused, and everybody who reads them back through either family.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::Client;
use crate::secrets::{Ids, MARKER, Secrets};
use crate::stored::{assert_mask, provider, resource};

const NEWER: &str = "/v2/integrations";
const OLDER: &str = "/v2/ai-integrations";

/// How many records are made of each form.
const OF_EACH: usize = 3;

const URL: &str = "https://llm.example.org/v1";
const ROLE: &str = "arn:aws:iam::123456789012:role/models";

/// A record as it was sent last.
pub struct Record {
    /// Where it is read and changed.
    path: String,
    /// Conductor's name of it.
    name: String,
    sent: Value,
    secrets: Ids,
    /// The secrets of each of its ready-made requests.
    presets: BTreeMap<String, Ids>,
}

impl Record {
    /// How it is configured, in the family that it was made in.
    fn config(&mut self) -> &mut Value {
        if self.is_newer() { &mut self.sent["config"] } else { &mut self.sent }
    }

    fn is_newer(&self) -> bool {
        self.path.starts_with(NEWER)
    }

    /// What changes this of it.
    fn patch(&self, changes: &Value) -> Value {
        if self.is_newer() {
            json!({"type": self.sent["type"], "config": changes})
        } else {
            changes.clone()
        }
    }
}

/// Headers with secrets, as all the following a form: where the marker stands, a secret comes.
fn headers() -> Value {
    json!({"Authorization": format!("Bearer {MARKER}"), "X-Api-Key": MARKER, "X-Team": MARKER})
}

/// A `config` of the newer family for each way that a model provider is called.
fn newer() -> Vec<Value> {
    let with_auth = |provider: &str, auth: Value| {
        let mut config = json!({"provider": provider, "auth": auth, "model_names": ["m-1"]});
        if provider == "CUSTOM" {
            config["base_url"] = json!(URL);
            config["headers"] = headers();
        }
        config
    };
    vec![
        json!({"provider": "OPEN_AI", "api_key": MARKER}),
        json!({"provider": "ANTHROPIC", "api_key": MARKER, "base_url": URL}),
        json!({"provider": "GEMINI", "api_key": MARKER}),
        json!({"provider": "FIREWORKS", "api_key": MARKER, "model_names": ["m/1"]}),
        json!({"provider": "TOGETHER_AI", "api_key": MARKER, "model_names": ["m/1"]}),
        json!({"provider": "LITELLM", "api_key": MARKER, "base_url": URL, "headers": headers()}),
        json!({"provider": "NVIDIA_NIM", "api_key": MARKER, "base_url": URL,
            "headers": headers(), "model_names": ["m-1"]}),
        json!({"provider": "CUSTOM", "api_key": MARKER, "base_url": URL, "headers": headers(),
            "model_names": ["m-1"]}),
        json!({"provider": "VERTEX_AI", "project_id": "p-1", "location": "us-central1",
            "project_access_label": "l-1"}),
        with_auth("CUSTOM", json!({"auth_type": "DEFAULT", "api_key": MARKER})),
        with_auth(
            "CUSTOM",
            json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "client_id": "c-1",
                "token_url": "https://sign-in.example.org/token", "client_secret": MARKER,
                "scopes": "models", "audience": "models"}),
        ),
        with_auth(
            "AWS_BEDROCK",
            json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": "team-1"}),
        ),
        with_auth("AWS_BEDROCK", json!({"auth_type": "BEARER_TOKEN", "api_key": MARKER})),
        with_auth(
            "AWS_BEDROCK",
            json!({"auth_type": "PROXY_WITH_HEADERS", "base_url": URL, "headers": headers()}),
        ),
    ]
}

/// A body of the older family for each provider, with all secrets that such a body can hold.
fn older() -> Vec<Value> {
    let body = |provider: &str| {
        json!({"provider": provider, "api_key": MARKER, "base_url": URL, "headers": headers(),
            "model_names": ["m-1"]})
    };
    let plain = ["OPEN_AI", "AZURE_OPEN_AI", "ANTHROPIC", "GEMINI", "CUSTOM", "NVIDIA_NIM"];
    let plain = plain.into_iter().chain(["LITELLM", "FIREWORKS", "TOGETHER_AI"]);
    let mut all: Vec<_> = plain.map(body).collect();
    for auth_type in ["DEFAULT", "BEARER_TOKEN", "PROXY_WITH_HEADERS"] {
        let mut bedrock = body("AWS_BEDROCK");
        bedrock["auth_type"] = json!(auth_type);
        bedrock["provider_metadata"] =
            json!({"kind": "AWS", "role_arn": ROLE, "external_id": "team-1"});
        all.push(bedrock);
    }
    let mut vertex = body("VERTEX_AI");
    vertex["provider_metadata"] = json!({"kind": "GCP", "project_id": "p-1",
        "location": "us-central1", "project_access_label": "l-1"});
    all.push(vertex);
    all
}

/// A ready-made request, with secrets under keys that look like it.
fn preset(name: &str) -> Value {
    json!({"name": name, "description": "asks", "config": {
        "api_key": MARKER, "nested": {"client_secret": MARKER, "list": [{"password": MARKER}]},
        "headers": {"Authorization": format!("Bearer {MARKER}"), "X-Any": MARKER},
        "tokens": [MARKER, {"inner": MARKER}], "question": "why",
    }})
}

/// The same with new secrets, whether it is a form or was filled before.
fn filled(form: &Value, secrets: &Secrets) -> Value {
    let filled = |one: &Value| filled(one, secrets);
    match form {
        Value::Object(map) => map.iter().map(|(key, one)| (key.clone(), filled(one))).collect(),
        Value::Array(list) => list.iter().map(filled).collect(),
        Value::String(text) => match text.split_once(MARKER) {
            Some((before, _)) => json!(format!("{before}{}", secrets.canary())),
            None => form.clone(),
        },
        other => other.clone(),
    }
}

/// Makes records of every form in both families.
pub fn save_all(admin: &Client, secrets: &Secrets) -> Vec<Record> {
    let mut records = vec![];
    let mut save = |list, name: String, mut body: Value| {
        body["name"] = json!(name);
        let (body, held) = secrets.in_use(|| filled(&body, secrets));
        let mut record = make(admin, list, body, held);
        if record.sent["type"] == "AGENT" {
            give_presets(admin, &mut record, &["first", "second"], secrets);
        }
        records.push(record);
    };
    for number in 0..OF_EACH {
        for (place, config) in newer().into_iter().enumerate() {
            let body = json!({"type": "LLM", "config": config});
            save(NEWER, format!("newer-{place}-{number}"), body);
        }
        for (place, body) in older().into_iter().enumerate() {
            save(OLDER, format!("older-{place}-{number}"), body);
        }
        for kind in ["AGENT", "EVALUATOR"] {
            let config = json!({"endpoint": URL, "headers": headers(),
                "input_schema": {"type": "object"}});
            let body = json!({"type": kind, "config": config});
            save(NEWER, format!("{}-{number}", kind.to_lowercase()), body);
        }
    }
    records
}

fn make(admin: &Client, list: &str, sent: Value, secrets: Ids) -> Record {
    let answer = admin.post(list, &sent);
    answer.is(201);
    let path = format!("{list}/{}", answer.json()["id"].as_str().unwrap());
    let name = sent["name"].as_str().unwrap().to_owned();
    Record { path, name, sent, secrets, presets: BTreeMap::new() }
}

/// Gives an agent these requests, each with secrets of its own.
fn give_presets(admin: &Client, record: &mut Record, names: &[&str], secrets: &Secrets) {
    record.presets.clear();
    let presets = names.iter().map(|name| {
        let (preset, held) = secrets.in_use(|| filled(&preset(name), secrets));
        record.presets.insert((*name).to_owned(), held);
        preset
    });
    let presets: Vec<_> = presets.collect();
    let body = json!({"type": "AGENT", "config": {"request_presets": presets}});
    admin.call("PATCH", &record.path, Some(&body)).is(200);
}

/// Replaces, sends masks back, moves and renames, so that some of what is stored is sealed anew.
pub fn change(admin: &Client, secrets: &Secrets, records: &mut [Record]) {
    for (index, record) in records.iter_mut().enumerate() {
        let shown = admin.get(&record.path).ok();
        let mut changes = json!({});
        let config = record.config().clone();
        let ((), held) = secrets.in_use(|| {
            // Where a secret goes, all that go there are told again; here nothing moves.
            for member in ["api_key", "headers", "auth"] {
                if config.get(member).is_some() {
                    changes[member] = filled(&config[member], secrets);
                }
            }
        });
        match index % 4 {
            // All are replaced.
            0 if changes != json!({}) => {
                record.secrets = held;
                admin.call("PATCH", &record.path, Some(&record.patch(&changes))).is(200);
                for (member, value) in changes.as_object().unwrap() {
                    record.config()[member] = value.clone();
                }
            }
            // Masks keep what they stand for.
            1 if shown.get("headers").is_some_and(Value::is_object) => {
                let kept = json!({"headers": shown["headers"], "model_names": ["m-2"]});
                admin.call("PATCH", &record.path, Some(&record.patch(&kept))).is(200);
            }
            // Secrets are sealed for a name.
            2 => {
                let renamed = format!("{}-renamed", record.name);
                let mut body = json!({"name": renamed});
                if record.is_newer() {
                    body["type"] = record.sent["type"].clone();
                }
                admin.call("PATCH", &record.path, Some(&body)).is(200);
                record.name = renamed;
            }
            3 if record.sent["type"] == "AGENT" => {
                give_presets(admin, record, &["second", "third"], secrets);
            }
            _ => {}
        }
    }
}

/// Resolves all of it: each answer holds the secrets of the record, and none of any other.
pub fn resolve(admin: &Client, records: &mut [Record]) {
    for record in records.iter_mut() {
        let answer = admin.call("POST", &format!("{}/resolve", provider(&record.name)), None);
        let shown = answer.ok();
        admin.was_for(record.secrets.iter().copied());
        let config = record.config().clone();
        let headers = config.get("headers").or(config.pointer("/auth/headers"));
        if let Some(headers) = headers {
            assert_eq!(&shown["configuration"]["arize"]["headers"], headers, "{}", record.name);
        }
        if let Some(secret) = config.pointer("/auth/client_secret") {
            assert_eq!(&shown["configuration"]["arize"]["client_secret"], secret);
        }
        for (name, secrets) in &record.presets {
            let path = resource(&record.name, name);
            let shown = admin.call("POST", &format!("{path}/resolve"), None).ok();
            admin.was_for(secrets.iter().copied());
            assert_eq!(shown["configuration"].get("arize"), None, "{shown}");
        }
    }
}

/// Reads all pages of every list, and each record by itself in both families and in Conductor's
/// dialect. Somebody sees `all` of them, or none that is not theirs.
pub fn read(reader: &Client, all: bool, records: &mut [Record]) {
    let mut seen = 0;
    for list in [
        format!("{NEWER}?limit=100"),
        format!("{NEWER}?limit=100&type=AGENT"),
        format!("{NEWER}?limit=100&type=EVALUATOR"),
        format!("{OLDER}?limit=100"),
    ] {
        let mut cursor = String::new();
        loop {
            let page = reader.get(&format!("{list}{cursor}"));
            if page.status == 403 && !all {
                break;
            }
            let page = page.ok();
            let items = page["integrations"].as_array().or(page["ai_integrations"].as_array());
            seen += items.unwrap().len();
            let Some(next) = page["pagination"]["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={}", next.replace('+', "%2B"));
        }
    }
    assert!(seen > 2 * records.len() || !all, "{seen} of {}", records.len());
    for record in records {
        let status = if all { 200 } else { 404 };
        let id = record.path.rsplit('/').next().unwrap().to_owned();
        for list in [NEWER, OLDER] {
            let answer = reader.get(&format!("{list}/{id}"));
            let own = record.path.starts_with(list);
            // The other family has no words for some.
            assert!(answer.status == status || !own && answer.status == 404, "{}", answer.what);
        }
        let conductor = reader.get(&provider(&record.name));
        conductor.is(if all { 200 } else { 403 });
        if all && !record.is_newer() {
            let shown = reader.get(&record.path).ok();
            for (name, sent) in record.config()["headers"].as_object().unwrap() {
                assert_mask(sent, shown["headers"][name].as_str().unwrap());
            }
            assert_eq!(shown["has_api_key"], true);
        }
        for name in record.presets.keys() {
            let answer = reader.get(&resource(&record.name, name));
            assert_eq!(answer.status == 200, all, "{}", answer.what);
        }
    }
}

/// What makes a model provider of the newer family, were it not refused.
fn llm(config: Value) -> Value {
    json!({"type": "LLM", "name": "refused", "config": config})
}

/// Bodies that are no model provider, each for one family.
fn no_llms(secrets: &Secrets) -> Vec<(&'static str, Value)> {
    let new = || secrets.canary();
    vec![
        (NEWER, json!(new())),
        (NEWER, json!([new()])),
        (NEWER, json!({"type": "LLM", "name": "refused", "config": new()})),
        (NEWER, json!({"type": new(), "name": "refused", "config": {"api_key": new()}})),
        (NEWER, json!({"type": "LLM", "config": {"provider": "OPEN_AI", "api_key": new()}})),
        (NEWER, json!({"type": "LLM", "name": "refused", "api_key": new(), "config": {}})),
        (NEWER, llm(json!({"provider": new(), "api_key": new()}))),
        (NEWER, llm(json!({"provider": "VERTEX_AI", "api_key": new()}))),
        (NEWER, llm(json!({"provider": "OPEN_AI", "api_key": new(), "headers": {"X": new()}}))),
        (NEWER, llm(json!({"provider": "OPEN_AI", "api_key": new(), "secret": new()}))),
        (NEWER, llm(json!({"provider": "CUSTOM", "base_url": URL, "model_names": [[new()]]}))),
        (NEWER, llm(json!({"provider": "CUSTOM", "base_url": URL, "api_key": new()}))),
        (NEWER, llm(json!({"provider": "CUSTOM", "auth": new()}))),
        (
            NEWER,
            json!({"type": "LLM", "name": "refused", "scopings": [{"organization_id": new()}],
            "config": {"provider": "OPEN_AI", "api_key": new()}}),
        ),
        (OLDER, json!({"name": "refused", "provider": new(), "api_key": new()})),
        (OLDER, json!({"name": "refused", "provider": "OPEN_AI", "auth_type": new()})),
        (
            OLDER,
            json!({"name": "refused", "provider": "OPEN_AI", "api_key": new(),
            "provider_metadata": {"kind": new()}}),
        ),
        (OLDER, json!({"name": "refused", "provider": "OPEN_AI", "api_key": [new()]})),
        (OLDER, json!({"name": "refused", "provider": "AWS_BEDROCK", "api_key": new()})),
    ]
}

/// Bodies that are no agent, or whose requests do not fit its schema.
fn no_agents(secrets: &Secrets) -> Vec<(&'static str, Value)> {
    let new = || secrets.canary();
    let agent = |more: Value| {
        let mut config = json!({"endpoint": URL, "headers": {"X-Api-Key": new()},
            "input_schema": {"type": "object", "properties": {"n": {"type": "integer"},
                "key": {"enum": ["a"]}, "text": {"maxLength": 3}, "word": {"pattern": "^a"}}}});
        for (name, value) in more.as_object().unwrap() {
            config[name] = value.clone();
        }
        json!({"type": "AGENT", "name": "refused", "config": config})
    };
    let preset =
        |config: Value| agent(json!({"request_presets": [{"name": "p", "config": config}]}));
    vec![
        (NEWER, agent(json!({"input_schema": new()}))),
        (NEWER, agent(json!({"input_schema": {"type": new()}}))),
        (
            NEWER,
            agent(json!({"input_schema": {"type": "object", "pattern": format!("({}", new())}})),
        ),
        (
            NEWER,
            agent(json!({"input_schema": {"$ref": format!("https://x.example.org/{}", new())}})),
        ),
        (NEWER, agent(json!({"request_presets": new()}))),
        (NEWER, agent(json!({"request_presets": [{"name": [new()], "config": {}}]}))),
        (NEWER, agent(json!({"request_presets": [{"name": "p", "secret": new(), "config": {}}]}))),
        (NEWER, preset(json!(new()))),
        (NEWER, preset(json!({"n": new()}))),
        (NEWER, preset(json!({"key": new()}))),
        (NEWER, preset(json!({"text": new()}))),
        (NEWER, preset(json!({"word": new()}))),
        (NEWER, preset(json!({"api_key": format!("{}\n{}", new(), new())}))),
        (NEWER, preset(json!({"api_key": format!("****abcdef23****{}", new())}))),
        (NEWER, preset(json!({"url": format!("https://user:{}@x.example.org", new())}))),
    ]
}

/// Members that are no key, no headers and no address, each in a body of both families.
fn bad_members(secrets: &Secrets) -> Vec<(&'static str, Value)> {
    let new = || secrets.canary();
    let parts: Vec<Value> = vec![
        json!({"api_key": [new()]}),
        json!({"api_key": {"inner": new()}}),
        json!({"api_key": format!("{}\n{}", new(), new())}),
        json!({"api_key": format!("{}\u{0}", new())}),
        json!({"api_key": format!("{}-ü", new())}),
        json!({"api_key": new() + &"x".repeat(70_000)}),
        json!({"api_key": format!("****abcdef23****{}", new())}),
        json!({"headers": new()}),
        json!({"headers": [new()]}),
        json!({"headers": {"X-Key": [new()]}}),
        json!({"headers": {"not a name": new()}}),
        json!({"headers": {"X-Key": format!("{}\r\nX-Other: {}", new(), new())}}),
        json!({"headers": {"X-Key": format!("****abcdef23****{}", new())}}),
        json!({"base_url": new()}),
        json!({"base_url": format!("http://llm.example.org/{}", new())}),
        json!({"base_url": format!("https://user:{}@llm.example.org", new())}),
        json!({"base_url": format!("https://llm.example.org/?api_key={}", new())}),
        json!({"base_url": format!("https://169.254.169.254/{}", new())}),
        json!({"base_url": format!("https://{}:{}", new(), new())}),
    ];
    let mut bodies = vec![];
    for part in parts {
        let mut config = json!({"provider": "LITELLM", "api_key": new(), "base_url": URL,
            "headers": {"X-Api-Key": new()}, "model_names": ["m-1"]});
        for (name, value) in part.as_object().unwrap() {
            config[name] = value.clone();
        }
        bodies.push((NEWER, llm(config.clone())));
        config["name"] = json!("refused");
        bodies.push((OLDER, config));
    }
    bodies
}

/// Blocks that say badly how callers show who they are.
fn bad_auths(secrets: &Secrets) -> Vec<(&'static str, Value)> {
    let new = || secrets.canary();
    let auths = [
        json!({"auth_type": new()}),
        json!({"auth_type": "DEFAULT", "api_key": new(), "client_secret": new()}),
        json!({"auth_type": "DEFAULT", "api_key": [new()]}),
        json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "client_secret": new()}),
        json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "client_secret": new(),
            "client_id": format!("id:{}", new()), "token_url": URL}),
        json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "client_secret": new(), "client_id": "c",
            "token_url": format!("https://user:{}@llm.example.org", new())}),
        json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "client_id": "c", "token_url": URL,
            "client_secret": format!("{}\n{}", new(), new())}),
    ];
    let body = |auth| {
        llm(json!({"provider": "CUSTOM", "base_url": URL, "auth": auth, "model_names": ["m"]}))
    };
    auths.into_iter().map(|auth: Value| (NEWER, body(auth))).collect()
}

/// Sends secrets in writes that are refused, and in queries.
pub fn refuse(admin: &Client, nobody: &Client, stranger: &Client, secrets: &Secrets) {
    let new = || secrets.canary();
    let mut bodies = no_llms(secrets);
    bodies.extend(no_agents(secrets));
    bodies.extend(bad_members(secrets));
    bodies.extend(bad_auths(secrets));
    for (list, body) in &bodies {
        let answer = admin.post(list, body);
        assert!([400, 422].contains(&answer.status), "{}: {body}", answer.status);
        stranger.post(list, body).is(401);
        let answer = nobody.post(list, body);
        assert!([400, 403, 422].contains(&answer.status), "{}: {body}", answer.status);
    }
    to_a_record(admin, &bodies, secrets);
    admin.post(NEWER, &llm(json!({"api_key": new()}))).is(422);
    for list in [NEWER, OLDER] {
        for text in crate::refused::texts(secrets) {
            let answer = admin.send("POST", list, "Content-Type: application/json\r\n", &text);
            assert!([400, 422].contains(&answer.status), "{}", answer.status);
        }
        for (query, status) in [
            ("limit", 400),
            ("cursor", 400),
            ("space_id", 400),
            ("space_name", 200),
            ("name", 200),
            ("api_key", 200),
        ] {
            admin.get(&format!("{list}?{query}={}", new())).is(status);
        }
    }
    admin.get(&format!("{NEWER}?type={}", new())).is(400);
    admin.get(&provider("refused")).is(404);
}

/// Sends the same as changes of a record, and secrets that would go elsewhere.
fn to_a_record(admin: &Client, bodies: &[(&str, Value)], secrets: &Secrets) {
    let new = || secrets.canary();
    let config = json!({"provider": "LITELLM", "api_key": new(), "base_url": URL,
        "headers": {"X-Api-Key": new()}});
    let body = json!({"type": "LLM", "name": "refusing", "config": config});
    let made = make(admin, NEWER, body, Ids::new());
    let before = admin.get(&made.path).ok();
    let id = made.path.rsplit('/').next().unwrap();
    for (list, body) in bodies {
        let answer = admin.call("PATCH", &format!("{list}/{id}"), Some(body));
        assert!([400, 409, 422].contains(&answer.status), "{}: {body}", answer.status);
    }
    for changes in [
        json!({"base_url": "https://else.example.org", "headers": {"X-Api-Key": new()}}),
        json!({"base_url": "https://else.example.org", "api_key": new()}),
    ] {
        admin.call("PATCH", &made.path, Some(&made.patch(&changes))).is(409);
        admin.call("PATCH", &format!("{OLDER}/{id}"), Some(&changes)).is(409);
    }
    let taken = json!({"type": "LLM", "name": before["name"], "config": config});
    admin.post(NEWER, &taken).is(409);
    assert_eq!(admin.get(&made.path).ok(), before, "something was saved");
}
