//! `podium backup`: a whole registry in one file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use tokio::runtime::Builder;

use super::local::WHO;
use super::open::{self, told};
use super::{DEFAULT_DATABASE, Outcome, show};
use crate::config;
use crate::registry::{Opens, inspect};
use crate::seal::Seal;
use crate::storage::copy::{Existing, copy_snapshot};
use crate::storage::{Db, Partial, Source, Url, manifest};

/// What `--help` says beside the arguments.
pub const NOTES: &str = "\
The file is the same whatever the database, and `podium restore` puts it into either kind. What is
read is one moment of the registry; servers go on meanwhile. Secrets stay sealed with the key that
they are sealed with: keep that elsewhere. Where the key is given, or is in the file beside an
embedded database, the audit log is verified too. The password of a PostgreSQL is
PODIUM_DATABASE_PASSWORD, also with _FILE.

Example: podium backup --database sqlite:///var/lib/podium/podium.db /backup/podium-$(date +%F)";

/// The arguments of `podium backup`.
#[derive(Args)]
pub struct BackupArgs {
    /// The file to write, for its owner only.
    file: PathBuf,
    /// Write the file even if there is an earlier backup in its place.
    #[arg(long)]
    force: bool,
    /// Where the data is, as in `sqlite://podium.db` or `postgres://podium@db/podium`.
    #[arg(id = "backup_database", long = "database", env = "PODIUM_DATABASE_URL")]
    #[arg(default_value = DEFAULT_DATABASE, hide_env_values = true, value_name = "URL")]
    database: String,
    /// A file with the key that seals secrets.
    #[arg(id = "backup_seal_key_file", long = "seal-key-file", env = "PODIUM_SEAL_KEY_FILE")]
    #[arg(value_name = "FILE")]
    seal_key_file: Option<String>,
}

/// Makes a backup, and verifies it before it has its name.
pub fn run(args: BackupArgs) -> Outcome {
    open::check_settings()?;
    let database = open::patient(config::database(&args.database, &open::variable)?);
    open::must_exist(&database)?;
    let file = args.file.as_path();
    is_free(file, args.force)?;
    let key = config::given(args.seal_key_file.as_deref()).map(Path::new);
    let seal = config::known_seal_key(&open::variable, key, &database)?;
    let runtime = Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(make(&database, file, args.force, seal))
}

/// Refuses a place where something is that must not be lost.
fn is_free(file: &Path, force: bool) -> Outcome {
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    let shown = file.display();
    match (force, manifest::is_backup(file)) {
        (true, true) => Ok(()),
        (true, false) => {
            Err(format!("{shown} is no backup that podium has made, and stays").into())
        }
        (false, _) => Err(format!("{shown} is there already; --force replaces it").into()),
    }
}

async fn make(database: &Url, file: &Path, force: bool, seal: Option<Seal>) -> Outcome {
    let named = |cause: io::Error| format!("{}: {cause}", file.display());
    let source = Source::open(database)?;
    if let Some(seal) = &seal {
        let found = inspect(&source, Some(seal.ring())).await.map_err(told)?;
        match found.content.and_then(|content| content.opens) {
            Some(Opens::Wrong) => {
                return Err("the seal key is not the one that sealed this database".into());
            }
            Some(Opens::Nothing) => {
                return Err(format!("no server has been started on {database} yet").into());
            }
            // A database of another version is refused by what copies it.
            Some(Opens::Keys { .. }) | None => {}
        }
    }
    let partial = Partial::beside(file).map_err(named)?;
    let made = partial.database();
    let target = Db::open(&Url::Sqlite(made.clone()))?;
    copy_snapshot(&source, &target, Existing::Stays).await.map_err(told)?;
    // From now on a server may start.
    drop(source);
    let verified = if let Some(seal) = seal {
        let registry = open::over(target, seal).await?;
        Some(registry.verify_audit(&WHO).await.map_err(told)?)
    } else {
        drop(target);
        None
    };
    let manifest = manifest::seal(&made, show::millis(SystemTime::now())).map_err(told_of(file))?;
    let size = made.metadata()?.len();
    partial.publish(file, force).map_err(named)?;
    let bad = verified.as_ref().and_then(|verified| verified.bad);
    if let Some((seq, reason)) = bad {
        return Err(format!("{} was written, and record {seq} {reason}", file.display()).into());
    }
    let order = if verified.is_some() { "in order" } else { "not verified without the seal key" };
    let manifest::Manifest { revision, records, rows, .. } = manifest;
    let message = format!(
        "backed up {rows} rows to {}: revision {revision}, {records} audit records {order}, \
         {size} bytes",
        file.display()
    );
    show::done(false, &message)
}

/// Names the file that something is wrong with.
fn told_of(file: &Path) -> impl Fn(String) -> String {
    move |reason| format!("{} {reason}", file.display())
}
