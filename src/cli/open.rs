//! Opening the database, for every command that works on it itself.

use std::error::Error as StdError;
use std::path::Path;
use std::time::Duration;

use super::Outcome;
use super::local::NO_TOKENS;
use crate::config;
use crate::domain::Error;
use crate::registry::{Registry, Settings};
use crate::seal::Seal;
use crate::storage::{Db, Url};

/// For how long one statement may run where some read a whole table.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Refuses settings that are none, before anything else is done.
pub fn check_settings() -> Outcome {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    Ok(config::refuse_unknown(names)?)
}

/// A variable of the environment that is set to something.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Refuses an embedded database that is not there yet: opening one makes it.
pub fn must_exist(database: &Url) -> Outcome {
    match database {
        Url::Sqlite(path) if !path.metadata().is_ok_and(|file| file.len() > 0) => {
            Err(format!("there is no database {database}").into())
        }
        _ => Ok(()),
    }
}

/// The registry over `database`, with the seal key of the settings.
pub async fn registry(
    database: &Url,
    seal_key_file: Option<&str>,
    settings: Settings,
) -> Outcome<Registry> {
    let file = config::given(seal_key_file).map(Path::new);
    let (seal, made) = config::seal_key(&variable, file, database)?;
    if let Some(file) = made {
        let file = file.display();
        log::info!("made the seal key {file}: back it up elsewhere, it opens every secret");
    }
    let db = Db::open(database)?;
    Registry::open(db, seal, settings).await.map_err(told)
}

/// The registry over a database that nobody serves.
pub async fn over(database: Db, seal: Seal) -> Outcome<Registry> {
    Registry::open(database, seal, Settings::from(NO_TOKENS)).await.map_err(told)
}

/// The database, waited for as long as a whole registry takes.
pub fn patient(mut database: Url) -> Url {
    if let Url::Postgres(settings) = &mut database {
        settings.patience = PATIENCE;
    }
    database
}

/// An error with its cause: here there is no client to hide it from.
pub fn told(error: Error) -> Box<dyn StdError> {
    match error {
        Error::Internal(cause) => cause,
        other => Box::new(other),
    }
}
