//! The figures, and the Markdown that tells them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use super::figures::{NONE, Sample, Samples, mebibytes, median, ratios, spread, thousands, time};
use super::operation::Operation;
use super::options::Options;
use super::podium::Start;
use super::postgres::Postgres;
use super::server::Server;
use super::{Outcome, machine};

/// The runs by connections and operation.
pub type Results = BTreeMap<(u32, Operation), Samples>;

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
        let Options { rounds, seconds, .. } = options;
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

    /// Notes something, to stand above the table.
    pub fn note(&mut self, line: String) {
        self.lines.push(line);
    }

    /// Notes what starts over the filled database came to.
    pub fn note_start(&mut self, start: Start) {
        let (time, memory) = (start.time.as_secs_f64() * 1e3, mebibytes(start.memory));
        self.note(format!(
            "Start over the filled database, until the first answer: {time:.1} ms; memory (PSS) \
             then: {memory:.1} MiB"
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

    /// Prints what stands above the table.
    pub fn print_notes(&self) -> Outcome {
        let mut out = std::io::stdout().lock();
        for line in &self.lines {
            writeln!(out, "- {line}")?;
        }
        Ok(())
    }

    /// Prints all of it to standard output.
    pub fn print(&self, results: &Results) -> Outcome {
        self.print_notes()?;
        let mut out = std::io::stdout().lock();
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
                let to_raw = operation.raw().map_or(vec![], |raw| ratios(samples, of(raw)));
                let cpu = time(samples, |sample| sample.postgres_cpu, 1e6, 1);
                write!(out, " {} | {cpu} |", spread(&to_raw))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}

/// The cells of one row, without the first one and the end of the last.
fn row(operation: Operation, samples: &[Option<Sample>], baseline: &[Option<Sample>]) -> String {
    let (ratio, to) = if operation == operation.baseline() {
        ("1".to_owned(), "itself")
    } else {
        (spread(&ratios(samples, baseline)), operation.baseline().name())
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

/// The version of a dependency that was built in.
fn locked(package: &str) -> &'static str {
    let name = format!("name = \"{package}\"");
    let mut lines = include_str!("../../Cargo.lock").lines().skip_while(|line| *line != name);
    let version = lines.nth(1).and_then(|line| line.split('"').nth(1));
    version.unwrap_or("of an unknown version")
}
