//! The record of what was done and refused.

use serde_json::{Map, Value};

use super::access::{Access, Principal, Target};

/// One thing done, tried or refused, before it has its place in the log.
#[derive(Clone)]
pub struct Entry {
    /// Who: the id of the user, or empty where nobody is known.
    pub subject: String,
    /// The access key that signed in, or how else they did.
    pub key_id: String,
    /// Where the request came from.
    pub address: Option<String>,
    /// What was done, as in `integration.save`.
    pub action: &'static str,
    /// The access that it needed.
    pub access: Access,
    /// The kind of what it was done to.
    pub target_kind: &'static str,
    /// The id of what it was done to.
    pub target_id: String,
    /// Whether it was done.
    pub outcome: Outcome,
    /// What else there is to say; secrets only as keyed hashes.
    pub detail: Map<String, Value>,
    /// When, in epoch milliseconds.
    pub at: i64,
}

impl Entry {
    /// What `who` did to `target`, or was refused.
    pub fn new(
        who: &Principal,
        action: &'static str,
        access: Access,
        target: &Target,
        outcome: Outcome,
        at: i64,
    ) -> Self {
        Self {
            subject: who.user.to_string(),
            key_id: who.key_id.clone(),
            address: who.address.map(|address| address.to_string()),
            action,
            access,
            target_kind: target.kind().as_str(),
            target_id: target.id(),
            outcome,
            detail: Map::new(),
            at,
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done, in the same transaction as this record.
    Done,
    /// It was refused for want of permission.
    Denied,
    /// A sign-in with a wrong secret, or with a key that is not in force.
    Failed,
}

impl Outcome {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// A record in its place in the log, as it is stored and read. Its words are not parsed again: the
/// log keeps what was true when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place, counted from 1 without gaps.
    pub seq: i64,
    /// The revision that it made, or that it was refused at.
    pub revision: i64,
    /// When, in epoch milliseconds.
    pub at: i64,
    /// As [`Entry::subject`].
    pub subject: String,
    /// As [`Entry::key_id`].
    pub key_id: String,
    /// As [`Entry::address`].
    pub address: Option<String>,
    /// As [`Entry::action`]; empty in records of the first schema.
    pub action: String,
    /// The access that it needed.
    pub access: String,
    /// As [`Entry::target_kind`].
    pub target_kind: String,
    /// As [`Entry::target_id`].
    pub target_id: String,
    /// The word of an [`Outcome`].
    pub outcome: String,
    /// [`Entry::detail`] as JSON text, where there is any.
    pub detail: Option<String>,
}

impl Record {
    /// `entry` at this place.
    pub fn new(entry: Entry, seq: i64, revision: i64) -> Self {
        let detail = (!entry.detail.is_empty()).then(|| Value::Object(entry.detail).to_string());
        Self {
            seq,
            revision,
            at: entry.at,
            subject: entry.subject,
            key_id: entry.key_id,
            address: entry.address,
            action: entry.action.to_owned(),
            access: entry.access.as_str().to_owned(),
            target_kind: entry.target_kind.to_owned(),
            target_id: entry.target_id,
            outcome: entry.outcome.as_str().to_owned(),
            detail,
        }
    }

    /// All of it as bytes that no other record has: each text with its length in front.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        for number in [self.seq, self.revision, self.at] {
            bytes.extend(number.to_be_bytes());
        }
        let texts = [
            Some(&self.subject),
            Some(&self.key_id),
            self.address.as_ref(),
            Some(&self.action),
            Some(&self.access),
            Some(&self.target_kind),
            Some(&self.target_id),
            Some(&self.outcome),
            self.detail.as_ref(),
        ];
        for text in texts {
            // No text is as long as what stands for none.
            let length = text.map_or(u64::MAX, |text| text.len() as u64);
            bytes.extend(length.to_be_bytes());
            bytes.extend(text.map_or(&[][..], |text| text.as_bytes()));
        }
        bytes
    }
}

/// The end of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The place of the last record; 0 in an empty log.
    pub seq: i64,
    /// Its hash, which covers all before it; empty in an empty log.
    pub hash: String,
    /// The keyed hash of both, without which an end that was cut off would not be missed.
    pub seal: String,
}

/// What a list of records is narrowed to, by exact match.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Of this user.
    pub subject: Option<String>,
    /// With this access key.
    pub key_id: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// To things of this kind.
    pub target_kind: Option<String>,
    /// To the thing of this id.
    pub target_id: Option<String>,
    /// That ended so.
    pub outcome: Option<String>,
    /// Not before this time, in epoch milliseconds.
    pub from: Option<i64>,
    /// Before this time, in epoch milliseconds.
    pub to: Option<i64>,
}

/// Which part of a list of records is read.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The first first, and not the latest.
    pub ascending: bool,
    /// Only what comes after the record at this place, in the order of the list.
    pub cursor: Option<i64>,
    /// How many at the most.
    pub limit: i64,
}

/// What verifying the log has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many records are good, from the first on.
    pub records: i64,
    /// The first bad one, and what is wrong with it.
    pub bad: Option<(i64, &'static str)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let text = str::to_owned;
        Record {
            seq: 1,
            revision: 2,
            at: 3,
            subject: text("ann"),
            key_id: text("key"),
            address: None,
            action: text("integration.save"),
            access: text("CREATE"),
            target_kind: text("INTEGRATION_PROVIDER"),
            target_id: text("main"),
            outcome: text("done"),
            detail: None,
        }
    }

    #[test]
    fn records_that_differ_have_different_bytes() {
        let text = str::to_owned;
        let others = [
            Record { seq: 2, revision: 1, ..record() },
            Record { subject: text("annk"), key_id: text("ey"), ..record() },
            Record { address: Some(String::new()), ..record() },
            Record { detail: Some(String::new()), ..record() },
            Record { outcome: text("denied"), ..record() },
        ];
        for other in others {
            assert_ne!(other.bytes(), record().bytes(), "{other:?}");
        }
        assert_eq!(record().bytes(), record().bytes());
    }
}
