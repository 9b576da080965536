//! The clock, by what others say of the time.

use std::time::{Duration, SystemTime};

use super::Findings;
use crate::cli::{fetch, show};

const CHECK: &str = "clock";

/// How far two clocks may be apart, in milliseconds: as far as tokens bear.
const LEEWAY: i64 = 60_000;

/// How long a server is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Compares the clock with that of `whose`, in epoch milliseconds.
pub fn compare(whose: &str, theirs: i64, found: &mut Findings) {
    let apart = (now() - theirs) / 1000;
    if apart.saturating_mul(1000).abs() > LEEWAY {
        let way = if apart > 0 { "ahead of" } else { "behind" };
        let apart = apart.abs();
        found.fail(CHECK, format!("{apart} s {way} that of {whose}: synchronize both (NTP)"));
    } else {
        found.ok(CHECK, format!("as that of {whose}"));
    }
}

/// Says so if the clock is behind `newest`, when something was written.
pub fn not_before(newest: i64, found: &mut Findings) {
    if newest - now() > LEEWAY {
        let newest = show::time(Some(newest));
        let hint = "tokens and keys would live longer than they should; set the clock";
        found.fail(CHECK, format!("behind the newest audit record, of {newest}: {hint}"));
    } else {
        found.ok(CHECK, "not behind the newest audit record");
    }
}

/// Compares the clock with that of the server at `url`, if one answers there.
pub fn check_server(url: &str, found: &mut Findings) {
    let answer = fetch::neighbour(PATIENCE).get(&format!("{url}/health")).call();
    let Ok(answer) = answer else { return };
    let date = answer.headers().get("Date").and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| date.parse::<actix_web::http::header::HttpDate>().ok());
    if let Some(date) = date {
        compare(&format!("the server at {url}"), show::millis(date.into()), found);
    }
}

fn now() -> i64 {
    show::millis(SystemTime::now())
}
