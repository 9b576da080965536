//! A caller of Podium, who is not measured.

use serde_json::{Value, json};
use ureq::typestate::WithBody;
use ureq::{Agent, RequestBuilder};

use super::Outcome;
use super::server::Server;

/// The access key of the first administrator, who makes the application.
pub const ADMIN: (&str, &str) = ("bench-admin", "the-benchmarks-own-secret");

/// How many threads may use a client at once, each on a connection of its own that is kept.
pub const MOST_THREADS: usize = 16;

/// A caller with a token.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    server: String,
    /// The token.
    pub token: String,
    /// The body of a request for a token.
    pub credentials: String,
}

impl Client {
    /// Signs in as the first administrator.
    pub fn administrator(server: &Server) -> Outcome<Self> {
        let config = Agent::config_builder().http_status_as_error(false);
        let agent = config.max_idle_connections_per_host(MOST_THREADS).build().into();
        let (token, credentials) = (String::new(), String::new());
        let mut client = Self { agent, server: String::new(), token, credentials }.at(server);
        client.sign_in(ADMIN.0, ADMIN.1)?;
        Ok(client)
    }

    /// Signs in as a new application of the role USER, which gives no access to anything but by
    /// the grants on what it makes. So the permission check is not cut short as an
    /// administrator's is.
    pub fn of_application(server: &Server) -> Outcome<Self> {
        let mut client = Self::administrator(server)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let made = client.post("/api/applications", &json!({"name": "benchmark"}))?;
        let application = format!("/api/applications/{}", text(&made["id"]));
        client.post(&format!("{application}/roles/USER"), &json!({}))?;
        let key = client.post(&format!("{application}/accessKeys"), &json!({}))?;
        client.sign_in(&text(&key["id"]), &text(&key["secret"]))?;
        Ok(client)
    }

    /// The same caller at another server of the same registry, or of a copy of it.
    pub fn at(&self, server: &Server) -> Self {
        Self { server: format!("http://{}", server.address), ..self.clone() }
    }

    fn sign_in(&mut self, id: &str, secret: &str) -> Outcome {
        let credentials = json!({"keyId": id, "keySecret": secret});
        let answer = self.post("/api/token", &credentials)?;
        answer["token"].as_str().ok_or("no token was given")?.clone_into(&mut self.token);
        self.credentials = credentials.to_string();
        Ok(())
    }

    /// The answer to a GET.
    pub fn get(&self, path: &str) -> Outcome<String> {
        let request = self.agent.get(format!("{}{path}", self.server));
        answer(path, request.header("X-Authorization", &self.token).call()?)
    }

    /// The answer to a POST; null if it is empty.
    pub fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.send(path, self.agent.post(format!("{}{path}", self.server)), body)
    }

    /// The answer to a PUT; null if it is empty.
    pub fn put(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.send(path, self.agent.put(format!("{}{path}", self.server)), body)
    }

    fn send(&self, path: &str, request: RequestBuilder<WithBody>, body: &Value) -> Outcome<Value> {
        let text = answer(path, request.header("X-Authorization", &self.token).send_json(body)?)?;
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }
}

/// The text of an answer that is not an error.
fn answer(path: &str, mut answer: ureq::http::Response<ureq::Body>) -> Outcome<String> {
    let text = answer.body_mut().read_to_string()?;
    if answer.status() == 200 {
        return Ok(text);
    }
    Err(format!("{path} answered {}: {text}", answer.status()).into())
}
