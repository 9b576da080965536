//! Prompts; contract sections 5.3 and 6.

mod access;
mod bodies;
mod bulk;
mod labels;
mod models;
mod names;
mod records;
mod render;
mod texts;
mod trial;
mod versions;

use serde_json::{Value, json};

use crate::support::{Client, PROVIDER, Response, Server, model, openai};

/// All prompts.
const PROMPTS: &str = "/api/prompts";

/// The prompt of most tests.
const HI: &str = "/api/prompts/hi";

/// Somebody who may make and change every prompt, and sees no integration.
const MANAGER: &[&str] = &["PROMPT_MANAGER"];

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Saves the text with `POST` and this query, which needs no description.
fn save(client: &Client, prompt: &str, query: &str, text: &str) -> Response {
    client.send("POST", &format!("{prompt}?description=d{query}"), &[JSON], Some(text))
}

/// Changes the text with `PUT` and this query, which needs no description.
fn update(client: &Client, prompt: &str, query: &str, text: &str) -> Response {
    client.send("PUT", &format!("{prompt}?description=d{query}"), &[JSON], Some(text))
}

/// The versions of a prompt, as they are listed.
fn versions(client: &Client, prompt: &str) -> Vec<i64> {
    let found = client.get(&format!("{prompt}/versions")).ok();
    found.as_array().unwrap().iter().map(|one| one["version"].as_i64().unwrap()).collect()
}

/// The models that a prompt says it is for.
fn models(client: &Client, prompt: &str) -> Value {
    client.get(prompt).ok()["integrations"].clone()
}

/// The names in a list of prompts.
fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

/// The field that is told as bad, given that there is one.
#[track_caller]
fn bad_field(answer: Response) -> String {
    let error = answer.refused(400, "");
    let errors = error["validationErrors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{error}");
    errors[0]["path"].as_str().unwrap().to_owned()
}

/// An integration with one model.
fn integration(admin: &Client, name: &str, its_model: &str) {
    admin.post(&format!("{PROVIDER}/{name}"), &openai("sk-1")).ok();
    admin.post(&format!("{PROVIDER}/{name}/integration/{its_model}"), &model()).done();
}

/// An administrator, and the integration `main` with the model `gpt`.
fn with_main(server: &Server) -> Client {
    let admin = server.admin();
    integration(&admin, "main", "gpt");
    admin
}

/// What grants somebody accesses on a thing.
fn authorization(to: &Client, (kind, id): (&str, &str), accesses: &[&str]) -> Value {
    json!({
        "subject": {"type": "USER", "id": to.subject},
        "target": {"type": kind, "id": id},
        "access": accesses,
    })
}

/// Grants somebody accesses on a thing.
fn grant(admin: &Client, to: &Client, on: (&str, &str), accesses: &[&str]) {
    admin.post("/api/auth/authorization", &authorization(to, on, accesses)).ok();
}
