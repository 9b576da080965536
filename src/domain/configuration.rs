//! The configuration of an integration or a resource, with its secrets taken apart from the rest.

use serde_json::{Map, Value};

use super::definition::Definition;
use super::secret::{self, MASK, Secret};
use super::{Error, Result};

/// A configuration as a client sends it: Conductor's open map from key to value.
pub type Configuration = Map<String, Value>;

/// A configuration in two parts: what everyone with READ may see, and the secrets.
pub struct Separated {
    /// The map with [`MASK`] in the place of each secret.
    pub shown: Configuration,
    /// Each secret by its path in the map: a JSON Pointer, as in `/headers/Authorization`.
    pub secrets: Vec<(String, Given)>,
}

/// What a client sent in the place of a secret.
pub enum Given {
    /// A value to store, as JSON text, so that it comes back with the type it was sent with.
    New(Secret),
    /// The mask that a read shows: keep what is stored.
    Kept,
}

/// Takes the secrets out of `configuration`.
///
/// A secret is what `definition` says is one, what stands under a key that looks like one, and
/// every header value; design section 5. `null` in the place of a secret drops it. What is empty,
/// `true` or `false` tells nothing and stays in clear.
pub fn separate(configuration: Configuration, definition: Option<&Definition>) -> Separated {
    let is_secret = |key: &str| {
        secret::looks_secret(key) || definition.is_some_and(|def| def.holds_secret(key))
    };
    let mut shown = configuration;
    let mut secrets = Vec::new();
    mask_map(&mut shown, "", false, &is_secret, &mut secrets);
    Separated { shown, secrets }
}

/// Masks the secrets in `map`, which stands at `path`, and collects them. `headers` says that
/// every value in it is one.
fn mask_map(
    map: &mut Configuration,
    path: &str,
    headers: bool,
    is_secret: &dyn Fn(&str) -> bool,
    secrets: &mut Vec<(String, Given)>,
) {
    map.retain(|key, value| !value.is_null() || !(headers || is_secret(key)));
    for (key, value) in map.iter_mut() {
        let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
        let headers = headers || secret::holds_headers(key);
        match value {
            Value::Object(inner) if headers => mask_map(inner, &path, true, is_secret, secrets),
            value if tells_nothing(value) => {}
            value if headers || is_secret(key) => secrets.push((path, given(value))),
            value => mask_nested(value, &path, is_secret, secrets),
        }
    }
}

/// Masks what is secret inside a value that is not secret itself.
fn mask_nested(
    value: &mut Value,
    path: &str,
    is_secret: &dyn Fn(&str) -> bool,
    secrets: &mut Vec<(String, Given)>,
) {
    match value {
        Value::Object(inner) => mask_map(inner, path, false, is_secret, secrets),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                mask_nested(item, &format!("{path}/{index}"), is_secret, secrets);
            }
        }
        _ => {}
    }
}

/// Whether a value is too empty to be a secret.
fn tells_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(_) => false,
    }
}

/// Leaves the mask in `value` and says what was there.
fn given(value: &mut Value) -> Given {
    let sent = std::mem::replace(value, Value::String(MASK.to_owned()));
    if sent == MASK { Given::Kept } else { Given::New(Secret::new(sent.to_string())) }
}

/// Refuses a mask for which nothing is stored: a mask is never stored as if it were a secret.
///
/// # Errors
///
/// [`Error::Invalid`] naming each such field.
pub fn check_kept(secrets: &[(String, Given)], stored: &[String]) -> Result<()> {
    let problems: Vec<_> = secrets
        .iter()
        .filter(|(path, given)| matches!(given, Given::Kept) && !stored.contains(path))
        .map(|(path, _)| super::Problem {
            field: format!("configuration{}", path.replace('/', ".")),
            reason: "is the mask that stands for a stored secret, and none is stored; \
                     send the secret itself"
                .to_owned(),
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn separated(value: Value) -> (Value, Vec<(String, Option<String>)>) {
        let Value::Object(map) = value else { panic!("an object") };
        let Separated { shown, secrets } = separate(map, None);
        let secrets = secrets
            .into_iter()
            .map(|(path, given)| match given {
                Given::New(secret) => (path, Some(secret.expose().to_owned())),
                Given::Kept => (path, None),
            })
            .collect();
        (Value::Object(shown), secrets)
    }

    #[test]
    fn secrets_are_masked_and_kept_with_their_path_and_type() {
        let (shown, secrets) = separated(json!({
            "endpoint": "https://api.example.org",
            "api_key": "sk-1",
            "password": 1234,
            "file": {"kind": "open"},
            "nested": {"deep": [{"clientSecret": "s"}], "token": {"a": 1}},
            "headers": {"X-Any": "v", "a/b": "w"},
        }));
        assert_eq!(
            shown,
            json!({
                "endpoint": "https://api.example.org",
                "api_key": MASK,
                "password": MASK,
                "file": {"kind": "open"},
                "nested": {"deep": [{"clientSecret": MASK}], "token": MASK},
                "headers": {"X-Any": MASK, "a/b": MASK},
            })
        );
        let expected = [
            ("/api_key", "\"sk-1\""),
            ("/password", "1234"),
            ("/nested/deep/0/clientSecret", "\"s\""),
            ("/nested/token", "{\"a\":1}"),
            ("/headers/X-Any", "\"v\""),
            ("/headers/a~1b", "\"w\""),
        ];
        let expected = expected.map(|(path, text)| (path.to_owned(), Some(text.to_owned())));
        assert_eq!(secrets, expected);
    }

    #[test]
    fn null_drops_a_secret_and_the_mask_keeps_it() {
        let (shown, secrets) =
            separated(json!({"api_key": null, "password": MASK, "region": null, "token": true}));
        assert_eq!(shown, json!({"password": MASK, "region": null, "token": true}));
        assert_eq!(secrets, [("/password".to_owned(), None)]);
    }

    #[test]
    fn a_mask_without_a_stored_secret_is_refused() {
        let kept = [("/api_key".to_owned(), Given::Kept)];
        assert!(check_kept(&kept, &["/api_key".to_owned()]).is_ok());
        let error = check_kept(&kept, &["/password".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("`configuration.api_key` is the mask"), "{error}");
    }
}
