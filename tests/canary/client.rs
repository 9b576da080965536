//! Callers of a server, and all that it has ever answered them.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::rc::Rc;

use serde_json::{Value, json};

use crate::scanner::Scanner;
use crate::secrets::{Id, Ids, Secrets};
use crate::support::{ADMIN, PATIENCE};

/// All answers of a server.
pub type Heard = Rc<RefCell<Vec<Answer>>>;

/// An answer of the server.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The method and path that it answers.
    pub what: String,
    pub status: u16,
    /// Its first line and headers.
    pub head: String,
    pub body: Vec<u8>,
    /// The secrets that it is for.
    shows: Ids,
}

impl Answer {
    fn read(what: String, input: &mut impl BufRead) -> Self {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(input.read_line(&mut head).unwrap(), 0, "{what} was answered only {head:?}");
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Self { what, status, head, body: vec![], shows: Ids::new() };
        let length = answer.header("content-length").unwrap_or("0");
        answer.body = vec![0; length.parse().unwrap()];
        input.read_exact(&mut answer.body).unwrap();
        answer
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Its JSON, or null.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Its JSON, given that all went well.
    #[track_caller]
    pub fn ok(&self) -> Value {
        self.is(200);
        self.json()
    }

    #[track_caller]
    pub fn is(&self, status: u16) {
        let said = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{}: {said}", self.what);
    }

    /// What is wrong with the secrets in it.
    pub fn fault(&self, scanner: &Scanner) -> Option<String> {
        let whole = [self.head.as_bytes(), &self.body].concat();
        let fault = scanner.fault(&whole, &self.shows)?;
        Some(format!("the answer {} to {} {fault}", self.status, self.what))
    }
}

/// Somebody who calls the server.
pub struct Client {
    address: SocketAddr,
    /// The headers of every call, which say who calls.
    pub headers: String,
    heard: Heard,
}

impl Client {
    /// Somebody without a token.
    pub fn new(address: SocketAddr, heard: &Heard) -> Self {
        Self { address, headers: String::new(), heard: Rc::clone(heard) }
    }

    /// Somebody with these headers.
    pub fn with(&self, headers: &str) -> Self {
        Self { headers: headers.to_owned(), ..Self::new(self.address, &self.heard) }
    }

    /// Somebody who bears `token`.
    pub fn bearing(&self, token: &str) -> Self {
        self.with(&format!("X-Authorization: {token}\r\n"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, Some(body))
    }

    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let json = if body.is_some() { "Content-Type: application/json\r\n" } else { "" };
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(method, path, json, body.as_bytes())
    }

    /// Sends a request with these headers, beside those that frame it.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        self.raw(method, path, &format!("{headers}Content-Length: {}\r\n", body.len()), body)
    }

    /// Sends a request as it stands, over a connection of its own.
    pub fn raw(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let headers = format!("Connection: close\r\n{}{headers}", self.headers);
        let head = format!("{method} {path} HTTP/1.1\r\nHost: podium\r\n{headers}\r\n");
        let mut connection = self.connect();
        connection.get_mut().write_all(&[head.as_bytes(), body].concat()).unwrap();
        let answer = Answer::read(format!("{method} {path}"), &mut connection);
        self.heard.borrow_mut().push(answer.clone());
        answer
    }

    fn connect(&self) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        BufReader::new(stream)
    }

    /// Says which secrets the last answer is for.
    pub fn was_for(&self, secrets: impl IntoIterator<Item = Id>) {
        self.heard.borrow_mut().last_mut().unwrap().shows.extend(secrets);
    }

    /// A token for an access key.
    pub fn token(&self, id: &str, secret: &str, secrets: &Secrets) -> String {
        let body = json!({"keyId": id, "keySecret": secret});
        let token = self.post("/api/token", &body).ok()["token"].as_str().unwrap().to_owned();
        self.was_for([secrets.add(token.rsplit('.').next().unwrap())]);
        token
    }

    /// Somebody with the token of an access key.
    pub fn signed_in(&self, id: &str, secret: &str, secrets: &Secrets) -> Self {
        self.bearing(&self.token(id, secret, secrets))
    }

    /// The administrator.
    pub fn admin(&self, secrets: &Secrets) -> Self {
        self.signed_in(ADMIN.0, ADMIN.1, secrets)
    }

    /// Makes an application of this name and a number with one access key: their ids, and the secret
    /// of the key.
    pub fn new_application(&self, name: &str, secrets: &Secrets) -> [String; 3] {
        let name = format!("{name} {}", uuid::Uuid::now_v7());
        let made = self.post("/api/applications", &json!({"name": name})).ok();
        let id = made["id"].as_str().unwrap().to_owned();
        let [key, secret] = self.issued(&format!("/api/applications/{id}/accessKeys"), secrets);
        [id, key, secret]
    }

    /// Calls a route that issues an access key: its id and its secret.
    pub fn issued(&self, path: &str, secrets: &Secrets) -> [String; 2] {
        self.issued_with(path, &json!({}), secrets)
    }

    /// As [`Client::issued`], with this body.
    pub fn issued_with(&self, path: &str, body: &Value, secrets: &Secrets) -> [String; 2] {
        let made = self.post(path, body).ok();
        let [id, secret] = ["id", "secret"].map(|member| made[member].as_str().unwrap().to_owned());
        self.was_for([secrets.add(&secret)]);
        assert_eq!(made["apiKey"], format!("podium_{id}_{secret}"));
        [id, secret]
    }
}
