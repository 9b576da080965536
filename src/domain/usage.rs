//! Tokens used, limits on them, and events counted; contract section 5.6.

use super::integration::Stamps;
use super::name::{IntegrationName, ResourceName};

/// Milliseconds of a day, the period that usage is summed up over.
pub const DAY: i64 = 86_400_000;

/// The start of the day (UTC) that `now` lies in, in epoch milliseconds.
pub fn day_of(now: i64) -> i64 {
    now.saturating_sub(now.rem_euclid(DAY))
}

/// The tokens a resource used in one day.
#[derive(Clone, Debug)]
pub struct UsageDay {
    /// The integration.
    pub integration: IntegrationName,
    /// The resource.
    pub resource: ResourceName,
    /// The start of the day, in epoch milliseconds.
    pub day: i64,
    /// All tokens registered on that day.
    pub total: i64,
}

/// The limit on the tokens of an integration.
#[derive(Clone, Debug)]
pub struct TokenLimit {
    /// The integration.
    pub integration: IntegrationName,
    /// The resource it speaks of, if it names one.
    pub resource: Option<String>,
    /// The most tokens in a period.
    pub max_tokens: i64,
    /// The period.
    pub period: Period,
    /// Who and when.
    pub stamps: Stamps,
}

/// What a client asks a [`TokenLimit`] to become.
#[derive(Clone, Debug)]
pub struct TokenLimitDraft {
    /// The resource it speaks of, if it names one.
    pub resource: Option<String>,
    /// The most tokens in a period.
    pub max_tokens: i64,
    /// The period.
    pub period: Period,
}

/// The period of a [`TokenLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A day.
    Day,
    /// A month.
    Month,
}

impl Period {
    /// The period of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Day, Self::Month].into_iter().find(|period| period.as_str() == name)
    }

    /// The name of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Month => "MONTH",
        }
    }
}

/// An event that a worker reports; only how many there were is kept.
#[derive(Clone, Debug)]
pub struct Event {
    /// The event's name.
    pub name: String,
    /// `SEND` or `RECEIVE`.
    pub direction: String,
    /// The handler that saw it.
    pub handler: String,
    /// When, in epoch milliseconds; when it is counted, if nobody says.
    pub at: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_starts_at_midnight_utc() {
        assert_eq!(day_of(DAY), DAY);
        assert_eq!(day_of(2 * DAY - 1), DAY);
        assert_eq!(day_of(-1), -DAY);
        assert_eq!(day_of(i64::MIN), i64::MIN);
    }
}
