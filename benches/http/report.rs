//! The figures, and the Markdown that tells them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::server::Server;
use super::{Operation, Options, Outcome, machine};

/// The figures of a run that counts.
pub struct Sample {
    /// Requests per second.
    pub rate: f64,
    /// The median latency.
    pub p50: Duration,
    /// The latency that one request in a hundred exceeds.
    pub p99: Duration,
    /// The server's CPU time for each request.
    pub server_cpu: Duration,
}

/// The runs by connections and operation: one a round, `None` where it does not count.
pub type Results = BTreeMap<(u32, Operation), Vec<Option<Sample>>>;

/// What stands around the table.
pub struct Report {
    lines: Vec<String>,
    rounds: usize,
}

impl Report {
    /// Describes the machine and what runs on it, while it is still quiet.
    pub fn new(options: &Options, wrk: &str, folder: &Path) -> Outcome<Self> {
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
        if options.noisy {
            lines.push("**Taken on a noisy machine: these figures say nothing.**".to_owned());
        }
        Ok(Self { lines, rounds: *rounds as usize })
    }

    /// Notes what stands before the load.
    pub fn before_load(&mut self, podium: &Server) -> Outcome {
        self.lines.push(format!("Memory (PSS) of Podium once filled: {}", memory(podium)?));
        Ok(())
    }

    /// Notes what stands after it.
    pub fn after_load(&mut self, podium: &Server, noop: &Server) -> Outcome {
        let (podium, noop) = (memory(podium)?, memory(noop)?);
        self.lines.push(format!("Memory (PSS) after the load: {podium}; the no-op server: {noop}"));
        Ok(())
    }

    /// Prints all of it to standard output.
    pub fn print(&self, results: &Results) -> Outcome {
        let mut out = std::io::stdout().lock();
        for line in &self.lines {
            writeln!(out, "- {line}")?;
        }
        writeln!(
            out,
            "\n| connections | operation | requests/s | ratio (min–max) | to | p50 ms | p99 ms \
             | server CPU µs/request | runs |\n\
             | ---: | --- | ---: | ---: | --- | ---: | ---: | ---: | ---: |"
        )?;
        for ((connections, operation), samples) in results {
            let baseline = &results[&(*connections, operation.baseline())];
            let row = row(*operation, samples, baseline);
            writeln!(out, "| {connections} | {row}/{} |", self.rounds)?;
        }
        Ok(())
    }
}

/// The cells of one row, without the first one and the end of the last.
fn row(operation: Operation, samples: &[Option<Sample>], baseline: &[Option<Sample>]) -> String {
    let name = operation.name();
    let counted: Vec<_> = samples.iter().flatten().collect();
    if counted.is_empty() {
        return format!("{name} | – | – | – | – | – | – | 0");
    }
    let of = |figure: fn(&Sample) -> f64| median(counted.iter().map(|sample| figure(sample)));
    let (ratio, to) = if operation == operation.baseline() {
        ("1".to_owned(), "itself")
    } else {
        (ratio(samples, baseline), operation.baseline().name())
    };
    format!(
        "{name} | {} | {ratio} | {to} | {:.3} | {:.3} | {:.1} | {}",
        thousands(of(|sample| sample.rate)),
        of(|sample| sample.p50.as_secs_f64() * 1e3),
        of(|sample| sample.p99.as_secs_f64() * 1e3),
        of(|sample| sample.server_cpu.as_secs_f64() * 1e6),
        counted.len(),
    )
}

/// The ratios of the rates, each inside its round.
fn ratio(samples: &[Option<Sample>], baseline: &[Option<Sample>]) -> String {
    let mut ratios = Vec::new();
    for pair in samples.iter().zip(baseline) {
        if let (Some(sample), Some(baseline)) = pair {
            ratios.push(sample.rate / baseline.rate);
        }
    }
    if ratios.is_empty() {
        return "–".to_owned();
    }
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    format!("{:.3} ({least:.3}–{most:.3})", median(ratios))
}

/// The median of at least one figure.
fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    if figures.len() % 2 == 1 {
        figures[middle]
    } else {
        f64::midpoint(figures[middle - 1], figures[middle])
    }
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

fn memory(server: &Server) -> Outcome<String> {
    Ok(format!("{:.1} MiB", server.memory()? as f64 / f64::from(1 << 20)))
}

/// The version of a dependency that was built in.
fn locked(package: &str) -> &'static str {
    let name = format!("name = \"{package}\"");
    let mut lines = include_str!("../../Cargo.lock").lines().skip_while(|line| *line != name);
    let version = lines.nth(1).and_then(|line| line.split('"').nth(1));
    version.unwrap_or("of an unknown version")
}
