//! What the tests share with the requests of the access tests.

use std::time::Duration;

pub use crate::requests::{authorization, integration, resource};

/// The binary under test.
pub const PODIUM: &str = env!("CARGO_BIN_EXE_podium");

/// The administrator's access key.
pub const ADMIN: (&str, &str) = ("admin-key", "CANARY-7d1c0f5a9e3b48d2a6f0c1e2b3d4958f");

/// What hangs is given up then. Nothing waits this long otherwise.
pub const PATIENCE: Duration = Duration::from_secs(60);
