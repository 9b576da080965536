//! Decides: permission, change and record meet here, and nowhere else.
//!
//! Every operation takes a [`Caller`] and runs in one of three ways: [`Registry::look`] permits
//! and reads one thing, [`Registry::list`] reads many things and hands the operation a [`Sight`]
//! to filter them with, and [`Registry::change`] permits, changes and records, all in one
//! transaction.

mod applications;
mod arize;
mod arize_ids;
mod audit;
mod bulk;
mod caller;
mod conditions;
mod definitions;
mod etags;
mod first_start;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod give;
mod grants;
mod groups;
mod inspection;
mod integrations;
mod manifest;
mod memory;
mod meters;
mod organizations;
mod pages;
mod permit;
mod prompt_labels;
mod prompt_models;
mod prompts;
mod refusals;
mod repeats;
mod resolve;
mod resources;
mod restored;
mod roles;
mod seal;
mod secrets;
mod sign_in;
mod tags;
mod upgrade;
mod usage;
mod users;
mod workflows;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::registry::Registry as Metrics;
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::auth::keys::KeyHasher;
use crate::auth::oidc::Issuers;
use crate::auth::tokens::{Lifetime, Tokens};
use crate::catalogue::Catalogue;
use crate::domain::access::{Access, Need, Principal, Target};
use crate::domain::audit::{Entry, Outcome};
use crate::domain::endpoint::Hosts;
use crate::domain::integration::{Resource, Stamps};
use crate::domain::manifest::Written;
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::prompt::Label;
use crate::domain::{Error, Result};
use crate::references::References;
use crate::seal::{Mac, Seal};
use crate::storage::freshness::Tick;
pub use crate::storage::prompt_labels::LabelRow as PromptLabel;
use crate::storage::{self, Db, Tx};
pub use applications::IssuedKey;
pub use arize::{ArizeDraft, ArizeFilter, ArizeIntegration, ArizePatch, ArizePreset, ScopingIds};
pub use caller::{Caller, Condition, Repeat, Terms, Who};
use conditions::Reading;
pub use etags::Shows;
pub use first_start::AdminKey;
pub use inspection::{Content, Inspection, Opens, inspect};
pub use integrations::{IntegrationView, ResourceView};
pub use manifest::{Provision, Selection};
pub use memory::Shown;
use memory::{Memory, Question};
use meters::Meters;
pub use organizations::{OrganizationView, SpaceView};
use permit::{Sight, admit, exists, permit};
pub use prompts::{PromptView, prompt};
use repeats::{InProgress, Repeatable};
pub use resolve::Resolved;
pub use restored::Restored;
pub use seal::SealKey;
pub use users::{GroupView, UserView};
pub use workflows::workflow;

/// How long a check of the database may take.
const CHECK: Duration = Duration::from_secs(2);

/// The registry of integrations, resources, applications and what belongs to them.
pub struct Registry {
    db: Db,
    tools: Arc<Tools>,
    tokens: Tokens,
    issuers: Issuers,
    in_progress: InProgress,
    meters: Meters,
}

/// What operations need beside the database.
struct Tools {
    memory: Memory,
    seal: Seal,
    /// Held by the rotation of the seal key that is under way.
    rotation: Arc<Mutex<()>>,
    mac: Mac,
    catalogue: Catalogue,
    hasher: KeyHasher,
    resolve: bool,
    hosts: Hosts,
    references: References,
    protected_labels: Vec<Label>,
}

/// What an operator sets of a registry.
pub struct Settings {
    /// How long tokens live.
    pub lifetime: Lifetime,
    /// Whether secrets may be resolved at all.
    pub resolve: bool,
    /// Where integrations may point.
    pub hosts: Hosts,
    /// Which values that are kept elsewhere may be used.
    pub references: References,
    /// Labels of prompts that take a permission of their own to move.
    pub protected_labels: Vec<Label>,
}

impl From<Lifetime> for Settings {
    /// The defaults of everything else.
    fn from(lifetime: Lifetime) -> Self {
        let (hosts, references) = (Hosts::default(), References::default());
        Self { lifetime, resolve: false, hosts, references, protected_labels: vec![] }
    }
}

/// What becomes of what a change has done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Keep,
    Undo,
}

/// One read in progress: a snapshot, and who looks.
struct Look<'t> {
    tx: &'t mut dyn Tx,
    tools: &'t Tools,
    who: Principal,
}

