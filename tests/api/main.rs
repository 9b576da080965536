//! The server, asked over HTTP: each test has a server and a database of its own.

#![allow(clippy::unwrap_used, missing_docs)]

mod access;
mod addresses;
mod applications;
mod architecture;
mod arize;
mod audit;
mod bodies;
mod bulk;
mod catalogue;
mod client;
mod conditions;
mod database;
mod documented;
mod freshness;
mod idempotency;
mod input;
mod listener;
mod lists;
mod masks;
mod names;
mod nul;
mod openapi;
mod overlay;
mod ownership;
mod prompts;
mod providers;
mod rebind;
mod references;
mod resolve;
mod resources;
mod revocation;
mod roles;
mod saving;
mod secrets;
mod server;
#[path = "../support/database.rs"]
mod store;
mod support;
mod tags;
mod tampering;
mod token;
mod unprinted;
mod upgrade;
mod usage;
