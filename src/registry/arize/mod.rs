//! Integrations as Arize's dialect sees them: read and listed. The same records that Conductor's
//! dialect calls providers; contract `arize.md`, section 8.

mod changes;
mod children;
mod names;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::pages::{contains, page};
use super::permit::Sight;
use super::secrets::parsed;
use super::{Caller, Look, Question, Registry, Shown, Shows, Tools};
use crate::domain::access::{Access, Kind, Target};
use crate::domain::arize::id::{Id, IdKind};
use crate::domain::arize::{Audience, Fields, Scoping, Shape};
use crate::domain::configuration::Configuration;
use crate::domain::integration::{Integration, Resource, Stamps};
use crate::domain::name::IntegrationName;
use crate::domain::organization::Space;
use crate::domain::page::{Page, Slice};
use crate::domain::{Error, Result};
use crate::storage::arize_integrations::Known;
use crate::storage::{Tx, arize_integrations, integrations, resources, scopings, spaces};
pub use changes::{ArizeDraft, ArizePatch, ScopingIds};

/// An integration as Arize's dialect sees it.
#[derive(Serialize, Deserialize)]
pub struct ArizeIntegration {
    /// Its id.
    pub id: Id,
    /// Its name among those of its namespace.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// Where it is seen: organizations, and spaces of them. None means everywhere.
    pub scopings: Vec<(Id, Option<Id>)>,
    /// What it is, and how it is configured.
    pub fields: Fields,
    /// The names of its models that may be used.
    pub models: Vec<String>,
    /// The ready-made requests to it.
    pub presets: Vec<ArizePreset>,
    /// Who and when.
    pub stamps: Stamps,
}

/// A ready-made request to an agent.
#[derive(Serialize, Deserialize)]
pub struct ArizePreset {
    /// Its id, which it keeps as long as it is there.
    pub id: String,
    /// The resource that it is to Conductor's dialect.
    pub resource: Resource,
}

/// What a list is narrowed to.
#[derive(Default)]
pub struct ArizeFilter {
    /// Only those of this type; the word of the wire.
    pub kind: Option<&'static str>,
    /// Only those whose name contains this, whatever the case.
    pub name: String,
    /// Only those seen in this space.
    pub space: Option<Id>,
    /// Only those seen in any space whose name contains this.
    pub space_name: Option<String>,
}

/// A record on its way to be shown.
struct Found {
    known: Known,
    integration: Integration,
    fields: Fields,
}

impl Registry {
    /// The integration with this id, as `show` shows it to all whose `form` is the same. Needs
    /// READ.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] also when `audience` could not be told of it, [`Error::Forbidden`].
    pub async fn arize_integration(
        &self,
        caller: &Caller,
        audience: Audience,
        id: Id,
        form: &str,
        show: impl FnOnce(&ArizeIntegration) -> Result<Bytes> + Send + 'static,
    ) -> Result<Shown> {
        let question = Question::of(&["arize", form, id.as_str()]);
        let find = move |tx: &mut dyn Tx, tools: &Tools| {
            let found = Found::by_id(tx, tools, &audience, &id)?;
            Ok((found.target(), found))
        };
        self.recall(caller, question, find, move |tx, tools, found| {
            let view = found.view(tx, tools)?;
            Ok(Shown { etag: Some(view.etag()?), body: show(&view)? })
        })
        .await
    }

    /// The integrations that pass `filter`, that the caller can see, and that `audience` can be
    /// told of; the newest first.
    ///
    /// # Errors
    ///
    /// [`Error::Forbidden`] when the caller can see none and make none, or in a space
    /// [`Error::NotFound`].
    pub async fn arize_integrations(
        &self,
        caller: &Caller,
        audience: Audience,
        filter: ArizeFilter,
        slice: Slice,
    ) -> Result<Page<ArizeIntegration>> {
        self.list(caller, move |look, sight| {
            may_list(look, sight, &filter)?;
            let wanted = Wanted {
                audience: &audience,
                filter: &filter,
                spaces: spaces_of(look, &filter)?,
                sight,
            };
            let read = |before, limit| {
                let rows = arize_integrations::before(look.tx, before, limit)?;
                rows.into_iter().map(|known| wanted.candidate(look.tx, known)).collect()
            };
            let found = page(slice, read, |one: &Candidate| one.number, |one| one.found.is_some())?;
            let shown = found.items.into_iter().filter_map(|one| one.found);
            let items = shown.map(|found| found.view(look.tx, look.tools));
            Ok(Page { items: items.collect::<Result<_>>()?, next: found.next })
        })
        .await
    }
}

/// Refuses a list to whom it could never show anything.
fn may_list(look: &mut Look<'_>, sight: &Sight, filter: &ArizeFilter) -> Result<()> {
    if sight.any(Kind::Integration) || look.who.may(Access::Create, Kind::Integration) {
        return Ok(());
    }
    if let Some(id) = &filter.space {
        return Err(Error::NotFound { kind: "space", name: id.to_string() });
    }
    let target = Target::Every(Kind::Integration);
    Err(Error::Forbidden { access: Access::Read, target })
}

/// The spaces that a list is narrowed to: by each filter, some of which any will do.
fn spaces_of(look: &mut Look<'_>, filter: &ArizeFilter) -> Result<Vec<Vec<Space>>> {
    let mut narrowed = vec![];
    if let Some(id) = &filter.space {
        narrowed.push(vec![look.tools.space(look.tx, id)?]);
    }
    if let Some(name) = &filter.space_name {
        narrowed.push(spaces::named_like(look.tx, name)?);
    }
    Ok(narrowed)
}

