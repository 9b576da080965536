//! The seal key, for administrators. Podium's own routes.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Answer, Session, told};
use crate::registry::SealKey;

/// The keys that seal secrets.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SealKeys")]
pub struct SealKeysJson {
    keys: Vec<SealKeyJson>,
}

/// A key that seals secrets, by its id.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SealKey")]
struct SealKeyJson {
    id: String,
    /// How many values it has sealed.
    values: i64,
    /// Whether it seals what is written now.
    seals: bool,
    /// Whether the server has it.
    known: bool,
}

/// `GET /seal`: the keys, and how many values each has sealed.
pub async fn status(session: Session) -> Answer<SealKeysJson> {
    let keys = session.registry.seal_keys(&session.caller).await?;
    Ok(told(SealKeysJson::from(keys)))
}

/// `POST /seal/rotate`: seals everything with a new key. The answer comes when that is done.
pub async fn rotate(session: Session) -> Answer<SealKeysJson> {
    let keys = session.registry.rotate_seal_key(&session.caller).await?;
    Ok(told(SealKeysJson::from(keys)))
}

impl From<Vec<SealKey>> for SealKeysJson {
    fn from(keys: Vec<SealKey>) -> Self {
        let key = |SealKey { id, values, seals, known }| SealKeyJson { id, values, seals, known };
        Self { keys: keys.into_iter().map(key).collect() }
    }
}
