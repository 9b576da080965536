//! `cargo bench --bench http`: Podium over HTTP, next to routes that do nothing. The method is in
//! `benches/README.md`.

#![allow(clippy::cast_precision_loss)] // counts and times stay far below 2^52

mod bench;
mod client;
mod figures;
mod growth;
mod launch;
mod load;
mod machine;
mod manifest;
mod noop;
mod operation;
mod options;
mod people;
mod plot;
mod podium;
mod postgres;
mod records;
mod report;
mod runs;
mod server;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use bench::Bench;
use options::Options;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

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
    if options.growth {
        return growth::measure(options, folder.path());
    }
    if let Some(things) = options.manifest {
        return manifest::measure(options, folder.path(), things);
    }
    let mut bench = Bench::prepare(options, folder.path())?;
    eprintln!("warming up");
    bench.warm_up()?;
    for round in 0..options.rounds as usize {
        bench.round(round)?;
    }
    bench.finish()
}
