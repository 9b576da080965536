//! The threads that read: each has a connection of its own, and takes what is asked in turn.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::session::Session;
use crate::domain::{Error, Result};
use crate::storage::Tx;

/// How many reads may wait; one more is refused.
const QUEUE: usize = 1024;

/// A read: what to do on a connection.
type Job = Box<dyn FnOnce(&mut Session) + Send>;

/// The threads that read.
pub(super) struct Readers {
    queue: Option<SyncSender<Job>>,
    threads: Vec<JoinHandle<()>>,
    patience: Duration,
}

impl Readers {
    /// Starts a thread for each session.
    pub fn start(sessions: Vec<Session>, patience: Duration) -> io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let start = |session: Session| {
            let jobs = Arc::clone(&jobs);
            std::thread::Builder::new()
                .name("reader".to_owned())
                .spawn(move || serve(session, &jobs))
        };
        let threads = sessions.into_iter().map(start).collect::<io::Result<_>>()?;
        Ok(Self { queue: Some(queue), threads, patience })
    }

    /// As [`crate::storage::Db::read`]: one snapshot.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(|session| {
            session.ready()?;
            session.queue(BEGIN);
            work(session)
        })
        .await
    }

    /// Runs `work` on a connection, once one is free.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        const BUSY: Error = Error::Unavailable("no connection to the database is free");
        let (reply, mut replied) = oneshot::channel();
        // Set by whoever comes first: the thread that takes it, or the caller who gives up.
        let taken = Arc::new(AtomicBool::new(false));
        let mine = Arc::clone(&taken);
        let job: Job = Box::new(move |session| {
            if mine.swap(true, Ordering::SeqCst) || reply.is_closed() {
                return;
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| work(session)))
                .unwrap_or_else(|_| Err(Error::internal("a read panicked")));
            let _ = reply.send(outcome);
            end(session);
        });
        let queue = self.queue.as_ref().ok_or(BUSY)?;
        queue.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Unavailable("too many reads are waiting"),
            TrySendError::Disconnected(_) => Error::internal("the threads that read are gone"),
        })?;
        let reply = match timeout(self.patience, &mut replied).await {
            Ok(reply) => reply,
            Err(_) if !taken.swap(true, Ordering::SeqCst) => return Err(BUSY),
            Err(_) => replied.await,
        };
        reply.map_err(|_| Error::internal("a read was dropped"))?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                log::error!("a thread that reads has panicked");
            }
        }
    }
}

/// What begins a snapshot, sent along with the first query.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Ends a snapshot after its result was handed over.
fn end(session: &mut Session) {
    if !session.take_back(BEGIN) && session.batch("COMMIT").is_err() {
        session.disconnect();
    }
    session.recovered();
}

/// Takes what is asked, until nobody can ask any more.
fn serve(mut session: Session, jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(&mut session),
            Err(_) => return,
        }
    }
}
