//! Integrations: read, list, save one or many, delete.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::definitions::definition;
use super::pages::{part, span};
use super::permit::Sight;
use super::secrets::{Saved, Sent};
use super::{Caller, Change, Look, Question, Registry, Shown, Shows, Tools};
use crate::domain::access::{Access, Kind, Need, Target};
use crate::domain::definition::Definition;
use crate::domain::integration::{
    Filter, Integration, IntegrationDraft, IntegrationItem, Resource,
};
use crate::domain::name::IntegrationName;
use crate::domain::page::{Page, Part};
use crate::domain::patch::IntegrationPatch;
use crate::domain::tag::{self, Tag};
use crate::domain::{Error, Result};
use crate::storage::secrets::Holder;
use crate::storage::{
    Tx, arize_integrations, grants, integration_names, integrations, prompts, resources, tags,
};

/// An integration with what belongs to it.
#[derive(Debug, Serialize, Deserialize)]
pub struct IntegrationView {
    /// The integration itself.
    pub integration: Integration,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// How many of its resources the caller may see.
    pub resource_count: i64,
}

/// A resource with its tags.
#[derive(Debug, Serialize, Deserialize)]
pub struct ResourceView {
    /// The resource itself.
    pub resource: Resource,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl Registry {
    /// The integration `name`, as `show` shows it. Needs READ.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn integration(
        &self,
        caller: &Caller,
        name: IntegrationName,
        show: fn(&IntegrationView) -> Result<Bytes>,
    ) -> Result<Shown> {
        let question = Question::of(&["integration", name.as_str()]);
        let find = move |tx: &mut dyn Tx, _: &Tools| {
            Ok((Target::Integration(name.clone()), view(tx, &name)?))
        };
        self.recall(caller, question, find, move |_, _, view| {
            Ok(Shown { etag: Some(view.etag()?), body: show(&view)? })
        })
        .await
    }

    /// The part of the integrations that pass `filter` and that the caller can see, by name.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn integrations(
        &self,
        caller: &Caller,
        filter: Filter,
        part: Part,
    ) -> Result<Page<IntegrationView, String>> {
        self.list(caller, move |look, sight| visible(look, sight, &filter, &part)).await
    }

    /// As [`Registry::integrations`], each with its resources that pass the filter too.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn integrations_with_resources(
        &self,
        caller: &Caller,
        filter: Filter,
        part: Part,
    ) -> Result<Page<(IntegrationView, Vec<Resource>), String>> {
        self.list(caller, move |look, sight| {
            let found = visible(look, sight, &filter, &part)?;
            let (first, last) = span(&found.items, |view| view.integration.name.as_str());
            let mut resources = by_integration(look.tx, first, last)?;
            Ok(found.map(|view| {
                let name = view.integration.name.as_str();
                let mut resources = resources.remove(name).unwrap_or_default();
                resources.retain(|resource| resource.enabled || !filter.active_only);
                (view, resources)
            }))
        })
        .await
    }

    /// The names that workflows can use: `integration:resource` for each resource, and
    /// `integration` for one without any; contract section 5.5.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn usable_names(&self, caller: &Caller, filter: Filter) -> Result<Vec<String>> {
        self.list(caller, move |look, sight| {
            let found = integrations::list(look.tx, "", i64::MAX)?;
            let (first, last) = span(&found, |integration| integration.name.as_str());
            let mut resources = by_integration(look.tx, first, last)?;
            let mut names = Vec::new();
            for integration in found {
                if !filter.admits(&integration) {
                    continue;
                }
                let name = integration.name;
                let resources = resources.remove(name.as_str()).unwrap_or_default();
                if resources.is_empty() && sight.integration(&name) {
                    names.push(name.to_string());
                }
                let usable = resources.iter().filter(|resource| {
                    (resource.enabled || !filter.active_only) && sight.resource(resource)
                });
                names.extend(usable.map(|resource| format!("{name}:{}", resource.name)));
            }
            Ok(names)
        })
        .await
    }

    /// Creates the integration `name` or replaces all of it. Needs the right to create
    /// integrations, or UPDATE on this one. The creator gets full access to it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an unknown type, [`Error::Invalid`] for a changed type or a mask
    /// that stands for nothing, [`Error::Forbidden`].
    pub async fn save_integration(
        &self,
        caller: &Caller,
        name: IntegrationName,
        draft: IntegrationDraft,
    ) -> Result<IntegrationView> {
        let target = Target::Integration(name.clone());
        self.change(caller, "integration.save", Need::Save, target, move |change| {
            change.store_integration(&name, draft)?;
            view(change.tx, &name)
        })
        .await
    }

    /// Changes what `patch` says of the integration `name`. Needs UPDATE on it.
    ///
    /// # Errors
    ///
    /// As [`Registry::save_integration`].
    pub async fn patch_integration(
        &self,
        caller: &Caller,
        name: IntegrationName,
        patch: IntegrationPatch,
    ) -> Result<IntegrationView> {
        let target = Target::Integration(name.clone());
        let need = Need::Access(Access::Update);
        self.change(caller, "integration.change", need, target, move |change| {
            let existing = view(change.tx, &name)?.integration;
            change.store_integration(&name, patch.onto(&existing)?)?;
            view(change.tx, &name)
        })
        .await
    }

    /// Saves many integrations with their tags and resources: all of them, or none. Needs what
    /// saving each of them needs. An item that is an error already is reported with the others.
    ///
    /// # Errors
    ///
    /// [`Error::Items`] naming every bad item.
    pub async fn save_integrations(
        &self,
        caller: &Caller,
        items: Vec<Result<IntegrationItem>>,
    ) -> Result<()> {
        self.transact(caller, "integration.save", move |change| {
            let mut names = HashMap::new();
            change.each(items, |change, index, mut item| {
                item.name = integration_names::now_of(change.tx, &item.name)?.unwrap_or(item.name);
                match names.entry(item.name.clone()) {
                    Entry::Occupied(first) => {
                        let reason = format!("is also the name of item [{}]", first.get());
                        Err(Error::invalid("name", reason))
                    }
                    Entry::Vacant(place) => {
                        place.insert(index);
                        change.store_item(item)
                    }
                }
            })
        })
        .await
    }

    /// Deletes an integration with its resources, secrets, tags and grants. Needs DELETE.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_integration(&self, caller: &Caller, name: IntegrationName) -> Result<()> {
        let target = Target::Integration(name.clone());
        self.change(
            caller,
            "integration.delete",
            Need::Access(Access::Delete),
            target.clone(),
            move |change| change.remove_integration(&name, &target),
        )
        .await
    }
}

