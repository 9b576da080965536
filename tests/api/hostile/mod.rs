//! What no client of ours sends, to every route that the OpenAPI document has: it is refused, changes
//! nothing, and the server goes on. The ids are those of `docs/robustness.md`.

mod json;
mod methods;
mod minefield;
mod queries;
mod smuggled;
mod types;

use serde_json::{Value, json};

use crate::documented::DOCUMENT;
use crate::support::{Client, Server, model, openai};

pub const MAIN: &str = "/api/integrations/provider/main";

/// Bulk saves take larger bodies than the rest.
const BULK: [&str; 5] = [
    "/api/integrations",
    "/api/integrations/def/register",
    "/api/prompts",
    "/api/manifest/plan",
    "/api/manifest/apply",
];

/// One method of one route.
pub struct Operation {
    pub method: String,
    /// The path, about things that are there.
    pub path: String,
    /// What the document says of it.
    pub told: &'static Value,
    /// The largest body, in bytes.
    pub limit: usize,
}

impl Operation {
    /// Whether it takes a body of JSON.
    pub fn takes_json(&self) -> bool {
        self.told["requestBody"]["content"].get("application/json").is_some()
    }

    /// Whether its body is text, whatever it says of its type.
    pub fn takes_text(&self) -> bool {
        self.told["requestBody"]["content"].get("*/*").is_some()
    }

    /// Its answer to a body with these headers. A body that is too large is announced only: nobody
    /// reads it.
    pub fn send(&self, client: &Client, headers: &[&str], body: &[u8]) -> (u16, String) {
        let length = format!("Content-Length: {}", body.len());
        let all = [&[length.as_str()], headers].concat();
        let sent = if body.len() > self.limit { &body[..0] } else { body };
        let answer = client.raw(&format!("{} {}", self.method, self.path), &all, sent);
        (answer.status, answer.text)
    }
}

/// A server with one of most things.
pub struct World {
    pub server: Server,
    pub admin: Client,
    /// Every operation of the document.
    pub operations: Vec<Operation>,
}

impl World {
    pub fn new() -> Self {
        let server = Server::start();
        let admin = server.admin();
        admin.post(MAIN, &openai("sk-1")).ok();
        admin.post(&format!("{MAIN}/integration/gpt"), &model()).done();
        admin.send("POST", "/api/prompts/main?description=d", &[], Some("text")).done();
        let app = server.client("ada", &[]).application;
        let agent = json!({"type": "AGENT", "name": "agent",
                           "config": {"endpoint": "https://a.example.org",
                                      "input_schema": {"type": "object"}}});
        let made = admin.post("/v2/integrations", &agent);
        let arize =
            made.json["id"].as_str().unwrap_or_else(|| panic!("{}", made.text)).replace('=', "%3D");
        let filled = |path: &str| {
            let id = if path.contains("/applications/") { app.as_str() } else { "main" };
            let names = [("{name}", "main"), ("{api}", "gpt"), ("{id}", id), ("{version}", "1")];
            let names = names.into_iter().chain([("{integration_id}", arize.as_str())]);
            let path = names.fold(path.to_owned(), |path, (name, value)| path.replace(name, value));
            // The rest are names of any kind.
            path.split('/').map(|part| if part.starts_with('{') { "main" } else { part }).fold(
                String::new(),
                |path, part| {
                    if part.is_empty() { path } else { format!("{path}/{part}") }
                },
            )
        };
        let mut operations = vec![];
        for (path, methods) in DOCUMENT.whole["paths"].as_object().unwrap() {
            for (method, told) in methods.as_object().unwrap() {
                let limit = if BULK.contains(&path.trim_end_matches('/')) { 8 } else { 1 } << 20;
                let method = method.to_ascii_uppercase();
                operations.push(Operation { method, path: filled(path), told, limit });
            }
        }
        Self { server, admin, operations }
    }

    /// Those that take JSON.
    pub fn of_json(&self) -> impl Iterator<Item = &Operation> {
        let found = self.operations.iter().filter(|operation| operation.takes_json());
        assert!(found.clone().count() > 40, "{} take JSON", found.count());
        found
    }

    /// Runs `work`, which must change nothing, and after which the server still answers.
    #[track_caller]
    pub fn unharmed(&self, work: impl FnOnce()) {
        self.server.unchanged(work);
        self.admin.get(MAIN).ok();
    }
}
