//! Roles, users, applications, groups and grants of a manifest.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::groups::checked;
use super::super::permit::find_role;
use super::forms::{self, form};
use super::{Apply, Thing};
use crate::domain::access::{Access, Kind, Need, Subject, Target, UserId};
use crate::domain::manifest::{
    Action, ApplicationEntry, Difference, FieldChange, GrantEntry, GroupEntry, Manifest,
    ReferenceEntry, RoleEntry, UserEntry,
};
use crate::domain::user::{GroupDraft, UserDraft};
use crate::domain::{Error, Result, name};
use crate::storage::{Tx, grants, groups, subject_roles};

/// The type by which a manifest names an application, as a subject or as a target.
const APPLICATION: &str = "APPLICATION";

impl Apply<'_, '_> {
    /// Saves roles, users, applications and groups.
    pub(super) fn access(&mut self, manifest: &Manifest) -> Result<()> {
        for (index, entry) in manifest.roles.iter().enumerate() {
            self.item(&format!("roles[{index}]"), |apply| apply.role(entry))?;
        }
        for (index, entry) in manifest.users.iter().enumerate() {
            self.item(&format!("users[{index}]"), |apply| apply.user(entry))?;
        }
        for (index, entry) in manifest.applications.iter().enumerate() {
            self.item(&format!("applications[{index}]"), |apply| apply.application(entry))?;
        }
        for (index, entry) in manifest.groups.iter().enumerate() {
            self.item(&format!("groups[{index}]"), |apply| apply.group(entry))?;
        }
        Ok(())
    }

    fn role(&mut self, entry: &RoleEntry) -> Result<()> {
        let target = Target::Role(entry.name.clone());
        let form = |tx: &mut dyn Tx| form(forms::role(tx, &entry.name)?, "name");
        let thing = Thing { kind: "role", name: entry.name.clone(), target: &target, form: &form };
        self.thing(thing, None, |apply| {
            let wanted: BTreeSet<&str> = entry.permissions.iter().map(String::as_str).collect();
            let (name, permissions) = (entry.name.clone(), &entry.permissions);
            match find_role(apply.change.tx, &name)? {
                Some(role)
                    if role.system.is_none()
                        && same(&wanted, &role.permissions, |p| p.as_str()) =>
                {
                    return Ok(false);
                }
                Some(_) => {
                    let need = Need::Access(Access::Update);
                    apply.change.one("role.update", need, &target, |change| {
                        change.store_role(name, permissions)
                    })?;
                }
                None => {
                    apply.change.one("role.create", Need::Save, &target, |change| {
                        change.make_role(name, permissions, &target)
                    })?;
                }
            }
            Ok(true)
        })
    }

    fn user(&mut self, entry: &UserEntry) -> Result<()> {
        let id = UserId::parse("id", &entry.id)?;
        let target = Target::User(id.clone());
        let form = |tx: &mut dyn Tx| form(forms::user(tx, &id)?, "id");
        let thing = Thing { kind: "user", name: id.to_string(), target: &target, form: &form };
        self.thing(thing, None, |apply| {
            let wanted: BTreeSet<&str> = entry.roles.iter().map(String::as_str).collect();
            if let Some(before) = forms::user(apply.change.tx, &id)?
                && before.name == entry.name
                && same(&wanted, &before.roles, String::as_str)
            {
                return Ok(false);
            }
            let (name, roles) = (entry.name.clone(), entry.roles.clone());
            let draft = UserDraft { name, roles, groups: None };
            apply.change.one("user.save", Need::Save, &target, |change| {
                change.store_user(&id, draft, &target)
            })?;
            Ok(true)
        })
    }

