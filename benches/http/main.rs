//! `cargo bench --bench http`: Podium over HTTP, next to routes that do nothing. The method is in
//! `benches/README.md`.

#![allow(clippy::cast_precision_loss)] // counts and times stay far below 2^52

mod load;
mod machine;
mod noop;
mod podium;
mod report;
mod server;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;

use load::{Work, Wrk};
use noop::Noop;
use podium::{Podium, Size};
use report::{Report, Results, Sample};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A run in which others used more cores than this is thrown away.
const MAX_FOREIGN_CORES: f64 = 0.30;

/// How often a run that was thrown away is repeated.
const REPEATS: usize = 4;

/// Measures Podium over HTTP, next to routes that do nothing.
#[derive(Parser)]
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

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    NoopGet,
    NoopPost,
    GetOne,
    Upsert,
    NoopList,
    List,
}

impl Operation {
    const ALL: [Self; 6] =
        [Self::NoopGet, Self::NoopPost, Self::GetOne, Self::Upsert, Self::NoopList, Self::List];

    fn name(self) -> &'static str {
        match self {
            Self::NoopGet => "noop-get",
            Self::NoopPost => "noop-post",
            Self::GetOne => "get-one",
            Self::Upsert => "upsert",
            Self::NoopList => "noop-list",
            Self::List => "list-1000",
        }
    }

    /// What its rate is divided by: a list's by that of a route with as many bytes.
    fn baseline(self) -> Self {
        if self == Self::List { Self::NoopList } else { Self::NoopGet }
    }
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
    for operation in Operation::ALL {
        bench.wrk.run(&bench.work(operation), most, 1)?;
    }
    for round in 0..options.rounds as usize {
        for connections in rotated(&options.connections, round) {
            for operation in rotated(&Operation::ALL, round) {
                let sample = bench.run(operation, connections, round)?;
                bench.results.entry((connections, operation)).or_default().push(sample);
            }
        }
    }
    bench.podium.check_saved()?;
    bench.report.after_load(&bench.podium.server, &bench.noop.server)?;
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
    podium: Podium,
    noop: Noop,
    wrk: Wrk,
    report: Report,
    results: Results,
    failures: usize,
}

impl<'a> Bench<'a> {
    /// Starts both servers, with the same answers.
    fn prepare(options: &'a Options, folder: &Path) -> Outcome<Self> {
        let wrk = Wrk::find(folder, options.pinned)?;
        eprintln!("measuring the disk");
        let mut report = Report::new(options, &wrk.version, folder)?;
        let size = Size { integrations: options.integrations, resources: options.resources };
        eprintln!("saving {} integrations of {} resources", size.integrations, size.resources);
        let podium = Podium::start(folder, &size, options.pinned)?;
        let noop = Noop::start(folder, &podium, options.pinned)?;
        report.before_load(&podium.server)?;
        let (results, failures) = (BTreeMap::new(), 0);
        Ok(Self { options, podium, noop, wrk, report, results, failures })
    }

    fn work(&self, operation: Operation) -> Work<'_> {
        match operation {
            Operation::NoopGet => self.noop.get(),
            Operation::NoopPost => self.noop.post(),
            Operation::NoopList => self.noop.list(),
            Operation::GetOne => self.podium.get_one(),
            Operation::Upsert => self.podium.upsert(),
            Operation::List => self.podium.list(),
        }
    }

    /// Runs one operation once; `None` when it had errors, or the machine does not become quiet.
    fn run(
        &mut self,
        operation: Operation,
        connections: u32,
        round: usize,
    ) -> Outcome<Option<Sample>> {
        let what = format!("round {}, {connections:3} {:9}", round + 1, operation.name());
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
        let work = self.work(operation);
        let (busy, children) = (machine::busy()?, machine::children()?);
        let (server, began) = (work.server.cpu()?, Instant::now());
        let counted = self.wrk.run(&work, connections, self.options.seconds)?;
        let (wall, server) = (began.elapsed(), work.server.cpu()?.since(&server));
        let client = machine::children()?.saturating_sub(children);
        let foreign = machine::busy()?.saturating_sub(busy).saturating_sub(server + client);
        Ok(Measured {
            foreign_cores: foreign.as_secs_f64() / wall.as_secs_f64(),
            errors: counted.errors,
            sample: Sample {
                rate: counted.requests as f64 / micros(counted.duration_us).as_secs_f64(),
                p50: micros(counted.p50_us),
                p99: micros(counted.p99_us),
                server_cpu: server.div_f64(counted.requests.max(1) as f64),
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

fn micros(count: u64) -> Duration {
    Duration::from_micros(count)
}
