//! What a step of the schema cannot fill in, since it needs keys.

use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::secrets::{overlaid, parsed, place, sealed};
use crate::auth::keys;
use crate::domain::configuration::{Destination, mask};
use crate::domain::integration::{Integration, Resource};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::seal::Keyring;
use crate::storage::secrets::{self, HeldSecret, Holder};
use crate::storage::{Tx, integrations, resources};

/// Gives the secrets of the first schema masks of their own, and binds them to where they may be
/// sent.
pub(super) fn bind_secrets(tx: &mut dyn Tx, ring: &Keyring) -> Result<()> {
    let unbound = secrets::sealed_with(tx, "", i64::MAX)?;
    let mut opened = Vec::with_capacity(unbound.len());
    for held in unbound {
        let parts = [held.integration.as_str(), &held.resource, &held.secret.path];
        let value = ring.open(&held.secret.sealed, place(&parts))?;
        set_mask(tx, &held, &value)?;
        opened.push((held, value));
    }
    // Every mask is in its place now: where a secret decides where others go, its mask is a part
    // of that.
    for (held, value) in &opened {
        let destination = destination(tx, held)?;
        let holder = Holder { integration: &held.integration, resource: &held.resource };
        let bound = sealed(ring, holder, &held.secret.path, &destination, value)?;
        secrets::upsert(tx, holder, &bound, ring.id())?;
    }
    if !opened.is_empty() {
        log::info!("bound {} secrets to where they may be sent", opened.len());
    }
    Ok(())
}

/// Puts a new mask in the place of a secret.
fn set_mask(tx: &mut dyn Tx, held: &HeldSecret, value: &Secret) -> Result<()> {
    let value: Value = serde_json::from_str(value.expose()).map_err(Error::internal)?;
    let mask = mask::of(&value, &keys::new_tag()?);
    let masked = |configuration: &RawValue| {
        let mut shown = parsed(Some(configuration))?;
        let place = shown.pointer_mut(&held.secret.path);
        *place.ok_or_else(|| Error::internal("a secret has lost its place"))? = mask.into();
        to_raw_value(&shown).map_err(Error::internal)
    };
    let (integration, resource) = found(tx, held)?;
    if let Some(resource) = resource {
        let configuration = masked(&resource.configuration)?;
        return resources::upsert(tx, &Resource { configuration, ..resource });
    }
    let configuration = masked(&integration.configuration)?;
    integrations::upsert(tx, &Integration { configuration, ..integration })
}

/// The hash of where a secret may be sent.
fn destination(tx: &mut dyn Tx, held: &HeldSecret) -> Result<String> {
    let (integration, resource) = found(tx, held)?;
    let around = parsed(Some(&integration.configuration))?;
    let shown = match resource {
        Some(resource) => overlaid(&around, &parsed(Some(&resource.configuration))?),
        None => around,
    };
    Ok(Destination::of(&integration.kind, &shown).hash())
}

/// Whose secret it is.
fn found(tx: &mut dyn Tx, held: &HeldSecret) -> Result<(Integration, Option<Resource>)> {
    let lost = || Error::internal("a secret has lost its holder");
    let name = IntegrationName::parse("name", &*held.integration)?;
    let integration = integrations::find(tx, &name)?.ok_or_else(lost)?;
    if held.resource.is_empty() {
        return Ok((integration, None));
    }
    let resource = ResourceName::parse("name", &*held.resource)?;
    let resource = resources::find(tx, &name, &resource)?.ok_or_else(lost)?;
    Ok((integration, Some(resource)))
}
