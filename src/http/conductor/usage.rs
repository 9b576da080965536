//! Tokens used, limits, and counts of events; contract section 5.6.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::{IdPath, IntegrationPath, ResourcePath};
use super::wire::Times;
use super::{Answer, Json, Query, Session, Tagged, done, tagged, told};
use crate::domain::usage::{Event, Period, TokenLimit, TokenLimitDraft, UsageDay};
use crate::domain::{Error, Result, name};

/// `TokenLimit` as it is sent.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenLimitRequest {
    api: Option<String>,
    max_tokens: i64,
    token_limit_period: String,
}

/// `TokenLimit` as it is answered.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TokenLimit")]
pub struct TokenLimitJson<'a> {
    integration_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<&'a str>,
    max_tokens: i64,
    token_limit_period: &'static str,
    #[serde(flatten)]
    times: Times<'a>,
}

/// `TokenUsageLog`. Clients register only totals, so that the two parts are not known.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TokenUsage")]
pub struct UsageJson {
    api: String,
    integration_name: String,
    period_start: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    total_tokens: i64,
}

/// `EventLog`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventLog {
    created_at: Option<i64>,
    event: String,
    event_type: EventType,
    handler_name: Option<String>,
}

/// The direction of an [`EventLog`].
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum EventType {
    Send,
    Receive,
}

impl TokenLimitRequest {
    /// What the registry is asked for.
    pub fn into_draft(self) -> Result<TokenLimitDraft> {
        let period = Period::named(&self.token_limit_period);
        Ok(TokenLimitDraft {
            resource: self.api,
            max_tokens: self.max_tokens,
            period: period
                .ok_or_else(|| Error::invalid("tokenLimitPeriod", "must be DAY or MONTH"))?,
        })
    }
}

impl From<EventLog> for Event {
    fn from(event: EventLog) -> Self {
        let direction = match event.event_type {
            EventType::Send => "SEND",
            EventType::Receive => "RECEIVE",
        };
        Self {
            name: event.event,
            direction: direction.to_owned(),
            handler: event.handler_name.unwrap_or_default(),
            at: event.created_at,
        }
    }
}

impl<'a> From<&'a TokenLimit> for TokenLimitJson<'a> {
    fn from(limit: &'a TokenLimit) -> Self {
        Self {
            integration_name: limit.integration.as_str(),
            api: limit.resource.as_deref(),
            max_tokens: limit.max_tokens,
            token_limit_period: limit.period.as_str(),
            times: (&limit.stamps).into(),
        }
    }
}

impl From<UsageDay> for UsageJson {
    fn from(day: UsageDay) -> Self {
        Self {
            api: day.resource.to_string(),
            integration_name: day.integration.to_string(),
            period_start: day.day,
            prompt_tokens: 0,
            completion_tokens: 0,
            total_tokens: day.total,
        }
    }
}
/// `GET /integrations/provider/{name}/integration/{api}/metrics`: the tokens used, a number.
pub async fn total(session: Session, path: ResourcePath) -> Answer<i64> {
    let total = session.registry.tokens_used(&session.caller, path.0, path.1).await?;
    Ok(told(total))
}

/// `POST /integrations/provider/{name}/integration/{api}/metrics`: adds to the tokens used.
pub async fn register(session: Session, path: ResourcePath, tokens: Json<i64>) -> Answer {
    session.registry.register_tokens(&session.caller, path.0, path.1, tokens.0).await?;
    Ok(done())
}

/// `GET /integrations/provider/{name}/metrics`: the tokens used by each resource, as text: Go
/// reads no numbers here.
pub async fn by_resource(
    session: Session,
    path: IntegrationPath,
) -> Answer<BTreeMap<String, String>> {
    let days = session.registry.usage(&session.caller, path.0, None).await?;
    let mut totals = BTreeMap::<_, i64>::new();
    for day in days {
        *totals.entry(day.resource.to_string()).or_default() += day.total;
    }
    let totals: BTreeMap<_, _> =
        totals.into_iter().map(|(name, total)| (name, total.to_string())).collect();
    Ok(told(totals))
}

/// `GET /integrations/llm/{name}/token`: the limit.
pub async fn token_limit(
    session: Session,
    path: IntegrationPath,
) -> Answer<Tagged<TokenLimitJson<'static>>> {
    let limit = session.registry.token_limit(&session.caller, path.0).await?;
    Ok(tagged(&limit, TokenLimitJson::from(&limit))?)
}

/// `POST /integrations/llm/{name}/token`: sets the limit.
pub async fn set_token_limit(
    session: Session,
    path: IntegrationPath,
    body: Json<TokenLimitRequest>,
) -> Answer {
    let draft = body.0.into_draft()?;
    session.registry.set_token_limit(&session.caller, path.0, draft).await?;
    Ok(done())
}

/// The query of the history.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistoryQuery {
    /// Only this model.
    model: Option<String>,
    /// For how many days; 31 unless said.
    look_up_window: Option<i32>,
}

/// `GET /integrations/llm/{name}/token/history`: the tokens used by day, newest first.
pub async fn history(
    session: Session,
    path: IntegrationPath,
    query: Query<HistoryQuery>,
) -> Answer<Vec<UsageJson>> {
    let days = i64::from(query.0.look_up_window.unwrap_or(31).max(0));
    let model = query.0.model.filter(|model| model != "*");
    let found = session.registry.usage(&session.caller, path.0, Some(days)).await?;
    let found = found
        .into_iter()
        .filter(|day| model.as_deref().is_none_or(|model| model == day.resource.as_str()))
        .map(UsageJson::from);
    Ok(told(found.collect::<Vec<_>>()))
}

/// `POST /integrations/eventStats/{type}`: counts events. A client made from the specification
/// leaves the braces in the path (contract, quirk Q15).
pub async fn record_events(
    session: Session,
    path: IdPath,
    query: Query<EventQuery>,
    body: Json<Vec<EventLog>>,
) -> Answer {
    if path.0 == "{type}" {
        return record_events_by_query(session, query, body).await;
    }
    record(session, path.0, body.0).await
}

/// The query of the form that the specification declares by mistake.
#[derive(Deserialize, JsonSchema)]
pub struct EventQuery {
    /// The type of the events, where the path does not name it.
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// `POST /integrations/eventStats?type=`: the same (contract, quirk Q15).
pub async fn record_events_by_query(
    session: Session,
    query: Query<EventQuery>,
    body: Json<Vec<EventLog>>,
) -> Answer {
    let kind = query.0.kind.ok_or_else(|| Error::invalid("type", "is required"))?;
    record(session, kind, body.0).await
}

async fn record(session: Session, kind: String, events: Vec<EventLog>) -> Answer {
    name::check("type", &kind)?;
    let events = events.into_iter().map(Event::from).collect();
    session.registry.record_events(&session.caller, kind, events).await?;
    Ok(done())
}
