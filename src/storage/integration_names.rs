//! The names of integrations: former ones, and how one is given another.

use super::Tx;
use crate::domain::Result;
use crate::domain::name::IntegrationName;

/// The integration that once had the name `alias`.
pub fn now_of(tx: &mut dyn Tx, alias: &IntegrationName) -> Result<Option<IntegrationName>> {
    let sql = "SELECT integration FROM integration_alias WHERE alias = ?1";
    tx.optional(sql, &[&alias.as_str()], |row| {
        IntegrationName::parse("name", row.get::<String>(0)?)
    })
}

/// Whether an integration has this name, or had it and still goes by it.
pub fn is_taken(tx: &mut dyn Tx, name: &IntegrationName) -> Result<bool> {
    let sql = "SELECT 1 FROM integration WHERE name = ?1
               UNION ALL SELECT 1 FROM integration_alias WHERE alias = ?1";
    Ok(tx.optional(sql, &[&name.as_str()], |_| Ok(()))?.is_some())
}

/// Whether somebody was granted an access to an integration of this name, or to its resources.
pub fn is_granted_on(tx: &mut dyn Tx, name: &IntegrationName) -> Result<bool> {
    let sql = "SELECT 1 FROM access_grant
                   WHERE target_kind = 'INTEGRATION_PROVIDER' AND target_id = ?1
               UNION ALL SELECT 1 FROM access_grant
                   WHERE target_kind = 'INTEGRATION' AND target_id >= ?2 AND target_id < ?3
               LIMIT 1";
    let (first, end) = name.resource_ids();
    Ok(tx.optional(sql, &[&name.as_str(), &first, &end], |_| Ok(()))?.is_some())
}

/// Gives the integration `from` the name `to`, which is free, with all that hangs on its name but
/// what is sealed for it. `from` stays an alias; `to` is none any more.
pub fn rename(tx: &mut dyn Tx, from: &IntegrationName, to: &IntegrationName) -> Result<()> {
    tx.execute("DELETE FROM integration_alias WHERE alias = ?1", &[&to.as_str()])?;
    // A name that others refer to is replaced by adding the new one, then moving those over.
    let added = "INSERT INTO integration (name, kind, category, description, enabled,
                     configuration, created_by, created_on, updated_by, updated_on)
                 SELECT ?2, kind, category, description, enabled,
                     configuration, created_by, created_on, updated_by, updated_on
                 FROM integration WHERE name = ?1";
    let moved = [
        added,
        "UPDATE arize_integration SET integration = ?2 WHERE integration = ?1",
        "UPDATE integration_alias SET integration = ?2 WHERE integration = ?1",
        "UPDATE scoping SET integration = ?2 WHERE integration = ?1",
        "UPDATE resource SET integration = ?2 WHERE integration = ?1",
        "UPDATE secret SET integration = ?2 WHERE integration = ?1",
        "UPDATE token_usage SET integration = ?2 WHERE integration = ?1",
        "UPDATE token_limit SET integration = ?2 WHERE integration = ?1",
        "INSERT INTO prompt_model (prompt, version, integration, model)
             SELECT prompt, version, ?2, model FROM prompt_model WHERE integration = ?1
             ON CONFLICT (prompt, version, integration, model) DO NOTHING",
        "UPDATE tag SET target_id = ?2
             WHERE target_kind = 'INTEGRATION_PROVIDER' AND target_id = ?1",
        "UPDATE access_grant SET target_id = ?2
             WHERE target_kind = 'INTEGRATION_PROVIDER' AND target_id = ?1",
        "INSERT INTO integration_alias (alias, integration) VALUES (?1, ?2)",
    ];
    for sql in moved {
        tx.execute(sql, &[&from.as_str(), &to.as_str()])?;
    }
    let below = [
        "UPDATE tag SET target_id = ?2 || SUBSTR(target_id, LENGTH(?1) + 1)
             WHERE target_kind = 'INTEGRATION' AND target_id >= ?3 AND target_id < ?4",
        "UPDATE access_grant SET target_id = ?2 || SUBSTR(target_id, LENGTH(?1) + 1)
             WHERE target_kind = 'INTEGRATION' AND target_id >= ?3 AND target_id < ?4",
    ];
    let (first, end) = from.resource_ids();
    for sql in below {
        tx.execute(sql, &[&from.as_str(), &to.as_str(), &first, &end])?;
    }
    for sql in [
        "DELETE FROM prompt_model WHERE integration = ?1",
        "DELETE FROM integration WHERE name = ?1",
    ] {
        tx.execute(sql, &[&from.as_str()])?;
    }
    Ok(())
}