impl Change<'_> {
    /// Writes one integration, which the caller may do. What a manifest writes as it is there is left
    /// alone; says whether it was not.
    pub(super) fn store_integration(
        &mut self,
        name: &IntegrationName,
        draft: IntegrationDraft,
    ) -> Result<bool> {
        let existing = integrations::find(self.tx, name)?;
        let known = arize_integrations::find(self.tx, name)?;
        let definition = self.definition_for(&draft, existing.as_ref())?;
        let holder = Holder { integration: name.as_str(), resource: "" };
        let saved = Saved {
            holder,
            kind: &definition.kind,
            definition: Some(&definition),
            before: existing.as_ref().map(|existing| &*existing.configuration),
            settings: known.as_ref().map(|known| &*known.settings),
            around: None,
        };
        let sent = Sent { configuration: draft.configuration, settings: draft.settings };
        let configured = self.configure(&saved, sent)?;
        self.note("enabled", draft.enabled);
        let is_new = existing.is_none();
        let integration = Integration {
            name: name.clone(),
            category: draft.category.map_or_else(|| definition.category(), Ok)?,
            kind: existing.as_ref().map_or(&definition.kind, |existing| &existing.kind).clone(),
            description: draft.description,
            enabled: draft.enabled,
            configuration: configured.shown.clone(),
            stamps: self.stamps(existing.as_ref().map(|existing| &existing.stamps)),
        };
        if configured.is_as_before && existing.is_some_and(|existing| existing.says(&integration)) {
            return Ok(false);
        }
        // The row comes first: secrets refer to it.
        integrations::upsert(self.tx, &integration)?;
        self.make_known(&integration, known, configured.settings.clone())?;
        self.store_secrets(holder, &configured)?;
        if is_new {
            self.own(&Target::Integration(name.clone()))?;
        }
        Ok(true)
    }

    /// The definition that a draft speaks of.
    fn definition_for(
        &mut self,
        draft: &IntegrationDraft,
        existing: Option<&Integration>,
    ) -> Result<Arc<Definition>> {
        let kind = match (draft.kind.as_deref(), existing) {
            (Some(kind), _) => kind,
            (None, Some(existing)) => &existing.kind,
            (None, None) => return Err(Error::invalid("type", "is required")),
        };
        let found = definition(self.tx, &self.tools.catalogue, kind)?
            .ok_or_else(|| Error::NotFound { kind: "integration type", name: kind.to_owned() })?;
        match existing {
            Some(existing) if Definition::key(&existing.kind) != Definition::key(kind) => {
                let reason = format!("must stay `{}`: a type never changes", existing.kind);
                Err(Error::invalid("type", reason))
            }
            _ => Ok(found),
        }
    }

    /// Writes one item of a bulk save, each part of it permitted and recorded by itself.
    fn store_item(&mut self, item: IntegrationItem) -> Result<()> {
        let IntegrationItem { name, draft, tags, resources } = item;
        let target = Target::Integration(name.clone());
        self.one("integration.save", Need::Save, &target, |change| {
            change.store_integration(&name, draft)?;
            tag::check_all(&tags).map_err(|error| error.within("tags"))?;
            if !tags.is_empty() {
                change.note_tags("added", &tags);
            }
            change.add_tags(&target, &tags)
        })?;
        for (index, (resource, draft)) in resources.into_iter().enumerate() {
            let target = Target::Resource(name.clone(), resource.clone());
            self.one("resource.save", Need::Save, &target, |change| {
                change.store_resource(&name, &resource, draft)
            })
            .map_err(|error| error.within(&format!("apis[{index}]")))?;
        }
        Ok(())
    }

    /// Removes an integration, which the caller may do, with all that hangs on it.
    pub(super) fn remove_integration(
        &mut self,
        name: &IntegrationName,
        target: &Target,
    ) -> Result<()> {
        tags::delete_below(self.tx, name)?;
        grants::delete_below(self.tx, name)?;
        prompts::forget_integration(self.tx, name)?;
        self.forget(target)?;
        integrations::delete(self.tx, name)
    }

    /// Removes what hangs on a thing by its name, so that nothing revives with the name.
    pub(super) fn forget(&mut self, target: &Target) -> Result<()> {
        tags::delete_all(self.tx, target)?;
        grants::delete_on(self.tx, &target.object())
    }
}

