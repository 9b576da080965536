//! Manifests: a part of the registry as files tell it; `docs/provisioning.md`.
//!
//! What a manifest names becomes what it says, whole: what is left out gets its default. What it does
//! not name stays, unless it is pruned. Resources, and versions of prompts, are things of their own.

mod plan;
mod variables;
mod written;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::configuration::Configuration;
use super::tag::Tag;
use super::user::DefaultAccess;
pub use plan::{Action, Difference, FieldChange, Plan, SecretChange};
pub use variables::{Variables, is_asked_for};
pub use written::{Written, literal, next as next_reference};

/// The key of the tag that says which manifest a thing belongs to.
pub const MANAGED_BY: &str = "managed-by";

/// What stands in the place of a secret that is to stay as it is.
pub const KEEP: &str = "keep";

/// A part of the registry.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Manifest {
    /// The name of this manifest: what it makes and changes carries the tag `managed-by` with it, and
    /// only what carries it is pruned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Custom roles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleEntry>,
    /// Users.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserEntry>,
    /// Applications, by name. Their access keys are made by hand, and shown once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<ApplicationEntry>,
    /// Groups of users.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupEntry>,
    /// Integrations with their resources.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub integrations: Vec<IntegrationEntry>,
    /// Prompts with their versions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<PromptEntry>,
    /// Who may do what to one thing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantEntry>,
}

impl Manifest {
    /// Whether it names nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self { owner: self.owner.clone(), ..Self::default() }
    }
}

/// A custom role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoleEntry {
    /// Its name.
    pub name: String,
    /// The names of its permissions.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UserEntry {
    /// The id that signs in.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// The names of the roles given to the user directly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// An application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApplicationEntry {
    /// Its name, which no other application may have.
    pub name: String,
    /// The names of its roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagEntry>,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupEntry {
    /// Its id.
    pub id: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The names of the roles that its members have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// What its members may do to things of the orchestrator, by target type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub default_access: DefaultAccess,
    /// The ids of the users in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// The names of the applications in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applications: Vec<String>,
}

/// An integration.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationEntry {
    /// Its name.
    pub name: String,
    /// Its type, as in `openai`, which never changes.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its category, as in `AI_MODEL`; the type's where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it may be used; it may unless this says not.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Its configuration. A secret is `${env:NAME}` or `${file:PATH}`, read where the command runs;
    /// `keep`, for what is stored already; or `env:NAME` or `file:/path`, read by the server.
    #[serde(default, skip_serializing_if = "Configuration::is_empty")]
    pub configuration: Configuration,
    /// How many tokens it may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_limit: Option<TokenLimitEntry>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagEntry>,
    /// Its resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceEntry>,
}

/// A limit on the tokens of an integration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenLimitEntry {
    /// The resource that it speaks of, if it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<String>,
    /// The most tokens in a period.
    pub max_tokens: i64,
    /// The period: `DAY` or `MONTH`.
    pub period: String,
}

/// A model, index or table of an integration.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceEntry {
    /// Its name, unique in the integration.
    pub name: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it may be used; it may unless this says not.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Its configuration, with secrets as in an integration's.
    #[serde(default, skip_serializing_if = "Configuration::is_empty")]
    pub configuration: Configuration,
    /// The most tokens that it may use in a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<i64>,
    /// The period of `maxTokens`: `daily`, `weekly` or `monthly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagEntry>,
}

/// A prompt.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PromptEntry {
    /// Its name.
    pub name: String,
    /// Its versions.
    pub versions: Vec<VersionEntry>,
    /// Which version each label points at, as in `production: 3`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, i64>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagEntry>,
}

/// A version of a prompt.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionEntry {
    /// Its number, from 1 on.
    pub version: i64,
    /// Free text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The text, with its variables.
    pub template: String,
    /// The models that it is for, as in `openai:gpt-4o`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// How freely models answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>")]
    pub temperature: Option<Value>,
    /// How much of what is likely they choose from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>")]
    pub top_p: Option<Value>,
    /// The texts that end an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<String>>")]
    pub stop_words: Option<Value>,
    /// The form of answers, as in `json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub response_format: Option<Value>,
}

/// The accesses that one subject has on one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GrantEntry {
    /// Who: a `USER`, `GROUP`, `ROLE` or `APPLICATION`.
    pub subject: ReferenceEntry,
    /// On what: a target type, as in `INTEGRATION_PROVIDER`, `INTEGRATION` (`integration:resource`),
    /// `PROMPT` or `TAG` (`key:value`).
    pub target: ReferenceEntry,
    /// Which accesses: `READ`, `EXECUTE`, `UPDATE`, `DELETE`, `CREATE`.
    pub access: Vec<String>,
}

/// A subject or a thing by its type and its id; an application goes by its name.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct ReferenceEntry {
    /// The type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id, or the name of an application.
    pub id: String,
}

impl fmt::Display for ReferenceEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.to_ascii_uppercase(), self.id)
    }
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TagEntry {
    /// What is said, as in `team`.
    pub key: String,
    /// What is said of it, as in `core`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Deprecated, kept as it is.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl From<Tag> for TagEntry {
    fn from(Tag { key, value, kind }: Tag) -> Self {
        Self { key, value, kind }
    }
}

impl From<TagEntry> for Tag {
    fn from(TagEntry { key, value, kind }: TagEntry) -> Self {
        Self { key, value, kind }
    }
}

fn yes() -> bool {
    true
}
