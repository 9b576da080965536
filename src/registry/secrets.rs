//! Secrets of configurations: taken out and bound to their destination when they are saved, put
//! back when they are resolved.
//!
//! A secret is sealed together with the hash of the [`Destination`] it was saved for. It is kept,
//! and opened, only while that is where it would be sent.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::Change;
use super::permit::require;
use crate::auth::keys;
use crate::domain::access::Access;
use crate::domain::configuration::{
    self, Configuration, Destination, Given, HIDDEN, Rules, Separated, Stored,
};
use crate::domain::definition::Definition;
use crate::domain::error::Problem;
use crate::domain::reference::Reference;
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::seal::{Keyring, Place};
use crate::storage::secrets::{self, Holder, SealedSecret};

/// A configuration that passed all checks, before its secrets are stored.
pub(super) struct Configured {
    /// What everyone with READ may see.
    pub shown: Box<RawValue>,
    /// What of that only Arize's dialect knows.
    pub settings: Box<RawValue>,
    destination: String,
    rows: Vec<SealedSecret>,
    secrets: Vec<(String, Given)>,
    /// Whether a manifest writes what is there already.
    pub is_as_before: bool,
}

impl Configured {
    /// What is there already, with its secrets as they are.
    fn untouched(before: &RawValue, settings: Option<&RawValue>) -> Self {
        let (destination, rows, secrets) = (String::new(), vec![], vec![]);
        let settings = settings.map_or_else(|| RawValue::NULL.to_owned(), RawValue::to_owned);
        let is_as_before = false;
        Self { shown: before.to_owned(), settings, destination, rows, secrets, is_as_before }
    }
}

/// What a configuration is saved for.
pub(super) struct Saved<'a> {
    /// Whose it is.
    pub holder: Holder<'a>,
    /// The type of the integration.
    pub kind: &'a str,
    /// The definition of that type, where there is one.
    pub definition: Option<&'a Definition>,
    /// What stands there now, as reads show it.
    pub before: Option<&'a RawValue>,
    /// What of that only Arize's dialect knows.
    pub settings: Option<&'a RawValue>,
    /// For a resource, its integration.
    pub around: Option<&'a Around>,
}

/// What the configuration of a resource stands in.
pub(super) struct Around {
    /// The whole configuration of its integration.
    pub whole: Value,
    /// Where that sends secrets.
    pub destination: Destination,
    /// Where its secrets stand.
    pub secrets: Vec<String>,
    /// Whether its own overlays that. A ready-made request to an agent does not: it is sent where
    /// the agent is, whatever it says.
    pub is_overlaid: bool,
}

impl Around {
    /// What decides where the secrets of a resource go that is shown so.
    pub fn effective(&self, shown: &Value) -> Value {
        if self.is_overlaid { overlaid(&self.whole, shown) } else { self.whole.clone() }
    }

    /// What a resource that is shown so would take over from its integration and send elsewhere
    /// than that does.
    fn not_inherited(&self, shown: &Value, now: &Destination) -> Vec<Problem> {
        if self.destination == *now {
            return vec![];
        }
        let fields = listed(&self.destination.differing(now));
        let problem = |path: &String| Problem {
            field: configuration::field(path),
            reason: format!(
                "must be sent for this resource too, since {fields} points elsewhere than its \
                 integration: a stored secret goes only where it was saved for"
            ),
        };
        self.secrets.iter().filter(|path| !overrides(shown, path)).map(problem).collect()
    }
}

/// What a client sends of a configuration; what is `None` stays as it is.
pub(super) struct Sent {
    /// What Conductor's dialect knows.
    pub configuration: Option<Configuration>,
    /// What only Arize's dialect knows.
    pub settings: Option<Configuration>,
}

