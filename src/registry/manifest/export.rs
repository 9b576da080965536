//! A manifest of what is there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::permit::Sight;
use super::super::prompts::prompt;
use super::tags::is_mark;
use super::{forms, tags::mark};
use crate::domain::access::{Access, Kind, Object, Subject, SubjectKind, Target, UserId};
use crate::domain::configuration::{Configuration, mask};
use crate::domain::integration::Category;
use crate::domain::manifest::{
    ApplicationEntry, GrantEntry, KEEP, Manifest, ReferenceEntry, ResourceEntry, TagEntry,
    Variables, is_asked_for, literal,
};
use crate::domain::name::IntegrationName;
use crate::domain::prompt::PromptName;
use crate::domain::tag::Tag;
use crate::domain::{Error, Result};
use crate::registry::{Caller, Look, Registry};
use crate::storage::{
    Tx, applications, custom_roles, grants, groups, integrations, prompts, resources, tags, users,
};

/// What of the registry is written.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only what has one of these names; one that ends in `*` fits all that begin so.
    pub names: Vec<String>,
    /// Only what carries each of these tags, as in `team:core`.
    pub tags: Vec<String>,
    /// Only integrations of one of these categories.
    pub categories: Vec<Category>,
    /// Only what belongs to this manifest.
    pub owner: Option<String>,
    /// Whether secrets are written as `${env:NAME}`, by names of theirs, and not as `keep`.
    pub named_secrets: bool,
}

impl Registry {
    /// What the caller can see of what is selected, in the order of names. Grants are written only
    /// where everything is, and not those that the creator of a thing got.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] where two applications share a name.
    pub async fn manifest(&self, caller: &Caller, selection: Selection) -> Result<Manifest> {
        self.list(caller, move |look, sight| {
            Writer { look, sight, selection: &selection, variables: Variables::default() }
                .manifest()
        })
        .await
    }
}

/// A manifest that is being written.
struct Writer<'a, 'l, 't> {
    look: &'a mut Look<'t>,
    sight: &'l Sight,
    selection: &'l Selection,
    /// The names that secrets have been given.
    variables: Variables,
}

