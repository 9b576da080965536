//! What belongs to an integration: its models, or the ready-made requests to an agent. Conductor's
//! dialect calls them resources.

use super::map;
use crate::domain::access::{Access, Need, Target};
use crate::domain::arize::Preset;
use crate::domain::integration::{Resource, ResourceDraft};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::{Problem, Result};
use crate::registry::Change;
use crate::storage::arize_integrations::{self, Known};
use crate::storage::resources;

impl Change<'_> {
    /// Gives an integration these models or these requests, where any are said, in the place of
    /// those that are shown. One that is disabled stays, and is enabled when it is named.
    pub(super) fn set_children(
        &mut self,
        integration: &IntegrationName,
        models: Option<Vec<ResourceName>>,
        presets: Option<Vec<Preset>>,
    ) -> Result<()> {
        let wanted: Vec<(ResourceName, Option<Preset>)> = match (models, presets) {
            (Some(models), _) => models.into_iter().map(|name| (name, None)).collect(),
            (None, Some(presets)) => {
                presets.into_iter().map(|preset| (preset.name.clone(), Some(preset))).collect()
            }
            (None, None) => return Ok(()),
        };
        let order = wanted.iter().map(|(name, _)| name.to_string()).collect();
        let existing = resources::list(self.tx, integration)?;
        for gone in existing.iter().filter(|one| one.enabled) {
            if !wanted.iter().any(|(name, _)| *name == gone.name) {
                let target = Target::Resource(integration.clone(), gone.name.clone());
                let need = Need::Access(Access::Delete);
                self.one("resource.delete", need, &target, |change| {
                    change.remove_resource(integration, &gone.name, &target)
                })?;
            }
        }
        for (index, (name, preset)) in wanted.into_iter().enumerate() {
            let existing = existing.iter().find(|one| one.name == name);
            let Some(draft) = draft(existing, preset)? else { continue };
            let target = Target::Resource(integration.clone(), name.clone());
            let place = format!("config.request_presets[{index}]");
            let saved = self.one("resource.save", Need::Save, &target, |change| {
                change.store_resource(integration, &name, draft)
            });
            // What Conductor's dialect calls a configuration is what is sent.
            saved.map_err(|error| {
                let renamed = |Problem { field, reason }| {
                    let field = field.replacen("configuration", "config", 1);
                    Problem { field, reason }
                };
                error.told_by(renamed).within(&place)
            })?;
        }
        let known = self.known(integration)?;
        arize_integrations::update(self.tx, &Known { resources: order, ..known })
    }

    /// The ready-made requests that are shown of an integration.
    pub(super) fn presets_of(&mut self, integration: &IntegrationName) -> Result<Vec<Preset>> {
        let mut found = resources::list(self.tx, integration)?;
        found.retain(|resource| resource.enabled);
        let preset = |resource: Resource| {
            let config = map(&resource.configuration)?;
            Ok(Preset { name: resource.name, config, description: resource.description })
        };
        found.into_iter().map(preset).collect()
    }
}

/// What is to be saved of a resource; nothing where it is that already.
fn draft(existing: Option<&Resource>, preset: Option<Preset>) -> Result<Option<ResourceDraft>> {
    let (description, configuration) = match (preset, existing) {
        (Some(Preset { config, description, .. }), existing) => {
            let before = existing.map(|one| map(&one.configuration)).transpose()?;
            let changes = before.is_none_or(|before| before != config);
            (description, changes.then_some(config))
        }
        (None, Some(existing)) => (existing.description.clone(), None),
        (None, None) => (None, None),
    };
    if let Some(existing) = existing
        && existing.enabled
        && existing.description == description
        && configuration.is_none()
    {
        return Ok(None);
    }
    Ok(Some(ResourceDraft {
        description,
        enabled: true,
        configuration,
        max_tokens: existing.and_then(|existing| existing.max_tokens),
        frequency: existing.and_then(|existing| existing.frequency.clone()),
    }))
}
