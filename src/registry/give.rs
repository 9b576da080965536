//! Nobody gives what they do not hold.

use super::Change;
use super::permit::{self, find_role};
use crate::domain::access::{Access, Grant, Role, Subject, SystemRole, Target, UserId};
use crate::domain::tag::Tag;
use crate::domain::{Error, Result};
use crate::storage::{grants, groups, subject_roles};

impl Change<'_> {
    /// The role `name`, if the caller holds all that it gives; `target` is whom they give it to.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::NotHeld`].
    pub(super) fn role_to_give(&mut self, name: &str, target: &Target) -> Result<Role> {
        let role = find_role(self.tx, name)?
            .ok_or_else(|| Error::NotFound { kind: "role", name: name.to_owned() })?;
        let held = self.who.holds_role(&role) && self.holds_grants(&Subject::role(name))?;
        refuse_unless(held, format!("the role `{name}`"), target)?;
        Ok(role)
    }

    /// Refuses to make a caller the member of a group that gives more than they hold, or to let
    /// them act as a user who holds more.
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`].
    pub(super) fn may_pass_on(&mut self, subject: &Subject, target: &Target) -> Result<()> {
        if self.who.is_admin() {
            return Ok(());
        }
        for name in subject_roles::of(self.tx, subject)? {
            self.role_to_give(&name, target)?;
        }
        let held = self.holds_grants(subject)?;
        refuse_unless(held, format!("all that `{}` has", subject.id), target)
    }

    /// As [`Change::may_pass_on`], for a user with all their groups.
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`].
    pub(super) fn may_act_as(&mut self, user: &UserId, target: &Target) -> Result<()> {
        self.may_pass_on(&Subject::user(user), target)?;
        for group in groups::ids_of(self.tx, user)? {
            self.may_pass_on(&Subject::group(&group), target)?;
        }
        Ok(())
    }

    /// Refuses a tag on `target` that carries accesses which the caller could not grant on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotHeld`].
    pub(super) fn may_tag(&mut self, tag: &Tag, target: &Target) -> Result<()> {
        for grant in grants::on(self.tx, &Target::tag(tag).object())? {
            let held = permit::has(self.tx, &self.who, grant.access, target)?;
            let what = format!("{} access, which the tag `{}` gives", grant.access, tag.id());
            refuse_unless(held, what, target)?;
        }
        Ok(())
    }

    /// Runs `work`, and refuses it if nobody could administer the registry any more after it.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`], and what `work` gives.
    pub(super) fn keeping_an_administrator<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let admin = SystemRole::Admin.as_str();
        let before = subject_roles::has_key_holder(self.tx, admin, self.now)?;
        let done = work(self)?;
        if before && !subject_roles::has_key_holder(self.tx, admin, self.now)? {
            return Err(Error::Conflict(
                "the last administrator with an access key cannot be deleted, paused or demoted"
                    .into(),
            ));
        }
        Ok(done)
    }

    /// Gives `subject` full access to what it just made.
    pub(super) fn own(&mut self, target: &Target) -> Result<()> {
        if self.who.user == UserId::local() {
            return Ok(());
        }
        let subject = Subject::user(&self.who.user);
        for access in Access::OWNER {
            let (subject, object) = (subject.clone(), target.object());
            grants::insert(self.tx, &Grant { subject, object, access })?;
        }
        Ok(())
    }

    /// Whether the caller has every access that `subject` was granted.
    fn holds_grants(&mut self, subject: &Subject) -> Result<bool> {
        if self.who.is_admin() {
            return Ok(true);
        }
        for grant in grants::of(self.tx, subject)? {
            let target = Target::of(grant.object.kind, &grant.object.id)?;
            if !permit::has(self.tx, &self.who, grant.access, &target)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Refuses what is not held.
pub(super) fn refuse_unless(held: bool, what: String, target: &Target) -> Result<()> {
    if held { Ok(()) } else { Err(Error::NotHeld { what, target: target.clone() }) }
}
