//! The access keys of applications.

use super::{Row, Tx};
use crate::domain::Result;
use crate::domain::application::AccessKey;

macro_rules! columns {
    () => {
        "id, application_id, active, created_on"
    };
}

/// What a sign-in needs of an access key.
pub struct SignInKey {
    /// The application it belongs to.
    pub application: String,
    /// The keyed hash of its secret.
    pub secret_hash: String,
    /// Whether it can be used, or is paused.
    pub active: bool,
}

/// Adds a key.
pub fn insert(tx: &mut dyn Tx, key: &AccessKey, secret_hash: &str) -> Result<()> {
    let sql = "INSERT INTO access_key (id, application_id, secret_hash, active, created_on)
               VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(sql, &[&key.id, &key.application, &secret_hash, &key.active, &key.created_on])?;
    Ok(())
}

/// The key `id`.
pub fn find(tx: &mut dyn Tx, id: &str) -> Result<Option<AccessKey>> {
    let sql = concat!("SELECT ", columns!(), " FROM access_key WHERE id = ?1");
    tx.optional(sql, &[&id], read)
}

/// The key `id`, with what proves its secret.
pub fn find_for_sign_in(tx: &mut dyn Tx, id: &str) -> Result<Option<SignInKey>> {
    let sql = "SELECT application_id, secret_hash, active FROM access_key WHERE id = ?1";
    tx.optional(sql, &[&id], |row| {
        Ok(SignInKey { application: row.get(0)?, secret_hash: row.get(1)?, active: row.get(2)? })
    })
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

/// Pauses a key, or takes it up again.
pub fn set_active(tx: &mut dyn Tx, id: &str, active: bool) -> Result<()> {
    tx.execute("UPDATE access_key SET active = ?2 WHERE id = ?1", &[&id, &active])?;
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
    })
}
