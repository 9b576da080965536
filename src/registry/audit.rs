//! The audit log: appended to with each change, read and verified by administrators.
//!
//! Every record carries a keyed hash of itself and of the hash before it, and the end of the log
//! one of its own, so that what was edited, removed, moved or cut off is found.

use super::{Caller, Registry, now_millis, permit};
use crate::domain::access::{Access, Kind, Target};
use crate::domain::audit::{Entry, Outcome, Page, Record, Search, Verified};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::seal::Mac;
use crate::storage::audit::End;
use crate::storage::{Ledger, Tx, audit};

/// How many records are read at once where all of them are.
const BATCH: i64 = 2_000;

/// The target of everything about the log.
const LOG: Target = Target::Every(Kind::AuditLog);

/// What a record follows where the end of the log was tampered with. It is no hash, so that the
/// record fits to nothing, for ever.
const BROKEN: &str = "broken";

/// Adds a record at the revision of the write.
pub(super) fn append(tx: &mut dyn Tx, mac: &Mac, entry: Entry) -> Result<()> {
    let end = audit::end(tx)?;
    let head = end.head.ok_or_else(|| Error::internal("the end of the audit log is missing"))?;
    let record = Record::new(entry, head.seq + 1, end.revision);
    let previous = if mac.made(&head) { &*head.hash } else { BROKEN };
    if previous == BROKEN {
        log::error!("the end of the audit log was tampered with, before record {}", record.seq);
    }
    let head = mac.head(previous, &record);
    audit::insert(tx, &record, &head.hash)?;
    ledger(tx)?.set_head(head);
    Ok(())
}

/// The ledger of a write.
pub(super) fn ledger(tx: &mut dyn Tx) -> Result<&mut Ledger> {
    tx.ledger().ok_or_else(|| Error::internal("a read cannot change the history"))
}

/// Begins the chain under a key that was just made. The records of the first schema had no hashes:
/// they are given theirs, and a record tells of it. Where there are hashes already, their key was
/// taken away; they are left alone, and do not verify.
pub(super) fn begin(tx: &mut dyn Tx, mac: &Mac) -> Result<()> {
    let mut head = mac.start();
    loop {
        let batch = audit::after(tx, head.seq, BATCH)?;
        if batch.is_empty() {
            break;
        }
        for row in batch {
            let (record, hash) = row.ok_or_else(|| Error::internal("the audit log is damaged"))?;
            if !hash.is_empty() {
                return Ok(());
            }
            head = mac.head(&head.hash, &record);
            audit::set_hash(tx, record.seq, &head.hash)?;
        }
    }
    let records = head.seq;
    ledger(tx)?.set_head(head);
    if records > 0 { record_beginning(tx, mac, records) } else { Ok(()) }
}

/// Records that `records` older ones were chained.
fn record_beginning(tx: &mut dyn Tx, mac: &Mac, records: i64) -> Result<()> {
    log::info!("chained the {records} records of the audit log");
    let now = now_millis();
    let who = permit::admit(tx, &Caller::LOCAL, now)?;
    let mut entry = Entry::new(&who, "audit-log.chain", Access::Update, &LOG, Outcome::Done, now);
    entry.detail.insert("records".to_owned(), records.into());
    ledger(tx)?.change(&LOG);
    append(tx, mac, entry)
}

impl Registry {
    /// A page of the records that `search` fits, each with its hash. Needs READ on the audit log.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`].
    pub async fn audit_records(
        &self,
        caller: &Caller,
        search: Search,
        page: Page,
    ) -> Result<Vec<(Record, String)>> {
        self.look(caller, Access::Read, LOG, move |look| audit::search(look.tx, &search, page))
            .await
    }

    /// Verifies the log from its first record to the one that is last now. Needs READ on the
    /// audit log.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`].
    pub async fn verify_audit(&self, caller: &Caller) -> Result<Verified> {
        let mac = &self.tools.mac;
        let (end, revision, beyond) = self
            .look(caller, Access::Read, LOG, move |look| {
                let End { revision, head, .. } = audit::end(look.tx)?;
                let head = head.unwrap_or_default();
                let beyond = !audit::after(look.tx, head.seq, 1)?.is_empty();
                Ok((head, revision, beyond))
            })
            .await?;
        let mut walk = Walk::default();
        let mut cursor = i64::MIN;
        while walk.seq < end.seq && walk.bad.is_none() {
            let batch = self
                .look(caller, Access::Read, LOG, move |look| audit::after(look.tx, cursor, BATCH))
                .await?;
            if batch.is_empty() {
                break;
            }
            for row in batch {
                walk.step(mac, row, end.seq);
            }
            cursor = walk.seq;
            // Others are served between two batches.
            tokio::task::yield_now().await;
        }
        let whole = mac.made(&end) && walk.hash == end.hash && walk.revision == revision;
        let last = match (beyond, whole) {
            (true, _) => Some((walk.seq + 1, BEYOND)),
            (false, false) => Some((walk.seq + 1, CUT)),
            (false, true) => None,
        };
        Ok(Verified { records: walk.seq, bad: walk.bad.or(last) })
    }

    /// What stands in the audit log for this value of a secret, so that an auditor can look for
    /// it. Needs READ on the audit log.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`].
    pub async fn audit_fingerprint(&self, caller: &Caller, value: Secret) -> Result<String> {
        self.look(caller, Access::Read, LOG, move |look| Ok(look.tools.mac.fingerprint(&value)))
            .await
    }
}

/// What can be wrong with a record.
const MISSING: &str = "is missing";
const CHANGED: &str = "was changed, or is not in its place";
const FOREIGN: &str = "does not belong to the log";
const GAP: &str = "does not follow on the one before it: records between them were taken away";
const CUT: &str = "is missing, or the end of the log was changed";
const BEYOND: &str = "stands behind the end of the log";

/// A walk along the chain, and how far it has come.
#[derive(Default)]
struct Walk {
    seq: i64,
    hash: String,
    revision: i64,
    bad: Option<(i64, &'static str)>,
}

impl Walk {
    /// Goes on to the next record, unless one was bad, or the record at `end` was reached.
    fn step(&mut self, mac: &Mac, row: Option<(Record, String)>, end: i64) {
        if self.bad.is_some() || self.seq == end {
            return;
        }
        match row {
            Some((record, hash)) => match self.wrong(mac, &record, &hash) {
                None => {
                    *self = Self { seq: record.seq, hash, revision: record.revision, bad: None }
                }
                wrong => self.bad = wrong,
            },
            None => self.bad = Some((self.seq + 1, CHANGED)),
        }
    }

    /// What is wrong with the next record. Every revision has its record, so that each is at the
    /// revision of the one before it, or at the next.
    fn wrong(&self, mac: &Mac, record: &Record, hash: &str) -> Option<(i64, &'static str)> {
        let next = self.seq + 1;
        if record.seq < next {
            Some((record.seq, FOREIGN))
        } else if record.seq > next {
            Some((next, MISSING))
        } else if mac.head(&self.hash, record).hash != hash {
            Some((next, CHANGED))
        } else if !(self.revision..=self.revision + 1).contains(&record.revision) {
            Some((next, GAP))
        } else {
            None
        }
    }
}
