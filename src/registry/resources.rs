//! Resources of integrations: read, list, save, delete.

use super::definitions::definition;
use super::integrations::ResourceView;
use super::secrets::{Around, Saved, Sent, whole};
use super::{Caller, Change, Registry};
use crate::domain::access::{Access, Need, Target};
use crate::domain::arize::Shape;
use crate::domain::integration::{Integration, Resource, ResourceDraft};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::patch::ResourcePatch;
use crate::domain::{Error, Result};
use crate::storage::secrets::Holder;
use crate::storage::{Tx, arize_integrations, integrations, resources, secrets, tags, usage};

impl Registry {
    /// The resource `name` of `integration`. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn resource(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        name: ResourceName,
    ) -> Result<ResourceView> {
        let target = Target::Resource(integration.clone(), name.clone());
        self.look(caller, Access::Read, target, move |look| view(look.tx, &integration, &name))
            .await
    }

    /// The resources of `integration` that the caller can see, by name.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn resources(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        active_only: bool,
    ) -> Result<Vec<ResourceView>> {
        self.list(caller, move |look, sight| {
            if !integrations::exists(look.tx, &integration)? {
                let name = integration.to_string();
                return Err(Error::NotFound { kind: "integration", name });
            }
            let mut tags = tags::of_resources(look.tx, &integration)?;
            let mut found = resources::list(look.tx, &integration)?;
            let all = sight.integration(&integration);
            found.retain(|resource| {
                (resource.enabled || !active_only) && (all || sight.resource(resource))
            });
            Ok(found
                .into_iter()
                .map(|resource| ResourceView {
                    tags: tags.remove(resource.name.as_str()).unwrap_or_default(),
                    resource,
                })
                .collect())
        })
        .await
    }

    /// The resources that the type of `integration` is known to offer, or where nothing is known
    /// of the type, those that are registered. Needs READ on the integration.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn offered_resources(
        &self,
        caller: &Caller,
        integration: IntegrationName,
    ) -> Result<Vec<String>> {
        let target = Target::Integration(integration.clone());
        self.look(caller, Access::Read, target, move |look| {
            let found = integrations::find(look.tx, &integration)?;
            let offered = match found {
                Some(found) => definition(look.tx, &look.tools.catalogue, &found.kind)?
                    .map(|definition| definition.apis)
                    .unwrap_or_default(),
                None => vec![],
            };
            if !offered.is_empty() {
                return Ok(offered.into_iter().map(|api| api.api).collect());
            }
            let registered = resources::list(look.tx, &integration)?;
            Ok(registered.into_iter().map(|resource| resource.name.to_string()).collect())
        })
        .await
    }

    /// Creates the resource `name` or replaces all of it. Needs UPDATE on it, or to create it,
    /// UPDATE on the integration.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when the integration is missing, [`Error::Invalid`],
    /// [`Error::Forbidden`].
    pub async fn save_resource(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        name: ResourceName,
        draft: ResourceDraft,
    ) -> Result<()> {
        let target = Target::Resource(integration.clone(), name.clone());
        self.change(caller, "resource.save", Need::Save, target, move |change| {
            change.store_resource(&integration, &name, draft)
        })
        .await
    }

    /// Changes what `patch` says of the resource `name`. Needs UPDATE on it.
    ///
    /// # Errors
    ///
    /// As [`Registry::save_resource`].
    pub async fn patch_resource(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        name: ResourceName,
        patch: ResourcePatch,
    ) -> Result<()> {
        let target = Target::Resource(integration.clone(), name.clone());
        let need = Need::Access(Access::Update);
        self.change(caller, "resource.change", need, target.clone(), move |change| {
            let existing = resources::find(change.tx, &integration, &name)?
                .ok_or_else(|| Error::NotFound { kind: "integration", name: target.id() })?;
            change.store_resource(&integration, &name, patch.onto(&existing)?)
        })
        .await
    }

    /// Deletes a resource with its secrets, tags, grants and usage. Needs DELETE.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_resource(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        name: ResourceName,
    ) -> Result<()> {
        let target = Target::Resource(integration.clone(), name.clone());
        self.change(
            caller,
            "resource.delete",
            Need::Access(Access::Delete),
            target.clone(),
            move |change| change.remove_resource(&integration, &name, &target),
        )
        .await
    }
}

impl Change<'_> {
    /// What the configurations of an integration's resources stand in.
    pub(super) fn around(&mut self, integration: &Integration) -> Result<Around> {
        let known = arize_integrations::find(self.tx, &integration.name)?;
        let settings = known.as_ref().map(|known| &*known.settings);
        let shape = Shape::of(&integration.kind);
        Ok(Around {
            whole: whole(Some(&integration.configuration), settings)?,
            is_overlaid: !matches!(shape, Some(Shape::Agent | Shape::Evaluator)),
        })
    }

    /// Removes a resource, which the caller may do, with all that hangs on it.
    pub(super) fn remove_resource(
        &mut self,
        integration: &IntegrationName,
        name: &ResourceName,
        target: &Target,
    ) -> Result<()> {
        self.forget(target)?;
        let holder = Holder { integration: integration.as_str(), resource: name.as_str() };
        secrets::delete_all(self.tx, holder)?;
        usage::delete(self.tx, integration, name)?;
        resources::delete(self.tx, integration, name)
    }

    /// Writes one resource, which the caller may do.
    pub(super) fn store_resource(
        &mut self,
        integration: &IntegrationName,
        name: &ResourceName,
        draft: ResourceDraft,
    ) -> Result<()> {
        draft.check()?;
        let existing = resources::find(self.tx, integration, name)?;
        let holder = Holder { integration: integration.as_str(), resource: name.as_str() };
        let whole = integrations::find(self.tx, integration)?.ok_or_else(|| Error::NotFound {
            kind: "integration",
            name: integration.to_string(),
        })?;
        let definition = definition(self.tx, &self.tools.catalogue, &whole.kind)?;
        let saved = Saved {
            holder,
            kind: &whole.kind,
            definition: definition.as_ref(),
            before: existing.as_ref().map(|existing| &*existing.configuration),
            settings: None,
            around: Some(self.around(&whole)?),
        };
        let sent = Sent { configuration: draft.configuration, settings: None };
        let configured = self.configure(&saved, sent)?;
        self.note("enabled", draft.enabled);
        let resource = Resource {
            integration: integration.clone(),
            name: name.clone(),
            description: draft.description,
            enabled: draft.enabled,
            configuration: configured.shown.clone(),
            max_tokens: draft.max_tokens,
            frequency: draft.frequency,
            stamps: self.stamps(existing.as_ref().map(|existing| &existing.stamps)),
        };
        resources::upsert(self.tx, &resource)?;
        self.store_secrets(holder, &configured)
    }
}

/// The resource `name` of `integration` with its tags.
pub(super) fn view(
    tx: &mut dyn Tx,
    integration: &IntegrationName,
    name: &ResourceName,
) -> Result<ResourceView> {
    let target = Target::Resource(integration.clone(), name.clone());
    let resource = resources::find(tx, integration, name)?
        .ok_or_else(|| Error::NotFound { kind: "integration", name: target.id() })?;
    Ok(ResourceView { resource, tags: tags::list(tx, &target)? })
}
