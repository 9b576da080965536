//! A look into the database behind the server's back.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use podium::auth::tokens::Tokens;
use podium::domain::secret::Secret;
use podium::seal::{Keyring, Place};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use crate::support::{SEAL_KEY, each_database, lifetime, model, openai};

/// Nothing here takes that long; a test that waits for it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a sign-in leaves alone of an access key.
const ACCESS_KEY: &str = "id, application_id, secret_hash, active, created_on, expires_on";

/// The database of a server.
pub struct Database {
    file: PathBuf,
}

impl Database {
    /// The SQLite database in `file`.
    pub fn at(file: PathBuf) -> Self {
        Self { file }
    }

    /// The rows of a query, every value as text.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        rows(&self.open(), sql)
    }

    fn open(&self) -> Connection {
        Connection::open_with_flags(&self.file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }

    /// Opens it behind the server's back.
    fn open_to_write(&self) -> Connection {
        let connection = Connection::open(&self.file).unwrap();
        connection.busy_timeout(PATIENCE).unwrap();
        connection
    }

    /// Changes rows as somebody would who has the file but not the seal key.
    pub fn tamper(&self, sql: &str) {
        assert!(self.open_to_write().execute(sql, []).unwrap() > 0, "{sql}");
    }

    /// The first column of the rows of a query.
    pub fn column(&self, sql: &str) -> Vec<String> {
        self.rows(sql).into_iter().map(|row| row.into_iter().next().unwrap()).collect()
    }

    /// Runs statements behind the server's back.
    pub fn execute(&self, sql: &str) {
        self.open_to_write().execute_batch(sql).unwrap_or_else(|error| panic!("{error} in {sql}"));
    }

    /// Keeps everybody else from writing until what this gives is dropped.
    pub fn hold(&self) -> Connection {
        let connection = self.open_to_write();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        connection
    }

    /// Every value of a table.
    pub fn values(&self, table: &str) -> Vec<Vec<Value>> {
        let connection = Connection::open(&self.file).unwrap();
        let mut query = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = query.column_count();
        let rows = query.query_map([], |row| (0..columns).map(|index| row.get(index)).collect());
        rows.unwrap().collect::<Result<_, _>>().unwrap()
    }

    /// Makes these the rows of a table, behind the server's back.
    pub fn replace(&self, table: &str, rows: &[Vec<Value>]) {
        let mut connection = self.open_to_write();
        let tx = connection.transaction().unwrap();
        tx.execute(&format!("DELETE FROM {table}"), []).unwrap();
        for row in rows {
            let places = vec!["?"; row.len()].join(", ");
            let sql = format!("INSERT INTO {table} VALUES ({places})");
            tx.execute(&sql, rusqlite::params_from_iter(row)).unwrap();
        }
        tx.commit().unwrap();
    }

    /// The names of its tables.
    pub fn tables(&self) -> Vec<String> {
        self.column("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    }

    /// Everything but the audit log, as one text a row; equal when nothing was changed.
    pub fn state(&self) -> BTreeSet<String> {
        let mut rows = self.contents();
        rows.insert(format!("revision {}", self.revision()));
        rows
    }

    /// Everything but the audit log and the number of the latest change.
    pub fn contents(&self) -> BTreeSet<String> {
        let mut state = BTreeSet::new();
        let connection = self.open();
        for table in self.tables() {
            // What signing in notes is no change of the registry.
            if !["audit", "audit_head", "revision", "sign_in_failure"].contains(&table.as_str()) {
                let sql = match table.as_str() {
                    "access_key" => format!("SELECT {ACCESS_KEY} FROM access_key"),
                    table => format!("SELECT * FROM {table}"),
                };
                let rows = rows(&connection, &sql);
                state.extend(rows.into_iter().map(|row| format!("{table} {}", row.join(" | "))));
            }
        }
        state
    }

    /// The audit log from the record after `seq`, as in `done CREATE INTEGRATION_PROVIDER main`.
    pub fn audit_after(&self, seq: &str) -> Vec<String> {
        let sql = "SELECT outcome, access, target_kind, target_id FROM audit WHERE seq > ";
        let rows = self.rows(&format!("{sql} {seq} ORDER BY seq"));
        rows.into_iter().map(|row| row.join(" ")).collect()
    }

    /// How many records the audit log has.
    pub fn records(&self) -> usize {
        self.column("SELECT count(*) FROM audit")[0].parse().unwrap()
    }

    /// The number of the latest record of the audit log.
    pub fn last_record(&self) -> String {
        self.column("SELECT max(seq) FROM audit").remove(0)
    }

    /// The number of the latest change.
    pub fn revision(&self) -> i64 {
        self.column("SELECT number FROM revision")[0].parse().unwrap()
    }

    /// The sealed secrets, each with its holder and path in front.
    pub fn secrets(&self) -> Vec<Vec<String>> {
        self.rows(
            "SELECT integration, resource, path, destination, sealed FROM secret ORDER BY 1, 2, 3",
        )
    }

    /// The secret in clear that is sealed at this place.
    pub fn opened(&self, integration: &str, resource: &str, path: &str) -> String {
        let here = [integration, resource, path];
        let row = self.secrets().into_iter().find(|row| row[..3] == here).unwrap();
        let parts: Vec<&str> = row[..4].iter().map(String::as_str).collect();
        open(&row[4], Place { table: "secret", parts: &parts })
    }

    /// Every byte it keeps on disk.
    pub fn bytes(&self) -> Vec<u8> {
        let folder = self.file.parent().unwrap();
        let files = std::fs::read_dir(folder).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }

    /// What makes the same tokens as the server.
    pub fn tokens(&self) -> Tokens {
        let sql = "SELECT id, sealed FROM server_key WHERE purpose = 'sign tokens'";
        let [id, sealed] = self.rows(sql).remove(0).try_into().unwrap();
        let place = Place { table: "server_key", parts: &["sign tokens", &id] };
        Tokens::new(id.clone(), &Secret::new(open(&sealed, place)), lifetime())
    }
}

fn rows(connection: &Connection, sql: &str) -> Vec<Vec<String>> {
    let mut query = connection.prepare(sql).unwrap();
    let columns = query.column_count();
    let rows = query.query_map([], |row| (0..columns).map(|index| row.get(index)).collect());
    let rows: Vec<Vec<Value>> = rows.unwrap().collect::<Result<_, _>>().unwrap();
    rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
}

fn open(sealed: &str, place: Place<'_>) -> String {
    let keyring = Keyring::parse(&Secret::new(SEAL_KEY.to_owned())).unwrap();
    keyring.open(sealed, place).unwrap().expose().to_owned()
}

fn text(value: Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => format!("{bytes:?}"),
    }
}

#[test]
fn the_state_tells_whether_anything_was_changed() {
    each_database(|server| {
        let admin = server.admin();
        let path = "/api/integrations/provider/main";
        let before = server.database.state();
        admin.post(path, &openai("sk-1")).ok();
        let created = server.database.state();
        assert_ne!(before, created);
        admin.get(path).ok();
        assert_eq!(server.database.state(), created);
        admin.post(&format!("{path}/integration/gpt"), &model()).done();
        assert_ne!(server.database.state(), created);
    });
}

#[test]
fn the_database_is_sound_and_has_the_tables_of_the_schema() {
    let schema = include_str!("../../schema.sql");
    let mut expected: Vec<_> = schema
        .split("CREATE TABLE ")
        .skip(1)
        .map(|rest| rest.split([' ', '(']).next().unwrap().to_owned())
        .collect();
    expected.sort();
    each_database(|server| {
        let admin = server.admin();
        admin.post("/api/integrations/provider/main", &openai("sk-1")).ok();
        let mut tables = server.database.tables();
        tables.retain(|table| table != "schema_version");
        assert_eq!(tables, expected);
        assert_eq!(server.database.column("PRAGMA integrity_check"), ["ok"]);
        assert!(server.database.rows("PRAGMA foreign_key_check").is_empty());
    });
}
