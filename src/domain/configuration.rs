//! The configuration of an integration or a resource, with its secrets taken apart from the rest.

use serde_json::{Map, Value};

use super::definition::Definition;
use super::secret::{self, MASK, Secret};
use super::{Error, Problem, Result};

/// A configuration as a client sends it: Conductor's open map from key to value.
pub type Configuration = Map<String, Value>;

/// A configuration in two parts: what everyone with READ may see, and the secrets.
pub struct Separated {
    /// The map with [`MASK`] in the place of each secret.
    pub shown: Value,
    /// Each secret by its path in the map: a JSON Pointer, as in `/headers/Authorization`.
    pub secrets: Vec<(String, Given)>,
}

/// What a client sent in the place of a secret.
pub enum Given {
    /// A value to store, as JSON text, so that it comes back with the type it was sent with.
    New(Secret),
    /// The mask that a read shows: keep what is stored.
    Kept {
        /// The outermost list that it stands in, as a JSON Pointer, if it stands in one.
        list: Option<String>,
    },
}

/// What is stored already of a configuration.
#[derive(Default)]
pub struct Stored {
    /// What everyone with READ sees.
    pub shown: Value,
    /// The paths of its secrets.
    pub secrets: Vec<String>,
}

/// Takes the secrets out of `configuration`.
///
/// A secret is what `definition` says is one, what stands under a key that looks like one, every
/// header value, what is stored as one at the same path, and wherever it stands, a mask; design
/// section 5. `null` in the place of a secret drops it. What is empty, `true` or `false` tells
/// nothing and stays in clear.
///
/// # Errors
///
/// [`Error::Invalid`] naming each mask for which nothing is stored, so that a mask never becomes
/// a secret. In a list, masks keep what is stored only where the list is otherwise unchanged:
/// a secret must not move to another element.
pub fn separate(
    configuration: Configuration,
    definition: Option<&Definition>,
    stored: &Stored,
) -> Result<Separated> {
    let mut shown = configuration;
    let mut masking = Masking { definition, stored, found: Vec::new() };
    masking.map(&mut shown, "", false, None);
    let secrets = masking.found;
    let shown = Value::Object(shown);
    let unknown = |given: &Given, path: &String| match given {
        Given::New(_) => false,
        Given::Kept { list } => {
            let changed =
                list.as_ref().is_some_and(|l| shown.pointer(l) != stored.shown.pointer(l));
            changed || !stored.secrets.contains(path)
        }
    };
    let problems: Vec<_> = secrets
        .iter()
        .filter(|(path, given)| unknown(given, path))
        .map(|(path, _)| Problem {
            field: format!("configuration{}", path.replace('/', ".")),
            reason: "is the mask that stands for a stored secret, and none is stored there; \
                     send the secret itself"
                .to_owned(),
        })
        .collect();
    if problems.is_empty() {
        Ok(Separated { shown, secrets })
    } else {
        Err(Error::Invalid(problems))
    }
}

/// A walk through a configuration that masks its secrets and collects them.
struct Masking<'a> {
    definition: Option<&'a Definition>,
    stored: &'a Stored,
    found: Vec<(String, Given)>,
}

