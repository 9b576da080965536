//! The models that prompts are for: attached, looked up, and asked; contract sections 5.3 and 6.

use std::collections::BTreeMap;

use super::permit::{has, require};
use super::prompts::{PromptView, prompt, view};
use super::{Caller, Change, Look, Reading, Registry};
use crate::domain::access::{Access, Need};
use crate::domain::prompt::{ModelRef, PromptName, Which, template};
use crate::domain::{Error, Result};
use crate::storage::{integrations, prompts, resources};

impl Registry {
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
        let need = Need::Access(Access::Update);
        let of = Reading::Prompt(name.clone(), Which::Latest);
        self.change(caller, "prompt.attach", need, of, move |change| {
            change.permit(Need::Access(Access::Read), &model.target())?;
            change.note("model", model.to_string());
            let mut prompt = view(change.tx, &name, &Which::Latest)?.prompt;
            change.note("version", prompt.version);
            change.may_change_labelled(&name, Some(prompt.version))?;
            prompt.models.insert(model);
            prompt.stamps = change.stamps(Some(&prompt.stamps));
            prompts::upsert(change.tx, &prompt)
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
        model: ModelRef,
    ) -> Result<Vec<PromptView>> {
        self.look(caller, Access::Read, model.target(), move |look| {
            let mut found = Vec::new();
            for name in prompts::names_with_model(look.tx, &model)? {
                let name = PromptName::parse("name", name)?;
                if has(look.tx, &look.who, Access::Read, &prompt(&name))? {
                    found.push(view(look.tx, &name, &Which::Latest)?);
                }
            }
            Ok(found)
        })
        .await
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
        text: String,
        values: BTreeMap<String, String>,
        model: ModelRef,
    ) -> Result<()> {
        self.look(caller, Access::Read, model.target(), move |look| {
            usable(look, &model)?;
            template::render(&text, &values)?;
            Err(Error::Unsupported("everything is in order; calls to models come with the gateway"))
        })
        .await
    }
}

impl Change<'_> {
    /// Refuses a model of an integration that is not there, or that the caller cannot see.
    pub(super) fn may_refer_to(&mut self, model: &ModelRef) -> Result<()> {
        if !integrations::exists(self.tx, &model.integration)? {
            let name = model.integration.to_string();
            return Err(Error::NotFound { kind: "integration", name });
        }
        require(self.tx, &self.who, Access::Read, &model.target())
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
