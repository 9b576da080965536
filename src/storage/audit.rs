//! The audit log, its end, and the revision that orders it.

use std::collections::HashSet;

use super::{Row, Tx};
use crate::domain::audit::{Head, Page, Record, Search};
use crate::domain::{Error, Result};

macro_rules! columns {
    () => {
        "seq, revision, at, subject, key_id, address, action, access,
         target_kind, target_id, outcome, detail"
    };
}

/// How many records of others' changes are looked at one by one.
const MOST_MOVED: i64 = 10_000;

/// Where the registry's history ends: how many changes there were, and the last record of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// The number of the latest change.
    pub revision: i64,
    /// How many of all changes were narrow: they moved nothing beside what their records name.
    pub narrow: i64,
    /// The end of the log; nobody but a tamperer takes it away.
    pub head: Option<Head>,
}

impl End {
    /// The place of the last record.
    pub(super) fn seq(&self) -> i64 {
        self.head.as_ref().map_or(0, |head| head.seq)
    }
}

/// The number of the latest committed change.
pub fn revision(tx: &mut dyn Tx) -> Result<i64> {
    tx.optional("SELECT number FROM revision", &[], |row| row.get(0))?
        .ok_or_else(|| Error::internal("the revision is missing"))
}

/// The end of the history. In a write it is that of the write itself.
pub fn end(tx: &mut dyn Tx) -> Result<End> {
    if let Some(ledger) = tx.ledger() {
        return Ok(ledger.end().clone());
    }
    let sql = "SELECT revision.number, revision.narrow, audit_head.seq, audit_head.hash,
                   audit_head.seal
               FROM revision LEFT JOIN audit_head ON audit_head.id = revision.id";
    let found = tx.optional(sql, &[], |row| {
        let seq: Option<i64> = row.get(2)?;
        let head =
            seq.map(|seq| Ok::<_, Error>(Head { seq, hash: row.get(3)?, seal: row.get(4)? }));
        Ok(End { revision: row.get(0)?, narrow: row.get(1)?, head: head.transpose()? })
    })?;
    found.ok_or_else(|| Error::internal("the revision is missing"))
}

/// Makes `end` the end of the history.
pub(super) fn set_end(tx: &mut dyn Tx, end: &End) -> Result<()> {
    let sql = "UPDATE revision SET number = ?1, narrow = ?2";
    tx.execute(sql, &[&end.revision, &end.narrow])?;
    if let Some(Head { seq, hash, seal }) = &end.head {
        let sql = "UPDATE audit_head SET seq = ?1, hash = ?2, seal = ?3";
        tx.execute(sql, &[seq, hash, seal])?;
    }
    Ok(())
}

/// What the `changes` changes after `revision` have moved, by the kinds and ids in their records,
/// of which the first comes after the one at `seq`. `None` when these are too many, or not all
/// there.
pub(super) fn moved(
    tx: &mut dyn Tx,
    seq: i64,
    revision: i64,
    changes: i64,
) -> Result<Option<Vec<(String, String)>>> {
    let sql = "SELECT revision, target_kind, target_id FROM audit
               WHERE seq > ?1 AND revision > ?2 AND revision <= ?3 AND outcome = 'done'
               ORDER BY seq LIMIT ?4";
    let last = revision + changes;
    let (mut revisions, mut things) = (HashSet::new(), vec![]);
    tx.for_each(sql, &[&seq, &revision, &last, &MOST_MOVED], &mut |row| {
        revisions.insert(row.get::<i64>(0)?);
        things.push((row.get(1)?, row.get(2)?));
        Ok(())
    })?;
    let are_all = i64::try_from(revisions.len()) == Ok(changes)
        && i64::try_from(things.len()).is_ok_and(|found| found < MOST_MOVED);
    Ok(are_all.then_some(things))
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
