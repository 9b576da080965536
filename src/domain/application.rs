//! Applications and their access keys; contract section 7.

use serde::{Deserialize, Serialize};

use super::integration::Stamps;

/// A program that calls the registry: an orchestrator, a worker, a CI job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Application {
    /// Its id, a UUID.
    pub id: String,
    /// Its name; several may have the same.
    pub name: String,
    /// Who and when.
    pub stamps: Stamps,
}

/// An access key of an application, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessKey {
    /// The id that signs in with it.
    pub id: String,
    /// The application it belongs to.
    pub application: String,
    /// Whether it can be used, or is paused.
    pub active: bool,
    /// When it was made, in epoch milliseconds.
    pub created_on: i64,
    /// When it stops working, in epoch milliseconds, if it does.
    pub expires_on: Option<i64>,
    /// When it last signed in or was sent itself, to the minute, in epoch milliseconds.
    pub last_used_on: Option<i64>,
}

impl AccessKey {
    /// Whether it can be used at `now`.
    pub fn is_usable(&self, now: i64) -> bool {
        self.active && self.expires_on.is_none_or(|end| now < end)
    }
}
