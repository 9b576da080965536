//! The rotation of the seal key: everything is sealed again with a new one, batch by batch, so
//! that it can be broken off and taken up at any point.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::OwnedMutexGuard;

use super::{Caller, Change, Registry, Repeatable};
use crate::domain::access::{Access, Kind, Need, Target};
use crate::domain::{Error, Result};
use crate::seal::{Keyring, Place, key_id};
use crate::storage::secrets::{self, HeldSecret, Holder};
use crate::storage::{Tx, idempotency, seal_keys, server_keys};

/// How many secrets one transaction seals again.
const BATCH: i64 = 200;

/// The target of everything about the key.
const KEY: Target = Target::Every(Kind::SealKey);

/// A seal key, and what it has sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealKey {
    /// Its public name.
    pub id: String,
    /// How many values in the database it has sealed.
    pub values: i64,
    /// Whether it is the one that seals.
    pub seals: bool,
    /// Whether the server has it. Values of a key that it does not have cannot be opened.
    pub known: bool,
}

impl Registry {
    /// The seal keys, the one that seals first. Needs READ on the seal key.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`].
    pub async fn seal_keys(&self, caller: &Caller) -> Result<Vec<SealKey>> {
        self.look(caller, Access::Read, KEY, move |look| status(look.tx, &look.tools.seal.ring()))
            .await
    }

    /// Seals everything with a new key, or where a rotation was broken off, finishes that. After
    /// it, no other key opens anything in the database. Needs UPDATE on the seal key.
    ///
    /// The new key is made, and kept in the file of the keys, by the server. Where it does not
    /// keep that file, its operator gives it the new key before the old one.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`]; [`Error::Conflict`] where the operator has to bring the new key, and
    /// while another rotation is under way; [`Error::Unavailable`] when it cannot be kept.
    pub async fn rotate_seal_key(&self, caller: &Caller) -> Result<Vec<SealKey>> {
        let (need, part) = (Need::Access(Access::Update), caller.plain());
        let repeat = caller.terms.repeat.clone();
        let begun = self.transact(&part, "seal-key.rotate", move |change| {
            if let Some(repeat) = &repeat
                && let Some(done) = change.repeated(repeat)?
            {
                return Ok(Begun::Before(done));
            }
            change.one("seal-key.rotate", need, &KEY, begin).map(Begun::Now)
        });
        let _turn = match begun.await? {
            Begun::Before(done) => return Ok(done),
            Begun::Now(turn) => turn,
        };
        while self.transact(&part, "seal-key.rotate", seal_again).await? {}
        let id = self.tools.seal.ring().id().to_owned();
        let rewrite = move |tx: &mut dyn Tx| {
            secrets::rewrite(tx)?;
            idempotency::rewrite(tx)?;
            seal_keys::delete_others(tx, &id)
        };
        self.db.write(rewrite).await?;
        self.db.scrub().await?;
        let keys = self.change(caller, "seal-key.finish", need, KEY, finish).await?;
        self.meters.set_seal_keys(&self.db.read(seal_keys::list).await?);
        Ok(keys)
    }
}

/// What the first step of a rotation finds. Only the last one keeps its result, so that a request
/// which is sent again takes up a rotation that was broken off.
enum Begun {
    /// The request was served before, and gave this.
    Before(Vec<SealKey>),
    /// It is its turn.
    Now(OwnedMutexGuard<()>),
}

impl Repeatable for Begun {}

/// The turn of a rotation: no other one begins before this is dropped. One could take for done
/// what the other has done, and is not yet on the disk.
fn turn(change: &Change<'_>) -> Result<OwnedMutexGuard<()>> {
    Arc::clone(&change.tools.rotation).try_lock_owned().map_err(|_| {
        Error::Conflict("the seal key is being rotated already; try again later".into())
    })
}

/// Makes a new key and begins to seal with it, unless a rotation was broken off.
fn begin(change: &mut Change<'_>) -> Result<OwnedMutexGuard<()>> {
    let turn = turn(change)?;
    let seal = &change.tools.seal;
    let ring = seal.ring();
    if ring.ids().count() == 1 {
        if !seal.makes_keys() {
            return Err(Error::Conflict(
                "there is one seal key only: start the server with the new key before the old \
                 one in PODIUM_SEAL_KEY or its file, and rotate again"
                    .into(),
            ));
        }
        seal.replace(&ring.with_new()?)?;
    }
    seal_keys::insert(change.tx, seal.ring().id(), change.now)?;
    change.note("key", seal.ring().id());
    Ok(turn)
}

/// Forgets the old keys, which have sealed nothing any more. Where they cannot be taken out of
/// their file, that is left to the operator, as it is where the server does not keep them.
fn finish(change: &mut Change<'_>) -> Result<Vec<SealKey>> {
    let seal = &change.tools.seal;
    let ring = seal.ring();
    change.note("key", ring.id());
    let left = |key: &SealKey| key.known && !key.seals && key.values > 0;
    if status(change.tx, &ring)?.iter().any(left) {
        return Err(Error::Contended);
    }
    if seal.makes_keys() && ring.ids().count() > 1 && seal.replace(&ring.newest()).is_err() {
        log::warn!("take the old seal key out of its file: it opens nothing any more");
    }
    status(change.tx, &seal.ring())
}

/// Seals some of what is left again; whether there was any.
fn seal_again(change: &mut Change<'_>) -> Result<bool> {
    super::permit::require(change.tx, &change.who, Access::Update, &KEY)?;
    let ring = change.tools.seal.ring();
    for key in server_keys::list(change.tx)? {
        if key_id(&key.sealed)? != ring.id() {
            let place = Place { table: "server_key", parts: &[&key.purpose, &key.id] };
            let opened = ring.open(&key.sealed, place)?;
            server_keys::reseal(change.tx, &key.purpose, &ring.seal(&opened, place)?)?;
        }
    }
    let mut any = false;
    for old in ring.ids().skip(1) {
        for HeldSecret { integration, resource, secret } in
            secrets::sealed_with(change.tx, old, BATCH)?
        {
            let holder = Holder { integration: &integration, resource: &resource };
            let opened = super::secrets::open(&ring, holder, &secret)?;
            change.seal(holder, &secret.path, &secret.destination, &opened)?;
            any = true;
        }
        any |= change.seal_results_again(old, BATCH)?;
    }
    Ok(any)
}

/// Every key that the server has or that has sealed something.
pub(super) fn status(tx: &mut dyn Tx, ring: &Keyring) -> Result<Vec<SealKey>> {
    let mut values: BTreeMap<String, i64> = secrets::count_by_key(tx)?.into_iter().collect();
    for (id, results) in idempotency::count_by_key(tx)? {
        *values.entry(id).or_default() += results;
    }
    for key in server_keys::list(tx)? {
        *values.entry(key_id(&key.sealed)?.to_owned()).or_default() += 1;
    }
    let mut found: Vec<_> = ring
        .ids()
        .map(|id| SealKey {
            id: id.to_owned(),
            values: values.remove(id).unwrap_or(0),
            seals: id == ring.id(),
            known: true,
        })
        .collect();
    let unknown = |(id, values)| SealKey { id, values, seals: false, known: false };
    found.extend(values.into_iter().map(unknown));
    Ok(found)
}
