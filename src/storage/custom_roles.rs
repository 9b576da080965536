//! Roles that administrators made.

use super::{Row, Tx};
use crate::domain::access::{Permission, Role};
use crate::domain::{Error, Result};

/// Adds a role, or replaces the one of this name.
pub fn upsert(tx: &mut dyn Tx, name: &str, permissions: &[Permission]) -> Result<()> {
    let names: Vec<_> = permissions.iter().map(Permission::as_str).collect();
    let permissions = serde_json::to_string(&names).map_err(Error::internal)?;
    let sql = "INSERT INTO custom_role (name, permissions) VALUES (?1, ?2)
               ON CONFLICT (name) DO UPDATE SET permissions = excluded.permissions";
    tx.execute(sql, &[&name, &permissions])?;
    Ok(())
}

/// The role `name`.
pub fn find(tx: &mut dyn Tx, name: &str) -> Result<Option<Role>> {
    tx.optional("SELECT name, permissions FROM custom_role WHERE name = ?1", &[&name], read)
}

/// Every custom role, by name.
pub fn list(tx: &mut dyn Tx) -> Result<Vec<Role>> {
    tx.all("SELECT name, permissions FROM custom_role ORDER BY name", &[], read)
}

/// Removes a role.
pub fn delete(tx: &mut dyn Tx, name: &str) -> Result<()> {
    tx.execute("DELETE FROM custom_role WHERE name = ?1", &[&name])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Role> {
    let names: Vec<String> =
        serde_json::from_str(&row.get::<String>(1)?).map_err(Error::internal)?;
    let permissions = names.iter().map(|name| Permission::parse("permissions", name));
    Ok(Role { name: row.get(0)?, system: None, permissions: permissions.collect::<Result<_>>()? })
}
