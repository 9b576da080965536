//! J1: every change leaves its records, and nothing else leaves any.

use std::cell::RefCell;
use std::collections::BTreeSet;

use podium::http;
use serde_json::{Value, json};

use crate::database::Database;
use crate::support::{ADMIN, Client, SEAL_KEY, Server, model, openai, settings};

const MAIN: &str = "/api/integrations/provider/main";
const GPT: &str = "/api/integrations/provider/main/integration/gpt";
const INTEGRATION: &str = "INTEGRATION_PROVIDER main";
const RESOURCE: &str = "INTEGRATION main:gpt";

/// Routes that are no `GET` and change nothing: a sign-in, a question, and one that is not served.
const NO_CHANGE: [(&str, &str); 6] = [
    ("POST", "/api/token"),
    ("POST", "/api/audit/fingerprint"),
    ("POST", "/api/users/{id}/sendInviteEmail"),
    ("POST", "/api/manifest/plan"),
    ("POST", "/api/prompts/test"),
    ("POST", "/api/prompts/{name}/render"),
];

/// A walk along the routes, and which it has come by.
struct Walk<'s> {
    server: &'s Server,
    admin: Client,
    seen: RefCell<BTreeSet<(String, String)>>,
}

impl Walk<'_> {
    /// Calls a route, which must make one change and leave these records: action, access, type and
    /// id of the target, where `{new}` is the id in the answer.
    #[track_caller]
    fn step(&self, method: &str, path: &str, body: &Value, expected: &[&str]) -> Value {
        let database = &self.server.database;
        let (revision, records) = (database.revision(), database.records());
        let answer = match body {
            Value::Null => self.admin.call(method, path),
            body => self.admin.call_with(method, path, body),
        };
        assert!([200, 201, 204].contains(&answer.status), "{method} {path}: {}", answer.text);
        let sql = format!(
            "SELECT action, access, target_kind, target_id, outcome, subject, key_id, address,
                 revision FROM audit WHERE seq > {records} ORDER BY seq"
        );
        let new = answer.json["id"].as_str().unwrap_or_default();
        let who = format!("{} {} 127.0.0.1 {}", self.admin.subject, ADMIN.0, revision + 1);
        let expected = expected.iter().map(|record| record.replace("{new}", new));
        let expected: Vec<_> = expected.map(|record| format!("{record} done {who}")).collect();
        let found: Vec<_> = database.rows(&sql).into_iter().map(|row| row.join(" ")).collect();
        assert_eq!(found, expected, "{method} {path}");
        assert_eq!(database.revision(), revision + 1, "{method} {path}");
        self.seen.borrow_mut().insert((method.to_owned(), route(method, path)));
        answer.json
    }
}

/// The route that serves a path.
fn route(method: &str, path: &str) -> String {
    let path: Vec<_> = path.split('?').next().unwrap().split('/').collect();
    let serves = |route: &str| {
        let route: Vec<_> = route.split('/').collect();
        let mut both = route.iter().zip(&path);
        route.len() == path.len() && both.all(|(own, part)| own.starts_with('{') || own == part)
    };
    let mut rules = http::rules().into_iter();
    let found = rules.find(|(verb, route, _)| *verb == method && serves(route));
    found.unwrap_or_else(|| panic!("no route for {method} {path:?}")).1
}

#[test]
fn j1_every_change_of_every_route_leaves_its_records() {
    let server = &Server::start();
    let admin = server.admin();
    let walk = Walk { server, admin, seen: RefCell::default() };
    integrations(&walk);
    prompts(&walk);
    metadata(&walk);
    applications(&walk);
    people(&walk);
    model_providers(&walk);
    older_model_providers(&walk);
    agents(&walk);
    organizations(&walk);
    let mut seen = walk.seen.into_inner();
    // It has a test of its own, with two keys.
    seen.insert(("POST".to_owned(), "/api/seal/rotate".to_owned()));
    let rules = http::rules().into_iter();
    let changing = rules.map(|(method, path, _)| (method.to_owned(), path)).filter(|route| {
        route.0 != "GET" && !NO_CHANGE.contains(&(route.0.as_str(), route.1.as_str()))
    });
    assert_eq!(seen, changing.collect());
    assert_eq!(walk.admin.get("/api/audit/verify").ok()["firstBad"], Value::Null);
}

