//! Organizations and their spaces. Whoever has a token can see them.

use serde::{Deserialize, Serialize};

use super::pages::{contains, page};
use super::{Caller, Change, Registry, Tools};
use crate::domain::access::{Access, Kind, Need, Object, Target};
use crate::domain::arize::id::{Id, IdKind};
use crate::domain::organization::{Organization, Space};
use crate::domain::page::{Page, Slice};
use crate::domain::{Error, Result, name};
use crate::storage::{Tx, numbers, organizations, spaces};

/// An organization with its id.
#[derive(Serialize, Deserialize)]
pub struct OrganizationView {
    /// Its id.
    pub id: Id,
    /// The organization.
    pub organization: Organization,
}

/// A space with its ids.
#[derive(Serialize, Deserialize)]
pub struct SpaceView {
    /// Its id.
    pub id: Id,
    /// The id of its organization.
    pub organization: Id,
    /// The space.
    pub space: Space,
}

impl Registry {
    /// A page of the organizations whose name contains `name`, in any case, newest first.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn organizations(
        &self,
        caller: &Caller,
        name: String,
        slice: Slice,
    ) -> Result<Page<OrganizationView>> {
        self.list(caller, move |look, _| {
            let read = |before, limit| organizations::before(look.tx, before, limit);
            let found = page(slice, read, |one| one.number, |one| contains(&one.name, &name))?;
            Ok(found.map(|organization| look.tools.organization_view(organization)))
        })
        .await
    }

    /// A page of the spaces whose name contains `name`, in any case, newest first; of one
    /// organization or of all.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the organization.
    pub async fn spaces(
        &self,
        caller: &Caller,
        name: String,
        organization: Option<Id>,
        slice: Slice,
    ) -> Result<Page<SpaceView>> {
        self.list(caller, move |look, _| {
            let of = organization.map(|id| look.tools.organization(look.tx, &id)).transpose()?;
            let of = of.map(|organization| organization.number);
            let read = |before, limit| spaces::before(look.tx, of, before, limit);
            let found = page(slice, read, |one| one.number, |one| contains(&one.name, &name))?;
            Ok(found.map(|space| look.tools.space_view(space)))
        })
        .await
    }

    /// Makes an organization, which belongs to its creator. Needs the right to create
    /// organizations.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::Forbidden`], [`Error::Conflict`] when the name is taken.
    pub async fn create_organization(
        &self,
        caller: &Caller,
        name: String,
    ) -> Result<OrganizationView> {
        name::check("name", &name)?;
        self.transact(caller, "organization.create", move |change| {
            change.add(ORGANIZATION, name, |change, number, name| {
                if organizations::named(change.tx, &name)?.is_some() {
                    return Err(taken("an organization of this name"));
                }
                let organization = Organization { number, name, stamps: change.stamps(None) };
                organizations::insert(change.tx, &organization)?;
                Ok(change.tools.organization_view(organization))
            })
        })
        .await
    }

    /// Makes a space of an organization, which belongs to its creator. Needs the right to create
    /// spaces.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for the organization, [`Error::Invalid`], [`Error::Forbidden`],
    /// [`Error::Conflict`] when the name is taken.
    pub async fn create_space(
        &self,
        caller: &Caller,
        organization: Id,
        name: String,
    ) -> Result<SpaceView> {
        name::check("name", &name)?;
        self.transact(caller, "space.create", move |change| {
            change.add(SPACE, name, |change, number, name| {
                let organization = change.tools.organization(change.tx, &organization)?.number;
                if spaces::named(change.tx, organization, &name)?.is_some() {
                    return Err(taken("a space of this name in the organization"));
                }
                let space = Space { number, organization, name, stamps: change.stamps(None) };
                spaces::insert(change.tx, &space)?;
                Ok(change.tools.space_view(space))
            })
        })
        .await
    }

    /// Deletes an organization. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] while it has spaces or an
    /// integration is scoped to it.
    pub async fn delete_organization(&self, caller: &Caller, id: Id) -> Result<()> {
        self.transact(caller, "organization.delete", move |change| {
            let Organization { number, name, .. } = change.tools.organization(change.tx, &id)?;
            change.take_away(ORGANIZATION, &id, name, |tx| {
                if !spaces::before(tx, Some(number), i64::MAX, 1)?.is_empty() {
                    return Err(Error::Conflict("the organization has spaces".into()));
                }
                if organizations::is_scoped(tx, number)? {
                    let reason = "an integration is scoped to the organization";
                    return Err(Error::Conflict(reason.into()));
                }
                organizations::delete(tx, number)
            })
        })
        .await
    }

    /// Deletes a space. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::Conflict`] while an integration is
    /// scoped to it.
    pub async fn delete_space(&self, caller: &Caller, id: Id) -> Result<()> {
        self.transact(caller, "space.delete", move |change| {
            let Space { number, name, .. } = change.tools.space(change.tx, &id)?;
            change.take_away(SPACE, &id, name, |tx| {
                if spaces::is_scoped(tx, number)? {
                    return Err(Error::Conflict("an integration is scoped to the space".into()));
                }
                spaces::delete(tx, number)
            })
        })
        .await
    }
}

