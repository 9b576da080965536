//! The one writer: a thread that commits together whatever is queued.
//!
//! Each piece of work runs in a savepoint of its own, so that a failure or a panic undoes only
//! that piece; then one commit, and one sync of the disk, serves them all. Nothing is answered
//! before that.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::Tx;
use super::freshness::Freshness;
use super::ledger::{Ledger, Recorded};
use super::meters::Meters;
use crate::domain::{Error, Result};

/// How many writes may wait; one more is refused.
const QUEUE: usize = 1024;

/// How many writes one commit carries at the most.
const BATCH: usize = 256;

/// A connection that the writer can drive.
pub(super) trait Connection: Send + 'static {
    /// Begins the transaction of a batch.
    fn begin(&mut self) -> Result<()>;

    /// Runs `work` in the transaction itself.
    fn directly<T>(&mut self, work: impl FnOnce(&mut dyn Tx) -> Result<T>) -> Result<T>;

    /// Runs `work` in a savepoint, which is kept if `work` says so.
    ///
    /// An error means that the whole transaction is lost.
    fn savepoint(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> bool) -> Result<()>;

    /// Makes the batch durable.
    fn commit(&mut self) -> Result<(), CommitError>;

    /// Gives up a batch.
    fn roll_back(&mut self);

    /// Housekeeping between two batches, after the answers of the last one.
    fn rest(&mut self) -> Result<(), CommitError>;

    /// How long the next rest may wait for a batch; for ever where there is nothing to see to.
    fn patience(&self) -> Option<Duration>;

    /// Housekeeping after the last batch.
    fn finish(&mut self) -> Result<(), CommitError>;
}

/// Why a batch was not committed.
pub(super) enum CommitError {
    /// It was rolled back; the next one may succeed.
    Refused(Error),
    /// The connection was lost before the database had answered: it may be committed or not. The
    /// next one may succeed.
    Unknown,
    /// The disk failed: what is on it is unknown, and nothing may be written any more.
    Broken(String),
}

/// One queued write: runs its work, says whether to keep it, and how to answer.
type Job = Box<dyn FnOnce(&mut dyn Tx) -> (bool, Answer) + Send>;

/// Gives the caller its result, once it is known what became of it.
type Answer = Box<dyn FnOnce(Fate) + Send>;

/// What became of a batch.
#[derive(Clone, Copy)]
enum Fate {
    Kept,
    /// It was not saved, for this reason.
    Lost(&'static str),
    Unknown,
}

/// The handle of the writer thread.
pub(super) struct Writer {
    freshness: Arc<Freshness>,
    meters: Meters,
    queue: Mutex<Option<SyncSender<Job>>>,
    alive: watch::Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which owns `connection` from now on.
    pub fn start(connection: impl Connection) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let (living, alive) = watch::channel(());
        let (freshness, meters) = (Arc::new(Freshness::new()), Meters::new());
        let (moved, metered) = (Arc::clone(&freshness), meters.clone());
        let thread = std::thread::Builder::new().name("writer".to_owned()).spawn(move || {
            if let Err(cause) = run(connection, &moved, &metered, &jobs) {
                log::error!("the database cannot be written any more: {cause}");
            }
            drop(living);
        })?;
        let (queue, thread) = (Mutex::new(Some(queue)), Mutex::new(Some(thread)));
        Ok(Self { freshness, meters, queue, alive, thread })
    }

    /// As [`super::Db::freshness`].
    pub fn freshness(&self) -> &Arc<Freshness> {
        &self.freshness
    }

    /// As [`super::Db::meters`].
    pub fn meters(&self) -> &Meters {
        &self.meters
    }

