//! Sealed secrets of configurations. What is here has passed through [`crate::seal`].

use super::Tx;
use crate::domain::Result;

/// Whose secrets: an integration's, or with a name those of one of its resources.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The integration.
    pub integration: &'a str,
    /// The resource, or empty.
    pub resource: &'a str,
}

/// Stores a sealed secret, or replaces the one at this path.
pub fn upsert(tx: &mut dyn Tx, holder: Holder<'_>, path: &str, sealed: &str) -> Result<()> {
    let sql = "INSERT INTO secret (integration, resource, path, sealed) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (integration, resource, path) DO UPDATE SET sealed = excluded.sealed";
    tx.execute(sql, &[&holder.integration, &holder.resource, &path, &sealed])?;
    Ok(())
}

/// The paths at which secrets are stored.
pub fn paths(tx: &mut dyn Tx, holder: Holder<'_>) -> Result<Vec<String>> {
    let sql = "SELECT path FROM secret WHERE integration = ?1 AND resource = ?2 ORDER BY path";
    tx.all(sql, &[&holder.integration, &holder.resource], |row| row.get(0))
}

/// Removes every secret of a holder.
pub fn delete_all(tx: &mut dyn Tx, holder: Holder<'_>) -> Result<()> {
    let sql = "DELETE FROM secret WHERE integration = ?1 AND resource = ?2";
    tx.execute(sql, &[&holder.integration, &holder.resource])?;
    Ok(())
}

/// Removes the secret at one path.
pub fn delete(tx: &mut dyn Tx, holder: Holder<'_>, path: &str) -> Result<()> {
    let sql = "DELETE FROM secret WHERE integration = ?1 AND resource = ?2 AND path = ?3";
    tx.execute(sql, &[&holder.integration, &holder.resource, &path])?;
    Ok(())
}