/// What a list shows.
struct Wanted<'a> {
    audience: &'a Audience,
    filter: &'a ArizeFilter,
    spaces: Vec<Vec<Space>>,
    sight: &'a Sight,
}

/// A row of a list, with the record if that is shown.
struct Candidate {
    number: i64,
    found: Option<Found>,
}

impl Wanted<'_> {
    fn candidate(&self, tx: &mut dyn Tx, known: Known) -> Result<Candidate> {
        let number = known.number;
        let named =
            contains(&known.name, &self.filter.name) && self.sight.integration(&known.integration);
        let found = if named { Found::of(tx, known)? } else { None };
        let found = match found {
            Some(found) if self.fits(tx, &found)? => Some(found),
            _ => None,
        };
        Ok(Candidate { number, found })
    }

    fn fits(&self, tx: &mut dyn Tx, found: &Found) -> Result<bool> {
        let shape = found.fields.shape;
        let kind = match self.filter.kind {
            Some(kind) => kind == shape.as_str(),
            // Clients that do not ask for evaluators do not know them.
            None => shape != Shape::Evaluator,
        };
        if !kind || !self.audience.sees(&found.fields) || self.spaces.is_empty() {
            return Ok(kind && self.audience.sees(&found.fields));
        }
        let scopings = scopings::list(tx, &found.integration.name)?;
        let seen_in = |space: &Space| scopings.iter().any(|scoping| scoping.covers(space));
        let mut filters = self.spaces.iter();
        Ok(filters.all(|any| !any.is_empty() && scopings.is_empty() || any.iter().any(seen_in)))
    }
}

impl Found {
    /// The record that `id` names, if `audience` can be told of it.
    fn by_id(tx: &mut dyn Tx, tools: &Tools, audience: &Audience, id: &Id) -> Result<Self> {
        let missing = || Error::NotFound { kind: "integration", name: id.to_string() };
        let kinds = [IdKind::LlmIntegration, IdKind::RemoteEndpointIntegration];
        let named = kinds.into_iter().find_map(|kind| Some((kind, tools.number_of(kind, id)?)));
        let (kind, number) = named.ok_or_else(missing)?;
        let known = arize_integrations::by_number(tx, number)?.ok_or_else(missing)?;
        let found = Self::of(tx, known)?;
        let fits =
            |found: &Self| found.fields.shape.id_kind() == kind && audience.sees(&found.fields);
        found.filter(fits).ok_or_else(missing)
    }

    /// The record of a row, if Arize's dialect has words for its type.
    fn of(tx: &mut dyn Tx, known: Known) -> Result<Option<Self>> {
        let integration = integrations::find(tx, &known.integration)?
            .ok_or_else(|| Error::internal("an integration is known that is not there"))?;
        let Some(shape) = Shape::of(&integration.kind) else { return Ok(None) };
        let (configuration, settings) = (map(&integration.configuration)?, map(&known.settings)?);
        let fields = Fields { shape, configuration, settings };
        Ok(Some(Self { known, integration, fields }))
    }

    fn target(&self) -> Target {
        Target::Integration(self.integration.name.clone())
    }

    /// All that is shown of it.
    fn view(self, tx: &mut dyn Tx, tools: &Tools) -> Result<ArizeIntegration> {
        let Self { known, integration, fields } = self;
        let mut shown: Vec<_> = resources::list(tx, &integration.name)?;
        shown.retain(|resource| resource.enabled);
        let place = |resource: &Resource| {
            let given = known.resources.iter().position(|name| name == resource.name.as_str());
            given.unwrap_or(usize::MAX)
        };
        shown.sort_by_key(place);
        let (models, presets) = match fields.shape {
            Shape::Llm(_) => (shown.into_iter().map(|one| one.name.to_string()).collect(), vec![]),
            Shape::Agent => {
                let presets = shown.into_iter().map(|resource| ArizePreset {
                    id: Tools::preset_id(known.number, &resource),
                    resource,
                });
                (vec![], presets.collect())
            }
            Shape::Evaluator => (vec![], vec![]),
        };
        let scopings = scopings::list(tx, &integration.name)?;
        let scopings = scopings.into_iter().map(|Scoping { organization, space }| {
            let space = space.map(|space| tools.id_of(IdKind::Space, space));
            (tools.id_of(IdKind::AccountOrg, organization), space)
        });
        Ok(ArizeIntegration {
            id: tools.id_of(fields.shape.id_kind(), known.number),
            name: known.name,
            description: integration.description,
            scopings: scopings.collect(),
            fields,
            models,
            presets,
            stamps: integration.stamps,
        })
    }
}

/// The integration `name` as Arize's dialect sees it, if it is there and the dialect has words for
/// its type.
pub(super) fn view(
    tx: &mut dyn Tx,
    tools: &Tools,
    name: &IntegrationName,
) -> Result<Option<ArizeIntegration>> {
    let known = arize_integrations::find(tx, name)?;
    let found = known.map(|known| Found::of(tx, known)).transpose()?.flatten();
    found.map(|found| found.view(tx, tools)).transpose()
}

/// A stored JSON object.
fn map(stored: &RawValue) -> Result<Configuration> {
    match parsed(Some(stored))? {
        Value::Object(map) => Ok(map),
        _ => Err(Error::internal("what is stored is no object")),
    }
}
