//! What the tests read from the database itself, past the server.

use std::collections::BTreeSet;

use podium::auth::tokens::Tokens;
use podium::domain::secret::Secret;
use podium::seal::{Keyring, Place};

pub use crate::store::{Database, Text};
use crate::support::{SEAL_KEY, Server, lifetime, model, openai};

/// What a sign-in leaves alone of an access key.
const ACCESS_KEY: &str = "id, application_id, secret_hash, active, created_on, expires_on";

impl Database {
    /// Everything but the audit log, as one text a row; equal when nothing was changed.
    pub fn state(&self) -> BTreeSet<String> {
        let mut rows = self.contents();
        rows.insert(format!("revision {}", self.revision()));
        rows
    }

    /// Everything but the audit log and the number of the latest change.
    pub fn contents(&self) -> BTreeSet<String> {
        // What signing in notes is no change of the registry.
        let noted = ["access_key", "audit", "audit_head", "revision", "sign_in_failure"];
        let mut tables = self.tables();
        tables.retain(|table| !noted.contains(&table.as_str()));
        let mut found = self.all_lines(&tables);
        found.extend(self.lines("access_key", ACCESS_KEY));
        found
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

    /// What makes the same tokens as the server.
    pub fn tokens(&self) -> Tokens {
        let sql = "SELECT id, sealed FROM server_key WHERE purpose = 'sign tokens'";
        let [id, sealed] = self.rows(sql).remove(0).try_into().unwrap();
        let place = Place { table: "server_key", parts: &["sign tokens", &id] };
        Tokens::new(id.clone(), &Secret::new(open(&sealed, place)), lifetime())
    }
}

/// The tables that a schema makes, each after those that it refers to.
pub fn created(schema: &str) -> Vec<&str> {
    let made = schema.split("CREATE TABLE ").skip(1);
    made.map(|rest| rest.split([' ', '(']).next().unwrap()).collect()
}

fn open(sealed: &str, place: Place<'_>) -> String {
    let keyring = Keyring::parse(&Secret::new(SEAL_KEY.to_owned())).unwrap();
    keyring.open(sealed, place).unwrap().expose().to_owned()
}

#[test]
fn the_state_tells_whether_anything_was_changed() {
    let server = &Server::start();
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
}

#[test]
fn the_database_is_sound_and_has_the_tables_of_the_schema() {
    let mut expected = created(include_str!("../../schema.sql"));
    expected.sort_unstable();
    let server = &Server::start();
    let admin = server.admin();
    admin.post("/api/integrations/provider/main", &openai("sk-1")).ok();
    let mut tables = server.database.tables();
    tables.retain(|table| table != "schema_version");
    assert_eq!(tables, expected);
    server.database.assert_sound();
}