/// One change in progress: a transaction, who changes, and when.
struct Change<'t> {
    tx: &'t mut dyn Tx,
    since: Tick,
    tools: &'t Tools,
    who: Principal,
    now: i64,
    /// What is still to be asked of the first thing that is changed.
    condition: Option<Condition>,
    /// What of that the condition speaks of, unless of the thing itself.
    reading: Option<Reading>,
    /// The resource that is being changed, as it was.
    existing: Option<Resource>,
    /// How configurations are written, where a manifest writes them.
    written: Option<Arc<Written>>,
    detail: Map<String, Value>,
}

impl Registry {
    /// Waits until the database has failed for good; see [`Db::failed`].
    pub async fn failed(&self) {
        self.db.failed().await;
    }

    /// Lets `metrics` tell of the registry.
    pub fn register(&self, metrics: &mut Metrics) {
        self.db.meters().register(metrics);
        self.meters.register(metrics);
    }

    /// Takes no more changes, and finishes those that wait.
    pub fn close(&self) {
        self.db.close();
    }

    /// Whether the database answers, and soon: who asks for this asks often.
    ///
    /// # Errors
    ///
    /// What reading from it gives; [`Error::Unavailable`] when it takes more than [`CHECK`].
    pub async fn check(&self) -> Result<()> {
        let answered = timeout(CHECK, self.db.read(storage::audit::revision)).await;
        let late = |_| Error::Unavailable("the database does not answer");
        answered.map_err(late)?.map(drop)
    }

    /// Whether the disk has room for changes.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] when it has not.
    pub fn check_room(&self) -> Result<()> {
        self.db.check_room()
    }

