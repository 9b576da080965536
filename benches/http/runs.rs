//! Runs that count: on a quiet machine, and without errors.

use std::time::{Duration, Instant};

use super::figures::Sample;
use super::load::{Counted, Work, Wrk};
use super::postgres::{Postgres, Raw};
use super::server::Server;
use super::{Outcome, machine};

/// A run in which others used more cores than this is thrown away.
const MAX_FOREIGN_CORES: f64 = 0.30;

/// How often a run that was thrown away is repeated.
const REPEATS: usize = 4;

/// What keeps servers busy.
pub enum Load<'a> {
    /// wrk, with these requests.
    Requests(Work<'a>),
    /// pgbench, which asks PostgreSQL alone.
    Raw(&'a Raw),
}

/// How everything is run.
pub struct Runner {
    /// The load generator.
    pub wrk: Wrk,
    /// How long each run takes, in seconds.
    pub seconds: u32,
    /// Whether a machine that is not quiet will do.
    pub noisy: bool,
}

/// What came of a run.
pub enum Ran {
    /// It counts.
    Well(Sample),
    /// It had errors.
    Failed,
    /// The machine does not become quiet.
    Disturbed,
}

impl Runner {
    /// Keeps so many connections busy, and tells standard error `what` that was.
    pub fn run(
        &self,
        what: &str,
        load: &Load<'_>,
        connections: u32,
        postgres: Option<&Postgres>,
    ) -> Outcome<Ran> {
        for _ in 0..=REPEATS {
            if !self.noisy {
                machine::wait_until_quiet()?;
            }
            let Measured { sample, foreign_cores, errors } =
                self.once(load, connections, postgres)?;
            if errors > 0 {
                eprintln!("{what} {errors} ERRORS");
                return Ok(Ran::Failed);
            }
            let is_quiet = foreign_cores <= MAX_FOREIGN_CORES;
            let verdict = if is_quiet { "" } else { ": disturbed" };
            eprintln!("{what} {:8.0}/s, {foreign_cores:.2} foreign cores{verdict}", sample.rate);
            if is_quiet || self.noisy {
                return Ok(Ran::Well(sample));
            }
        }
        Ok(Ran::Disturbed)
    }

    /// Keeps so many connections busy for so long.
    pub fn load(&self, load: &Load<'_>, connections: u32, seconds: u32) -> Outcome<Counted> {
        match load {
            Load::Requests(work) => self.wrk.run(work, connections, seconds),
            Load::Raw(raw) => raw.run(connections, seconds),
        }
    }

    fn once(
        &self,
        load: &Load<'_>,
        connections: u32,
        postgres: Option<&Postgres>,
    ) -> Outcome<Measured> {
        let servers = match load {
            Load::Requests(work) => Some(work.servers),
            Load::Raw(_) => None,
        };
        let cpu = || -> Outcome<_> {
            let servers = servers.map(Server::cpu).transpose()?;
            Ok((servers, postgres.map(Postgres::cpu).transpose()?))
        };
        let (busy, children) = (machine::busy()?, machine::children()?);
        let (before, began) = (cpu()?, Instant::now());
        let counted = self.load(load, connections, self.seconds)?;
        let (wall, after) = (began.elapsed(), cpu()?);
        let server = after.0.zip(before.0).map(|(after, before)| after.since(&before));
        let postgres = after.1.zip(before.1).map(|(after, before)| after.saturating_sub(before));
        let client = machine::children()?.saturating_sub(children);
        let ours = client + server.unwrap_or_default() + postgres.unwrap_or_default();
        let foreign = machine::busy()?.saturating_sub(busy).saturating_sub(ours);
        let of_one = |cpu: Duration| cpu.div_f64(counted.requests.max(1) as f64);
        Ok(Measured {
            foreign_cores: foreign.as_secs_f64() / wall.as_secs_f64(),
            errors: counted.errors,
            sample: Sample {
                rate: counted.rate,
                p50: counted.p50,
                p99: counted.p99,
                server_cpu: server.map(of_one),
                postgres_cpu: postgres.map(of_one),
            },
        })
    }
}

/// One run.
struct Measured {
    sample: Sample,
    foreign_cores: f64,
    errors: u64,
}

/// The items in an order that differs from round to round: A B C, C B A, B C A, A C B, …
pub fn rotated<T>(items: impl IntoIterator<Item = T>, round: usize) -> Vec<T> {
    let mut items: Vec<_> = items.into_iter().collect();
    let by = round / 2 % items.len().max(1);
    items.rotate_left(by);
    if round % 2 == 1 {
        items.reverse();
    }
    items
}
