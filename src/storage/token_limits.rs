//! Limits on the tokens of integrations.

use super::{Row, Tx};
use crate::domain::integration::Stamps;
use crate::domain::name::IntegrationName;
use crate::domain::usage::{Period, TokenLimit};
use crate::domain::{Error, Result};

macro_rules! columns {
    () => {
        "integration, resource, max_tokens, period, created_by, created_on, updated_by, updated_on"
    };
}

/// Sets the limit of an integration, or replaces it.
pub fn upsert(tx: &mut dyn Tx, limit: &TokenLimit) -> Result<()> {
    let sql = concat!(
        "INSERT INTO token_limit (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (integration) DO UPDATE SET resource = excluded.resource,
             max_tokens = excluded.max_tokens, period = excluded.period,
             updated_by = excluded.updated_by, updated_on = excluded.updated_on"
    );
    let Stamps { created_by, created_on, updated_by, updated_on } = &limit.stamps;
    tx.execute(
        sql,
        &[
            &limit.integration.as_str(),
            &limit.resource,
            &limit.max_tokens,
            &limit.period.as_str(),
            created_by,
            created_on,
            updated_by,
            updated_on,
        ],
    )?;
    Ok(())
}

/// The limit of `integration`.
pub fn find(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<Option<TokenLimit>> {
    let sql = concat!("SELECT ", columns!(), " FROM token_limit WHERE integration = ?1");
    tx.optional(sql, &[&integration.as_str()], read)
}

/// Takes the limit of `integration` away.
pub fn delete(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<()> {
    tx.execute("DELETE FROM token_limit WHERE integration = ?1", &[&integration.as_str()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<TokenLimit> {
    Ok(TokenLimit {
        integration: IntegrationName::parse("integration", row.get::<String>(0)?)?,
        resource: row.get(1)?,
        max_tokens: row.get(2)?,
        period: Period::named(&row.get::<String>(3)?)
            .ok_or_else(|| Error::internal("an unknown period"))?,
        stamps: row.stamps(4)?,
    })
}
