//! The keys of the server itself, sealed.

use super::Tx;
use crate::domain::Result;

/// A key as it is stored.
pub struct ServerKey {
    /// Its public name.
    pub id: String,
    /// The key, sealed.
    pub sealed: String,
}

/// The key for `purpose`.
pub fn find(tx: &mut dyn Tx, purpose: &str) -> Result<Option<ServerKey>> {
    let sql = "SELECT id, sealed FROM server_key WHERE purpose = ?1";
    tx.optional(sql, &[&purpose], |row| Ok(ServerKey { id: row.get(0)?, sealed: row.get(1)? }))
}

/// Stores the key for `purpose`.
pub fn insert(tx: &mut dyn Tx, purpose: &str, key: &ServerKey, now: i64) -> Result<()> {
    let sql = "INSERT INTO server_key (purpose, id, sealed, created_on) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, &[&purpose, &key.id, &key.sealed, &now])?;
    Ok(())
}
