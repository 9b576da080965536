//! A server in this process, and the people who call it over connections that stay open.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::rt::net::TcpSocket;
use actix_web::web::Data;
use podium::auth::tokens::{Lifetime, Tokens};
use podium::domain::secret::Secret;
use podium::registry::{AdminKey, Registry, Settings};
use podium::seal::{Keyring, Place};
use serde_json::{Value, json};

use crate::database::Database;
pub use crate::requests::{authorization, integration, resource};

/// The administrator's access key.
pub const ADMIN: (&str, &str) = ("admin-key", "admin-secret-0123456789");

const SEAL_KEY: &str = "a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4e5f60718";

/// Nothing here takes that long; a test that waits for it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server closes a connection that says nothing for 5 s; before that it is not used again.
const FRESH: Duration = Duration::from_secs(2);

/// A server with a database of its own.
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// What it stores its things in.
    pub database: Database,
    /// The first administrator's key, if this start has made it.
    pub made: Option<(String, String)>,
}

impl Server {
    /// Starts one, whose administrator has the key [`ADMIN`].
    pub fn start() -> Self {
        Self::start_with(Some(ADMIN))
    }

    /// Starts one, whose administrator has the chosen key, or one that the server makes.
    pub fn start_with(chosen: Option<(&str, &str)>) -> Self {
        Self::run(Database::new(), chosen)
    }

    /// Stops it, lets `work` change its database, and starts it again.
    pub fn restarted(mut self, chosen: Option<(&str, &str)>, work: impl FnOnce(&Database)) -> Self {
        self.stop();
        work(&self.database);
        Self::run(self.database.clone(), chosen)
    }

    fn run(database: Database, chosen: Option<(&str, &str)>) -> Self {
        let opened = database.clone();
        let chosen = chosen.map(|(id, secret)| AdminKey {
            id: id.to_owned(),
            secret: Secret::new(secret.to_owned()),
        });
        let (ready, started) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let db = opened.open().unwrap();
                let keyring = Keyring::parse(&Secret::new(SEAL_KEY.to_owned())).unwrap();
                let registry = Registry::open(db, keyring, settings()).await.unwrap();
                let made = registry.first_administrator(chosen).await.unwrap();
                let made = made.map(|key| (key.id, key.secret.expose().to_owned()));
                let registry = Data::new(registry);
                let server = podium::http::Server::on(
                    std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
                    registry.clone(),
                    podium::http::Options::default(),
                )
                .unwrap();
                ready.send((server.address(), server.handle(), made)).unwrap();
                server.run().await.unwrap();
                // The database is free for the next start when the workers have let go of it.
                let registry = registry.into_inner();
                while Arc::strong_count(&registry) > 1 {
                    std::thread::yield_now();
                }
            });
        });
        let (address, handle, made) = started.recv().unwrap();
        Self { address, handle, thread: Some(thread), database, made }
    }

    /// The number that `sql` selects.
    pub fn count(&self, sql: &str) -> i64 {
        self.database.count(sql)
    }

    /// All that it knows, a text for each row; equal as long as nothing was changed. The audit log,
    /// which refusals are written into, is left out.
    pub fn state(&self) -> BTreeSet<String> {
        let mut tables = self.database.tables();
        tables.retain(|table| !["audit", "audit_head", "sign_in_failure"].contains(&&table[..]));
        self.database.all_lines(&tables)
    }

    /// What makes the same tokens as the server.
    pub fn tokens(&self) -> Tokens {
        let sql = "SELECT id, sealed FROM server_key WHERE purpose = 'sign tokens'";
        let [id, sealed] = self.database.rows(sql).remove(0).try_into().unwrap();
        let keyring = Keyring::parse(&Secret::new(SEAL_KEY.to_owned())).unwrap();
        let place = Place { table: "server_key", parts: &["sign tokens", &id] };
        Tokens::new(id.clone(), &keyring.open(&sealed, place).unwrap(), lifetime())
    }

    /// Somebody without a token.
    pub fn stranger(&self) -> Client {
        Client::new(self.address)
    }

    /// Somebody who bears `token`.
    pub fn bearer(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.stranger() }
    }

    /// The first administrator, signed in.
    pub fn admin(&self) -> Client {
        let (id, secret) = self.made.clone().unwrap_or((ADMIN.0.to_owned(), ADMIN.1.to_owned()));
        self.signed_in(&id, &secret)
    }

    /// A new application with these roles and one access key, signed in.
    pub fn client(&self, name: &str, roles: &[&str]) -> Client {
        let admin = self.admin();
        let application = admin.new_application(name);
        for role in roles {
            admin.post(&format!("/api/applications/{application}/roles/{role}"), None).is(200);
        }
        let (id, secret) = admin.new_key(&application);
        self.signed_in(&id, &secret)
    }

    /// Signs in with an access key.
    pub fn signed_in(&self, id: &str, secret: &str) -> Client {
        let answer = self.stranger().sign_in(id, secret).ok();
        let mut client = self.bearer(answer["token"].as_str().unwrap());
        let user = client.get("/api/token/userInfo").ok();
        user["id"].as_str().unwrap().clone_into(&mut client.user);
        client.user.strip_prefix("app:").unwrap().clone_into(&mut client.application);
        (client.key, client.secret) = (id.to_owned(), secret.to_owned());
        client
    }

    fn stop(&mut self) {
        drop(self.handle.stop(false));
        let stopped = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            stopped.unwrap().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.stop();
        }
    }
}

