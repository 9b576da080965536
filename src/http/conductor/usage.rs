//! Tokens used, limits, and counts of events; contract section 5.6.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::HttpResponse;
use serde::Deserialize;

use super::names::{IdPath, IntegrationPath, ResourcePath};
use super::wire::{EventLog, TokenLimitJson, TokenLimitRequest, UsageJson};
use super::{Answer, Json, Query, Session, done};
use crate::domain::name;

/// `GET /integrations/provider/{name}/integration/{api}/metrics`: the tokens used, a number.
pub async fn total(session: Session, path: ResourcePath) -> Answer {
    let total = session.registry.tokens_used(&session.caller, &path.0, &path.1).await?;
    Ok(HttpResponse::Ok().json(total))
}

/// `POST /integrations/provider/{name}/integration/{api}/metrics`: adds to the tokens used.
pub async fn register(session: Session, path: ResourcePath, tokens: Json<i64>) -> Answer {
    session.registry.register_tokens(&session.caller, path.0, path.1, tokens.0).await?;
    Ok(done())
}

/// `GET /integrations/provider/{name}/metrics`: the tokens used by each resource, as text: Go
/// reads no numbers here.
pub async fn by_resource(session: Session, path: IntegrationPath) -> Answer {
    let days = session.registry.usage(&session.caller, &path.0, None).await?;
    let mut totals = BTreeMap::<_, i64>::new();
    for day in days {
        *totals.entry(day.resource.to_string()).or_default() += day.total;
    }
    let totals: BTreeMap<_, _> =
        totals.into_iter().map(|(name, total)| (name, total.to_string())).collect();
    Ok(HttpResponse::Ok().json(totals))
}

/// `GET /integrations/llm/{name}/token`: the limit.
pub async fn token_limit(session: Session, path: IntegrationPath) -> Answer {
    let limit = session.registry.token_limit(&session.caller, &path.0).await?;
    Ok(HttpResponse::Ok().json(TokenLimitJson::from(&limit)))
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
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryQuery {
    model: Option<String>,
    look_up_window: Option<i32>,
}

/// `GET /integrations/llm/{name}/token/history`: the tokens used by day, newest first.
pub async fn history(
    session: Session,
    path: IntegrationPath,
    query: Query<HistoryQuery>,
) -> Answer {
    let days = i64::from(query.0.look_up_window.unwrap_or(31).max(0));
    let model = query.0.model.filter(|model| model != "*");
    let found = session.registry.usage(&session.caller, &path.0, Some(days)).await?;
    let found = found
        .into_iter()
        .filter(|day| model.as_deref().is_none_or(|model| model == day.resource.as_str()))
        .map(UsageJson::from);
    Ok(HttpResponse::Ok().json(found.collect::<Vec<_>>()))
}

/// `POST /integrations/eventStats/{type}`: counts events.
pub async fn record_events(session: Session, path: IdPath, body: Json<Vec<EventLog>>) -> Answer {
    record(session, path.0, body.0).await
}

/// The query of the form that the specification declares by mistake.
#[derive(Deserialize)]
pub struct EventQuery {
    #[serde(rename = "type")]
    kind: String,
}

/// `POST /integrations/eventStats?type=`: the same (contract, quirk Q15).
pub async fn record_events_by_query(
    session: Session,
    query: Query<EventQuery>,
    body: Json<Vec<EventLog>>,
) -> Answer {
    record(session, query.0.kind, body.0).await
}

async fn record(session: Session, kind: String, events: Vec<EventLog>) -> Answer {
    name::check("type", &kind)?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let events = events.into_iter().map(|event| event.into_event(now)).collect();
    session.registry.record_events(&session.caller, kind, events).await?;
    Ok(done())
}
