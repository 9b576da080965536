//! C7: what is pruned, and what is not.

use serde_json::{Value, json};

use super::done;
use crate::support::{Client, PROVIDER, Server};

/// A thing of each kind that can be pruned, as a manifest.
fn things() -> Value {
    json!({
        "roles": [{"name": "role"}],
        "users": [{"id": "user", "name": "User"}],
        "applications": [{"name": "application"}],
        "groups": [{"id": "group"}],
        "integrations": [{"name": "integration", "type": "openai", "resources": [{"name": "r"}]}],
        "prompts": [{"name": "prompt", "versions": [{"version": 1, "template": "a"}]}],
    })
}

const KINDS: [&str; 6] = ["roles", "users", "applications", "groups", "integrations", "prompts"];

fn owned(owner: &str, mut manifest: Value) -> Value {
    manifest["owner"] = json!(owner);
    manifest
}

/// The manifest of `owner` that names one unimportant thing.
fn rest(owner: &str) -> Value {
    owned(owner, json!({"groups": [{"id": format!("rest of {owner}")}]}))
}

/// What pruning with `manifest` deletes, beside what [`rest`] names.
fn pruned(admin: &Client, manifest: &Value, more: Value) -> Vec<String> {
    let mut more = more;
    more["prune"] = json!(true);
    let plan = done(&admin.apply(manifest, &more));
    plan.into_iter().filter(|one| one.starts_with("delete") && !one.contains("rest of")).collect()
}

#[test]
fn c7_only_what_carries_the_mark_is_deleted_kind_by_kind() {
    for kind in KINDS {
        let server = &Server::start();
        let admin = server.admin();
        let one = json!({kind: things()[kind]});
        let deleted = if kind == "integrations" { 2 } else { 1 };
        // Without a mark, and with that of another.
        admin.apply(&one, &json!({}));
        assert_eq!(pruned(&admin, &rest("me"), json!({})), [""; 0], "{kind}");
        admin.apply(&owned("other", one.clone()), &json!({}));
        assert_eq!(pruned(&admin, &rest("me"), json!({})), [""; 0], "{kind}");
        // Taken over by name, and then no longer named.
        let mine = owned("me", one.clone());
        let words = "belongs to the manifest `other`; say `adopt`";
        server.unchanged(|| admin.try_apply(&mine, &json!({})).refused(409, words));
        admin.apply(&mine, &json!({"adopt": true}));
        assert_eq!(pruned(&admin, &mine, json!({})), [""; 0], "{kind}");
        assert_eq!(pruned(&admin, &rest("other"), json!({})), [""; 0], "{kind}");
        // Without `prune` it stays.
        let kept = done(&admin.apply(&rest("me"), &json!({})));
        assert_eq!(kept, ["create group rest of me"]);
        assert_eq!(pruned(&admin, &rest("me"), json!({})).len(), deleted, "{kind}");
        let left = admin.exported();
        let left = left[kind].as_array().into_iter().flatten();
        let names: Vec<_> =
            left.map(|one| if one["name"].is_null() { &one["id"] } else { &one["name"] }).collect();
        assert!(!names.contains(&&json!(kind.trim_end_matches('s'))), "{kind}: {names:?}");
    }
}

#[test]
fn c7_a_renamed_mark_is_that_of_another() {
    let server = &Server::start();
    let admin = server.admin();
    let manifest = owned("me", json!({"integrations": things()["integrations"]}));
    admin.apply(&manifest, &json!({}));
    let tags = format!("{PROVIDER}/integration/tags");
    let mark = |value: &str| json!([{"key": "managed-by", "value": value}]);
    admin.call_with("DELETE", &tags, &mark("me")).done();
    assert_eq!(pruned(&admin, &rest("me"), json!({})), ["delete resource integration:r"]);
    admin.put(&tags, &mark("you")).done();
    assert_eq!(pruned(&admin, &rest("me"), json!({})), [""; 0]);
    admin.call_with("DELETE", &tags, &mark("you")).done();
    admin.put(&tags, &mark("me")).done();
    assert_eq!(pruned(&admin, &rest("me"), json!({})), ["delete integration integration"]);
}

