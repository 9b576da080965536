//! A real server for each test, and the people who call it.

use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use actix_web::web::Data;
use data_encoding::BASE64URL_NOPAD;
use podium::auth::tokens::Lifetime;
use podium::domain::prompt::Label;
use podium::domain::secret::Secret;
use podium::http::Options;
use podium::registry::{AdminKey, Registry, Settings};
use podium::seal::Keyring;
use serde_json::{Value, json};

pub use crate::client::{Client, Response};
use crate::database::Database;

/// The base path of most routes.
pub const PROVIDER: &str = "/api/integrations/provider";

/// How long tokens of the test servers live, in seconds.
pub const LIFE: i64 = 3600;

/// How long they live at the most, in seconds.
pub const LONGEST_LIFE: i64 = 7200;

/// The administrator's access key.
pub const ADMIN: (&str, &str) = ("admin-key", "admin-secret-0123456789");

/// The key that seals secrets.
pub const SEAL_KEY: &str = "a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4e5f60718";

/// A server in this process, with a database of its own.
pub struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    /// What it stores its things in.
    pub database: Database,
}

impl Server {
    /// Starts one on a new database.
    pub fn start() -> Self {
        Self::start_with(settings())
    }

    /// Starts one whose operator has set this.
    pub fn start_with(settings: Settings) -> Self {
        Self::on(&Database::new(), SEAL_KEY, settings)
    }

