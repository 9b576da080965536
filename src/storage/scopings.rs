//! Where integrations are seen in Arize's dialect.

use super::Tx;
use crate::domain::Result;
use crate::domain::arize::Scoping;
use crate::domain::name::IntegrationName;

/// The scopings of an integration, in their order.
pub fn list(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<Vec<Scoping>> {
    let sql = "SELECT organization, space FROM scoping WHERE integration = ?1 ORDER BY position";
    tx.all(sql, &[&integration.as_str()], |row| {
        Ok(Scoping { organization: row.get(0)?, space: row.get(1)? })
    })
}

/// Gives an integration these scopings and no others.
pub fn replace(tx: &mut dyn Tx, integration: &IntegrationName, scopings: &[Scoping]) -> Result<()> {
    tx.execute("DELETE FROM scoping WHERE integration = ?1", &[&integration.as_str()])?;
    let sql = "INSERT INTO scoping (integration, position, organization, space)
               VALUES (?1, ?2, ?3, ?4)";
    for (position, Scoping { organization, space }) in (0_i64..).zip(scopings) {
        tx.execute(sql, &[&integration.as_str(), &position, organization, space])?;
    }
    Ok(())
}
