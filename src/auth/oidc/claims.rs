//! The claims that every token must have, whatever the rules ask.

use serde_json::{Map, Value};

use super::Refused::{self, Because, Expired};

/// How far the issuer's clock and ours may be apart, in seconds.
const LEEWAY: i64 = 60;

/// Checks for whom and for when a token is. Its `iss` has led here, so it is right.
///
/// `exp` is looked at last: only a token that is good in all else is told that it has expired.
///
/// # Errors
///
/// Why it is refused.
pub fn check(
    claims: &Map<String, Value>,
    audience: &str,
    nbf_optional: bool,
    now: i64,
) -> Result<(), Refused> {
    let time = |name: &str| claims.get(name).and_then(Value::as_i64).filter(|time| *time >= 0);
    if !names(claims.get("aud"), audience) {
        return Err(Because("it is for somebody else"));
    }
    let exp = time("exp").ok_or(Because("`exp` is not a time"))?;
    let iat = time("iat").ok_or(Because("`iat` is not a time"))?;
    let nbf = match time("nbf") {
        None if nbf_optional && !claims.contains_key("nbf") => 0,
        nbf => nbf.ok_or(Because("`nbf` is not a time"))?,
    };
    if iat > now.saturating_add(LEEWAY) {
        return Err(Because("it was made in the future"));
    }
    if nbf > now.saturating_add(LEEWAY) {
        return Err(Because("it is not valid yet"));
    }
    if exp.saturating_add(LEEWAY) <= now {
        return Err(Expired);
    }
    Ok(())
}

/// Whether `aud`, a text or a list of nothing but texts, names `audience`.
fn names(aud: Option<&Value>, audience: &str) -> bool {
    match aud {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(all)) => {
            all.iter().all(Value::is_string) && all.iter().any(|one| one == audience)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn good() -> Map<String, Value> {
        let claims = json!({"aud": "us", "iat": NOW, "nbf": NOW, "exp": NOW + 300});
        claims.as_object().unwrap().clone()
    }

    fn with(name: &str, value: Value) -> Result<(), Refused> {
        let mut claims = good();
        claims.insert(name.to_owned(), value);
        check(&claims, "us", false, NOW)
    }

    #[track_caller]
    fn invalid(outcome: Result<(), Refused>) {
        assert!(matches!(outcome, Err(Because(_))), "{outcome:?}");
    }

    #[test]
    fn f6_times_may_be_off_by_a_minute_and_no_more() {
        assert_eq!(check(&good(), "us", false, NOW), Ok(()));
        for (name, value, outcome) in [
            ("exp", NOW - 1, Ok(())),
            ("exp", NOW - 59, Ok(())),
            ("exp", NOW - 60, Err(Expired)),
            ("exp", NOW - 61, Err(Expired)),
            ("exp", 0, Err(Expired)),
            ("exp", i64::MAX, Ok(())),
            ("nbf", 0, Ok(())),
            ("nbf", NOW + 60, Ok(())),
            ("iat", 0, Ok(())),
            ("iat", NOW + 60, Ok(())),
        ] {
            assert_eq!(with(name, json!(value)), outcome, "{name} {value}");
        }
        for (name, value) in [("nbf", NOW + 61), ("iat", NOW + 61), ("iat", i64::MAX)] {
            invalid(with(name, json!(value)));
        }
        assert_eq!(check(&good(), "us", false, i64::MAX), Err(Expired));
        invalid(check(&good(), "us", false, i64::MIN));
    }

    #[test]
    fn f6_times_are_whole_numbers_and_all_there() {
        let huge: Value = serde_json::from_str("1e400").unwrap();
        let float: Value = serde_json::from_str("1800000000.0").unwrap();
        for name in ["exp", "nbf", "iat"] {
            for value in [
                json!("1800000000"),
                json!([1_800_000_000]),
                json!({}),
                json!(true),
                json!(null),
                json!(-1),
                json!(1_800_000_000.5),
                json!(u64::MAX),
                float.clone(),
                huge.clone(),
            ] {
                invalid(with(name, value));
            }
            let mut claims = good();
            claims.shift_remove(name);
            invalid(check(&claims, "us", false, NOW));
        }
    }

    #[test]
    fn f6_what_is_wrong_otherwise_has_not_expired() {
        for (name, value) in [("aud", json!("them")), ("nbf", json!("x")), ("iat", json!(NOW + 61))]
        {
            let mut claims = good();
            claims.insert("exp".to_owned(), json!(NOW - 3600));
            claims.insert(name.to_owned(), value);
            invalid(check(&claims, "us", false, NOW));
        }
    }

    #[test]
    fn nbf_may_be_missing_where_the_settings_say_so_but_not_wrong() {
        let mut claims = good();
        claims.shift_remove("nbf");
        assert_eq!(check(&claims, "us", true, NOW), Ok(()));
        for value in [json!(null), json!("x"), json!(NOW + 61)] {
            claims.insert("nbf".to_owned(), value);
            invalid(check(&claims, "us", true, NOW));
        }
    }

    #[test]
    fn f7_the_audience_is_exactly_ours() {
        assert_eq!(with("aud", json!(["us"])), Ok(()));
        assert_eq!(with("aud", json!(["them", "us"])), Ok(()));
        for aud in [
            json!("them"),
            json!("us/"),
            json!("u"),
            json!("US"),
            json!(" us"),
            json!("us,them"),
            json!([]),
            json!(["them"]),
            json!(["us", 1]),
            json!([["us"]]),
            json!({"us": true}),
            json!(null),
            json!(1),
        ] {
            invalid(with("aud", aud));
        }
        let mut claims = good();
        claims.shift_remove("aud");
        invalid(check(&claims, "us", false, NOW));
    }
}
