//! Manifests with secrets in them: planned, applied, refused and written.

use serde_json::{Value, json};

use crate::client::Client;
use crate::refused::configurations;
use crate::secrets::Secrets;

const PLAN: &str = "/api/manifest/plan";
const APPLY: &str = "/api/manifest/apply";

/// A request with a manifest of one integration.
fn request(name: &str, configuration: &Value, value: String, plain: bool) -> Value {
    json!({
        "manifest": {"owner": "canaries", "integrations": [
            {"name": name, "type": "openai", "configuration": configuration,
             "resources": [{"name": "model", "configuration": configuration}]},
        ]},
        "values": {"env:CANARY": value},
        "allowPlainSecrets": plain,
    })
}

/// Sends manifests whose secrets come by reference and in clear, taken and refused.
pub fn send_all(admin: &Client, nobody: &Client, stranger: &Client, secrets: &Secrets) {
    let refer = json!({"api_key": "${env:CANARY}", "headers": {"X-Key": "Bearer ${env:CANARY}"}});
    for path in [PLAN, APPLY, PLAN, APPLY] {
        let new = || request("by-manifest", &refer, secrets.canary(), false);
        admin.post(path, &new()).is(200);
        nobody.call("POST", path, Some(&new())).is(403);
        stranger.call("POST", path, Some(&new())).is(401);
        let plain = |allowed| {
            let clear = json!({"api_key": secrets.canary()});
            request("in-clear", &clear, secrets.canary(), allowed)
        };
        admin.post(path, &plain(true)).is(200);
        admin.post(path, &plain(false)).is(400);
        for configuration in configurations(secrets) {
            admin.post(path, &request("bad", &configuration, secrets.canary(), true)).is(400);
        }
        let unknown = json!({"manifest": {"integrations": [{
            "name": "x", "type": "openai", "configurations": {"api_key": secrets.canary()}}]}});
        admin.post(path, &unknown).is(400);
        // Before there is something to keep, and when it would go elsewhere.
        let elsewhere =
            json!({"api_key": "keep", "token": "${env:CANARY}", "endpoint": "https://else"});
        let moved = request("by-manifest", &elsewhere, secrets.canary(), false);
        let status = admin.post(path, &moved).status;
        assert!([400, 409].contains(&status), "{status}");
    }
    for secrets in ["keep", "env"] {
        let written = admin.get(&format!("/api/manifest?name=by-*&secrets={secrets}")).ok();
        let key = &written["integrations"][0]["configuration"]["api_key"];
        assert_eq!(key, if secrets == "keep" { "keep" } else { "${env:BY_MANIFEST_API_KEY}" });
    }
}