fn integrations(walk: &Walk<'_>) {
    let none = &Value::Null;
    let tags = &json!([{"key": "team", "value": "core"}]);
    let definition = json!([{"type": "own", "category": "AI_MODEL"}]);
    let register = "definition.register UPDATE INTEGRATION_DEF *";
    walk.step("POST", "/api/integrations/def/register", &definition, &[register]);
    let of = |action: &str, access: &str| format!("{action} {access} {INTEGRATION}");
    walk.step("POST", MAIN, &openai("sk-1"), &[&of("integration.save", "CREATE")]);
    walk.step("POST", MAIN, &openai("sk-2"), &[&of("integration.save", "UPDATE")]);
    walk.step("PATCH", MAIN, &json!({"enabled": true}), &[&of("integration.change", "UPDATE")]);
    walk.step("POST", &format!("{MAIN}/resolve"), none, &[&of("integration.resolve", "EXECUTE")]);
    walk.step("PUT", &format!("{MAIN}/tags"), tags, &[&of("tag.add", "UPDATE")]);
    walk.step("DELETE", &format!("{MAIN}/tags"), tags, &[&of("tag.remove", "UPDATE")]);
    let limit = json!({"maxTokens": 9, "tokenLimitPeriod": "DAY"});
    let path = "/api/integrations/llm/main/token";
    walk.step("POST", path, &limit, &[&of("token-limit.set", "UPDATE")]);

    let of = |action: &str, access: &str| format!("{action} {access} {RESOURCE}");
    walk.step("POST", GPT, &model(), &[&of("resource.save", "CREATE")]);
    walk.step("PATCH", GPT, &json!({"enabled": true}), &[&of("resource.change", "UPDATE")]);
    walk.step("POST", &format!("{GPT}/resolve"), none, &[&of("resource.resolve", "EXECUTE")]);
    walk.step("PUT", &format!("{GPT}/tags"), tags, &[&of("tag.add", "UPDATE")]);
    walk.step("DELETE", &format!("{GPT}/tags"), tags, &[&of("tag.remove", "UPDATE")]);
    walk.step("POST", &format!("{GPT}/metrics"), &json!(7), &[&of("usage.register", "EXECUTE")]);
    walk.step("DELETE", GPT, none, &[&of("resource.delete", "DELETE")]);
    walk.step("DELETE", MAIN, none, &[&format!("integration.delete DELETE {INTEGRATION}")]);

    let events = "events.record CREATE EVENT_STATS *";
    walk.step("POST", "/api/integrations/eventStats?type=openai", &json!([]), &[events]);
    walk.step("POST", "/api/integrations/eventStats/openai", &json!([]), &[events]);
    let item = json!([{"name": "main", "type": "openai", "category": "AI_MODEL", "enabled": true,
        "apis": [{"api": "gpt", "enabled": true}]}]);
    let saved = format!("integration.save CREATE {INTEGRATION}");
    let model = "resource.save CREATE INTEGRATION main:gpt";
    walk.step("POST", "/api/integrations", &item, &[&saved, model]);
}

fn prompts(walk: &Walk<'_>) {
    let none = &Value::Null;
    let of = |action: &str, access: &str| format!("{action} {access} PROMPT greet");
    let bulk = json!([1, 2].map(|n| json!({"name": "greet", "template": "a", "version": n})));
    let saved = ["CREATE", "UPDATE"].map(|access| of("prompt.save", access));
    walk.step("POST", "/api/prompts", &bulk, &[&saved[0], &saved[1]]);
    for method in ["POST", "PUT"] {
        let path = "/api/prompts/greet?description=d";
        walk.step(method, path, &json!("b"), &[&of("prompt.save", "UPDATE")]);
    }
    let (label, version) = ("/api/prompts/greet/labels/live", json!({"version": 1}));
    walk.step("PUT", label, &version, &[&of("prompt-label.move", "UPDATE")]);
    walk.step("DELETE", label, none, &[&of("prompt-label.remove", "UPDATE")]);
    let tags = json!([{"key": "team", "value": "core"}]);
    walk.step("PUT", "/api/prompts/greet/tags", &tags, &[&of("tag.add", "UPDATE")]);
    walk.step("DELETE", "/api/prompts/greet/tags", &tags, &[&of("tag.remove", "UPDATE")]);
    let attach = format!("{GPT}/prompt/greet");
    walk.step("POST", &attach, none, &[&of("prompt.attach", "UPDATE")]);
    let version = "/api/prompts/greet/versions/1";
    walk.step("DELETE", version, none, &[&of("prompt.delete-version", "DELETE")]);
    walk.step("DELETE", "/api/prompts/greet", none, &[&of("prompt.delete", "DELETE")]);
}

