//! Prompts: read, list, save one or many, render, delete; contract section 6.

use std::collections::BTreeMap;

use super::permit::{has, require};
use super::{Caller, Change, Look, Registry};
use crate::domain::access::{Access, Kind, Need, Object, Target};
use crate::domain::error::ItemError;
use crate::domain::integration::Stamps;
use crate::domain::prompt::template;
use crate::domain::prompt::{
    ModelRef, Prompt, PromptDraft, PromptItem, PromptName, Version, Which,
};
use crate::domain::tag::Tag;
use crate::domain::{Error, Result};
use crate::storage::{Tx, integrations, prompt_labels, prompts, resources, tags};

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
    /// The latest version of every prompt that the caller can see, by name.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn prompts(&self, caller: &Caller) -> Result<Vec<PromptView>> {
        self.list(caller, |look, sight| {
            let mut tags = tags::by_target(look.tx, Kind::Prompt)?;
            let mut found = prompts::list(look.tx)?;
            found.retain(|prompt| sight.thing(Kind::Prompt, prompt.name.as_str()));
            let view = |prompt: Prompt| PromptView {
                tags: tags.remove(prompt.name.as_str()).unwrap_or_default(),
                prompt,
            };
            Ok(found.into_iter().map(view).collect())
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
        name: &PromptName,
        which: &Which,
    ) -> Result<PromptView> {
        self.look(caller, Access::Read, &prompt(name), |look| view(look.tx, name, which)).await
    }

    /// Every version of a prompt, the newest first. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn prompt_versions(
        &self,
        caller: &Caller,
        name: &PromptName,
    ) -> Result<Vec<PromptView>> {
        let target = prompt(name);
        self.look(caller, Access::Read, &target, |look| {
            let tags = tags::list(look.tx, &target)?;
            let found = prompts::versions(look.tx, name)?;
            Ok(found.into_iter().map(|prompt| PromptView { prompt, tags: tags.clone() }).collect())
        })
        .await
    }

    /// Writes a version of a prompt: the whole of it, its creator too, or with `keep` as a change
    /// of what is there. Needs UPDATE on the prompt, or to create it, the right to create prompts;
    /// and READ on each of its models.
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
        self.change(caller, "prompt.save", Need::Save, prompt(&name), move |change| {
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
            let mut bad = Vec::new();
            for (index, item) in items.into_iter().enumerate() {
                let stored = item.and_then(|PromptItem { name, version, draft }| {
                    change.one("prompt.save", Need::Save, &prompt(&name), |change| {
                        change.store_prompt(&name, version, draft, false)
                    })
                });
                match stored {
                    Ok(()) => {}
                    Err(fault) if fault.is_fault() => return Err(fault),
                    Err(error) => bad.push(ItemError { index, error }),
                }
            }
            if bad.is_empty() { Ok(()) } else { Err(Error::Items(bad)) }
        })
        .await
    }

    /// Deletes a prompt: all its versions, labels, tags and grants. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_prompt(&self, caller: &Caller, name: PromptName) -> Result<()> {
        let (target, need) = (prompt(&name), Need::Access(Access::Delete));
        self.change(caller, "prompt.delete", need, target.clone(), move |change| {
            for version in prompts::versions(change.tx, &name)? {
                change.may_change_labelled(&name, version.version)?;
            }
            prompts::delete_all(change.tx, &name)?;
            change.forget(&target)
        })
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
        let (target, need) = (prompt(&name), Need::Access(Access::Delete));
        self.change(caller, "prompt.delete-version", need, target.clone(), move |change| {
            change.note("version", version);
            change.may_change_labelled(&name, version)?;
            if !prompts::delete(change.tx, &name, version)? {
                return Err(no_version(&name, version));
            }
            if prompts::latest(change.tx, name.as_str())?.is_none() {
                change.forget(&target)?;
            }
            Ok(())
        })
        .await
    }

    /// Adds a model to those of the latest version of a prompt. Needs UPDATE on the prompt, and
    /// READ on the model, which must be there.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for each of them, [`Error::Forbidden`].
    pub async fn attach_prompt(
        &self,
        caller: &Caller,
        name: PromptName,
        model: ModelRef,
    ) -> Result<()> {
        let (target, need) = (prompt(&name), Need::Access(Access::Update));
        self.change(caller, "prompt.attach", need, target, move |change| {
            let on = Target::Resource(model.integration.clone(), model.model.clone());
            super::permit::permit(change.tx, &change.who, Need::Access(Access::Read), &on)?;
            change.note("model", model.to_string());
            let version = prompts::latest(change.tx, name.as_str())?.unwrap_or(1);
            prompts::add_model(change.tx, &name, version, &model)
        })
        .await
    }

    /// The prompts whose latest version is for a model, and that the caller can see. Needs READ on
    /// the model.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn prompts_of_model(
        &self,
        caller: &Caller,
        model: &ModelRef,
    ) -> Result<Vec<PromptView>> {
        let target = Target::Resource(model.integration.clone(), model.model.clone());
        self.look(caller, Access::Read, &target, |look| {
            let mut found = Vec::new();
            for name in prompts::names_with_model(look.tx, model)? {
                let name = PromptName::parse("name", name)?;
                if has(look.tx, &look.who, Access::Read, &prompt(&name))? {
                    found.push(view(look.tx, &name, &Which::Latest)?);
                }
            }
            Ok(found)
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
        name: &PromptName,
        which: &Which,
        values: &BTreeMap<String, String>,
    ) -> Result<String> {
        let found = self.prompt(caller, name, which).await?;
        template::render(&found.prompt.template, values).map_err(|names| missing(&names))
    }

    /// Checks all that can be checked of asking `model` with `text`: its variables, that the model
    /// is there and enabled, and that the caller may use it.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] for what
    /// is disabled; and when all is well [`Error::Unsupported`], since this server asks no models.
    pub async fn test_prompt(
        &self,
        caller: &Caller,
        text: &str,
        values: &BTreeMap<String, String>,
        model: &ModelRef,
    ) -> Result<()> {
        let target = Target::Resource(model.integration.clone(), model.model.clone());
        self.look(caller, Access::Read, &target, |look| {
            usable(look, model)?;
            template::render(text, values).map_err(|names| missing(&names))?;
            Err(Error::Unsupported(
                "everything is in order; calls to models come with the gateway",
            ))
        })
        .await
    }
}

impl Change<'_> {
    /// Writes one version, which the caller may do.
    fn store_prompt(
        &mut self,
        name: &PromptName,
        version: Version,
        draft: PromptDraft,
        keep: bool,
    ) -> Result<()> {
        draft.check()?;
        let latest = prompts::latest(self.tx, name.as_str())?;
        let version = match version {
            Version::Exactly(version) => version,
            Version::Next => latest.map_or(Ok(1), |latest| {
                let next = latest.checked_add(1);
                next.ok_or_else(|| Error::invalid("version", "has reached its end"))
            })?,
            Version::Latest => latest.unwrap_or(1),
        };
        if version < 1 {
            return Err(Error::invalid("version", "must be 1 or more"));
        }
        let existing = prompts::find(self.tx, name, version)?;
        self.may_change_labelled(name, version)?;
        let known = existing.as_ref().map(|prompt| prompt.models.clone()).unwrap_or_default();
        for model in draft.models.iter().filter(|model| !known.contains(model)) {
            self.may_refer_to(model)?;
        }
        if latest.is_none() {
            self.own(&prompt(name))?;
        }
        self.note("version", version);
        let before = existing.as_ref().map(|prompt| &prompt.stamps).filter(|_| keep);
        let stamps: Stamps = self.stamps(before);
        let PromptDraft { description, template, models, settings } = draft;
        let name = name.clone();
        let prompt = Prompt { name, version, description, template, models, settings, stamps };
        prompts::upsert(self.tx, &prompt)
    }

    /// Refuses a model of an integration that is not there, or that the caller cannot see.
    fn may_refer_to(&mut self, model: &ModelRef) -> Result<()> {
        if !integrations::exists(self.tx, &model.integration)? {
            let name = model.integration.to_string();
            return Err(Error::NotFound { kind: "integration", name });
        }
        let target = Target::Resource(model.integration.clone(), model.model.clone());
        require(self.tx, &self.who, Access::Read, &target)
    }
}

/// Refuses a model that cannot be asked now.
fn usable(look: &mut Look<'_>, model: &ModelRef) -> Result<()> {
    let integration = integrations::find(look.tx, &model.integration)?;
    let resource = resources::find(look.tx, &model.integration, &model.model)?;
    if !integration.is_some_and(|integration| integration.enabled) {
        return Err(Error::Conflict("the integration is disabled".into()));
    }
    if !resource.is_some_and(|resource| resource.enabled) {
        return Err(Error::Conflict("the model is disabled".into()));
    }
    Ok(())
}

/// A version of a prompt, with the tags of the prompt.
fn view(tx: &mut dyn Tx, name: &PromptName, which: &Which) -> Result<PromptView> {
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

fn no_version(name: &PromptName, version: i64) -> Error {
    Error::NotFound { kind: "version of prompt", name: format!("{name}:{version}") }
}

/// Names the variables without a value.
fn missing(names: &[String]) -> Error {
    let problem = |name: &String| crate::domain::Problem {
        field: format!("variables.{name}"),
        reason: "is missing".to_owned(),
    };
    Error::Invalid(names.iter().map(problem).collect())
}
