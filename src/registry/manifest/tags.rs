//! Tags of what a manifest names, and the mark of its owner among them.

use serde_json::Value;

use super::Apply;
use crate::domain::access::{Access, Need, Target};
use crate::domain::manifest::{MANAGED_BY, TagEntry};
use crate::domain::tag::{Tag, check_all};
use crate::domain::{Error, Result};
use crate::storage::{Tx, tags};

impl Apply<'_, '_> {
    /// Which manifests a thing belongs to.
    pub(super) fn marks(&mut self, target: &Target) -> Result<Vec<String>> {
        let found = tags::list(self.change.tx, target)?;
        Ok(found.into_iter().filter(is_mark).map(|tag| tag.value).collect())
    }

    /// How a manifest tells a thing, with all its tags.
    pub(super) fn shape(
        &mut self,
        target: &Target,
        form: &dyn Fn(&mut dyn Tx) -> Result<Option<Value>>,
    ) -> Result<Option<Value>> {
        let Some(mut form) = form(self.change.tx)? else { return Ok(None) };
        let tags = tags::list(self.change.tx, target)?;
        if let (Value::Object(form), false) = (&mut form, tags.is_empty()) {
            let told = |tag: &Tag| match &tag.kind {
                Some(kind) => format!("{} ({kind})", tag.id()),
                None => tag.id(),
            };
            form.insert("tags".to_owned(), tags.iter().map(told).collect());
        }
        Ok(Some(form))
    }

    /// Makes the tags of a thing those that are wanted, or leaves them, and its mark that of the owner,
    /// if there is one. Says whether that changed anything.
    pub(super) fn store_tags(
        &mut self,
        target: &Target,
        wanted: Option<&[TagEntry]>,
    ) -> Result<bool> {
        let before = tags::list(self.change.tx, target)?;
        let (marks, others): (Vec<_>, Vec<_>) = before.iter().cloned().partition(is_mark);
        let mut after = match wanted {
            Some(wanted) => checked(wanted)?,
            None => others,
        };
        match &self.owner {
            Some(owner) => after.push(mark(owner)),
            None => after.extend(marks),
        }
        if after.len() == before.len() && after.iter().all(|tag| before.contains(tag)) {
            return Ok(false);
        }
        self.change.one("tag.set", Need::Access(Access::Update), target, |change| {
            change.store_tags(target, &after)
        })?;
        Ok(true)
    }
}

/// The mark of what belongs to the manifest of `owner`.
pub(super) fn mark(owner: &str) -> Tag {
    Tag { key: MANAGED_BY.to_owned(), value: owner.to_owned(), kind: None }
}

/// Whether a tag is such a mark.
pub(super) fn is_mark(tag: &Tag) -> bool {
    tag.key == MANAGED_BY
}

/// Tags as a manifest tells them, each once.
fn checked(wanted: &[TagEntry]) -> Result<Vec<Tag>> {
    let mut found: Vec<Tag> = Vec::with_capacity(wanted.len());
    for (index, tag) in wanted.iter().cloned().map(Tag::from).enumerate() {
        let problem = |reason: &str| Err(Error::invalid(format!("tags[{index}]"), reason));
        if is_mark(&tag) {
            return problem("must not be `managed-by`, which `owner` sets");
        }
        if found.iter().any(|other| (&other.key, &other.value) == (&tag.key, &tag.value)) {
            return problem("stands here twice");
        }
        found.push(tag);
    }
    check_all(&found).map_err(|error| error.within("tags"))?;
    Ok(found)
}