    /// The names of an integration and its resource as they are stored. Java's client writes a
    /// space in a path as `+`: where no name is `exact`, but one with spaces instead is, that one
    /// is meant (contract section 2).
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Unauthenticated`], [`crate::domain::Error::Invalid`].
    pub async fn spelling(
        &self,
        caller: &Caller,
        exact: (IntegrationName, Option<ResourceName>),
        spaced: (IntegrationName, Option<ResourceName>),
    ) -> Result<(IntegrationName, Option<ResourceName>)> {
        self.list(caller, move |look, _| permit::spelling(look.tx, exact, spaced)).await
    }

    /// Permits `access` to `target` and reads, in one snapshot.
    async fn look<T: Send + 'static>(
        &self,
        caller: &Caller,
        access: Access,
        target: Target,
        work: impl FnOnce(&mut Look<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (tools, caller) = (Arc::clone(&self.tools), caller.clone());
        self.db
            .read(move |tx| {
                let who = admit(tx, &caller, now_millis())?;
                let is_present = exists(tx, &target)?;
                permit(tx, &who, Need::Access(access), &target, is_present)?;
                work(&mut Look { tx, tools: &tools, who })
            })
            .await
    }

    /// Reads many things in one snapshot. `work` shows only what its [`Sight`] lets it.
    async fn list<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&mut Look<'_>, &Sight) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (tools, caller) = (Arc::clone(&self.tools), caller.clone());
        self.db
            .read(move |tx| {
                let who = admit(tx, &caller, now_millis())?;
                let sight = Sight::of(tx, &who)?;
                work(&mut Look { tx, tools: &tools, who }, &sight)
            })
            .await
    }

    /// Answers `question`: as it was answered before, if that still holds, or else by `show`, of what
    /// `find` has found. Needs READ on that.
    ///
    /// The caller is looked up after the first query, which begins the snapshot, or after the answer
    /// of before, so that their permission is never older than what they see.
    async fn recall<T>(
        &self,
        caller: &Caller,
        question: Question,
        find: impl FnOnce(&mut dyn Tx, &Tools) -> Result<(Target, T)> + Send + 'static,
        show: impl FnOnce(&mut dyn Tx, &Tools, T) -> Result<Shown> + Send + 'static,
    ) -> Result<Shown> {
        self.db.now().await?;
        let memory = &self.tools.memory;
        if let Some(answer) = memory.answer(&question)
            && let Some(who) = memory.caller(caller, now_millis())
            && memory.allows(&who, Access::Read, &answer.target)
        {
            return Ok(answer.shown.clone());
        }
        let (tools, caller) = (Arc::clone(&self.tools), caller.clone());
        self.db
            .read_to_keep(move |tx, since| {
                let found = find(tx, &tools);
                let who = tools.memory.admit(tx, since, &caller, now_millis())?;
                let (target, found) = found?;
                let need = Need::Access(Access::Read);
                tools.memory.permit(tx, since, &who, need, &target, true)?;
                let shown = show(tx, &tools, found)?;
                tools.memory.keep_answer(question, target, shown.clone(), since);
                Ok(shown)
            })
            .await
    }

    /// Permits `need` on what `of` is of, changes and records as `action`, in one transaction. A
    /// precondition of the request speaks of `of`. A refusal leaves a record of its own.
    async fn change<T: Repeatable + Send + 'static>(
        &self,
        caller: &Caller,
        action: &'static str,
        need: Need,
        of: impl Into<Reading>,
        work: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (target, reading) = match of.into() {
            Reading::Whole(target) => (target, None),
            part => (part.target()?, Some(part)),
        };
        self.transact(caller, action, move |change| {
            change.reading = reading;
            change.one(action, need, &target, work)
        })
        .await
    }

    /// Runs `work` as one change, on the caller's terms. Every part of it goes through
    /// [`Change::one`]; `action` is what a refusal is recorded as.
    async fn transact<T: Repeatable + Send + 'static>(
        &self,
        caller: &Caller,
        action: &'static str,
        work: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.transact_as(caller, action, Mode::Keep, work).await
    }

    /// As [`Registry::transact`], and keeps or undoes what was done.
    async fn transact_as<T: Repeatable + Send + 'static>(
        &self,
        caller: &Caller,
        action: &'static str,
        mode: Mode,
        work: impl FnOnce(&mut Change<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let tools = Arc::clone(&self.tools);
        let by = caller.clone();
        let serving = self.in_progress.begin(caller)?;
        let work = move |tx: &mut dyn Tx| {
            let (since, now) = (tools.memory.tick(), now_millis());
            let who = tools.memory.admit(tx, since, &by, now)?;
            let Terms { repeat, condition } = by.terms;
            let tools = &*tools;
            let (reading, existing, written, detail) = (None, None, None, Map::new());
            let mut change = Change {
                tx,
                since,
                tools,
                who,
                now,
                condition,
                reading,
                existing,
                written,
                detail,
            };
            let done = match &repeat {
                Some(repeat) => change.once(repeat, work)?,
                None => work(&mut change)?,
            };
            // What is being served goes on until the commit.
            Ok((done, serving))
        };
        let outcome = match mode {
            Mode::Keep => self.db.write(work).await,
            Mode::Undo => self.db.rehearse(work).await,
        };
        let outcome = outcome.map(|(done, _)| done);
        if let Err(error) = &outcome {
            self.record_refusals(caller, action, error).await?;
        }
        outcome
    }
}

impl Change<'_> {
    /// Permits, changes and records one thing, so that no operation can forget one of them.
    fn one<T>(
        &mut self,
        action: &'static str,
        need: Need,
        target: &Target,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.one_if(action, need, target, |_| true, work)
    }

    /// As [`Change::one`], of what may turn out to be as it should be already: it is recorded only if what
    /// `work` gives `is_change`.
    fn one_if<T>(
        &mut self,
        action: &'static str,
        need: Need,
        target: &Target,
        is_change: fn(&T) -> bool,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let access = self.permit(need, target)?;
        self.check_condition(target)?;
        let outer = std::mem::take(&mut self.detail);
        let done = work(self)?;
        if is_change(&done) {
            self.record(action, access, target)?;
        }
        self.detail = outer;
        Ok(done)
    }

    /// Permits `need` on `target`, and says which access that was. A resource is read for that as a
    /// whole, since whoever saves it needs it next.
    fn permit(&mut self, need: Need, target: &Target) -> Result<Access> {
        self.existing = None;
        let is_present = match target {
            Target::Resource(integration, name) => {
                self.existing = storage::resources::find(self.tx, integration, name)?;
                self.existing.is_some()
            }
            _ => exists(self.tx, target)?,
        };
        let memory = &self.tools.memory;
        memory.permit(self.tx, self.since, &self.who, need, target, is_present)
    }

    /// Adds to what is recorded of the thing that is being done. Secrets have no place here.
    fn note(&mut self, what: &str, value: impl Into<Value>) {
        self.detail.insert(what.to_owned(), value.into());
    }

    /// Records what was just done.
    fn record(&mut self, action: &'static str, access: Access, target: &Target) -> Result<()> {
        audit::ledger(self.tx)?.change(target);
        let detail = std::mem::take(&mut self.detail);
        let entry = Entry::new(&self.who, action, access, target, Outcome::Done, self.now);
        audit::append(self.tx, &self.tools.mac, Entry { detail, ..entry })
    }

    /// The stamps of what is saved now, in the place of what has `existing` ones.
    fn stamps(&self, existing: Option<&Stamps>) -> Stamps {
        let (by, on) = (self.who.user.to_string(), self.now);
        match existing {
            Some(stamps) => Stamps { updated_by: by, updated_on: on, ..stamps.clone() },
            None => {
                Stamps { created_by: by.clone(), created_on: on, updated_by: by, updated_on: on }
            }
        }
    }
}

/// The time, in epoch milliseconds.
fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
