//! The tests' HTTP client, and the resources that they save with it.

use serde_json::{Value, json};

use crate::support::{CANARY, PATIENCE, SHELF};

/// An HTTP client of one server.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    pub token: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
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
            .build();
        let base = format!("http://{address}/api");
        Self { agent: agent.into(), base, token: token.map(str::to_owned) }
    }

    pub fn get(&self, path: &str) -> Result<Answer, ureq::Error> {
        let request = self.agent.get(format!("{}{path}", self.base));
        let token = self.token.as_deref().unwrap_or_default();
        read(request.header("X-Authorization", token).call()?)
    }

    pub fn post(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let token = self.token.as_deref().unwrap_or_default();
        read(request.header("X-Authorization", token).send_json(body)?)
    }

    /// As [`Client::post`], with a key to send it again with.
    pub fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let token = self.token.as_deref().unwrap_or_default();
        let request = request.header("X-Authorization", token).header("Idempotency-Key", key);
        read(request.send_json(body)?)
    }

    #[allow(dead_code, reason = "tests/postgres uses it")]
    pub fn put(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let request = self.agent.put(format!("{}{path}", self.base));
        let token = self.token.as_deref().unwrap_or_default();
        read(request.header("X-Authorization", token).send_json(body)?)
    }

    pub fn delete(&self, path: &str) -> Result<Answer, ureq::Error> {
        let request = self.agent.delete(format!("{}{path}", self.base));
        let token = self.token.as_deref().unwrap_or_default();
        read(request.header("X-Authorization", token).call()?)
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

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let body = response.body_mut().read_to_string()?;
    Ok(Answer { status: response.status().as_u16(), body })
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
