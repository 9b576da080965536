//! Integrations of a manifest, with their limits and resources.

use super::forms::{self, form};
use super::{Apply, Thing};
use crate::domain::access::{Access, Need, Target};
use crate::domain::integration::{Category, IntegrationDraft, ResourceDraft};
use crate::domain::manifest::{IntegrationEntry, ResourceEntry, TokenLimitEntry};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::usage::{Period, TokenLimitDraft};
use crate::domain::{Error, Result};
use crate::storage::{Tx, integration_names, token_limits};

impl Apply<'_, '_> {
    /// Saves integrations, each with its resources.
    pub(super) fn integrations(&mut self, entries: Vec<IntegrationEntry>) -> Result<()> {
        for (index, mut entry) in entries.into_iter().enumerate() {
            let place = format!("integrations[{index}]");
            let resources = std::mem::take(&mut entry.resources);
            let saved = self.item(&place, |apply| apply.integration(entry))?;
            let Some(name) = saved else { continue };
            for (index, entry) in resources.into_iter().enumerate() {
                let place = format!("{place}.resources[{index}]");
                self.item(&place, |apply| apply.resource(&name, entry))?;
            }
        }
        Ok(())
    }

    fn integration(&mut self, entry: IntegrationEntry) -> Result<IntegrationName> {
        let name = IntegrationName::parse("name", entry.name)?;
        let name = integration_names::now_of(self.change.tx, &name)?.unwrap_or(name);
        let category = entry.category.map(|word| Category::parse("category", &word)).transpose()?;
        let draft = IntegrationDraft {
            kind: Some(entry.kind),
            category,
            description: entry.description,
            enabled: entry.enabled,
            configuration: Some(entry.configuration),
            settings: None,
        };
        let target = Target::Integration(name.clone());
        let form = |tx: &mut dyn Tx| form(forms::integration(tx, &name)?, "name");
        let thing =
            Thing { kind: "integration", name: name.to_string(), target: &target, form: &form };
        self.thing(thing, Some(&entry.tags), |apply| {
            let is_saved = apply.change.one_if(
                "integration.save",
                Need::Save,
                &target,
                |saved| *saved,
                |change| change.store_integration(&name, draft),
            )?;
            Ok(apply.token_limit(&name, entry.token_limit)? || is_saved)
        })?;
        Ok(name)
    }

    /// Sets the limit of an integration, or takes it away, and says whether that changed anything.
    fn token_limit(
        &mut self,
        name: &IntegrationName,
        wanted: Option<TokenLimitEntry>,
    ) -> Result<bool> {
        let before = token_limits::find(self.change.tx, name)?;
        let (target, need) = (Target::Integration(name.clone()), Need::Access(Access::Update));
        let Some(TokenLimitEntry { api, max_tokens, period }) = wanted else {
            if before.is_none() {
                return Ok(false);
            }
            self.change.one("token-limit.remove", need, &target, |change| {
                token_limits::delete(change.tx, name)
            })?;
            return Ok(true);
        };
        let period = Period::named(&period)
            .ok_or_else(|| Error::invalid("tokenLimit.period", "must be DAY or MONTH"))?;
        let is_same = before.is_some_and(|limit| {
            (limit.resource.as_ref(), limit.max_tokens, limit.period)
                == (api.as_ref(), max_tokens, period)
        });
        if is_same {
            return Ok(false);
        }
        let draft = TokenLimitDraft { resource: api, max_tokens, period };
        self.change
            .one("token-limit.set", need, &target, |change| {
                change.store_token_limit(name.clone(), draft)
            })
            .map_err(|error| error.within("tokenLimit"))?;
        Ok(true)
    }

    fn resource(&mut self, integration: &IntegrationName, entry: ResourceEntry) -> Result<()> {
        let name = ResourceName::parse("name", entry.name)?;
        let draft = ResourceDraft {
            description: entry.description,
            enabled: entry.enabled,
            configuration: Some(entry.configuration),
            max_tokens: entry.max_tokens,
            frequency: entry.frequency,
        };
        let target = Target::Resource(integration.clone(), name.clone());
        let form = |tx: &mut dyn Tx| form(forms::resource(tx, integration, &name)?, "name");
        let thing = Thing { kind: "resource", name: target.id(), target: &target, form: &form };
        self.thing(thing, Some(&entry.tags), |apply| {
            apply.change.one_if(
                "resource.save",
                Need::Save,
                &target,
                |saved| *saved,
                |change| change.store_resource(integration, &name, draft),
            )
        })
    }
}
