//! Tokens used and events counted, by day.

use super::Tx;
use crate::domain::Result;
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::usage::{Event, UsageDay, day_of};

/// Adds `tokens` to what a resource used on the day of `now`.
pub fn add_tokens(
    tx: &mut dyn Tx,
    integration: &IntegrationName,
    resource: &ResourceName,
    tokens: i64,
    now: i64,
) -> Result<()> {
    let sql = "INSERT INTO token_usage (integration, resource, day, total)
               VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (integration, resource, day) DO UPDATE
               SET total = token_usage.total + excluded.total";
    let params: [&dyn super::Param; 4] =
        [&integration.as_str(), &resource.as_str(), &day_of(now), &tokens];
    tx.execute(sql, &params)?;
    Ok(())
}

/// What the resources of `integration` used on each day since `since`, newest day first.
pub fn since(tx: &mut dyn Tx, integration: &IntegrationName, since: i64) -> Result<Vec<UsageDay>> {
    let sql = "SELECT resource, day, total FROM token_usage
               WHERE integration = ?1 AND day >= ?2 ORDER BY day DESC, resource";
    tx.all(sql, &[&integration.as_str(), &since], |row| {
        Ok(UsageDay {
            integration: integration.clone(),
            resource: ResourceName::parse("resource", row.get::<String>(0)?)?,
            day: row.get(1)?,
            total: row.get(2)?,
        })
    })
}

/// Forgets what a resource used.
pub fn delete(
    tx: &mut dyn Tx,
    integration: &IntegrationName,
    resource: &ResourceName,
) -> Result<()> {
    let sql = "DELETE FROM token_usage WHERE integration = ?1 AND resource = ?2";
    tx.execute(sql, &[&integration.as_str(), &resource.as_str()])?;
    Ok(())
}

/// Counts an event of the integration type `kind` at `now`, unless it says when it was.
pub fn count_event(tx: &mut dyn Tx, kind: &str, event: &Event, now: i64) -> Result<()> {
    let sql = "INSERT INTO event_count (kind, event, direction, handler, day, total)
               VALUES (?1, ?2, ?3, ?4, ?5, 1)
               ON CONFLICT (kind, event, direction, handler, day) DO UPDATE
               SET total = event_count.total + 1";
    let day = day_of(event.at.unwrap_or(now));
    tx.execute(sql, &[&kind, &event.name, &event.direction, &event.handler, &day])?;
    Ok(())
}
