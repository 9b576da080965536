//! What the writes of one batch have in common: the end of the registry's history, which is read
//! once and written once, and what of the registry they move.

use std::sync::Arc;

use super::Tx;
use super::audit::{self, End};
use super::freshness::{Freshness, Mark};
use super::tx::{Param, Row};
use crate::domain::Result;
use crate::domain::access::Target;
use crate::domain::audit::Head;

/// Tables of which a change moves nothing but what its records name, and tables that nobody keeps
/// anything of. A change of any other table moves everything.
const NARROW: [&str; 9] = [
    "arize_integration",
    "audit",
    "event_count",
    "idempotency",
    "integration",
    "resource",
    "secret",
    "sign_in_failure",
    "token_usage",
];

/// Statements on other tables that move nothing: nobody keeps when a key was used, and what was
/// allowed before a grant was added still is. (What was denied is not kept.)
const NARROW_BEGINNINGS: [&str; 2] = ["UPDATE access_key SET last_used_on", ADDS_GRANT];

/// How a statement begins that adds a grant.
const ADDS_GRANT: &str = "INSERT INTO access_grant ";

/// The history and the marks of one batch of writes.
pub struct Ledger {
    freshness: Arc<Freshness>,
    /// As it is in the database.
    written: End,
    /// With what the batch has done so far.
    end: End,
    marks: Vec<Mark>,
    everything: bool,
    /// Whether it has added grants.
    adds_grants: bool,
    work: Work,
}

/// What one piece of work of the batch has done.
#[derive(Default)]
struct Work {
    /// What it found.
    before: End,
    has_revision: bool,
    is_broad: bool,
}

impl Ledger {
    /// The ledger of the batch whose transaction is `tx`.
    pub(super) fn open(freshness: Arc<Freshness>, tx: &mut dyn Tx) -> Result<Self> {
        let written = audit::end(tx)?;
        freshness.learn(tx, &written)?;
        let (end, work) = (written.clone(), Work::default());
        let (marks, everything, adds_grants) = (vec![], false, false);
        Ok(Self { freshness, written, end, marks, everything, adds_grants, work })
    }

    /// Whether the batch has added grants: what they allow holds only once they are committed.
    pub fn adds_grants(&self) -> bool {
        self.adds_grants
    }

    /// The end of the history so far.
    pub fn end(&self) -> &End {
        &self.end
    }

    /// Notes that `target` is changed, which gives the present work its revision.
    pub fn change(&mut self, target: &Target) {
        if !self.work.has_revision {
            self.work.has_revision = true;
            self.end.revision += 1;
        }
        for mark in self.freshness.moved_with(target) {
            if self.freshness.begin(mark) {
                self.marks.push(mark);
            }
        }
    }

    /// Makes `head` the end of the log.
    pub fn set_head(&mut self, head: Head) {
        self.end.head = Some(head);
    }

    /// Begins a piece of work.
    pub(super) fn begin(&mut self) {
        self.work = Work { before: self.end.clone(), ..Work::default() };
    }

    /// Ends a piece of work, which is kept or undone.
    pub(super) fn finish(&mut self, keep: bool) {
        let work = std::mem::take(&mut self.work);
        if !keep {
            self.end = work.before;
        } else if work.has_revision && !work.is_broad {
            self.end.narrow += 1;
        }
    }

    /// Writes what the batch made of the end of the history.
    pub(super) fn write(&mut self, tx: &mut dyn Tx) -> Result<()> {
        if self.end != self.written {
            audit::set_end(tx, &self.end)?;
        }
        Ok(())
    }

    /// Says what became of the batch, after which what it moved can be kept again.
    pub(super) fn settle(self, is_committed: bool) {
        let end = is_committed.then_some(self.end);
        self.freshness.settle(&self.marks, self.everything, end);
    }

    /// Notes what a statement is about to move.
    fn watch(&mut self, sql: &str) {
        self.adds_grants |= sql.starts_with(ADDS_GRANT);
        if is_narrow(sql) {
            return;
        }
        self.work.is_broad = true;
        if !self.everything {
            self.everything = true;
            self.freshness.begin_everything();
        }
    }
}

/// Whether a statement reads, or changes a narrow table.
fn is_narrow(sql: &str) -> bool {
    let table = ["INSERT INTO ", "UPDATE ", "DELETE FROM "]
        .into_iter()
        .find_map(|begin| sql.strip_prefix(begin)?.split_ascii_whitespace().next());
    match table {
        Some(table) => {
            NARROW.contains(&table) || NARROW_BEGINNINGS.iter().any(|begin| sql.starts_with(begin))
        }
        None => sql.starts_with("SELECT ") || sql.starts_with("WITH "),
    }
}

/// The transaction of a batch, with its ledger.
pub(super) struct Recorded<'t> {
    pub tx: &'t mut dyn Tx,
    pub ledger: &'t mut Ledger,
}

