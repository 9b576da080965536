//! The configuration of an integration or a resource, with its secrets taken apart from the rest.

mod decides;
mod destination;
pub mod mask;
#[cfg(test)]
mod tests;
mod text;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::definition::Definition;
use super::endpoint::{self, Hosts};
use super::reference::Reference;
use super::secret::{self, Secret};
use super::{Error, Problem, Result};
use decides::{holds_schema, is_destination};
pub use destination::Destination;

/// A configuration as a client sends it: Conductor's open map from key to value.
pub type Configuration = Map<String, Value>;

/// The key that what Conductor's clients do not see is joined to a configuration under. A client
/// that sends it is refused.
pub const HIDDEN: &str = "arize";

/// A configuration in two parts: what everyone with READ may see, and the secrets.
pub struct Separated {
    /// The map with a [`mask`] in the place of each secret.
    pub shown: Value,
    /// Each secret by its path in the map: a JSON Pointer, as in `/headers/Authorization`.
    pub secrets: Vec<(String, Given)>,
}

/// What a client sent in the place of a secret.
pub enum Given {
    /// A value to store, as JSON text, so that it comes back with the type it was sent with.
    New(Secret),
    /// The mask that a read shows: keep what is stored.
    Kept,
    /// Where the value is found when it is needed. It is no secret itself and is shown.
    Reference(Reference),
}

/// What is stored already of a configuration.
#[derive(Default)]
pub struct Stored {
    /// What everyone with READ sees.
    pub shown: Value,
    /// The paths of its secrets.
    pub secrets: Vec<String>,
}

/// What a configuration is checked by.
pub struct Rules<'a> {
    /// The definition of the type, where there is one.
    pub definition: Option<&'a Definition>,
    /// Where integrations may point.
    pub hosts: &'a Hosts,
    /// Gives the part of a new mask that is its own; see [`mask::of`].
    pub tag: &'a dyn Fn() -> Result<String>,
}

/// Takes the secrets out of `configuration`.
///
/// A secret is what the definition says is one, what stands under a key that looks like one, every
/// header value, and what is stored as one at the same path; design section 5. `null` in the place
/// of a secret drops it. What is empty, `true` or `false` tells nothing and stays in clear.
///
/// # Errors
///
/// [`Error::Invalid`] naming each field that holds what it may not: a mask that is not the one that
/// a read shows there now, so that a mask never becomes a secret and never stands for another one;
/// an address that secrets must not be sent to; a secret that no request could carry.
pub fn separate(
    configuration: Configuration,
    rules: &Rules<'_>,
    stored: &Stored,
) -> Result<Separated> {
    let mut shown = configuration;
    let mut walk = Walk { rules, stored, secrets: Vec::new(), problems: Vec::new() };
    walk.map(&mut shown, "", Around::default())?;
    let Walk { secrets, problems, .. } = walk;
    if problems.is_empty() {
        Ok(Separated { shown: Value::Object(shown), secrets })
    } else {
        Err(Error::Invalid(problems))
    }
}

/// Whether a configuration, as reads show it, may have secrets: each has left a mask, or a reference.
pub fn may_hold_secrets(shown: &RawValue) -> bool {
    let text = shown.get();
    mask::is_like(text) || ["env:", "file:"].iter().any(|scheme| text.contains(scheme))
}

/// A path as clients are told of it, as in `configuration.headers.Authorization`.
pub fn field(path: &str) -> String {
    let plain = path.replace('/', ".").replace("~1", "/").replace("~0", "~");
    format!("configuration{plain}")
}

/// The path of what stands under `key` at `path`, which are parts of a JSON Pointer.
pub fn below(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// A walk through a configuration that masks its secrets and collects them.
struct Walk<'a> {
    rules: &'a Rules<'a>,
    stored: &'a Stored,
    secrets: Vec<(String, Given)>,
    problems: Vec<Problem>,
}

/// What is true of all that stands at a place.
#[derive(Clone, Copy, Default)]
struct Around {
    /// It is what headers hold.
    headers: bool,
    /// It decides where secrets go.
    decides: bool,
}

