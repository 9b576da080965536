//! The audit log, for administrators. Podium's own routes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::{Answer, Json, Query, Session, told};
use crate::domain::audit::{Page, Record, Search};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::http::query::boolean;

/// How many records an answer holds unless the caller says, and at the most.
const LIMIT: i64 = 100;
const MOST: i64 = 1000;

/// The query of the list.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListQuery {
    /// The id of the user who asked.
    subject: Option<String>,
    /// The access key that they signed in with.
    key_id: Option<String>,
    /// What was done, as in `integration.save`.
    action: Option<String>,
    /// The type of what it was done to.
    target_type: Option<String>,
    /// The id or name of that.
    target_id: Option<String>,
    /// How it ended, as in `done` or `denied`.
    outcome: Option<String>,
    /// No record before this time, in epoch milliseconds.
    from: Option<i64>,
    /// No record after this time, in epoch milliseconds.
    to: Option<i64>,
    /// Whether the first comes first.
    #[serde(default, deserialize_with = "boolean")]
    ascending: bool,
    /// Where the last answer ended.
    cursor: Option<i64>,
    /// How many records, from 1 to 1000.
    #[serde(default = "limit")]
    limit: i64,
}

fn limit() -> i64 {
    LIMIT
}

/// A record, as it is read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AuditRecord")]
pub struct RecordJson<'a> {
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
    #[schemars(with = "Option<Value>")]
    detail: Option<Box<RawValue>>,
    hash: &'a str,
}

/// Records, and where to read on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditRecords")]
pub struct RecordsJson<'a> {
    records: Vec<RecordJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<i64>,
}

/// Whether the log is whole.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    records: i64,
    first_bad: Option<BadRecord>,
}

/// A record that is not as it was written, or is missing.
#[derive(Serialize, JsonSchema)]
struct BadRecord {
    seq: i64,
    reason: &'static str,
}

/// What the log holds in the place of a secret.
#[derive(Serialize, JsonSchema)]
pub struct Fingerprint {
    fingerprint: String,
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
pub async fn list(session: Session, query: Query<ListQuery>) -> Answer<RecordsJson<'static>> {
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
    let cursor = records.last().filter(|_| full).map(|last| last.seq);
    Ok(told(RecordsJson { records, cursor }))
}

/// `GET /audit/verify`: how many records are good, and the first bad one, if there is any.
pub async fn verify(session: Session) -> Answer<Verified> {
    let found = session.registry.verify_audit(&session.caller).await?;
    let first_bad = found.bad.map(|(seq, reason)| BadRecord { seq, reason });
    Ok(told(Verified { records: found.records, first_bad }))
}

/// The body of `fingerprint`.
#[derive(Deserialize, JsonSchema)]
pub struct FingerprintRequest {
    value: Value,
}

/// `POST /audit/fingerprint`: what the log holds in the place of this value of a secret.
pub async fn fingerprint(session: Session, body: Json<FingerprintRequest>) -> Answer<Fingerprint> {
    let value = Secret::new(body.0.value.to_string());
    let found = session.registry.audit_fingerprint(&session.caller, value).await?;
    Ok(told(Fingerprint { fingerprint: found }))
}
