//! Resolving: the effective configuration of an integration or a resource with its secrets, for
//! those who call the provider themselves.

use serde_json::Value;

use super::secrets::{overlaid, parsed};
use super::{Caller, Change, Registry, Repeatable};
use crate::domain::access::{Access, Need, Target};
use crate::domain::configuration::{Destination, mask};
use crate::domain::integration::{Category, Integration, Resource};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::{Error, Result};
use crate::storage::secrets::Holder;
use crate::storage::{integrations, resources};

/// What was resolved. It holds secrets in clear.
pub struct Resolved {
    /// The integration.
    pub integration: IntegrationName,
    /// The resource, if one was asked for.
    pub resource: Option<ResourceName>,
    /// The type of the integration.
    pub kind: String,
    /// What kind of service it is.
    pub category: Category,
    /// The effective configuration: that of the integration, overlaid by that of the resource.
    pub configuration: Value,
}

/// Each time that secrets are handed out is permitted and recorded anew, whether the request was
/// sent before or not.
impl Repeatable for Resolved {}

impl Registry {
    /// The configuration of an integration with its secrets. Needs EXECUTE, and always leaves a
    /// record.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`]; [`Error::Unsupported`] unless resolving is on;
    /// [`Error::Conflict`] when it is disabled, or a secret cannot be resolved.
    pub async fn resolve_integration(
        &self,
        caller: &Caller,
        name: IntegrationName,
    ) -> Result<Resolved> {
        let target = Target::Integration(name.clone());
        let need = Need::Access(Access::Execute);
        self.change(caller, "integration.resolve", need, target, move |change| {
            let integration = change.resolvable(&name)?;
            let mut configuration = change.around(&integration)?.whole;
            let destination = Destination::of(&integration.kind, &configuration).hash();
            let holder = Holder { integration: name.as_str(), resource: "" };
            change.put_back(holder, &mut configuration, &Value::Null, &destination)?;
            complete(&configuration)?;
            let Integration { kind, category, .. } = integration;
            Ok(Resolved { integration: name, resource: None, kind, category, configuration })
        })
        .await
    }

    /// As [`Registry::resolve_integration`], for one of its resources: EXECUTE on that is enough.
    ///
    /// # Errors
    ///
    /// As [`Registry::resolve_integration`].
    pub async fn resolve_resource(
        &self,
        caller: &Caller,
        integration: IntegrationName,
        name: ResourceName,
    ) -> Result<Resolved> {
        let target = Target::Resource(integration.clone(), name.clone());
        let need = Need::Access(Access::Execute);
        self.change(caller, "resource.resolve", need, target, move |change| {
            let whole = change.resolvable(&integration)?;
            let resource = resources::find(change.tx, &integration, &name)?;
            let resource = resource.filter(|resource| resource.enabled).ok_or_else(disabled)?;
            let configuration = change.effective(&whole, &resource)?;
            complete(&configuration)?;
            let (resource, Integration { kind, category, .. }) = (Some(name), whole);
            Ok(Resolved { integration, resource, kind, category, configuration })
        })
        .await
    }
}

impl Change<'_> {
    /// The integration, if it can be resolved.
    fn resolvable(&mut self, name: &IntegrationName) -> Result<Integration> {
        if !self.tools.resolve {
            return Err(Error::Unsupported(
                "resolving is off; the operator turns it on with PODIUM_RESOLVE=on",
            ));
        }
        let found = integrations::find(self.tx, name)?;
        found.filter(|integration| integration.enabled).ok_or_else(disabled)
    }

    /// The configuration of a resource, laid over that of its integration, with all secrets.
    fn effective(&mut self, whole: &Integration, resource: &Resource) -> Result<Value> {
        let mut own = parsed(Some(&resource.configuration))?;
        let around = self.around(whole)?;
        let destination = Destination::of(&whole.kind, &around.effective(&own)).hash();
        let holder = Holder { integration: whole.name.as_str(), resource: "" };
        let mut inherited = Value::Null;
        if around.is_overlaid {
            inherited = around.whole;
            self.put_back(holder, &mut inherited, &own, &destination)?;
        }
        let holder = Holder { resource: resource.name.as_str(), ..holder };
        self.put_back(holder, &mut own, &Value::Null, &destination)?;
        Ok(overlaid(&inherited, &own))
    }
}

/// Refuses a configuration in which a mask still stands: its secret has been lost, and a mask is no
/// key for anybody.
fn complete(configuration: &Value) -> Result<()> {
    if mask::any_whole(configuration) {
        return Err(Error::internal("a secret is missing from the database"));
    }
    Ok(())
}

/// What is said of a thing that may not be used now.
fn disabled() -> Error {
    Error::Conflict("it is disabled, and resolves only while it is enabled".into())
}
