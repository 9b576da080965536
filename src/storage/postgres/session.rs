//! One connection, which lives and dies on one thread, and is made anew when it was lost.

use std::collections::HashMap;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, yield_now};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Settings;
use super::failure::{Failure, failure, is_lost, told};
use crate::domain::{Error, Result};
use crate::storage::tx::{Param, Row, Tx};

/// For how long nobody is asked again after a connection could not be made.
const REST: Duration = Duration::from_millis(500);

/// How much longer than the server an answer is waited for.
const GRACE: Duration = Duration::from_secs(1);

/// A connection, or the way to one.
pub(super) struct Session {
    settings: Arc<Settings>,
    tls: MakeRustlsConnect,
    // Dropped before the runtime that drives it.
    live: Option<Live>,
    rest: Arc<Rest>,
    runtime: Runtime,
}

/// The pause that all sessions make after one could not connect. It ends at once when one can.
#[derive(Default)]
pub(super) struct Rest(Mutex<Attempts>);

/// How it went with the last connections.
#[derive(Default)]
struct Attempts {
    opened: Option<Instant>,
    resting_until: Option<Instant>,
}

impl Rest {
    fn is_on(&self) -> bool {
        self.attempts().resting_until.is_some_and(|until| Instant::now() < until)
    }

    /// Begins it after an attempt of the time `since` has failed, unless another one, which is
    /// newer, has not.
    fn begin(&self, since: Instant) {
        let mut attempts = self.attempts();
        if attempts.opened.is_none_or(|opened| opened < since) {
            attempts.resting_until = Some(Instant::now() + REST);
        }
    }

    fn end(&self) {
        *self.attempts() = Attempts { opened: Some(Instant::now()), resting_until: None };
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is open.
struct Live {
    client: Client,
    driver: JoinHandle<()>,
    statements: HashMap<&'static str, Statement>,
    /// What begins and ends transactions and savepoints, and is sent along with what comes next:
    /// it needs no turn of its own.
    pending: String,
    /// Whether a statement has failed, so that the transaction takes no more of them.
    aborted: bool,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Session {
    /// A session that connects when it is first used.
    pub fn new(
        settings: Arc<Settings>,
        tls: MakeRustlsConnect,
        rest: Arc<Rest>,
    ) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { settings, tls, live: None, rest, runtime })
    }

    /// Connects, if there is no connection, or it has been cut meanwhile. Where that failed just
    /// now, here or elsewhere, nobody waits for it again.
    pub fn ready(&mut self) -> Result<()> {
        if let Some(live) = &self.live {
            // What the server said while nobody listened, such as its farewell, is heard here.
            self.runtime.block_on(async {
                yield_now().await;
                yield_now().await;
            });
            if !live.client.is_closed() {
                return Ok(());
            }
            self.live = None;
        }
        if self.rest.is_on() {
            return Err(Error::Unavailable("the database cannot be reached"));
        }
        let since = Instant::now();
        self.connect().map_err(|reason| {
            log::error!("cannot connect to {}: {reason}", self.settings);
            self.rest.begin(since);
            Error::Unavailable("the database cannot be reached")
        })
    }

    /// Opens a connection, and says on failure why not.
    pub fn connect(&mut self) -> Result<(), String> {
        let (settings, tls) = (&self.settings, self.tls.clone());
        let opening = async {
            let (client, connection) = settings.config.connect(tls).await?;
            let driver = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    log::debug!("a connection to the database has ended: {error}");
                }
            });
            let live = Live {
                client,
                driver,
                statements: HashMap::new(),
                pending: String::new(),
                aborted: false,
            };
            live.client.batch_execute(&setup(settings.patience)).await?;
            Ok::<_, tokio_postgres::Error>(live)
        };
        let patience = settings.patience;
        let opened = self.runtime.block_on(async { tokio::time::timeout(patience, opening).await });
        match opened {
            Ok(Ok(live)) => {
                self.live = Some(live);
                self.rest.end();
                Ok(())
            }
            Ok(Err(error)) => Err(told(&error)),
            Err(_) => Err(format!("no answer within {patience:?}")),
        }
    }

    /// Lets `sql`, which begins or ends a transaction or a savepoint, go along with what is sent
    /// next.
    pub fn queue(&mut self, sql: &str) {
        if let Some(live) = &mut self.live {
            live.pending.push_str(sql);
            live.pending.push(';');
        }
    }

    /// Takes back what was queued, if it is the last that was and nothing was sent since.
    pub fn take_back(&mut self, sql: &str) -> bool {
        let Some(live) = &mut self.live else { return false };
        let kept = live.pending.strip_suffix(';').and_then(|queued| queued.strip_suffix(sql));
        let kept = kept.map(str::len);
        if let Some(length) = kept {
            live.pending.truncate(length);
        }
        kept.is_some()
    }

    /// Whether there is a connection.
    pub fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Whether a statement has failed since the last [`Session::recovered`].
    pub fn is_aborted(&self) -> bool {
        self.live.as_ref().is_none_or(|live| live.aborted)
    }

    /// Notes that what is queued takes the transaction back to before the failure.
    pub fn recovered(&mut self) {
        if let Some(live) = &mut self.live {
            live.aborted = false;
        }
    }

    /// Sends all that is queued, and `sql`: statements of which no row is read.
    pub fn batch(&mut self, sql: &str) -> Result<(), Failure> {
        self.batch_within(self.patience(), sql)
    }

    /// As [`Session::batch`], for as long as it takes.
    pub fn batch_patiently(&mut self, sql: &str) -> Result<(), Failure> {
        self.batch_within(Duration::MAX, sql)
    }

    fn batch_within(&mut self, limit: Duration, sql: &str) -> Result<(), Failure> {
        self.queue(sql);
        self.exchange(limit, async |live| {
            let queued = std::mem::take(&mut live.pending);
            live.client.batch_execute(&queued).await
        })
    }

    /// How long an answer is waited for.
    fn patience(&self) -> Duration {
        self.settings.patience + GRACE
    }

    /// Closes the connection.
    pub fn disconnect(&mut self) {
        self.live = None;
    }

    /// Runs `request` on the connection, which is given up when no answer comes within `limit`.
    fn exchange<T>(
        &mut self,
        limit: Duration,
        request: impl AsyncFnOnce(&mut Live) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        let Some(live) = &mut self.live else {
            return Err(Failure::Lost(Error::Unavailable(
                "the connection to the database is lost",
            )));
        };
        let answer =
            self.runtime.block_on(async { tokio::time::timeout(limit, request(live)).await.ok() });
        match answer {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(error)) => {
                live.aborted = true;
                let (is_lost, failure) = (is_lost(&error), failure(&error));
                if is_lost || live.client.is_closed() {
                    log::error!("the connection to the database was lost: {}", told(&error));
                    self.live = None;
                    return Err(Failure::Lost(failure));
                }
                Err(Failure::Refused(failure))
            }
            None => {
                log::error!("the database has not answered within {limit:?}");
                self.live = None;
                Err(Failure::Lost(Error::Unavailable("the database does not answer")))
            }
        }
    }

    /// Runs a prepared statement, after what is queued.
    fn run<T>(
        &mut self,
        sql: &'static str,
        request: impl AsyncFnOnce(&Client, &Statement) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        self.exchange(self.patience(), async |live| {
            let statement = if let Some(statement) = live.statements.get(sql) {
                statement.clone()
            } else {
                if !live.pending.is_empty() {
                    let queued = std::mem::take(&mut live.pending);
                    live.client.batch_execute(&queued).await?;
                }
                let statement = live.client.prepare(&numbered(sql)).await?;
                live.statements.insert(sql, statement.clone());
                statement
            };
            if live.pending.is_empty() {
                return request(&live.client, &statement).await;
            }
            let queued = std::mem::take(&mut live.pending);
            // Polled in this order, they are sent in this order, and cost one turn.
            let (before, answer) = tokio::join!(
                biased;
                live.client.batch_execute(&queued),
                request(&live.client, &statement)
            );
            before.and(answer)
        })
    }
}

