//! Tokens used, limits on them, and events counted.

use super::{Caller, Change, Reading, Registry, now_millis};
use crate::domain::access::{Access, Kind, Need, Target};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::usage::{DAY, Event, TokenLimit, TokenLimitDraft, UsageDay, day_of};
use crate::domain::{Error, Result};
use crate::storage::{Tx, token_limits, usage};

/// The most tokens that one call may register, so that sums never overflow.
const MOST_TOKENS: i64 = 1_000_000_000_000;

impl Registry {
    /// What each resource of `integration` used in the last `days` days, newest day first. Needs
    /// READ on the integration.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn usage(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        days: Option<i64>,
    ) -> Result<Vec<UsageDay>> {
        let target = Target::Integration(integration.clone());
        let since = days.map_or(i64::MIN, |days| {
            day_of(now_millis()).saturating_sub(days.saturating_sub(1).saturating_mul(DAY))
        });
        self.look(caller, Access::Read, target, move |look| {
            usage::since(look.tx, &integration, since)
        })
        .await
    }

    /// All tokens that a resource ever used. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn tokens_used(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        resource: ResourceName,
    ) -> Result<i64> {
        let target = Target::Resource(integration.clone(), resource.clone());
        self.look(caller, Access::Read, target, move |look| {
            let days = usage::since(look.tx, &integration, i64::MIN)?;
            Ok(days.iter().filter(|day| day.resource == resource).map(|day| day.total).sum())
        })
        .await
    }

    /// Adds tokens to what a resource used today. Needs EXECUTE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`].
    pub async fn register_tokens(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        resource: ResourceName,
        tokens: i64,
    ) -> Result<()> {
        if !(0..=MOST_TOKENS).contains(&tokens) {
            return Err(Error::invalid("body", format!("must be from 0 to {MOST_TOKENS}")));
        }
        let target = Target::Resource(integration.clone(), resource.clone());
        self.change(
            caller,
            "usage.register",
            Need::Access(Access::Execute),
            target,
            move |change| {
                change.note("tokens", tokens);
                usage::add_tokens(change.tx, &integration, &resource, tokens, change.now)
            },
        )
        .await
    }

    /// The limit on the tokens of `integration`. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] also where no limit was set, [`Error::Forbidden`].
    pub async fn token_limit(
        &self,
        caller: &Caller,
        integration: IntegrationName,
    ) -> Result<TokenLimit> {
        let target = Target::Integration(integration.clone());
        self.look(caller, Access::Read, target, move |look| limit(look.tx, &integration)).await
    }

    /// Sets the limit on the tokens of `integration`. Needs UPDATE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`].
    pub async fn set_token_limit(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        draft: TokenLimitDraft,
    ) -> Result<()> {
        self.change(
            caller,
            "token-limit.set",
            Need::Access(Access::Update),
            Reading::TokenLimit(integration.clone()),
            move |change| change.store_token_limit(integration, draft),
        )
        .await
    }

    /// Counts events that workers report of integrations of the type `kind`. Needs the right to
    /// create event statistics.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`].
    pub async fn record_events(
        &self,
        caller: &Caller,
        kind: String,
        events: Vec<Event>,
    ) -> Result<()> {
        self.change(
            caller,
            "events.record",
            Need::Access(Access::Create),
            Target::Every(Kind::Events),
            move |change| {
                change.note("type", &*kind);
                change.note("events", events.len());
                events
                    .iter()
                    .try_for_each(|event| usage::count_event(change.tx, &kind, event, change.now))
            },
        )
        .await
    }
}

impl Change<'_> {
    /// Sets the limit on the tokens of an integration, which the caller may change.
    pub(super) fn store_token_limit(
        &mut self,
        integration: IntegrationName,
        draft: TokenLimitDraft,
    ) -> Result<()> {
        let TokenLimitDraft { resource, max_tokens, period } = draft;
        if max_tokens < 0 {
            return Err(Error::invalid("maxTokens", "must not be negative"));
        }
        let existing = token_limits::find(self.tx, &integration)?;
        let stamps = self.stamps(existing.as_ref().map(|limit| &limit.stamps));
        self.note("maxTokens", max_tokens);
        self.note("period", period.as_str());
        let limit = TokenLimit { integration, resource, max_tokens, period, stamps };
        token_limits::upsert(self.tx, &limit)
    }
}

/// The limit on the tokens of `integration`.
pub(super) fn limit(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<TokenLimit> {
    token_limits::find(tx, integration)?.ok_or_else(|| Error::NotFound {
        kind: "token limit of integration",
        name: integration.to_string(),
    })
}
