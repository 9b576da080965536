//! `cargo bench --bench http`: Podium over HTTP, next to routes that do nothing. The method is in
//! `benches/README.md`.

#![allow(clippy::cast_precision_loss)] // counts and times stay far below 2^52

mod load;
mod machine;
mod noop;
mod operation;
mod podium;
mod postgres;
mod report;
mod server;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::slice;
use std::time::{Duration, Instant};

use clap::Parser;

use load::{Counted, Work, Wrk};
use noop::Noop;
use operation::{Operation, Place};
use podium::{Podium, Size};
use postgres::{Postgres, Raw};
use report::{Report, Results, Sample};
use server::Server;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A run in which others used more cores than this is thrown away.
const MAX_FOREIGN_CORES: f64 = 0.30;

/// How often a run that was thrown away is repeated.
const REPEATS: usize = 4;

/// Measures Podium over HTTP, next to routes that do nothing.
#[derive(Parser)]
#[allow(clippy::struct_excessive_bools)] // flags of the command line
struct Options {
    /// How often each operation is run.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// How long each run takes, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// How many connections wrk keeps busy.
    #[arg(long, default_value = "1,64", value_delimiter = ',')]
    connections: Vec<u32>,
    /// How many integrations there are, besides the one that is listed.
    #[arg(long, default_value_t = 1_000)]
    integrations: usize,
    /// How many resources each of them has.
    #[arg(long, default_value_t = 10)]
    resources: usize,
    /// Keep the servers on the first core and wrk on the second.
    #[arg(long)]
    pinned: bool,
    /// Measure PostgreSQL too, the one that `tests/with-postgres` runs.
    #[arg(long, conflicts_with = "pinned")]
    postgres: bool,
    /// Neither wait for a quiet machine nor throw disturbed runs away: for trying the benchmark.
    #[arg(long)]
    noisy: bool,
    /// The folder whose disk is measured and written to [default: one in cargo's target folder].
    #[arg(long)]
    folder: Option<PathBuf>,
    /// What `cargo bench` says to every benchmark, and `cargo test` does not.
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the server that does nothing; it finds its answers in this folder.
    #[arg(long, hide = true)]
    noop: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match &options.noop {
        Some(answers) => noop::serve(answers).map(|()| true),
        None if options.bench => measure(&options),
        None => {
            eprintln!("nothing is measured: run `cargo bench --bench http`");
            Ok(true)
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("http: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Measures everything and prints the report; false when runs had errors or a figure is missing.
fn measure(options: &Options) -> Outcome<bool> {
    let parent = options.folder.as_deref().unwrap_or(Path::new(env!("CARGO_TARGET_TMPDIR")));
    fs::create_dir_all(parent)?;
    let folder = tempfile::tempdir_in(parent)?;
    let mut bench = Bench::prepare(options, folder.path())?;
    eprintln!("warming up");
    let most = options.connections.iter().copied().max().unwrap_or(1);
    for operation in Operation::all(options, most) {
        bench.load(operation, most, 1)?;
    }
    for round in 0..options.rounds as usize {
        for connections in rotated(&options.connections, round) {
            for operation in rotated(&Operation::all(options, connections), round) {
                let sample = bench.run(operation, connections, round)?;
                bench.results.entry((connections, operation)).or_default().push(sample);
            }
        }
    }
    for podium in bench.podiums.values() {
        podium.check_saved()?;
    }
    bench.note_memory("after the load")?;
    bench.report.print(&bench.results)?;
    if bench.failures > 0 {
        eprintln!("{} runs had errors", bench.failures);
    }
    Ok(bench.failures == 0 && bench.has_every_figure())
}

/// The items in an order that differs from round to round: A B C, C B A, B C A, A C B, …
fn rotated<T: Copy>(items: &[T], round: usize) -> Vec<T> {
    let mut items = items.to_vec();
    let by = round / 2 % items.len().max(1);
    items.rotate_left(by);
    if round % 2 == 1 {
        items.reverse();
    }
    items
}

/// The servers under load, and what was measured so far.
struct Bench<'a> {
    options: &'a Options,
    podiums: BTreeMap<Place, Podium>,
    noop: Noop,
    postgres: Option<Postgres>,
    raw: Option<Raw>,
    wrk: Wrk,
    report: Report,
    results: Results,
    failures: usize,
}

impl<'a> Bench<'a> {
    /// Starts all servers, with the same answers.
    fn prepare(options: &'a Options, folder: &Path) -> Outcome<Self> {
        let postgres = options.postgres.then(Postgres::find).transpose()?;
        let wrk = Wrk::find(folder, options.pinned)?;
        eprintln!("measuring the disk");
        let report = Report::new(options, &wrk.version, folder, postgres.as_ref())?;
        let size = Size { integrations: options.integrations, resources: options.resources };
        eprintln!("saving {} integrations of {} resources", size.integrations, size.resources);
        let mut podiums = BTreeMap::new();
        let database = format!("sqlite://{}", folder.join("podium.db").display());
        let embedded = Podium::start(folder, &database, 1, size, options.pinned)?;
        let noop = Noop::start(folder, &embedded, options.pinned)?;
        podiums.insert(Place::Embedded, embedded);
        let mut raw = None;
        for place in [Place::Postgres, Place::Postgres3] {
            let Some(postgres) = &postgres else { break };
            let database = postgres.create(&format!("of_{}", place.servers()))?;
            let podium = Podium::start(folder, &database, place.servers(), size, options.pinned)?;
            podiums.insert(place, podium);
            if place == Place::Postgres {
                raw = Some(Raw::prepare(folder, database, size)?);
            }
        }
        let (results, failures) = (BTreeMap::new(), 0);
        let mut bench =
            Self { options, podiums, noop, postgres, raw, wrk, report, results, failures };
        bench.note_memory("once filled")?;
        Ok(bench)
    }

    /// What wrk asks for; `None` where pgbench is the load.
    fn work(&self, operation: Operation) -> Option<Work<'_>> {
        Some(match operation {
            Operation::NoopGet => self.noop.get(),
            Operation::NoopPost => self.noop.post(),
            Operation::NoopList => self.noop.list(),
            Operation::GetOne(place) => self.podiums[&place].get_one(),
            Operation::Upsert(place) => self.podiums[&place].upsert(),
            Operation::List => self.podiums[&Place::Embedded].list(),
            Operation::RawUpsert => return None,
        })
    }

    /// Keeps so many connections busy.
    fn load(&self, operation: Operation, connections: u32, seconds: u32) -> Outcome<Counted> {
        match self.work(operation) {
            Some(work) => self.wrk.run(&work, connections, seconds),
            None => self.raw.as_ref().ok_or("no PostgreSQL")?.run(connections, seconds),
        }
    }

    /// Notes how much memory the servers have.
    fn note_memory(&mut self, when: &str) -> Outcome {
        let mut servers = vec![("the no-op server", slice::from_ref(&self.noop.server))];
        for (place, podium) in &self.podiums {
            servers.push((place.name(), &podium.servers));
        }
        self.report.note_memory(when, &servers)
    }

    /// Runs one operation once; `None` when it had errors, or the machine does not become quiet.
    fn run(
        &mut self,
        operation: Operation,
        connections: u32,
        round: usize,
    ) -> Outcome<Option<Sample>> {
        let what = format!("round {}, {connections:3} {:12}", round + 1, operation.name());
        for _ in 0..=REPEATS {
            if !self.options.noisy {
                machine::wait_until_quiet()?;
            }
            let Measured { sample, foreign_cores, errors } = self.once(operation, connections)?;
            if errors > 0 {
                eprintln!("{what} {errors} ERRORS");
                self.failures += 1;
                return Ok(None);
            }
            let is_quiet = foreign_cores <= MAX_FOREIGN_CORES;
            let verdict = if is_quiet { "" } else { ": disturbed" };
            eprintln!("{what} {:8.0}/s, {foreign_cores:.2} foreign cores{verdict}", sample.rate);
            if is_quiet || self.options.noisy {
                return Ok(Some(sample));
            }
        }
        Ok(None)
    }

    fn once(&self, operation: Operation, connections: u32) -> Outcome<Measured> {
        let servers = self.work(operation).map(|work| work.servers);
        let postgres = self.postgres.as_ref().filter(|_| operation.is_on_postgres());
        let cpu = || -> Outcome<_> {
            let servers = servers.map(Server::cpu).transpose()?;
            Ok((servers, postgres.map(Postgres::cpu).transpose()?))
        };
        let (busy, children) = (machine::busy()?, machine::children()?);
        let (before, began) = (cpu()?, Instant::now());
        let counted = self.load(operation, connections, self.options.seconds)?;
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

    fn has_every_figure(&self) -> bool {
        self.results.values().all(|samples| samples.iter().any(Option::is_some))
    }
}

/// One run.
struct Measured {
    sample: Sample,
    foreign_cores: f64,
    errors: u64,
}
