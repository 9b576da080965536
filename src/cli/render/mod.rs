//! `podium render`: what another server needs to use the providers registered here.

mod choose;
mod formats;
mod mapping;
mod plan;
mod reference;
mod spring;
mod table;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::desk::{Desk, Place};
use super::{Outcome, output, show};
use choose::Pick;
use formats::Format;
use plan::Plan;

/// What `--help` says of secrets.
const SECRETS: &str = "\
Secrets are written as ${NAME}, which that server reads from its environment; the names are listed
at the top of the output. What that server has no counterpart for is told on standard error, and at
the top of the output too.

";

/// The arguments of `podium render`.
#[derive(Args)]
#[command(mut_arg("json", |json| json.hide(true).conflicts_with("format")))]
pub struct RenderArgs {
    /// The server to write for.
    server: Server,
    /// The form of the output.
    #[arg(long)]
    format: Format,
    /// Write the secrets themselves. A server must be running that gives them to the caller.
    #[arg(long)]
    with_secrets: bool,
    /// Take this integration where there can be only one, as in `openai=openai-main`; give it once
    /// for each type.
    #[arg(long = "pick", value_name = "TYPE=NAME", value_parser = Pick::parse)]
    picks: Vec<Pick>,
    /// Write to this file, which only its owner can read, and not to standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it is there.
    #[arg(long, requires = "output")]
    force: bool,
    /// The name of the Kubernetes Secret.
    #[arg(long, value_name = "NAME", default_value = "conductor-integrations")]
    secret_name: String,
    #[command(flatten)]
    place: Place,
}

/// A server that can be written for.
#[derive(Clone, Copy, ValueEnum)]
enum Server {
    /// An open-source Conductor server.
    Conductor,
}

/// What `--help` says after the arguments.
pub fn help() -> String {
    format!("{SECRETS}{}", super::desk::SETTINGS)
}

/// Runs `podium render`.
pub fn run(args: RenderArgs) -> Outcome {
    let Server::Conductor = args.server;
    let desk = Desk::open(&args.place)?;
    let mut notes = vec![];
    let mut chosen = choose::choose(desk.integrations()?, &args.picks, &mut notes)?;
    if args.with_secrets {
        for one in &mut chosen {
            one.provider.configuration = desk.resolve(&one.provider.name)?;
        }
    }
    let plan = Plan::of(&chosen, args.with_secrets, notes);
    let text = formats::write(args.format, &plan, &args.secret_name)?;
    let file = args.output.as_deref();
    for note in &plan.notes {
        warn(note);
    }
    if args.with_secrets && output::is_seen(file) {
        warn("what is printed holds secrets");
    }
    output::write(&text, file, args.force)
}

fn warn(note: &str) {
    eprintln!("podium: {}", show::plain(note));
}
