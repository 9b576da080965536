//! The tests' HTTP client, and the resources that they save with it.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{HeaderMap, Request};

use crate::support::{CANARY, PATIENCE, SHELF};

/// The server closes a connection that says nothing for 5 s; before that it is not used again.
const FRESH: Duration = Duration::from_secs(2);

/// An HTTP client of one server.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    origin: String,
    pub token: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    #[track_caller]
    pub fn is(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
    }

    /// Panics unless it is 503 and says when to try again.
    #[track_caller]
    pub fn is_unavailable(&self) {
        self.is(503);
        assert!(self.header("Retry-After").is_some(), "{self:?}");
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }
}

impl Client {
    /// A client of the server on `address`.
    pub fn new(address: &str, token: Option<&str>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .proxy(None)
            .max_idle_connections_per_host(32)
            .max_idle_age(FRESH)
            .allow_non_standard_methods(true)
            .build();
        let origin = format!("http://{address}");
        Self { agent: agent.into(), origin, token: token.map(str::to_owned) }
    }

    pub fn get(&self, path: &str) -> Result<Answer, ureq::Error> {
        self.send("GET", &format!("/api{path}"), &[], None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        self.send("POST", &format!("/api{path}"), &[], Some(body))
    }

    /// As [`Client::post`], with a key to send it again with.
    pub fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Answer, ureq::Error> {
        self.send("POST", &format!("/api{path}"), &[("Idempotency-Key", key)], Some(body))
    }

    #[allow(dead_code, reason = "tests/postgres uses it")]
    pub fn put(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        self.send("PUT", &format!("/api{path}"), &[], Some(body))
    }

    pub fn delete(&self, path: &str) -> Result<Answer, ureq::Error> {
        self.send("DELETE", &format!("/api{path}"), &[], None)
    }

    /// Sends a request to a path of the server, which may be outside `/api`.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Answer, ureq::Error> {
        let token = self.token.as_deref().unwrap_or_default();
        let mut request = Request::builder().method(method).header("X-Authorization", token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.uri(format!("{}{path}", self.origin));
        let answer = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string()).unwrap())?
            }
            None => self.agent.run(request.body(()).unwrap())?,
        };
        let (head, mut body) = answer.into_parts();
        let status = head.status.as_u16();
        Ok(Answer { status, headers: head.headers, body: body.read_to_string()? })
    }

    /// A token for an access key; the status where it is refused.
    pub fn sign_in(&self, id: &str, secret: &str) -> Result<String, u16> {
        let answer = self.post("/token", &json!({"keyId": id, "keySecret": secret})).unwrap();
        if answer.status != 200 {
            return Err(answer.status);
        }
        Ok(answer.json()["token"].as_str().unwrap().to_owned())
    }

    /// Saves the resource `key` with `number` in each of its fields.
    pub fn save(&self, key: &str, number: u64) -> Result<Answer, ureq::Error> {
        self.post(&format!("{SHELF}/integration/{key}"), &numbered(number))
    }

    /// The resources of the shelf.
    pub fn shelved(&self) -> Vec<Value> {
        let answer = self.get(&format!("{SHELF}/integration")).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json().as_array().unwrap().clone()
    }
}

/// A resource with `number` in each of its fields, one of them a secret.
pub fn numbered(number: u64) -> Value {
    json!({
        "description": format!("write {number}"),
        "enabled": true,
        "configuration": {"endpoint": format!("https://{number}.example.org"), "api_key": secret(number)},
        "maxTokens": number,
    })
}

/// The secret in [`numbered`].
pub fn secret(number: u64) -> String {
    format!("{CANARY}{number}")
}

/// The number in each field of a resource that is shown; they must be the same.
pub fn number_of(resource: &Value) -> u64 {
    let number = resource["maxTokens"].as_u64().unwrap();
    assert_eq!(resource["description"], format!("write {number}"), "{resource}");
    let endpoint = &resource["configuration"]["endpoint"];
    assert_eq!(*endpoint, format!("https://{number}.example.org"), "{resource}");
    number
}
