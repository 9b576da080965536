//! Groups of users.

use serde_json::{Map, Value};

use super::pages::part;
use super::permit::roles_named;
use super::users::{GroupView, UserView};
use super::{Caller, Change, Reading, Registry};
use crate::domain::access::{Access, Kind, Need, Subject, Target, UserId};
use crate::domain::page::{Page, Part};
use crate::domain::user::{DefaultAccess, Group, GroupDraft, check_combination};
use crate::domain::{Error, Result, name};
use crate::storage::{Tx, grants, groups, subject_roles};

impl Registry {
    /// The group `id`. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn group(&self, caller: &Caller, id: String) -> Result<GroupView> {
        let target = Target::Group(id.clone());
        self.look(caller, Access::Read, target, move |look| view(look.tx, &id)).await
    }

    /// The part of the groups that the caller can see, by id.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn groups(&self, caller: &Caller, wanted: Part) -> Result<Page<GroupView, String>> {
        self.list(caller, move |look, sight| {
            let found = part(
                &wanted,
                |after, most| groups::list(look.tx, after, most),
                |group| &group.id,
                |group| sight.thing(Kind::Group, &group.id),
            )?;
            found.try_map(|group| view(look.tx, &group.id))
        })
        .await
    }

    /// Creates the group `id` or replaces all of it but its members. Needs UPDATE on it, or the
    /// right to create groups, and to hold all that is given.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a role, [`Error::Invalid`], [`Error::Forbidden`],
    /// [`Error::NotHeld`].
    pub async fn save_group(
        &self,
        caller: &Caller,
        id: String,
        draft: GroupDraft,
    ) -> Result<GroupView> {
        let target = Target::Group(id.clone());
        self.change(caller, "group.save", Need::Save, target.clone(), move |change| {
            change.store_group(&id, draft, &target)?;
            view(change.tx, &id)
        })
        .await
    }

    /// Deletes a group with its memberships, roles and grants. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_group(&self, caller: &Caller, id: String) -> Result<()> {
        let target = Target::Group(id.clone());
        self.change(
            caller,
            "group.delete",
            Need::Access(Access::Delete),
            target.clone(),
            move |change| change.remove_group(&id, &target),
        )
        .await
    }

    /// The users in a group, by id. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn group_members(&self, caller: &Caller, id: String) -> Result<Vec<UserView>> {
        let target = Target::Group(id.clone());
        self.look(caller, Access::Read, target, move |look| members(look.tx, &id)).await
    }

    /// Puts users into a group: all of them, or none. Needs UPDATE on it, and to hold all that it
    /// gives.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] also for a user, [`Error::Forbidden`], [`Error::NotHeld`],
    /// [`Error::Invalid`] when a user may be in no group.
    pub async fn add_members(&self, caller: &Caller, id: String, added: Vec<UserId>) -> Result<()> {
        let target = Target::Group(id.clone());
        self.change(
            caller,
            "group.add-member",
            Need::Access(Access::Update),
            Reading::Members(id.clone()),
            move |change| change.put_into_group(&id, &added, &target),
        )
        .await
    }

    /// Takes users out of a group. Needs UPDATE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn remove_members(
        &self,
        caller: &Caller,
        id: String,
        removed: Vec<UserId>,
    ) -> Result<()> {
        self.change(
            caller,
            "group.remove-member",
            Need::Access(Access::Update),
            Reading::Members(id.clone()),
            move |change| change.take_out_of_group(&id, &removed),
        )
        .await
    }
}

