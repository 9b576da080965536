//! Who the caller is, and whether they may: asked of the database as it is now.

use std::collections::HashSet;

use super::{Caller, Who};
use crate::domain::access::{
    Access, Kind, Need, Object, Principal, Role, SystemRole, Target, UserId,
};
use crate::domain::error::SignIn;
use crate::domain::integration::Resource;
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::{Error, Result};
use crate::storage::{
    Tx, access_keys, applications, custom_roles, grants, groups, integration_names, integrations,
    prompts, resources, subject_roles, users, workflows,
};

/// Who the caller is at `now`. A token alone is not enough: the access key it was made for, or
/// that was sent in its place, must still be in force, and whom a provider vouches for must still
/// be there.
///
/// # Errors
///
/// [`Error::Unauthenticated`] when the key is paused, expired, deleted, or not the user's, or when
/// there is no such user or application.
pub(super) fn admit(tx: &mut dyn Tx, caller: &Caller, now: i64) -> Result<Principal> {
    let revoked = || Error::Unauthenticated(SignIn::Invalid);
    let (user, key_id, until) = match &caller.who {
        Who::Token { .. } | Who::Key { .. } => {
            let (sub, key) = caller.credential().ok_or_else(revoked)?;
            let key = access_keys::find(tx, key)?;
            let key = key.filter(|key| key.is_usable(now)).ok_or_else(revoked)?;
            let user = UserId::of_application(&key.application);
            if user.as_str() != sub {
                return Err(revoked());
            }
            (user, key.id, key.expires_on)
        }
        Who::Federated { identity, .. } => {
            let user = identity.user.clone();
            if !exists(tx, &Target::User(user.clone()))? {
                log::debug!("{} vouches for {user}, whom nobody knows", identity.issuer);
                return Err(revoked());
            }
            (user, identity.issuer.clone(), None)
        }
        Who::Local => {
            return Ok(Principal {
                user: UserId::local(),
                key_id: String::new(),
                until: None,
                roles: [SystemRole::Admin.into()].into(),
                address: None,
            });
        }
    };
    let roles = roles_of(tx, &user)?.into();
    Ok(Principal { user, key_id, until, roles, address: caller.address() })
}

/// The roles that `user` has, directly and through groups.
pub(super) fn roles_of(tx: &mut dyn Tx, user: &UserId) -> Result<Vec<Role>> {
    let names = subject_roles::held_by(tx, user)?;
    roles_named(tx, &names)
}

