//! HTTP: the server, what all dialects share, and a folder for each dialect.

pub mod arize;
pub mod conductor;
mod json;
mod path;
mod query;
mod refusal;
mod routes;
mod segment;
pub mod server;
mod session;
mod terms;
mod text;

use crate::domain::access::Rule;
pub use server::Server;

/// What every route of every dialect needs: method, path and rule, in the order of the code.
pub fn rules() -> Vec<(&'static str, String, Rule)> {
    conductor::rules().into_iter().chain(arize::rules()).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn every_route_has_its_row_in_the_access_document() {
        let mut table = "| method | route | needs |\n| --- | --- | --- |\n".to_owned();
        for (method, path, rule) in rules() {
            writeln!(table, "| {method} | `{path}` | {rule} |").unwrap();
        }
        let document = include_str!("../../docs/access.md");
        let told = document.split("<!-- routes -->\n").nth(1).unwrap();
        let told = told.split("<!-- /routes -->").next().unwrap();
        assert_eq!(told, table, "docs/access.md must hold this table:\n{table}");
    }
}
