//! What only a PostgreSQL has, and what both databases must have in common: the real binary,
//! on databases of both kinds.

#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "../process/client.rs"]
mod client;
mod copy;
#[path = "../support/database.rs"]
mod database;
mod migration;
mod same;
mod start;
#[allow(dead_code, reason = "a part of it is enough here")]
#[path = "../process/support.rs"]
mod support;
mod tls;

use database::Database;
use support::{Folder, Launch};

/// A server on `database`, about to run.
fn launch(folder: &Folder, database: &Database) -> Launch {
    let launch = Launch::new(folder).env("PODIUM_DATABASE_URL", database.url());
    database.environment().into_iter().fold(launch, |launch, (name, value)| launch.env(name, value))
}

/// The URL of a database on PostgreSQL with another host, and these parameters.
fn url(database: &Database, host: &str, parameters: &str) -> String {
    let url = database.url();
    let (place, _) = url.split_once('?').unwrap();
    let (user, place) = place.split_once('@').unwrap();
    let (_, place) = place.split_once(':').unwrap();
    format!("{user}@{host}:{place}?{parameters}")
}
