//! Since when the keys that seal secrets are known.

use super::Tx;
use crate::domain::Result;

/// Notes that the key `id` is there at `now`, unless it was before.
pub fn insert(tx: &mut dyn Tx, id: &str, now: i64) -> Result<()> {
    let sql = "INSERT INTO seal_key (id, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    tx.execute(sql, &[&id, &now])?;
    Ok(())
}

/// Every key, with the time since which it is known.
pub fn list(tx: &mut dyn Tx) -> Result<Vec<(String, i64)>> {
    tx.all("SELECT id, since FROM seal_key ORDER BY id", &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Forgets every key but `id`.
pub fn delete_others(tx: &mut dyn Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM seal_key WHERE id <> ?1", &[&id])?;
    Ok(())
}
