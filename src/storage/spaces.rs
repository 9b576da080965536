//! Spaces of organizations.

use super::{Row, Tx};
use crate::domain::Result;
use crate::domain::integration::Stamps;
use crate::domain::organization::Space;

macro_rules! columns {
    () => {
        "number, organization, name, created_by, created_on, updated_by, updated_on"
    };
}

/// Adds a space.
pub fn insert(tx: &mut dyn Tx, space: &Space) -> Result<()> {
    let sql = concat!("INSERT INTO space (", columns!(), ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    let Space { number, organization, name, stamps } = space;
    let Stamps { created_by, created_on, updated_by, updated_on } = stamps;
    let params: [&dyn super::Param; 7] =
        [number, organization, name, created_by, created_on, updated_by, updated_on];
    tx.execute(sql, &params)?;
    Ok(())
}

/// The space with this number.
pub fn find(tx: &mut dyn Tx, number: i64) -> Result<Option<Space>> {
    let sql = concat!("SELECT ", columns!(), " FROM space WHERE number = ?1");
    tx.optional(sql, &[&number], read)
}

/// The space of this name in an organization.
pub fn named(tx: &mut dyn Tx, organization: i64, name: &str) -> Result<Option<Space>> {
    let sql = concat!("SELECT ", columns!(), " FROM space WHERE organization = ?1 AND name = ?2");
    tx.optional(sql, &[&organization, &name], read)
}

/// The spaces whose name contains `part`, whatever the case of either, newest first.
pub fn named_like(tx: &mut dyn Tx, part: &str) -> Result<Vec<Space>> {
    let part = part.to_lowercase();
    let mut found = before(tx, None, i64::MAX, i64::MAX)?;
    found.retain(|space| space.name.to_lowercase().contains(&part));
    Ok(found)
}

/// At most `limit` spaces with a smaller number than `before`, of one organization or of all,
/// newest first.
pub fn before(
    tx: &mut dyn Tx,
    organization: Option<i64>,
    before: i64,
    limit: i64,
) -> Result<Vec<Space>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM space WHERE (CAST(?1 AS BIGINT) IS NULL OR organization = ?1) AND number < ?2
          ORDER BY number DESC LIMIT ?3"
    );
    tx.all(sql, &[&organization, &before, &limit], read)
}

/// Whether an integration is seen only in this space.
pub fn is_scoped(tx: &mut dyn Tx, number: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM scoping WHERE space = ?1 LIMIT 1";
    Ok(tx.optional(sql, &[&number], |_| Ok(()))?.is_some())
}

/// Removes a space that no scoping names.
pub fn delete(tx: &mut dyn Tx, number: i64) -> Result<()> {
    tx.execute("DELETE FROM space WHERE number = ?1", &[&number])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Space> {
    Ok(Space {
        number: row.get(0)?,
        organization: row.get(1)?,
        name: row.get(2)?,
        stamps: row.stamps(3)?,
    })
}