fn metadata(walk: &Walk<'_>) {
    let tag = &json!({"key": "team", "value": "core"});
    let tags = &json!([tag]);
    for (kind, thing) in [("task", "TASK_DEF ship"), ("workflow", "WORKFLOW_DEF ship")] {
        let of = |action: &str| format!("{action} UPDATE {thing}");
        if kind == "workflow" {
            let saved = "workflow.save CREATE WORKFLOW_DEF ship";
            let body = json!({"name": "ship", "version": 3});
            walk.step("POST", "/api/metadata/workflow", &body, &[saved]);
        }
        let path = format!("/api/metadata/{kind}/ship/tags");
        walk.step("POST", &path, tag, &[&of("tag.add")]);
        walk.step("PUT", &path, tags, &[&of("tag.set")]);
        walk.step("DELETE", &path, tag, &[&of("tag.remove")]);
    }
    let deleted = "workflow.delete DELETE WORKFLOW_DEF ship";
    walk.step("DELETE", "/api/metadata/workflow/ship/3", &Value::Null, &[deleted]);
}

fn applications(walk: &Walk<'_>) {
    let none = &Value::Null;
    let created = "application.create CREATE APPLICATION {new}";
    let made = walk.step("POST", "/api/applications", &json!({"name": "x"}), &[created]);
    let id = made["id"].as_str().unwrap();
    let of = |action: &str| format!("{action} UPDATE APPLICATION {id}");
    let path = format!("/api/applications/{id}");
    walk.step("PUT", &path, &json!({"name": "y"}), &[&of("application.rename")]);
    let keys = format!("{path}/accessKeys");
    let key = walk.step("POST", &keys, none, &[&of("key.create")]);
    let key = format!("{keys}/{}", key["id"].as_str().unwrap());
    walk.step("POST", &format!("{key}/status"), none, &[&of("key.toggle")]);
    walk.step("POST", &format!("{key}/status"), none, &[&of("key.toggle")]);
    let overlap = json!({"overlapSeconds": 60});
    walk.step("POST", &format!("{key}/rotate"), &overlap, &[&of("key.rotate")]);
    walk.step("DELETE", &key, none, &[&of("key.delete")]);
    walk.step("POST", &format!("{path}/roles/USER"), none, &[&of("role.add")]);
    walk.step("DELETE", &format!("{path}/roles/USER"), none, &[&of("role.remove")]);
    let tags = json!([{"key": "team", "value": "core"}]);
    walk.step("PUT", &format!("{path}/tags"), &tags, &[&of("tag.add")]);
    walk.step("DELETE", &format!("{path}/tags"), &tags, &[&of("tag.remove")]);
    let deleted = format!("application.delete DELETE APPLICATION {id}");
    walk.step("DELETE", &path, none, &[&deleted]);
}

fn people(walk: &Walk<'_>) {
    let none = &Value::Null;
    let group = json!({"description": "", "roles": ["USER"]});
    walk.step("PUT", "/api/groups/devs", &group, &["group.save CREATE GROUP devs"]);
    let user = json!({"name": "Ann", "groups": ["devs"]});
    let joined = "group.add-member UPDATE GROUP devs";
    walk.step("PUT", "/api/users/ann", &user, &[joined, "user.save CREATE USER ann"]);
    let left = "group.remove-member UPDATE GROUP devs";
    for (path, body) in [("users", json!(["ann"])), ("users/ann", Value::Null)] {
        let path = format!("/api/groups/devs/{path}");
        walk.step("DELETE", &path, &body, &[left]);
        walk.step("POST", &path, &body, &[joined]);
    }
    let role = json!({"name": "lead", "permissions": []});
    walk.step("POST", "/api/roles", &role, &["role.create CREATE ROLE lead"]);
    let role = json!({"permissions": ["READ_GROUP"]});
    walk.step("PUT", "/api/roles/lead", &role, &["role.update UPDATE ROLE lead"]);
    let grant = json!({"subject": {"type": "USER", "id": "ann"},
        "target": {"type": "INTEGRATION_PROVIDER", "id": "main"}, "access": ["READ"]});
    let of = |action: &str| format!("{action} UPDATE {INTEGRATION}");
    walk.step("POST", "/api/auth/authorization", &grant, &[&of("grant.add")]);
    walk.step("DELETE", "/api/auth/authorization", &grant, &[&of("grant.remove")]);
    let all = "/api/auth/subjects/USER/ann/grants";
    walk.step("DELETE", all, none, &["grant.remove-all UPDATE USER ann"]);
    walk.step("DELETE", "/api/users/ann", none, &["user.delete DELETE USER ann"]);
    walk.step("DELETE", "/api/groups/devs", none, &["group.delete DELETE GROUP devs"]);
    walk.step("DELETE", "/api/roles/lead", none, &["role.delete DELETE ROLE lead"]);
    let one = json!({"owner": "files", "roles": [{"name": "one"}]});
    let marked = ["role.create CREATE ROLE one", "tag.set UPDATE ROLE one"];
    walk.step("POST", "/api/manifest/apply", &json!({"manifest": one}), &marked);
    let none = json!({"manifest": {"owner": "files"}, "prune": true, "force": true});
    walk.step("POST", "/api/manifest/apply", &none, &["role.delete DELETE ROLE one"]);
}

