//! What applying a manifest changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What applying a manifest changes, or has changed.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The revision of the registry that it was made from; after applying, the revision it made.
    pub revision: i64,
    /// What `apply` takes as `plan`, so that exactly these changes are made or none.
    pub digest: String,
    /// What changes, in the order in which it is done.
    pub changes: Vec<Difference>,
    /// How many things of the manifest are as it says already.
    pub unchanged: usize,
}

/// What changes of one thing.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// What is done.
    pub action: Action,
    /// The kind of thing: `role`, `user`, `application`, `group`, `integration`, `resource`, `prompt`
    /// or `grant`.
    pub kind: String,
    /// Its name, as in `openai:gpt-4o`.
    pub name: String,
    /// Its fields that change, and the secrets that stay; of a new thing all that it has, but for its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// What is done with a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is pruned.
    Delete,
}

/// What changes of one field.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldChange {
    /// The field, as in `configuration.api_key`.
    pub path: String,
    /// What it was, where there was anything; never of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What it becomes, unless it goes; never of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// What becomes of it, where it is a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretChange>,
}

/// What becomes of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SecretChange {
    /// There was none, or no secret.
    Sets,
    /// Another one takes its place.
    Changes,
    /// It stays.
    Keeps,
    /// It goes.
    Removes,
}
