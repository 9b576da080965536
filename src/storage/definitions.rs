//! Definitions registered beside the built-in catalogue.

use super::{Row, Tx};
use crate::domain::definition::Definition;
use crate::domain::{Error, Result};

/// Registers a definition, or replaces the one of this type.
pub fn upsert(tx: &mut dyn Tx, definition: &Definition) -> Result<()> {
    let body = serde_json::to_string(definition).map_err(Error::internal)?;
    let sql = "INSERT INTO definition (kind, body) VALUES (?1, ?2)
               ON CONFLICT (kind) DO UPDATE SET body = excluded.body";
    tx.execute(sql, &[&Definition::key(&definition.kind), &body])?;
    Ok(())
}

/// The registered definition of the type `kind`, whatever its case.
pub fn find(tx: &mut dyn Tx, kind: &str) -> Result<Option<Definition>> {
    let sql = "SELECT body FROM definition WHERE kind = ?1";
    tx.optional(sql, &[&Definition::key(kind)], read)
}

/// Every registered definition, by type.
pub fn list(tx: &mut dyn Tx) -> Result<Vec<Definition>> {
    tx.all("SELECT body FROM definition ORDER BY kind", &[], read)
}

fn read(row: &Row<'_>) -> Result<Definition> {
    serde_json::from_str(&row.get::<String>(0)?).map_err(Error::internal)
}
