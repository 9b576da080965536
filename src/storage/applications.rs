//! Applications.

use super::{Row, Tx};
use crate::domain::Result;
use crate::domain::application::Application;
use crate::domain::integration::Stamps;

macro_rules! columns {
    () => {
        "id, name, created_by, created_on, updated_by, updated_on"
    };
}

/// Adds an application, or replaces the one of this id.
pub fn upsert(tx: &mut dyn Tx, application: &Application) -> Result<()> {
    let sql = concat!(
        "INSERT INTO application (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name,
             updated_by = excluded.updated_by, updated_on = excluded.updated_on"
    );
    let Application { id, name, stamps } = application;
    let Stamps { created_by, created_on, updated_by, updated_on } = stamps;
    tx.execute(sql, &[id, name, created_by, created_on, updated_by, updated_on])?;
    Ok(())
}

/// The application `id`.
pub fn find(tx: &mut dyn Tx, id: &str) -> Result<Option<Application>> {
    let sql = concat!("SELECT ", columns!(), " FROM application WHERE id = ?1");
    tx.optional(sql, &[&id], read)
}

/// The applications after the id `after`, by id, at most as many as `most`. That is oldest first,
/// since ids begin with the time.
pub fn list(tx: &mut dyn Tx, after: &str, most: i64) -> Result<Vec<Application>> {
    let sql =
        concat!("SELECT ", columns!(), " FROM application WHERE id > ?1 ORDER BY id LIMIT ?2");
    tx.all(sql, &[&after, &most], read)
}

/// Removes an application with its access keys.
pub fn delete(tx: &mut dyn Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM application WHERE id = ?1", &[&id])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Application> {
    Ok(Application { id: row.get(0)?, name: row.get(1)?, stamps: row.stamps(2)? })
}
