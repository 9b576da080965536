//! `podium plan`, `apply`, `export` and `schema`: a part of the registry kept in files;
//! `docs/provisioning.md`.

mod apply;
mod conductor;
mod diff;
mod export;
mod files;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod load;
mod named;
mod progress;
mod references;
mod scalar;
mod server;
mod tree;
mod yaml;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Outcome, show};
use crate::domain::manifest::{Manifest, Plan};
use crate::http::exact;
pub use apply::{ApplyArgs, apply};
pub use export::{ExportArgs, export};
use server::Server;

/// What `--help` says of what is read from the environment.
pub const SETTINGS: &str = "\
A running server is asked with the access key that these variables hold:
  CONDUCTOR_SERVER_URL     where it listens, as in http://127.0.0.1:8080/api
  CONDUCTOR_AUTH_KEY, CONDUCTOR_AUTH_SECRET
                           the id and the secret of the access key";

/// What `podium plan` exits with where there is something to do.
const CHANGES: u8 = 2;

/// Which manifest, and what it may do.
#[derive(Args)]
pub struct ManifestArgs {
    /// A file of the manifest, a folder with such files, or `-` for standard input; give it once for
    /// each.
    #[arg(short, long = "file", required = true, value_name = "FILE|FOLDER|-")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: Rules,
}

/// What a manifest may do; so it is sent too.
#[derive(Clone, Copy, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Rules {
    /// Delete what carries the manifest's owner mark and is not in it.
    #[arg(long)]
    prune: bool,
    /// Prune also by a manifest that names nothing.
    #[arg(long, requires = "prune")]
    force: bool,
    /// Take over what carries the mark of another owner.
    #[arg(long)]
    adopt: bool,
    /// Let secrets stand in the manifest itself.
    #[arg(long)]
    allow_plain_secrets: bool,
}

/// How to print.
#[derive(Args)]
pub struct PrintArgs {
    /// The form of the output.
    #[arg(long, value_enum, default_value = "text")]
    output: Form,
    /// Whether to colour it: `auto` does on a terminal, unless `NO_COLOR` is set.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    color: clap::ColorChoice,
}

/// A form of the output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// The plan as JSON, for machines.
    Json,
}

/// The arguments of `podium plan`.
#[derive(Args)]
pub struct PlanArgs {
    #[command(flatten)]
    manifest: ManifestArgs,
    #[command(flatten)]
    print: PrintArgs,
}

/// Runs `podium plan`.
pub fn plan(args: PlanArgs) -> Outcome<ExitCode> {
    let server = Server::sign_in(&args.manifest)?;
    let plan = server.plan()?;
    args.print.plan(&plan)?;
    Ok(if plan.changes.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(CHANGES) })
}

/// Runs `podium schema`.
pub fn schema() -> Outcome {
    show::json(&manifest_schema())
}

/// The JSON Schema of a file of a manifest.
fn manifest_schema() -> Value {
    let mut schema = exact::schema::<Manifest>();
    schema["title"] = json!("A manifest of Podium, or a part of one");
    schema["properties"]["$schema"] =
        json!({"type": "string", "description": "Where this schema is, for editors; not read."});
    schema
}

impl PrintArgs {
    /// Prints what a plan does.
    fn plan(&self, plan: &Plan) -> Outcome {
        match self.output {
            Form::Json => show::json(plan),
            Form::Text => {
                let mut out = AutoStream::new(std::io::stdout(), self.choice());
                write!(out, "{}", diff::text(plan))?;
                Ok(writeln!(out, "{}", diff::summary(plan))?)
            }
        }
    }

    fn choice(&self) -> ColorChoice {
        match self.color {
            clap::ColorChoice::Auto => AutoStream::choice(&std::io::stdout()),
            clap::ColorChoice::Always => ColorChoice::Always,
            clap::ColorChoice::Never => ColorChoice::Never,
        }
    }
}
