//! The server, asked over HTTP: each test has a server and a database of its own.

#![allow(clippy::unwrap_used, missing_docs)]

mod access;
mod applications;
mod architecture;
mod audit;
mod bodies;
mod bulk;
mod catalogue;
mod client;
mod database;
mod input;
mod lists;
mod names;
mod ownership;
mod prompts;
mod providers;
mod resources;
mod revocation;
mod roles;
mod secrets;
mod server;
mod support;
mod tags;
mod token;
mod usage;