impl Tx for Session {
    fn execute(&mut self, sql: &'static str, params: &[&dyn Param]) -> Result<u64> {
        let params = bound(params);
        Ok(self.run(sql, async |client, statement| client.execute(statement, &params).await)?)
    }

    fn for_each(
        &mut self,
        sql: &'static str,
        params: &[&dyn Param],
        visit: &mut dyn FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let params = bound(params);
        let mut outcome = Ok(());
        self.run(sql, async |client, statement| {
            let rows = client.query_raw(statement, params.iter().copied()).await?;
            let mut rows = pin!(rows);
            // What comes after a row that was refused is read too, or the next answer would wait.
            while let Some(row) = rows.try_next().await? {
                if outcome.is_ok() {
                    outcome = visit(&Row::Postgres(&row));
                }
            }
            Ok(())
        })?;
        outcome
    }
}

/// Every setting of a connection. What was acknowledged is on disk, whatever the database's own
/// default; and a server that is gone does not hold the others up.
fn setup(patience: Duration) -> String {
    let (millis, idle) = (patience.as_millis(), (2 * patience + GRACE).as_millis());
    format!(
        "SET statement_timeout = {millis}; SET lock_timeout = {millis};
         SET idle_in_transaction_session_timeout = {idle};
         SET client_min_messages = error; SET standard_conforming_strings = on;
         SELECT set_config('synchronous_commit', 'on', false)
         WHERE current_setting('synchronous_commit') = 'off'"
    )
}

/// `?1` as PostgreSQL writes it, `$1`. No literal in the SQL of this program holds a `?`.
fn numbered(sql: &str) -> String {
    sql.replace('?', "$")
}

fn bound<'p>(params: &[&'p dyn Param]) -> Vec<&'p (dyn ToSql + Sync)> {
    params.iter().map(|param| *param as &(dyn ToSql + Sync)).collect()
}
