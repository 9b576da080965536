//! Grants: what a subject may do to one thing, beside what its roles give.

use std::collections::HashSet;

use super::Tx;
use crate::domain::Result;
use crate::domain::access::{Access, Target};

/// Grants `access` on `target`; granting it twice changes nothing.
pub fn insert(tx: &mut dyn Tx, subject: &str, target: &Target, access: Access) -> Result<()> {
    let sql = "INSERT INTO access_grant (subject, target_kind, target_id, access)
               VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    tx.execute(sql, &[&subject, &target.kind().as_str(), &target.id(), &access.as_str()])?;
    Ok(())
}

/// Whether `subject` was granted `access` on this very target.
pub fn exists(tx: &mut dyn Tx, subject: &str, target: &Target, access: Access) -> Result<bool> {
    let sql = "SELECT 1 FROM access_grant
               WHERE subject = ?1 AND target_kind = ?2 AND target_id = ?3 AND access = ?4";
    let params: [&dyn super::Param; 4] =
        [&subject, &target.kind().as_str(), &target.id(), &access.as_str()];
    Ok(tx.optional(sql, &params, |_| Ok(()))?.is_some())
}

/// Everything on which `subject` was granted `access`, as pairs of kind and id.
pub fn targets(
    tx: &mut dyn Tx,
    subject: &str,
    access: Access,
) -> Result<HashSet<(String, String)>> {
    let sql = "SELECT target_kind, target_id FROM access_grant WHERE subject = ?1 AND access = ?2";
    let rows = tx.all(sql, &[&subject, &access.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.into_iter().collect())
}

/// Removes every grant on `target`, so that none revives with its name.
pub fn delete_of_target(tx: &mut dyn Tx, target: &Target) -> Result<()> {
    let sql = "DELETE FROM access_grant WHERE target_kind = ?1 AND target_id = ?2";
    tx.execute(sql, &[&target.kind().as_str(), &target.id()])?;
    Ok(())
}

/// Removes every grant of `subject`.
pub fn delete_of_subject(tx: &mut dyn Tx, subject: &str) -> Result<()> {
    tx.execute("DELETE FROM access_grant WHERE subject = ?1", &[&subject])?;
    Ok(())
}
