//! Definitions: the built-in catalogue, and what administrators register beside it.

use std::sync::Arc;

use super::{Caller, Registry};
use crate::catalogue::Catalogue;
use crate::domain::access::{Access, Kind, Need, Target};
use crate::domain::definition::{Definition, DefinitionApi};
use crate::domain::name::IntegrationName;
use crate::domain::{Error, Result};
use crate::storage::{Tx, definitions, integrations};

impl Registry {
    /// Every definition: the catalogue in its order, then what else is registered, by type. Every
    /// caller with a valid token can read them.
    ///
    /// # Errors
    ///
    /// Only those of every operation.
    pub async fn definitions(&self, caller: &Caller) -> Result<Vec<Arc<Definition>>> {
        self.list(caller, move |look, _| all(look.tx, &look.tools.catalogue)).await
    }

    /// The definition whose type, or else whose name, is `name`, whatever its case.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn definition(&self, caller: &Caller, name: String) -> Result<Arc<Definition>> {
        self.list(caller, move |look, _| find(look.tx, &look.tools.catalogue, &name)).await
    }

    /// What the type of the integration `name` offers, or where there is no such integration,
    /// the type of that name. Needs READ on the integration.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn operations(&self, caller: &Caller, name: String) -> Result<Vec<DefinitionApi>> {
        self.list(caller, move |look, sight| {
            let named = IntegrationName::parse("name", &name)
                .ok()
                .map(|name| integrations::find(look.tx, &name))
                .transpose()?
                .flatten();
            let kind = match named {
                Some(integration) if sight.integration(&integration.name) => integration.kind,
                Some(integration) => {
                    let target = Target::Integration(integration.name);
                    return Err(Error::Forbidden { access: Access::Read, target });
                }
                None => name.clone(),
            };
            Ok(find(look.tx, &look.tools.catalogue, &kind)?.apis.clone())
        })
        .await
    }

    /// Registers definitions, all or none. A definition of a known type replaces the former, but
    /// the secret fields of a built-in one stay secret. Needs UPDATE on definitions.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::Forbidden`].
    pub async fn register_definitions(
        &self,
        caller: &Caller,
        registered: Vec<Definition>,
    ) -> Result<()> {
        let need = Need::Access(Access::Update);
        self.change(
            caller,
            "definition.register",
            need,
            Target::Every(Kind::Definition),
            move |change| {
                let kinds: Vec<_> = registered.iter().map(|one| one.kind.as_str()).collect();
                change.note("types", kinds);
                for (index, definition) in registered.iter().enumerate() {
                    let checked = definition
                        .check()
                        .and_then(|()| keeps_secrets(&change.tools.catalogue, definition));
                    checked.map_err(|error| error.within(&format!("[{index}]")))?;
                    definitions::upsert(change.tx, definition)?;
                }
                Ok(())
            },
        )
        .await
    }
}

/// Refuses a definition that would show what the built-in one of its type keeps secret.
fn keeps_secrets(catalogue: &Catalogue, definition: &Definition) -> Result<()> {
    let built_in = catalogue.find(&definition.kind);
    let mut fields = built_in.into_iter().flat_map(|built_in| &built_in.configuration);
    let opened = fields
        .find(|field| field.field_type.is_secret() && !definition.holds_secret(&field.field_name));
    match opened {
        Some(field) => {
            let reason = format!(
                "must have `{}` as PASSWORD or FILE, like the built-in definition",
                field.field_name
            );
            Err(Error::invalid("configuration", reason))
        }
        None => Ok(()),
    }
}

/// The definition of the type `kind`: a registered one goes before the built-in one.
pub(super) fn definition(
    tx: &mut dyn Tx,
    catalogue: &Catalogue,
    kind: &str,
) -> Result<Option<Arc<Definition>>> {
    let registered = definitions::find(tx, kind)?.map(Arc::new);
    Ok(registered.or_else(|| catalogue.find(kind).cloned()))
}

fn all(tx: &mut dyn Tx, catalogue: &Catalogue) -> Result<Vec<Arc<Definition>>> {
    let mut registered: Vec<_> = definitions::list(tx)?.into_iter().map(Arc::new).collect();
    let mut found = Vec::new();
    for built_in in catalogue.all() {
        let key = Definition::key(&built_in.kind);
        let replaced = registered.iter().position(|one| Definition::key(&one.kind) == key);
        found.push(replaced.map_or_else(|| Arc::clone(built_in), |index| registered.remove(index)));
    }
    found.append(&mut registered);
    Ok(found)
}

fn find(tx: &mut dyn Tx, catalogue: &Catalogue, name: &str) -> Result<Arc<Definition>> {
    if let Some(found) = definition(tx, catalogue, name)? {
        return Ok(found);
    }
    let key = Definition::key(name);
    all(tx, catalogue)?
        .into_iter()
        .find(|definition| Definition::key(&definition.name) == key)
        .ok_or_else(|| Error::NotFound { kind: "integration type", name: name.to_owned() })
}
