//! Manifests: planned, applied and pruned in one transaction, and written from what is there;
//! `docs/provisioning.md`.
//!
//! There is one way through: a plan is an apply that is undone. Each thing is read as a manifest
//! tells it, saved by the operation that saves it otherwise, with its own permission and record, and
//! read again; what differs is what the plan shows.

mod access;
mod difference;
mod export;
mod forms;
mod integrations;
mod prompts;
mod prune;
mod tags;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::bulk::Bad;
use super::{Caller, Change, Mode, Registry, audit};
use crate::domain::access::{Need, Object, Subject, Target};
use crate::domain::error::TOLD;
use crate::domain::manifest::{Action, Difference, Manifest, Plan, TagEntry, Written};
use crate::domain::tag::Tag;
use crate::domain::{Error, Result, name};
use crate::storage::{self, Tx, applications};
use difference::between;
pub use export::Selection;
use tags::{is_mark, tagged};

/// A manifest and how it is to be applied.
pub struct Provision {
    /// The manifest.
    pub manifest: Manifest,
    /// What goes in the place of its references.
    pub written: Written,
    /// Whether what belongs to it, and what it does not name, is deleted.
    pub prune: bool,
    /// Whether it is pruned with even if it names nothing.
    pub force: bool,
    /// Whether it may take what belongs to other manifests.
    pub adopt: bool,
    /// The digest of the plan that it must still come to.
    pub plan: Option<String>,
}

impl Registry {
    /// What [`Registry::apply_manifest`] would do now, found out by doing and undoing it. Needs what that
    /// needs.
    ///
    /// # Errors
    ///
    /// As [`Registry::apply_manifest`].
    pub async fn plan_manifest(&self, caller: &Caller, provision: Provision) -> Result<Plan> {
        self.provision(caller, "manifest.plan", Mode::Undo, provision).await
    }

    /// Makes the registry what a manifest says: all of it, or nothing. Needs what saving, tagging and
    /// deleting each thing needs, also of what is as it should be.
    ///
    /// # Errors
    ///
    /// [`Error::Items`] naming everything that cannot be; [`Error::Precondition`] when it is no longer
    /// what was planned; [`Error::Invalid`] for pruning without an owner, or with an empty manifest.
    pub async fn apply_manifest(&self, caller: &Caller, provision: Provision) -> Result<Plan> {
        self.provision(caller, "manifest.apply", Mode::Keep, provision).await
    }

    async fn provision(
        &self,
        caller: &Caller,
        action: &'static str,
        mode: Mode,
        provision: Provision,
    ) -> Result<Plan> {
        check(&provision)?;
        self.transact_as(caller, action, mode, move |change| change.provision(mode, provision))
            .await
    }
}

/// Checks what needs no database.
fn check(provision: &Provision) -> Result<()> {
    let Provision { manifest, prune, force, .. } = provision;
    match &manifest.owner {
        Some(owner) => name::check("owner", owner)?,
        None if *prune => {
            return Err(Error::invalid("owner", "is required to prune: it says what is yours"));
        }
        None => {}
    }
    if *prune && !force && manifest.is_empty() {
        let reason = "would delete all that the owner has, since the manifest names nothing; \
                      say `force` if that is meant";
        return Err(Error::invalid("prune", reason));
    }
    Ok(())
}

impl Change<'_> {
    fn provision(&mut self, mode: Mode, provision: Provision) -> Result<Plan> {
        let Provision { manifest, written, prune, adopt, plan, .. } = provision;
        let before = audit::ledger(self.tx)?.end().revision;
        self.written = Some(Arc::new(written));
        let mut apply = Apply::new(self, manifest.owner.clone(), adopt, prune)?;
        apply.access(&manifest)?;
        apply.integrations(manifest.integrations)?;
        apply.prompts(manifest.prompts)?;
        apply.grants(&manifest.grants)?;
        // What could not be saved would look as if it were not named.
        if prune && apply.bad.count() == 0 {
            apply.prune()?;
        }
        let Apply { changes, unchanged, bad, .. } = apply;
        bad.settle()?;
        let digest = digest(&changes)?;
        if plan.is_some_and(|plan| plan != digest) {
            let reason = "the registry has changed since the plan: plan again";
            return Err(Error::Precondition { reason, etag: None });
        }
        let revision = match mode {
            Mode::Keep => audit::ledger(self.tx)?.end().revision,
            Mode::Undo => before,
        };
        Ok(Plan { revision, digest, changes, unchanged })
    }
}

