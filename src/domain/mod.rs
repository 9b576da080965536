//! What Podium is about, and its rules: pure, without I/O, clock, driver or HTTP.

pub mod access;
pub mod application;
pub mod arize;
pub mod audit;
pub mod configuration;
pub mod definition;
pub mod endpoint;
pub mod error;
pub mod integration;
pub mod manifest;
pub mod name;
pub mod organization;
pub mod page;
pub mod patch;
pub mod prompt;
pub mod reference;
pub mod secret;
pub mod tag;
pub mod usage;
pub mod user;
mod words;

pub use error::{Error, Problem, Result};