impl Change<'_> {
    /// Checks a configuration that is to be saved, and takes its secrets out. What is not sent
    /// stays as it is.
    ///
    /// # Errors
    ///
    /// As [`configuration::separate`]; [`Error::SecretsNeeded`] when secrets that are not sent
    /// would go where they were not saved for; [`Error::Invalid`] and [`Error::Forbidden`] for
    /// references.
    pub(super) fn configure(&mut self, saved: &Saved<'_>, sent: Sent) -> Result<Configured> {
        if let (None, None, Some(before)) = (&sent.configuration, &sent.settings, saved.before) {
            return Ok(Configured::untouched(before, saved.settings));
        }
        let before = whole(saved.before, saved.settings)?;
        let sent = sent.onto(&before)?;
        let destination_of = |shown: &Value| match saved.around {
            Some(around) => Destination::of(saved.kind, &around.effective(shown)),
            None => Destination::of(saved.kind, shown),
        };
        let shows_none = |shown: &RawValue| !configuration::may_hold_secrets(shown);
        let rows = match saved.before {
            Some(before) if shows_none(before) && saved.settings.is_none_or(shows_none) => vec![],
            _ => secrets::list(self.tx, saved.holder)?,
        };
        let is_secret = |row: &&SealedSecret| reference_at(&before, &row.path).is_none();
        let paths = rows.iter().filter(is_secret).map(|row| row.path.clone()).collect();
        let stored = Stored { shown: before, secrets: paths };
        let mut sent = sent;
        let written = self.written.clone();
        let leaves = written.as_ref().map(|written| written.read(&mut sent, &stored));
        let leaves = leaves.transpose()?;
        let (definition, hosts) = (saved.definition, &self.tools.hosts);
        let rules = Rules { definition, hosts, tag: &keys::new_tag };
        let mut separated = configuration::separate(sent, &rules, &stored)?;
        if let (Some(written), Some(leaves)) = (&written, &leaves) {
            written.check(leaves, &separated.secrets)?;
        }
        let over = saved.around.filter(|around| around.is_overlaid && !around.secrets.is_empty());
        let mut destination = String::new();
        // Where there are no secrets, nobody asks where they go.
        if over.is_some() || !rows.is_empty() || !separated.secrets.is_empty() {
            let now = destination_of(&separated.shown);
            destination = now.hash();
            if written.is_some() {
                self.keep_equal(saved.holder, &rows, &destination, &stored, &mut separated)?;
            }
            let then = || destination_of(&stored.shown);
            let mut needed = left_behind(&rows, &separated.secrets, &destination, then, &now);
            needed.extend(over.into_iter().flat_map(|it| it.not_inherited(&separated.shown, &now)));
            if !needed.is_empty() {
                return Err(Error::SecretsNeeded(needed));
            }
        }
        for (path, given) in &separated.secrets {
            if let Given::Reference(reference) = given {
                let row = rows.iter().find(|row| row.path == *path);
                let same = row.is_some_and(|row| row.destination == destination)
                    && reference_at(&stored.shown, path).as_ref() == Some(reference);
                if !same {
                    self.may_use(reference, path)?;
                }
            }
        }
        let is_kept = |row: &SealedSecret| {
            let kept = |(path, given): &(String, Given)| {
                *path == row.path && !matches!(given, Given::New(_))
            };
            row.destination == destination && separated.secrets.iter().any(kept)
        };
        let is_as_before =
            written.is_some() && separated.shown == stored.shown && rows.iter().all(is_kept);
        self.note("changed", changed(&stored.shown, &separated.shown));
        let mut shown = separated.shown;
        let settings = shown.as_object_mut().and_then(|shown| shown.shift_remove(HIDDEN));
        let settings = settings.unwrap_or_else(|| Configuration::new().into());
        let [shown, settings] = [shown, settings].map(|part| to_raw_value(&part));
        let (shown, settings) =
            (shown.map_err(Error::internal)?, settings.map_err(Error::internal)?);
        let secrets = separated.secrets;
        Ok(Configured { shown, settings, destination, rows, secrets, is_as_before })
    }

    /// Lets the secrets stay that are sent as they are stored, for the destination they are stored
    /// for, so that saving a thing as it is changes nothing.
    fn keep_equal(
        &self,
        holder: Holder<'_>,
        rows: &[SealedSecret],
        destination: &str,
        stored: &Stored,
        separated: &mut Separated,
    ) -> Result<()> {
        let ring = self.tools.seal.ring();
        for (path, given) in &mut separated.secrets {
            let row = rows.iter().find(|row| row.path == *path && row.destination == destination);
            if let (Given::New(secret), Some(row)) = (&*given, row)
                && let Some(mask) = stored.shown.pointer(path)
                && let Some(place) = separated.shown.pointer_mut(path)
                && self.tools.mac.fingerprint(secret)
                    == self.tools.mac.fingerprint(&open(&ring, holder, row)?)
            {
                *place = mask.clone();
                *given = Given::Kept;
            }
        }
        Ok(())
    }

    /// Refuses a reference that this server does not read, or that the caller may not use.
    fn may_use(&mut self, reference: &Reference, path: &str) -> Result<()> {
        let allowed = self.tools.references.check(reference);
        allowed.map_err(|wrong| Error::invalid(configuration::field(path), wrong))?;
        require(self.tx, &self.who, Access::Execute, &reference.target())
    }

    /// Seals the new secrets of a configuration, keeps those whose mask came back, and removes
    /// all others.
    pub(super) fn store_secrets(
        &mut self,
        holder: Holder<'_>,
        configured: &Configured,
    ) -> Result<()> {
        for SealedSecret { path, .. } in &configured.rows {
            if !configured.secrets.iter().any(|(kept, _)| kept == path) {
                secrets::delete(self.tx, holder, path)?;
                self.note_secret(path, Value::Null);
            }
        }
        for (path, given) in &configured.secrets {
            let destination = &configured.destination;
            let note = match given {
                Given::Kept => continue,
                Given::New(secret) => {
                    self.seal(holder, path, destination, secret)?;
                    self.tools.mac.fingerprint(secret)
                }
                Given::Reference(reference) => {
                    let text = Secret::new(Value::String(reference.to_string()).to_string());
                    self.seal(holder, path, destination, &text)?;
                    reference.to_string()
                }
            };
            self.note_secret(path, note);
        }
        Ok(())
    }

    /// Adds what the audit log says of the secret at `path`.
    fn note_secret(&mut self, path: &str, note: impl Into<Value>) {
        let secrets = self.detail.entry("secrets").or_insert_with(|| Configuration::new().into());
        if let Value::Object(secrets) = secrets {
            secrets.insert(path.to_owned(), note.into());
        }
    }

    /// Seals one secret.
    pub(super) fn seal(
        &mut self,
        holder: Holder<'_>,
        path: &str,
        destination: &str,
        value: &Secret,
    ) -> Result<()> {
        let ring = self.tools.seal.ring();
        let row = sealed(&ring, holder, path, destination, value)?;
        secrets::upsert(self.tx, holder, &row, ring.id())
    }

    /// Puts the secrets of a holder into `shown`, but those that `over` overlays.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] for a secret that was saved for another destination, and for a
    /// reference that leads to nothing.
    pub(super) fn put_back(
        &mut self,
        holder: Holder<'_>,
        shown: &mut Value,
        over: &Value,
        destination: &str,
    ) -> Result<()> {
        for row in secrets::list(self.tx, holder)? {
            if overrides(over, &row.path) {
                continue;
            }
            let field = configuration::field(&row.path);
            if row.destination != destination {
                return Err(Error::Conflict(
                    format!("`{field}` was saved for another destination; send it again").into(),
                ));
            }
            let place = shown.pointer_mut(&row.path);
            let place = place.ok_or_else(|| Error::internal("a secret has lost its place"))?;
            let (value, note) = self.opened(holder, &row, place, &field)?;
            *place = value;
            self.note_secret(&row.path, note);
        }
        Ok(())
    }

    /// The value of a secret, and what the audit log says of it.
    fn opened(
        &self,
        holder: Holder<'_>,
        row: &SealedSecret,
        shown: &Value,
        field: &str,
    ) -> Result<(Value, String)> {
        let secret = open(&self.tools.seal.ring(), holder, row)?;
        let value: Value = serde_json::from_str(secret.expose()).map_err(Error::internal)?;
        // What is no mask is a reference, and the sealed text of it is the one that counts.
        let reference = value.as_str().filter(|text| shown == text).and_then(Reference::parse);
        let Some(reference) = reference else {
            return Ok((value, self.tools.mac.fingerprint(&secret)));
        };
        let read = self.tools.references.read(&reference).map_err(|wrong| {
            Error::Conflict(format!("`{field}` is `{reference}`, which {wrong}").into())
        })?;
        Ok((Value::String(read.expose().to_owned()), reference.to_string()))
    }
}

