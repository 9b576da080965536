//! The audit log at either desk.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cli::Outcome;
use crate::cli::desk::Desk;
use crate::cli::local::WHO;
use crate::domain::audit::{self, Page, Search};
use crate::domain::secret::Secret;

/// A record, as the server tells one and as commands print one.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Its place in the log.
    pub seq: i64,
    /// The revision that it made, or that it was refused at.
    pub revision: i64,
    /// When, in epoch milliseconds.
    pub at: i64,
    /// The id of the user.
    pub subject: String,
    /// The access key that signed in, or how else they did.
    pub key_id: String,
    /// Where the request came from.
    pub address: Option<String>,
    /// What was done; empty in what the first versions recorded.
    pub action: String,
    /// The access that it needed.
    pub access: String,
    /// The type of what it was done to.
    pub target_type: String,
    /// The id of that.
    pub target_id: String,
    /// `done`, `denied` or `failed`.
    pub outcome: String,
    /// What else there is to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Value>,
    /// The keyed hash that chains it to the one before it.
    pub hash: String,
}

/// A page of records, and the cursor of the next one, if there may be more.
#[derive(Deserialize)]
pub struct Found {
    /// The records.
    pub records: Vec<Record>,
    /// Where they end.
    pub cursor: Option<i64>,
}

/// What verifying has found.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// How many records are good, from the first on.
    pub records: i64,
    /// The first that is not.
    pub first_bad: Option<Bad>,
}

/// A bad record.
#[derive(Deserialize, Serialize)]
pub struct Bad {
    /// Its place in the log.
    pub seq: i64,
    /// What is wrong with it, completing the sentence "record 7 …".
    pub reason: String,
}

#[derive(Deserialize)]
struct FingerprintJson {
    fingerprint: String,
}

impl Desk {
    /// A page of the records that `search` fits.
    pub fn audit(&self, search: &Search, page: Page) -> Outcome<Found> {
        match self {
            Self::Remote(remote) => remote.0.get(&["audit"], &query(search, page)?),
            Self::Local(local) => {
                let found = local.run(local.registry.audit_records(&WHO, search.clone(), page))?;
                let full = i64::try_from(found.len()) == Ok(page.limit);
                let cursor = found.last().filter(|_| full).map(|(last, _)| last.seq);
                Ok(Found { records: found.into_iter().map(Record::from).collect(), cursor })
            }
        }
    }

    /// Verifies the whole log.
    pub fn verify_audit(&self) -> Outcome<Verified> {
        match self {
            Self::Remote(remote) => remote.0.get_patiently(&["audit", "verify"]),
            Self::Local(local) => {
                let found = local.run(local.registry.verify_audit(&WHO))?;
                let bad = found.bad.map(|(seq, reason)| Bad { seq, reason: reason.to_owned() });
                Ok(Verified { records: found.records, first_bad: bad })
            }
        }
    }

    /// What stands in the log for a secret that is this text.
    pub fn fingerprint(&self, text: &Secret) -> Outcome<String> {
        match self {
            Self::Remote(remote) => {
                let body = json!({"value": text.expose()});
                let answer = remote.0.post(&["audit", "fingerprint"], &body);
                answer.map(|answer: FingerprintJson| answer.fingerprint)
            }
            Self::Local(local) => {
                let value = Secret::new(Value::from(text.expose()).to_string());
                local.run(local.registry.audit_fingerprint(&WHO, value))
            }
        }
    }
}

/// The query string of a list.
fn query(search: &Search, page: Page) -> Outcome<String> {
    let Search { subject, key_id, action, target_kind, target_id, outcome, from, to } = search;
    let texts = [
        ("subject", subject),
        ("keyId", key_id),
        ("action", action),
        ("targetType", target_kind),
        ("targetId", target_id),
        ("outcome", outcome),
    ];
    let numbers = [("from", *from), ("to", *to), ("cursor", page.cursor)];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?)));
    let numbers =
        numbers.into_iter().filter_map(|(name, number)| Some((name, number?.to_string())));
    let mut pairs: Vec<_> = texts.chain(numbers).collect();
    pairs.push(("ascending", page.ascending.to_string()));
    pairs.push(("limit", page.limit.to_string()));
    Ok(format!("?{}", serde_html_form::to_string(pairs)?))
}

impl From<(audit::Record, String)> for Record {
    fn from((record, hash): (audit::Record, String)) -> Self {
        let detail = |text: String| serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self {
            seq: record.seq,
            revision: record.revision,
            at: record.at,
            subject: record.subject,
            key_id: record.key_id,
            address: record.address,
            action: record.action,
            access: record.access,
            target_type: record.target_kind,
            target_id: record.target_id,
            outcome: record.outcome,
            detail: record.detail.map(detail),
            hash,
        }
    }
}
