//! Changes that are made only while a thing is as the client has read it.

use super::etags::Shows;
use super::{
    Change, Condition, Tools, applications, arize, grants, groups, integrations, permit, prompts,
    resources, usage, users, workflows,
};
use crate::domain::access::{Access, Kind, Subject, Target};
use crate::domain::name::IntegrationName;
use crate::domain::prompt::{PromptName, Which};
use crate::domain::{Error, Result};
use crate::storage::{Tx, access_keys, prompt_labels, tags};

/// What a client has read before it changes a thing: the whole of it, or one of its parts that
/// can be read alone.
pub(super) enum Reading {
    /// The thing itself.
    Whole(Target),
    /// An integration as Arize's dialect shows it.
    Arize(IntegrationName),
    /// A version of a prompt.
    Prompt(PromptName, Which),
    /// The labels of a prompt.
    Labels(PromptName),
    /// A version of a workflow definition, or the latest.
    Workflow(String, Option<i64>),
    /// The token limit of an integration.
    TokenLimit(IntegrationName),
    /// The tags of a thing.
    Tags(Target),
    /// The access keys of an application.
    AccessKeys(String),
    /// The members of a group.
    Members(String),
    /// The grants on a thing.
    GrantsOn(Target),
    /// What a subject was granted, of all kinds or of one.
    GrantsTo(Subject, Option<Kind>),
}

impl From<Target> for Reading {
    fn from(target: Target) -> Self {
        Self::Whole(target)
    }
}

impl Reading {
    /// What it is of: whoever has READ on that can read it, and a change of it is a change of that.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a subject whose id is none.
    pub fn target(&self) -> Result<Target> {
        Ok(match self {
            Self::Whole(target) | Self::Tags(target) | Self::GrantsOn(target) => target.clone(),
            Self::Arize(name) | Self::TokenLimit(name) => Target::Integration(name.clone()),
            Self::Prompt(name, _) | Self::Labels(name) => prompts::prompt(name),
            Self::Workflow(name, _) => workflows::workflow(name),
            Self::AccessKeys(id) => Target::Application(id.clone()),
            Self::Members(id) => Target::Group(id.clone()),
            Self::GrantsTo(subject, _) => grants::subject_target(subject)?,
        })
    }

    /// The entity tags that it has now, none where it is not there. The first is that of the read
    /// itself, a second one that of the other dialect.
    fn etags(&self, tx: &mut dyn Tx, tools: &Tools) -> Result<Vec<String>> {
        let etag = match self {
            Self::Whole(Target::Integration(name)) => {
                let own = etag(integrations::view(tx, name))?;
                return Ok(own.into_iter().chain(arize_etag(tx, tools, name)?).collect());
            }
            Self::Arize(name) => {
                let other = etag(integrations::view(tx, name))?;
                return Ok(arize_etag(tx, tools, name)?.into_iter().chain(other).collect());
            }
            Self::Whole(Target::Resource(integration, name)) => {
                etag(resources::view(tx, integration, name))
            }
            Self::Whole(Target::Application(id)) => etag(applications::found(tx, id)),
            Self::Whole(Target::User(id)) => etag(users::view(tx, id)),
            Self::Whole(Target::Group(id)) => etag(groups::view(tx, id)),
            Self::Whole(Target::Role(name)) => {
                permit::find_role(tx, name)?.map(|role| role.etag()).transpose()
            }
            Self::Whole(Target::Other(_) | Target::Every(_)) => {
                return Err(Error::internal("this has no entity tag"));
            }
            Self::Prompt(name, which) => etag(prompts::view(tx, name, which)),
            Self::Labels(name) => etag(prompt_labels::list(tx, name)),
            Self::Workflow(name, version) => etag(workflows::document(tx, name, *version)),
            Self::TokenLimit(name) => etag(usage::limit(tx, name)),
            Self::Tags(target) => etag(tags::list(tx, target)),
            Self::AccessKeys(id) => etag(access_keys::list(tx, id)),
            Self::Members(id) => etag(groups::members(tx, id)),
            Self::GrantsOn(target) => etag(crate::storage::grants::on(tx, &target.object())),
            Self::GrantsTo(subject, kind) => etag(grants::granted(tx, subject, *kind)),
        };
        Ok(etag?.into_iter().collect())
    }
}

impl Change<'_> {
    /// Refuses to change a thing that is not as the request says. Only the first thing of a change
    /// is looked at, which is the one that the request names.
    ///
    /// # Errors
    ///
    /// [`Error::Precondition`].
    pub(super) fn check_condition(&mut self, target: &Target) -> Result<()> {
        let Some(condition) = self.condition.take() else { return Ok(()) };
        let reading = self.reading.take().unwrap_or_else(|| target.clone().into());
        let etags = reading.etags(self.tx, self.tools)?;
        let reason = match condition {
            Condition::Absent if etags.is_empty() => return Ok(()),
            Condition::Absent => "`If-None-Match`: it is there already",
            Condition::Present if !etags.is_empty() => return Ok(()),
            Condition::Is(wanted) if wanted.iter().any(|etag| etags.contains(etag)) => {
                return Ok(());
            }
            _ if etags.is_empty() => "`If-Match`: it is not there",
            _ => "`If-Match`: it has changed",
        };
        let etag = match etags.into_iter().next() {
            Some(etag) if permit::has(self.tx, &self.who, Access::Read, &reading.target()?)? => {
                Some(etag)
            }
            _ => None,
        };
        Err(Error::Precondition { reason, etag })
    }
}

/// The entity tag of what was found, or nothing.
fn etag(found: Result<impl Shows>) -> Result<Option<String>> {
    match found {
        Ok(found) => found.etag().map(Some),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The entity tag of an integration in Arize's dialect, where that has words for its type.
fn arize_etag(tx: &mut dyn Tx, tools: &Tools, name: &IntegrationName) -> Result<Option<String>> {
    arize::view(tx, tools, name)?.map(|one| one.etag()).transpose()
}