/// A hash over all that is changed.
fn digest(changes: &[Difference]) -> Result<String> {
    let bytes = serde_json::to_vec(changes).map_err(Error::internal)?;
    Ok(HEXLOWER.encode(&Sha256::digest(bytes)[..16]))
}

/// A manifest that is being applied.
struct Apply<'c, 't> {
    change: &'c mut Change<'t>,
    owner: Option<String>,
    adopt: bool,
    prune: bool,
    /// The ids of applications by their names.
    applications: HashMap<String, Vec<String>>,
    /// What the manifest names.
    named: HashSet<Object>,
    /// Whom it names grants of, and on what.
    granted: HashSet<(Subject, Object)>,
    changes: Vec<Difference>,
    unchanged: usize,
    bad: Bad,
}

/// One thing of a manifest.
struct Thing<'a> {
    kind: &'static str,
    name: String,
    target: &'a Target,
    /// How a manifest tells it, as it is there now.
    form: &'a dyn Fn(&mut dyn Tx) -> Result<Option<Value>>,
}

impl<'c, 't> Apply<'c, 't> {
    fn new(
        change: &'c mut Change<'t>,
        owner: Option<String>,
        adopt: bool,
        prune: bool,
    ) -> Result<Self> {
        let mut known: HashMap<String, Vec<String>> = HashMap::new();
        for application in applications::list(change.tx, "", i64::MAX)? {
            known.entry(application.name).or_default().push(application.id);
        }
        Ok(Self {
            change,
            owner,
            adopt,
            prune,
            applications: known,
            named: HashSet::new(),
            granted: HashSet::new(),
            changes: vec![],
            unchanged: 0,
            bad: Bad::default(),
        })
    }

    /// Does one part of the work, and gives what it comes to. What cannot be done because of the
    /// manifest is told with all the rest, as of `place`.
    fn item<T>(
        &mut self,
        place: &str,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        let outcome = work(self);
        let done = self.bad.keep(place, outcome)?;
        if self.bad.count() > TOLD {
            // No more than these are told, and others wait for the writer.
            std::mem::take(&mut self.bad).settle()?;
        }
        Ok(done)
    }

    /// Saves one thing with `save`, and its tags: these, or of a thing that has none in a manifest the
    /// mark of its owner alone. `save` says whether it changed anything.
    fn thing(
        &mut self,
        thing: Thing<'_>,
        tags: Option<&[TagEntry]>,
        save: impl FnOnce(&mut Self) -> Result<bool>,
    ) -> Result<()> {
        let Thing { kind, name, target, form } = thing;
        if !self.named.insert(target.object()) {
            return Err(Error::invalid("name", "stands here twice"));
        }
        self.change.permit(Need::Save, target)?;
        let old = storage::tags::list(self.change.tx, target)?;
        let before = tagged(form(self.change.tx)?, &old);
        let is_saved = save(self)?;
        let new = self.store_tags(target, &old, tags)?;
        if !is_saved && new.is_none() {
            self.unchanged += 1;
            return Ok(());
        }
        let is_other = |tag: &&Tag| is_mark(tag) && self.owner.as_ref() != Some(&tag.value);
        if let Some(other) = old.iter().find(is_other).filter(|_| !self.adopt) {
            let reason =
                format!("belongs to the manifest `{}`; say `adopt` to take it", other.value);
            return Err(Error::Conflict(reason.into()));
        }
        let after = tagged(form(self.change.tx)?, new.as_ref().unwrap_or(&old));
        let action = if before.is_some() { Action::Update } else { Action::Create };
        let fields = between(before.as_ref(), after.as_ref());
        self.changes.push(Difference { action, kind: kind.to_owned(), name, fields });
        Ok(())
    }
}
