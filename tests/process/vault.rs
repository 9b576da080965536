//! Many secrets, of integrations and of resources, at the top and nested; what each of them is, and
//! whether it is still that.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use podium::domain::secret::Secret;
use podium::seal::{Keyring, Place};
use serde_json::{Value, json};

use crate::client::Client;
use crate::support::{CANARY, Folder, Launch, Server};

/// The secrets of each integration: three of its own, and one of each of its two resources.
const EACH: usize = 5;

/// A folder with a database full of secrets.
pub struct Vault {
    pub folder: Folder,
    /// Each secret by the path that resolves it, and the pointer to it there.
    pub secrets: BTreeMap<(String, &'static str), String>,
}

/// As in `GET /seal`.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    pub id: String,
    pub values: u64,
    pub seals: bool,
    pub known: bool,
}

impl Vault {
    /// At least `secrets` of them. No server runs.
    pub fn new(secrets: usize) -> Self {
        let mut vault = Self { folder: Folder::new(), secrets: BTreeMap::new() };
        let server = vault.launch().start();
        let client = server.admin();
        for number in 0..secrets.div_ceil(EACH) {
            vault.fill(&client, &format!("/integrations/provider/shelf-{number}"));
        }
        server.stop();
        vault
    }

    /// The same in another folder, while no server runs.
    pub fn copied(&self) -> Self {
        let folder = Folder::new();
        for name in self.folder.names() {
            std::fs::copy(self.folder.file(&name), folder.file(&name)).unwrap();
        }
        Self { folder, secrets: self.secrets.clone() }
    }

    /// Saves an integration with its secrets, or other ones in their place.
    pub fn fill(&mut self, client: &Client, path: &str) {
        let mut fresh = |path: &str, pointer| {
            // Of different lengths; a few of them need pages of their own.
            let number = self.secrets.len();
            let length = if number % 50 == 7 { 6_000 } else { [8, 40, 90, 200][number % 4] };
            let secret = format!("{CANARY}{}-{}", uuid::Uuid::now_v7(), "x".repeat(length));
            self.secrets.insert((path.to_owned(), pointer), secret.clone());
            secret
        };
        let body = json!({"type": "openai", "enabled": true, "description": "", "configuration": {
            "api_key": fresh(path, "/api_key"),
            "headers": {"X-Deep": fresh(path, "/headers/X-Deep")},
            "nested": {"list": [{"accessToken": fresh(path, "/nested/list/0/accessToken")}]},
        }});
        saved(client, path, &body);
        for resource in ["one", "two"] {
            let path = format!("{path}/integration/{resource}");
            let own = json!({"api_key": fresh(&path, "/api_key")});
            let body = json!({"description": "", "enabled": true, "configuration": own});
            saved(client, &path, &body);
        }
    }

    /// A server that resolves secrets.
    pub fn launch(&self) -> Launch {
        Launch::new(&self.folder).env("PODIUM_RESOLVE", "on")
    }

    /// What is in the file of the keys.
    pub fn keys(&self) -> String {
        std::fs::read_to_string(self.folder.seal_key()).unwrap()
    }

    /// Every secret in the database opens with the keys of the file, and there are as many as ever.
    pub fn assert_opens(&self) {
        self.assert_opens_with(&self.keys());
    }

    /// As [`Vault::assert_opens`], with other keys.
    pub fn assert_opens_with(&self, keys: &str) {
        let ring = ring(keys);
        let database = self.folder.look();
        let sql = "SELECT integration, resource, path, destination, seal_key, sealed FROM secret";
        let mut rows = database.prepare(sql).unwrap();
        let text = |row: &rusqlite::Row<'_>, at| row.get::<_, String>(at).unwrap();
        let opened = rows.query_map([], |row| {
            let [integration, resource, path, destination, id, sealed] =
                [0, 1, 2, 3, 4, 5].map(|at| text(row, at));
            assert_eq!(podium::seal::key_id(&sealed).unwrap(), id);
            let parts = [&*integration, &resource, &path, &destination];
            let value = ring.open(&sealed, Place { table: "secret", parts: &parts }).unwrap();
            let value: String = serde_json::from_str(value.expose()).unwrap();
            let mut holder = format!("/integrations/provider/{integration}");
            if !resource.is_empty() {
                holder = format!("{holder}/integration/{resource}");
            }
            Ok(((holder, path), value))
        });
        let opened: BTreeMap<_, _> = opened.unwrap().map(Result::unwrap).collect();
        let expected = self.secrets.iter();
        let expected: BTreeMap<_, _> = expected
            .map(|((holder, path), value)| ((holder.clone(), (*path).to_owned()), value.clone()))
            .collect();
        assert!(opened == expected, "the secrets are not what they were");
    }