/// What there is to say of a kind of thing here.
#[derive(Clone, Copy)]
struct Sort {
    kind: Kind,
    ids: IdKind,
    created: &'static str,
    deleted: &'static str,
}

const ORGANIZATION: Sort = Sort {
    kind: Kind::Organization,
    ids: IdKind::AccountOrg,
    created: "organization.create",
    deleted: "organization.delete",
};

const SPACE: Sort = Sort {
    kind: Kind::Space,
    ids: IdKind::Space,
    created: "space.create",
    deleted: "space.delete",
};

impl Sort {
    fn target(self, id: &Id) -> Target {
        Target::Other(Object { kind: self.kind, id: id.to_string() })
    }
}

impl Change<'_> {
    /// Adds a thing with a new number, permitted and recorded.
    fn add<T>(
        &mut self,
        sort: Sort,
        name: String,
        work: impl FnOnce(&mut Self, i64, String) -> Result<T>,
    ) -> Result<T> {
        let number = numbers::next(self.tx)?;
        let target = sort.target(&self.tools.id_of(sort.ids, number));
        self.one(sort.created, Need::Save, &target, |change| {
            change.note("name", &*name);
            change.own(&target)?;
            work(change, number, name)
        })
    }

    /// Takes a thing away with what was granted on it, permitted and recorded.
    fn take_away(
        &mut self,
        sort: Sort,
        id: &Id,
        name: String,
        work: impl FnOnce(&mut dyn Tx) -> Result<()>,
    ) -> Result<()> {
        let target = sort.target(id);
        self.one(sort.deleted, Need::Access(Access::Delete), &target, |change| {
            change.note("name", name);
            change.forget(&target)?;
            work(change.tx)
        })
    }
}

impl Tools {
    /// The organization that `id` names.
    pub(super) fn organization(&self, tx: &mut dyn Tx, id: &Id) -> Result<Organization> {
        let number = self.number_of(IdKind::AccountOrg, id);
        let found = number.map(|number| organizations::find(tx, number)).transpose()?.flatten();
        found.ok_or_else(|| Error::NotFound { kind: "organization", name: id.to_string() })
    }

    /// The space that `id` names.
    pub(super) fn space(&self, tx: &mut dyn Tx, id: &Id) -> Result<Space> {
        let number = self.number_of(IdKind::Space, id);
        let found = number.map(|number| spaces::find(tx, number)).transpose()?.flatten();
        found.ok_or_else(|| Error::NotFound { kind: "space", name: id.to_string() })
    }

    fn organization_view(&self, organization: Organization) -> OrganizationView {
        let id = self.id_of(IdKind::AccountOrg, organization.number);
        OrganizationView { id, organization }
    }

    fn space_view(&self, space: Space) -> SpaceView {
        let id = self.id_of(IdKind::Space, space.number);
        let organization = self.id_of(IdKind::AccountOrg, space.organization);
        SpaceView { id, organization, space }
    }
}

/// Whether there is an organization or a space of this id, whatever its check: grants on ids that
/// nobody was given are of no use to anyone.
pub(super) fn exists(tx: &mut dyn Tx, kind: Kind, id: &str) -> Result<bool> {
    let number = |ids| Id::parse("id", id).ok().and_then(|id| id.number(ids));
    Ok(match kind {
        Kind::Organization => match number(IdKind::AccountOrg) {
            Some(number) => organizations::find(tx, number)?.is_some(),
            None => false,
        },
        _ => match number(IdKind::Space) {
            Some(number) => spaces::find(tx, number)?.is_some(),
            None => false,
        },
    })
}

fn taken(what: &str) -> Error {
    Error::Conflict(format!("there is {what} already").into())
}
