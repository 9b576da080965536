//! Users, the users that applications are among them.

use uuid::Uuid;

use super::pages::part;
use super::permit::{has, roles_of};
use super::{Caller, Change, Look, Registry, Repeatable};
use crate::domain::access::{
    Access, GrantedAccess, Kind, Need, Object, Principal, Role, Subject, Target, UserId,
};
use crate::domain::page::{Page, Part};
use crate::domain::user::{Group, User, UserDraft, check_combination};
use crate::domain::{Error, Result, name};
use crate::storage::{Tx, applications, grants, groups, idempotency, subject_roles, tags, users};

/// A user with what they have.
#[derive(Debug)]
pub struct UserView {
    /// The id.
    pub id: UserId,
    /// The name shown.
    pub name: String,
    /// An id that is never used again.
    pub uuid: String,
    /// The roles given to the user directly.
    pub roles: Vec<Role>,
    /// The groups that the user is in.
    pub groups: Vec<GroupView>,
}

/// A group with what it gives.
#[derive(Debug)]
pub struct GroupView {
    /// The group itself.
    pub group: Group,
    /// Its roles.
    pub roles: Vec<Role>,
}

/// Users and groups are saved by PUT, which may be sent again as it is.
impl Repeatable for UserView {}
impl Repeatable for GroupView {}

impl Registry {
    /// The caller as a user, with what they have now.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn user_info(&self, caller: &Caller) -> Result<UserView> {
        self.list(caller, move |look, _| view(look.tx, &look.who.user)).await
    }

    /// Lets whoever is signed in pass.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthenticated`] where the token is good and what it was made for is gone.
    pub async fn known(&self, caller: &Caller) -> Result<()> {
        self.list(caller, move |_, _| Ok(())).await
    }

    /// The user `id`. Needs READ on it, or to be it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn user(&self, caller: &Caller, id: UserId) -> Result<UserView> {
        self.look_at_user(caller, &id.clone(), move |look| view(look.tx, &id)).await
    }

    /// The part of the users that the caller can see, by id; with `applications` those that
    /// applications are too, after all others.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn users(
        &self,
        caller: &Caller,
        with_applications: bool,
        wanted: Part,
    ) -> Result<Page<UserView, String>> {
        self.list(caller, move |look, sight| {
            let found = part(
                &wanted,
                |after, most| ids(look.tx, with_applications, after, most),
                UserId::as_str,
                |id| {
                    let of = id.application();
                    sight.thing(Kind::User, id.as_str())
                        || of.is_some_and(|application| sight.thing(Kind::Application, application))
                },
            )?;
            found.try_map(|id| view(look.tx, &id))
        })
        .await
    }

    /// Creates the user `id` or replaces their name and roles, and where it is given, their
    /// groups. Needs UPDATE on it, or the right to create users, and to hold all that is given.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for a role or group, [`Error::Invalid`], [`Error::Forbidden`],
    /// [`Error::NotHeld`].
    pub async fn save_user(
        &self,
        caller: &Caller,
        id: UserId,
        draft: UserDraft,
    ) -> Result<UserView> {
        let target = Target::User(id.clone());
        self.change(caller, "user.save", Need::Save, target.clone(), move |change| {
            change.store_user(&id, draft, &target)?;
            view(change.tx, &id)
        })
        .await
    }

    /// Deletes a user with their roles, memberships and grants. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Invalid`] for an application's user.
    pub async fn delete_user(&self, caller: &Caller, id: UserId) -> Result<()> {
        if id.application().is_some() {
            let reason = "is an application; delete the application";
            return Err(Error::invalid("id", reason));
        }
        let target = Target::User(id.clone());
        self.change(caller, "user.delete", Need::Access(Access::Delete), target, move |change| {
            change.remove_user(&id)
        })
        .await
    }

    /// What a user or a group was granted itself, and for each of its tags, what carries it.
    /// Needs READ on the user or group, or to be the user.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn granted(&self, caller: &Caller, target: Target) -> Result<Vec<GrantedAccess>> {
        let read = |subject: Subject| move |look: &mut Look<'_>| granted(look.tx, &subject);
        match target {
            Target::User(id) => self.look_at_user(caller, &id, read(Subject::user(&id))).await,
            other => {
                let subject = Subject::group(&other.id());
                self.look(caller, Access::Read, other, read(subject)).await
            }
        }
    }

    /// Which accesses the user `id` has on `object`, by roles and grants. Needs READ on the user,
    /// or to be it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn check_permissions(
        &self,
        caller: &Caller,
        id: UserId,
        target: Target,
    ) -> Result<Vec<(Access, bool)>> {
        let target = self.present_target(target).await?;
        self.look_at_user(caller, &id.clone(), move |look| {
            let roles = roles_of(look.tx, &id)?;
            let (key_id, until, roles, address) = (String::new(), None, roles.into(), None);
            let who = Principal { user: id, key_id, until, roles, address };
            let each = Access::ALL.map(|access| Ok((access, has(look.tx, &who, access, &target)?)));
            each.into_iter().collect()
        })
        .await
    }

    /// As [`Registry::look`] at a user. Everyone can look at themself, and at the user that an
    /// application is, whoever can look at the application.
    async fn look_at_user<T: Send + 'static>(
        &self,
        caller: &Caller,
        id: &UserId,
        work: impl FnOnce(&mut Look<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let target = match id.application() {
            Some(application) if !caller.is(id) => Target::Application(application.to_owned()),
            _ => Target::User(id.clone()),
        };
        self.look(caller, Access::Read, target, work).await
    }
}

