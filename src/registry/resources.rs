//! Resources of integrations: read, list, save, delete.

use std::sync::Arc;

use bytes::Bytes;

use super::definitions::definition;
use super::integrations::ResourceView;
use super::pages::{part, span};
use super::permit::{Sight, missing};
use super::secrets::{Around, Saved, Sent, whole};
use super::{Caller, Change, Question, Registry, Shown, Shows, Tools};
use crate::domain::access::{Access, Kind, Need, Target};
use crate::domain::arize::Shape;
use crate::domain::configuration::Destination;
use crate::domain::definition::Definition;
use crate::domain::integration::{Integration, Resource, ResourceDraft};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::page::{Page, Part};
use crate::domain::patch::ResourcePatch;
use crate::domain::{Error, Result};
use crate::storage::secrets::Holder;
use crate::storage::{Tx, arize_integrations, integrations, resources, secrets, tags, usage};

/// What is to be known of an integration to save its resources.
pub(super) struct Setting {
    /// Its type.
    kind: String,
    /// The definition of that, where there is one.
    definition: Option<Arc<Definition>>,
    /// What their configurations stand in.
    around: Around,
}

impl Registry {
    /// The resource `name` of `integration`, as `show` shows it. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn resource(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        name: ResourceName,
        show: fn(&ResourceView) -> Result<Bytes>,
    ) -> Result<Shown> {
        let question = Question::of(&["resource", integration.as_str(), name.as_str()]);
        let find = move |tx: &mut dyn Tx, _: &Tools| {
            let target = Target::Resource(integration.clone(), name.clone());
            match view(tx, &integration, &name) {
                Err(Error::NotFound { .. }) => Err(missing(tx, &target)?),
                view => Ok((target, view?)),
            }
        };
        self.recall(caller, question, find, move |_, _, view| {
            Ok(Shown { etag: Some(view.etag()?), body: show(&view)? })
        })
        .await
    }

    /// The resources of `integration` that the caller can see, by name, as `show` shows them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn resources(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        active_only: bool,
        show: fn(&[ResourceView]) -> Result<Bytes>,
    ) -> Result<Shown> {
        let active = if active_only { "active" } else { "all" };
        let question = Question::of(&["resources", active, integration.as_str()]);
        let name = integration.clone();
        let find = move |tx: &mut dyn Tx, _: &Tools| {
            check_present(tx, &name)?;
            Ok((Target::Integration(name.clone()), name))
        };
        let all = self.recall(caller, question, find, move |tx, _, name| {
            let found = views(tx, &name, &Part::default(), |one| one.enabled || !active_only)?;
            Ok(Shown { etag: None, body: show(&found.items)? })
        });
        match all.await {
            Err(Error::Forbidden { .. }) => {}
            outcome => return outcome,
        }
        let part = Part::default();
        let found = self.resources_part(caller, integration, active_only, part).await?;
        Ok(Shown { etag: None, body: show(&found.items)? })
    }

    /// A part of the resources of `integration` that the caller can see, by name.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn resources_part(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        active_only: bool,
        part: Part,
    ) -> Result<Page<ResourceView, String>> {
        self.list(caller, move |look, sight: &Sight| {
            check_present(look.tx, &integration)?;
            views(look.tx, &integration, &part, |one| {
                (one.enabled || !active_only) && sight.resource(one)
            })
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
                    .map(|definition| definition.apis.clone())
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
            change.store_resource(&integration, &name, draft).map(drop)
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
            let missing = || Error::NotFound { kind: "integration", name: target.id() };
            let existing = change.existing.clone().ok_or_else(missing)?;
            change.store_resource(&integration, &name, patch.onto(&existing)?).map(drop)
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
        let Integration { name, kind, configuration, .. } = integration;
        let known = arize_integrations::find(self.tx, name)?;
        let settings = known.as_ref().map(|known| &*known.settings);
        let whole = whole(Some(configuration), settings)?;
        let holder = Holder { integration: name.as_str(), resource: "" };
        let own = secrets::list(self.tx, holder)?;
        Ok(Around {
            destination: Destination::of(kind, &whole),
            whole,
            secrets: own.into_iter().map(|secret| secret.path).collect(),
            is_overlaid: !matches!(Shape::of(kind), Some(Shape::Agent | Shape::Evaluator)),
        })
    }

    /// What is to be known of an integration to save its resources.
    fn setting(&mut self, integration: &IntegrationName) -> Result<Arc<Setting>> {
        let memory = &self.tools.memory;
        if let Some(setting) = memory.setting(integration) {
            return Ok(setting);
        }
        let whole = integrations::find(self.tx, integration)?.ok_or_else(|| Error::NotFound {
            kind: "integration",
            name: integration.to_string(),
        })?;
        let definition = definition(self.tx, &self.tools.catalogue, &whole.kind)?;
        let around = self.around(&whole)?;
        let setting = Arc::new(Setting { kind: whole.kind, definition, around });
        memory.keep_setting(whole.name, Arc::clone(&setting), self.since);
        Ok(setting)
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

    /// Writes one resource, which the caller may do. What a manifest writes as it is there is left
    /// alone; says whether it was not.
    pub(super) fn store_resource(
        &mut self,
        integration: &IntegrationName,
        name: &ResourceName,
        draft: ResourceDraft,
    ) -> Result<bool> {
        draft.check()?;
        let found = self.existing.take();
        let existing = match found.filter(|it| it.integration == *integration && it.name == *name) {
            Some(existing) => Some(existing),
            None => resources::find(self.tx, integration, name)?,
        };
        let holder = Holder { integration: integration.as_str(), resource: name.as_str() };
        let setting = self.setting(integration)?;
        let saved = Saved {
            holder,
            kind: &setting.kind,
            definition: setting.definition.as_deref(),
            before: existing.as_ref().map(|existing| &*existing.configuration),
            settings: None,
            around: Some(&setting.around),
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
        if configured.is_as_before && existing.is_some_and(|existing| existing.says(&resource)) {
            return Ok(false);
        }
        resources::upsert(self.tx, &resource)?;
        self.store_secrets(holder, &configured)?;
        Ok(true)
    }
}

/// Refuses an integration that is not there.
fn check_present(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<()> {
    if integrations::exists(tx, integration)? {
        return Ok(());
    }
    Err(missing(tx, &Target::Integration(integration.clone()))?)
}

/// The part of the resources of `integration` that `keep` keeps, with their tags, by name.
fn views(
    tx: &mut dyn Tx,
    integration: &IntegrationName,
    wanted: &Part,
    keep: impl FnMut(&Resource) -> bool,
) -> Result<Page<ResourceView, String>> {
    let read = |after: &str, most| resources::list_after(tx, integration, after, most);
    let found = part(wanted, read, |resource| resource.name.as_str(), keep)?;
    let (first, last) = span(&found.items, |resource| resource.name.as_str());
    let id = |name: &str| format!("{integration}:{name}");
    let mut tags = tags::by_target(tx, Kind::Resource, &id(first), &id(last))?;
    Ok(found.map(|resource| ResourceView {
        tags: tags.remove(&id(resource.name.as_str())).unwrap_or_default(),
        resource,
    }))
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