/// What is recorded of an integration of Arize's dialect, and of what belongs to it.
fn of(name: &str, action: &str, access: &str) -> String {
    let kind = if name.contains(':') { "INTEGRATION" } else { "INTEGRATION_PROVIDER" };
    format!("{action} {access} {kind} {name}")
}

/// Where a record that was made stands.
fn at(list: &str, made: &Value) -> String {
    format!("{list}/{}", made["id"].as_str().unwrap())
}

fn model_providers(walk: &Walk<'_>) {
    let config = json!({"provider": "CUSTOM", "api_key": "sk-1", "model_names": ["m-1", "m-2"],
        "base_url": "https://llm.example.org/v1", "headers": {"X-One": "1"}});
    let body = json!({"type": "LLM", "name": "llm/a", "config": config});
    let made = walk.step(
        "POST",
        "/v2/integrations",
        &body,
        &[
            &of("llm-a", "integration.save", "CREATE"),
            &of("llm-a:m-1", "resource.save", "CREATE"),
            &of("llm-a:m-2", "resource.save", "CREATE"),
        ],
    );
    let path = at("/v2/integrations", &made);
    // The names differ already, so that Conductor's stays.
    let body =
        json!({"type": "LLM", "name": "llm", "config": {"is_function_calling_enabled": false}});
    walk.step("PATCH", &path, &body, &[&of("llm-a", "integration.change", "UPDATE")]);
    let deleted = of("llm-a", "integration.delete", "DELETE");
    walk.step("DELETE", &path, &Value::Null, &[&deleted]);
}

fn older_model_providers(walk: &Walk<'_>) {
    let body = json!({"name": "old", "provider": "OPEN_AI", "api_key": "sk-1",
        "model_names": ["m-1", "m-2"]});
    let made = walk.step(
        "POST",
        "/v2/ai-integrations",
        &body,
        &[
            &of("old", "integration.save", "CREATE"),
            &of("old:m-1", "resource.save", "CREATE"),
            &of("old:m-2", "resource.save", "CREATE"),
        ],
    );
    let path = at("/v2/ai-integrations", &made);
    // What stays as it is leaves no record of its own.
    walk.step(
        "PATCH",
        &path,
        &json!({"name": "new", "api_key": "sk-2", "model_names": ["m-3", "m-2"]}),
        &[
            &of("old", "integration.change", "UPDATE"),
            &of("old:m-1", "resource.delete", "DELETE"),
            &of("old:m-3", "resource.save", "CREATE"),
            &of("old", "integration.rename", "UPDATE"),
        ],
    );
    let deleted = of("new", "integration.delete", "DELETE");
    walk.step("DELETE", &path, &Value::Null, &[&deleted]);
}

fn agents(walk: &Walk<'_>) {
    let preset = |name: &str, n: u8| json!({"name": name, "config": {"n": n}});
    let config = json!({"endpoint": "https://agent.example.org", "input_schema": {"type": "object"},
        "request_presets": [preset("p-1", 1), preset("p-2", 2), preset("p-3", 3)]});
    let body = json!({"type": "AGENT", "name": "agent", "config": config});
    let saved = |preset: &str, access| of(&format!("agent:{preset}"), "resource.save", access);
    let made = walk.step(
        "POST",
        "/v2/integrations",
        &body,
        &[
            &of("agent", "integration.save", "CREATE"),
            &saved("p-1", "CREATE"),
            &saved("p-2", "CREATE"),
            &saved("p-3", "CREATE"),
        ],
    );
    let path = at("/v2/integrations", &made);
    let presets = [preset("p-3", 3), preset("p-2", 9), preset("p-4", 4)];
    walk.step(
        "PATCH",
        &path,
        &json!({"type": "AGENT", "config": {"request_presets": presets}}),
        &[
            &of("agent", "integration.change", "UPDATE"),
            &of("agent:p-1", "resource.delete", "DELETE"),
            &saved("p-2", "UPDATE"),
            &saved("p-4", "CREATE"),
        ],
    );
    let deleted = of("agent", "integration.delete", "DELETE");
    walk.step("DELETE", &path, &Value::Null, &[&deleted]);
}

