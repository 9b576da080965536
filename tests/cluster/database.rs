//! A database of its own for each test, on the PostgreSQL that the environment names.

use postgres::types::ToSql;
use postgres::{Client, NoTls};
use uuid::Uuid;

/// A database, which is dropped with this.
pub struct Database {
    name: String,
    /// User and password of its URL.
    login: String,
    /// Host and port, as in `127.0.0.1:5432`.
    pub address: String,
    /// What its URL says of how to connect.
    parameters: String,
}

impl Database {
    pub fn new() -> Self {
        Self::on(&std::env::var("PODIUM_TEST_POSTGRES").unwrap_or_else(|_| {
            panic!("PODIUM_TEST_POSTGRES names no PostgreSQL; run tests/with-postgres cargo test --test cluster")
        }))
    }

    /// A database on the PostgreSQL of this URL.
    pub fn on(url: &str) -> Self {
        let rest = url.strip_prefix("postgres://").unwrap();
        let (login, rest) = rest.split_once('@').unwrap();
        let (address, rest) = rest.split_once('/').unwrap();
        let (_, parameters) = rest.split_once('?').unwrap_or_default();
        let name = format!("cluster_{}", Uuid::now_v7().simple());
        let [login, address, parameters] = [login, address, parameters].map(str::to_owned);
        let database = Self { name, login, address, parameters };
        database.order("CREATE DATABASE");
        database
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.url_through(&self.address)
    }

    /// Its URL by way of another address.
    pub fn url_through(&self, address: &str) -> String {
        self.url_of(address, &self.name)
    }

    fn url_of(&self, address: &str, name: &str) -> String {
        format!("postgres://{}@{address}/{name}?{}", self.login, self.parameters)
    }

    /// A connection to it.
    pub fn look(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap()
    }

    /// A connection to the PostgreSQL, beside the database.
    fn beside(&self) -> Client {
        self.try_beside().unwrap()
    }

    fn try_beside(&self) -> Result<Client, postgres::Error> {
        Client::connect(&self.url_of(&self.address, "postgres"), NoTls)
    }

    /// Runs `words`, with the name of the database behind them.
    fn order(&self, words: &str) {
        self.beside().batch_execute(&format!("{words} {}", self.name)).unwrap();
    }

    /// The number that `sql` selects.
    pub fn count(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> i64 {
        self.look().query_one(sql, parameters).unwrap().get(0)
    }

    /// A watch over the connections of its servers.
    pub fn watch(&self) -> Watch {
        Watch { client: self.beside(), database: self.name.clone() }
    }

    /// Forgets all failed sign-ins.
    pub fn forgive(&self) {
        self.look().batch_execute("DELETE FROM sign_in_failure").unwrap();
    }

    /// Whether anybody is let in.
    pub fn answers(&self) -> bool {
        Client::connect(&self.url(), NoTls).is_ok()
    }

    /// Lets nobody in any more, and throws everybody out.
    pub fn shut(&self) {
        let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name);
        self.beside().batch_execute(&sql).unwrap();
        self.watch().end_all();
    }

    /// Lets everybody in again.
    pub fn open(&self) {
        let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name);
        self.beside().batch_execute(&sql).unwrap();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Ok(mut client) = self.try_beside() {
            let _ = client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

/// What PostgreSQL tells of the connections of Podium's servers.
pub struct Watch {
    client: Client,
    database: String,
}

impl Watch {
    /// The process behind any one of them.
    pub fn process(&mut self) -> Option<i32> {
        let sql = "SELECT pid FROM pg_stat_activity
                   WHERE datname = $1 AND application_name = 'podium' LIMIT 1";
        let found = self.client.query_opt(sql, &[&self.database]).unwrap();
        found.map(|row| row.get(0))
    }

    /// How many there are.
    pub fn connections(&mut self) -> i64 {
        let sql = "SELECT COUNT(*) FROM pg_stat_activity
                   WHERE datname = $1 AND application_name = 'podium'";
        self.client.query_one(sql, &[&self.database]).unwrap().get(0)
    }

    /// Ends any one of them.
    pub fn end_any(&mut self) -> bool {
        let sql = "SELECT pg_terminate_backend(pid) FROM
                   (SELECT pid FROM pg_stat_activity
                    WHERE datname = $1 AND application_name = 'podium'
                    ORDER BY random() LIMIT 1) AS one";
        self.end(sql)
    }

    /// Ends any one of those that write just now, or wait for their turn to.
    pub fn end_a_writer(&mut self) -> bool {
        let sql = "SELECT pg_terminate_backend(pid) FROM
                   (SELECT pid FROM pg_locks JOIN pg_database ON oid = database
                    WHERE datname = $1 AND locktype = 'advisory'
                    ORDER BY random() LIMIT 1) AS one";
        self.end(sql)
    }

    fn end_all(&mut self) {
        self.end("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1");
    }

    /// Whether there was one to end.
    fn end(&mut self, sql: &str) -> bool {
        !self.client.query(sql, &[&self.database]).unwrap().is_empty()
    }
}
