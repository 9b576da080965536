//! The seal key: whether it is there, and where.

use std::path::Path;

use super::Findings;
use crate::cli::{ServeArgs, open};
use crate::config;
use crate::seal::Seal;
use crate::storage::Url;

const CHECK: &str = "seal key";

/// Looks for the key of the server; gives it where it can be used.
pub fn check(args: &ServeArgs, database: &Url, found: &mut Findings) -> Option<Seal> {
    let file = config::given(args.seal_key_file.as_deref()).map(Path::new);
    let seal = match config::known_seal_key(&open::variable, file, database) {
        Ok(Some(seal)) => seal,
        Ok(None) if matches!(database, Url::Sqlite(_)) && open::must_exist(database).is_err() => {
            found.ok(CHECK, "a start makes it together with the database");
            return None;
        }
        // There is data, or a PostgreSQL: no key is made for either.
        Ok(None) => {
            let missing = config::seal_key(&open::variable, file, database).err();
            found.fail(CHECK, missing.map(|reason| reason.to_string()).unwrap_or_default());
            return None;
        }
        Err(bad) => {
            found.fail(CHECK, bad.to_string());
            return None;
        }
    };
    let beside = match database {
        Url::Sqlite(path) => Some(config::key_file(path)).filter(|file| file.exists()),
        Url::Postgres(_) => None,
    };
    match (file, beside) {
        (Some(set), Some(beside)) if set.canonicalize().ok() != beside.canonicalize().ok() => {
            let (set, beside) = (set.display(), beside.display());
            let hint = "remove it if it opens nothing any more";
            found.warn(CHECK, format!("{set} is used, and {beside} is not: {hint}"));
        }
        (Some(set), _) => found.ok(CHECK, format!("in {}", set.display())),
        (None, Some(beside)) if open::variable("PODIUM_SEAL_KEY").is_none() => found.ok(
            CHECK,
            format!("in {}; keep a copy elsewhere, and not with the backups", beside.display()),
        ),
        (None, _) => found.warn(
            CHECK,
            "in PODIUM_SEAL_KEY, where root can read it for as long as the server runs: prefer \
             PODIUM_SEAL_KEY_FILE",
        ),
    }
    Some(seal)
}