impl Writer<'_, '_, '_> {
    fn manifest(mut self) -> Result<Manifest> {
        let mut manifest = Manifest { owner: self.selection.owner.clone(), ..Manifest::default() };
        self.integrations(&mut manifest)?;
        self.prompts(&mut manifest)?;
        if self.selection.categories.is_empty() {
            self.people(&mut manifest)?;
            self.applications(&mut manifest)?;
        }
        if self.selection.is_everything() {
            self.grants(&mut manifest)?;
        }
        Ok(manifest)
    }

    fn integrations(&mut self, manifest: &mut Manifest) -> Result<()> {
        for found in integrations::list(self.look.tx, "", i64::MAX)? {
            let name = found.name.clone();
            let categories = &self.selection.categories;
            if (categories.is_empty() || categories.contains(&found.category))
                && let Some(tags) =
                    self.tags_of(&Target::Integration(name.clone()), name.as_str())?
            {
                let mut entry = forms::integration_of(self.look.tx, found)?;
                self.write(&mut entry.configuration, &[name.as_str()]);
                (entry.tags, entry.resources) = (told(tags), self.resources(&name)?);
                manifest.integrations.push(entry);
            }
        }
        Ok(())
    }

    /// All resources of an integration, but for those of other owners where one is asked for.
    fn resources(&mut self, integration: &IntegrationName) -> Result<Vec<ResourceEntry>> {
        let (first, end) = integration.resource_ids();
        let mut tagged = tags::by_target(self.look.tx, Kind::Resource, &first, &end)?;
        let mut entries = vec![];
        for resource in resources::list(self.look.tx, integration)? {
            let id = format!("{integration}:{}", resource.name);
            let tags = tagged.remove(&id).unwrap_or_default();
            if self.selection.owns(&tags) {
                let mut entry = forms::resource_of(resource)?;
                let name = entry.name.clone();
                self.write(&mut entry.configuration, &[integration.as_str(), &name]);
                entry.tags = told(tags);
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    fn prompts(&mut self, manifest: &mut Manifest) -> Result<()> {
        if !self.selection.categories.is_empty() {
            return Ok(());
        }
        for found in prompts::list(self.look.tx, "", i64::MAX)? {
            if let Some(tags) = self.tags_of(&prompt(&found.name), found.name.as_str())?
                && let Some(mut entry) = forms::prompt(self.look.tx, &found.name)?
            {
                entry.tags = told(tags);
                manifest.prompts.push(entry);
            }
        }
        Ok(())
    }

    /// Roles, users and groups.
    fn people(&mut self, manifest: &mut Manifest) -> Result<()> {
        for role in custom_roles::list(self.look.tx)? {
            if self.tags_of(&Target::Role(role.name.clone()), &role.name)?.is_some() {
                manifest.roles.extend(forms::role(self.look.tx, &role.name)?);
            }
        }
        for user in users::list(self.look.tx, "", i64::MAX)? {
            if self.tags_of(&Target::User(user.id.clone()), user.id.as_str())?.is_some() {
                manifest.users.extend(forms::user(self.look.tx, &user.id)?);
            }
        }
        for group in groups::list(self.look.tx, "", i64::MAX)? {
            if self.tags_of(&Target::Group(group.id.clone()), &group.id)?.is_some() {
                manifest.groups.extend(forms::group(self.look.tx, &group.id)?);
            }
        }
        Ok(())
    }

    fn applications(&mut self, manifest: &mut Manifest) -> Result<()> {
        let mut found: BTreeMap<String, ApplicationEntry> = BTreeMap::new();
        for application in applications::list(self.look.tx, "", i64::MAX)? {
            let target = Target::Application(application.id.clone());
            if let Some(tags) = self.tags_of(&target, &application.name)?
                && let Some(mut entry) = forms::application(self.look.tx, &application.id)?
            {
                entry.tags = told(tags);
                let name = entry.name.clone();
                if found.insert(name.clone(), entry).is_some() {
                    return Err(Error::Conflict(
                        format!(
                            "two applications are called `{name}`, and a manifest knows them by \
                             their names: rename one"
                        )
                        .into(),
                    ));
                }
            }
        }
        manifest.applications = found.into_values().collect();
        Ok(())
    }

    fn grants(&mut self, manifest: &mut Manifest) -> Result<()> {
        let mut held: BTreeMap<_, (Subject, Object, BTreeSet<Access>)> = BTreeMap::new();
        for grant in grants::all(self.look.tx)? {
            let target = Target::of(grant.object.kind, &grant.object.id)?;
            if !super::super::permit::has(self.look.tx, &self.look.who, Access::Read, &target)? {
                continue;
            }
            let subject = told_subject(self.look.tx, &grant.subject)?;
            let target = told_target(self.look.tx, &grant.object)?;
            let place = held.entry((subject, target));
            let entry = place.or_insert((grant.subject, grant.object, BTreeSet::new()));
            entry.2.insert(grant.access);
        }
        for ((subject, target), (who, object, accesses)) in held {
            if is_creators(self.look.tx, &who, &object, &accesses)? {
                continue;
            }
            let access = accesses.iter().map(|access| access.as_str().to_owned()).collect();
            manifest.grants.push(GrantEntry { subject, target, access });
        }
        Ok(())
    }

    /// The tags of a thing of this name, if it can be seen and is selected.
    fn tags_of(&mut self, target: &Target, name: &str) -> Result<Option<Vec<Tag>>> {
        if !self.sight.thing(target.kind(), &target.id()) {
            return Ok(None);
        }
        let tags = tags::list(self.look.tx, target)?;
        Ok(self.selection.admits(name, &tags).then_some(tags))
    }

    /// Makes a configuration that is shown one that is written. `path` leads to it, for the names of
    /// secrets.
    fn write(&mut self, configuration: &mut Configuration, path: &[&str]) {
        for (key, value) in configuration.iter_mut() {
            let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
            self.write_value(value, &path);
        }
    }

    fn write_value(&mut self, value: &mut Value, path: &[&str]) {
        match value {
            Value::Object(map) => self.write(map, path),
            Value::Array(items) => items.iter_mut().for_each(|item| self.write_value(item, path)),
            Value::String(text) if mask::is_whole(text) => {
                *text = if self.selection.named_secrets {
                    self.variables.reference(path)
                } else {
                    KEEP.to_owned()
                };
            }
            Value::String(text) => *text = literal(text),
            _ => {}
        }
    }
}

impl Selection {
    /// Whether nothing is left out.
    fn is_everything(&self) -> bool {
        self.names.is_empty()
            && self.tags.is_empty()
            && self.categories.is_empty()
            && self.owner.is_none()
    }

    /// Whether a thing of this name and with these tags is selected.
    fn admits(&self, name: &str, tags: &[Tag]) -> bool {
        is_asked_for(&self.names, name)
            && self.tags.iter().all(|wanted| tags.iter().any(|tag| tag.id() == *wanted))
            && self.owns(tags)
    }

    /// Whether a thing with these tags belongs to the manifest that is asked for, if one is.
    fn owns(&self, tags: &[Tag]) -> bool {
        self.owner.as_ref().is_none_or(|owner| tags.contains(&mark(owner)))
    }
}

/// Tags as a manifest tells them: without the mark of the owner.
fn told(tags: Vec<Tag>) -> Vec<TagEntry> {
    tags.into_iter().filter(|tag| !is_mark(tag)).map(TagEntry::from).collect()
}

/// A subject as a manifest tells it.
pub(super) fn told_subject(tx: &mut dyn Tx, subject: &Subject) -> Result<ReferenceEntry> {
    let told = |kind: &str, id: &str| ReferenceEntry { kind: kind.to_owned(), id: id.to_owned() };
    if subject.kind == SubjectKind::User
        && let Some(id) = UserId::parse("id", &subject.id)?.application()
        && let Some(found) = applications::find(tx, id)?
    {
        return Ok(told(Kind::Application.as_str(), &found.name));
    }
    Ok(told(subject.kind.as_str(), &subject.id))
}

/// What an access is on, as a manifest tells it.
pub(super) fn told_target(tx: &mut dyn Tx, object: &Object) -> Result<ReferenceEntry> {
    let id = match object.kind {
        Kind::Application => {
            applications::find(tx, &object.id)?.map_or_else(|| object.id.clone(), |one| one.name)
        }
        _ => object.id.clone(),
    };
    Ok(ReferenceEntry { kind: object.kind.as_str().to_owned(), id })
}

/// Whether these accesses are those that the creator of a thing got with it.
pub(super) fn is_creators(
    tx: &mut dyn Tx,
    subject: &Subject,
    object: &Object,
    accesses: &BTreeSet<Access>,
) -> Result<bool> {
    if *accesses != BTreeSet::from(Access::OWNER) || subject.kind != SubjectKind::User {
        return Ok(false);
    }
    let stamps = match Target::of(object.kind, &object.id)? {
        Target::Integration(name) => integrations::find(tx, &name)?.map(|one| one.stamps),
        Target::Application(id) => applications::find(tx, &id)?.map(|one| one.stamps),
        Target::Group(id) => groups::find(tx, &id)?.map(|one| one.stamps),
        Target::User(id) => users::find(tx, &id)?.map(|one| one.stamps),
        Target::Other(Object { kind: Kind::Prompt, id }) => {
            let name = PromptName::parse("name", id)?;
            let versions = prompts::versions(tx, &name)?;
            versions.into_iter().map(|one| one.stamps).find(|one| one.created_by == subject.id)
        }
        _ => None,
    };
    Ok(stamps.is_some_and(|stamps| stamps.created_by == subject.id))
}
