//! Secrets, and where they must never be seen: in an answer, a log, a file, or the process list.

#![allow(clippy::unwrap_used, missing_docs)]

mod client;
mod encodings;
mod no_store;
#[path = "../access/requests.rs"]
mod requests;
mod scanner;
mod secrets;
mod server;
mod support;
mod world;
