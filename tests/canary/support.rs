//! What the tests share with the requests of the access tests.

use std::time::Duration;

use serde_json::{Value, json};

/// The binary under test.
pub const PODIUM: &str = env!("CARGO_BIN_EXE_podium");

/// The administrator's access key.
pub const ADMIN: (&str, &str) = ("admin-key", "CANARY-7d1c0f5a9e3b48d2a6f0c1e2b3d4958f");

/// What hangs is given up then. Nothing waits this long otherwise.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The body that grants or takes away.
pub fn authorization(to: (&str, &str), on: (&str, &str), accesses: &[&str]) -> Value {
    json!({
        "subject": {"type": to.0, "id": to.1},
        "target": {"type": on.0, "id": on.1},
        "access": accesses,
    })
}

/// What saves an integration.
pub fn integration() -> Value {
    json!({
        "type": "openai",
        "category": "AI_MODEL",
        "enabled": true,
        "configuration": {"api_key": "sk-1"},
    })
}

/// What saves a resource.
pub fn resource() -> Value {
    json!({"description": "chat", "enabled": true, "configuration": {}})
}
