//! Integrations as Arize's dialect makes, changes and deletes them. Each of these is one change,
//! and each of its parts is permitted and recorded as it is in Conductor's dialect.

use super::names::{conductor_name, taken};
use super::{ArizeIntegration, Found};
use crate::domain::access::{Access, Need, Target};
use crate::domain::arize::id::Id;
use crate::domain::arize::{
    Audience, Changes, Family, Fields, Provider, Release, Scoping, Shape, namespace, newer, older,
};
use crate::domain::configuration::Configuration;
use crate::domain::error::Problem;
use crate::domain::integration::IntegrationDraft;
use crate::domain::name::{self, IntegrationName};
use crate::domain::patch::Field;
use crate::domain::{Error, Result};
use crate::registry::conditions::Reading;
use crate::registry::{Caller, Change, Registry};
use crate::storage::arize_integrations::Known;
use crate::storage::{arize_integrations, resources, scopings};

/// Where a client wants an integration to be seen: an organization, and a space of it.
pub type ScopingIds = (Option<Id>, Option<Id>);

/// What a client asks a new integration to be.
pub struct ArizeDraft {
    /// What it is.
    pub shape: Shape,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// Where it is seen; nothing means everywhere.
    pub scopings: Vec<ScopingIds>,
    /// How it is configured.
    pub changes: Changes,
}

/// What an integration is asked to become where something is said.
pub struct ArizePatch {
    /// The type, which must stay; the word of the wire.
    pub kind: Option<&'static str>,
    /// The provider, which must stay.
    pub provider: Option<Provider>,
    /// Its name.
    pub name: Option<String>,
    /// Free text, or none.
    pub description: Field<String>,
    /// Where it is seen.
    pub scopings: Option<Vec<ScopingIds>>,
    /// How it is configured, in the words of the client's family. The types of its members have
    /// been checked.
    pub configuration: Option<Configuration>,
    /// What the client was released with.
    pub release: Release,
}

impl Registry {
    /// Makes an integration, which belongs to its creator. Needs the right to create integrations.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`]; [`Error::Conflict`] when the name is taken; [`Error::NotFound`] for
    /// organizations and spaces; [`Error::Invalid`].
    pub async fn create_arize_integration(
        &self,
        caller: &Caller,
        audience: Audience,
        draft: ArizeDraft,
    ) -> Result<ArizeIntegration> {
        self.transact(caller, "integration.save", move |change| {
            let name = change.create(audience.family, draft)?;
            change.shown(&audience, &name)
        })
        .await
    }

    /// Changes what `patch` says of an integration. Needs READ and UPDATE on it, and DELETE on
    /// what it would take away of its models or ready-made requests.
    ///
    /// # Errors
    ///
    /// As [`Registry::create_arize_integration`]; [`Error::SecretsNeeded`].
    pub async fn patch_arize_integration(
        &self,
        caller: &Caller,
        audience: Audience,
        id: Id,
        patch: ArizePatch,
    ) -> Result<ArizeIntegration> {
        self.transact(caller, "integration.change", move |change| {
            let found = change.found(&audience, &id)?;
            let name = change.patch(audience.family, found, patch)?;
            change.shown(&audience, &name)
        })
        .await
    }

    /// Deletes an integration with all that belongs to it. Needs READ and DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_arize_integration(
        &self,
        caller: &Caller,
        audience: Audience,
        id: Id,
    ) -> Result<()> {
        self.transact(caller, "integration.delete", move |change| {
            let found = change.found(&audience, &id)?;
            let (name, target) = (found.integration.name.clone(), found.target());
            let need = Need::Access(Access::Delete);
            change.one("integration.delete", need, &target, |change| {
                change.remove_integration(&name, &target)
            })
        })
        .await
    }
}

