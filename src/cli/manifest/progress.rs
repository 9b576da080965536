//! What a command waits for, told on a terminal.

use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

/// How often it is told.
const PAUSE: Duration = Duration::from_secs(1);

/// A line on standard error that says since when something is done, until this is dropped.
pub struct Progress {
    end: Option<Sender<()>>,
    teller: Option<JoinHandle<()>>,
}

impl Progress {
    /// Does `work`, and where standard error is a terminal, tells so from the first second on.
    pub fn of<T>(what: &'static str, work: impl FnOnce() -> T) -> T {
        let _progress = stderr().is_terminal().then(|| Self::begin(what));
        work()
    }

    fn begin(what: &'static str) -> Self {
        let (end, ended) = channel::<()>();
        let began = Instant::now();
        let teller = spawn(move || {
            let mut is_told = false;
            while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                // Where the terminal is gone there is nobody to tell.
                let _ = write!(stderr(), "\r{what} … {} s", began.elapsed().as_secs());
                is_told = true;
            }
            if is_told {
                let _ = write!(stderr(), "\r\x1b[K");
            }
        });
        Self { end: Some(end), teller: Some(teller) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(teller) = self.teller.take() {
            let _ = teller.join();
        }
    }
}
