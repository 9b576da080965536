//! Who may do what: the access model of `docs/access.md`, on real servers.

#![allow(clippy::unwrap_used, missing_docs)]

mod api_keys;
mod arize;
#[path = "../support/database.rs"]
mod database;
mod matrix;
mod requests;
mod revocation;
mod rules;
mod sign_in;
mod support;
