//! The database: whether it can be read, is whole, and is what this program and this key expect.

use std::cmp::Ordering;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use super::{Findings, clock};
use crate::cli::open;
use crate::registry::{Content, Opens, inspect};
use crate::seal::Keyring;
use crate::storage::facts::{Facts, PostgresFacts, SqliteFacts};
use crate::storage::{Source, Url, migrate};

const CHECK: &str = "database";

/// A write-ahead log that is larger than this, in bytes, was held up by somebody who reads.
const LONG_LOG: u64 = 256 << 20;

/// The first version of PostgreSQL that the tests run on.
const TESTED: u32 = 15;

/// Looks at the database, with the seal keys if there are any.
pub async fn check(database: &Url, ring: Option<Arc<Keyring>>, found: &mut Findings) {
    if open::must_exist(database).is_err() {
        return found.warn(CHECK, format!("there is no {database} yet: a start makes it"));
    }
    let source = match Source::open(database) {
        Ok(source) => source,
        Err(error) => return found.fail(CHECK, error.to_string()),
    };
    match source.facts().await {
        Ok(Facts::Sqlite(facts)) => embedded(database, &facts, found),
        Ok(Facts::Postgres(facts)) => postgres(database, &facts, found),
        Err(error) => found.fail(CHECK, open::told(error).to_string()),
    }
    match inspect(&source, ring).await {
        Ok(registry) => {
            schema(registry.schema, found);
            if let Some(content) = &registry.content {
                show(content, found);
            }
        }
        Err(error) => found.fail("registry", open::told(error).to_string()),
    }
}

fn embedded(database: &Url, facts: &SqliteFacts, found: &mut Findings) {
    let served = if facts.is_served { "a server" } else { "no server" };
    found.ok(CHECK, format!("{database} can be read; {served} is running on it"));
    match facts.problems.first() {
        None => found.ok("integrity", "SQLite finds every page in order"),
        Some(first) => {
            let hint = "stop the server, and restore a backup (podium restore --force)";
            found.fail("integrity", format!("{first}: {hint}"));
        }
    }
    if facts.is_served && facts.journal != "wal" {
        found.fail("journal", format!("the mode is {} and not wal", facts.journal));
    }
    if facts.log_bytes > LONG_LOG {
        let size = facts.log_bytes >> 20;
        let hint = "somebody reads for long; it is emptied when they have ended";
        found.warn("journal", format!("the write-ahead log has {size} MiB: {hint}"));
    }
    if let Url::Sqlite(path) = database {
        others_can_read(path, found);
    }
}

fn others_can_read(path: &Path, found: &mut Findings) {
    let mode = path.metadata().map(|about| about.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        let file = path.display();
        found.warn("permissions", format!("others can open {file}: chmod 600 {file}"));
    }
}

fn postgres(database: &Url, facts: &PostgresFacts, found: &mut Findings) {
    let PostgresFacts { version, servers, max_connections, .. } = facts;
    found.ok(
        CHECK,
        format!(
            "{database} can be read; servers have {servers} of at most {max_connections} \
             connections to it"
        ),
    );
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major < TESTED) {
        let told = format!("PostgreSQL {version} is older than {TESTED}, which the tests run on");
        found.warn("version", told);
    } else {
        found.ok("version", format!("PostgreSQL {version}"));
    }
    if facts.is_standby {
        found.fail("primary", "it is a standby: name the primary, or all hosts, in the URL");
    }
    if facts.encoding != "UTF8" {
        let told = format!("the encoding is {}: make the database with UTF8", facts.encoding);
        found.fail("encoding", told);
    }
    for (name, value) in facts.durability.iter().filter(|(_, value)| value == "off") {
        if name == "synchronous_commit" {
            let told =
                "synchronous_commit is off; servers turn it on for themselves, others do not";
            found.warn("durability", told);
        } else {
            let told = format!("{name} is {value}: a crash can lose everything");
            found.fail("durability", told);
        }
    }
    let exposed = matches!(database, Url::Postgres(settings) if settings.is_exposed());
    match (&facts.tls, exposed) {
        (tls, true) => {
            let tls = tls.as_deref().unwrap_or("not encrypted");
            let hint = "and nobody verifies the other end: use sslmode=verify-full";
            found.warn("connection", format!("{tls}, {hint}"));
        }
        (Some(tls), false) => found.ok("connection", tls),
        (None, false) => found.ok("connection", "not encrypted, and of this machine"),
    }
    clock::compare("the database", facts.now, found);
}

fn schema(version: i64, found: &mut Findings) {
    let known = migrate::VERSION;
    match version.cmp(&known) {
        Ordering::Equal => found.ok("schema", format!("version {version}")),
        Ordering::Less => {
            let hint = "make a backup with the podium that serves it before";
            let told = format!("the next start brings version {version} to {known}: {hint}");
            found.warn("schema", told);
        }
        Ordering::Greater => {
            let told = format!("version {version} is newer than this podium's {known}");
            found.fail("schema", format!("{told}: use a newer podium"));
        }
    }
}

fn show(content: &Content, found: &mut Findings) {
    match content.opens {
        None | Some(Opens::Nothing) => {}
        Some(Opens::Wrong) => {
            found.fail("seal", "the seal key is not the one that sealed this database");
        }
        Some(Opens::Keys { lost: 0, .. }) => found.ok("seal", "the seal key opens what is sealed"),
        Some(Opens::Keys { lost, .. }) => {
            let hint = "put it after the present one";
            found.fail(
                "seal",
                format!("{lost} values were sealed with a key that is not there: {hint}"),
            );
        }
    }
    let told = format!("revision {}, {} records", content.revision, content.records);
    match content.opens {
        Some(Opens::Keys { end_is_sealed: false, .. }) => found.fail(
            "audit log",
            format!("{told}; its end is not as a server has written it: podium audit verify"),
        ),
        Some(Opens::Keys { .. }) => found.ok("audit log", format!("{told}; its end is sealed")),
        _ => found.ok("audit log", told),
    }
    if content.has_administrator {
        found.ok("administrator", "there is one who can sign in");
    } else {
        found.warn(
            "administrator",
            "nobody can sign in as one: the next start makes one, or podium key recover does",
        );
    }
    if let Some(newest) = content.newest {
        clock::not_before(newest, found);
    }
}
