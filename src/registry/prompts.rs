//! Prompts: read, list, save one or many, render, delete; contract section 6.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::pages::{part, span};
use super::{Caller, Change, Reading, Registry};
use crate::domain::access::{Access, Kind, Need, Object, Target};
use crate::domain::integration::Stamps;
use crate::domain::page::{Page, Part};
use crate::domain::prompt::{
    Prompt, PromptDraft, PromptItem, PromptName, Version, Which, template,
};
use crate::domain::tag::Tag;
use crate::domain::{Error, Result};
use crate::storage::{Tx, integration_names, prompt_labels, prompts, tags};

/// A version of a prompt with the tags of the prompt.
#[derive(Debug)]
pub struct PromptView {
    /// The version.
    pub prompt: Prompt,
    /// The tags.
    pub tags: Vec<Tag>,
}

/// The target that a prompt is.
pub fn prompt(name: &PromptName) -> Target {
    Target::Other(Object { kind: Kind::Prompt, id: name.to_string() })
}

impl Registry {
    /// The latest version of each prompt, of the part of those that the caller can see, by name.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn prompts(&self, caller: &Caller, wanted: Part) -> Result<Page<PromptView, String>> {
        self.list(caller, move |look, sight| {
            let found = part(
                &wanted,
                |after, most| prompts::list(look.tx, after, most),
                |prompt| prompt.name.as_str(),
                |prompt| sight.thing(Kind::Prompt, prompt.name.as_str()),
            )?;
            let (first, last) = span(&found.items, |prompt| prompt.name.as_str());
            let mut tags = tags::by_target(look.tx, Kind::Prompt, first, last)?;
            Ok(found.map(|prompt| PromptView {
                tags: tags.remove(prompt.name.as_str()).unwrap_or_default(),
                prompt,
            }))
        })
        .await
    }

    /// The name of a prompt as it is stored; see [`Registry::spelling`].
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`].
    pub async fn prompt_spelling(
        &self,
        caller: &Caller,
        exact: PromptName,
        spaced: PromptName,
    ) -> Result<PromptName> {
        self.list(caller, move |look, _| {
            let mut is_there = |name: &PromptName| prompts::latest(look.tx, name.as_str());
            let is_spaced = is_there(&exact)?.is_none() && is_there(&spaced)?.is_some();
            Ok(if is_spaced { spaced } else { exact })
        })
        .await
    }

    /// A version of a prompt. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] also for the version or label, [`Error::Forbidden`].
    pub async fn prompt(
        &self,
        caller: &Caller,
        name: PromptName,
        which: Which,
    ) -> Result<PromptView> {
        self.look(caller, Access::Read, prompt(&name), move |look| view(look.tx, &name, &which))
            .await
    }

    /// Every version of a prompt, the newest first. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn prompt_versions(
        &self,
        caller: &Caller,
        name: PromptName,
    ) -> Result<Vec<PromptView>> {
        self.look(caller, Access::Read, prompt(&name), move |look| {
            let tags = tags::list(look.tx, &prompt(&name))?;
            let found = prompts::versions(look.tx, &name)?;
            Ok(found.into_iter().map(|prompt| PromptView { prompt, tags: tags.clone() }).collect())
        })
        .await
    }

    /// Writes a version of a prompt: the whole of it, its creator too, or with `keep` as a change
    /// of what is there, which keeps its creator. Needs UPDATE on the prompt, or to
    /// create it, the right to create prompts; and READ on each of its models.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for an integration, [`Error::Invalid`], [`Error::Forbidden`].
    pub async fn save_prompt(
        &self,
        caller: &Caller,
        name: PromptName,
        version: Version,
        draft: PromptDraft,
        keep: bool,
    ) -> Result<()> {
        let of = Reading::Prompt(name.clone(), version.into());
        self.change(caller, "prompt.save", Need::Save, of, move |change| {
            change.store_prompt(&name, version, draft, keep)
        })
        .await
    }

    /// Saves many prompts: all of them, or none. Needs what saving each of them needs. An item that
    /// is an error already is reported with the others.
    ///
    /// # Errors
    ///
    /// [`Error::Items`] naming every bad item.
    pub async fn save_prompts(
        &self,
        caller: &Caller,
        items: Vec<Result<PromptItem>>,
    ) -> Result<()> {
        self.transact(caller, "prompt.save", move |change| {
            let mut versions = HashMap::new();
            change.each(items, |change, index, PromptItem { name, version, draft }| {
                match versions.entry((name.clone(), version)) {
                    Entry::Occupied(first) => {
                        let reason = format!("is also that of item [{}]", first.get());
                        return Err(Error::invalid("version", reason));
                    }
                    Entry::Vacant(place) => place.insert(index),
                };
                change.one("prompt.save", Need::Save, &prompt(&name), |change| {
                    change.store_prompt(&name, version, draft, false)
                })
            })
        })
        .await
    }

    /// Deletes a prompt: all its versions, labels, tags and grants. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_prompt(&self, caller: &Caller, name: PromptName) -> Result<()> {
        let need = Need::Access(Access::Delete);
        let of = Reading::Prompt(name.clone(), Which::Latest);
        self.change(caller, "prompt.delete", need, of, move |change| change.remove_prompt(&name))
            .await
    }

    /// Deletes a version of a prompt with the labels that point at it, and with the last version
    /// its tags and grants. Needs DELETE on the prompt.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] also for the version, [`Error::Forbidden`].
    pub async fn delete_prompt_version(
        &self,
        caller: &Caller,
        name: PromptName,
        version: i64,
    ) -> Result<()> {
        let need = Need::Access(Access::Delete);
        let of = Reading::Prompt(name.clone(), Which::Version(version));
        self.change(caller, "prompt.delete-version", need, of, move |change| {
            change.remove_version(&name, version)
        })
        .await
    }

    /// A version of a prompt with these values in the places of its variables. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming each variable without a value; [`Error::NotFound`],
    /// [`Error::Forbidden`].
    pub async fn render_prompt(
        &self,
        caller: &Caller,
        name: PromptName,
        which: Which,
        values: &BTreeMap<String, String>,
    ) -> Result<String> {
        let found = self.prompt(caller, name, which).await?;
        template::render(&found.prompt.template, values)
    }
}

impl Change<'_> {
    /// Removes a prompt, which the caller may do, with all that hangs on it.
    pub(super) fn remove_prompt(&mut self, name: &PromptName) -> Result<()> {
        self.may_change_labelled(name, None)?;
        prompts::delete_all(self.tx, name)?;
        self.forget(&prompt(name))
    }

    /// Removes a version of a prompt, which the caller may do.
    pub(super) fn remove_version(&mut self, name: &PromptName, version: i64) -> Result<()> {
        self.note("version", version);
        self.may_change_labelled(name, Some(version))?;
        if !prompts::delete(self.tx, name, version)? {
            return Err(no_version(name, version));
        }
        if prompts::latest(self.tx, name.as_str())?.is_none() {
            self.forget(&prompt(name))?;
        }
        Ok(())
    }

    /// Writes one version, which the caller may do.
    pub(super) fn store_prompt(
        &mut self,
        name: &PromptName,
        version: Version,
        draft: PromptDraft,
        keep: bool,
    ) -> Result<()> {
        draft.check()?;
        let latest = prompts::latest(self.tx, name.as_str())?;
        let version = version.number(latest)?;
        let existing = prompts::find(self.tx, name, version)?;
        self.may_change_labelled(name, Some(version))?;
        let known = existing.as_ref().map(|prompt| prompt.models.clone()).unwrap_or_default();
        let mut models = BTreeSet::new();
        for mut model in draft.models {
            if let Some(now) = integration_names::now_of(self.tx, &model.integration)? {
                model.integration = now;
            }
            if !known.contains(&model) {
                self.may_refer_to(&model)?;
            }
            models.insert(model);
        }
        if latest.is_none() {
            self.own(&prompt(name))?;
        }
        self.note("version", version);
        let kept = existing.filter(|_| keep);
        let stamps: Stamps = self.stamps(kept.as_ref().map(|prompt| &prompt.stamps));
        let PromptDraft { description, template, settings, .. } = draft;
        let settings = settings.or_else(|| kept.map(|prompt| prompt.settings)).unwrap_or_default();
        let name = name.clone();
        let prompt = Prompt { name, version, description, template, models, settings, stamps };
        prompts::upsert(self.tx, &prompt)
    }
}

/// A version of a prompt, with the tags of the prompt.
pub(super) fn view(tx: &mut dyn Tx, name: &PromptName, which: &Which) -> Result<PromptView> {
    let gone = || Error::NotFound { kind: "prompt", name: name.to_string() };
    let version = match which {
        Which::Latest => prompts::latest(tx, name.as_str())?.ok_or_else(gone)?,
        Which::Version(version) => *version,
        Which::Label(label) => prompt_labels::find(tx, name, label)?.ok_or_else(|| {
            let name = format!("{name}@{}", label.as_str());
            Error::NotFound { kind: "label of prompt", name }
        })?,
    };
    let found = prompts::find(tx, name, version)?.ok_or_else(|| no_version(name, version))?;
    Ok(PromptView { prompt: found, tags: tags::list(tx, &prompt(name))? })
}

pub(super) fn no_version(name: &PromptName, version: i64) -> Error {
    Error::NotFound { kind: "version of prompt", name: format!("{name}:{version}") }
}
