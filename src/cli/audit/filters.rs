//! Which records are listed.

use std::time::UNIX_EPOCH;

use clap::Args;

use crate::domain::audit::Search;

/// The arguments that narrow a list, each by exact match.
#[derive(Args)]
pub struct Filters {
    /// Of this user, as in `ann@example.org`, `app:ID` or `local`.
    #[arg(long, value_name = "USER")]
    subject: Option<String>,
    /// With this access key.
    #[arg(long, value_name = "ID")]
    key: Option<String>,
    /// Of this action, as in `integration.save` or `sign-in`.
    #[arg(long)]
    action: Option<String>,
    /// To things of this type, as in `INTEGRATION_PROVIDER`.
    #[arg(long, value_name = "TYPE")]
    target_type: Option<String>,
    /// To the thing of this id.
    #[arg(long, value_name = "ID")]
    target_id: Option<String>,
    /// That ended so.
    #[arg(long, value_parser = ["done", "denied", "failed"])]
    outcome: Option<String>,
    /// Not before this time, as in `2026-11-21` or `2026-11-21T08:30:00Z`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<i64>,
    /// Before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: Option<i64>,
}

impl From<Filters> for Search {
    fn from(filters: Filters) -> Self {
        let Filters { subject, key, action, target_type, target_id, outcome, from, to } = filters;
        let (key_id, target_kind) = (key, target_type);
        Self { subject, key_id, action, target_kind, target_id, outcome, from, to }
    }
}

/// A day or a time, in UTC, or epoch milliseconds.
fn time(raw: &str) -> Result<i64, &'static str> {
    if let Ok(millis) = raw.parse() {
        return Ok(millis);
    }
    let day = format!("{raw}T00:00:00Z");
    let found = [raw, &day].into_iter().find_map(|text| humantime::parse_rfc3339_weak(text).ok());
    let since = found.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .ok_or("must be a day or a time in UTC, as in `2026-11-21` or `2026-11-21T08:30:00Z`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_days_moments_or_milliseconds() {
        for raw in ["2026-06-08", "2026-06-08T00:00:00Z", "2026-06-08 00:00:00", "1780876800000"] {
            assert_eq!(time(raw), Ok(1_780_876_800_000), "{raw}");
        }
        for raw in ["", "yesterday", "2026-06", "2026-13-01", "08:30"] {
            assert!(time(raw).is_err(), "{raw}");
        }
    }
}
