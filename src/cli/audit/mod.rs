//! `podium audit`: what was done, what was refused, and whether the record of it is whole.

mod desk;
mod filters;

use std::fs::File;
use std::io::{Read, Write, stdin};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::desk::{Desk, Place};
use super::{Outcome, output, show};
use crate::domain::audit::{Page, Search};
use crate::domain::secret::Secret;
use desk::{Found, Record};
use filters::Filters;

/// How many records are asked for at once.
const PAGE: i64 = 500;

/// The arguments of `podium audit`.
#[derive(Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// List records, the latest first.
    List {
        #[command(flatten)]
        filters: Filters,
        /// List the first first.
        #[arg(long)]
        ascending: bool,
        /// How many at the most.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..))]
        limit: i64,
    },
    /// Verify the whole log: exit code 0 if it is as it was written, 1 if not.
    Verify,
    /// Write the log as JSON, a line for each record, the first first.
    Export {
        /// Only what comes after this record, where an earlier export ended.
        #[arg(long, value_name = "SEQ")]
        after: Option<i64>,
        /// Write to this file, which only its owner can read, and not to standard output.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace the file if it is there.
        #[arg(long, requires = "output")]
        force: bool,
    },
    /// Print what stands in the log for a secret, which is read from standard input.
    Fingerprint {
        /// Read the secret from this file.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Keep new lines at its end, which are not a part of a secret but of a document.
        #[arg(long)]
        document: bool,
    },
}

/// Runs `podium audit`.
pub fn run(args: AuditArgs) -> Outcome {
    let AuditArgs { command, place } = args;
    let desk = Desk::open(&place)?;
    match command {
        AuditCommand::List { filters, ascending, limit } => {
            let mut found = vec![];
            let page = Page { ascending, cursor: None, limit: PAGE };
            each_page(&desk, &filters.into(), page, limit, |records| {
                found.extend(records);
                Ok(())
            })?;
            list(place.json, &found)
        }
        AuditCommand::Verify => verify(&desk, place.json),
        AuditCommand::Export { after, output, force } => {
            output::stream(output.as_deref(), force, |out| export(&desk, after, out))
        }
        AuditCommand::Fingerprint { file, document } => {
            let found = desk.fingerprint(&secret(file, document)?)?;
            let values = [("fingerprint", found.clone())];
            show::one(place.json, &json!({"fingerprint": found}), &values)
        }
    }
}

fn list(as_json: bool, records: &[Record]) -> Outcome {
    let header = [
        "SEQ", "TIME", "USER", "KEY", "ADDRESS", "ACTION", "ACCESS", "TARGET", "OUTCOME", "DETAIL",
    ];
    show::list(as_json, records, &header, |record| {
        let text = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
        vec![
            record.seq.to_string(),
            show::time(Some(record.at)),
            text(&record.subject),
            text(&record.key_id),
            text(record.address.as_deref().unwrap_or_default()),
            text(&record.action),
            record.access.clone(),
            format!("{} {}", record.target_type, record.target_id),
            record.outcome.clone(),
            record.detail.as_ref().map(ToString::to_string).unwrap_or_default(),
        ]
    })
}

fn verify(desk: &Desk, as_json: bool) -> Outcome {
    let found = desk.verify_audit()?;
    let records = found.records;
    if as_json {
        show::json(&found)?;
    }
    match found.first_bad {
        Some(bad) => {
            Err(format!("record {} {}; {records} records are good", bad.seq, bad.reason).into())
        }
        None if as_json => Ok(()),
        None => show::done(false, &format!("{records} records are good")),
    }
}

/// Writes a line for each record after the one at `after`.
fn export(desk: &Desk, after: Option<i64>, out: &mut dyn Write) -> Outcome {
    let page = Page { ascending: true, cursor: after, limit: PAGE };
    each_page(desk, &Search::default(), page, i64::MAX, |records| {
        for record in records {
            writeln!(out, "{}", show::escaped(&serde_json::to_string(&record)?))?;
        }
        Ok(())
    })
}

/// Reads page after page, until there is no more or `most` records were read.
fn each_page(
    desk: &Desk,
    search: &Search,
    first: Page,
    most: i64,
    mut visit: impl FnMut(Vec<Record>) -> Outcome,
) -> Outcome {
    let (mut page, mut left) = (first, most);
    while left > 0 {
        page.limit = first.limit.min(left);
        let Found { records, cursor } = desk.audit(search, page)?;
        left -= i64::try_from(records.len())?;
        visit(records)?;
        if cursor.is_none() {
            break;
        }
        page.cursor = cursor;
    }
    Ok(())
}

/// The secret in `file`, or on standard input. Others could see an argument.
fn secret(file: Option<PathBuf>, document: bool) -> Outcome<Secret> {
    let mut text = String::new();
    let read = match &file {
        Some(file) => File::open(file).and_then(|mut file| file.read_to_string(&mut text)),
        None => stdin().read_to_string(&mut text),
    };
    let place = file.map_or_else(|| "standard input".into(), |file| file.display().to_string());
    read.map_err(|cause| format!("{place} cannot be read: {cause}"))?;
    let whole = Secret::new(text);
    let text =
        if document { whole.expose() } else { whole.expose().trim_end_matches(['\r', '\n']) };
    if text.is_empty() {
        return Err(format!("{place} holds no secret").into());
    }
    Ok(Secret::new(text.to_owned()))
}
