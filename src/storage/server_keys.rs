//! The keys of the server itself, sealed.

use super::Tx;
use crate::domain::Result;

/// A key as it is stored.
pub struct ServerKey {
    /// What it is for.
    pub purpose: String,
    /// Its public name.
    pub id: String,
    /// The key, sealed.
    pub sealed: String,
}

/// Every key.
pub fn list(tx: &mut dyn Tx) -> Result<Vec<ServerKey>> {
    let sql = "SELECT purpose, id, sealed FROM server_key ORDER BY purpose";
    tx.all(sql, &[], |row| {
        Ok(ServerKey { purpose: row.get(0)?, id: row.get(1)?, sealed: row.get(2)? })
    })
}

/// Stores a key.
pub fn insert(tx: &mut dyn Tx, key: &ServerKey, now: i64) -> Result<()> {
    let sql = "INSERT INTO server_key (purpose, id, sealed, created_on) VALUES (?1, ?2, ?3, ?4)";
    tx.execute(sql, &[&key.purpose, &key.id, &key.sealed, &now])?;
    Ok(())
}

/// Stores the key for `purpose` as it was sealed again.
pub fn reseal(tx: &mut dyn Tx, purpose: &str, sealed: &str) -> Result<()> {
    tx.execute("UPDATE server_key SET sealed = ?2 WHERE purpose = ?1", &[&purpose, &sealed])?;
    Ok(())
}
