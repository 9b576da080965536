//! Integrations.

use serde_json::value::RawValue;

use super::{Row, Tx};
use crate::domain::integration::{Category, Integration, Stamps};
use crate::domain::name::IntegrationName;
use crate::domain::{Error, Result};

macro_rules! columns {
    () => {
        "name, kind, category, description, enabled, configuration,
         created_by, created_on, updated_by, updated_on"
    };
}

/// Adds an integration, or replaces the one of this name.
pub fn upsert(tx: &mut dyn Tx, integration: &Integration) -> Result<()> {
    let sql = concat!(
        "INSERT INTO integration (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, category = excluded.category,
             description = excluded.description, enabled = excluded.enabled,
             configuration = excluded.configuration,
             updated_by = excluded.updated_by, updated_on = excluded.updated_on"
    );
    let Integration { name, kind, category, description, enabled, configuration, stamps } =
        integration;
    let Stamps { created_by, created_on, updated_by, updated_on } = stamps;
    tx.execute(
        sql,
        &[
            &name.as_str(),
            kind,
            &category.as_str(),
            description,
            enabled,
            &configuration.get(),
            created_by,
            created_on,
            updated_by,
            updated_on,
        ],
    )?;
    Ok(())
}

/// Whether there is an integration of this name.
pub fn exists(tx: &mut dyn Tx, name: &IntegrationName) -> Result<bool> {
    let sql = "SELECT 1 FROM integration WHERE name = ?1";
    Ok(tx.optional(sql, &[&name.as_str()], |_| Ok(()))?.is_some())
}

/// The integration `name`.
pub fn find(tx: &mut dyn Tx, name: &IntegrationName) -> Result<Option<Integration>> {
    let sql = concat!("SELECT ", columns!(), " FROM integration WHERE name = ?1");
    tx.optional(sql, &[&name.as_str()], read)
}

/// The integrations after the name `after`, by name, at most as many as `most`.
pub fn list(tx: &mut dyn Tx, after: &str, most: i64) -> Result<Vec<Integration>> {
    let sql =
        concat!("SELECT ", columns!(), " FROM integration WHERE name > ?1 ORDER BY name LIMIT ?2");
    tx.all(sql, &[&after, &most], read)
}

/// Removes an integration with its resources, secrets and usage.
pub fn delete(tx: &mut dyn Tx, name: &IntegrationName) -> Result<()> {
    tx.execute("DELETE FROM integration WHERE name = ?1", &[&name.as_str()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Integration> {
    Ok(Integration {
        name: IntegrationName::parse("name", row.get::<String>(0)?)?,
        kind: row.get(1)?,
        category: Category::parse("category", &row.get::<String>(2)?)?,
        description: row.get(3)?,
        enabled: row.get(4)?,
        configuration: RawValue::from_string(row.get(5)?).map_err(Error::internal)?,
        stamps: row.stamps(6)?,
    })
}
