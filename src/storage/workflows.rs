//! Workflow definitions: kept as documents, never run.

use super::Tx;
use crate::domain::Result;

/// Adds a version of a workflow, or replaces it.
pub fn upsert(tx: &mut dyn Tx, name: &str, version: i64, body: &str) -> Result<()> {
    let sql = "INSERT INTO workflow_definition (name, version, body) VALUES (?1, ?2, ?3)
               ON CONFLICT (name, version) DO UPDATE SET body = excluded.body";
    tx.execute(sql, &[&name, &version, &body])?;
    Ok(())
}

/// Whether there is any version of a workflow.
pub fn exists(tx: &mut dyn Tx, name: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM workflow_definition WHERE name = ?1 LIMIT 1";
    Ok(tx.optional(sql, &[&name], |_| Ok(()))?.is_some())
}

/// A version of a workflow, or with `None` the latest.
pub fn find(tx: &mut dyn Tx, name: &str, version: Option<i64>) -> Result<Option<String>> {
    let sql = "SELECT body FROM workflow_definition
               WHERE name = ?1 AND (version = ?2 OR ?2 IS NULL) ORDER BY version DESC LIMIT 1";
    tx.optional(sql, &[&name, &version], |row| row.get(0))
}

/// Removes a version of a workflow, and says whether it was there.
pub fn delete(tx: &mut dyn Tx, name: &str, version: i64) -> Result<bool> {
    let sql = "DELETE FROM workflow_definition WHERE name = ?1 AND version = ?2";
    Ok(tx.execute(sql, &[&name, &version])? > 0)
}
