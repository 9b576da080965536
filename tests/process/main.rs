//! Tests of the real process: what it does when it starts, is killed, is told to stop, and when
//! its disk fails.

#![allow(clippy::unwrap_used, missing_docs)]

mod client;
mod crash;
mod database;
mod disk;
mod files;
mod first_start;
mod health;
mod journal;
mod random;
mod rotation;
mod settings;
mod shim;
mod stop;
mod support;
mod syncs;
mod vault;
