//! What is kept in memory of the database: who callers are, what they may do, and what reads have
//! answered. Everything here is used only while it is fresh ([`Freshness`]), and may be forgotten
//! at any time.
//!
//! A permission may be newer than what it permits to see, and never older: it is looked up after
//! the snapshot was begun, or after the answer.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::sync::Cache;
use quick_cache::{Equivalent, Weighter};

use super::resources::Setting;
use super::{Caller, Who, permit};
use crate::domain::Result;
use crate::domain::access::{Access, Kind, Need, Object, Principal, Target, UserId};
use crate::domain::name::IntegrationName;
use crate::storage::Tx;
use crate::storage::freshness::{Freshness, Mark, Tick};

/// How many callers are remembered.
const CALLERS: usize = 10_000;

/// How many accesses of callers to things are remembered.
const ACCESSES: usize = 100_000;

/// How many names of integrations are remembered.
const NAMES: usize = 100_000;

/// Of how many integrations it is remembered what saving their resources takes.
const SETTINGS: usize = 20_000;

/// How much of answers is remembered, in bytes.
const ANSWERS: u64 = 128 * 1024 * 1024;

/// About how many answers that is.
const USUAL_ANSWERS: usize = 100_000;

/// About how many bytes an answer takes beside its text.
const OVERHEAD: usize = 400;

/// What is kept in memory.
pub(super) struct Memory {
    freshness: Arc<Freshness>,
    callers: Cache<Credential, Kept<Principal>>,
    allowed: Cache<Allowed, Kept<()>>,
    names: Cache<IntegrationName, Kept<()>>,
    settings: Cache<IntegrationName, Kept<Arc<Setting>>>,
    answers: Cache<Question, Kept<Arc<Answer>>, Weight>,
}

/// Something with the moment since which it is known, and what it depends on.
#[derive(Clone)]
struct Kept<T> {
    value: T,
    since: Tick,
    things: [Mark; 2],
}

/// What everything depends on that is about no single thing.
const NOTHING: [Mark; 2] = [Mark::NONE; 2];

/// A read, with all that its answer depends on beside who asks.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Question(String);

impl Question {
    /// The question that `parts` make, none of which holds U+0000.
    pub fn of(parts: &[&str]) -> Self {
        Self(parts.join("\0"))
    }
}

/// What a read answers, as a dialect shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The entity tag, quotes included, of what has one.
    pub etag: Option<String>,
    /// The body.
    pub body: Bytes,
}

/// An answer, and what one must have READ on to get it.
pub(super) struct Answer {
    pub target: Target,
    pub shown: Shown,
}

/// How a caller has signed in: the user and the access key, or the provider that vouches for them.
#[derive(PartialEq, Eq, Hash)]
struct Credential {
    user: String,
    key: String,
    is_federated: bool,
}

#[derive(Hash)]
struct CredentialRef<'a> {
    user: &'a str,
    key: &'a str,
    is_federated: bool,
}

impl Equivalent<Credential> for CredentialRef<'_> {
    fn equivalent(&self, key: &Credential) -> bool {
        self.user == key.user && self.key == key.key && self.is_federated == key.is_federated
    }
}

/// An access that a user was granted. What they were not granted is asked each time.
#[derive(PartialEq, Eq, Hash)]
struct Allowed {
    user: UserId,
    access: Access,
    object: Object,
}

#[derive(Hash)]
struct AllowedRef<'a> {
    user: &'a UserId,
    access: Access,
    kind: Kind,
    id: &'a str,
}

