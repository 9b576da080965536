//! Values whose every field must be known.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::json::typed;
use crate::domain::Result;

/// Reads a value as a `T`.
///
/// # Errors
///
/// [`crate::domain::Error::Invalid`] naming each field that does not fit.
pub fn exact<T: DeserializeOwned + JsonSchema>(value: Value) -> Result<T> {
    typed(value)
}
