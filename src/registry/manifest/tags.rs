//! Tags of what a manifest names, and the mark of its owner among them.

use std::collections::HashSet;

use serde_json::Value;

use super::Apply;
use crate::domain::access::{Access, Need, Target};
use crate::domain::manifest::{MANAGED_BY, TagEntry};
use crate::domain::tag::{Tag, check_all};
use crate::domain::{Error, Result};
use crate::storage::tags;

impl Apply<'_, '_> {
    /// Makes the tags of a thing, which are these `before`, those that are wanted, or leaves them, and
    /// its mark that of the owner, if there is one. Gives what they are now, where that changed anything.
    pub(super) fn store_tags(
        &mut self,
        target: &Target,
        before: &[Tag],
        wanted: Option<&[TagEntry]>,
    ) -> Result<Option<Vec<Tag>>> {
        let (marks, others): (Vec<_>, Vec<_>) = before.iter().cloned().partition(is_mark);
        let mut after = match wanted {
            Some(wanted) => checked(wanted)?,
            None => others,
        };
        match &self.owner {
            Some(owner) => after.push(mark(owner)),
            None => after.extend(marks),
        }
        let old: HashSet<&Tag> = before.iter().collect();
        if after.len() == before.len() && after.iter().all(|tag| old.contains(tag)) {
            return Ok(None);
        }
        self.change.one("tag.set", Need::Access(Access::Update), target, |change| {
            change.store_tags(target, &after)
        })?;
        tags::list(self.change.tx, target).map(Some)
    }
}

/// How a manifest tells a thing of this form, with all its tags.
pub(super) fn tagged(form: Option<Value>, tags: &[Tag]) -> Option<Value> {
    let mut form = form?;
    if let (Value::Object(form), false) = (&mut form, tags.is_empty()) {
        let told = |tag: &Tag| match &tag.kind {
            Some(kind) => format!("{} ({kind})", tag.id()),
            None => tag.id(),
        };
        form.insert("tags".to_owned(), tags.iter().map(told).collect());
    }
    Some(form)
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
    let mut seen = HashSet::new();
    for (index, tag) in wanted.iter().cloned().map(Tag::from).enumerate() {
        let problem = |reason: &str| Err(Error::invalid(format!("tags[{index}]"), reason));
        if is_mark(&tag) {
            return problem("must not be `managed-by`, which `owner` sets");
        }
        if !seen.insert((tag.key.clone(), tag.value.clone())) {
            return problem("stands here twice");
        }
        found.push(tag);
    }
    check_all(&found).map_err(|error| error.within("tags"))?;
    Ok(found)
}
