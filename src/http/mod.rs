//! HTTP: the server, what all dialects share, and a folder for each dialect.

pub mod conductor;
mod json;
mod path;
mod query;
mod refusal;
mod routes;
pub mod server;
mod session;
mod text;

pub use server::Server;
