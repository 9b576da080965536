//! The audit log: appended to with each change, read and verified by administrators.
//!
//! Every record carries a keyed hash of itself and of the hash before it, and the end of the log
//! one of its own, so that what was edited, removed, moved or cut off is found.

use super::{Caller, Registry};
use crate::domain::Result;
use crate::domain::access::{Access, Kind, Target};
use crate::domain::audit::{Entry, Record, Search, Verified};
use crate::domain::secret::Secret;
use crate::seal::Mac;
use crate::storage::{Tx, audit};

/// How many records are read at once where all of them are.
const BATCH: i64 = 2_000;

/// The target of everything about the log.
const LOG: Target = Target::Every(Kind::AuditLog);

/// Adds a record at `revision`, or where it made none, at the revision of now.
pub(super) fn append(
    tx: &mut dyn Tx,
    mac: &Mac,
    entry: Entry,
    revision: Option<i64>,
) -> Result<()> {
    let revision = revision.map_or_else(|| audit::revision(tx), Ok)?;
    let head = audit::head(tx)?;
    let record = Record::new(entry, head.seq + 1, revision);
    let head = mac.head(&head.hash, &record);
    audit::insert(tx, &record, &head.hash)?;
    audit::set_head(tx, &head)
}

/// Gives the records of the first schema, which had none, their hashes.
pub(super) fn chain_older(tx: &mut dyn Tx, mac: &Mac) -> Result<()> {
    let mut head = audit::head(tx)?;
    if head.seq > 0 {
        return Ok(());
    }
    loop {
        let batch = audit::after(tx, head.seq, BATCH)?;
        let Some((_, hash)) = batch.last() else { break };
        if !hash.is_empty() {
            return Ok(());
        }
        for (record, _) in batch {
            head = mac.head(&head.hash, &record);
            audit::set_hash(tx, head.seq, &head.hash)?;
        }
    }
    if head.seq > 0 {
        log::info!("chained the {} records of the audit log", head.seq);
        audit::set_head(tx, &head)?;
    }
    Ok(())
}

impl Registry {
    /// At most `limit` records that `search` fits, each with its hash: the latest first, before
    /// the one at `cursor`; or if `ascending` the first first, after it. Needs READ on the audit
    /// log.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Forbidden`].
    pub async fn audit_records(
        &self,
        caller: &Caller,
        search: &Search,
        ascending: bool,
        cursor: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(Record, String)>> {
        let cursor = cursor.unwrap_or(if ascending { 0 } else { i64::MAX });
        self.look(caller, Access::Read, &LOG, |look| {
            audit::search(look.tx, search, ascending, cursor, limit)
        })
        .await
    }

    /// Verifies the log from its first record to the one that is last now. Needs READ on the
    /// audit log.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Forbidden`].
    pub async fn verify_audit(&self, caller: &Caller) -> Result<Verified> {
        let mac = &self.tools.mac;
        let (end, revision) = self
            .look(caller, Access::Read, &LOG, |look| {
                Ok((audit::head(look.tx)?, audit::revision(look.tx)?))
            })
            .await?;
        let mut walk = Walk::default();
        while walk.seq < end.seq && walk.bad.is_none() {
            let batch = self
                .look(caller, Access::Read, &LOG, |look| audit::after(look.tx, walk.seq, BATCH))
                .await?;
            if batch.is_empty() {
                walk.bad = Some((walk.seq + 1, CUT));
            }
            for (record, hash) in batch.iter().take_while(|(record, _)| record.seq <= end.seq) {
                walk.step(mac, record, hash);
            }
            // Others are served between two batches.
            tokio::task::yield_now().await;
        }
        let sealed = end.seq > 0 && end.seal == mac.seal(end.seq, &end.hash);
        let whole = sealed && walk.hash == end.hash && walk.revision == revision;
        let bad = walk.bad.or((!whole).then_some((walk.seq + 1, CUT)));
        Ok(Verified { records: walk.seq, bad })
    }

    /// What stands in the audit log for this value of a secret, so that an auditor can look for
    /// it. Needs READ on the audit log.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Forbidden`].
    pub async fn audit_fingerprint(&self, caller: &Caller, value: &Secret) -> Result<String> {
        self.look(caller, Access::Read, &LOG, |look| Ok(look.tools.mac.fingerprint(value))).await
    }
}

/// What is wrong where the log does not reach its end.
const CUT: &str = "is missing, or the end of the log was changed";

/// A walk along the chain, and how far it has come.
#[derive(Default)]
struct Walk {
    seq: i64,
    hash: String,
    revision: i64,
    bad: Option<(i64, &'static str)>,
}

impl Walk {
    /// Goes on to the next record, unless one was bad.
    fn step(&mut self, mac: &Mac, record: &Record, hash: &str) {
        let next = self.seq + 1;
        if self.bad.is_some() {
        } else if record.seq != next {
            self.bad = Some((next, "is missing"));
        } else if mac.head(&self.hash, record).hash != hash {
            self.bad = Some((next, "was changed, or is not in its place"));
        } else {
            hash.clone_into(&mut self.hash);
            self.seq = next;
            self.revision = self.revision.max(record.revision);
        }
    }
}
