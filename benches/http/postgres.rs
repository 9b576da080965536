//! The PostgreSQL that `tests/with-postgres` runs, and `pgbench`, its own load generator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use super::load::Counted;
use super::records::Size;
use super::{Outcome, machine};

/// The settings without which a commit is not durable.
const DURABLE: [&str; 3] = ["fsync", "full_page_writes", "synchronous_commit"];

/// The table that pgbench writes to.
const RAW_TABLE: &str = "CREATE TABLE raw_resource (LIKE resource INCLUDING ALL);
    INSERT INTO raw_resource SELECT * FROM resource WHERE integration LIKE 'integration-%';
    ANALYZE raw_resource";

/// A running PostgreSQL.
pub struct Postgres {
    /// Its version.
    pub version: String,
    /// Where it keeps its files.
    pub folder: PathBuf,
    url: String,
    postmaster: u32,
}

impl Postgres {
    /// Finds it by the environment. One that does not wait for its disk is refused.
    pub fn find() -> Outcome<Self> {
        let setting = |name: &str| {
            let missing = |_| format!("{name} is missing: run this under tests/with-postgres");
            std::env::var(name).map_err(missing)
        };
        let url = setting("PODIUM_TEST_POSTGRES")?;
        let folder = PathBuf::from(setting("PODIUM_TEST_POSTGRES_FOLDER")?);
        let lock_file = fs::read_to_string(folder.join("data/postmaster.pid"))?;
        let postmaster = lock_file.lines().next().unwrap_or_default().parse()?;
        for name in DURABLE {
            if sql(&url, &format!("SHOW {name}"))? != "on" {
                let cause = "set PODIUM_TEST_POSTGRES_FSYNC=on for tests/with-postgres";
                return Err(format!("PostgreSQL has {name} off: {cause}").into());
            }
        }
        let version = sql(&url, "SHOW server_version")?;
        Ok(Self { version, folder, url, postmaster })
    }

    /// Makes an empty database and gives its URL.
    pub fn create(&self, name: &str) -> Outcome<String> {
        // The process makes the name a new one.
        let name = format!("bench_{name}_{}", std::process::id());
        sql(&self.url, &format!("CREATE DATABASE {name}"))?;
        let (server, database) = self.url.rsplit_once('/').ok_or("the URL names no database")?;
        let parameters = database.split_once('?').map_or("", |(_, parameters)| parameters);
        Ok(format!("{server}/{name}?{parameters}"))
    }

    /// The CPU time of all its processes so far.
    pub fn cpu(&self) -> Outcome<Duration> {
        machine::cpu_of_family(self.postmaster)
    }
}

/// Upserts by PostgreSQL itself: what is left of a save without Podium.
pub struct Raw {
    /// The statement, in a file.
    script: PathBuf,
    /// The database.
    url: String,
    size: Size,
}

impl Raw {
    /// Copies the resources of Podium's database to a table of the same shape.
    pub fn prepare(folder: &Path, url: String, size: Size) -> Outcome<Self> {
        sql(&url, RAW_TABLE)?;
        let script = folder.join("upsert.sql");
        fs::write(&script, include_str!("upsert.sql"))?;
        Ok(Self { script, url, size })
    }

    /// Keeps `connections` busy with upserts, each a durable transaction of its own.
    pub fn run(&self, connections: u32, seconds: u32) -> Outcome<Counted> {
        let Size { integrations, resources } = self.size;
        let output = Command::new("pgbench")
            .args(["--no-vacuum", "--protocol=prepared", "--file"])
            .arg(&self.script)
            .args([format!("--client={connections}"), format!("--jobs={}", connections.min(2))])
            .args([format!("--time={seconds}"), format!("--define=integrations={integrations}")])
            .arg(format!("--define=resources={resources}"))
            .arg(&self.url)
            .output()?;
        let text = said("pgbench", &output)?;
        let figure = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let figure = line.and_then(|line| line.split_whitespace().next());
            figure.ok_or_else(|| format!("pgbench does not tell `{name}`: {text}"))
        };
        let requests = figure("number of transactions actually processed:")?.parse()?;
        if requests == 0 {
            // All of the time went by while it connected.
            return Ok(Counted { errors: 1, ..Counted::default() });
        }
        let rate = figure("tps =")?.parse()?;
        let errors = figure("number of failed transactions:")?.parse()?;
        Ok(Counted { requests, rate, p50: None, p99: None, errors })
    }
}

/// What psql prints for these statements.
fn sql(url: &str, statements: &str) -> Outcome<String> {
    let mut psql = Command::new("psql");
    psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statements, url]);
    said("psql", &psql.output()?)
}

/// The output of a program that did not fail.
fn said(program: &str, output: &Output) -> Outcome<String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr)).into())
}
