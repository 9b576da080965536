//! Workflow definitions: kept as documents that grants and tags can speak of. They run elsewhere.

use serde_json::Value;
use serde_json::value::RawValue;

use super::{Caller, Reading, Registry};
use crate::domain::access::{Access, Kind, Need, Object, Target};
use crate::domain::{Error, Result, name};
use crate::storage::{Tx, workflows};

/// The target that a workflow definition is.
pub fn workflow(name: &str) -> Target {
    Target::Other(Object { kind: Kind::WORKFLOW, id: name.to_owned() })
}

impl Registry {
    /// Keeps a version of a workflow definition, and with `overwrite` replaces it. Needs UPDATE
    /// on it, or to create it, the right to create workflow definitions.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] when the version is there, [`Error::Invalid`], [`Error::Forbidden`].
    pub async fn save_workflow(
        &self,
        caller: &Caller,
        name: String,
        version: i64,
        body: &Value,
        overwrite: bool,
    ) -> Result<()> {
        name::check("name", &name)?;
        let target = workflow(&name);
        let body = body.to_string();
        let of = Reading::Workflow(name.clone(), Some(version));
        self.change(caller, "workflow.save", Need::Save, of, move |change| {
            change.note("version", version);
            if !workflows::exists(change.tx, &name)? {
                change.own(&target)?;
            }
            if !overwrite && workflows::find(change.tx, &name, Some(version))?.is_some() {
                return Err(Error::Conflict("this version of the workflow exists already".into()));
            }
            workflows::upsert(change.tx, &name, version, &body)
        })
        .await
    }

    /// A version of a workflow definition, or the latest, as it was sent. Needs READ on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn workflow(
        &self,
        caller: &Caller,
        name: String,
        version: Option<i64>,
    ) -> Result<Box<RawValue>> {
        self.look(caller, Access::Read, workflow(&name), move |look| {
            document(look.tx, &name, version)
        })
        .await
    }

    /// Deletes a version of a workflow definition. Needs DELETE on it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Forbidden`].
    pub async fn delete_workflow(&self, caller: &Caller, name: String, version: i64) -> Result<()> {
        let target = workflow(&name);
        self.change(
            caller,
            "workflow.delete",
            Need::Access(Access::Delete),
            Reading::Workflow(name.clone(), Some(version)),
            move |change| {
                change.note("version", version);
                if !workflows::delete(change.tx, &name, version)? {
                    return Err(missing(&name));
                }
                if !workflows::exists(change.tx, &name)? {
                    change.forget(&target)?;
                }
                Ok(())
            },
        )
        .await
    }
}

/// A version of a workflow definition, or the latest.
pub(super) fn document(tx: &mut dyn Tx, name: &str, version: Option<i64>) -> Result<Box<RawValue>> {
    let body = workflows::find(tx, name, version)?.ok_or_else(|| missing(name))?;
    RawValue::from_string(body).map_err(Error::internal)
}

fn missing(name: &str) -> Error {
    Error::NotFound { kind: "workflow", name: name.to_owned() }
}
