//! The access keys of applications.

use super::{Row, Tx};
use crate::domain::Result;
use crate::domain::application::AccessKey;

macro_rules! columns {
    () => {
        "id, application_id, active, created_on, expires_on, last_used_on"
    };
}

/// Adds a key.
pub fn insert(tx: &mut dyn Tx, key: &AccessKey, secret_hash: &str) -> Result<()> {
    let sql = "INSERT INTO access_key
                   (id, application_id, secret_hash, active, created_on, expires_on)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let AccessKey { id, application, active, created_on, expires_on, .. } = key;
    tx.execute(sql, &[id, application, &secret_hash, active, created_on, expires_on])?;
    Ok(())
}

/// The key `id`.
pub fn find(tx: &mut dyn Tx, id: &str) -> Result<Option<AccessKey>> {
    let sql = concat!("SELECT ", columns!(), " FROM access_key WHERE id = ?1");
    tx.optional(sql, &[&id], read)
}

/// The key `id`, with the keyed hash of its secret.
pub fn find_with_hash(tx: &mut dyn Tx, id: &str) -> Result<Option<(AccessKey, String)>> {
    let sql = concat!("SELECT ", columns!(), ", secret_hash FROM access_key WHERE id = ?1");
    tx.optional(sql, &[&id], |row| Ok((read(row)?, row.get(6)?)))
}

/// The keys of an application, oldest first.
pub fn list(tx: &mut dyn Tx, application: &str) -> Result<Vec<AccessKey>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM access_key WHERE application_id = ?1 ORDER BY created_on, id"
    );
    tx.all(sql, &[&application], read)
}

/// The keys that are not paused.
pub fn list_active(tx: &mut dyn Tx) -> Result<Vec<AccessKey>> {
    let sql = concat!("SELECT ", columns!(), " FROM access_key WHERE active = TRUE ORDER BY id");
    tx.all(sql, &[], read)
}

/// Pauses a key, or takes it up again.
pub fn set_active(tx: &mut dyn Tx, id: &str, active: bool) -> Result<()> {
    tx.execute("UPDATE access_key SET active = ?2 WHERE id = ?1", &[&id, &active])?;
    Ok(())
}

/// Lets a key end at `end`, in epoch milliseconds.
pub fn set_expiry(tx: &mut dyn Tx, id: &str, end: i64) -> Result<()> {
    tx.execute("UPDATE access_key SET expires_on = ?2 WHERE id = ?1", &[&id, &end])?;
    Ok(())
}

/// Notes that a key was used at `now`, in epoch milliseconds.
pub fn set_last_used(tx: &mut dyn Tx, id: &str, now: i64) -> Result<()> {
    tx.execute("UPDATE access_key SET last_used_on = ?2 WHERE id = ?1", &[&id, &now])?;
    Ok(())
}

/// Removes a key.
pub fn delete(tx: &mut dyn Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM access_key WHERE id = ?1", &[&id])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<AccessKey> {
    Ok(AccessKey {
        id: row.get(0)?,
        application: row.get(1)?,
        active: row.get(2)?,
        created_on: row.get(3)?,
        expires_on: row.get(4)?,
        last_used_on: row.get(5)?,
    })
}
