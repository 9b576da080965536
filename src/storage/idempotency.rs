//! Results of changes, sealed, for requests that are sent again with the same key.

use super::{Row, Tx};
use crate::domain::Result;

/// A result that is kept.
pub struct Kept {
    /// The id of the user whose request it was.
    pub user: String,
    /// The client's key.
    pub key: String,
    /// The keyed hash of the request.
    pub request: String,
    /// The result, sealed.
    pub sealed: String,
}

impl Kept {
    /// What the result is bound to.
    pub fn parts(&self) -> [&str; 3] {
        [&self.user, &self.key, &self.request]
    }
}

macro_rules! kept {
    ($($rest:literal),*) => {
        concat!("SELECT user_id, key, request, sealed, seal_key, created_on FROM idempotency ",
            $($rest),*)
    };
}

/// What was kept for a user under `key` later than `after`.
pub fn find(tx: &mut dyn Tx, user: &str, key: &str, after: i64) -> Result<Option<Kept>> {
    let sql = kept!("WHERE user_id = ?1 AND key = ?2 AND created_on > ?3");
    tx.optional(sql, &[&user, &key, &after], read)
}

/// Keeps a result that `seal_key` sealed, in the place of one that has ended.
pub fn upsert(tx: &mut dyn Tx, kept: &Kept, seal_key: &str, now: i64) -> Result<()> {
    let sql = "INSERT INTO idempotency (user_id, key, request, seal_key, sealed, created_on)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (user_id, key) DO UPDATE SET
                   request = excluded.request, seal_key = excluded.seal_key,
                   sealed = excluded.sealed, created_on = excluded.created_on";
    let Kept { user, key, request, sealed } = kept;
    tx.execute(sql, &[user, key, request, &seal_key, sealed, &now])?;
    Ok(())
}

/// Removes up to `limit` results that were kept no later than `until`, the oldest first.
pub fn sweep(tx: &mut dyn Tx, until: i64, limit: i64) -> Result<()> {
    let sql = "DELETE FROM idempotency WHERE (user_id, key) IN (
                   SELECT user_id, key FROM idempotency WHERE created_on <= ?1
                   ORDER BY created_on LIMIT ?2)";
    tx.execute(sql, &[&until, &limit])?;
    Ok(())
}

/// Removes all that was kept for a user.
pub fn delete_of(tx: &mut dyn Tx, user: &str) -> Result<()> {
    tx.execute("DELETE FROM idempotency WHERE user_id = ?1", &[&user])?;
    Ok(())
}

/// At most `limit` results that `seal_key` sealed.
pub fn sealed_with(tx: &mut dyn Tx, seal_key: &str, limit: i64) -> Result<Vec<Kept>> {
    tx.all(kept!("WHERE seal_key = ?1 LIMIT ?2"), &[&seal_key, &limit], read)
}

/// Stores a result as `seal_key` sealed it again.
pub fn reseal(tx: &mut dyn Tx, kept: &Kept, seal_key: &str, sealed: &str) -> Result<()> {
    let sql = "UPDATE idempotency SET seal_key = ?3, sealed = ?4 WHERE user_id = ?1 AND key = ?2";
    tx.execute(sql, &[&kept.user, &kept.key, &seal_key, &sealed])?;
    Ok(())
}

/// How many results each seal key has sealed, by its id.
pub fn count_by_key(tx: &mut dyn Tx) -> Result<Vec<(String, i64)>> {
    let sql = "SELECT seal_key, COUNT(*) FROM idempotency GROUP BY seal_key ORDER BY seal_key";
    tx.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// As [`super::secrets::rewrite`].
pub fn rewrite(tx: &mut dyn Tx) -> Result<()> {
    let all = tx.all(kept!("ORDER BY user_id, key"), &[], |row| {
        Ok((read(row)?, row.get::<String>(4)?, row.get(5)?))
    })?;
    tx.execute("DELETE FROM idempotency", &[])?;
    all.iter().try_for_each(|(kept, seal_key, on)| upsert(tx, kept, seal_key, *on))
}

fn read(row: &Row<'_>) -> Result<Kept> {
    Ok(Kept { user: row.get(0)?, key: row.get(1)?, request: row.get(2)?, sealed: row.get(3)? })
}
