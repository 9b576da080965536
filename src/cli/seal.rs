//! `podium seal`: the keys that seal secrets.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::desk::{Desk, Place};
use super::local::WHO;
use super::{Outcome, show};
use crate::registry;

/// The arguments of `podium seal`.
#[derive(Args)]
pub struct SealArgs {
    #[command(subcommand)]
    command: SealCommand,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum SealCommand {
    /// Show the keys, and how many values each has sealed.
    Status,
    /// Seal everything with a new key, or finish that where it was broken off. This can take long.
    Rotate,
}

/// A key, as the server tells one and as commands print one.
#[derive(Deserialize, Serialize)]
struct SealKey {
    id: String,
    values: i64,
    seals: bool,
    known: bool,
}

#[derive(Deserialize)]
struct KeysJson {
    keys: Vec<SealKey>,
}

/// Runs `podium seal`.
pub fn run(args: SealArgs) -> Outcome {
    let desk = Desk::open(&args.place)?;
    let keys = match args.command {
        SealCommand::Status => desk.seal_keys()?,
        SealCommand::Rotate => desk.rotate_seal_key()?,
    };
    show::list(args.place.json, &keys, &["ID", "VALUES", "STATE"], |key| {
        vec![key.id.clone(), key.values.to_string(), state(key).to_owned()]
    })
}

fn state(key: &SealKey) -> &'static str {
    match key {
        SealKey { seals: true, .. } => "seals",
        SealKey { known: true, .. } => "opens",
        SealKey { .. } => "unknown",
    }
}

impl Desk {
    fn seal_keys(&self) -> Outcome<Vec<SealKey>> {
        match self {
            Self::Remote(remote) => remote.0.get(&["seal"], "").map(|found: KeysJson| found.keys),
            Self::Local(local) => told(local.run(local.registry.seal_keys(&WHO))),
        }
    }

    fn rotate_seal_key(&self) -> Outcome<Vec<SealKey>> {
        match self {
            Self::Remote(remote) => {
                let found: KeysJson = remote.0.post_patiently(&["seal", "rotate"])?;
                Ok(found.keys)
            }
            Self::Local(local) => told(local.run(local.registry.rotate_seal_key(&WHO))),
        }
    }
}

fn told(keys: Outcome<Vec<registry::SealKey>>) -> Outcome<Vec<SealKey>> {
    let told =
        |registry::SealKey { id, values, seals, known }| SealKey { id, values, seals, known };
    Ok(keys?.into_iter().map(told).collect())
}