    fn application(&mut self, entry: &ApplicationEntry) -> Result<()> {
        name::check("name", &entry.name)?;
        let (id, is_new) = match self.application_id("name", &entry.name) {
            Err(Error::NotFound { .. }) => (Uuid::now_v7().to_string(), true),
            found => (found?, false),
        };
        let target = Target::Application(id.clone());
        let form = |tx: &mut dyn Tx| form(forms::application(tx, &id)?, "name");
        let thing =
            Thing { kind: "application", name: entry.name.clone(), target: &target, form: &form };
        self.thing(thing, Some(&entry.tags), |apply| {
            if is_new {
                apply.change.add_application(id.clone(), entry.name.clone())?;
                apply.applications.insert(entry.name.clone(), vec![id.clone()]);
            }
            let need = Need::Access(Access::Update);
            let user = Subject::user(&UserId::of_application(&id));
            let before = subject_roles::of(apply.change.tx, &user)?;
            let mut is_changed = is_new;
            for role in before.iter().filter(|role| !entry.roles.contains(role)) {
                apply
                    .change
                    .one("role.remove", need, &target, |change| change.take_role(&id, role))?;
                is_changed = true;
            }
            for role in entry.roles.iter().filter(|role| !before.contains(role)) {
                apply.change.one("role.add", need, &target, |change| {
                    change.give_role(&id, role, &target)
                })?;
                is_changed = true;
            }
            Ok(is_changed)
        })
    }

    fn group(&mut self, entry: &GroupEntry) -> Result<()> {
        let id = &entry.id;
        let target = Target::Group(id.clone());
        let mut wanted = BTreeSet::new();
        for (index, user) in entry.users.iter().enumerate() {
            wanted.insert(UserId::parse(&format!("users[{index}]"), user)?);
        }
        for (index, application) in entry.applications.iter().enumerate() {
            let id = self.application_id(&format!("applications[{index}]"), application)?;
            wanted.insert(UserId::of_application(&id));
        }
        let form = |tx: &mut dyn Tx| form(forms::group(tx, id)?, "id");
        let thing = Thing { kind: "group", name: id.clone(), target: &target, form: &form };
        self.thing(thing, None, |apply| {
            let default_access = checked(entry.default_access.clone())?;
            let roles: BTreeSet<&str> = entry.roles.iter().map(String::as_str).collect();
            let is_same = forms::group(apply.change.tx, id)?.is_some_and(|before| {
                before.description == entry.description
                    && before.default_access == default_access
                    && same(&roles, &before.roles, String::as_str)
            });
            if !is_same {
                let (description, roles) = (entry.description.clone(), entry.roles.clone());
                let draft = GroupDraft { description, roles, default_access };
                apply.change.one("group.save", Need::Save, &target, |change| {
                    change.store_group(id, draft, &target)
                })?;
            }
            Ok(apply.members(id, &target, wanted)? || !is_same)
        })
    }

    /// Makes the members of a group these, and says whether that changed anything.
    fn members(&mut self, id: &str, target: &Target, wanted: BTreeSet<UserId>) -> Result<bool> {
        let need = Need::Access(Access::Update);
        let before: BTreeSet<UserId> = groups::members(self.change.tx, id)?.into_iter().collect();
        let gone: Vec<_> = before.difference(&wanted).cloned().collect();
        let new: Vec<_> = wanted.difference(&before).cloned().collect();
        if !gone.is_empty() {
            self.change.one("group.remove-member", need, target, |change| {
                change.take_out_of_group(id, &gone)
            })?;
        }
        if !new.is_empty() {
            self.change.one("group.add-member", need, target, |change| {
                change.put_into_group(id, &new, target)
            })?;
        }
        Ok(!gone.is_empty() || !new.is_empty())
    }

    /// The id of the only application of this name.
    fn application_id(&self, field: &str, name: &str) -> Result<String> {
        match self.applications.get(name).map(Vec::as_slice) {
            Some([id]) => Ok(id.clone()),
            Some(more) if !more.is_empty() => {
                let reason =
                    format!("is the name of {} applications: rename all but one", more.len());
                Err(Error::invalid(field, reason))
            }
            _ => Err(Error::NotFound { kind: "application", name: name.to_owned() }),
        }
    }

