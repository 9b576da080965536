//! Roles: the system's, and those that administrators make.

use super::permit::find_role;
use super::{Caller, Change, Registry};
use crate::domain::access::{Access, Kind, Need, Permission, Role, Subject, SystemRole, Target};
use crate::domain::{Error, Result, name};
use crate::storage::{custom_roles, grants, subject_roles};

impl Registry {
    /// The roles of the system. Every caller can see them.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn system_roles(&self, caller: &Caller) -> Result<Vec<Role>> {
        self.list(caller, move |_, _| Ok(SystemRole::ALL.map(Role::from).into())).await
    }

    /// The custom roles that the caller can see, by name.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn custom_roles(&self, caller: &Caller) -> Result<Vec<Role>> {
        self.list(caller, move |look, sight| {
            let mut found = custom_roles::list(look.tx)?;
            found.retain(|role| sight.thing(Kind::Role, &role.name));
            Ok(found)
        })
        .await
    }

    /// The role `name`. Needs READ on it; every caller can see the system's.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn role(&self, caller: &Caller, name: String) -> Result<Role> {
        if let Some(system) = SystemRole::named(&name) {
            return self.list(caller, move |_, _| Ok(system.into())).await;
        }
        let target = Target::Role(name.clone());
        self.look(caller, Access::Read, target, move |look| {
            find_role(look.tx, &name)?
                .ok_or_else(|| Error::NotFound { kind: "role", name: name.clone() })
        })
        .await
    }

    /// Makes a role. Needs the right to create roles, and to hold every permission of it.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when there is one of this name, [`Error::Invalid`],
    /// [`Error::Forbidden`], [`Error::NotHeld`].
    pub async fn create_role(
        &self,
        caller: &Caller,
        name: String,
        permissions: Vec<String>,
    ) -> Result<Role> {
        let target = Target::Role(name.clone());
        self.change(caller, "role.create", Need::Save, target.clone(), move |change| {
            if find_role(change.tx, &name)?.is_some() {
                return Err(Error::Conflict("there is a role of this name already".into()));
            }
            change.make_role(name, &permissions, &target)
        })
        .await
    }

    /// Replaces the permissions of a custom role. Needs UPDATE on it, and to hold every
    /// permission that it is given.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Conflict`] for a role of the system, [`Error::Invalid`],
    /// [`Error::Forbidden`], [`Error::NotHeld`].
    pub async fn update_role(
        &self,
        caller: &Caller,
        name: String,
        permissions: Vec<String>,
    ) -> Result<Role> {
        let target = Target::Role(name.clone());
        self.change(caller, "role.update", Need::Access(Access::Update), target, move |change| {
            change.store_role(name, &permissions)
        })
        .await
    }

    /// Deletes a custom role, and takes it and what it was granted away from everyone. Needs
    /// DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Conflict`] for a role of the system, [`Error::Forbidden`].
    pub async fn delete_role(&self, caller: &Caller, name: String) -> Result<()> {
        let target = Target::Role(name.clone());
        self.change(
            caller,
            "role.delete",
            Need::Access(Access::Delete),
            target.clone(),
            move |change| change.remove_role(&name, &target),
        )
        .await
    }
}

impl Change<'_> {
    /// Makes a custom role, whose permissions the caller must hold.
    pub(super) fn make_role(
        &mut self,
        name: String,
        permissions: &[String],
        target: &Target,
    ) -> Result<Role> {
        name::check("name", &name)?;
        let looks_like =
            |role: SystemRole| role.as_str().eq_ignore_ascii_case(&name) && role.as_str() != name;
        if SystemRole::ALL.into_iter().any(looks_like)
            || ["system", "custom", "permissions"].contains(&name.as_str())
        {
            let reason =
                "must not be that of a system role in another case, or a word of the routes";
            return Err(Error::invalid("name", reason));
        }
        self.own(target)?;
        self.store_role(name, permissions)
    }

    /// Removes a custom role, which the caller may do, with all that hangs on it.
    pub(super) fn remove_role(&mut self, name: &str, target: &Target) -> Result<()> {
        refuse_system(name)?;
        subject_roles::delete_role(self.tx, name)?;
        grants::delete_of(self.tx, &Subject::role(name))?;
        self.forget(target)?;
        custom_roles::delete(self.tx, name)
    }

    /// Writes a custom role, whose permissions the caller must hold.
    pub(super) fn store_role(&mut self, name: String, permissions: &[String]) -> Result<Role> {
        refuse_system(&name)?;
        let parsed = permissions.iter().enumerate().map(|(index, permission)| {
            Permission::parse(&format!("permissions[{index}]"), permission)
        });
        let mut permissions = parsed.collect::<Result<Vec<_>>>()?;
        permissions.sort();
        permissions.dedup();
        let role = Role { name, system: None, permissions };
        let held = self.who.holds_role(&role);
        let what = "every permission of the role".to_owned();
        super::give::refuse_unless(held, what, &Target::Role(role.name.clone()))?;
        self.note(
            "permissions",
            role.permissions.iter().map(Permission::as_str).collect::<Vec<_>>(),
        );
        custom_roles::upsert(self.tx, &role.name, &role.permissions)?;
        Ok(role)
    }
}

fn refuse_system(name: &str) -> Result<()> {
    match SystemRole::named(name) {
        Some(_) => Err(Error::Conflict("a role of the system cannot be changed".into())),
        None => Ok(()),
    }
}
