//! Failed sign-ins, with API keys too, counted by key id and address.

use super::Tx;
use crate::domain::Result;

/// How many sign-ins failed of late.
#[derive(Clone, Copy, Debug, Default)]
pub struct Failures {
    /// With this key id from this address.
    pub of_pair: i64,
    /// From this address.
    pub of_address: i64,
    /// When the count of the pair began, in epoch milliseconds.
    pub pair_since: i64,
    /// When the oldest count of the address began, in epoch milliseconds.
    pub address_since: i64,
}

/// What failed from `address`, with `key_id` and in all, in counts that began after `after`.
pub fn find(tx: &mut dyn Tx, key_id: &str, address: &str, after: i64) -> Result<Failures> {
    let sql =
        "SELECT CAST(COALESCE(SUM(CASE WHEN key_id = ?1 THEN count ELSE 0 END), 0) AS BIGINT),
                      CAST(COALESCE(SUM(count), 0) AS BIGINT),
                      COALESCE(MAX(CASE WHEN key_id = ?1 THEN since ELSE 0 END), 0),
                      COALESCE(MIN(since), 0)
               FROM sign_in_failure WHERE address = ?2 AND since > ?3";
    let found = tx.optional(sql, &[&key_id, &address, &after], |row| {
        Ok(Failures {
            of_pair: row.get(0)?,
            of_address: row.get(1)?,
            pair_since: row.get(2)?,
            address_since: row.get(3)?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

/// Counts a failure at `now`, and forgets every count that began before `after`.
pub fn add(tx: &mut dyn Tx, key_id: &str, address: &str, now: i64, after: i64) -> Result<()> {
    tx.execute("DELETE FROM sign_in_failure WHERE since <= ?1", &[&after])?;
    let sql = "INSERT INTO sign_in_failure (key_id, address, since, count)
               VALUES (?1, ?2, ?3, 1)
               ON CONFLICT (address, key_id) DO UPDATE SET count = sign_in_failure.count + 1";
    tx.execute(sql, &[&key_id, &address, &now])?;
    Ok(())
}
