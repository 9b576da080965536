//! Tests of the real process: what it does when it starts, is killed, is told to stop, and when
//! its disk fails.

#![allow(clippy::unwrap_used, missing_docs)]

mod client;
mod crash;
mod database;
mod deleted;
mod disk;
mod files;
mod first_start;
mod health;
mod hidden;
mod hostile;
mod journal;
mod keys;
mod limits;
mod observed;
mod random;
mod ready;
mod repeats;
mod rotation;
mod rotations;
mod settings;
mod shim;
mod stop;
mod support;
mod syncs;
mod tls;
mod vault;
