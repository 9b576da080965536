//! Labels of prompts: `production` points at the version in use. Podium's own.

use super::permit::require;
use super::prompts::{no_version, prompt};
use super::{Caller, Change, Reading, Registry};
use crate::domain::access::{Access, Kind, Need, Object, Target};
use crate::domain::prompt::{Label, PromptName};
use crate::domain::{Error, Result};
use crate::storage::prompt_labels::{self, LabelRow};
use crate::storage::prompts;

impl Registry {
    /// The labels of a prompt, by name. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn prompt_labels(&self, caller: &Caller, name: PromptName) -> Result<Vec<LabelRow>> {
        let target = prompt(&name);
        self.look(caller, Access::Read, target, move |look| prompt_labels::list(look.tx, &name))
            .await
    }

    /// Points a label at a version of a prompt. Needs UPDATE on the prompt, and for a protected
    /// label UPDATE on that too.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] also for the version, [`Error::Forbidden`].
    pub async fn move_prompt_label(
        &self,
        caller: &Caller,
        name: PromptName,
        label: Label,
        version: i64,
    ) -> Result<()> {
        let (of, need) = (Reading::Labels(name.clone()), Need::Access(Access::Update));
        self.change(caller, "prompt-label.move", need, of, move |change| {
            change.point_label(&name, &label, version)
        })
        .await
    }

    /// Removes a label. Needs what moving it needs.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] also for the label, [`Error::Forbidden`].
    pub async fn remove_prompt_label(
        &self,
        caller: &Caller,
        name: PromptName,
        label: Label,
    ) -> Result<()> {
        let (of, need) = (Reading::Labels(name.clone()), Need::Access(Access::Update));
        self.change(caller, "prompt-label.remove", need, of, move |change| {
            change.drop_label(&name, &label)
        })
        .await
    }
}

impl Change<'_> {
    /// Points a label at a version of a prompt that the caller may change.
    pub(super) fn point_label(
        &mut self,
        name: &PromptName,
        label: &Label,
        version: i64,
    ) -> Result<()> {
        self.may_move(label)?;
        self.note("label", label.as_str());
        let from = prompt_labels::find(self.tx, name, label)?;
        self.note("from", from);
        self.note("version", version);
        if prompts::find(self.tx, name, version)?.is_none() {
            return Err(no_version(name, version));
        }
        let row = LabelRow {
            label: label.as_str().to_owned(),
            version,
            updated_by: self.who.user.to_string(),
            updated_on: self.now,
        };
        prompt_labels::upsert(self.tx, name, &row)
    }

    /// Removes a label of a prompt that the caller may change.
    pub(super) fn drop_label(&mut self, name: &PromptName, label: &Label) -> Result<()> {
        self.may_move(label)?;
        self.note("label", label.as_str());
        if prompt_labels::delete(self.tx, name, label)? {
            return Ok(());
        }
        let name = format!("{name}@{}", label.as_str());
        Err(Error::NotFound { kind: "label of prompt", name })
    }

    /// Refuses to move a protected label for want of UPDATE on it.
    fn may_move(&mut self, label: &Label) -> Result<()> {
        if !self.tools.protected_labels.contains(label) {
            return Ok(());
        }
        let id = label.as_str().to_owned();
        let target = Target::Other(Object { kind: Kind::PromptLabel, id });
        require(self.tx, &self.who, Access::Update, &target)
    }

    /// Refuses to change a version, or all of them, for want of UPDATE on a protected label that
    /// points there: to change it is to move the label.
    pub(super) fn may_change_labelled(
        &mut self,
        name: &PromptName,
        version: Option<i64>,
    ) -> Result<()> {
        for row in prompt_labels::list(self.tx, name)? {
            if version.is_none_or(|version| version == row.version) {
                self.may_move(&Label::parse(row.label)?)?;
            }
        }
        Ok(())
    }
}
