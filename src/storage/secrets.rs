//! Sealed secrets of configurations. What is here has passed through [`crate::seal`].

use super::{Row, Tx};
use crate::domain::Result;

/// Whose secrets: an integration's, or with a name those of one of its resources.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The integration.
    pub integration: &'a str,
    /// The resource, or empty.
    pub resource: &'a str,
}

/// A sealed secret.
pub struct SealedSecret {
    /// The JSON Pointer of the value in the configuration.
    pub path: String,
    /// The hash of where it may be sent; empty in what the first schema left, until it is filled
    /// in.
    pub destination: String,
    /// The value, sealed.
    pub sealed: String,
}

/// A sealed secret with its holder.
pub struct HeldSecret {
    /// The integration.
    pub integration: String,
    /// The resource, or empty.
    pub resource: String,
    /// The secret.
    pub secret: SealedSecret,
}

macro_rules! held {
    ($($rest:literal),*) => {
        concat!(
            "SELECT path, destination, sealed, integration, resource, seal_key FROM secret ",
            $($rest),*
        )
    };
}

/// Stores a secret that `seal_key` sealed, or replaces the one at this path.
pub fn upsert(
    tx: &mut dyn Tx,
    holder: Holder<'_>,
    secret: &SealedSecret,
    seal_key: &str,
) -> Result<()> {
    let sql = "INSERT INTO secret (integration, resource, path, destination, seal_key, sealed)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (integration, resource, path) DO UPDATE SET
                   destination = excluded.destination, seal_key = excluded.seal_key,
                   sealed = excluded.sealed";
    let SealedSecret { path, destination, sealed } = secret;
    let Holder { integration, resource } = holder;
    tx.execute(sql, &[&integration, &resource, path, destination, &seal_key, sealed])?;
    Ok(())
}

/// The secrets of a holder, by path.
pub fn list(tx: &mut dyn Tx, holder: Holder<'_>) -> Result<Vec<SealedSecret>> {
    let sql = held!("WHERE integration = ?1 AND resource = ?2 ORDER BY path");
    tx.all(sql, &[&holder.integration, &holder.resource], read)
}

/// All secrets of an integration and its resources.
pub fn of_integration(tx: &mut dyn Tx, integration: &str) -> Result<Vec<HeldSecret>> {
    let sql = held!("WHERE integration = ?1");
    tx.all(sql, &[&integration], held)
}

/// At most `limit` secrets that `seal_key` sealed.
pub fn sealed_with(tx: &mut dyn Tx, seal_key: &str, limit: i64) -> Result<Vec<HeldSecret>> {
    let sql = held!("WHERE seal_key = ?1 LIMIT ?2");
    tx.all(sql, &[&seal_key, &limit], held)
}

/// How many secrets each seal key has sealed, by its id.
pub fn count_by_key(tx: &mut dyn Tx) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT seal_key, COUNT(*) FROM secret GROUP BY seal_key ORDER BY seal_key";
    tx.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Stores all secrets anew. Wherever a database has kept a copy of an older value between those
/// that count, as in the unused rest of a page, it is wiped or written over.
pub fn rewrite(tx: &mut dyn Tx) -> Result<()> {
    let sql = held!("ORDER BY integration, resource, path");
    let all = tx.all(sql, &[], |row| Ok((held(row)?, row.get::<String>(5)?)))?;
    tx.execute("DELETE FROM secret", &[])?;
    for (HeldSecret { integration, resource, secret }, seal_key) in all {
        upsert(tx, Holder { integration: &integration, resource: &resource }, &secret, &seal_key)?;
    }
    Ok(())
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

fn held(row: &Row<'_>) -> Result<HeldSecret> {
    Ok(HeldSecret { integration: row.get(3)?, resource: row.get(4)?, secret: read(row)? })
}

fn read(row: &Row<'_>) -> Result<SealedSecret> {
    Ok(SealedSecret { path: row.get(0)?, destination: row.get(1)?, sealed: row.get(2)? })
}
