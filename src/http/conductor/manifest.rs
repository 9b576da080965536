//! Manifests: planned, applied and written; `docs/provisioning.md`. Podium's own.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, ConductorError, Query, Session, told};
use crate::domain::integration::Category;
use crate::domain::manifest::{Manifest, Plan, Written};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
use crate::http::exact::exact;
use crate::http::json;
use crate::registry::{Provision, Selection};

/// A body that may be as large as those of bulk saves.
type Bulk = json::Json<ProvisionRequest, ConductorError, true>;

/// A manifest and how it is to be applied.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Provision")]
#[expect(clippy::struct_excessive_bools, reason = "they are switches of the wire")]
pub struct ProvisionRequest {
    /// The manifest; a field that nobody knows is refused.
    #[schemars(with = "Manifest")]
    manifest: Value,
    /// What goes in the place of references: by `env:NAME` what `${env:NAME}` stands for.
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// Whether what carries the mark of the owner, and is not named, is deleted.
    #[serde(default)]
    prune: bool,
    /// Whether that may be all there is, because the manifest names nothing.
    #[serde(default)]
    force: bool,
    /// Whether things of other owners may be taken over.
    #[serde(default)]
    adopt: bool,
    /// Whether secrets may stand in clear.
    #[serde(default)]
    allow_plain_secrets: bool,
    /// The digest of the plan that it must still come to; only to apply.
    plan: Option<String>,
}

impl ProvisionRequest {
    /// What the registry is asked for.
    fn into_provision(self) -> Result<Provision> {
        let values = self.values.into_iter().map(|(name, value)| (name, Secret::new(value)));
        let written =
            Written { values: values.collect(), allow_plain_secrets: self.allow_plain_secrets };
        Ok(Provision {
            manifest: exact::<Manifest>(self.manifest)?,
            written,
            prune: self.prune,
            force: self.force,
            adopt: self.adopt,
            plan: self.plan,
        })
    }
}

/// `POST /manifest/plan`: what applying would do now.
pub async fn plan(session: Session, body: Bulk) -> Answer<Plan> {
    let provision = body.0.into_provision()?;
    Ok(told(session.registry.plan_manifest(&session.caller, provision).await?))
}

/// `POST /manifest/apply`: makes the registry what the manifest says, all of it or nothing.
pub async fn apply(session: Session, body: Bulk) -> Answer<Plan> {
    let provision = body.0.into_provision()?;
    Ok(told(session.registry.apply_manifest(&session.caller, provision).await?))
}

/// What of the registry is written.
#[derive(Deserialize, JsonSchema)]
pub struct ExportQuery {
    /// Only what has one of these names; one that ends in `*` fits all that begin so.
    #[serde(default)]
    name: Vec<String>,
    /// Only what carries each of these tags, as in `team:core`.
    #[serde(default)]
    tag: Vec<String>,
    /// Only integrations of one of these categories.
    #[serde(default)]
    category: Vec<String>,
    /// Only what belongs to the manifest of this owner.
    owner: Option<String>,
    /// What stands in the place of secrets.
    #[serde(default)]
    secrets: Secrets,
}

/// What stands in the place of secrets.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Secrets {
    /// The word `keep`.
    #[default]
    Keep,
    /// The name of a variable, as in `${env:OPENAI_API_KEY}`.
    Env,
}

/// `GET /manifest`: what the caller can see, as a manifest.
pub async fn export(session: Session, query: Query<ExportQuery>) -> Answer<Manifest> {
    let ExportQuery { name, tag, category, owner, secrets } = query.0;
    if let Some(wrong) = tag.iter().find(|tag| !tag.contains(':')) {
        let reason = format!("must be tags, as in `team:core`, not `{}`", wrong.escape_debug());
        return Err(Error::invalid("tag", reason).into());
    }
    let categories = category.iter().map(|word| Category::parse("category", word));
    let selection = Selection {
        names: name,
        tags: tag,
        categories: categories.collect::<Result<_>>()?,
        owner,
        named_secrets: secrets == Secrets::Env,
    };
    Ok(told(session.registry.manifest(&session.caller, selection).await?))
}
