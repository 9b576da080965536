//! The audit log and the revision that orders it.

use super::Tx;
use crate::domain::audit::Entry;
use crate::domain::{Error, Result};

/// The number of the latest committed change.
pub fn revision(tx: &mut dyn Tx) -> Result<i64> {
    tx.optional("SELECT number FROM revision", &[], |row| row.get(0))?
        .ok_or_else(|| Error::internal("the revision is missing"))
}

/// Takes the next revision for the change of this transaction.
pub fn next_revision(tx: &mut dyn Tx) -> Result<i64> {
    tx.optional("UPDATE revision SET number = number + 1 RETURNING number", &[], |row| row.get(0))?
        .ok_or_else(|| Error::internal("the revision is missing"))
}

/// Adds a record. It is kept or lost together with the change it speaks of.
pub fn append(tx: &mut dyn Tx, entry: &Entry<'_>) -> Result<()> {
    let sql = "INSERT INTO audit (seq, revision, at, subject, key_id, address, access,
                                  target_kind, target_id, outcome)
               SELECT COALESCE(MAX(seq), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM audit";
    tx.execute(
        sql,
        &[
            &entry.revision,
            &entry.at,
            &entry.who.user.as_str(),
            &entry.who.key_id,
            &entry.who.address,
            &entry.access.as_str(),
            &entry.target.kind().as_str(),
            &entry.target.id(),
            &entry.outcome.as_str(),
        ],
    )?;
    Ok(())
}