fn organizations(walk: &Walk<'_>) {
    let made = |path: &str, body: &Value, kind: &str| {
        let record = format!("{}.create CREATE {kind} {{new}}", kind.to_lowercase());
        let made = walk.step("POST", path, body, &[&record]);
        made["id"].as_str().unwrap().to_owned()
    };
    let acme = made("/v2/organizations", &json!({"name": "Acme"}), "ORGANIZATION");
    let body = json!({"name": "prod", "organization_id": acme});
    let space = made("/v2/spaces", &body, "SPACE");
    for (list, kind, id) in [("spaces", "SPACE", space), ("organizations", "ORGANIZATION", acme)] {
        let record = format!("{}.delete DELETE {kind} {id}", kind.to_lowercase());
        walk.step("DELETE", &format!("/v2/{list}/{id}"), &Value::Null, &[&record]);
    }
}

#[test]
fn j1_a_rotation_of_the_seal_key_is_recorded_at_its_beginning_and_end() {
    let database = Database::new();
    drop(Server::on(&database, SEAL_KEY, settings()));
    let server = Server::on(&database, &format!("{} {SEAL_KEY}", "ab".repeat(32)), settings());
    let admin = server.admin();
    let (revision, records) = (server.database.revision(), server.database.records());
    admin.call("POST", "/api/seal/rotate").ok();
    let sql = format!("SELECT action, outcome, revision FROM audit WHERE seq > {records}");
    let row =
        |action: &str, revision: i64| [action, "done", &revision.to_string()].map(str::to_owned);
    let expected = [row("seal-key.rotate", revision + 1), row("seal-key.finish", revision + 2)];
    assert_eq!(server.database.rows(&sql), expected);
}

#[test]
fn j1_a_bulk_save_has_a_record_for_each_thing_at_one_revision() {
    let server = &Server::start();
    let admin = server.admin();
    let item = |name: &str, kind: &str| {
        json!({"name": name, "type": kind, "category": "AI_MODEL",
            "tags": [{"key": "team", "value": "core"}],
            "configuration": {"api_key": "sk-1"},
            "apis": [{"api": "gpt", "enabled": true}, {"api": "o3", "enabled": true}]})
    };
    let items = json!(["a", "b", "c"].map(|name| item(name, "openai")));
    let (revision, records) = (server.database.revision(), server.database.records());
    admin.post("/api/integrations", &items).done();
    let sql = format!(
        "SELECT action, target_id, revision, COUNT(*) OVER () FROM audit WHERE seq > {records}
         ORDER BY seq"
    );
    let row = |action: &str, id: String| {
        vec![action.to_owned(), id, (revision + 1).to_string(), "9".to_owned()]
    };
    let expected = ["a", "b", "c"].map(|name| {
        let resource = |api: &str| row("resource.save", format!("{name}:{api}"));
        [row("integration.save", name.to_owned()), resource("gpt"), resource("o3")]
    });
    assert_eq!(server.database.rows(&sql), expected.concat());
    let bad = json!([item("d", "openai"), item("e", "nothing")]);
    server.unchanged(|| admin.post("/api/integrations", &bad).refused(404, "nothing"));
}

#[test]
fn j1_no_read_leaves_a_record() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin.post(GPT, &model()).done();
    admin.put("/api/users/main", &json!({"name": "Main"})).ok();
    admin.put("/api/groups/main", &json!({"description": ""})).ok();
    let mut done = 0;
    server.unchanged(|| {
        for (_, path, _) in http::rules().into_iter().filter(|rule| rule.0 == "GET") {
            let of_user = path.contains("/users/{id}") || path.contains("/groups/{id}");
            let id = if of_user || path.contains("/auth/") { "main" } else { "none" };
            let filled = path.replace("{name}", "main").replace("{api}", "gpt");
            let filled = filled.replace("{id}", id).replace("{type}", "USER");
            let filled = filled.replace("{key}", ADMIN.0).replace("{method}", "chat");
            let answer = admin.get(&filled);
            assert!([200, 400, 404].contains(&answer.status), "{path}: {}", answer.text);
            done += i32::from(answer.status == 200);
        }
    });
    assert!(done > 40, "only {done} were answered");
}
