//! Tests of three servers on one PostgreSQL: what one acknowledges the others know, and what all
//! of them do while the database is away.
//!
//! `PODIUM_TEST_POSTGRES` names a PostgreSQL to make databases on, as a superuser;
//! `tests/with-postgres` starts one. `PODIUM_TEST_ROUNDS` multiplies how often everything is done.

#![allow(clippy::unwrap_used, missing_docs)]

mod away;
#[path = "../process/client.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod client;
mod connections;
mod crash;
mod database;
mod first_start;
mod lost_commits;
mod people;
mod proxy;
mod races;
#[path = "../process/random.rs"]
mod random;
mod resurrection;
mod revocation;
mod seal_keys;
mod sign_in;
mod site;
mod stalls;
#[path = "../process/support.rs"]
#[allow(dead_code, reason = "a part of it is enough here")]
mod support;
mod visibility;
