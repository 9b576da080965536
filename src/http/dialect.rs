//! A dialect, as the OpenAPI document and the list of rules know it.

use serde_json::Value;

use super::openapi::{Operation, Schemas};
use super::refusal::Refusal;
use crate::domain::access::Rule;

/// The routes of a dialect, and how it tells errors.
pub struct Dialect {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub base: &'static str,
    /// Its routes, in the order of the code.
    pub routes: Vec<Route>,
    /// The media type of its errors.
    pub error_type: &'static str,
    /// Their schema.
    pub error_schema: fn(&mut Schemas) -> Value,
    /// The status and body of a refusal, the same at any time and on any machine.
    pub error: fn(Refusal) -> (u16, Value),
    /// The statuses of a body or path that breaks a rule.
    pub rule_broken: &'static [u16],
}

/// One method of one path.
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The whole path, as in `/api/users/{id}`.
    pub path: String,
    /// What it needs.
    pub rule: Rule,
    /// Whether it takes preconditions.
    pub conditional: bool,
    /// What it does, in one line.
    pub summary: &'static str,
    /// Tells what its handler takes.
    pub takes: fn(&mut Operation<'_>),
    /// Tells what its handler answers.
    pub tells: fn(&mut Operation<'_>),
    /// How it can fail, beside what follows from the above.
    pub fails: &'static [u16],
}