impl Change<'_> {
    /// Writes one user, which the caller may do.
    pub(super) fn store_user(
        &mut self,
        id: &UserId,
        draft: UserDraft,
        target: &Target,
    ) -> Result<()> {
        if id.application().is_some() {
            let reason = "must not begin with `app:`, which is reserved";
            return Err(Error::invalid("id", reason));
        }
        name::check("name", &draft.name)?;
        let subject = Subject::user(id);
        let existing = users::find(self.tx, id)?;
        if existing.is_none() {
            self.own(target)?;
        }
        let stamps = self.stamps(existing.as_ref().map(|user| &user.stamps));
        let uuid = existing.map_or_else(|| Uuid::now_v7().to_string(), |user| user.uuid);
        self.note("roles", draft.roles.clone());
        self.keeping_an_administrator(|change| {
            change.set_roles(&subject, &draft.roles, target)?;
            match &draft.groups {
                Some(wanted) => change.set_groups(id, wanted, target),
                None => Ok(()),
            }
        })?;
        self.check_roles_of(id)?;
        users::upsert(self.tx, &User { id: id.clone(), uuid, name: draft.name, stamps })
    }

    /// Removes a user, which the caller may do, with all that hangs on it.
    pub(super) fn remove_user(&mut self, id: &UserId) -> Result<()> {
        self.keeping_an_administrator(|change| change.forget_user(id))?;
        users::delete(self.tx, id)
    }

    /// Refuses what a user must not have together.
    pub(super) fn check_roles_of(&mut self, id: &UserId) -> Result<()> {
        let roles = roles_of(self.tx, id)?;
        let is_direct = !subject_roles::of(self.tx, &Subject::user(id))?.is_empty();
        check_combination(&roles, groups::ids_of(self.tx, id)?.len(), is_direct)
    }

    /// Makes the roles of `subject` those of `names`. The caller must hold what is added.
    pub(super) fn set_roles(
        &mut self,
        subject: &Subject,
        names: &[String],
        target: &Target,
    ) -> Result<()> {
        let before = subject_roles::of(self.tx, subject)?;
        for name in names.iter().filter(|name| !before.contains(name)) {
            self.role_to_give(name, target)?;
            subject_roles::insert(self.tx, subject, name)?;
        }
        for name in before.iter().filter(|name| !names.contains(name)) {
            subject_roles::delete(self.tx, subject, name)?;
        }
        Ok(())
    }

    /// Makes the groups of a user those of `wanted`. The caller must be allowed to change each
    /// group that the user enters or leaves.
    fn set_groups(&mut self, id: &UserId, wanted: &[String], target: &Target) -> Result<()> {
        let before = groups::ids_of(self.tx, id)?;
        for group in wanted.iter().filter(|group| !before.contains(group)) {
            self.one(
                "group.add-member",
                Need::Access(Access::Update),
                &Target::Group(group.clone()),
                |change| {
                    change.may_pass_on(&Subject::group(group), target)?;
                    change.note("users", vec![id.as_str()]);
                    groups::add_member(change.tx, group, id)
                },
            )?;
        }
        for group in before.iter().filter(|group| !wanted.contains(group)) {
            self.one(
                "group.remove-member",
                Need::Access(Access::Update),
                &Target::Group(group.clone()),
                |change| {
                    change.note("users", vec![id.as_str()]);
                    groups::remove_member(change.tx, group, id)
                },
            )?;
        }
        Ok(())
    }

    /// Removes what a user has and what hangs on their id, so that nothing revives with it.
    pub(super) fn forget_user(&mut self, id: &UserId) -> Result<()> {
        idempotency::delete_of(self.tx, id.as_str())?;
        let subject = Subject::user(id);
        subject_roles::delete_of(self.tx, &subject)?;
        groups::remove_from_all(self.tx, id)?;
        grants::delete_of(self.tx, &subject)?;
        self.forget(&Target::User(id.clone()))
    }
}

