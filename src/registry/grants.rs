//! Grants: given, taken away, and looked at.

use super::permit::{has, require};
use super::{Caller, Change, Reading, Registry, users};
use crate::domain::Result;
use crate::domain::access::{
    Access, Grant, GrantedAccess, Kind, Need, Subject, SubjectKind, Target,
};
use crate::storage::{Tx, grants};

/// What is done with each grant.
pub(super) type Write = fn(&mut dyn Tx, &Grant) -> Result<()>;

impl Registry {
    /// Grants `subject` each of `accesses` on `target`, which need not exist yet. Needs UPDATE on
    /// the target, and each access that is given.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Forbidden`], [`crate::domain::Error::NotHeld`].
    pub async fn grant(
        &self,
        caller: &Caller,
        subject: Subject,
        target: Target,
        accesses: Vec<Access>,
    ) -> Result<()> {
        self.change_grants(caller, ("grant.add", grants::insert), subject, target, accesses).await
    }

    /// Takes away from `subject` each of `accesses` on `target`. Needs UPDATE on the target, and
    /// each access that is taken away.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Forbidden`], [`crate::domain::Error::NotHeld`].
    pub async fn revoke(
        &self,
        caller: &Caller,
        subject: Subject,
        target: Target,
        accesses: Vec<Access>,
    ) -> Result<()> {
        self.change_grants(caller, ("grant.remove", grants::delete), subject, target, accesses)
            .await
    }

    /// Writes each of the grants with `write`, and records that as `action`.
    async fn change_grants(
        &self,
        caller: &Caller,
        (action, write): (&'static str, Write),
        subject: Subject,
        target: Target,
        accesses: Vec<Access>,
    ) -> Result<()> {
        let target = self.present_target(target).await?;
        self.change(
            caller,
            action,
            Need::Regardless(Access::Update),
            Reading::GrantsOn(target.clone()),
            move |change| change.write_grants(write, &subject, &target, &accesses),
        )
        .await
    }

    /// Every grant on `target`. Needs READ on it; it need not exist.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Forbidden`].
    pub async fn grants_on(&self, caller: &Caller, target: Target) -> Result<Vec<Grant>> {
        let target = self.present_target(target).await?;
        self.list(caller, move |look, _| {
            require(look.tx, &look.who, Access::Read, &target)?;
            grants::on(look.tx, &target.object())
        })
        .await
    }

    /// What `subject` was granted, of all kinds or of one. Needs READ on the user, group or role,
    /// or to be the user.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Forbidden`].
    pub async fn grants_of(
        &self,
        caller: &Caller,
        subject: Subject,
        kind: Option<Kind>,
    ) -> Result<Vec<GrantedAccess>> {
        let target = subject_target(&subject)?;
        self.list(caller, move |look, _| {
            require(look.tx, &look.who, Access::Read, &target)?;
            granted(look.tx, &subject, kind)
        })
        .await
    }

    /// Takes away what `subject` was granted, of all kinds or of one. Needs UPDATE on the user,
    /// group or role, and each access that is taken away.
    ///
    /// # Errors
    ///
    /// [`crate::domain::Error::Forbidden`].
    pub async fn revoke_all(
        &self,
        caller: &Caller,
        subject: Subject,
        kind: Option<Kind>,
    ) -> Result<()> {
        self.change(
            caller,
            "grant.remove-all",
            Need::Regardless(Access::Update),
            Reading::GrantsTo(subject.clone(), kind),
            move |change| {
                let mut taken = vec![];
                for grant in grants::of(change.tx, &subject)? {
                    if kind.is_none_or(|kind| kind == grant.object.kind) {
                        let on = Target::of(grant.object.kind, &grant.object.id)?;
                        let held = has(change.tx, &change.who, grant.access, &on)?;
                        super::give::refuse_unless(held, format!("{} access", grant.access), &on)?;
                        grants::delete(change.tx, &grant)?;
                        let kind = grant.object.kind.as_str();
                        taken.push(format!("{} {kind} {}", grant.access, grant.object.id));
                    }
                }
                change.note("taken", taken);
                Ok(())
            },
        )
        .await
    }
}

impl Change<'_> {
    /// Writes grants on a thing that the caller may change; they must have what they give or take.
    pub(super) fn write_grants(
        &mut self,
        write: Write,
        subject: &Subject,
        target: &Target,
        accesses: &[Access],
    ) -> Result<()> {
        self.note("subject", format!("{} {}", subject.kind.as_str(), subject.id));
        self.note("access", accesses.iter().map(|access| access.as_str()).collect::<Vec<_>>());
        for &access in accesses {
            let held = has(self.tx, &self.who, access, target)?;
            super::give::refuse_unless(held, format!("{access} access"), target)?;
            let (subject, object) = (subject.clone(), target.object());
            write(self.tx, &Grant { subject, object, access })?;
        }
        Ok(())
    }
}

/// What `subject` was granted, of all kinds or of one.
pub(super) fn granted(
    tx: &mut dyn Tx,
    subject: &Subject,
    kind: Option<Kind>,
) -> Result<Vec<GrantedAccess>> {
    let mut found = users::granted(tx, subject)?;
    found.retain(|one| kind.is_none_or(|kind| kind == one.object.kind));
    Ok(found)
}

/// The thing that a subject is.
pub(super) fn subject_target(subject: &Subject) -> Result<Target> {
    let kind = match subject.kind {
        SubjectKind::User => Kind::User,
        SubjectKind::Group => Kind::Group,
        SubjectKind::Role => Kind::Role,
    };
    Target::of(kind, &subject.id)
}
