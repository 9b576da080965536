//! Secrets, and where they must never be seen: in an answer, a log, a file, or the process list.

#![allow(clippy::unwrap_used, missing_docs)]

mod arize;
mod client;
mod credentials;
#[path = "../support/database.rs"]
mod database;
mod encodings;
mod leaks;
mod manifests;
mod no_store;
mod places;
mod reads;
mod refused;
#[path = "../access/requests.rs"]
mod requests;
mod scanner;
mod secrets;
mod server;
mod shown_once;
mod stored;
mod support;
mod world;