#[test]
fn c7_an_empty_manifest_deletes_nothing_without_force() {
    let server = &Server::start();
    let admin = server.admin();
    admin.apply(&owned("me", things()), &json!({}));
    let empty = json!({"owner": "me"});
    let prune = json!({"prune": true});
    server.unchanged(|| admin.try_apply(&empty, &prune).refused(400, "`prune` would delete all"));
    server.unchanged(|| {
        admin
            .try_apply(&json!({"groups": []}), &prune)
            .refused(400, "`owner` is required to prune");
    });
    let deleted = pruned(&admin, &empty, json!({"force": true}));
    assert_eq!(
        deleted,
        [
            "delete prompt prompt",
            "delete resource integration:r",
            "delete integration integration",
            "delete group group",
            "delete application application",
            "delete user user",
            "delete role role",
        ]
    );
    assert_eq!(pruned(&admin, &empty, json!({"force": true})), [""; 0]);
}

#[test]
fn c7_nothing_of_others_goes_with_an_integration() {
    let server = &Server::start();
    let admin = server.admin();
    admin.apply(&owned("me", json!({"integrations": things()["integrations"]})), &json!({}));
    let more = json!({"enabled": true});
    admin.post(&format!("{PROVIDER}/integration/integration/by-hand"), &more).done();
    let prune = json!({"prune": true});
    let words = "its resources `by-hand` do not belong to this manifest";
    server.unchanged(|| admin.try_apply(&rest("me"), &prune).refused(409, words));
    let deleted = pruned(&admin, &rest("me"), json!({"adopt": true}));
    assert_eq!(deleted, ["delete resource integration:r", "delete integration integration"]);
}

#[test]
fn c7_versions_and_grants_go_with_what_is_owned_alone() {
    let server = &Server::start();
    let admin = server.admin();
    let grant = |target: &str| {
        json!({"subject": {"type": "GROUP", "id": "group"},
               "target": {"type": "PROMPT", "id": target}, "access": ["READ"]})
    };
    let version = |number: i64| json!({"version": number, "template": "a"});
    let manifest = |versions: &[i64], targets: &[&str]| {
        let versions: Vec<_> = versions.iter().map(|number| version(*number)).collect();
        let grants: Vec<_> = targets.iter().map(|target| grant(target)).collect();
        json!({"prompts": [{"name": "prompt", "versions": versions}], "groups": [{"id": "group"}],
               "grants": grants})
    };
    // By hand: nothing is pruned of what a manifest does not name.
    admin.apply(&manifest(&[1, 2], &["a", "b"]), &json!({}));
    assert_eq!(pruned(&admin, &rest("you"), json!({})), [""; 0]);
    // What it names belongs to it from then on, and so do its parts.
    let less = owned("me", manifest(&[1], &["a"]));
    admin.apply(&less, &json!({}));
    assert_eq!(admin.get("/api/prompts/prompt/versions").ok().as_array().unwrap().len(), 2);
    let plan = admin.apply(&less, &json!({"prune": true}));
    assert_eq!(done(&plan), ["update prompt prompt", "delete grant GROUP group on PROMPT b"]);
    assert_eq!(admin.get("/api/prompts/prompt/versions").ok().as_array().unwrap().len(), 1);
    let held = admin.get("/api/groups/group/permissions").ok();
    assert_eq!(held["grantedAccess"].as_array().unwrap().len(), 1, "{held}");
}

#[test]
fn pruning_takes_the_right_to_delete() {
    let server = &Server::start();
    let admin = server.admin();
    let manifest = owned("me", json!({"integrations": [{"name": "one", "type": "openai"}]}));
    let bob = server.client("bob", &["USER"]);
    bob.apply(&manifest, &json!({}));
    let eve = server.client("eve", &["USER"]);
    let other = owned("me", json!({"integrations": [{"name": "two", "type": "openai"}]}));
    let record = server
        .denied(|| eve.try_apply(&other, &json!({"prune": true})).refused(403, "DELETE access"));
    assert_eq!(record, "denied DELETE INTEGRATION_PROVIDER one");
    assert_eq!(pruned(&bob, &other, json!({})), ["delete integration one"]);
    drop(admin);
}

#[test]
fn what_the_maker_of_a_thing_got_is_not_pruned() {
    let server = &Server::start();
    let admin = server.admin();
    let provisioner = json!({"applications": [{"name": "ci", "roles": ["USER"]}]});
    admin.apply(&owned("me", provisioner.clone()), &json!({}));
    let id = server.database.column("SELECT id FROM application WHERE name = 'ci'").remove(0);
    let (key, secret) = admin.new_key(&id);
    let ci = server.signed_in(&key, &secret);
    ci.apply(&json!({"integrations": [{"name": "its", "type": "openai"}]}), &json!({}));
    assert_eq!(pruned(&admin, &owned("me", provisioner), json!({})), [""; 0]);
    ci.post(&format!("{PROVIDER}/its"), &json!({"type": "openai"})).ok();
}
