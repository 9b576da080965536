//! Times, as in `2026-02-13T21:27:19.055Z`.

use std::time::{Duration, UNIX_EPOCH};

/// The time `millis` after the epoch.
pub fn rfc3339(millis: i64) -> String {
    let since = Duration::from_millis(millis.unsigned_abs());
    humantime::format_rfc3339_millis(UNIX_EPOCH + since).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_end_in_z() {
        assert_eq!(rfc3339(1_771_018_039_055), "2026-02-13T21:27:19.055Z");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
    }
}