    /// Makes grants what is wanted, each of one subject on one thing.
    pub(super) fn grants(&mut self, entries: &[GrantEntry]) -> Result<()> {
        for (index, entry) in entries.iter().enumerate() {
            self.item(&format!("grants[{index}]"), |apply| apply.grant(entry))?;
        }
        Ok(())
    }

    fn grant(&mut self, entry: &GrantEntry) -> Result<()> {
        let subject = self.subject(&entry.subject)?;
        let target = self.target(&entry.target)?;
        let mut wanted = BTreeSet::new();
        for (index, word) in entry.access.iter().enumerate() {
            wanted.insert(Access::parse(&format!("access[{index}]"), word)?);
        }
        if !self.granted.insert((subject.clone(), target.object())) {
            return Err(Error::invalid("subject", "stands here twice with this target"));
        }
        self.change.permit(Need::Regardless(Access::Update), &target)?;
        let found = grants::on(self.change.tx, &target.object())?;
        let before: BTreeSet<Access> =
            found.iter().filter(|grant| grant.subject == subject).map(|one| one.access).collect();
        if before == wanted {
            self.unchanged += 1;
            return Ok(());
        }
        self.write_grants(&subject, &target, (&before, &wanted))?;
        self.note_grants(&entry.subject, &entry.target, &before, &wanted);
        Ok(())
    }

    /// Gives and takes what is between two sets of accesses.
    pub(super) fn write_grants(
        &mut self,
        subject: &Subject,
        target: &Target,
        (before, wanted): (&BTreeSet<Access>, &BTreeSet<Access>),
    ) -> Result<()> {
        let need = Need::Regardless(Access::Update);
        let gone: Vec<_> = before.difference(wanted).copied().collect();
        let new: Vec<_> = wanted.difference(before).copied().collect();
        // What is taken may be the caller's own.
        if !new.is_empty() {
            self.change.one("grant.add", need, target, |change| {
                change.write_grants(grants::insert, subject, target, &new)
            })?;
        }
        if !gone.is_empty() {
            self.change.one("grant.remove", need, target, |change| {
                change.write_grants(grants::delete, subject, target, &gone)
            })?;
        }
        Ok(())
    }

    /// Notes what became of the grants of one subject on one thing.
    pub(super) fn note_grants(
        &mut self,
        whom: &ReferenceEntry,
        what: &ReferenceEntry,
        before: &BTreeSet<Access>,
        after: &BTreeSet<Access>,
    ) {
        let told = |set: &BTreeSet<Access>| {
            (!set.is_empty()).then(|| set.iter().map(|access| access.as_str()).collect())
        };
        let action = match (before.is_empty(), after.is_empty()) {
            (true, _) => Action::Create,
            (_, true) => Action::Delete,
            _ => Action::Update,
        };
        let (path, secret) = ("access".to_owned(), None);
        let field = FieldChange { path, before: told(before), after: told(after), secret };
        let (kind, fields) = ("grant".to_owned(), vec![field]);
        let name = format!("{whom} on {what}");
        self.changes.push(Difference { action, kind, name, fields });
    }

    fn subject(&self, entry: &ReferenceEntry) -> Result<Subject> {
        if entry.kind.eq_ignore_ascii_case(APPLICATION) {
            let id = self.application_id("subject.id", &entry.id)?;
            return Ok(Subject::user(&UserId::of_application(&id)));
        }
        Subject::parse(&entry.kind, &entry.id)
    }

    fn target(&self, entry: &ReferenceEntry) -> Result<Target> {
        let kind = Kind::parse("target.type", &entry.kind)?;
        if kind == Kind::Application {
            return Ok(Target::Application(self.application_id("target.id", &entry.id)?));
        }
        Target::of(kind, &entry.id)
    }
}

/// Whether a list names just what is wanted.
fn same<T>(wanted: &BTreeSet<&str>, list: &[T], name: impl Fn(&T) -> &str) -> bool {
    list.len() == wanted.len() && list.iter().all(|one| wanted.contains(name(one)))
}