    /// Starts one on this database with these seal keys, and comes back when it is bound.
    pub fn on(database: &Database, keys: &str, settings: Settings) -> Self {
        let (database, opened) = (database.clone(), database.clone());
        let keys = Secret::new(keys.to_owned());
        let (ready, started) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            System::new().block_on(async move {
                let db = opened.open().unwrap();
                let keyring = Keyring::parse(&keys).unwrap();
                let registry = Registry::open(db, keyring, settings).await.unwrap();
                let (id, secret) = ADMIN;
                let key = AdminKey { id: id.to_owned(), secret: Secret::new(secret.to_owned()) };
                registry.first_administrator(Some(key)).await.unwrap();
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let registry = Data::new(registry);
                let server =
                    podium::http::Server::on(listener, registry.clone(), Options::default())
                        .unwrap();
                ready.send((server.address(), server.handle())).unwrap();
                server.run().await.unwrap();
                // The database is free for the next start when the workers have let go of it.
                let registry = registry.into_inner();
                while Arc::strong_count(&registry) > 1 {
                    std::thread::yield_now();
                }
            });
        });
        let (address, handle) = started.recv().unwrap();
        Self { address, handle, thread: Some(thread), database }
    }

    /// Somebody without a token.
    pub fn stranger(&self) -> Client {
        Client::new(self.address, None)
    }

    /// Somebody who bears `token`.
    pub fn bearer(&self, token: &str) -> Client {
        Client::new(self.address, Some(token.to_owned()))
    }

    /// The first administrator, signed in.
    pub fn admin(&self) -> Client {
        self.signed_in(ADMIN.0, ADMIN.1)
    }

    /// A new application with these roles and one access key, signed in.
    pub fn client(&self, name: &str, roles: &[&str]) -> Client {
        let admin = self.admin();
        let application = admin.post("/api/applications", &json!({"name": name})).ok();
        let application = application["id"].as_str().unwrap();
        for role in roles {
            admin.call("POST", &format!("/api/applications/{application}/roles/{role}")).done();
        }
        let (id, secret) = admin.new_key(application);
        let mut client = self.signed_in(&id, &secret);
        application.clone_into(&mut client.application);
        client
    }

    /// A new application without roles but with these accesses on one thing, signed in.
    pub fn granted(&self, name: &str, on: (&str, &str), accesses: &[&str]) -> Client {
        let client = self.client(name, &[]);
        self.grant(("USER", &client.subject), on, accesses);
        client
    }

    /// Grants a subject these accesses on a thing, each of both a pair of type and id.
    #[track_caller]
    pub fn grant(&self, to: (&str, &str), on: (&str, &str), accesses: &[&str]) {
        let body = json!({
            "subject": {"type": to.0, "id": to.1},
            "target": {"type": on.0, "id": on.1},
            "access": accesses,
        });
        self.admin().post("/api/auth/authorization", &body).ok();
    }

    /// Signs in with an access key.
    pub fn signed_in(&self, id: &str, secret: &str) -> Client {
        let body = json!({"keyId": id, "keySecret": secret});
        let answer = self.stranger().post("/api/token", &body).ok();
        let token = answer["token"].as_str().unwrap();
        let mut client = self.bearer(token);
        claims(token)["sub"].as_str().unwrap().clone_into(&mut client.subject);
        (client.key, client.secret) = (id.to_owned(), secret.to_owned());
        client
    }

    /// Runs `work`, which must change nothing and leave no record.
    #[track_caller]
    pub fn unchanged<T>(&self, work: impl FnOnce() -> T) {
        let records = self.without_change(work);
        assert!(records.is_empty(), "{records:?}");
    }

    /// As [`Server::unchanged`], and gives what `work` gives.
    #[track_caller]
    pub fn unchanging<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut given = None;
        self.unchanged(|| given = Some(work()));
        given.unwrap()
    }

    /// Runs `work`, which must change nothing, and gives the one record it leaves: a refusal, as
    /// in `denied UPDATE INTEGRATION_PROVIDER main`.
    #[track_caller]
    pub fn denied<T>(&self, work: impl FnOnce() -> T) -> String {
        let mut records = self.without_change(work);
        assert!(records.len() == 1 && records[0].starts_with("denied "), "{records:?}");
        records.remove(0)
    }

    /// Runs `work`, which must change nothing, and gives the records it leaves.
    #[track_caller]
    pub fn without_change<T>(&self, work: impl FnOnce() -> T) -> Vec<String> {
        let before = self.database.state();
        let records = self.records_of(work);
        let after = self.database.state();
        let changed: Vec<_> = before.symmetric_difference(&after).collect();
        assert!(changed.is_empty(), "changed: {changed:#?}");
        records
    }

    /// Runs `work`, which must change nothing, and of which nothing is recorded but sign-ins that
    /// fail.
    #[track_caller]
    pub fn failed<T>(&self, work: impl FnOnce() -> T) -> Vec<String> {
        let records = self.without_change(work);
        assert!(records.iter().all(|record| record.starts_with("failed ")), "{records:?}");
        records
    }

    /// Runs `work` and gives the records it leaves in the audit log.
    #[track_caller]
    pub fn records_of<T>(&self, work: impl FnOnce() -> T) -> Vec<String> {
        let before = self.database.last_record();
        work();
        self.database.audit_after(&before)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        let stopped = self.thread.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            stopped.unwrap().unwrap();
        }
    }
}

/// What an operator has set: that secrets are resolved, and one label is protected.
pub fn settings() -> Settings {
    let protected_labels = vec![Label::parse("production").unwrap()];
    Settings { resolve: true, protected_labels, ..Settings::from(lifetime()) }
}

/// How long tokens live.
pub fn lifetime() -> Lifetime {
    let seconds = |seconds: i64| Duration::from_secs(seconds.unsigned_abs());
    Lifetime { default: seconds(LIFE), max: seconds(LONGEST_LIFE) }
}

/// What a token says.
pub fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

/// Whether a value is a mask, whichever.
pub fn is_mask(value: &Value) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.len() == 20 && text.starts_with("****") && text[12..16] == *"****")
}

/// What saves an integration of the type `openai` with this API key.
pub fn openai(api_key: &str) -> Value {
    json!({
        "type": "openai",
        "category": "AI_MODEL",
        "description": "team account",
        "enabled": true,
        "configuration": {"api_key": api_key, "endpoint": "https://api.example.org"},
    })
}

/// What saves a resource.
pub fn model() -> Value {
    json!({"description": "chat", "enabled": true, "configuration": {}})
}
