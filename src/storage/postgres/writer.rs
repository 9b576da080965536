//! The connection that writes. Servers take turns by a lock in the database.

use std::time::Duration;

use super::failure::Failure;
use super::session::Session;
use crate::domain::{Error, Result};
use crate::storage::Tx;
use crate::storage::migrate::{self, Refused, Schema};
use crate::storage::writer::{CommitError, Connection};

/// What every writer takes before it reads or writes anything, and holds until its transaction
/// ends; statements after it see all that was committed before. The number is "podium" in ASCII.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
                     SELECT pg_advisory_xact_lock(123598184310125)";

/// What begins the work of one job.
const SAVEPOINT: &str = "SAVEPOINT work";

/// The connection that writes.
pub(super) struct PostgresWriter(Session);

impl PostgresWriter {
    pub fn new(session: Session) -> Self {
        Self(session)
    }
}

impl Connection for PostgresWriter {
    fn begin(&mut self) -> Result<()> {
        self.0.ready()?;
        Ok(self.0.batch(BEGIN)?)
    }

    fn directly<T>(&mut self, work: impl FnOnce(&mut dyn Tx) -> Result<T>) -> Result<T> {
        work(&mut self.0)
    }

    fn savepoint(&mut self, work: &mut dyn FnMut(&mut dyn Tx) -> bool) -> Result<()> {
        self.0.queue(SAVEPOINT);
        let keep = work(&mut self.0);
        if !self.0.is_live() {
            return Err(Error::Unavailable("the connection to the database is lost"));
        }
        if self.0.take_back(SAVEPOINT) {
            return Ok(());
        }
        match (keep, self.0.is_aborted()) {
            (true, true) => return Err(Error::Unavailable("the transaction was lost")),
            (true, false) => {}
            (false, _) => self.0.queue("ROLLBACK TO work"),
        }
        self.0.recovered();
        self.0.queue("RELEASE work");
        Ok(())
    }

    fn commit(&mut self) -> Result<(), CommitError> {
        self.0.batch("COMMIT").map_err(|failure| match failure {
            Failure::Lost(_) => CommitError::Unknown,
            Failure::Refused(error) => CommitError::Refused(error),
        })
    }

    fn roll_back(&mut self) {
        if self.0.batch("ROLLBACK").is_err() {
            self.0.disconnect();
        }
        self.0.recovered();
    }

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

/// What comes before [`BEGIN`]'s lock where the schema is changed: that may take long, and other
/// servers that start meanwhile wait for it.
const PATIENTLY: &str = "SET statement_timeout = 0; SET lock_timeout = 0";

/// Connects, and brings the database to the current schema while no other server does.
pub(super) fn migrated(mut session: Session) -> Result<Session, Refused> {
    session.connect()?;
    session.batch(PATIENTLY).map_err(cause)?;
    session.batch_patiently(BEGIN).map_err(cause)?;
    migrate::run(&mut session)?;
    session.batch_patiently("COMMIT").map_err(cause)?;
    // The settings of the next connection are the usual ones.
    session.disconnect();
    Ok(session)
}

impl Schema for Session {
    fn batch(&mut self, sql: &str) -> Result<(), String> {
        self.batch_patiently(sql).map_err(cause)
    }

    fn number(&mut self, sql: &'static str) -> Result<Option<i64>, String> {
        let tx: &mut dyn Tx = self;
        tx.optional(sql, &[], |row| row.get(0)).map_err(told)
    }
}

/// What failed, for the operator.
fn cause(failure: Failure) -> String {
    told(failure.into())
}

/// An error with what lies behind it.
fn told(error: Error) -> String {
    match error {
        Error::Internal(cause) => cause.to_string(),
        other => other.to_string(),
    }
}