impl Change<'_> {
    /// The record that `id` names, if the caller can see it. It is what the request speaks of.
    fn found(&mut self, audience: &Audience, id: &Id) -> Result<Found> {
        let found = Found::by_id(self.tx, self.tools, audience, id)?;
        self.permit_read(&found)?;
        self.reading = Some(Reading::Arize(found.integration.name.clone()));
        Ok(found)
    }

    fn permit_read(&mut self, found: &Found) -> Result<()> {
        let (memory, need, target) =
            (&self.tools.memory, Need::Access(Access::Read), found.target());
        memory.permit(self.tx, self.since, &self.who, need, &target, true).map(drop)
    }

    /// What is shown of an integration after the change. Its answer is the creator's or the
    /// changer's, who may see it.
    fn shown(&mut self, audience: &Audience, name: &IntegrationName) -> Result<ArizeIntegration> {
        let known = self.known(name)?;
        let found = Found::of(self.tx, known)?
            .ok_or_else(|| Error::internal("what was just saved cannot be shown"))?;
        self.permit_read(&found)?;
        debug_assert!(
            audience.family == Family::Older || found.fields.is_expressible(audience.family)
        );
        found.view(self.tx, self.tools)
    }

    fn create(&mut self, family: Family, draft: ArizeDraft) -> Result<IntegrationName> {
        let ArizeDraft { shape, name: arize_name, description, scopings, changes } = draft;
        name::check("name", &arize_name)?;
        let models: Vec<_> = changes.models.iter().flatten().map(ToString::to_string).collect();
        let kind = match shape {
            Shape::Llm(provider) => provider.kind_for(&models),
            other => other.kind(),
        };
        let name = conductor_name(self.tx, kind, &arize_name)?;
        let target = Target::Integration(name.clone());
        self.one("integration.save", Need::Save, &target, |change| {
            if arize_integrations::named(change.tx, namespace(kind), &arize_name)?.is_some() {
                return Err(taken(&arize_name));
            }
            let mut fields = Fields::new(shape);
            changes.apply(&mut fields);
            fields.check(changes.presets.as_deref().unwrap_or_default())?;
            require_models(family, &fields, !models.is_empty())?;
            let draft = IntegrationDraft {
                kind: Some(kind.to_owned()),
                category: Some(shape.category()),
                description,
                enabled: true,
                configuration: Some(fields.configuration.clone()),
                settings: Some(fields.settings.clone()),
            };
            change.store_integration(&name, draft).map_err(|error| told(family, &fields, error))?;
            change.scope(&name, scopings)?;
            let known = change.known(&name)?;
            arize_integrations::update(change.tx, &Known { name: arize_name, ..known })
        })?;
        self.set_children(&name, changes.models, changes.presets)?;
        Ok(name)
    }

    fn patch(
        &mut self,
        family: Family,
        found: Found,
        patch: ArizePatch,
    ) -> Result<IntegrationName> {
        let target = found.target();
        let Found { known, integration, mut fields } = found;
        let name = patch.name.clone();
        let need = Need::Access(Access::Update);
        let changes = self.one("integration.change", need, &target, |change| {
            let changes = patch.changes(family, &fields)?;
            changes.apply(&mut fields);
            change.check_whole(family, &integration.name, &fields, &changes)?;
            if let Some(name) = &patch.name {
                name::check("name", name)?;
                change.note("name", name.as_str());
            }
            if matches!(patch.description, Field::Set(_)) {
                change.note("description", true);
            }
            let is_configured = !changes.fields.is_empty();
            let whole = |part: &Configuration| is_configured.then(|| part.clone());
            let draft = IntegrationDraft {
                kind: Some(integration.kind.clone()),
                category: Some(integration.category),
                description: patch.description.onto(integration.description.as_ref()),
                enabled: integration.enabled,
                configuration: whole(&fields.configuration),
                settings: whole(&fields.settings),
            };
            let stored = change.store_integration(&integration.name, draft);
            stored.map_err(|error| told(family, &fields, error))?;
            if let Some(scopings) = patch.scopings {
                change.scope(&integration.name, scopings)?;
            }
            Ok(changes)
        })?;
        self.set_children(&integration.name, changes.models, changes.presets)?;
        match name {
            Some(name) if name != known.name => {
                let known = self.known(&integration.name)?;
                self.rename(known, &integration.kind, name)
            }
            _ => Ok(integration.name),
        }
    }

    /// Checks what only the whole record shows after `changes`.
    fn check_whole(
        &mut self,
        family: Family,
        name: &IntegrationName,
        fields: &Fields,
        changes: &Changes,
    ) -> Result<()> {
        if changes.touch_presets() {
            match &changes.presets {
                Some(presets) => fields.check(presets)?,
                None => fields.check(&self.presets_of(name)?)?,
            }
        }
        if changes.touch_models() {
            let named = match &changes.models {
                Some(models) => !models.is_empty(),
                None => resources::list(self.tx, name)?.iter().any(|one| one.enabled),
            };
            require_models(family, fields, named)?;
        }
        Ok(())
    }

    /// What is known of an integration that is there.
    pub(super) fn known(&mut self, name: &IntegrationName) -> Result<Known> {
        arize_integrations::find(self.tx, name)?
            .ok_or_else(|| Error::internal("an integration is there that is not known"))
    }

    /// Says where an integration is seen. To be seen everywhere and in some place is to be seen
    /// everywhere.
    fn scope(&mut self, name: &IntegrationName, ids: Vec<ScopingIds>) -> Result<()> {
        let mut found = vec![];
        let mut everywhere = ids.is_empty();
        for (index, (organization, space)) in ids.into_iter().enumerate() {
            let place = format!("scopings[{index}]");
            let Some(organization) = organization else {
                if space.is_some() {
                    let reason = "is required with a space";
                    return Err(Error::invalid(format!("{place}.organization_id"), reason));
                }
                everywhere = true;
                continue;
            };
            let organization = self.tools.organization(self.tx, &organization)?.number;
            let space = space.map(|id| self.tools.space(self.tx, &id)).transpose()?;
            if space.as_ref().is_some_and(|space| space.organization != organization) {
                let reason = "must be a space of the organization";
                return Err(Error::invalid(format!("{place}.space_id"), reason));
            }
            let space = space.map(|space| space.number);
            let scoping = Scoping { organization, space };
            if !found.contains(&scoping) {
                found.push(scoping);
            }
        }
        if everywhere {
            found.clear();
        }
        self.note("scopings", found.len());
        scopings::replace(self.tx, name, &found)
    }
}

