//! The numbers in the ids of Arize's dialect.

use super::{Tx, audit};
use crate::domain::{Error, Result};

/// The number of what is made now: the place in the audit log of the record that will tell of it,
/// so that none is used again after what had it is deleted. What is not recorded yet counts too.
pub fn next(tx: &mut dyn Tx) -> Result<i64> {
    let end = audit::end(tx)?.head;
    let end = end.ok_or_else(|| Error::internal("the end of the audit log is missing"))?;
    let sql = "SELECT MAX(number) FROM (
                   SELECT MAX(number) AS number FROM arize_integration
                   UNION ALL SELECT MAX(number) FROM organization
                   UNION ALL SELECT MAX(number) FROM space
               ) AS used";
    let last: Option<i64> = tx.optional(sql, &[], |row| row.get(0))?.flatten();
    Ok(last.unwrap_or(0).max(end.seq) + 1)
}
