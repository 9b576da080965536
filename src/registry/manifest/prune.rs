//! What belongs to a manifest and is not named by it any more.

use std::collections::{BTreeMap, BTreeSet};

use super::super::prompts::prompt;
use super::super::users::granted_itself;
use super::Apply;
use super::export::{is_creators, told_subject, told_target};
use crate::domain::access::{Access, Kind, Need, Object, Subject, SubjectKind, Target, UserId};
use crate::domain::manifest::{Action, Difference, MANAGED_BY};
use crate::domain::name::IntegrationName;
use crate::domain::prompt::PromptName;
use crate::domain::{Error, Result};
use crate::storage::{applications, resources, tags};

/// The kinds that can be pruned, with their words, in the order in which they are: parts before what
/// they are parts of, and what is given a role before the role.
const PRUNED: [(Kind, &str); 7] = [
    (Kind::Prompt, "prompt"),
    (Kind::Resource, "resource"),
    (Kind::Integration, "integration"),
    (Kind::Group, "group"),
    (Kind::Application, "application"),
    (Kind::User, "user"),
    (Kind::Role, "role"),
];

impl Apply<'_, '_> {
    /// Deletes what carries the mark of the owner and is not named, and takes the grants that are not
    /// named from whom carries it.
    pub(super) fn prune(&mut self) -> Result<()> {
        let Some(owner) = self.owner.clone() else { return Ok(()) };
        self.prune_grants()?;
        let mut found = tags::objects_with(self.change.tx, MANAGED_BY, &owner)?;
        found.retain(|object| !self.named.contains(object));
        for (kind, word) in PRUNED {
            for object in found.iter().filter(|object| object.kind == kind) {
                let target = Target::of(kind, &object.id)?;
                self.item("prune", |apply| apply.prune_one(word, target))?;
            }
        }
        Ok(())
    }

    fn prune_one(&mut self, kind: &str, target: Target) -> Result<()> {
        let name = match &target {
            Target::Application(id) => {
                applications::find(self.change.tx, id)?.map_or_else(|| id.clone(), |one| one.name)
            }
            target => target.id(),
        };
        let need = Need::Access(Access::Delete);
        match &target {
            Target::Integration(name) => {
                self.refuse_others(name)?;
                self.change.one("integration.delete", need, &target, |change| {
                    change.remove_integration(name, &target)
                })?;
            }
            Target::Resource(integration, name) => {
                self.change.one("resource.delete", need, &target, |change| {
                    change.remove_resource(integration, name, &target)
                })?;
            }
            Target::Group(id) => {
                self.change.one("group.delete", need, &target, |change| {
                    change.remove_group(id, &target)
                })?;
            }
            Target::Application(id) => {
                self.change.one("application.delete", need, &target, |change| {
                    change.remove_application(id)
                })?;
            }
            Target::User(id) => {
                self.change.one("user.delete", need, &target, |change| change.remove_user(id))?;
            }
            Target::Role(name) => {
                self.change.one("role.delete", need, &target, |change| {
                    change.remove_role(name, &target)
                })?;
            }
            Target::Other(Object { id, .. }) => {
                let name = PromptName::parse("name", id.clone())?;
                self.change.one("prompt.delete", need, &prompt(&name), |change| {
                    change.remove_prompt(&name)
                })?;
            }
            Target::Every(_) => return Err(Error::internal("a kind cannot be pruned")),
        }
        let (kind, fields) = (kind.to_owned(), vec![]);
        self.changes.push(Difference { action: Action::Delete, kind, name, fields });
        Ok(())
    }

    /// Refuses to delete an integration with resources that do not belong to the manifest, which would
    /// go with it. Those that do are gone.
    fn refuse_others(&mut self, name: &IntegrationName) -> Result<()> {
        let rest = resources::list(self.change.tx, name)?;
        if rest.is_empty() || self.adopt {
            return Ok(());
        }
        let rest: Vec<_> = rest.iter().map(|one| format!("`{}`", one.name)).collect();
        let rest = rest.join(", ");
        Err(Error::Conflict(
            format!(
                "the integration `{name}` cannot be pruned: its resources {rest} do not belong to \
                 this manifest; say `adopt` to delete them with it"
            )
            .into(),
        ))
    }

    /// Takes from applications, users, groups and roles that the manifest names, which belong to it by
    /// now, what they were granted and it does not name. What the creator of a thing got stays.
    fn prune_grants(&mut self) -> Result<()> {
        let subjects: BTreeMap<_, _> = self.named.iter().filter_map(subject).collect();
        for subject in subjects.into_values() {
            for held in granted_itself(self.change.tx, &subject)? {
                let (object, before) = (held.object, held.access.into_iter().collect());
                if self.granted.contains(&(subject.clone(), object.clone()))
                    || is_creators(self.change.tx, &subject, &object, &before)?
                {
                    continue;
                }
                let target = Target::of(object.kind, &object.id)?;
                self.item("prune", |apply| {
                    let after = BTreeSet::new();
                    apply.write_grants(&subject, &target, (&before, &after))?;
                    let whom = told_subject(apply.change.tx, &subject)?;
                    let what = told_target(apply.change.tx, &object)?;
                    apply.note_grants(&whom, &what, &before, &after);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

/// The subject that a thing is, if it is one, with what it is sorted by.
fn subject(object: &Object) -> Option<((&'static str, String), Subject)> {
    let (kind, id) = match object.kind {
        Kind::User => (SubjectKind::User, object.id.clone()),
        Kind::Application => {
            (SubjectKind::User, UserId::of_application(&object.id).as_str().to_owned())
        }
        Kind::Group => (SubjectKind::Group, object.id.clone()),
        Kind::Role => (SubjectKind::Role, object.id.clone()),
        _ => return None,
    };
    Some(((kind.as_str(), id.clone()), Subject { kind, id }))
}