impl Equivalent<Allowed> for AllowedRef<'_> {
    fn equivalent(&self, key: &Allowed) -> bool {
        *self.user == key.user
            && self.access == key.access
            && self.kind == key.object.kind
            && self.id == key.object.id
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Question, Kept<Arc<Answer>>> for Weight {
    fn weight(&self, question: &Question, kept: &Kept<Arc<Answer>>) -> u64 {
        let shown = &kept.value.shown;
        let etag = shown.etag.as_ref().map_or(0, String::len);
        (2 * question.0.len() + shown.body.len() + etag + OVERHEAD) as u64
    }
}

impl Memory {
    /// A memory of the database that `freshness` speaks of.
    pub fn new(freshness: Arc<Freshness>) -> Self {
        Self {
            freshness,
            callers: Cache::new(CALLERS),
            allowed: Cache::new(ACCESSES),
            names: Cache::new(NAMES),
            settings: Cache::new(SETTINGS),
            answers: Cache::with_weighter(USUAL_ANSWERS, ANSWERS, Weight),
        }
    }

    /// The present moment, for what is read from now on.
    pub fn tick(&self) -> Tick {
        self.freshness.tick()
    }

    /// Who the caller is at `now`, as far as it is remembered.
    pub fn caller(&self, caller: &Caller, now: i64) -> Option<Principal> {
        let kept = self.callers.get(&credential(caller)?)?;
        let who = self.fresh(kept)?;
        let address = caller.address();
        who.until.is_none_or(|end| now < end).then_some(Principal { address, ..who })
    }

    /// As [`permit::admit`], by what is remembered where that is enough.
    ///
    /// # Errors
    ///
    /// As [`permit::admit`].
    pub fn admit(
        &self,
        tx: &mut dyn Tx,
        since: Tick,
        caller: &Caller,
        now: i64,
    ) -> Result<Principal> {
        if let Some(who) = self.caller(caller, now) {
            return Ok(who);
        }
        let who = permit::admit(tx, caller, now)?;
        if let Some(CredentialRef { user, key, is_federated }) = credential(caller) {
            let (user, key) = (user.to_owned(), key.to_owned());
            let kept = Kept { value: who.clone(), since, things: NOTHING };
            self.callers.insert(Credential { user, key, is_federated }, kept);
        }
        Ok(who)
    }

    /// Whether it is remembered that `who` has `access` to `target`, which is there.
    pub fn allows(&self, who: &Principal, access: Access, target: &Target) -> bool {
        let granted = |kind, id: &str| {
            let key = AllowedRef { user: &who.user, access, kind, id };
            self.allowed.get(&key).is_some_and(|kept| self.fresh(kept).is_some())
        };
        if who.may(access, target.kind()) {
            return true;
        }
        match target {
            Target::Integration(name) => granted(Kind::Integration, name.as_str()),
            Target::Resource(integration, _) => {
                who.may(access, Kind::Integration)
                    || granted(Kind::Integration, integration.as_str())
                    || granted(Kind::Resource, &target.id())
            }
            _ => false,
        }
    }

    /// As [`permit::permit`], by what is remembered where that is enough. Nothing is remembered that
    /// a grant may allow which is not committed yet.
    ///
    /// # Errors
    ///
    /// As [`permit::permit`].
    pub fn permit(
        &self,
        tx: &mut dyn Tx,
        since: Tick,
        who: &Principal,
        need: Need,
        target: &Target,
        is_present: bool,
    ) -> Result<Access> {
        let is_kept = matches!(target, Target::Integration(_) | Target::Resource(..));
        if !is_kept || !is_present {
            return permit(tx, who, need, target, is_present);
        }
        let access = need.access(true);
        if !self.allows(who, access, target) {
            let whole = target.whole();
            let granted = match &whole {
                Some(whole) if permit::has(tx, who, access, whole)? => whole,
                _ => {
                    permit::require(tx, who, access, target)?;
                    target
                }
            };
            if !tx.ledger().is_some_and(|ledger| ledger.adds_grants()) {
                let (user, object) = (who.user.clone(), granted.object());
                let kept = Kept { value: (), since, things: NOTHING };
                self.allowed.insert(Allowed { user, access, object }, kept);
            }
        }
        Ok(access)
    }

    /// Whether it is remembered that there is an integration of this name.
    pub fn has_integration(&self, name: &IntegrationName) -> bool {
        self.names.get(name).is_some_and(|kept| self.fresh(kept).is_some())
    }

    /// Remembers that there is an integration of this name.
    pub fn keep_integration(&self, name: IntegrationName, since: Tick) {
        let things = [self.freshness.of_integration(name.as_str()), Mark::NONE];
        self.names.insert(name, Kept { value: (), since, things });
    }

    /// What saving the resources of an integration takes, if it is remembered.
    pub fn setting(&self, integration: &IntegrationName) -> Option<Arc<Setting>> {
        self.fresh(self.settings.get(integration)?)
    }

    /// Remembers what saving the resources of an integration takes.
    pub fn keep_setting(&self, name: IntegrationName, value: Arc<Setting>, since: Tick) {
        let things = [self.freshness.of_integration(name.as_str()), Mark::NONE];
        self.settings.insert(name, Kept { value, since, things });
    }

    /// The answer to `question`, and what it shows, if it is remembered.
    pub fn answer(&self, question: &Question) -> Option<Arc<Answer>> {
        self.fresh(self.answers.get(question)?)
    }

    /// Remembers an answer that shows `target`.
    pub fn keep_answer(&self, question: Question, target: Target, shown: Shown, since: Tick) {
        let things = match &target {
            Target::Integration(name) => [self.freshness.of_whole(name.as_str()), Mark::NONE],
            Target::Resource(integration, name) => [
                self.freshness.of_integration(integration.as_str()),
                self.freshness.of_resource(integration.as_str(), name.as_str()),
            ],
            _ => return,
        };
        let value = Arc::new(Answer { target, shown });
        self.answers.insert(question, Kept { value, since, things });
    }

    /// What was kept, if it still holds.
    fn fresh<T>(&self, kept: Kept<T>) -> Option<T> {
        self.freshness.holds(kept.since, &kept.things).then_some(kept.value)
    }
}

/// By what a caller is remembered; the server itself is not.
fn credential(caller: &Caller) -> Option<CredentialRef<'_>> {
    let (user, key) = caller.credential()?;
    Some(CredentialRef { user, key, is_federated: matches!(caller.who, Who::Federated { .. }) })
}
