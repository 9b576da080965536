//! Tags of integrations, resources and applications.

use std::collections::BTreeSet;

use super::{Caller, Registry};
use crate::domain::Result;
use crate::domain::access::{Access, Need, Target};
use crate::domain::tag::{Tag, check_all};
use crate::storage::tags;

impl Registry {
    /// The tags of one thing. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::NotFound`], [`crate::domain::Error::Forbidden`].
    pub async fn tags(&self, caller: &Caller, target: &Target) -> Result<Vec<Tag>> {
        self.look(caller, Access::Read, target, |look| tags::list(look.tx, target)).await
    }

    /// Adds tags to one thing. Needs UPDATE on it, and what the tags give to others.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::NotFound`], [`crate::domain::Error::Forbidden`],
    /// [`crate::domain::Error::Invalid`].
    pub async fn add_tags(&self, caller: &Caller, target: Target, added: Vec<Tag>) -> Result<()> {
        check_all(&added)?;
        self.change(caller, Need::Access(Access::Update), target.clone(), move |change| {
            for tag in &added {
                change.may_tag(tag, &target)?;
                tags::upsert(change.tx, &target, tag)?;
            }
            Ok(())
        })
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
        self.change(caller, Need::Access(Access::Update), target.clone(), move |change| {
            removed
                .iter()
                .try_for_each(|tag| tags::delete(change.tx, &target, &tag.key, &tag.value))
        })
        .await
    }

    /// Every key and value that is a tag of something the caller can see.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn all_tags(&self, caller: &Caller) -> Result<BTreeSet<(String, String)>> {
        self.list(caller, |look, sight| {
            let found = tags::all(look.tx)?.into_iter();
            let seen = found.filter(|(object, _)| sight.thing(object.kind, &object.id));
            Ok(seen.map(|(_, tag)| (tag.key, tag.value)).collect())
        })
        .await
    }
}