    /// A server signs in who could, and every `step`-th of what was saved resolves to its secrets.
    pub fn assert_resolves(&self, server: &Server, step: usize) {
        let client = server.admin();
        let all: Vec<_> = self.secrets.iter().collect();
        thread::scope(|scope| {
            for secrets in all.chunk_by(|((one, _), _), ((other, _), _)| one == other).step_by(step)
            {
                let client = &client;
                scope.spawn(move || {
                    let ((path, _), _) = secrets[0];
                    let answer = client.post(&format!("{path}/resolve"), &json!({})).unwrap();
                    assert_eq!(answer.status, 200, "{path}: {answer:?}");
                    for ((_, pointer), secret) in secrets {
                        let resolved = answer.json()["configuration"].pointer(pointer).cloned();
                        assert!(resolved == Some(json!(secret)), "{path}{pointer}");
                    }
                });
            }
        });
    }

    /// Wherever a file of the database holds what looks like a sealed value, the key `id` has sealed
    /// it.
    pub fn assert_only(&self, id: &str) {
        let mut found = BTreeSet::new();
        for name in self.folder.names().iter().filter(|name| !name.contains("seal-key")) {
            let bytes = std::fs::read(self.folder.file(name)).unwrap();
            for rest in String::from_utf8_lossy(&bytes).split("v1.").skip(1) {
                let key = rest.split('.').next().unwrap();
                if key.len() == id.len() && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    found.insert((name.clone(), key.to_owned()));
                }
            }
        }
        assert!(found.contains(&("podium.db".into(), id.to_owned())), "{found:?}");
        assert!(found.iter().all(|(_, key)| key == id), "{id} is not all of {found:?}");
    }

    /// The old key alone is refused.
    pub fn assert_refused(&self, key: &str) {
        let line = self.launch().env("PODIUM_SEAL_KEY", key).run().refusal().to_owned();
        assert_eq!(line, "the seal key is not the one that sealed this database");
    }
}

/// The keys in `text`.
pub fn ring(text: &str) -> Keyring {
    let ring = Keyring::parse(&Secret::new(text.to_owned()));
    ring.unwrap_or_else(|bad| panic!("the seal key {bad}"))
}

/// The ids of the keys in `text`.
pub fn ids(text: &str) -> Vec<String> {
    ring(text).ids().map(str::to_owned).collect()
}

/// The keys that the server tells of.
pub fn status(client: &Client) -> Vec<Key> {
    let answer = client.get("/seal").unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    listed(&answer.json())
}

/// The keys that an answer lists.
pub fn listed(answer: &Value) -> Vec<Key> {
    let key = |key: &Value| Key {
        id: key["id"].as_str().unwrap().to_owned(),
        values: key["values"].as_u64().unwrap(),
        seals: key["seals"].as_bool().unwrap(),
        known: key["known"].as_bool().unwrap(),
    };
    answer["keys"].as_array().unwrap().iter().map(key).collect()
}

/// Asks for a rotation, which must end well; the keys after it.
pub fn rotate(client: &Client) -> Vec<Key> {
    let answer = client.post("/seal/rotate", &json!({})).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    listed(&answer.json())
}

fn saved(client: &Client, path: &str, body: &Value) {
    let answer = client.post(path, body).unwrap();
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
}