impl Masking<'_> {
    /// Masks the secrets in `map`, which stands at `path`, inside the list `list` if it stands in
    /// one. `headers` says that every value in it is a secret.
    fn map(&mut self, map: &mut Configuration, path: &str, headers: bool, list: Option<&str>) {
        map.retain(|key, value| !value.is_null() || !(headers || self.is_secret(key)));
        for (key, value) in map.iter_mut() {
            let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
            let headers = headers || secret::holds_headers(key);
            match value {
                Value::Object(inner) if headers => self.map(inner, &path, true, list),
                value if tells_nothing(value) => {}
                value if headers || self.is_secret(key) || self.stored.secrets.contains(&path) => {
                    self.take(value, path, list);
                }
                value => self.value(value, path, list),
            }
        }
    }

    /// Masks what is secret inside a value that is not secret itself.
    fn value(&mut self, value: &mut Value, path: String, list: Option<&str>) {
        match value {
            Value::Object(inner) => self.map(inner, &path, false, list),
            Value::Array(items) => {
                let list = list.unwrap_or(&path);
                for (index, item) in items.iter_mut().enumerate() {
                    self.value(item, format!("{path}/{index}"), Some(list));
                }
            }
            mask if mask == MASK => self.take(mask, path, list),
            _ => {}
        }
    }

    /// Leaves the mask in `value` and remembers what was there.
    fn take(&mut self, value: &mut Value, path: String, list: Option<&str>) {
        let sent = std::mem::replace(value, Value::String(MASK.to_owned()));
        let given = if sent == MASK {
            Given::Kept { list: list.map(str::to_owned) }
        } else {
            Given::New(Secret::new(sent.to_string()))
        };
        self.found.push((path, given));
    }

    fn is_secret(&self, key: &str) -> bool {
        secret::looks_secret(key) || self.definition.is_some_and(|def| def.holds_secret(key))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Found = Vec<(String, Option<String>)>;

    fn separated(value: Value, stored: &Stored) -> Result<(Value, Found)> {
        let Value::Object(map) = value else { panic!("an object") };
        let Separated { shown, secrets } = separate(map, None, stored)?;
        let found = secrets.into_iter().map(|(path, given)| match given {
            Given::New(secret) => (path, Some(secret.expose().to_owned())),
            Given::Kept { .. } => (path, None),
        });
        Ok((shown, found.collect()))
    }

    fn stored(shown: Value, paths: &[&str]) -> Stored {
        Stored { shown, secrets: paths.iter().map(|path| (*path).to_owned()).collect() }
    }

    #[test]
    fn secrets_are_masked_and_kept_with_their_path_and_type() {
        let sent = json!({
            "endpoint": "https://api.example.org",
            "api_key": "sk-1",
            "password": 1234,
            "file": {"kind": "open"},
            "nested": {"deep": [{"clientSecret": "s"}, [{"token": "t"}]], "token": {"a": 1}},
            "headers": {"X-Any": "v", "a/b": "w"},
        });
        let (shown, secrets) = separated(sent, &Stored::default()).unwrap();
        assert_eq!(
            shown,
            json!({
                "endpoint": "https://api.example.org",
                "api_key": MASK,
                "password": MASK,
                "file": {"kind": "open"},
                "nested": {"deep": [{"clientSecret": MASK}, [{"token": MASK}]], "token": MASK},
                "headers": {"X-Any": MASK, "a/b": MASK},
            })
        );
        let expected = [
            ("/api_key", "\"sk-1\""),
            ("/password", "1234"),
            ("/nested/deep/0/clientSecret", "\"s\""),
            ("/nested/deep/1/0/token", "\"t\""),
            ("/nested/token", "{\"a\":1}"),
            ("/headers/X-Any", "\"v\""),
            ("/headers/a~1b", "\"w\""),
        ];
        let expected = expected.map(|(path, text)| (path.to_owned(), Some(text.to_owned())));
        assert_eq!(secrets, expected);
    }

    #[test]
    fn null_drops_a_secret_and_the_mask_keeps_it() {
        let sent = json!({"api_key": null, "password": MASK, "region": null, "token": true});
        let (shown, secrets) = separated(sent, &stored(json!({}), &["/password"])).unwrap();
        assert_eq!(shown, json!({"password": MASK, "region": null, "token": true}));
        assert_eq!(secrets, [("/password".to_owned(), None)]);
    }

    #[test]
    fn a_mask_without_a_stored_secret_is_refused_wherever_it_stands() {
        let known = stored(json!({}), &["/api_key"]);
        for field in ["password", "endpoint"] {
            let error = separated(json!({"api_key": MASK, field: MASK}), &known).unwrap_err();
            let expected = format!("`configuration.{field}` is the mask");
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
    }

    #[test]
    fn what_is_stored_as_a_secret_stays_one() {
        let (shown, secrets) =
            separated(json!({"endpoint": "new"}), &stored(json!({}), &["/endpoint"])).unwrap();
        assert_eq!(shown, json!({"endpoint": MASK}));
        assert_eq!(secrets, [("/endpoint".to_owned(), Some("\"new\"".to_owned()))]);
    }

    #[test]
    fn a_secret_in_a_list_never_moves_to_another_element() {
        let list = json!({"nodes": [{"host": "a", "token": MASK}, {"host": "b", "token": MASK}]});
        let known = stored(list.clone(), &["/nodes/0/token", "/nodes/1/token"]);
        assert!(separated(list, &known).is_ok());
        let swapped =
            json!({"nodes": [{"host": "b", "token": MASK}, {"host": "a", "token": MASK}]});
        assert!(separated(swapped, &known).is_err());
        let shorter = json!({"nodes": [{"host": "b", "token": MASK}]});
        assert!(separated(shorter, &known).is_err());
        let new = json!({"nodes": [{"host": "b", "token": "t"}]});
        assert!(separated(new, &known).is_ok());
    }
}
