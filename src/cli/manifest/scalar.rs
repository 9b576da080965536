//! What a text without quotes says in YAML 1.2.

use serde_json::{Number, Value};

/// What a text without quotes says.
pub fn value(text: &str) -> Result<Value, String> {
    let first = text.trim_start_matches(['+', '-', '.']).chars().next();
    let value = match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        text if is_odd_number(text) => {
            return Err(
                "is a number to some readers, and not to JSON: put it in quotes, or write it \
                        as JSON does"
                    .to_owned(),
            );
        }
        text if first.is_some_and(|first| first.is_ascii_digit()) => match text.parse::<Number>() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::String(text.to_owned()),
        },
        text => Value::String(text.to_owned()),
    };
    Ok(value)
}

/// Whether a text is a number to YAML that JSON would not write so: `007`, `+1`, `.5`, `0x1F`, `.inf`,
/// and `-0`, which whatever reads a number as a whole one makes 0.
fn is_odd_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF")
        || matches!(text, ".nan" | ".NaN" | ".NAN" | "-0")
    {
        return true;
    }
    let all = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, 8);
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let is_number = is_digits(whole)
        && is_digits(part)
        && !(whole.is_empty() && part.is_empty())
        && exponent.is_none_or(|text| all(text.strip_prefix(['+', '-']).unwrap_or(text), 10));
    is_number && text.parse::<Number>().is_err()
}
