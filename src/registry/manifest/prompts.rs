//! Prompts of a manifest, with their versions and labels.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::super::prompts::prompt;
use super::forms::{self, form};
use super::{Apply, Thing};
use crate::domain::access::{Access, Need, Target};
use crate::domain::manifest::{PromptEntry, VersionEntry};
use crate::domain::prompt::{Label, ModelRef, PromptDraft, PromptName, Settings, Version};
use crate::domain::{Error, Result};
use crate::storage::{Tx, integration_names, prompt_labels, prompts};

impl Apply<'_, '_> {
    /// Saves prompts.
    pub(super) fn prompts(&mut self, entries: Vec<PromptEntry>) -> Result<()> {
        for (index, entry) in entries.into_iter().enumerate() {
            self.item(&format!("prompts[{index}]"), |apply| apply.prompt(entry))?;
        }
        Ok(())
    }

    fn prompt(&mut self, entry: PromptEntry) -> Result<()> {
        let name = PromptName::parse("name", entry.name)?;
        let mut numbers = HashSet::new();
        for (index, version) in entry.versions.iter().enumerate() {
            if !numbers.insert(version.version) {
                let place = format!("versions[{index}].version");
                return Err(Error::invalid(place, "stands here twice"));
            }
        }
        let target = prompt(&name);
        let form = |tx: &mut dyn Tx| {
            // By their numbers, versions can be told apart.
            let mut shape = form(forms::prompt(tx, &name)?, "name")?;
            if let Some(versions) = shape.as_mut().and_then(|shape| shape.get_mut("versions")) {
                let each = versions.as_array_mut().map(std::mem::take).unwrap_or_default();
                let by_number = each.into_iter().map(|mut one| {
                    let number = one.as_object_mut().and_then(|one| one.shift_remove("version"));
                    (number.unwrap_or_default().to_string(), one)
                });
                *versions = by_number.collect();
            }
            Ok(shape)
        };
        let thing = Thing { kind: "prompt", name: name.to_string(), target: &target, form: &form };
        let PromptEntry { versions, labels, tags, .. } = entry;
        self.thing(thing, Some(&tags), |apply| {
            let mut is_changed = false;
            for (index, version) in versions.into_iter().enumerate() {
                let saved = apply.version(&name, &target, version);
                let place = format!("versions[{index}]");
                is_changed |= saved.map_err(|error| error.within(&place))?;
            }
            if prompts::latest(apply.change.tx, name.as_str())?.is_none() {
                return Err(Error::invalid("versions", "must hold one: the prompt is new"));
            }
            is_changed |= apply.labels(&name, &target, labels)?;
            if apply.prune {
                is_changed |= apply.prune_versions(&name, &target, &numbers)?;
            }
            Ok(is_changed)
        })
    }

    fn version(&mut self, name: &PromptName, target: &Target, entry: VersionEntry) -> Result<bool> {
        let mut models = BTreeSet::new();
        for (index, model) in entry.models.iter().enumerate() {
            let mut model = ModelRef::parse(&format!("models[{index}]"), model)?;
            if let Some(now) = integration_names::now_of(self.change.tx, &model.integration)? {
                model.integration = now;
            }
            models.insert(model);
        }
        let settings = Settings::checked([
            ("temperature", entry.temperature),
            ("topP", entry.top_p),
            ("stopWords", entry.stop_words),
            ("responseFormat", entry.response_format),
        ])?;
        let (description, template) = (entry.description, entry.template);
        let existing = prompts::find(self.change.tx, name, entry.version)?;
        let is_same = existing.is_some_and(|existing| {
            (&existing.description, &existing.template) == (&description, &template)
                && (&existing.models, &existing.settings) == (&models, &settings)
        });
        if is_same {
            return Ok(false);
        }
        let draft = PromptDraft { description, template, models, settings: Some(settings) };
        self.change.one("prompt.save", Need::Save, target, |change| {
            change.store_prompt(name, Version::Exactly(entry.version), draft, true)
        })?;
        Ok(true)
    }

    /// Points the labels of a prompt where they are wanted, removes all others, and says whether that
    /// changed anything.
    fn labels(
        &mut self,
        name: &PromptName,
        target: &Target,
        wanted: BTreeMap<String, i64>,
    ) -> Result<bool> {
        let need = Need::Access(Access::Update);
        let mut is_changed = false;
        let before = prompt_labels::list(self.change.tx, name)?;
        for row in before.iter().filter(|row| !wanted.contains_key(&row.label)) {
            let label = Label::parse(row.label.clone())?;
            self.change.one("prompt-label.remove", need, target, |change| {
                change.drop_label(name, &label)
            })?;
            is_changed = true;
        }
        for (label, version) in wanted {
            if before.iter().any(|row| row.label == label && row.version == version) {
                continue;
            }
            let place = format!("labels.{label}");
            let label = Label::parse(label).map_err(|error| error.within("labels"))?;
            if prompts::find(self.change.tx, name, version)?.is_none() {
                return Err(Error::invalid(place, format!("there is no version {version}")));
            }
            self.change.one("prompt-label.move", need, target, |change| {
                change.point_label(name, &label, version)
            })?;
            is_changed = true;
        }
        Ok(is_changed)
    }

    /// Deletes the versions of a prompt that a manifest does not name.
    fn prune_versions(
        &mut self,
        name: &PromptName,
        target: &Target,
        named: &HashSet<i64>,
    ) -> Result<bool> {
        let mut is_changed = false;
        for version in prompts::versions(self.change.tx, name)?.iter().map(|one| one.version) {
            if !named.contains(&version) {
                let need = Need::Access(Access::Delete);
                self.change.one("prompt.delete-version", need, target, |change| {
                    change.remove_version(name, version)
                })?;
                is_changed = true;
            }
        }
        Ok(is_changed)
    }
}
