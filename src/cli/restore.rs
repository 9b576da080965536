//! `podium restore`: puts a backup into a database.

use std::env::temp_dir;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use tokio::runtime::Builder;

use super::local::WHO;
use super::open::{self, told};
use super::{DEFAULT_DATABASE, Outcome, show};
use crate::config;
use crate::domain::audit::Verified;
use crate::registry::Restored;
use crate::seal::Seal;
use crate::storage::copy::{Existing, HELD, copy_snapshot};
use crate::storage::facts::Facts;
use crate::storage::manifest::{self, Manifest};
use crate::storage::{Db, Partial, Place, Source, Url, migrate};

/// What `--help` says beside the arguments.
pub const NOTES: &str = "\
Stop the servers first. What is restored is verified before, brought to this version's schema, and
put into its place in one step: until then, what is there stays. The seal key is the one that the
backup is sealed with: PODIUM_SEAL_KEY, or the file of --seal-key-file, or the file beside an
embedded database. The password of a PostgreSQL is PODIUM_DATABASE_PASSWORD, also with _FILE.

Access keys, roles and grants are what they were when the backup was made. With --pause-keys no
access key works until `podium key resume` takes it up again; the next start makes a new
administrator, and prints its key.

Example: podium restore --database sqlite:///var/lib/podium/podium.db /backup/podium-2026-11-22";

/// The arguments of `podium restore`.
#[derive(Args)]
pub struct RestoreArgs {
    /// The backup.
    file: PathBuf,
    /// Replace a registry that is there already.
    #[arg(long)]
    force: bool,
    /// Pause all access keys: some may have been revoked since the backup was made.
    #[arg(long)]
    pause_keys: bool,
    /// Where the data is to be, as in `sqlite://podium.db` or `postgres://podium@db/podium`.
    #[arg(id = "restore_database", long = "database", env = "PODIUM_DATABASE_URL")]
    #[arg(default_value = DEFAULT_DATABASE, hide_env_values = true, value_name = "URL")]
    database: String,
    /// A file with the key that the backup is sealed with.
    #[arg(id = "restore_seal_key_file", long = "seal-key-file", env = "PODIUM_SEAL_KEY_FILE")]
    #[arg(value_name = "FILE")]
    seal_key_file: Option<String>,
}

/// What there is to tell of a backup that is ready to be put into its place.
struct Ready {
    manifest: Manifest,
    restored: Restored,
    verified: Verified,
}

/// Restores a backup.
pub fn run(args: RestoreArgs) -> Outcome {
    open::check_settings()?;
    let database = open::patient(config::database(&args.database, &open::variable)?);
    let key = config::given(args.seal_key_file.as_deref()).map(Path::new);
    let seal = config::known_seal_key(&open::variable, key, &database)?.ok_or(
        "there is no seal key: set PODIUM_SEAL_KEY_FILE or PODIUM_SEAL_KEY to the one that the \
         backup is sealed with",
    )?;
    let existing = if args.force { Existing::Goes } else { Existing::Stays };
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let ready = runtime.block_on(async {
        match &database {
            Url::Sqlite(path) => {
                let place = Place::claim(path, existing)?;
                let (made, ready) = prepare(&args, path, seal).await?;
                place.fill(made)?;
                Outcome::Ok(ready)
            }
            Url::Postgres(_) => {
                must_be_free(&database, existing).await?;
                let near = temp_dir().join("podium-restore.db");
                let (made, ready) = prepare(&args, &near, seal).await?;
                move_to(&database, &made, existing).await?;
                Ok(ready)
            }
        }
    })?;
    tell(&args.file, &database, &ready)
}

/// Makes a database of the backup, in a folder beside `near`, that only has to be put into its
/// place.
async fn prepare(args: &RestoreArgs, near: &Path, seal: Seal) -> Outcome<(Partial, Ready)> {
    let file = args.file.as_path();
    let named = |cause: io::Error| format!("{}: {cause}", file.display());
    let mut backup = File::open(file).map_err(named)?;
    let made = Partial::beside(near).map_err(|cause| format!("{}: {cause}", near.display()))?;
    let path = made.database();
    let mut copied = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
    io::copy(&mut backup, &mut copied).map_err(named)?;
    drop(copied);
    let told_of = |reason| format!("{} {reason}", file.display());
    let manifest = manifest::check(&path).map_err(told_of)?;
    manifest::take_out(&path)?;
    // What an earlier version has made is brought up to date, and a wrong key refused.
    let registry = open::over(Db::open(&Url::Sqlite(path))?, seal).await?;
    let Manifest { made_on, revision, .. } = manifest;
    let restored = registry.restored(made_on, revision, args.pause_keys).await.map_err(told)?;
    let verified = registry.verify_audit(&WHO).await.map_err(told)?;
    Ok((made, Ready { manifest, restored, verified }))
}

/// Refuses a PostgreSQL that servers use, or that holds a registry which stays.
async fn must_be_free(database: &Url, existing: Existing) -> Outcome {
    let source = Source::open(database)?;
    if let Facts::Postgres(facts) = source.facts().await.map_err(told)?
        && facts.servers > 0
    {
        let found = facts.servers;
        return Err(
            format!("servers have {found} connections to {database}: stop them first").into()
        );
    }
    // Before it is opened, which would bring it up to date.
    if existing == Existing::Stays && source.read(migrate::version).await.is_ok() {
        return Err(format!("{HELD}: {database}; --force replaces it").into());
    }
    Ok(())
}

/// Copies everything to PostgreSQL, in one transaction.
async fn move_to(database: &Url, made: &Partial, existing: Existing) -> Outcome {
    let from = Source::open(&Url::Sqlite(made.database()))?;
    let to = Db::open(database)?;
    copy_snapshot(&from, &to, existing).await.map_err(told)?;
    Ok(())
}

fn tell(file: &Path, database: &Url, ready: &Ready) -> Outcome {
    let Ready { manifest, restored, verified, .. } = ready;
    let Manifest { revision, rows, .. } = manifest;
    if let Some((seq, reason)) = verified.bad {
        return Err(format!("everything was restored, and record {seq} {reason}").into());
    }
    let keys = match restored.paused {
        0 => "access keys and grants are as they were then: revoke again what was revoked since"
            .into(),
        1 => "1 access key is paused".to_owned(),
        paused => format!("{paused} access keys are paused"),
    };
    let message = format!(
        "restored {rows} rows to {database} from {}: made at {}, revision {revision}, {} audit \
         records in order",
        file.display(),
        show::time(Some(manifest.made_on)),
        verified.records,
    );
    show::done(false, &message)?;
    show::done(false, &keys)
}