/// The ids after `after` of users and then, where they are wanted, of applications, in order and at
/// most as many as `most`.
fn ids(tx: &mut dyn Tx, with_applications: bool, after: &str, most: i64) -> Result<Vec<UserId>> {
    let application =
        UserId::parse("id", after).ok().and_then(|id| id.application().map(str::to_owned));
    let mut found = vec![];
    if application.is_none() {
        found.extend(users::list(tx, after, most)?.into_iter().map(|user| user.id));
    }
    let rest = most - i64::try_from(found.len()).unwrap_or(most);
    if with_applications && rest > 0 {
        let applications = applications::list(tx, &application.unwrap_or_default(), rest)?;
        found.extend(applications.iter().map(|one| UserId::of_application(&one.id)));
    }
    Ok(found)
}

/// The user `id` with what they have.
pub(super) fn view(tx: &mut dyn Tx, id: &UserId) -> Result<UserView> {
    let missing = || Error::NotFound { kind: "user", name: id.to_string() };
    let (name, uuid) = if let Some(application) = id.application() {
        let found = applications::find(tx, application)?.ok_or_else(missing)?;
        (found.name, found.id)
    } else {
        let found = users::find(tx, id)?.ok_or_else(missing)?;
        (found.name, found.uuid)
    };
    let roles = subject_roles::of(tx, &Subject::user(id))?;
    let roles = super::permit::roles_named(tx, &roles)?;
    let ids = groups::ids_of(tx, id)?;
    let groups = ids.iter().map(|id| super::groups::view(tx, id)).collect::<Result<_>>()?;
    Ok(UserView { id: id.clone(), name, uuid, roles, groups })
}

/// What `subject` was granted, an entry for each object.
pub(super) fn granted_itself(tx: &mut dyn Tx, subject: &Subject) -> Result<Vec<GrantedAccess>> {
    let mut found: Vec<GrantedAccess> = Vec::new();
    for grant in grants::of(tx, subject)? {
        match found.last_mut() {
            Some(last) if last.object == grant.object => last.access.push(grant.access),
            _ => found.push(GrantedAccess {
                object: grant.object,
                access: vec![grant.access],
                tag: None,
            }),
        }
    }
    Ok(found)
}

/// What `subject` was granted, an entry for each object, then for each tag what carries it.
pub(super) fn granted(tx: &mut dyn Tx, subject: &Subject) -> Result<Vec<GrantedAccess>> {
    let mut found = granted_itself(tx, subject)?;
    let by_tag: Vec<_> = found.iter().filter(|one| one.object.kind == Kind::Tag).cloned().collect();
    for GrantedAccess { object: tag, access, .. } in by_tag {
        let (key, value) = tag.id.split_once(':').unwrap_or((&tag.id, ""));
        for Object { kind, id } in tags::objects_with(tx, key, value)? {
            let object = Object { kind, id };
            found.push(GrantedAccess { object, access: access.clone(), tag: Some(tag.id.clone()) });
        }
    }
    Ok(found)
}
