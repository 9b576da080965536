//! The command line.

use std::path::PathBuf;

use clap::Parser;

use super::operation::Operation;
use super::records::Size;

/// Measures Podium over HTTP, next to routes that do nothing.
#[derive(Parser)]
#[allow(clippy::struct_excessive_bools)] // flags of the command line
pub struct Options {
    /// How often each operation is run.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// How long each run takes, in seconds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub seconds: u32,
    /// How many connections wrk keeps busy [default: for each operation those of the README].
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub connections: Option<Vec<u32>>,
    /// What is measured, and what it is compared with [default: everything].
    #[arg(long, value_delimiter = ',', value_parser = Operation::named)]
    pub only: Option<Vec<Operation>>,
    /// How many integrations there are, besides the one that is listed.
    #[arg(long, default_value_t = 10_000)]
    pub integrations: usize,
    /// How many resources each of them has.
    #[arg(long, default_value_t = 10)]
    pub resources: usize,
    /// Measure how all figures change while the registry grows, instead of the table.
    #[arg(long, conflicts_with_all = ["connections", "only", "integrations", "resources", "postgres"])]
    pub growth: bool,
    /// How many resources it grows to; users to a tenth of that.
    #[arg(long, default_value_t = 1_000_000, requires = "growth")]
    pub most: usize,
    /// Where the plot of the growth is written.
    #[arg(long, requires = "growth", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/growth.svg"))]
    pub plot: PathBuf,
    /// Measure a manifest of so many things, instead of the table.
    #[arg(long, conflicts_with_all = ["growth", "connections", "only", "postgres", "pinned"])]
    pub manifest: Option<usize>,
    /// Keep the servers on the first core and wrk on the second.
    #[arg(long)]
    pub pinned: bool,
    /// Measure PostgreSQL too, the one that `tests/with-postgres` runs.
    #[arg(long, conflicts_with = "pinned")]
    pub postgres: bool,
    /// Neither wait for a quiet machine nor throw disturbed runs away: for trying the benchmark.
    #[arg(long)]
    pub noisy: bool,
    /// The folder whose disk is measured and written to [default: one in cargo's target folder].
    #[arg(long)]
    pub folder: Option<PathBuf>,
    /// What `cargo bench` says to every benchmark, and `cargo test` does not.
    #[arg(long, hide = true)]
    pub bench: bool,
    /// Be the server that does nothing; it finds its answers in this folder.
    #[arg(long, hide = true)]
    pub noop: Option<PathBuf>,
}

impl Options {
    /// How much there is in the registry.
    pub fn size(&self) -> Size {
        Size { integrations: self.integrations, resources: self.resources }
    }
}
