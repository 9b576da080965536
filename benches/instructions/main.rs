//! `cargo bench --profile tested --bench instructions`: how many instructions a read and a save
//! through the registry take, compared with those that are recorded. It is explained in
//! `benches/README.md`.

mod count;
mod recorded;
mod registry;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use count::Operation;
use registry::Opened;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Counts the instructions of one read and one save through the registry.
#[derive(Parser)]
struct Options {
    /// Record the counts, instead of comparing them with those that are recorded.
    #[arg(long)]
    record: bool,
    /// What `cargo bench` says to every benchmark, and `cargo test` does not.
    #[arg(long, hide = true)]
    bench: bool,
    /// Be the program that is counted: do this with the registry in `folder`.
    #[arg(long, hide = true, requires = "folder")]
    run: Option<Operation>,
    /// How often.
    #[arg(long, hide = true, default_value_t = 0)]
    times: usize,
    /// Where its files are.
    #[arg(long, hide = true)]
    folder: Option<PathBuf>,
    /// The token of the caller.
    #[arg(long, hide = true, default_value = "")]
    token: String,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match (options.run, options.folder) {
        (Some(operation), Some(folder)) => {
            Opened::open(&folder, options.token).and_then(|it| operation.run(&it, options.times))
        }
        _ if options.bench && options.record => count::counts().and_then(recorded::write),
        _ if options.bench => count::counts().and_then(recorded::compare),
        _ => {
            eprintln!(
                "nothing is counted: run `cargo bench --profile tested --bench instructions`"
            );
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("instructions: {failure}");
            ExitCode::FAILURE
        }
    }
}
