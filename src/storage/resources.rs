//! The resources of integrations.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::{Row, Tx};
use crate::domain::integration::{Resource, Stamps};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::{Error, Result};

macro_rules! columns {
    () => {
        "integration, name, description, enabled, configuration, max_tokens, frequency,
         created_by, created_on, updated_by, updated_on"
    };
}

/// Adds a resource, or replaces the one of this name.
pub fn upsert(tx: &mut dyn Tx, resource: &Resource) -> Result<()> {
    let sql = concat!(
        "INSERT INTO resource (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (integration, name) DO UPDATE SET description = excluded.description,
             enabled = excluded.enabled, configuration = excluded.configuration,
             max_tokens = excluded.max_tokens, frequency = excluded.frequency,
             updated_by = excluded.updated_by, updated_on = excluded.updated_on"
    );
    let Stamps { created_by, created_on, updated_by, updated_on } = &resource.stamps;
    tx.execute(
        sql,
        &[
            &resource.integration.as_str(),
            &resource.name.as_str(),
            &resource.description,
            &resource.enabled,
            &resource.configuration.get(),
            &resource.max_tokens,
            &resource.frequency,
            created_by,
            created_on,
            updated_by,
            updated_on,
        ],
    )?;
    Ok(())
}

/// Whether the integration has a resource of this name.
pub fn exists(tx: &mut dyn Tx, integration: &IntegrationName, name: &ResourceName) -> Result<bool> {
    let sql = "SELECT 1 FROM resource WHERE integration = ?1 AND name = ?2";
    Ok(tx.optional(sql, &[&integration.as_str(), &name.as_str()], |_| Ok(()))?.is_some())
}

/// The resource `name` of `integration`.
pub fn find(
    tx: &mut dyn Tx,
    integration: &IntegrationName,
    name: &ResourceName,
) -> Result<Option<Resource>> {
    let sql = concat!("SELECT ", columns!(), " FROM resource WHERE integration = ?1 AND name = ?2");
    tx.optional(sql, &[&integration.as_str(), &name.as_str()], read)
}

/// The resources of `integration`, by name.
pub fn list(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<Vec<Resource>> {
    list_after(tx, integration, "", i64::MAX)
}

/// The resources of `integration` after the name `after`, by name, at most as many as `most`.
pub fn list_after(
    tx: &mut dyn Tx,
    integration: &IntegrationName,
    after: &str,
    most: i64,
) -> Result<Vec<Resource>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM resource WHERE integration = ?1 AND name > ?2 ORDER BY name LIMIT ?3"
    );
    tx.all(sql, &[&integration.as_str(), &after, &most], read)
}

/// The resources of the integrations from the name `first` to `last`, by integration and name.
pub fn list_between(tx: &mut dyn Tx, first: &str, last: &str) -> Result<Vec<Resource>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM resource WHERE integration BETWEEN ?1 AND ?2 ORDER BY integration, name"
    );
    tx.all(sql, &[&first, &last], read)
}

/// How many resources `integration` has.
pub fn count(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM resource WHERE integration = ?1";
    Ok(tx.optional(sql, &[&integration.as_str()], |row| row.get(0))?.unwrap_or(0))
}

/// How many resources each integration from the name `first` to `last` has, by its name; one without
/// any is left out.
pub fn counts(tx: &mut dyn Tx, first: &str, last: &str) -> Result<HashMap<String, i64>> {
    let sql = "SELECT integration, COUNT(*) FROM resource WHERE integration BETWEEN ?1 AND ?2
               GROUP BY integration";
    let rows = tx.all(sql, &[&first, &last], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.into_iter().collect())
}

/// Removes a resource.
pub fn delete(tx: &mut dyn Tx, integration: &IntegrationName, name: &ResourceName) -> Result<()> {
    let sql = "DELETE FROM resource WHERE integration = ?1 AND name = ?2";
    tx.execute(sql, &[&integration.as_str(), &name.as_str()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Resource> {
    Ok(Resource {
        integration: IntegrationName::parse("integration", row.get::<String>(0)?)?,
        name: ResourceName::parse("name", row.get::<String>(1)?)?,
        description: row.get(2)?,
        enabled: row.get(3)?,
        configuration: RawValue::from_string(row.get(4)?).map_err(Error::internal)?,
        max_tokens: row.get(5)?,
        frequency: row.get(6)?,
        stamps: row.stamps(7)?,
    })
}