impl Sent {
    /// The whole of what `before` becomes.
    pub(super) fn onto(self, before: &Value) -> Result<Configuration> {
        let mut before = before.as_object().cloned().unwrap_or_default();
        let hidden = before.shift_remove(HIDDEN);
        let mut sent = self.configuration.unwrap_or_else(|| before.clone());
        if sent.contains_key(HIDDEN) {
            let field = format!("configuration.{HIDDEN}");
            return Err(Error::invalid(field, "must not be sent: the name is reserved"));
        }
        let hidden = self.settings.unwrap_or_else(|| {
            let mut kept = hidden.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
            // Arize's dialect shows it as long as it is what was said there.
            if sent.get("externalId") != before.get("externalId") {
                kept.shift_remove("external_id");
            }
            kept
        });
        if !hidden.is_empty() {
            sent.insert(HIDDEN.to_owned(), hidden.into());
        }
        Ok(sent)
    }
}

/// A configuration with what only Arize's dialect knows joined to it.
pub(super) fn whole(shown: Option<&RawValue>, settings: Option<&RawValue>) -> Result<Value> {
    let mut whole = parsed(shown)?;
    let settings = parsed(settings)?;
    if let Some(map) = whole.as_object_mut()
        && settings.as_object().is_some_and(|settings| !settings.is_empty())
    {
        map.insert(HIDDEN.to_owned(), settings);
    }
    Ok(whole)
}

