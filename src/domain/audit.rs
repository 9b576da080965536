//! The record of what was done and refused.

use super::access::{Access, Principal, Target};

/// One thing done to one target, or refused.
pub struct Entry<'a> {
    /// Who.
    pub who: &'a Principal,
    /// What they did or wanted to do.
    pub access: Access,
    /// To what.
    pub target: &'a Target,
    /// Whether it was done.
    pub outcome: Outcome,
    /// When, in epoch milliseconds.
    pub at: i64,
    /// The revision it made, or that it was refused at.
    pub revision: i64,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done, in the same transaction as this record.
    Done,
    /// It was refused for want of permission.
    Denied,
}

impl Outcome {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
        }
    }
}
