//! What Arize's dialect knows of every integration, beside its row in `integration`.

use serde_json::value::RawValue;

use super::{Row, Tx};
use crate::domain::name::IntegrationName;
use crate::domain::{Error, Result};

/// What Arize's dialect knows of an integration.
#[derive(Clone, Debug)]
pub struct Known {
    /// The integration.
    pub integration: IntegrationName,
    /// The number in its id.
    pub number: i64,
    /// Its name in Arize's dialect.
    pub name: String,
    /// The names of its resources, in the order they were last given in.
    pub resources: Vec<String>,
    /// What has no place in the configuration, as a JSON object, secrets masked.
    pub settings: Box<RawValue>,
}

macro_rules! columns {
    () => {
        "integration, number, name, resources, settings"
    };
}

/// Adds a row. Its name must be free in `namespace`.
pub fn insert(tx: &mut dyn Tx, known: &Known, namespace: &str) -> Result<()> {
    let sql = concat!(
        "INSERT INTO arize_integration (",
        columns!(),
        ", namespace) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    );
    let Known { integration, number, name, resources, settings } = known;
    let (resources, settings) = (json(resources)?, settings.get());
    tx.execute(sql, &[&integration.as_str(), number, name, &resources, &settings, &namespace])?;
    Ok(())
}

/// Replaces all of a row but its number and namespace.
pub fn update(tx: &mut dyn Tx, known: &Known) -> Result<()> {
    let sql = "UPDATE arize_integration SET name = ?2, resources = ?3, settings = ?4
               WHERE integration = ?1";
    let Known { integration, name, resources, settings, .. } = known;
    tx.execute(sql, &[&integration.as_str(), name, &json(resources)?, &settings.get()])?;
    Ok(())
}

/// What is known of an integration.
pub fn find(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<Option<Known>> {
    let sql = concat!("SELECT ", columns!(), " FROM arize_integration WHERE integration = ?1");
    tx.optional(sql, &[&integration.as_str()], read)
}

/// The one with this number.
pub fn by_number(tx: &mut dyn Tx, number: i64) -> Result<Option<Known>> {
    let sql = concat!("SELECT ", columns!(), " FROM arize_integration WHERE number = ?1");
    tx.optional(sql, &[&number], read)
}

/// The one of this name in a namespace.
pub fn named(tx: &mut dyn Tx, namespace: &str, name: &str) -> Result<Option<Known>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM arize_integration WHERE namespace = ?1 AND name = ?2"
    );
    tx.optional(sql, &[&namespace, &name], read)
}

/// At most `limit` rows whose number is smaller than `before`, the newest first.
pub fn before(tx: &mut dyn Tx, before: i64, limit: i64) -> Result<Vec<Known>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM arize_integration WHERE number < ?1 ORDER BY number DESC LIMIT ?2"
    );
    tx.all(sql, &[&before, &limit], read)
}

fn json(names: &[String]) -> Result<String> {
    serde_json::to_string(names).map_err(Error::internal)
}

fn read(row: &Row<'_>) -> Result<Known> {
    Ok(Known {
        integration: IntegrationName::parse("name", row.get::<String>(0)?)?,
        number: row.get(1)?,
        name: row.get(2)?,
        resources: serde_json::from_str(&row.get::<String>(3)?).map_err(Error::internal)?,
        settings: RawValue::from_string(row.get(4)?).map_err(Error::internal)?,
    })
}