/// `value` as it is stored at `path`, for this holder and destination alone.
pub(super) fn sealed(
    ring: &Keyring,
    holder: Holder<'_>,
    path: &str,
    destination: &str,
    value: &Secret,
) -> Result<SealedSecret> {
    let parts = [holder.integration, holder.resource, path, destination];
    let sealed = ring.seal(value, place(&parts))?;
    Ok(SealedSecret { path: path.to_owned(), destination: destination.to_owned(), sealed })
}

/// What [`sealed`] has sealed.
pub(super) fn open(ring: &Keyring, holder: Holder<'_>, secret: &SealedSecret) -> Result<Secret> {
    let SealedSecret { path, destination, sealed } = secret;
    ring.open(sealed, place(&[holder.integration, holder.resource, path, destination]))
}

/// The place that a secret's seal is bound to.
pub(super) fn place<'a>(parts: &'a [&'a str]) -> Place<'a> {
    Place { table: "secret", parts }
}

/// The kept secrets that would be sent elsewhere than they were saved for.
fn left_behind(
    rows: &[SealedSecret],
    given: &[(String, Given)],
    destination: &str,
    then: impl FnOnce() -> Destination,
    now: &Destination,
) -> Vec<Problem> {
    let kept = |row: &&SealedSecret| {
        row.destination != destination
            && given.iter().any(|(path, given)| *path == row.path && matches!(given, Given::Kept))
    };
    let left: Vec<_> = rows.iter().filter(kept).collect();
    if left.is_empty() {
        return vec![];
    }
    let changed = match then().differing(now).as_slice() {
        [] => "its integration points elsewhere since it was saved".to_owned(),
        fields => format!("{} changes", listed(fields)),
    };
    let problem = |row: &SealedSecret| Problem {
        field: configuration::field(&row.path),
        reason: format!(
            "must be sent again, since {changed}: a stored secret goes only where it was saved for"
        ),
    };
    left.into_iter().map(problem).collect()
}

/// The reference that stands at `path`, if it is one.
fn reference_at(shown: &Value, path: &str) -> Option<Reference> {
    shown.pointer(path).and_then(Value::as_str).and_then(Reference::parse)
}

/// The keys at the top whose values differ.
fn changed(then: &Value, now: &Value) -> Vec<String> {
    let maps = [then, now].into_iter().filter_map(Value::as_object);
    let keys: BTreeSet<_> = maps.flat_map(Configuration::keys).collect();
    keys.into_iter().filter(|key| then.get(*key) != now.get(*key)).cloned().collect()
}

fn listed(fields: &[String]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}

/// Whether `shown` has its own value where the secret at `path` would stand.
fn overrides(shown: &Value, path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    shown.pointer(&format!("/{first}")).is_some()
}

/// What stands around, with the keys of `shown` in the place of its own.
pub(super) fn overlaid(around: &Value, shown: &Value) -> Value {
    let (Value::Object(around), Value::Object(shown)) = (around, shown) else {
        return shown.clone();
    };
    let mut all = around.clone();
    all.extend(shown.clone());
    Value::Object(all)
}

/// A stored configuration; null where there is none.
pub(super) fn parsed(shown: Option<&RawValue>) -> Result<Value> {
    let parsed = shown.map(|shown| serde_json::from_str(shown.get())).transpose();
    Ok(parsed.map_err(Error::internal)?.unwrap_or_default())
}
