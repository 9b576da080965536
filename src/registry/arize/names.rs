//! The two names of an integration: one among all of Conductor's, one in its namespace of Arize's.

use std::sync::Arc;

use serde_json::value::RawValue;

use crate::domain::access::{Access, Need, Target};
use crate::domain::arize::namespace;
use crate::domain::integration::Integration;
use crate::domain::name::{IntegrationName, MAX_LEN, is_dots};
use crate::domain::{Error, Result};
use crate::registry::secrets::{open, sealed};
use crate::registry::{Change, Registry};
use crate::storage::arize_integrations::{self, Known};
use crate::storage::secrets::Holder;
use crate::storage::{Tx, integration_names, integrations, numbers, secrets};

impl Registry {
    /// The name that the integration has now which had this one. A name that is none's stays as it
    /// is. Nobody is told anything by this, so anybody may ask.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn present_name(&self, name: IntegrationName) -> Result<IntegrationName> {
        self.db.now().await?;
        if self.tools.memory.has_integration(&name) {
            return Ok(name);
        }
        let tools = Arc::clone(&self.tools);
        let find = move |tx: &mut dyn Tx, since| {
            if integrations::exists(tx, &name)? {
                tools.memory.keep_integration(name.clone(), since);
                return Ok(name);
            }
            Ok(integration_names::now_of(tx, &name)?.unwrap_or(name))
        };
        self.db.read_to_keep(find).await
    }

    /// As [`Registry::present_name`], for what a grant is on.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub(in crate::registry) async fn present_target(&self, target: Target) -> Result<Target> {
        Ok(match target {
            Target::Integration(name) => Target::Integration(self.present_name(name).await?),
            Target::Resource(name, resource) => {
                Target::Resource(self.present_name(name).await?, resource)
            }
            other => other,
        })
    }
}

impl Change<'_> {
    /// Makes a saved integration known to Arize's dialect, with these settings.
    pub(in crate::registry) fn make_known(
        &mut self,
        integration: &Integration,
        known: Option<Known>,
        settings: Box<RawValue>,
    ) -> Result<()> {
        match known {
            Some(known) if known.settings.get() == settings.get() => Ok(()),
            Some(known) => arize_integrations::update(self.tx, &Known { settings, ..known }),
            None => {
                let (name, kind) = (integration.name.clone(), namespace(&integration.kind));
                let known = Known {
                    number: numbers::next(self.tx)?,
                    name: free_in(self.tx, kind, name.as_str())?,
                    integration: name,
                    resources: vec![],
                    settings,
                };
                arize_integrations::insert(self.tx, &known, kind)
            }
        }
    }

    /// Gives an integration another name in Arize's dialect, and in Conductor's too if they were
    /// the same and the new one is free there. It answers the name in Conductor's.
    pub(super) fn rename(
        &mut self,
        known: Known,
        kind: &str,
        to: String,
    ) -> Result<IntegrationName> {
        let namespace = namespace(kind);
        if let Some(other) = arize_integrations::named(self.tx, namespace, &to)?
            && other.number != known.number
        {
            return Err(taken(&to));
        }
        let from = known.integration.clone();
        let moves = known.name == from.as_str();
        arize_integrations::update(self.tx, &Known { name: to.clone(), ..known })?;
        let Ok(to) = IntegrationName::parse("name", to) else { return Ok(from) };
        let is_own = integration_names::now_of(self.tx, &to)?.is_some_and(|now| now == from);
        // What others wait for is not taken: who renames could give them more than they hold.
        let is_free = is_own || !integration_names::is_taken(self.tx, &to)?;
        if !moves || !is_free || integration_names::is_granted_on(self.tx, &to)? {
            return Ok(from);
        }
        let target = Target::Integration(from.clone());
        self.one("integration.rename", Need::Access(Access::Update), &target, |change| {
            change.note("to", to.as_str());
            change.move_to(&from, &to)
        })?;
        Ok(to)
    }

    /// Gives an integration another name, with all that hangs on it. Its secrets are sealed for a
    /// name, so that they are sealed anew.
    fn move_to(&mut self, from: &IntegrationName, to: &IntegrationName) -> Result<()> {
        let ring = self.tools.seal.ring();
        let held = secrets::of_integration(self.tx, from.as_str())?;
        integration_names::rename(self.tx, from, to)?;
        for held in held {
            let was = Holder { integration: from.as_str(), resource: &held.resource };
            let value = open(&ring, was, &held.secret)?;
            let is = Holder { integration: to.as_str(), ..was };
            let secret = &held.secret;
            let row = sealed(&ring, is, &secret.path, &secret.destination, &value)?;
            secrets::upsert(self.tx, is, &row, ring.id())?;
        }
        Ok(())
    }
}

/// What is said of a name that another integration has.
pub(super) fn taken(name: &str) -> Error {
    Error::Conflict(format!("the name `{name}` is taken").into())
}

/// A name in Conductor's dialect for what Arize's calls `name`: that one where it is free and can
/// be one, or else one like it.
pub(super) fn conductor_name(tx: &mut dyn Tx, kind: &str, name: &str) -> Result<IntegrationName> {
    let plain = name.replace(['/', ':'], "-");
    let plain = if is_dots(&plain) { plain.replace('.', "-") } else { plain };
    let suffix = format!(".{}", namespace(kind).to_lowercase());
    let numbered = numbered(&suffix);
    let free = first_free(&plain, std::iter::once(suffix).chain(numbered), |candidate| {
        let candidate = IntegrationName::parse("name", candidate)?;
        integration_names::is_taken(tx, &candidate)
    });
    IntegrationName::parse("name", free?)
}

/// A name like `name` that is free in a namespace of Arize's dialect.
fn free_in(tx: &mut dyn Tx, namespace: &str, name: &str) -> Result<String> {
    first_free(name, numbered(""), |candidate| {
        Ok(arize_integrations::named(tx, namespace, candidate)?.is_some())
    })
}

/// The suffix with each number from 2 on.
fn numbered(suffix: &str) -> impl Iterator<Item = String> + use<> {
    let suffix = suffix.to_owned();
    (2..).map(move |number: u32| format!("{suffix}.{number}"))
}

/// `name`, or where that is taken, the first that is not of `name` with each of `suffixes`, cut so
/// that there is room for it.
fn first_free(
    name: &str,
    suffixes: impl Iterator<Item = String>,
    mut is_taken: impl FnMut(&str) -> Result<bool>,
) -> Result<String> {
    for suffix in std::iter::once(String::new()).chain(suffixes) {
        let most = MAX_LEN.saturating_sub(suffix.len()).min(name.len());
        let end = (0..=most).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
        let candidate = format!("{}{suffix}", name[..end].trim_end());
        if !is_taken(&candidate)? {
            return Ok(candidate);
        }
    }
    Err(Error::internal("there is no end of numbers"))
}
