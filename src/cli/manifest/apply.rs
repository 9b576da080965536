//! `podium apply`: shows a plan, asks, and makes it so.

use std::io::{IsTerminal, Write, stderr, stdin};
use std::process::ExitCode;

use clap::Args;

use super::progress::Progress;
use super::server::Server;
use super::{Form, ManifestArgs, PrintArgs, diff};
use crate::cli::{Outcome, show};

/// How many plans `--yes` takes, where each is overtaken by other changes.
const MOST_PLANS: usize = 5;

/// The arguments of `podium apply`.
#[derive(Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    manifest: ManifestArgs,
    #[command(flatten)]
    print: PrintArgs,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Do all the work at the server, and take it back: the same as `podium plan`, but for the exit
    /// code.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

/// Runs `podium apply`.
pub fn apply(args: ApplyArgs) -> Outcome<ExitCode> {
    let is_json = args.print.output == Form::Json;
    let is_asked = !args.yes && !args.dry_run;
    if is_asked && (is_json || !stdin().is_terminal()) {
        return Err(
            "nobody can be asked here: --yes applies without a question, --dry-run shows what \
                    would be done; nothing was changed"
                .into(),
        );
    }
    let server = Server::sign_in(&args.manifest)?;
    for _ in 0..MOST_PLANS {
        let plan = Progress::of("planning", || server.plan())?;
        if args.dry_run || plan.changes.is_empty() || !is_json {
            args.print.plan(&plan)?;
        }
        if args.dry_run || plan.changes.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        if is_asked && !is_agreed()? {
            return Err("nothing was changed".into());
        }
        let Some(done) = Progress::of("applying", || server.apply(&plan))? else {
            eprintln!(
                "podium: the registry has changed since this plan; here is what is to do now"
            );
            continue;
        };
        match args.print.output {
            Form::Json => show::json(&done)?,
            Form::Text => show::done(false, &diff::done(&done))?,
        }
        return Ok(ExitCode::SUCCESS);
    }
    Err(format!(
        "the registry changes faster than it can be planned: {MOST_PLANS} plans were overtaken, and \
         nothing was changed"
    )
    .into())
}

/// Asks whether to go on.
fn is_agreed() -> Outcome<bool> {
    let mut asked = stderr();
    write!(asked, "Apply these changes? Only \"yes\" is taken: ")?;
    asked.flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}
