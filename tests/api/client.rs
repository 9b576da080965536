//! The people who call a server, and what it answers them.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Request};

use crate::documented;

/// Nothing here takes that long; a test that waits for it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Room for any head, in bytes. It is cleared for each request.
const BUFFER: usize = 16 * 1024;

/// Somebody who calls the server.
pub struct Client {
    address: SocketAddr,
    agent: ureq::Agent,
    /// The token they bear.
    pub token: Option<String>,
    /// Their user id.
    pub subject: String,
    /// The id of their application.
    pub application: String,
    /// The id of their access key.
    pub key: String,
    /// Its secret.
    pub secret: String,
}

impl Client {
    /// Somebody who bears this token, or none.
    pub fn new(address: SocketAddr, token: Option<String>) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER)
            .build()
            .new_agent();
        let [subject, application, key, secret] = [const { String::new() }; 4];
        Self { address, agent, token, subject, application, key, secret }
    }

    pub fn get(&self, path: &str) -> Response {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str, body: &Value) -> Response {
        self.call_with("POST", path, body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Response {
        self.call_with("PUT", path, body)
    }

    pub fn patch(&self, path: &str, body: &Value) -> Response {
        self.call_with("PATCH", path, body)
    }

    /// Asks for the configuration of what is at `path`, with its secrets.
    pub fn resolve(&self, path: &str) -> Response {
        self.call("POST", &format!("{path}/resolve"))
    }

    pub fn delete(&self, path: &str) -> Response {
        self.call("DELETE", path)
    }

    /// Sends no body.
    pub fn call(&self, method: &str, path: &str) -> Response {
        self.send(method, path, &[], None)
    }

    /// Sends a JSON body.
    pub fn call_with(&self, method: &str, path: &str, body: &Value) -> Response {
        let json = [("Content-Type", "application/json")];
        self.send(method, path, &json, Some(&body.to_string()))
    }

    /// Sends these headers and this body.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Response {
        let url = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(method).uri(url);
        if let Some(token) = &self.token {
            request = request.header("X-Authorization", token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body.to_owned()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let (head, mut read) = answer.unwrap().into_parts();
        let text = read.read_to_string().unwrap();
        let answer = Response::new(head.status.as_u16(), head.headers, text);
        documented::check(method, path, &answer);
        documented::check_sent(method, path, body, &answer);
        answer
    }

    /// Makes an access key and gives its id and secret.
    pub fn new_key(&self, application: &str) -> (String, String) {
        let key = self.call("POST", &format!("/api/applications/{application}/accessKeys")).ok();
        (key["id"].as_str().unwrap().to_owned(), key["secret"].as_str().unwrap().to_owned())
    }

    /// Sends these very bytes after the request line `line`, for what no HTTP library would send.
    pub fn raw(&self, line: &str, headers: &[&str], body: &[u8]) -> Response {
        self.raw_all(&[(line, headers, body)]).remove(0)
    }

    /// Sends these very bytes and no more, and gives all that comes back until the connection is
    /// closed.
    pub fn wire(&self, bytes: &[u8]) -> String {
        let mut connection = TcpStream::connect(self.address).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        // Whoever is refused at once may find the connection closed.
        let _ = connection.write_all(bytes);
        let _ = connection.shutdown(Shutdown::Write);
        let mut told = vec![];
        match connection.read_to_end(&mut told) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("not closed: {error}"),
        }
        String::from_utf8_lossy(&told).into_owned()
    }

    /// Sends one request after the other, over one connection for as long as the server keeps it.
    pub fn raw_all(&self, requests: &[(&str, &[&str], &[u8])]) -> Vec<Response> {
        let mut open: Option<BufReader<TcpStream>> = None;
        let mut answers = vec![];
        for (line, headers, body) in requests {
            let mut connection = open.take().unwrap_or_else(|| {
                let connection = TcpStream::connect(self.address).unwrap();
                connection.set_read_timeout(Some(PATIENCE)).unwrap();
                BufReader::new(connection)
            });
            let mut head = format!("{line} HTTP/1.1\r\nHost: test\r\n");
            let token = self.token.as_ref().map(|token| format!("X-Authorization: {token}"));
            for header in token.iter().map(String::as_str).chain(headers.iter().copied()) {
                head.push_str(header);
                head.push_str("\r\n");
            }
            head.push_str("\r\n");
            connection.get_mut().write_all(&[head.as_bytes(), body].concat()).unwrap();
            let answer = Response::read(&mut connection);
            let mut words = line.split(' ');
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            documented::check(method, path, &answer);
            open = (answer.header("connection") != Some("close")).then_some(connection);
            answers.push(answer);
        }
        answers
    }
}

/// An answer of the server.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// The body as JSON, or null.
    pub json: Value,
}

impl Response {
    fn new(status: u16, headers: HeaderMap, text: String) -> Self {
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status, headers, text, json }
    }

    /// Reads one from a connection.
    fn read(input: &mut impl BufRead) -> Self {
        let mut line = String::new();
        input.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        if status == 100 {
            input.read_line(&mut line).unwrap();
            return Self::read(input);
        }
        let mut headers = HeaderMap::new();
        loop {
            line.clear();
            input.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let length = headers["content-length"].to_str().unwrap().parse().unwrap();
        let mut body = vec![0; length];
        input.read_exact(&mut body).unwrap();
        Self::new(status, headers, String::from_utf8(body).unwrap())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Its JSON, given that all went well.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert!(serde_json::from_str::<Value>(&self.text).is_ok(), "{}", self.text);
        self.json
    }

    /// That all went well and there is nothing to say.
    #[track_caller]
    pub fn done(self) {
        assert_eq!((self.status, self.text.as_str()), (200, ""));
        assert_eq!(self.header("content-length"), Some("0"));
        assert_eq!(self.header("content-type"), None);
    }

    /// That it is an error in Conductor's shape, with this status and these words in its message.
    /// Gives its JSON.
    #[track_caller]
    pub fn refused(self, status: u16, words: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/json"), "{}", self.text);
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let error = self.json;
        assert_eq!(error["status"], status);
        assert_eq!(error["retryable"], false, "{error}");
        assert!(error["instance"].as_str().is_some_and(|name| !name.is_empty()), "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(words), "{words:?} is not in {message:?}");
        if status != 401 {
            assert_eq!((error.get("error"), error.get("timestamp")), (None, None), "{error}");
        }
        error
    }

    /// That it is a 401 with this code.
    #[track_caller]
    pub fn not_signed_in(self, code: &str) {
        let error = self.refused(401, "");
        assert_eq!(error["error"], code);
        assert!(error["timestamp"].as_i64().is_some_and(|at| at > 1_600_000_000_000), "{error}");
    }
}