/// The roles of these names; one that is gone gives nothing.
pub(super) fn roles_named(tx: &mut dyn Tx, names: &[String]) -> Result<Vec<Role>> {
    let found = names.iter().map(|name| find_role(tx, name));
    Ok(found.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// The role `name`, of the system or custom.
pub(super) fn find_role(tx: &mut dyn Tx, name: &str) -> Result<Option<Role>> {
    match SystemRole::named(name) {
        Some(role) => Ok(Some(role.into())),
        None => custom_roles::find(tx, name),
    }
}

/// Permits what `need` asks on `target`, which is there or not, and says which access that was.
///
/// # Errors
///
/// [`Error::NotFound`] when the target is missing and has to be there, [`Error::Forbidden`] when
/// it is there and the caller may not. What is missing is missing for everyone: clients ask for a
/// name to see whether they can take it.
pub(super) fn permit(
    tx: &mut dyn Tx,
    who: &Principal,
    need: Need,
    target: &Target,
    is_present: bool,
) -> Result<Access> {
    let access = need.access(is_present);
    match (is_present, need, target.whole()) {
        // Adding a part to a thing is a change of that thing.
        (false, Need::Save, Some(whole)) => {
            let is_present = exists(tx, &whole)?;
            permit(tx, who, Need::Access(Access::Update), &whole, is_present)?;
        }
        (false, Need::Access(_), _) => return Err(missing(tx, target)?),
        _ => require(tx, who, access, target)?,
    }
    Ok(access)
}

/// Whether `who` has `access` to `target`, by a role or by a grant. Everyone can see themself.
pub(super) fn has(
    tx: &mut dyn Tx,
    who: &Principal,
    access: Access,
    target: &Target,
) -> Result<bool> {
    if access == Access::Read && matches!(target, Target::User(id) if *id == who.user) {
        return Ok(true);
    }
    let Some(whole) = target.whole() else {
        return Ok(who.may(access, target.kind()) || grants::reach(tx, &who.user, access, target)?);
    };
    // To make a part is to change the whole.
    if access == Access::Create {
        return has(tx, who, Access::Update, &whole);
    }
    let by_role = who.may(access, target.kind()) || who.may(access, whole.kind());
    Ok(by_role || grants::reach(tx, &who.user, access, target)?)
}

/// Refuses what [`has`] denies.
pub(super) fn require(
    tx: &mut dyn Tx,
    who: &Principal,
    access: Access,
    target: &Target,
) -> Result<()> {
    if has(tx, who, access, target)? {
        return Ok(());
    }
    Err(Error::Forbidden { access, target: target.clone() })
}

/// Whether the target is there.
pub(super) fn exists(tx: &mut dyn Tx, target: &Target) -> Result<bool> {
    match target {
        Target::Integration(name) => integrations::exists(tx, name),
        Target::Resource(integration, name) => resources::exists(tx, integration, name),
        Target::Application(id) => Ok(applications::find(tx, id)?.is_some()),
        Target::User(id) => match id.application() {
            Some(id) => Ok(applications::find(tx, id)?.is_some()),
            None => Ok(users::find(tx, id)?.is_some()),
        },
        Target::Group(id) => Ok(groups::find(tx, id)?.is_some()),
        Target::Role(name) => Ok(find_role(tx, name)?.is_some()),
        Target::Other(Object { kind: Kind::WORKFLOW, id }) => workflows::exists(tx, id),
        Target::Other(Object { kind: Kind::Prompt, id }) => Ok(prompts::latest(tx, id)?.is_some()),
        Target::Other(Object { kind: kind @ (Kind::Organization | Kind::Space), id }) => {
            super::organizations::exists(tx, *kind, id)
        }
        Target::Other(_) | Target::Every(_) => Ok(true),
    }
}

/// Says what is missing: the part, or the whole it would be a part of.
pub(super) fn missing(tx: &mut dyn Tx, target: &Target) -> Result<Error> {
    if let Some(whole) = target.whole()
        && !exists(tx, &whole)?
    {
        return missing(tx, &whole);
    }
    Ok(Error::NotFound { kind: target.noun(), name: target.id() })
}

/// As [`super::Registry::spelling`].
pub(super) fn spelling(
    tx: &mut dyn Tx,
    (mut integration, resource): (IntegrationName, Option<ResourceName>),
    (spaced, spaced_resource): (IntegrationName, Option<ResourceName>),
) -> Result<(IntegrationName, Option<ResourceName>)> {
    if !integrations::exists(tx, &integration)? {
        let now = integration_names::now_of(tx, &integration)?;
        integration = match now {
            Some(now) => now,
            None if integrations::exists(tx, &spaced)? => spaced,
            None => integration_names::now_of(tx, &spaced)?.unwrap_or(integration),
        };
    }
    if let (Some(exact), Some(spaced)) = (&resource, &spaced_resource)
        && !resources::exists(tx, &integration, exact)?
        && resources::exists(tx, &integration, spaced)?
    {
        return Ok((integration, spaced_resource));
    }
    Ok((integration, resource))
}

/// What a caller can see: everything of the kinds that a role lets them read, and what they were
/// granted READ on.
pub(super) struct Sight {
    who: Principal,
    granted: HashSet<Object>,
}

impl Sight {
    /// What `who` can see.
    pub fn of(tx: &mut dyn Tx, who: &Principal) -> Result<Self> {
        let granted = if who.is_admin() {
            HashSet::new()
        } else {
            grants::reached(tx, &who.user, Access::Read)?
        };
        Ok(Self { who: who.clone(), granted })
    }

    /// Whether anything of this kind can be seen.
    pub fn any(&self, kind: Kind) -> bool {
        self.who.may(Access::Read, kind) || self.granted.iter().any(|object| object.kind == kind)
    }

    /// Whether this integration can be seen.
    pub fn integration(&self, name: &IntegrationName) -> bool {
        self.thing(Kind::Integration, name.as_str())
    }

    /// Whether this resource can be seen.
    pub fn resource(&self, resource: &Resource) -> bool {
        let Resource { integration, name, .. } = resource;
        self.integration(integration)
            || self.thing(Kind::Resource, &format!("{integration}:{name}"))
    }

    /// Whether a thing with this kind and id of the wire can be seen.
    pub fn thing(&self, kind: Kind, id: &str) -> bool {
        let seen = |kind, id: &str| {
            self.who.may(Access::Read, kind)
                || self.granted.contains(&Object { kind, id: id.to_owned() })
        };
        seen(kind, id)
            || match (kind, id.split_once(':')) {
                (Kind::Resource, Some((integration, _))) => seen(Kind::Integration, integration),
                (Kind::User, _) => id == self.who.user.as_str(),
                _ => false,
            }
    }
}
