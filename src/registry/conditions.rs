//! Entity tags of integrations and resources, and changes that are made only while they hold.

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    ArizeIntegration, Change, Condition, IntegrationView, ResourceView, arize, integrations,
    resources,
};
use crate::domain::access::Target;
use crate::domain::{Error, Result};

impl IntegrationView {
    /// Its entity tag, quotes included: the same for whoever reads it, until it changes.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub fn etag(&self) -> Result<String> {
        etag(self)
    }
}

impl ResourceView {
    /// As [`IntegrationView::etag`].
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub fn etag(&self) -> Result<String> {
        etag(self)
    }
}

impl ArizeIntegration {
    /// As [`IntegrationView::etag`], of what Arize's dialect shows.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    pub fn etag(&self) -> Result<String> {
        etag(self)
    }
}

/// A hash over all that is shown.
fn etag(shown: &impl Serialize) -> Result<String> {
    let bytes = serde_json::to_vec(shown).map_err(Error::internal)?;
    Ok(format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(bytes)[..16])))
}

impl Change<'_> {
    /// Refuses to change a thing that is not as the request says. Only the first thing of a change
    /// is looked at, which is the one that the request names.
    ///
    /// # Errors
    ///
    /// [`Error::Precondition`].
    pub(super) fn check_condition(&mut self, target: &Target) -> Result<()> {
        let Some(condition) = self.condition.take() else { return Ok(()) };
        let tags = self.etags(target)?;
        match condition {
            Condition::Absent if tags.is_empty() => Ok(()),
            Condition::Absent => Err(Error::Precondition("`If-None-Match`: it is there already")),
            Condition::Present if !tags.is_empty() => Ok(()),
            Condition::Is(wanted) if wanted.iter().any(|tag| tags.contains(tag)) => Ok(()),
            Condition::Is(_) | Condition::Present if tags.is_empty() => {
                Err(Error::Precondition("`If-Match`: it is not there"))
            }
            Condition::Is(_) | Condition::Present => {
                Err(Error::Precondition("`If-Match`: it has changed; read it again"))
            }
        }
    }

    /// The entity tags that a thing has now, one for each dialect that shows it.
    fn etags(&mut self, target: &Target) -> Result<Vec<String>> {
        match target {
            Target::Integration(name) => {
                let conductor = found(integrations::view(self.tx, name))?;
                let arize = arize::view(self.tx, self.tools, name)?;
                let tags = [conductor.map(|one| one.etag()), arize.map(|one| one.etag())];
                tags.into_iter().flatten().collect()
            }
            Target::Resource(integration, name) => {
                let resource = found(resources::view(self.tx, integration, name))?;
                resource.map(|one| one.etag()).into_iter().collect()
            }
            _ => Err(Error::internal("only integrations and resources have entity tags")),
        }
    }
}

/// What was found, or nothing.
fn found<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