impl ArizePatch {
    /// What changes of a record. Its type and provider must stay.
    fn changes(&self, family: Family, stored: &Fields) -> Result<Changes> {
        let shape = stored.shape;
        if let Some(kind) = self.kind.filter(|kind| *kind != shape.as_str()) {
            let reason = format!("must stay {}, and not become {kind}", shape.as_str());
            return Err(Error::invalid("type", reason));
        }
        if let Some(provider) = self.provider.filter(|one| Shape::Llm(*one) != shape) {
            let (was, told) = (shape.told(), provider.as_str());
            let reason = format!("must stay {was}, and not become {told}");
            let field = if family == Family::Older { "provider" } else { "config.provider" };
            return Err(Error::invalid(field, reason));
        }
        if matches!((shape, &self.description), (Shape::Llm(_), Field::Set(_))) {
            return Err(Error::invalid("description", "is not taken by LLM"));
        }
        let Some(configuration) = self.configuration.clone() else {
            return Ok(Changes::default());
        };
        match (family, shape) {
            (Family::Older, Shape::Llm(provider)) => older(provider, false, configuration),
            _ => newer(shape, false, configuration, self.release),
        }
    }
}

/// Refuses a provider that must have a model and has none.
fn require_models(family: Family, fields: &Fields, named: bool) -> Result<()> {
    match fields.shape {
        Shape::Llm(provider)
            if family == Family::Newer
                && provider.needs_models()
                && !named
                && !fields.offers_default_models() =>
        {
            let reason = "must name a model, unless `is_default_models_enabled` is true";
            Err(Error::invalid("config.model_names", reason))
        }
        _ => Ok(()),
    }
}

/// An error of the configuration, told by the names of Arize's dialect. What it has no name for is
/// told by Conductor's, whose clients alone can send that.
fn told(family: Family, fields: &Fields, error: Error) -> Error {
    let named_at = |path: &str| fields.named_at(family, path);
    error.told_by(|Problem { field, reason }| {
        let parts = reason.split('`').map(|part| named_at(part).unwrap_or_else(|| part.to_owned()));
        let reason = parts.collect::<Vec<_>>().join("`");
        match named_at(&field) {
            Some(field) => Problem { field, reason },
            None => Problem { field, reason: format!("{reason} (only Conductor's API knows it)") },
        }
    })
}
