//! Three servers on one database.

use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::client::{Answer, Client};
use crate::database::Database;
use crate::random::setting;
use crate::support::{ADMIN_ID, ADMIN_SECRET, Folder, Launch, PATIENCE, Server};

/// The key that all servers seal with.
pub const SEAL_KEY: &str = "a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4e5f60718";

/// How many servers there are.
pub const SERVERS: usize = 3;

/// The integrations of Conductor's dialect.
pub const PROVIDER: &str = "/api/integrations/provider";

/// Three servers, and the database that they share. They end before the database is dropped.
pub struct Site {
    pub servers: Vec<Server>,
    pub database: Database,
    _folders: Vec<Folder>,
}

impl Site {
    /// Three servers that start at the same time on an empty database.
    pub fn new() -> Self {
        let database = Database::new();
        let urls = [(); SERVERS].map(|()| database.url());
        Self::on(database, &urls)
    }

    /// As [`Site::new`], where each reaches the database by a URL of its own.
    pub fn on(database: Database, urls: &[String]) -> Self {
        Self::with(database, urls, SEAL_KEY)
    }

    /// As [`Site::on`], with this seal key.
    pub fn with(database: Database, urls: &[String], seal_key: &str) -> Self {
        let folders: Vec<_> = urls.iter().map(|_| Folder::new()).collect();
        let launches = folders.iter().zip(urls).map(|(folder, url)| launch(folder, url, seal_key));
        let starting: Vec<_> = launches.map(Launch::spawn).collect();
        let servers = starting.into_iter().map(|process| {
            let listening = process.listening();
            listening.unwrap_or_else(|ended| panic!("never listened: {}", ended.output()))
        });
        Self { servers: servers.collect(), database, _folders: folders }
    }

    /// A client of each server that bears `token`.
    pub fn clients(&self, token: &str) -> Vec<Client> {
        self.servers.iter().map(|server| server.client(Some(token))).collect()
    }

    /// The administrator, as a client of each server.
    pub fn admins(&self) -> Vec<Client> {
        self.clients(&self.servers[0].stranger().sign_in(ADMIN_ID, ADMIN_SECRET).unwrap())
    }

    /// Sees that the whole audit log holds together, and that it has a record of each change.
    pub fn assert_audited(&self, admin: &Client) {
        let verified = call(admin, "GET /api/audit/verify", Value::Null);
        verified.is(200);
        assert_eq!(verified.json()["firstBad"], Value::Null, "{verified:?}");
        let changes = self.database.count("SELECT number FROM revision", &[]);
        let recorded = "SELECT COUNT(DISTINCT revision) FROM audit WHERE outcome = 'done'";
        assert_eq!(self.database.count(recorded, &[]), changes);
    }
}

/// The command line of a server.
pub fn launch(folder: &Folder, url: &str, seal_key: &str) -> Launch {
    Launch::new(folder)
        .env("PODIUM_DATABASE_URL", url)
        .env("PODIUM_SEAL_KEY", seal_key)
        .env("PODIUM_RESOLVE", "on")
}

/// Sends `line`, as in `GET /api/health`, with a body unless it is null, and gives its answer.
#[track_caller]
pub fn call(client: &Client, line: &str, body: Value) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    client.send(method, path, &[], (!body.is_null()).then_some(&body)).unwrap()
}

/// As [`call`], which must be answered with 200, 201 or 204.
#[track_caller]
pub fn done(client: &Client, line: &str, body: Value) -> Value {
    let answer = call(client, line, body);
    assert!(matches!(answer.status, 200 | 201 | 204), "{line}: {answer:?}");
    serde_json::from_str(&answer.body).unwrap_or_default()
}

/// How often something is done: `number` times what the environment says.
pub fn rounds(number: usize) -> usize {
    number * usize::try_from(setting("PODIUM_TEST_ROUNDS").unwrap_or(1)).unwrap()
}

/// Asks until it is so, or for too long.
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    until_done(what, || if is_so() { Ok(()) } else { Err(String::new()) });
}

/// As [`until`], where each attempt that failed says why.
#[track_caller]
pub fn until_done(what: &str, mut attempt: impl FnMut() -> Result<(), String>) {
    let began = Instant::now();
    while let Err(why) = attempt() {
        assert!(began.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}: {why}");
        thread::yield_now();
    }
}