/// What an operator has set.
fn settings() -> Settings {
    Settings { resolve: true, ..Settings::from(lifetime()) }
}

/// How long tokens live.
fn lifetime() -> Lifetime {
    Lifetime { default: Duration::from_secs(3600), max: Duration::from_secs(7200) }
}

/// Somebody who calls the server, one request after the other.
pub struct Client {
    address: SocketAddr,
    from: Option<Ipv4Addr>,
    open: RefCell<Option<(BufReader<TcpStream>, Instant)>>,
    pub token: Option<String>,
    /// Their user id, `app:<application>`.
    pub user: String,
    pub application: String,
    pub key: String,
    pub secret: String,
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let [user, application, key, secret] = [const { String::new() }; 4];
        let open = RefCell::new(None);
        Self { address, from: None, open, token: None, user, application, key, secret }
    }

    /// The same, calling from another address of this machine.
    pub fn from(mut self, address: Ipv4Addr) -> Self {
        self.from = Some(address);
        self
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None)
    }

    pub fn post(&self, path: &str, body: Option<&Value>) -> Answer {
        self.call("POST", path, body)
    }

    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None)
    }

    pub fn sign_in(&self, id: &str, secret: &str) -> Answer {
        self.post("/api/token", Some(&json!({"keyId": id, "keySecret": secret})))
    }

    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        self.send(method, path, &[], body)
    }

    /// Sends one request with these headers beside the token.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let body = body.map(Value::to_string);
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\n");
        let token = self.token.as_deref().map(|token| ("X-Authorization", token));
        for (name, value) in token.iter().chain(headers) {
            request.extend([name, ": ", value, "\r\n"]);
        }
        if let Some(body) = &body {
            let length = body.len().to_string();
            request.push_str("Content-Type: application/json\r\n");
            request.extend(["Content-Length: ", &length, "\r\n"]);
        }
        request.extend(["\r\n", &body.unwrap_or_default()]);
        let (mut connection, _) = self
            .open
            .take()
            .filter(|(_, used)| used.elapsed() < FRESH)
            .unwrap_or_else(|| (self.connect(), Instant::now()));
        connection.get_mut().write_all(request.as_bytes()).unwrap();
        let answer = Answer::read(&mut connection);
        if answer.header("connection") != Some("close") {
            self.open.replace(Some((connection, Instant::now())));
        }
        answer
    }

    fn connect(&self) -> BufReader<TcpStream> {
        let stream = match self.from {
            None => TcpStream::connect(self.address).unwrap(),
            Some(address) => System::new().block_on(async {
                let socket = TcpSocket::new_v4().unwrap();
                socket.bind((address, 0).into()).unwrap();
                socket.connect(self.address).await.unwrap().into_std().unwrap()
            }),
        };
        stream.set_nonblocking(false).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        BufReader::new(stream)
    }

    /// Makes an application, and gives its id.
    #[track_caller]
    pub fn new_application(&self, name: &str) -> String {
        let made = self.post("/api/applications", Some(&json!({"name": name}))).ok();
        made["id"].as_str().unwrap().to_owned()
    }

    /// Makes an access key, and gives its id and secret.
    #[track_caller]
    pub fn new_key(&self, application: &str) -> (String, String) {
        let path = format!("/api/applications/{application}/accessKeys");
        issued(&self.post(&path, None).ok())
    }

    /// Makes an integration with the resource `gpt`.
    #[track_caller]
    pub fn new_integration(&self, name: &str) {
        self.post(&format!("/api/integrations/provider/{name}"), Some(&integration())).is(200);
        self.new_resource(name, "gpt");
    }

    /// The id of an integration in Arize's dialect.
    #[track_caller]
    pub fn arize_id(&self, name: &str) -> String {
        let found = self.get(&format!("/v2/integrations?limit=100&name={name}")).ok();
        let found = found["integrations"].as_array().unwrap();
        let one = found.iter().find(|one| one["name"] == name).unwrap();
        one["id"].as_str().unwrap().to_owned()
    }

    /// Makes a resource.
    #[track_caller]
    pub fn new_resource(&self, integration: &str, name: &str) {
        let path = format!("/api/integrations/provider/{integration}/integration/{name}");
        self.post(&path, Some(&resource())).is(200);
    }

    /// Makes a group with these roles.
    #[track_caller]
    pub fn new_group(&self, id: &str, roles: &[&str]) {
        let body = json!({"description": "made here", "roles": roles});
        self.put(&format!("/api/groups/{id}"), &body).is(200);
    }

    /// Makes a person without roles.
    #[track_caller]
    pub fn new_user(&self, id: &str) {
        self.put(&format!("/api/users/{id}"), &json!({"name": "made here"})).is(200);
    }

    /// Makes a custom role.
    #[track_caller]
    pub fn new_role(&self, name: &str, permissions: &[&str]) {
        let body = json!({"name": name, "permissions": permissions});
        self.post("/api/roles", Some(&body)).is(200);
    }

    /// Tries to grant `accesses` on a target to a subject, each a pair of type and id.
    pub fn try_grant(&self, to: (&str, &str), on: (&str, &str), accesses: &[&str]) -> Answer {
        self.post("/api/auth/authorization", Some(&authorization(to, on, accesses)))
    }

    #[track_caller]
    pub fn grant(&self, to: (&str, &str), on: (&str, &str), accesses: &[&str]) {
        self.try_grant(to, on, accesses).is(200);
    }

    #[track_caller]
    pub fn revoke(&self, to: (&str, &str), on: (&str, &str), accesses: &[&str]) {
        let body = authorization(to, on, accesses);
        self.call("DELETE", "/api/auth/authorization", Some(&body)).is(200);
    }
}

/// The id and secret of a key that was just made.
pub fn issued(key: &Value) -> (String, String) {
    (key["id"].as_str().unwrap().to_owned(), key["secret"].as_str().unwrap().to_owned())
}

/// An answer of the server.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub text: String,
}

impl Answer {
    fn read(input: &mut impl BufRead) -> Self {
        let mut line = String::new();
        input.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = vec![];
        loop {
            line.clear();
            input.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let mut answer = Self { status, headers, text: String::new() };
        let length = answer.header("content-length").unwrap_or("0");
        let mut body = vec![0; length.parse().unwrap()];
        input.read_exact(&mut body).unwrap();
        answer.text = String::from_utf8(body).unwrap();
        answer
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, or null.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Its JSON, given that all went well.
    #[track_caller]
    pub fn ok(self) -> Value {
        self.is(200);
        self.json()
    }

    #[track_caller]
    pub fn is(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.text);
    }

    /// That it has this status and says this.
    #[track_caller]
    pub fn says(&self, status: u16, words: &str) {
        self.is(status);
        assert!(self.text.contains(words), "{words:?} is not in {}", self.text);
    }
}
