//! Tags of integrations, resources and applications.

use std::collections::HashSet;

use super::{Caller, Change, Reading, Registry};
use crate::domain::Result;
use crate::domain::access::{Access, Need, Object, Target};
use crate::domain::tag::{Tag, check_all};
use crate::storage::tags;

impl Registry {
    /// The tags of one thing. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::NotFound`], [`crate::domain::Error::Forbidden`].
    pub async fn tags(&self, caller: &Caller, target: Target) -> Result<Vec<Tag>> {
        self.look(caller, Access::Read, target.clone(), move |look| tags::list(look.tx, &target))
            .await
    }

    /// Adds tags to one thing. Needs UPDATE on it, and what the tags give to others.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::NotFound`], [`crate::domain::Error::Forbidden`],
    /// [`crate::domain::Error::Invalid`].
    pub async fn add_tags(&self, caller: &Caller, target: Target, added: Vec<Tag>) -> Result<()> {
        check_all(&added)?;
        self.change(
            caller,
            "tag.add",
            Need::Access(Access::Update),
            Reading::Tags(target.clone()),
            move |change| {
                change.note_tags("added", &added);
                change.add_tags(&target, &added)
            },
        )
        .await
    }

    /// Removes from one thing the tags with these keys and values. Needs UPDATE on it.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::NotFound`], [`crate::domain::Error::Forbidden`].
    pub async fn remove_tags(
        &self,
        caller: &Caller,
        target: Target,
        removed: Vec<Tag>,
    ) -> Result<()> {
        self.change(
            caller,
            "tag.remove",
            Need::Access(Access::Update),
            Reading::Tags(target.clone()),
            move |change| {
                change.note_tags("removed", &removed);
                removed
                    .iter()
                    .try_for_each(|tag| tags::delete(change.tx, &target, &tag.key, &tag.value))
            },
        )
        .await
    }

    /// Makes the tags of one thing these. Needs UPDATE on it, and what the tags give to others.
    ///
    /// # Errors
    ///
    /// As [`Registry::add_tags`].
    pub async fn set_tags(&self, caller: &Caller, target: Target, tags: Vec<Tag>) -> Result<()> {
        check_all(&tags)?;
        self.change(
            caller,
            "tag.set",
            Need::Access(Access::Update),
            Reading::Tags(target.clone()),
            move |change| change.store_tags(&target, &tags),
        )
        .await
    }

    /// Every tag of what the caller can see, with what carries it, by key and value.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn all_tags(&self, caller: &Caller) -> Result<Vec<(Object, Tag)>> {
        self.list(caller, move |look, sight| {
            let mut found = tags::all(look.tx)?;
            found.retain(|(object, _)| sight.thing(object.kind, &object.id));
            Ok(found)
        })
        .await
    }
}

impl Change<'_> {
    /// Adds tags to a thing that the caller may tag, unless they give what the caller cannot.
    pub(super) fn add_tags<'t>(
        &mut self,
        target: &Target,
        tags: impl IntoIterator<Item = &'t Tag>,
    ) -> Result<()> {
        for tag in tags {
            self.may_tag(tag, target)?;
            tags::upsert(self.tx, target, tag)?;
        }
        Ok(())
    }

    /// Makes the tags of a thing that the caller may tag these.
    pub(super) fn store_tags(&mut self, target: &Target, tags: &[Tag]) -> Result<()> {
        let before = tags::list(self.tx, target)?;
        let (old, new): (HashSet<&Tag>, HashSet<&Tag>) =
            (before.iter().collect(), tags.iter().collect());
        self.note_tags("tags", tags);
        for tag in before.iter().filter(|tag| !new.contains(tag)) {
            tags::delete(self.tx, target, &tag.key, &tag.value)?;
        }
        self.add_tags(target, tags.iter().filter(|tag| !old.contains(tag)))
    }

    /// Notes which tags were added, removed or set.
    pub(super) fn note_tags(&mut self, what: &str, tags: &[Tag]) {
        self.note(what, tags.iter().map(Tag::id).collect::<Vec<_>>());
    }
}
