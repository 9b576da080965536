//! What a manifest names becomes what it says.

use serde_json::json;

use super::{done, fields, values, whole};
use crate::support::{PROVIDER, Server, is_mask};

const CREATED: [&str; 9] = [
    "create role reader",
    "create user ann@example.com",
    "create application workers",
    "create group readers",
    "create integration openai",
    "create resource openai:gpt-4o",
    "create resource openai:meta-llama/Llama-3",
    "create prompt greeting",
    "create grant GROUP readers on TAG team:core",
];

#[test]
fn everything_is_made_as_it_says_and_planned_before() {
    let server = &Server::start();
    let admin = server.admin();
    let plan = server.unchanging(|| admin.plan(&whole(), &values()));
    assert_eq!(done(&plan)[..9], CREATED);
    assert_eq!(plan["revision"], json!(server.database.revision()));
    let applied =
        admin.apply(&whole(), &json!({"values": values()["values"], "plan": plan["digest"]}));
    assert_eq!((&applied["changes"], &applied["digest"]), (&plan["changes"], &plan["digest"]));
    assert_eq!(applied["revision"], json!(server.database.revision()));
    let read = admin.get(&format!("{PROVIDER}/openai")).ok();
    assert_eq!((&read["category"], &read["enabled"]), (&json!("AI_MODEL"), &json!(true)));
    assert!(is_mask(&read["configuration"]["api_key"]), "{read}");
    assert_eq!(server.database.opened("openai", "", "/api_key"), "\"sk-0123456789abcdef\"");
    let model = admin.get(&format!("{PROVIDER}/openai/integration/gpt-4o")).ok();
    assert_eq!(model["configuration"].to_string(), r#"{"temperature":0.7}"#);
    assert_eq!((&model["maxTokens"], &model["tags"][0]["key"]), (&json!(5), &json!("tier")));
    let limit = admin.get("/api/integrations/llm/openai/token").ok();
    assert_eq!(limit["maxTokens"], 100);
    let prompt = admin.get("/api/prompts/greeting?version=2").ok();
    assert_eq!((&prompt["topP"], &prompt["integrations"]), (&json!(1), &json!(["openai:gpt-4o"])));
    assert_eq!(admin.get("/api/prompts/greeting?label=production").ok()["version"], 1);
    let members = admin.get("/api/groups/readers/users").ok();
    assert_eq!(members.as_array().unwrap().len(), 2);
    let again = server.unchanging(|| admin.apply(&whole(), &values()));
    assert_eq!((&again["changes"], &again["unchanged"]), (&json!([]), &json!(10)));
}

#[test]
fn each_thing_has_its_ordinary_records() {
    let server = &Server::start();
    let admin = server.admin();
    let records = server.records_of(|| admin.apply(&whole(), &values()));
    let application = server.database.column("SELECT id FROM application WHERE name = 'workers'");
    let told: Vec<_> = records.iter().map(|one| one.replace(&application[0], "workers")).collect();
    assert_eq!(
        told,
        [
            "done CREATE ROLE reader",
            "done CREATE USER ann@example.com",
            "done CREATE APPLICATION workers",
            "done UPDATE APPLICATION workers",
            "done UPDATE APPLICATION workers",
            "done CREATE GROUP readers",
            "done UPDATE GROUP readers",
            "done CREATE INTEGRATION_PROVIDER openai",
            "done UPDATE INTEGRATION_PROVIDER openai",
            "done UPDATE INTEGRATION_PROVIDER openai",
            "done CREATE INTEGRATION openai:gpt-4o",
            "done UPDATE INTEGRATION openai:gpt-4o",
            "done CREATE INTEGRATION openai:meta-llama/Llama-3",
            "done CREATE PROMPT greeting",
            "done UPDATE PROMPT greeting",
            "done UPDATE PROMPT greeting",
            "done UPDATE PROMPT greeting",
            "done UPDATE PROMPT greeting",
            "done UPDATE TAG team:core",
            "done UPDATE INTEGRATION openai:gpt-4o",
        ]
    );
    let sql = "SELECT count(DISTINCT revision) FROM audit WHERE seq > 1 AND action LIKE 'prompt%'";
    assert_eq!(server.database.column(sql), ["1"]);
}

#[test]
fn a_change_is_told_field_by_field_and_what_is_not_named_stays() {
    let server = &Server::start();
    let admin = server.admin();
    admin.apply(&whole(), &values());
    let changed = json!({"integrations": [{
        "name": "openai", "type": "openai",
        "configuration": {"api_key": "keep", "endpoint": "https://api.example.org", "extra": [1]},
        "tags": [{"key": "team", "value": "core"}, {"key": "new"}],
        "resources": [{"name": "gpt-4o", "description": "chat", "enabled": false}],
    }]});
    let plan = admin.plan(&changed, &json!({}));
    assert_eq!(done(&plan), ["update integration openai", "update resource openai:gpt-4o"]);
    let told = fields(&plan, "openai");
    assert_eq!(
        told,
        [
            json!(["configuration.api_key", null, null, "keeps"]),
            json!(["configuration.extra", null, [1], null]),
            json!(["tags", ["team:core"], ["new:", "team:core"], null]),
            json!(["description", "team account", null, null]),
            json!(["tokenLimit.maxTokens", 100, null, null]),
            json!(["tokenLimit.period", "DAY", null, null]),
        ]
    );
    admin.apply(&changed, &json!({"plan": plan["digest"]}));
    assert_eq!(admin.get(&format!("{PROVIDER}/openai/integration/gpt-4o")).ok()["enabled"], false);
    admin.get(&format!("{PROVIDER}/openai/integration/meta-llama%2FLlama-3")).ok();
    admin.get("/api/integrations/llm/openai/token").refused(404, "No such token limit");
    assert_eq!(server.database.opened("openai", "", "/api_key"), "\"sk-0123456789abcdef\"");
    admin.get("/api/prompts/greeting").ok();
}

#[test]
fn what_changed_since_the_plan_stops_an_apply() {
    let server = &Server::start();
    let admin = server.admin();
    let plan = admin.plan(&whole(), &values());
    admin.put("/api/users/ann@example.com", &json!({"name": "Ann", "roles": []})).ok();
    let more = json!({"values": values()["values"], "plan": plan["digest"]});
    server.unchanged(|| admin.try_apply(&whole(), &more).refused(412, "plan again"));
    let plan = admin.plan(&whole(), &values());
    assert_eq!(fields(&plan, "ann@example.com"), [json!(["roles", null, ["USER"], null])]);
    admin.apply(&whole(), &json!({"values": values()["values"], "plan": plan["digest"]}));
    // What is no part of it does not matter.
    let plan = admin.plan(&json!({"prompts": []}), &json!({}));
    admin.put("/api/users/bob@example.com", &json!({"name": "Bob", "roles": []})).ok();
    admin.apply(&json!({"prompts": []}), &json!({"plan": plan["digest"]}));
}

#[test]
fn it_takes_what_each_thing_takes_also_where_nothing_changes() {
    let server = &Server::start();
    let admin = server.admin();
    admin.apply(&whole(), &values());
    let integration = json!({"integrations": [whole()["integrations"][0]]});
    let reader = server.client("reader", &["USER_READ_ONLY"]);
    for path in [super::PLAN, super::APPLY] {
        let body = super::request(&integration, &values());
        let record =
            server.denied(|| reader.post(path, &body).refused(403, "You don't have UPDATE access"));
        assert_eq!(record, "denied UPDATE INTEGRATION_PROVIDER openai");
    }
    // Of whatever kind: else a plan would tell whether a guess is right.
    for kind in ["roles", "users", "applications", "groups", "prompts", "grants"] {
        let same = json!({kind: [whole()[kind][0]]});
        assert_eq!(admin.plan(&same, &json!({}))["unchanged"], 1, "{kind}");
        let refused = || reader.post(super::PLAN, &super::request(&same, &json!({})));
        server.denied(|| refused().refused(403, "You don't have UPDATE access"));
    }
    let user = server.client("user", &["USER"]);
    let new = json!({"integrations": [{"name": "mine", "type": "openai"}]});
    assert_eq!(done(&user.apply(&new, &json!({}))), ["create integration mine"]);
    let owned = json!({"owner": "x", "integrations": [{"name": "mine", "type": "openai"}]});
    assert_eq!(done(&user.apply(&owned, &json!({}))), ["update integration mine"]);
    let role = json!({"groups": [{"id": "all", "roles": ["ADMIN"]}]});
    let manager = server.client("manager", &["USER", "METADATA_MANAGER"]);
    manager.try_apply(&role, &json!({})).refused(403, "");
}

#[test]
fn g4_nobody_gives_by_a_manifest_what_they_do_not_hold() {
    let server = &Server::start();
    let admin = server.admin();
    admin.apply(&whole(), &values());
    let secret = json!({"integrations": [{"name": "secret", "type": "openai"}]});
    admin.apply(&secret, &json!({}));
    let tag = json!({"key": "team", "value": "rule"});
    server.grant(("GROUP", "readers"), ("TAG", "team:rule"), &["DELETE"]);
    let eve = server.client("eve", &["USER", "APPLICATION_MANAGER"]);
    admin
        .post(
            "/api/roles",
            &json!({"name": "people", "permissions": ["USER_MANAGEMENT",
        "PERMISSION_MANAGEMENT"]}),
        )
        .ok();
    let id = eve.subject.strip_prefix("app:").unwrap();
    admin.call("POST", &format!("/api/applications/{id}/roles/people")).done();
    server.grant(("USER", &eve.subject), ("INTEGRATION_PROVIDER", "openai"), &["READ", "UPDATE"]);
    let grant = |kind: &str, id: &str, access: &str| {
        json!({"grants": [{"subject": {"type": "APPLICATION", "id": "eve"},
                           "target": {"type": kind, "id": id}, "access": [access]}]})
    };
    for (manifest, words) in [
        (json!({"roles": [{"name": "more", "permissions": ["READ_PROMPT"]}]}), "every permission"),
        (
            json!({"users": [{"id": "mallory", "name": "M", "roles": ["ADMIN"]}]}),
            "the role `ADMIN`",
        ),
        (json!({"applications": [{"name": "new", "roles": ["ADMIN"]}]}), "the role `ADMIN`"),
        (
            json!({"groups": [{"id": "new", "roles": ["PROMPT_MANAGER"]}]}),
            "the role `PROMPT_MANAGER`",
        ),
        (
            json!({"groups": [{"id": "new", "defaultAccess": {"WORKFLOW_DEF": ["READ"]}}]}),
            "READ access",
        ),
        (grant("INTEGRATION_PROVIDER", "openai", "DELETE"), "DELETE access"),
        (grant("INTEGRATION_PROVIDER", "secret", "READ"), "UPDATE access to integration `secret`"),
        (grant("TAG", "team:core", "READ"), "UPDATE access"),
        (
            json!({"integrations": [{"name": "openai", "type": "openai", "tags": [tag]}]}),
            "DELETE access",
        ),
    ] {
        for path in [super::PLAN, super::APPLY] {
            let body = super::request(&manifest, &json!({}));
            let denied = server.denied(|| eve.post(path, &body).refused(403, words));
            assert!(denied.starts_with("denied UPDATE "), "{denied}: {manifest}");
        }
    }
    assert_eq!(
        done(&eve.apply(&grant("INTEGRATION_PROVIDER", "openai", "READ"), &json!({}))),
        ["update grant APPLICATION eve on INTEGRATION_PROVIDER openai",]
    );
}

#[test]
fn what_a_plan_gave_is_gone_with_it() {
    let server = &Server::start();
    let admin = server.admin();
    let eve = server.client("eve", &["USER"]);
    let manifest = json!({"owner": "eve", "integrations": [
        {"name": "new", "type": "openai", "resources": [{"name": "model"}]}]});
    for _ in 0..3 {
        assert_eq!(done(&server.unchanging(|| eve.plan(&manifest, &json!({})))).len(), 2);
    }
    let path = format!("{PROVIDER}/new");
    eve.get(&path).refused(404, "No such integration");
    admin.post(&path, &json!({"type": "openai"})).ok();
    admin.post(&format!("{path}/integration/model"), &json!({})).done();
    eve.get(&path).refused(403, "READ");
    eve.post(&path, &json!({"type": "openai"})).refused(403, "UPDATE");
    eve.post(&format!("{path}/integration/model"), &json!({})).refused(403, "UPDATE");
    eve.try_apply(&manifest, &json!({})).refused(403, "UPDATE");
}
