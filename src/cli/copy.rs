//! `podium copy`: moves a whole registry to another database.

use std::path::Path;

use clap::Args;
use tokio::runtime::Builder;

use super::local::WHO;
use super::open::{self, told};
use super::{Outcome, show};
use crate::config;
use crate::storage::{self, Db, Url};

/// What `--help` says beside the arguments.
pub const NOTES: &str = "\
Stop the servers of the first database before, and start them on the other one after. The other
one must be new. Secrets stay sealed with the key that they are sealed with, which the servers of
the other database need too: PODIUM_SEAL_KEY, or the file of --seal-key-file; unless given, that is
the file beside an embedded database that is copied from. The password of a PostgreSQL is
PODIUM_DATABASE_PASSWORD, also with _FILE.

Example: podium copy --from sqlite://podium.db --to postgres://podium@db.example.org/podium";

/// The arguments of `podium copy`.
#[derive(Args)]
pub struct CopyArgs {
    /// The database to copy, as in `sqlite://podium.db`.
    #[arg(id = "copy_from", long = "from", value_name = "URL")]
    from: String,
    /// The new database to copy it to, as in `postgres://podium@db.example.org/podium`.
    #[arg(id = "copy_to", long = "to", value_name = "URL")]
    to: String,
    /// A file with the key that seals secrets.
    #[arg(id = "copy_seal_key_file", long = "seal-key-file")]
    #[arg(env = "PODIUM_SEAL_KEY_FILE", value_name = "FILE")]
    seal_key_file: Option<String>,
}

/// Copies, and verifies what was copied.
#[allow(clippy::print_stdout)] // what was asked for
pub fn run(args: CopyArgs) -> Outcome {
    open::check_settings()?;
    let (from, to) = (named("--from", &args.from)?, named("--to", &args.to)?);
    open::must_exist(&from)?;
    if let (Url::Sqlite(from), Url::Sqlite(to)) = (&from, &to)
        && from == to
    {
        return Err("--from and --to name the same database".into());
    }
    let file = config::given(args.seal_key_file.as_deref()).map(Path::new);
    let seal = || config::seal_key(&open::variable, file, &from).map(|(seal, _)| seal);
    let runtime = Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        // A wrong seal key is told before anything is copied.
        drop(open::over(Db::open(&from)?, seal()?).await?);
        let (source, target) = (Db::open(&from)?, Db::open(&to)?);
        let copied = storage::copy::copy(&source, &target).await.map_err(told)?;
        let registry = open::over(target, seal()?).await?;
        let verified = registry.verify_audit(&WHO).await.map_err(told)?;
        for table in copied.iter().filter(|table| table.rows > 0) {
            println!("{:>9}  {}", table.rows, table.table);
        }
        if let Some((seq, reason)) = verified.bad {
            return Err(format!("everything was copied, and record {seq} {reason}").into());
        }
        let (rows, records) =
            (copied.iter().map(|table| table.rows).sum::<u64>(), verified.records);
        println!(
            "copied {rows} rows to {}; its {records} audit records are in order",
            show::plain(&to.to_string())
        );
        Ok(())
    })
}

/// The database that a flag names.
fn named(flag: &str, url: &str) -> Outcome<Url> {
    let mut database = Url::parse(url).map_err(|reason| format!("{flag} {reason}"))?;
    if let Url::Postgres(settings) = &mut database {
        if settings.has_password() {
            let reason =
                "must hold no password, where others can see it; set PODIUM_DATABASE_PASSWORD";
            return Err(format!("{flag} {reason}").into());
        }
        if let Some(password) = config::database_password(&open::variable)? {
            settings.set_password(&password);
        }
    }
    Ok(open::patient(database))
}
