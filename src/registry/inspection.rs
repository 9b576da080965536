//! What a registry says of itself, read beside its server and without changing anything.

use std::sync::Arc;

use super::first_start::{CHAINING, has_administrator, kept_key};
use super::seal::status;
use crate::domain::Result;
use crate::seal::{Keyring, Mac};
use crate::storage::audit::End;
use crate::storage::{Source, Tx, audit, migrate};

/// What is known of a registry.
pub struct Inspection {
    /// The version of its schema.
    pub schema: i64,
    /// The rest, where that is this program's.
    pub content: Option<Content>,
}

/// What is known of the content of a registry.
pub struct Content {
    /// The number of the latest change.
    pub revision: i64,
    /// How many records the audit log has.
    pub records: i64,
    /// When the last of them was written, in epoch milliseconds.
    pub newest: Option<i64>,
    /// Whether there is an administrator who can sign in.
    pub has_administrator: bool,
    /// What the seal key opens, where one was given.
    pub opens: Option<Opens>,
}

/// What a seal key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// There is nothing to open yet: no server has been started on it.
    Nothing,
    /// It is the key of another database.
    Wrong,
    /// The keys of the server.
    Keys {
        /// How many values were sealed with a key that is not there.
        lost: i64,
        /// Whether the end of the audit log is as the server has written it.
        end_is_sealed: bool,
    },
}

/// Looks at the registry in `source`, with the seal keys `ring`, in one snapshot.
///
/// # Errors
///
/// [`crate::domain::Error::Conflict`] where there is no registry; what the database gives.
pub async fn inspect(source: &Source, ring: Option<Arc<Keyring>>) -> Result<Inspection> {
    source.read(move |tx| look(tx, ring.as_deref())).await
}

fn look(tx: &mut dyn Tx, ring: Option<&Keyring>) -> Result<Inspection> {
    let schema = migrate::version(tx)?;
    if schema != migrate::VERSION {
        return Ok(Inspection { schema, content: None });
    }
    let end = audit::end(tx)?;
    let records = end.head.as_ref().map_or(0, |head| head.seq);
    let last = audit::after(tx, records - 1, 1)?.pop().flatten();
    let content = Content {
        revision: end.revision,
        records,
        newest: last.map(|(record, _)| record.at),
        has_administrator: has_administrator(tx)?,
        opens: ring.map(|ring| opens(tx, ring, &end)).transpose()?,
    };
    Ok(Inspection { schema, content: Some(content) })
}

fn opens(tx: &mut dyn Tx, ring: &Keyring, end: &End) -> Result<Opens> {
    let Ok(chaining) = kept_key(tx, ring, CHAINING) else { return Ok(Opens::Wrong) };
    let Some((_, key)) = chaining else { return Ok(Opens::Nothing) };
    let lost = status(tx, ring)?.iter().filter(|key| !key.known).map(|key| key.values).sum();
    let mac = Mac::new(&key)?;
    let end_is_sealed = end.head.as_ref().is_some_and(|head| mac.made(head));
    Ok(Opens::Keys { lost, end_is_sealed })
}