impl Change<'_> {
    /// Writes one group, which the caller may do.
    pub(super) fn store_group(
        &mut self,
        id: &str,
        draft: GroupDraft,
        target: &Target,
    ) -> Result<()> {
        name::check("id", id)?;
        let default_access = checked(draft.default_access)?;
        let existing = groups::find(self.tx, id)?;
        if existing.is_none() {
            self.own(target)?;
        }
        let before = existing.as_ref().map(|group| group.default_access.clone());
        if before.unwrap_or_default() != default_access {
            for (kind, words) in &default_access {
                let kind = Kind::parse("defaultAccess", kind)?;
                for word in words {
                    let access = Access::parse("defaultAccess", word)?;
                    let held = self.who.may(access, kind);
                    super::give::refuse_unless(held, format!("{access} access"), target)?;
                }
            }
        }
        self.note("roles", draft.roles.clone());
        if !default_access.is_empty() {
            let each = default_access.iter();
            let each = each.map(|(kind, words)| (kind.clone(), Value::from(words.clone())));
            self.note("defaultAccess", each.collect::<Map<_, _>>());
        }
        self.keeping_an_administrator(|change| {
            change.set_roles(&Subject::group(id), &draft.roles, target)
        })?;
        let roles = roles_named(self.tx, &draft.roles)?;
        check_combination(&roles, default_access.len(), true)?;
        for member in groups::members(self.tx, id)? {
            self.check_roles_of(&member)?;
        }
        let stamps = self.stamps(existing.as_ref().map(|group| &group.stamps));
        let description = draft.description;
        let group = Group { id: id.to_owned(), description, default_access, stamps };
        groups::upsert(self.tx, &group)
    }

    /// Removes a group, which the caller may do, with all that hangs on it.
    pub(super) fn remove_group(&mut self, id: &str, target: &Target) -> Result<()> {
        let subject = Subject::group(id);
        self.keeping_an_administrator(|change| {
            subject_roles::delete_of(change.tx, &subject)?;
            grants::delete_of(change.tx, &subject)?;
            change.forget(target)?;
            groups::delete(change.tx, id)
        })
    }

    /// Puts users into a group that the caller may change.
    pub(super) fn put_into_group(
        &mut self,
        id: &str,
        added: &[UserId],
        target: &Target,
    ) -> Result<()> {
        self.may_pass_on(&Subject::group(id), target)?;
        self.note("users", added.iter().map(UserId::as_str).collect::<Vec<_>>());
        for user in added {
            super::users::view(self.tx, user)?;
            groups::add_member(self.tx, id, user)?;
            self.check_roles_of(user)?;
        }
        Ok(())
    }

    /// Takes users out of a group that the caller may change.
    pub(super) fn take_out_of_group(&mut self, id: &str, removed: &[UserId]) -> Result<()> {
        self.note("users", removed.iter().map(UserId::as_str).collect::<Vec<_>>());
        self.keeping_an_administrator(|change| {
            removed.iter().try_for_each(|user| groups::remove_member(change.tx, id, user))
        })
    }
}

/// The words of a default access, each checked and in the wire's own case.
pub(super) fn checked(wanted: DefaultAccess) -> Result<DefaultAccess> {
    let each = wanted.into_iter().map(|(kind, words)| {
        let kind = Kind::parse("defaultAccess", &kind)?;
        if !matches!(kind, Kind::Foreign(_)) {
            let reason = "must name things of the orchestrator, as in WORKFLOW_DEF";
            return Err(Error::invalid("defaultAccess", reason));
        }
        let words = words.iter().map(|word| {
            Access::parse("defaultAccess", word).map(|access| access.as_str().to_owned())
        });
        Ok((kind.as_str().to_owned(), words.collect::<Result<_>>()?))
    });
    each.collect()
}

/// The users in the group `id`.
pub(super) fn members(tx: &mut dyn Tx, id: &str) -> Result<Vec<UserView>> {
    let members = groups::members(tx, id)?;
    members.iter().map(|user| super::users::view(tx, user)).collect()
}

/// The group `id` with what it gives.
pub(super) fn view(tx: &mut dyn Tx, id: &str) -> Result<GroupView> {
    let group = groups::find(tx, id)?
        .ok_or_else(|| Error::NotFound { kind: "group", name: id.to_owned() })?;
    let roles = subject_roles::of(tx, &Subject::group(id))?;
    Ok(GroupView { group, roles: roles_named(tx, &roles)? })
}
