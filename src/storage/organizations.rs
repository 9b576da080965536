//! Organizations.

use super::{Row, Tx};
use crate::domain::Result;
use crate::domain::integration::Stamps;
use crate::domain::organization::Organization;

macro_rules! columns {
    () => {
        "number, name, created_by, created_on, updated_by, updated_on"
    };
}

/// Adds an organization.
pub fn insert(tx: &mut dyn Tx, organization: &Organization) -> Result<()> {
    let sql =
        concat!("INSERT INTO organization (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    let Organization { number, name, stamps } = organization;
    let Stamps { created_by, created_on, updated_by, updated_on } = stamps;
    tx.execute(sql, &[number, name, created_by, created_on, updated_by, updated_on])?;
    Ok(())
}

/// The organization with this number.
pub fn find(tx: &mut dyn Tx, number: i64) -> Result<Option<Organization>> {
    let sql = concat!("SELECT ", columns!(), " FROM organization WHERE number = ?1");
    tx.optional(sql, &[&number], read)
}

/// The organization of this name.
pub fn named(tx: &mut dyn Tx, name: &str) -> Result<Option<Organization>> {
    let sql = concat!("SELECT ", columns!(), " FROM organization WHERE name = ?1");
    tx.optional(sql, &[&name], read)
}

/// At most `limit` organizations with a smaller number than `before`, newest first.
pub fn before(tx: &mut dyn Tx, before: i64, limit: i64) -> Result<Vec<Organization>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM organization WHERE number < ?1 ORDER BY number DESC LIMIT ?2"
    );
    tx.all(sql, &[&before, &limit], read)
}

/// Whether an integration is seen only in this organization or in one of its spaces.
pub fn is_scoped(tx: &mut dyn Tx, number: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM scoping WHERE organization = ?1 LIMIT 1";
    Ok(tx.optional(sql, &[&number], |_| Ok(()))?.is_some())
}

/// Removes an organization that nothing belongs to.
pub fn delete(tx: &mut dyn Tx, number: i64) -> Result<()> {
    tx.execute("DELETE FROM organization WHERE number = ?1", &[&number])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Organization> {
    Ok(Organization { number: row.get(0)?, name: row.get(1)?, stamps: row.stamps(2)? })
}