impl Tx for Recorded<'_> {
    fn execute(&mut self, sql: &'static str, params: &[&dyn Param]) -> Result<u64> {
        self.ledger.watch(sql);
        self.tx.execute(sql, params)
    }

    fn for_each(
        &mut self,
        sql: &'static str,
        params: &[&dyn Param],
        visit: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        self.ledger.watch(sql);
        self.tx.for_each(sql, params, visit)
    }

    fn ledger(&mut self) -> Option<&mut Ledger> {
        Some(self.ledger)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::domain::Error;
    use crate::domain::audit::Record;
    use crate::domain::name::{IntegrationName, ResourceName};
    use crate::storage::{Db, Url};

    fn resource(name: &str) -> Target {
        let integration = IntegrationName::parse("name", "one").unwrap();
        Target::Resource(integration, ResourceName::parse("name", name).unwrap())
    }

    fn db() -> (TempDir, Db) {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&Url::Sqlite(folder.path().join("podium.db"))).unwrap();
        (folder, db)
    }

    /// Runs `sql` as a change of `target`, with its record.
    async fn change(db: &Db, target: Target, sql: &'static str) {
        let work = move |tx: &mut dyn Tx| {
            tx.execute(sql, &[])?;
            let ledger = tx.ledger().unwrap();
            ledger.change(&target);
            let (seq, revision) = (ledger.end().seq() + 1, ledger.end().revision);
            ledger.set_head(Head { seq, ..Head::default() });
            let text = String::new;
            let record = Record {
                seq,
                revision,
                at: 0,
                subject: text(),
                key_id: text(),
                address: None,
                action: text(),
                access: text(),
                target_kind: target.kind().as_str().to_owned(),
                target_id: target.id(),
                outcome: "done".to_owned(),
                detail: None,
            };
            audit::insert(tx, &record, "")
        };
        db.write(work).await.unwrap();
    }

    const NARROW_SQL: &str = "UPDATE resource SET description = '' WHERE name = 'a'";
    const BROAD_SQL: &str = "DELETE FROM access_grant WHERE target_id = 'a'";

    #[test]
    fn statements_that_change_what_is_kept_of_many_things_are_not_narrow() {
        let added = "INSERT INTO access_grant (access) VALUES (?1) ON CONFLICT DO NOTHING";
        for sql in [NARROW_SQL, "SELECT 1", "WITH a AS (SELECT 1) SELECT 1", added] {
            assert!(is_narrow(sql), "{sql}");
        }
        assert!(NARROW_BEGINNINGS.into_iter().all(is_narrow));
        for sql in [
            BROAD_SQL,
            "INSERT INTO tag (key) VALUES (1)",
            "UPDATE access_key SET active = ?2",
            "UPDATE access_grant SET access = ?1",
            "INSERT INTO access_grants (access) VALUES (?1)",
            "DELETE FROM resources",
            "\nUPDATE resource SET name = 1",
            "VACUUM",
        ] {
            assert!(!is_narrow(sql), "{sql}");
        }
    }

    #[tokio::test]
    async fn a_narrow_change_moves_its_thing_alone_and_any_other_everything() {
        let (_folder, db) = db();
        let fresh = db.freshness();
        let [a, b] = ["a", "b"].map(|name| fresh.of_resource("one", name));
        let (whole, itself) = (fresh.of_whole("one"), fresh.of_integration("one"));
        let before = fresh.tick();
        change(&db, resource("a"), NARROW_SQL).await;
        assert!(!fresh.holds(before, &[a]) && !fresh.holds(before, &[whole]));
        assert!(fresh.holds(before, &[b, itself]) && fresh.holds(fresh.tick(), &[a, whole]));
        let before = fresh.tick();
        change(&db, resource("a"), BROAD_SQL).await;
        assert!(!fresh.holds(before, &[b]) && !fresh.holds(before, &[]));
        assert!(fresh.holds(fresh.tick(), &[a, b]));
        let end = db.read(audit::end).await.unwrap();
        assert_eq!((end.revision, end.narrow, end.seq()), (2, 1, 2));
    }

    #[tokio::test]
    async fn nothing_that_is_being_moved_is_fresh() {
        let (_folder, db) = db();
        let fresh = Arc::clone(db.freshness());
        let work = move |tx: &mut dyn Tx| {
            let a = fresh.of_resource("one", "a");
            tx.ledger().unwrap().change(&resource("a"));
            assert!(!fresh.holds(fresh.tick(), &[a]) && fresh.holds(fresh.tick(), &[]));
            tx.execute(BROAD_SQL, &[])?;
            assert!(!fresh.holds(fresh.tick(), &[]));
            Ok(())
        };
        db.write(work).await.unwrap();
    }

    #[tokio::test]
    async fn work_that_fails_takes_no_revision() {
        let (_folder, db) = db();
        let fail = |tx: &mut dyn Tx| -> Result<()> {
            tx.ledger().unwrap().change(&resource("a"));
            Err(Error::internal("on purpose"))
        };
        db.write(fail).await.unwrap_err();
        assert_eq!(db.read(audit::end).await.unwrap().revision, 0);
        change(&db, resource("a"), NARROW_SQL).await;
        assert_eq!(db.read(audit::end).await.unwrap().revision, 1);
    }

    #[tokio::test]
    async fn what_others_have_moved_is_found_in_the_log() {
        let (_folder, db) = db();
        let other = Arc::new(Freshness::new());
        let [a, b] = ["a", "b"].map(|name| other.of_resource("one", name));
        let catch_up = || {
            let other = Arc::clone(&other);
            db.read(move |tx| other.catch_up(tx))
        };
        let before = other.tick();
        catch_up().await.unwrap();
        assert_eq!(other.tick(), before);
        change(&db, resource("a"), NARROW_SQL).await;
        assert!(other.holds(before, &[a]));
        catch_up().await.unwrap();
        assert!(!other.holds(before, &[a]) && other.holds(before, &[b]));
        let before = other.tick();
        change(&db, resource("a"), BROAD_SQL).await;
        catch_up().await.unwrap();
        assert!(!other.holds(before, &[b]));
        // What cannot be found out has moved everything.
        let before = other.tick();
        change(&db, resource("a"), NARROW_SQL).await;
        change(&db, resource("a"), "DELETE FROM audit WHERE seq = 3").await;
        catch_up().await.unwrap();
        assert!(!other.holds(before, &[b]) && other.holds(other.tick(), &[a, b]));
    }
}
