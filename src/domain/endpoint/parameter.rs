//! The parameters behind the host of an address.

use percent_encoding::percent_decode_str;

use crate::domain::secret;

/// What separates the parameters of a URL.
pub const OF_URL: &[char] = &['?', '&', ';'];

/// What separates those of the JDBC drivers, each of which has its own way: `?a=b&c=d`, `;a=b`,
/// `:a=b;`, `(a=b)(c=d)`.
pub const OF_JDBC: &[char] = &['?', '&', ';', ':', ',', '/', '(', ')'];

/// The parameters in `text`, each key decoded. What is empty, `true` or `false` tells nothing and
/// is left out.
pub fn all<'a>(
    text: &'a str,
    separators: &'a [char],
) -> impl Iterator<Item = (String, &'a str)> + 'a {
    text.split(separators).filter_map(|part| part.split_once('=')).filter_map(|(key, value)| {
        let key = percent_decode_str(key).decode_utf8_lossy().into_owned();
        let tells = !["", "true", "false"].contains(&value.to_ascii_lowercase().as_str());
        tells.then_some((key, value))
    })
}

/// Refuses parameters that hold a secret by the look of their keys.
///
/// # Errors
///
/// The reason; it shows neither key nor value.
pub fn refuse_secrets(text: &str, separators: &[char]) -> Result<(), &'static str> {
    // What signs links to storage, and opens functions, in Azure.
    let short = |key: &str| matches!(key.to_ascii_lowercase().as_str(), "code" | "pass" | "sig");
    if all(text, separators).any(|(key, _)| secret::looks_secret(&key) || short(&key)) {
        return Err("must not hold a secret in its parameters; secrets have fields of their own");
    }
    Ok(())
}
