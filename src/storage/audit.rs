//! The audit log, its end, and the revision that orders it.

use super::{Row, Tx};
use crate::domain::audit::{Head, Page, Record, Search};
use crate::domain::{Error, Result};

macro_rules! columns {
    () => {
        "seq, revision, at, subject, key_id, address, action, access,
         target_kind, target_id, outcome, detail"
    };
}

/// The number of the latest committed change.
pub fn revision(tx: &mut dyn Tx) -> Result<i64> {
    tx.optional("SELECT number FROM revision", &[], |row| row.get(0))?
        .ok_or_else(|| Error::internal("the revision is missing"))
}

/// Takes the next revision for the change of this transaction.
pub fn next_revision(tx: &mut dyn Tx) -> Result<i64> {
    tx.optional("UPDATE revision SET number = number + 1 RETURNING number", &[], |row| row.get(0))?
        .ok_or_else(|| Error::internal("the revision is missing"))
}

/// The end of the log; nobody but a tamperer takes it away.
pub fn head(tx: &mut dyn Tx) -> Result<Option<Head>> {
    let read = |row: &Row<'_>| Ok(Head { seq: row.get(0)?, hash: row.get(1)?, seal: row.get(2)? });
    tx.optional("SELECT seq, hash, seal FROM audit_head", &[], read)
}

/// Makes `head` the end of the log.
pub fn set_head(tx: &mut dyn Tx, head: &Head) -> Result<()> {
    let sql = "UPDATE audit_head SET seq = ?1, hash = ?2, seal = ?3";
    tx.execute(sql, &[&head.seq, &head.hash, &head.seal])?;
    Ok(())
}

/// Adds a record with its hash. It is kept or lost together with the change it speaks of.
pub fn insert(tx: &mut dyn Tx, record: &Record, hash: &str) -> Result<()> {
    let sql = concat!(
        "INSERT INTO audit (",
        columns!(),
        ", hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
    );
    let Record { seq, revision, at, subject, key_id, address, action, access, .. } = record;
    let Record { target_kind, target_id, outcome, detail, .. } = record;
    tx.execute(
        sql,
        &[
            seq,
            revision,
            at,
            subject,
            key_id,
            address,
            action,
            access,
            target_kind,
            target_id,
            outcome,
            detail,
            &hash,
        ],
    )?;
    Ok(())
}

/// Gives a record of an older schema its hash.
pub fn set_hash(tx: &mut dyn Tx, seq: i64, hash: &str) -> Result<()> {
    tx.execute("UPDATE audit SET hash = ?2 WHERE seq = ?1", &[&seq, &hash])?;
    Ok(())
}

/// At most `limit` records after the one at `after`, in order, with their hashes; `None` for what
/// nobody could have written here.
pub fn after(tx: &mut dyn Tx, after: i64, limit: i64) -> Result<Vec<Option<(Record, String)>>> {
    let sql =
        concat!("SELECT ", columns!(), ", hash FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2");
    tx.all(sql, &[&after, &limit], |row| Ok(read(row).ok()))
}

macro_rules! searched {
    ($($rest:literal),*) => {
        concat!(
            "SELECT ",
            columns!(),
            ", hash FROM audit
             WHERE (CAST(?1 AS TEXT) IS NULL OR subject = ?1)
               AND (CAST(?2 AS TEXT) IS NULL OR key_id = ?2)
               AND (CAST(?3 AS TEXT) IS NULL OR action = ?3)
               AND (CAST(?4 AS TEXT) IS NULL OR target_kind = ?4)
               AND (CAST(?5 AS TEXT) IS NULL OR target_id = ?5)
               AND (CAST(?6 AS TEXT) IS NULL OR outcome = ?6)
               AND (CAST(?7 AS BIGINT) IS NULL OR at >= ?7)
               AND (CAST(?8 AS BIGINT) IS NULL OR at < ?8) ",
            $($rest),*
        )
    };
}

/// A page of the records that `search` fits, with their hashes.
pub fn search(tx: &mut dyn Tx, search: &Search, page: Page) -> Result<Vec<(Record, String)>> {
    let (sql, start) = if page.ascending {
        (searched!("AND seq > ?9 ORDER BY seq LIMIT ?10"), i64::MIN)
    } else {
        (searched!("AND seq < ?9 ORDER BY seq DESC LIMIT ?10"), i64::MAX)
    };
    let (cursor, limit) = (page.cursor.unwrap_or(start), page.limit);
    let Search { subject, key_id, action, target_kind, target_id, outcome, from, to } = search;
    tx.all(
        sql,
        &[subject, key_id, action, target_kind, target_id, outcome, from, to, &cursor, &limit],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<(Record, String)> {
    let record = Record {
        seq: row.get(0)?,
        revision: row.get(1)?,
        at: row.get(2)?,
        subject: row.get(3)?,
        key_id: row.get(4)?,
        address: row.get(5)?,
        action: row.get(6)?,
        access: row.get(7)?,
        target_kind: row.get(8)?,
        target_id: row.get(9)?,
        outcome: row.get(10)?,
        detail: row.get(11)?,
    };
    Ok((record, row.get(12)?))
}
