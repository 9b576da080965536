//! `podium key`: the access keys of applications, and the way back in without one.

use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};

use super::desk::{Desk, Key, Place};
use super::local::Local;
use super::{Outcome, client, health, open, show};
use crate::domain::{Result, name};

/// What `--help` says of `recover`.
const RECOVERY: &str = "\
It opens the database that --database or PODIUM_DATABASE_URL names, by default
sqlite://podium.db, and needs the seal key of the server. What is done is recorded as done by
`local`.";

/// The arguments of `podium key`.
#[derive(Args)]
pub struct KeyArgs {
    #[command(subcommand)]
    command: KeyCommand,
    #[command(flatten)]
    place: Place,
}

/// One access key of an application.
#[derive(Args)]
struct OneKey {
    /// The application's id, as `podium user list --apps` shows it, with `app:` or without.
    #[arg(value_parser = application_id)]
    application: String,
    /// The key's id.
    #[arg(value_parser = key_id)]
    key: String,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// List the access keys of an application.
    List {
        /// The application's id, as `podium user list --apps` shows it, with `app:` or without.
        #[arg(value_parser = application_id)]
        application: String,
    },
    /// Make an access key, and print it as lines for a shell; the secret is shown only now.
    Create {
        /// The application's id, as `podium user list --apps` shows it, with `app:` or without.
        #[arg(value_parser = application_id)]
        application: String,
        /// How long the key lives, as in `90d`; without it, until it is deleted.
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        expires: Option<Duration>,
    },
    /// Make an access key in the place of another, and print it; the secret is shown only now.
    Rotate {
        #[command(flatten)]
        key: OneKey,
        /// How long the other one lives on, as in `1h`.
        #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "0s")]
        overlap: Duration,
    },
    /// Pause an access key: it cannot be used until it is resumed.
    Pause(OneKey),
    /// Resume an access key that was paused.
    Resume(OneKey),
    /// Delete an access key.
    Delete(OneKey),
    /// Make an access key for an administrator who has none left, while no server runs.
    #[command(after_help = RECOVERY)]
    Recover {
        /// The id of an application that is an administrator; without it, a new one is made.
        #[arg(long, value_name = "APPLICATION", value_parser = application_id)]
        application: Option<String>,
    },
}

/// Runs `podium key`.
pub fn run(args: KeyArgs) -> Outcome {
    let KeyArgs { command, place } = args;
    if let KeyCommand::Recover { application } = command {
        return recover(&place, application);
    }
    let desk = Desk::open(&place)?;
    let json = place.json;
    match command {
        KeyCommand::List { application } => {
            let header = ["ID", "STATE", "CREATED", "EXPIRES", "LAST USED"];
            let now = show::millis(SystemTime::now());
            show::list(json, &desk.keys(&application)?, &header, |key| row(key, now))
        }
        KeyCommand::Create { application, expires } => {
            let end =
                expires.map(|lifetime| SystemTime::now().checked_add(lifetime).map(show::millis));
            let end = end.map(|end| end.ok_or("--expires is too long")).transpose()?;
            show::issued(json, &desk.create_key(&application, end)?, &server_url(&desk))
        }
        KeyCommand::Rotate { key: OneKey { application, key }, overlap } => {
            let overlap = i64::try_from(overlap.as_secs()).unwrap_or(i64::MAX);
            let made = desk.rotate_key(&application, &key, overlap)?;
            show::issued(json, &made, &server_url(&desk))
        }
        KeyCommand::Pause(key) => switch(&desk, json, &key, "INACTIVE", "paused"),
        KeyCommand::Resume(key) => switch(&desk, json, &key, "ACTIVE", "resumed"),
        KeyCommand::Delete(OneKey { application, key }) => {
            desk.delete_key(&application, &key)?;
            show::done(json, &format!("deleted the access key `{key}`"))
        }
        KeyCommand::Recover { .. } => Ok(()),
    }
}

/// Makes a key at the database, be it named or the default of `serve`.
fn recover(place: &Place, application: Option<String>) -> Outcome {
    open::check_settings()?;
    let url = place.database.clone().or_else(|| open::variable("PODIUM_DATABASE_URL"));
    let url = url.as_deref().unwrap_or(super::DEFAULT_DATABASE);
    let local = Local::open(url, place.seal_key_file.as_deref())?;
    let made = local.recover(application)?;
    show::issued(place.json, &made, &settings_url())
}

/// Brings a key to `wanted`. All that a server offers is to toggle, which somebody else may have
/// done in the meantime.
fn switch(desk: &Desk, json: bool, one: &OneKey, wanted: &str, done: &str) -> Outcome {
    let OneKey { application, key } = one;
    let keys = desk.keys(application)?;
    let found = keys.iter().find(|found| found.id == *key);
    let found = found.ok_or_else(|| format!("No such access key: `{key}`"))?;
    if found.status == wanted {
        return show::done(json, &format!("the access key `{key}` is {done} already"));
    }
    if desk.toggle_key(application, key)?.status != wanted {
        desk.toggle_key(application, key)?;
    }
    show::done(json, &format!("{done} the access key `{key}`"))
}

fn row(key: &Key, now: i64) -> Vec<String> {
    let state = match key.status.as_str() {
        _ if key.expires_at.is_some_and(|end| end <= now) => "expired",
        "ACTIVE" => "active",
        _ => "paused",
    };
    let [created, expires, used] =
        [Some(key.created_at), key.expires_at, key.last_used_at].map(show::time);
    vec![key.id.clone(), state.to_owned(), created, expires, used]
}

/// Where a new key is used: at the server that was asked, or where it will listen.
fn server_url(desk: &Desk) -> String {
    match desk {
        Desk::Remote(remote) => remote.url().to_owned(),
        Desk::Local(_) => settings_url(),
    }
}

/// Where a server listens by the settings.
fn settings_url() -> String {
    let named = open::variable("CONDUCTOR_SERVER_URL")
        .and_then(|url| client::api_url("CONDUCTOR_SERVER_URL", &url).ok());
    named.unwrap_or_else(|| {
        let listen = open::variable("PODIUM_LISTEN");
        let listen = listen.as_deref().unwrap_or(super::DEFAULT_LISTEN);
        match health::reachable(listen) {
            Ok(address) => format!("http://{address}/api"),
            Err(_) => format!("http://{listen}/api"),
        }
    })
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    let duration = seconds.or_else(|| humantime::parse_duration(text).ok());
    duration.ok_or("must be a duration, as in `90d`, `1h` or `30s`")
}

fn application_id(raw: &str) -> Result<String> {
    let id = raw.strip_prefix("app:").unwrap_or(raw);
    name::check("application", id)?;
    Ok(id.to_owned())
}

fn key_id(raw: &str) -> Result<String> {
    name::check("key", raw)?;
    Ok(raw.to_owned())
}
