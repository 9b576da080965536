//! `podium doctor`: what is wrong, and what to do.

mod clock;
mod database;
mod disk;
mod key;
mod tls;

use clap::{Args, ValueEnum};
use serde::Serialize;
use tokio::runtime::Builder;

use super::{Outcome, ServeArgs, ServingArgs, health, open, serve, show};
use crate::config;
use crate::storage::Url;

/// The arguments of `podium doctor`: the settings of the server.
#[derive(Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    serve: ServeArgs,
    /// How to print what was found.
    #[arg(long, value_enum, default_value = "text")]
    output: Format,
}

/// How findings are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each.
    Text,
    /// For machines.
    Json,
}

/// How a check has ended.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// All is well.
    Ok,
    /// It works, and something should be done.
    Warn,
    /// It does not work, or data is in danger.
    Fail,
}

/// A check, and what it has found.
#[derive(Serialize)]
struct Finding {
    verdict: Verdict,
    check: &'static str,
    /// What was found, and what to do.
    message: String,
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(Verdict::Ok, check, message.into());
    }

    fn warn(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(Verdict::Warn, check, message.into());
    }

    fn fail(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(Verdict::Fail, check, message.into());
    }

    fn add(&mut self, verdict: Verdict, check: &'static str, message: String) {
        self.0.push(Finding { verdict, check, message });
    }
}

/// Checks everything, and changes nothing.
pub fn run(args: &DoctorArgs) -> Outcome {
    let mut found = Findings::default();
    check_settings(&args.serve, &mut found);
    let ServingArgs { tls_cert, tls_key, .. } = &args.serve.serving;
    // If only one of the two is set, that is told above.
    if let Ok(Some(files)) = config::tls_files(tls_cert.as_deref(), tls_key.as_deref()) {
        tls::check(&files, &mut found);
    }
    // What is wrong with the place of the database is told above.
    let limited = config::database(&args.serve.database, &open::variable).and_then(|mut found| {
        let ServeArgs { database_connections, database_timeout, .. } = &args.serve;
        config::database_limits(&mut found, database_connections, database_timeout)?;
        Ok(found)
    });
    if let Ok(database) = limited {
        let seal = key::check(&args.serve, &database, &mut found);
        let ring = seal.map(|seal| seal.ring());
        let runtime = Builder::new_current_thread().enable_time().build()?;
        runtime.block_on(database::check(&database, ring, &mut found));
        if let Url::Sqlite(path) = &database {
            disk::check(path, &mut found);
        }
    }
    if let Ok(url) = health::url(&args.serve.listen, tls_cert.as_deref()) {
        clock::check_server(&url, &mut found);
    }
    print(args.output, &found.0)
}

fn check_settings(args: &ServeArgs, found: &mut Findings) {
    let outcomes = [open::check_settings(), serve::settings(args).map(drop)];
    let before = found.0.len();
    for problem in outcomes.into_iter().filter_map(Outcome::err) {
        found.fail("settings", problem.to_string());
    }
    if found.0.len() == before {
        found.ok("settings", "every setting is known and can be used");
    }
}

/// Prints the findings; an error if some check has failed.
fn print(format: Format, found: &[Finding]) -> Outcome {
    match format {
        Format::Json => show::json(found)?,
        Format::Text => show::list(false, found, &["", "CHECK", "FOUND"], |finding| {
            let verdict = match finding.verdict {
                Verdict::Ok => "ok",
                Verdict::Warn => "warn",
                Verdict::Fail => "fail",
            };
            vec![verdict.to_owned(), finding.check.to_owned(), finding.message.clone()]
        })?,
    }
    match found.iter().filter(|finding| finding.verdict == Verdict::Fail).count() {
        0 => Ok(()),
        1 => Err("1 check has failed".into()),
        failed => Err(format!("{failed} checks have failed").into()),
    }
}
