//! Until when what was read from the database is true, so that it can be kept in memory and is
//! never used when it is stale.
//!
//! Whoever keeps something notes the [`Tick`] at which they began to read it. A change marks what
//! it moves before it is committed; from then on nothing that was read before is fresh, and once
//! the change is committed, what is read from then on is. A *narrow* change moves one integration
//! or resource; every other change moves all there is.
//!
//! What other servers commit to the same database is found out by [`Freshness::catch_up`]: the
//! revision counts all changes and the narrow ones, and the audit log names what those moved.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Tx;
use super::audit::{self, End};
use crate::domain::Result;
use crate::domain::access::{Kind, Target};

/// How many marks there are, of 8 bytes each. Things share them by their hash: a change moves some
/// others along, of which there are the fewer the more marks there are.
const MARKS: usize = 1 << 20;

/// The mark of what a transaction moves that is not committed yet.
const MOVING: u64 = u64::MAX;

/// A moment: something that was read after it shows all that had moved until then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(u64);

/// The mark of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark(usize);

impl Mark {
    /// The mark of what never moves by itself.
    pub const NONE: Self = Self(0);
}

/// What of the registry was last moved when.
pub struct Freshness {
    tick: AtomicU64,
    everything: AtomicU64,
    marks: Box<[AtomicU64]>,
    hasher: RandomState,
    known: Mutex<End>,
}

impl Freshness {
    /// Nothing is known yet of what the database holds.
    pub(super) fn new() -> Self {
        let marks = bytemuck::zeroed_slice_box(MARKS);
        let (tick, everything) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { tick, everything, marks, hasher: RandomState::new(), known: Mutex::default() }
    }

    /// The present moment.
    pub fn tick(&self) -> Tick {
        Tick(self.tick.load(Ordering::SeqCst))
    }

    /// The mark that is moved with the integration `name` itself.
    pub fn of_integration(&self, name: &str) -> Mark {
        self.mark(("integration", name, ""))
    }

    /// The mark that is moved with the integration `name` and with any resource of it.
    pub fn of_whole(&self, name: &str) -> Mark {
        self.mark(("whole", name, ""))
    }

    /// The mark that is moved with a resource itself.
    pub fn of_resource(&self, integration: &str, name: &str) -> Mark {
        self.mark(("resource", integration, name))
    }

    /// Whether what was read since `since` still holds: neither the thing that it depends on has
    /// moved, nor everything.
    pub fn holds(&self, since: Tick, things: &[Mark]) -> bool {
        let unmoved = |mark: &AtomicU64| mark.load(Ordering::SeqCst) <= since.0;
        unmoved(&self.everything) && things.iter().all(|thing| unmoved(&self.marks[thing.0]))
    }

    /// Learns what others have committed, as the snapshot of `tx` shows it. The log is looked at only
    /// where there is something to learn: while it is unavailable, reads go on.
    ///
    /// # Errors
    ///
    /// Those of every query.
    pub fn catch_up(&self, tx: &mut dyn Tx) -> Result<()> {
        if audit::revision(tx)? > self.known().revision {
            let end = audit::end(tx)?;
            self.learn(tx, &end)?;
        }
        Ok(())
    }

    /// Learns what has moved until `end`, at which the history ends for `tx`.
    ///
    /// # Errors
    ///
    /// Those of every query.
    pub(super) fn learn(&self, tx: &mut dyn Tx, end: &End) -> Result<()> {
        let known = self.known().clone();
        // An older snapshot has nothing to tell.
        if end.revision <= known.revision {
            return Ok(());
        }
        let changes = end.revision - known.revision;
        let moved = if end.narrow - known.narrow == changes {
            audit::moved(tx, known.seq(), known.revision, changes)?
        } else {
            None
        };
        let marks = moved.map(|things| things.iter().flat_map(|thing| self.named(thing)).collect());
        let marks: Option<Vec<Mark>> = marks;
        let mut latest = self.known();
        self.advance(|tick| match marks {
            Some(marks) => marks.iter().for_each(|mark| raise(&self.marks[mark.0], tick)),
            None => raise(&self.everything, tick),
        });
        know(&mut latest, end);
        Ok(())
    }

    /// Marks a thing as about to be moved; false if it was already.
    pub(super) fn begin(&self, mark: Mark) -> bool {
        self.marks[mark.0].swap(MOVING, Ordering::SeqCst) != MOVING
    }

    /// Marks everything as about to be moved.
    pub(super) fn begin_everything(&self) {
        self.everything.store(MOVING, Ordering::SeqCst);
    }

    /// Says that what was about to be moved is so now, or that it will not be. `end` is what was
    /// committed, if anything was.
    pub(super) fn settle(&self, marks: &[Mark], everything: bool, end: Option<End>) {
        let mut known = self.known();
        if everything || !marks.is_empty() {
            self.advance(|tick| {
                for mark in marks {
                    self.marks[mark.0].store(tick, Ordering::SeqCst);
                }
                if everything {
                    self.everything.store(tick, Ordering::SeqCst);
                }
            });
        }
        if let Some(end) = end {
            know(&mut known, &end);
        }
    }

    /// The marks that a change of `target` moves.
    pub(super) fn moved_with(&self, target: &Target) -> Vec<Mark> {
        match target {
            Target::Integration(name) => {
                vec![self.of_integration(name.as_str()), self.of_whole(name.as_str())]
            }
            Target::Resource(integration, name) => vec![
                self.of_resource(integration.as_str(), name.as_str()),
                self.of_whole(integration.as_str()),
            ],
            _ => vec![],
        }
    }

    /// As [`Freshness::moved_with`], for the kind and id that a record of the audit log names.
    fn named(&self, (kind, id): &(String, String)) -> Vec<Mark> {
        let target = Kind::named(kind).and_then(|kind| Target::of(kind, id).ok());
        target.map(|target| self.moved_with(&target)).unwrap_or_default()
    }

    /// Takes the next tick, which counts once `mark` is done. Only with [`Freshness::known`] held.
    fn advance(&self, mark: impl FnOnce(u64)) {
        let next = self.tick.load(Ordering::SeqCst) + 1;
        mark(next);
        self.tick.store(next, Ordering::SeqCst);
    }

    fn mark(&self, thing: impl std::hash::Hash) -> Mark {
        let hash = self.hasher.hash_one(thing) % (MARKS as u64 - 1);
        Mark(usize::try_from(hash).map_or(0, |hash| hash + 1))
    }

    fn known(&self) -> MutexGuard<'_, End> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Remembers where the history ends, unless a later end is known.
fn know(known: &mut End, end: &End) {
    if known.revision < end.revision {
        *known = end.clone();
    }
}

/// Moves a mark, unless a transaction of this server is about to.
fn raise(mark: &AtomicU64, tick: u64) {
    mark.fetch_max(tick, Ordering::SeqCst);
}