impl Walk<'_> {
    /// Goes through `map`, which stands at `path`.
    fn map(&mut self, map: &mut Configuration, path: &str, around: Around) -> Result<()> {
        map.retain(|key, value| !value.is_null() || !(around.headers || self.is_secret(key)));
        for (key, value) in map.iter_mut() {
            let path = below(path, key);
            if around.headers {
                self.check(&path, text::header_name(key));
            }
            let headers = around.headers || secret::holds_headers(key);
            let here = Around { headers, decides: around.decides || is_destination(key) };
            match value {
                Value::Object(inner) if headers => self.map(inner, &path, here)?,
                value if tells_nothing(value) => {}
                value
                    if headers
                        || self.is_secret(key)
                        || self.is_stored(&path)
                        || value.as_str().is_some_and(secret::is_private_key) =>
                {
                    self.take(value, &path, key, headers)?;
                }
                value => self.value(value, &path, key, here)?,
            }
        }
        Ok(())
    }

    /// Goes through a value that is not secret itself.
    fn value(&mut self, value: &mut Value, path: &str, key: &str, around: Around) -> Result<()> {
        match value {
            Value::Object(inner) => self.map(inner, path, around)?,
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.value(item, &format!("{path}/{index}"), key, around)?;
                }
            }
            Value::String(text) => self.plain(text, path, key, around.decides),
            _ => {}
        }
        Ok(())
    }

    /// Looks at a text that is not secret. `decides` says that it decides where secrets go.
    fn plain(&mut self, text: &str, path: &str, key: &str, decides: bool) {
        if let Some(reference) = Reference::parse(text) {
            if decides {
                self.problem(path, "must be given itself: it decides where secrets are sent");
            }
            return self.secrets.push((path.to_owned(), Given::Reference(reference)));
        }
        if mask::is_whole(text) {
            return self.problem(path, NO_MASK);
        }
        let field = self.rules.definition.and_then(|definition| definition.field(key));
        let is_line = decides || field.is_some() && !holds_schema(key);
        if is_line && text.contains(char::is_control) {
            return self.problem(path, text::CONTROL);
        }
        if text::names_header(key) {
            self.check(path, text::header_name(text));
        }
        self.check_address(text, path, key);
    }

    /// Puts a mask in the place of a secret and remembers what was there.
    fn take(&mut self, value: &mut Value, path: &str, key: &str, is_header: bool) -> Result<()> {
        if let Value::String(text) = value {
            if let Some(reference) = Reference::parse(text) {
                self.secrets.push((path.to_owned(), Given::Reference(reference)));
                return Ok(());
            }
            if self.is_stored(path)
                && mask::is_like(text)
                && self.stored.shown.pointer(path).and_then(Value::as_str) == Some(text)
            {
                self.secrets.push((path.to_owned(), Given::Kept));
                return Ok(());
            }
        }
        self.clean(value, path, key, is_header);
        if holds_mask(value) {
            self.problem(path, NO_MASK);
        }
        let mask = mask::of(value, &(self.rules.tag)()?);
        let sent = std::mem::replace(value, Value::String(mask));
        self.secrets.push((path.to_owned(), Given::New(Secret::new(sent.to_string()))));
        Ok(())
    }

    /// Checks the texts of a secret, and cuts off what came of pasting them.
    fn clean(&mut self, value: &mut Value, path: &str, key: &str, is_header: bool) {
        match value {
            Value::String(text) if !text.is_empty() => {
                let kept = text::secret(text, key, is_header, self.rules.definition);
                match kept.map(str::to_owned) {
                    Ok(kept) => *text = kept,
                    Err(wrong) => self.problem(path, wrong),
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.clean(item, path, key, is_header);
                }
            }
            Value::Object(inner) if is_header => {
                for item in inner.values_mut() {
                    self.clean(item, path, key, is_header);
                }
            }
            _ => {}
        }
    }

    fn check_address(&mut self, text: &str, path: &str, key: &str) {
        let forms = self.rules.definition.map_or(&[][..], |definition| definition.addresses(key));
        let hosts = self.rules.hosts;
        let outcome = if !forms.is_empty() || endpoint::is_address(key) || endpoint::is_host(key) {
            endpoint::check(key, text, forms, hosts)
        } else {
            endpoint::check_any(text, hosts)
        };
        if let Err(wrong) = outcome {
            self.problem(path, wrong);
        }
    }

    fn check(&mut self, path: &str, outcome: Result<(), text::Wrong>) {
        if let Err(wrong) = outcome {
            self.problem(path, wrong);
        }
    }

    fn problem(&mut self, path: &str, reason: impl Into<String>) {
        self.problems.push(Problem { field: field(path), reason: reason.into() });
    }

    fn is_secret(&self, key: &str) -> bool {
        let defined = self.rules.definition.is_some_and(|definition| definition.holds_secret(key));
        defined || secret::looks_secret(key)
    }

    fn is_stored(&self, path: &str) -> bool {
        self.stored.secrets.iter().any(|stored| stored == path)
    }
}

/// What is said of a mask in the wrong place.
const NO_MASK: &str = "is a mask, and not the one that stands here now; \
                       read the configuration again, or send the secret itself";

/// Whether a mask stands anywhere in `value`.
fn holds_mask(value: &Value) -> bool {
    match value {
        Value::String(text) => mask::is_like(text),
        Value::Array(items) => items.iter().any(holds_mask),
        Value::Object(map) => map.values().any(holds_mask),
        _ => false,
    }
}

/// Whether a value is too empty to be a secret.
pub fn tells_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Number(_) => false,
    }
}
