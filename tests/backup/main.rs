//! `podium backup`, `podium restore` and `podium doctor`: the real binary on real files, under load,
//! killed, and with what is damaged.

#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "../process/client.rs"]
mod client;
mod damaged;
#[path = "../support/database.rs"]
mod database;
mod doctor;
#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "../process/database.rs"]
mod inside;
mod keys;
mod killed;
mod load;
mod postgres;
#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "../process/random.rs"]
mod random;
mod refused;
#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "../process/support.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::Path;

use database::Database;
use support::{Ended, Folder, Launch};

/// Tables that a restore adds to, since it is recorded.
const HISTORY: [&str; 4] = ["audit", "audit_head", "revision", "backup"];

/// Runs a command in a folder, with the settings that its database takes by default.
fn podium(folder: &Folder, arguments: &[&str]) -> Ended {
    Launch::bare(folder).args(arguments).run()
}

/// What a command printed that has done what it was told.
#[track_caller]
fn done(ended: &Ended) -> String {
    assert!(ended.status.success() && ended.err.is_empty(), "{ended:?}");
    ended.out.join("\n")
}

/// Every row of the SQLite file, but for its history.
fn content(file: &Path) -> BTreeSet<String> {
    let database = Database::at(file.to_owned());
    let mut tables = database.tables();
    tables.retain(|table| !HISTORY.contains(&&**table));
    assert!(tables.len() > 20, "{tables:?}");
    database.all_lines(&tables)
}

/// A folder with the seal key of another one, as on another host.
fn elsewhere(folder: &Folder) -> Folder {
    let other = Folder::new();
    std::fs::copy(folder.seal_key(), other.seal_key()).unwrap();
    other
}