    /// As [`super::Db::write`].
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(work, true).await
    }

    /// As [`super::Db::rehearse`].
    pub async fn rehearse<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(work, false).await
    }

    /// Runs `work`, and unless it fails keeps what it has done if `keeps` says so.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
        keeps: bool,
    ) -> Result<T> {
        let (reply, replied) = oneshot::channel();
        // Also of a write that no batch takes up, or that is refused.
        let counted = self.meters.writing();
        let job: Job = Box::new(move |tx| {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(tx)))
                .unwrap_or_else(|_| Err(Error::internal("a write panicked")));
            let keep = keeps && outcome.is_ok();
            let answer: Answer = Box::new(move |fate| {
                drop(counted);
                let _ = reply.send(match fate {
                    Fate::Lost(reason) if keep => Err(Error::Unavailable(reason)),
                    Fate::Unknown if keep => Err(Error::OutcomeUnknown),
                    _ => outcome,
                });
            });
            (keep, answer)
        });
        self.enqueue(job)?;
        replied.await.map_err(|_| Error::Unavailable("the write was not saved"))?
    }

    /// As [`super::Db::failed`]: waits until the thread is gone, be it by a panic.
    pub async fn failed(&self) {
        let mut alive = self.alive.clone();
        while alive.changed().await.is_ok() {}
    }

    /// Takes no more writes, finishes what is queued, and ends the thread.
    pub fn close(&self) {
        drop(locked(&self.queue).take());
        if let Some(thread) = locked(&self.thread).take()
            && thread.join().is_err()
        {
            log::error!("the writer panicked");
        }
    }

    fn enqueue(&self, job: Job) -> Result<()> {
        let queue = locked(&self.queue);
        let queue = queue.as_ref().ok_or(Error::Unavailable("it is stopping"))?;
        queue.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Unavailable("too many writes are waiting"),
            TrySendError::Disconnected(_) => Error::Unavailable("the disk failed"),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// What a lock guards, also after a panic: what is behind these locks is never half changed.
fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Commits batch after batch, until the queue is closed or the disk fails.
fn run(
    mut connection: impl Connection,
    freshness: &Arc<Freshness>,
    meters: &Meters,
    jobs: &Receiver<Job>,
) -> Result<(), String> {
    loop {
        let first = match connection.patience() {
            Some(patience) => jobs.recv_timeout(patience),
            None => jobs.recv().map_err(RecvTimeoutError::from),
        };
        let outcome = match first {
            Ok(first) => commit_batch(&mut connection, freshness, meters, first, jobs),
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => break,
        };
        match outcome.and_then(|()| connection.rest()) {
            Ok(()) => {}
            Err(CommitError::Unknown) => log::error!("whether a commit was made is not known"),
            Err(CommitError::Refused(error)) => log::warn!("a commit was refused: {error:?}"),
            Err(CommitError::Broken(cause)) => return Err(cause),
        }
    }
    match connection.finish() {
        Ok(()) | Err(CommitError::Unknown) => Ok(()),
        Err(CommitError::Refused(error)) => Err(error.to_string()),
        Err(CommitError::Broken(cause)) => Err(cause),
    }
}

/// Commits the first job together with what else is queued, and answers them.
fn commit_batch(
    connection: &mut impl Connection,
    freshness: &Arc<Freshness>,
    meters: &Meters,
    first: Job,
    jobs: &Receiver<Job>,
) -> Result<(), CommitError> {
    let began = Instant::now();
    let batch = std::iter::once(first).chain(jobs.try_iter()).take(BATCH);
    let mut answers = Vec::new();
    let outcome = run_batch(connection, freshness, meters, batch, &mut answers);
    let fate = match &outcome {
        Ok(()) => Fate::Kept,
        Err(CommitError::Unknown) => Fate::Unknown,
        Err(CommitError::Refused(Error::Unavailable(reason))) => Fate::Lost(reason),
        Err(_) => Fate::Lost("the write was not saved"),
    };
    if outcome.is_err() {
        connection.roll_back();
        meters.failures.inc();
    }
    meters.committed(answers.len(), began.elapsed());
    for answer in answers {
        answer(fate);
    }
    outcome
}

/// Runs the work of one batch and commits it.
fn run_batch(
    connection: &mut impl Connection,
    freshness: &Arc<Freshness>,
    meters: &Meters,
    batch: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), CommitError> {
    connection.begin().map_err(CommitError::Refused)?;
    let opened = connection.directly(|tx| Ledger::open(Arc::clone(freshness), tx));
    let mut ledger = opened.map_err(CommitError::Refused)?;
    let outcome = run_jobs(connection, &mut ledger, batch, answers);
    if outcome.is_ok() {
        meters.records.set(ledger.end().seq());
    }
    ledger.settle(outcome.is_ok());
    outcome
}

/// Runs each job in a savepoint of its own, and commits what is kept of them.
fn run_jobs(
    connection: &mut impl Connection,
    ledger: &mut Ledger,
    batch: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), CommitError> {
    for job in batch {
        let mut job = Some(job);
        connection
            .savepoint(&mut |tx| match job.take() {
                Some(job) => {
                    ledger.begin();
                    let (keep, answer) = job(&mut Recorded { tx, ledger });
                    ledger.finish(keep);
                    answers.push(answer);
                    keep
                }
                None => false,
            })
            .map_err(CommitError::Refused)?;
    }
    connection.directly(|tx| ledger.write(tx)).map_err(CommitError::Refused)?;
    connection.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection that takes no batch.
    struct Refusing;

    impl Connection for Refusing {
        fn begin(&mut self) -> Result<()> {
            Err(Error::Unavailable("it is away"))
        }

        fn directly<T>(&mut self, _: impl FnOnce(&mut dyn Tx) -> Result<T>) -> Result<T> {
            Err(Error::Unavailable("it is away"))
        }

        fn savepoint(&mut self, _: &mut dyn FnMut(&mut dyn Tx) -> bool) -> Result<()> {
            Err(Error::Unavailable("it is away"))
        }

        fn commit(&mut self) -> Result<(), CommitError> {
            Ok(())
        }

        fn roll_back(&mut self) {}

        fn rest(&mut self) -> Result<(), CommitError> {
            Ok(())
        }

        fn patience(&self) -> Option<Duration> {
            None
        }

        fn finish(&mut self) -> Result<(), CommitError> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_write_that_no_batch_takes_does_not_wait_for_ever_in_the_metrics() {
        let writer = Writer::start(Refusing).unwrap();
        for _ in 0..3 {
            assert!(writer.write(|_| Ok(())).await.is_err());
        }
        writer.close();
        assert!(writer.write(|_| Ok(())).await.is_err());
        assert_eq!((writer.meters().waiting.get(), writer.meters().failures.get()), (0, 3));
    }
}