/// The integration `name` with what belongs to it.
pub(super) fn view(tx: &mut dyn Tx, name: &IntegrationName) -> Result<IntegrationView> {
    let integration = integrations::find(tx, name)?
        .ok_or_else(|| Error::NotFound { kind: "integration", name: name.to_string() })?;
    let tags = tags::list(tx, &Target::Integration(name.clone()))?;
    Ok(IntegrationView { integration, tags, resource_count: resources::count(tx, name)? })
}

/// The resources of the integrations from the name `first` to `last`, by the name of theirs.
fn by_integration(
    tx: &mut dyn Tx,
    first: &str,
    last: &str,
) -> Result<HashMap<String, Vec<Resource>>> {
    let mut found: HashMap<String, Vec<Resource>> = HashMap::new();
    for resource in resources::list_between(tx, first, last)? {
        found.entry(resource.integration.to_string()).or_default().push(resource);
    }
    Ok(found)
}

/// The part of the integrations that pass `filter` and can be seen.
fn visible(
    look: &mut Look<'_>,
    sight: &Sight,
    filter: &Filter,
    wanted: &Part,
) -> Result<Page<IntegrationView, String>> {
    let found = part(
        wanted,
        |after, most| integrations::list(look.tx, after, most),
        |integration| integration.name.as_str(),
        |integration| sight.integration(&integration.name) && filter.admits(integration),
    )?;
    let (first, last) = span(&found.items, |integration| integration.name.as_str());
    let mut tags = tags::by_target(look.tx, Kind::Integration, first, last)?;
    let counts = resources::counts(look.tx, first, last)?;
    Ok(found.map(|integration| IntegrationView {
        tags: tags.remove(integration.name.as_str()).unwrap_or_default(),
        resource_count: counts.get(integration.name.as_str()).copied().unwrap_or(0),
        integration,
    }))
}
