//! The figures, and the Markdown that tells them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::operation::Operation;
use super::options::Options;
use super::podium::Start;
use super::postgres::Postgres;
use super::server::Server;
use super::{Outcome, machine};

/// The figures of a run that counts.
pub struct Sample {
    /// Requests per second.
    pub rate: f64,
    /// The median latency, where it is known.
    pub p50: Option<Duration>,
    /// The latency that one request in a hundred exceeds, likewise.
    pub p99: Option<Duration>,
    /// The CPU time of our servers for each request, where there are any.
    pub server_cpu: Option<Duration>,
    /// The CPU time of PostgreSQL for each request, where it is asked.
    pub postgres_cpu: Option<Duration>,
}

/// The runs by connections and operation: one a round, `None` where it does not count.
pub type Results = BTreeMap<(u32, Operation), Vec<Option<Sample>>>;

/// What stands around the table.
pub struct Report {
    lines: Vec<String>,
    rounds: usize,
    has_postgres: bool,
}

impl Report {
    /// Describes the machine and what runs on it, while it is still quiet.
    pub fn new(
        options: &Options,
        wrk: &str,
        folder: &Path,
        postgres: Option<&Postgres>,
    ) -> Outcome<Self> {
        let rust = Command::new("rustc").arg("--version").output()?;
        let rust = String::from_utf8_lossy(&rust.stdout);
        let Options { rounds, seconds, integrations, resources, .. } = options;
        let placement = if options.pinned {
            "servers pinned to the first core, wrk to the second"
        } else {
            "servers and wrk share all cores"
        };
        let mut lines = vec![
            format!("Machine: {}", machine::describe()?),
            format!("Disk: {}", machine::describe_disk(folder)?),
            format!(
                "Versions: Podium {}, actix-web {}, SQLite {}, {}, wrk {wrk}",
                env!("CARGO_PKG_VERSION"),
                locked("actix-web"),
                rusqlite::version(),
                rust.trim().replace("rustc", "Rust"),
            ),
            format!(
                "Registry: {integrations} integrations of {resources} resources, and one of 1000 \
                 that is listed"
            ),
            format!("Runs: {rounds} rounds, {seconds} s each; {placement}"),
            format!("Load average at the start: {}", machine::load_average()?),
        ];
        if let Some(Postgres { version, folder, .. }) = postgres {
            let disk = machine::describe_disk(folder)?;
            lines.push(format!("PostgreSQL: {version}, durable; its disk: {disk}"));
        }
        if options.noisy {
            lines.push("**Taken on a noisy machine: these figures say nothing.**".to_owned());
        }
        Ok(Self { lines, rounds: *rounds as usize, has_postgres: postgres.is_some() })
    }

    /// Notes what starts over the filled database came to.
    pub fn note_starts(&mut self, starts: &[Start]) {
        let time = median(starts.iter().map(|start| start.time.as_secs_f64() * 1e3));
        let memory = median(starts.iter().map(|start| mebibytes(start.memory)));
        let count = starts.len();
        self.lines.push(format!(
            "Start over the filled database, until the first answer: {:.1} ms, median of {count}",
            time.unwrap_or_default()
        ));
        self.lines.push(format!(
            "Memory (PSS) after such a start: {:.1} MiB",
            memory.unwrap_or_default()
        ));
    }

    /// Notes how much memory the servers have, each kind by its name.
    pub fn note_memory(&mut self, when: &str, servers: &[(&str, &[Server])]) -> Outcome {
        let mut figures = Vec::new();
        for (name, servers) in servers {
            let bytes = servers.iter().map(Server::memory).sum::<Outcome<u64>>()?;
            figures.push(format!("{name} {:.1} MiB", mebibytes(bytes)));
        }
        self.lines.push(format!("Memory (PSS) {when}: {}", figures.join(", ")));
        Ok(())
    }

    /// Prints all of it to standard output.
    pub fn print(&self, results: &Results) -> Outcome {
        let mut out = std::io::stdout().lock();
        for line in &self.lines {
            writeln!(out, "- {line}")?;
        }
        let (more, line) = if self.has_postgres {
            (" ratio to pgbench | PostgreSQL CPU µs/request |", " ---: | ---: |")
        } else {
            ("", "")
        };
        writeln!(
            out,
            "\n| connections | operation | requests/s | ratio (min–max) | to | p50 ms | p99 ms \
             | server CPU µs/request | runs |{more}\n\
             | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |{line}"
        )?;
        for ((connections, operation), samples) in results {
            let of =
                |operation| results.get(&(*connections, operation)).map_or(&[][..], Vec::as_slice);
            let row = row(*operation, samples, of(operation.baseline()));
            write!(out, "| {connections} | {row}/{} |", self.rounds)?;
            if self.has_postgres {
                let to_raw = operation.raw().map_or(NONE.to_owned(), |raw| ratio(samples, of(raw)));
                let cpu = time(samples, |sample| sample.postgres_cpu, 1e6, 1);
                write!(out, " {to_raw} | {cpu} |")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// What stands where there is no figure.
const NONE: &str = "–";

/// The cells of one row, without the first one and the end of the last.
fn row(operation: Operation, samples: &[Option<Sample>], baseline: &[Option<Sample>]) -> String {
    let (ratio, to) = if operation == operation.baseline() {
        ("1".to_owned(), "itself")
    } else {
        (ratio(samples, baseline), operation.baseline().name())
    };
    let rate = median(samples.iter().flatten().map(|sample| sample.rate));
    format!(
        "{} | {} | {ratio} | {to} | {} | {} | {} | {}",
        operation.name(),
        rate.map_or(NONE.to_owned(), thousands),
        time(samples, |sample| sample.p50, 1e3, 3),
        time(samples, |sample| sample.p99, 1e3, 3),
        time(samples, |sample| sample.server_cpu, 1e6, 1),
        samples.iter().flatten().count(),
    )
}

/// The median of a time, with so many of the unit in a second.
fn time(
    samples: &[Option<Sample>],
    figure: fn(&Sample) -> Option<Duration>,
    units: f64,
    decimals: usize,
) -> String {
    let times = samples.iter().flatten().filter_map(figure);
    let time = median(times.map(|time| time.as_secs_f64() * units));
    time.map_or(NONE.to_owned(), |time| format!("{time:.decimals$}"))
}

/// The ratios of the rates, each inside its round.
fn ratio(samples: &[Option<Sample>], baseline: &[Option<Sample>]) -> String {
    let mut ratios = Vec::new();
    for pair in samples.iter().zip(baseline) {
        if let (Some(sample), Some(baseline)) = pair {
            ratios.push(sample.rate / baseline.rate);
        }
    }
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let range = |median| format!("{median:.3} ({least:.3}–{most:.3})");
    median(ratios).map_or(NONE.to_owned(), range)
}

/// A count of bytes in MiB.
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// The median, if there are any figures.
fn median(figures: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let upper = *figures.get(middle)?;
    Some(if figures.len() % 2 == 1 { upper } else { f64::midpoint(figures[middle - 1], upper) })
}

/// A whole number with commas, as in `12,345`.
fn thousands(figure: f64) -> String {
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The version of a dependency that was built in.
fn locked(package: &str) -> &'static str {
    let name = format!("name = \"{package}\"");
    let mut lines = include_str!("../../Cargo.lock").lines().skip_while(|line| *line != name);
    let version = lines.nth(1).and_then(|line| line.split('"').nth(1));
    version.unwrap_or("of an unknown version")
}
