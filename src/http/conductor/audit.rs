//! The audit log, for administrators. Podium's own routes.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::{Answer, Json, Query, Session};
use crate::domain::audit::{Page, Record, Search};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::http::query::boolean;

/// How many records an answer holds unless the caller says, and at the most.
const LIMIT: i64 = 100;
const MOST: i64 = 1000;

/// The query of the list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListQuery {
    subject: Option<String>,
    key_id: Option<String>,
    action: Option<String>,
    target_type: Option<String>,
    target_id: Option<String>,
    outcome: Option<String>,
    from: Option<i64>,
    to: Option<i64>,
    #[serde(default, deserialize_with = "boolean")]
    ascending: bool,
    cursor: Option<i64>,
    #[serde(default = "limit")]
    limit: i64,
}

fn limit() -> i64 {
    LIMIT
}

/// A record, as it is read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RecordJson<'a> {
    seq: i64,
    revision: i64,
    at: i64,
    subject: &'a str,
    key_id: &'a str,
    address: Option<&'a str>,
    action: &'a str,
    access: &'a str,
    target_type: &'a str,
    target_id: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Box<RawValue>>,
    hash: &'a str,
}

impl<'a> RecordJson<'a> {
    fn new((record, hash): &'a (Record, String)) -> Result<Self> {
        // What is no JSON was not written by us, and is shown all the same.
        let raw = |text: &String| {
            serde_json::from_str(text).or_else(|_| to_raw_value(text)).map_err(Error::internal)
        };
        Ok(Self {
            seq: record.seq,
            revision: record.revision,
            at: record.at,
            subject: &record.subject,
            key_id: &record.key_id,
            address: record.address.as_deref(),
            action: &record.action,
            access: &record.access,
            target_type: &record.target_kind,
            target_id: &record.target_id,
            outcome: &record.outcome,
            detail: record.detail.as_ref().map(raw).transpose()?,
            hash,
        })
    }
}

/// `GET /audit`: records, the latest first, or with `ascending=true` the first first. `cursor` is
/// where the last answer ended; an answer without one was the last.
pub async fn list(session: Session, query: Query<ListQuery>) -> Answer {
    let ListQuery { subject, key_id, action, target_type, target_id, outcome, .. } = query.0;
    let ListQuery { from, to, ascending, cursor, limit, .. } = query.0;
    if !(1..=MOST).contains(&limit) {
        return Err(Error::invalid("limit", format!("must be from 1 to {MOST}")).into());
    }
    let target_kind = target_type;
    let search = Search { subject, key_id, action, target_kind, target_id, outcome, from, to };
    let page = Page { ascending, cursor, limit };
    let found = session.registry.audit_records(&session.caller, search, page).await?;
    let records = found.iter().map(RecordJson::new).collect::<Result<Vec<_>>>()?;
    let full = i64::try_from(found.len()) == Ok(limit);
    let mut body = json!({"records": records});
    if let Some(last) = records.last().filter(|_| full) {
        body["cursor"] = last.seq.into();
    }
    Ok(HttpResponse::Ok().json(body))
}

/// `GET /audit/verify`: how many records are good, and the first bad one, if there is any.
pub async fn verify(session: Session) -> Answer {
    let found = session.registry.verify_audit(&session.caller).await?;
    let bad = found.bad.map_or(Value::Null, |(seq, reason)| json!({"seq": seq, "reason": reason}));
    Ok(HttpResponse::Ok().json(json!({"records": found.records, "firstBad": bad})))
}

/// The body of `fingerprint`.
#[derive(Deserialize)]
pub struct FingerprintRequest {
    value: Value,
}

/// `POST /audit/fingerprint`: what the log holds in the place of this value of a secret.
pub async fn fingerprint(session: Session, body: Json<FingerprintRequest>) -> Answer {
    let value = Secret::new(body.0.value.to_string());
    let found = session.registry.audit_fingerprint(&session.caller, value).await?;
    Ok(HttpResponse::Ok().json(json!({"fingerprint": found})))
}
