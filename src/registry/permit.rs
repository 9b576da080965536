//! Who the caller is, and whether they may: asked of the database as it is now.

use std::collections::HashSet;

use super::Caller;
use crate::domain::access::{Access, Kind, Need, Principal, Role, Target};
use crate::domain::application::Application;
use crate::domain::error::SignIn;
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::{Error, Result};
use crate::storage::{
    Tx, access_keys, applications, grants, integrations, resources, subject_roles,
};

/// Who the caller is. A token alone is not enough: its access key must still be in force.
///
/// # Errors
///
/// [`Error::Unauthenticated`] when the key is paused, deleted, or not the subject's.
pub(super) fn admit(tx: &mut dyn Tx, caller: &Caller) -> Result<Principal> {
    let Caller::Token { claims, address } = caller else {
        return Ok(Principal {
            subject: "local".to_owned(),
            name: "local".to_owned(),
            key_id: String::new(),
            roles: vec![Role::Admin],
            address: None,
        });
    };
    let revoked = || Error::Unauthenticated(SignIn::Invalid);
    let key = access_keys::find(tx, &claims.key)?.filter(|key| key.active).ok_or_else(revoked)?;
    let application = applications::find(tx, &key.application)?.ok_or_else(revoked)?;
    let subject = Application::user_id(&application.id);
    if subject != claims.sub {
        return Err(revoked());
    }
    let roles = subject_roles::list(tx, &subject)?;
    Ok(Principal {
        subject,
        name: application.name,
        key_id: key.id,
        roles,
        address: address.clone(),
    })
}

/// Permits what `need` asks on `target`, and says which access that was.
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
) -> Result<Access> {
    let present = exists(tx, target)?;
    let access = match need {
        Need::Access(access) => access,
        Need::Save if present => Access::Update,
        Need::Save => Access::Create,
    };
    match (present, need, target.whole()) {
        // Adding a part to a thing is a change of that thing.
        (false, Need::Save, Some(whole)) => {
            permit(tx, who, Need::Access(Access::Update), &whole)?;
        }
        (false, Need::Access(_), _) => return Err(missing(tx, target)?),
        _ => require(tx, who, access, target)?,
    }
    Ok(access)
}

/// Refuses what neither a role nor a grant allows.
fn require(tx: &mut dyn Tx, who: &Principal, access: Access, target: &Target) -> Result<()> {
    let allowed = who.may(access, target.kind())
        || grants::exists(tx, &who.subject, target, access)?
        || match target.whole() {
            Some(whole) => grants::exists(tx, &who.subject, &whole, access)?,
            None => false,
        };
    if allowed { Ok(()) } else { Err(Error::Forbidden { access, target: target.clone() }) }
}

fn exists(tx: &mut dyn Tx, target: &Target) -> Result<bool> {
    match target {
        Target::Integration(name) => integrations::exists(tx, name),
        Target::Resource(integration, name) => resources::exists(tx, integration, name),
        Target::Application(id) => Ok(applications::find(tx, id)?.is_some()),
        Target::Every(_) => Ok(true),
    }
}

/// Says what is missing: the part, or the whole it would be a part of.
fn missing(tx: &mut dyn Tx, target: &Target) -> Result<Error> {
    if let Some(whole) = target.whole()
        && !exists(tx, &whole)?
    {
        return missing(tx, &whole);
    }
    let kind = match target {
        Target::Application(_) => "application",
        _ => "integration",
    };
    Ok(Error::NotFound { kind, name: target.id() })
}

/// As [`super::Registry::spelling`].
pub(super) fn spelling(
    tx: &mut dyn Tx,
    mut integration: IntegrationName,
    resource: Option<ResourceName>,
) -> Result<(IntegrationName, Option<ResourceName>)> {
    if integration.as_str().contains('+') && !integrations::exists(tx, &integration)? {
        let spaced = IntegrationName::parse("name", integration.as_str().replace('+', " "));
        if let Ok(spaced) = spaced
            && integrations::exists(tx, &spaced)?
        {
            integration = spaced;
        }
    }
    let Some(resource) = resource else { return Ok((integration, None)) };
    if resource.as_str().contains('+') && !resources::exists(tx, &integration, &resource)? {
        let spaced = ResourceName::parse("integration_name", resource.as_str().replace('+', " "));
        if let Ok(spaced) = spaced
            && resources::exists(tx, &integration, &spaced)?
        {
            return Ok((integration, Some(spaced)));
        }
    }
    Ok((integration, Some(resource)))
}

/// What a caller can see: everything, or what they were granted READ on.
pub(super) struct Sight {
    all_integrations: bool,
    all_applications: bool,
    granted: HashSet<(String, String)>,
}

impl Sight {
    /// What `who` can see.
    pub fn of(tx: &mut dyn Tx, who: &Principal) -> Result<Self> {
        let all_integrations = who.may(Access::Read, Kind::Integration);
        let granted = if all_integrations {
            HashSet::new()
        } else {
            grants::targets(tx, &who.subject, Access::Read)?
        };
        let all_applications = who.may(Access::Read, Kind::Application);
        Ok(Self { all_integrations, all_applications, granted })
    }

    /// Whether this integration can be seen.
    pub fn integration(&self, name: &IntegrationName) -> bool {
        self.thing(Kind::Integration.as_str(), name.as_str())
    }

    /// Whether applications can be seen.
    pub fn applications(&self) -> bool {
        self.all_applications
    }

    /// Whether a thing with this kind and id of the wire can be seen, as tags name things.
    pub fn thing(&self, kind: &str, id: &str) -> bool {
        let granted =
            |kind: &str, id: &str| self.granted.contains(&(kind.to_owned(), id.to_owned()));
        match kind {
            "APPLICATION" => self.all_applications,
            "INTEGRATION" => {
                let integration = id.split_once(':').map_or(id, |(integration, _)| integration);
                self.all_integrations
                    || granted(kind, id)
                    || granted("INTEGRATION_PROVIDER", integration)
            }
            _ => self.all_integrations || granted(kind, id),
        }
    }
}
