//! The rules beside the table: G2 to G12 of the reliability list.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Answer, Client, Server, authorization, integration, issued, resource};

const PROVIDER: &str = "/api/integrations/provider";

/// Every access but CREATE: what the creator of a thing gets.
const OWNER: [&str; 4] = ["READ", "EXECUTE", "UPDATE", "DELETE"];

/// How often each thing is made and deleted.
const REBIRTHS: usize = 10;

fn provider(name: &str) -> String {
    format!("{PROVIDER}/{name}")
}

fn roles_path(application: &str, role: &str) -> String {
    format!("/api/applications/{application}/roles/{role}")
}

fn keys_path(application: &str) -> String {
    format!("/api/applications/{application}/accessKeys")
}

fn tag(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value})
}

/// What the members `field` of a list are, in order.
fn column(list: &Value, field: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[field].as_str().unwrap().to_owned()).collect()
}

/// One try to get more than one has.
struct Try<'c> {
    who: &'c Client,
    method: &'static str,
    path: String,
    body: Value,
}

impl<'c> Try<'c> {
    fn new(who: &'c Client, method: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self { who, method, path: path.into(), body }
    }

    fn grant(who: &'c Client, to: (&str, &str), on: (&str, &str), accesses: &[&str]) -> Self {
        let body = authorization(to, on, accesses);
        Self::new(who, "POST", "/api/auth/authorization", body)
    }

    fn send(&self) -> Answer {
        let body = Some(&self.body).filter(|body| !body.is_null());
        self.who.call(self.method, &self.path, body)
    }
}

/// That each try is refused with this status, and that none changes anything.
#[track_caller]
fn all_refused(server: &Server, status: u16, tries: &[Try<'_>]) {
    let before = server.state();
    for (index, one) in tries.iter().enumerate() {
        let Try { method, path, body, .. } = one;
        let answer = one.send();
        assert_eq!(answer.status, status, "[{index}] {method} {path} {body}: {}", answer.text);
        let after = server.state();
        let changed: Vec<_> = before.symmetric_difference(&after).collect();
        assert!(changed.is_empty(), "[{index}] {method} {path} {body} changed {changed:#?}");
    }
}

#[test]
fn g2_what_is_missing_is_404_for_everyone_and_what_is_hidden_403() {
    let server = Server::start();
    let admin = server.admin();
    admin.new_integration("here");
    admin.new_user("here");
    admin.new_group("here", &[]);
    admin.new_role("here", &[]);
    admin.post("/api/metadata/workflow", Some(&json!({"name": "here"}))).is(200);
    let (application, missing) = (admin.new_application("here"), "01900000-0000-7000-8000-00");
    let nobody = server.client("nobody", &[]);
    for (method, path) in [
        ("GET", "/api/integrations/provider/{}"),
        ("DELETE", "/api/integrations/provider/{}"),
        ("GET", "/api/integrations/provider/{}/tags"),
        ("GET", "/api/integrations/provider/{}/metrics"),
        ("GET", "/api/integrations/llm/{}/token"),
        ("GET", "/api/integrations/provider/here/integration/{}"),
        ("DELETE", "/api/integrations/provider/here/integration/{}"),
        ("GET", "/api/applications/{}"),
        ("PUT", "/api/applications/{}"),
        ("DELETE", "/api/applications/{}"),
        ("GET", "/api/applications/{}/accessKeys"),
        ("GET", "/api/users/{}"),
        ("DELETE", "/api/users/{}"),
        ("GET", "/api/users/{}/permissions"),
        ("GET", "/api/groups/{}"),
        ("DELETE", "/api/groups/{}"),
        ("GET", "/api/groups/{}/users"),
        ("GET", "/api/roles/{}"),
        ("PUT", "/api/roles/{}"),
        ("DELETE", "/api/roles/{}"),
        ("GET", "/api/metadata/workflow/{}"),
        ("GET", "/api/metadata/workflow/{}/tags"),
    ] {
        let is_application = path.starts_with("/api/applications");
        let part = if path.contains("/here/") { "gpt" } else { "here" };
        let here = if is_application { &application } else { part };
        let body = (method == "PUT").then(|| {
            if is_application { json!({"name": "renamed"}) } else { json!({"permissions": []}) }
        });
        let call = |client: &Client, id: &str| {
            let answer = client.call(method, &path.replace("{}", id), body.as_ref());
            let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
            (answer.status, message)
        };
        let absent = call(&nobody, missing);
        assert_eq!(absent.0, 404, "{method} {path}: {absent:?}");
        assert!(absent.1.contains("No such") && absent.1.contains(missing), "{absent:?}");
        assert_eq!(absent, call(&admin, missing), "{method} {path}");
        let hidden = call(&nobody, here);
        assert_eq!(hidden.0, 403, "{method} {path}: {hidden:?}");
    }
}

/// What no client may set, whatever it sends it to.
fn foreign_fields() -> Value {
    json!({
        "id": "chosen",
        "uuid": "chosen",
        "createdBy": "root",
        "updatedBy": "root",
        "createTime": 1,
        "createdOn": 1,
        "updateTime": 1,
        "updatedOn": 1,
        "ownerApp": "root",
        "modelsCount": 99,
        "apis": [{"api": "planted"}],
        "tags": [{"key": "planted", "value": "x"}],
        "grants": [{"subject": "USER:root"}],
        "grantedAccess": [{"access": ["READ"]}],
        "users": ["root"],
        "members": ["root"],
        "applicationUser": true,
        "admin": true,
        "isAdmin": true,
        "system": "ADMIN",
        "status": "INACTIVE",
        "secret": "chosen",
        "keyId": "chosen",
        "lastUsedAt": 1,
    })
}

/// `body` with all of [`foreign_fields`] that it does not have itself.
fn stuffed(body: Value) -> Value {
    let mut stuffed = foreign_fields();
    stuffed.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    stuffed
}

/// That no foreign value stands in `answer`.
#[track_caller]
fn nothing_planted(answer: &Value) {
    let text = answer.to_string();
    for word in ["chosen", "root", "planted", ":99", "\"createTime\":1,", "\"createdOn\":1,"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[test]
fn g3_no_client_sets_what_is_not_its_own() {
    let server = Server::start();
    let admin = server.admin();
    let ada = server.client("ada", &["USER"]);
    let path = provider("main");
    for _ in 0..2 {
        nothing_planted(&ada.post(&path, Some(&stuffed(integration()))).ok());
        let saved = ada.get(&path).ok();
        nothing_planted(&saved);
        assert_eq!(saved["createdBy"], ada.user);
        assert_eq!((&saved["modelsCount"], &saved["tags"]), (&json!(0), &json!([])));
    }
    let item = stuffed(integration());
    let mut item = item.as_object().unwrap().clone();
    item.extend([("name".to_owned(), json!("bulk"))]);
    for own in ["apis", "tags"] {
        item.remove(own);
    }
    ada.post("/api/integrations", Some(&json!([item]))).is(200);
    nothing_planted(&ada.get(&provider("bulk")).ok());
    let resource_path = format!("{path}/integration/gpt");
    let body = stuffed(json!({"enabled": true, "integrationName": "bulk", "api": "other"}));
    ada.post(&resource_path, Some(&body)).is(200);
    let saved = ada.get(&resource_path).ok();
    nothing_planted(&saved);
    assert_eq!((&saved["integrationName"], &saved["api"]), (&json!("main"), &json!("gpt")));
    assert_eq!(saved["tags"], json!([]));
    assert_eq!(ada.get(&provider("bulk")).ok()["modelsCount"], 0);

    let body = stuffed(json!({"name": "app", "roles": ["ADMIN"], "groups": ["admins"]}));
    let made = ada.post("/api/applications", Some(&body)).ok();
    nothing_planted(&made);
    let id = made["id"].as_str().unwrap();
    nothing_planted(&ada.put(&format!("/api/applications/{id}"), &body).ok());
    let user = admin.get(&format!("/api/users/app:{id}")).ok();
    assert_eq!((&user["roles"], &user["groups"]), (&json!([]), &json!([])));
    let body = stuffed(json!({"roles": ["ADMIN"], "application": ada.application}));
    let (key, secret) = issued(&ada.post(&keys_path(id), Some(&body)).ok());
    assert!(key != "chosen" && secret != "chosen");
    let listed = ada.get(&keys_path(id)).ok();
    nothing_planted(&listed);
    assert_eq!((listed[0]["status"].as_str(), listed[0].get("lastUsedAt")), (Some("ACTIVE"), None));
    assert_eq!(server.signed_in(&key, &secret).user, format!("app:{id}"));
    let rotate = format!("{}/{key}/rotate", keys_path(id));
    let (key, secret) = issued(&ada.post(&rotate, Some(&stuffed(json!({})))).ok());
    assert!(key != "chosen" && secret != "chosen");

    let keeper = keeper(&server);
    let body = stuffed(json!({"name": "Ann"}));
    nothing_planted(&keeper.put("/api/users/ann", &body).ok());
    assert_eq!(keeper.get("/api/users/ann").ok()["applicationUser"], false);
    let body = stuffed(json!({"description": "crew"}));
    nothing_planted(&keeper.put("/api/groups/crew", &body).ok());
    assert_eq!(keeper.get("/api/groups/crew/users").ok(), json!([]));
    let maker = maker(&server);
    let body = stuffed(json!({"name": "made", "permissions": []}));
    nothing_planted(&maker.post("/api/roles", Some(&body)).ok());
    let body = stuffed(json!({"permissions": []}));
    assert_eq!(maker.put("/api/roles/made", &body).ok()["permissions"], json!([]));
    let mut body = authorization(("USER", "ann"), ("INTEGRATION_PROVIDER", "main"), &["READ"]);
    body.as_object_mut().unwrap().extend(foreign_fields().as_object().unwrap().clone());
    ada.post("/api/auth/authorization", Some(&body)).is(200);
    let grants = ada.get("/api/auth/authorization/INTEGRATION_PROVIDER/main").ok();
    nothing_planted(&grants);
    assert_eq!(grants["READ"].as_array().unwrap().len(), 2);
    let no_grants = "SELECT COUNT(*) FROM access_grant WHERE subject_id IN ('root', 'chosen')";
    assert_eq!(server.count(no_grants), 0);
}

/// Somebody who may do everything to users and groups, and nothing else.
fn keeper(server: &Server) -> Client {
    let admin = server.admin();
    if admin.get("/api/roles/people").status == 404 {
        admin.new_role("people", &["USER_MANAGEMENT"]);
    }
    server.client("keeper", &["people"])
}

/// Somebody who may do everything to roles, and nothing else.
fn maker(server: &Server) -> Client {
    let admin = server.admin();
    if admin.get("/api/roles/roles").status == 404 {
        admin.new_role("roles", &["PERMISSION_MANAGEMENT"]);
    }
    server.client("maker", &["roles"])
}

#[test]
fn g4_nobody_gives_an_access_that_they_do_not_hold() {
    let server = Server::start();
    let admin = server.admin();
    let ada = server.client("ada", &["USER"]);
    let bob = server.client("bob", &["USER"]);
    ada.new_integration("main");
    bob.new_integration("bobs");
    let main = ("INTEGRATION_PROVIDER", "main");
    let to = ("USER", "carol");
    ada.grant(("USER", &bob.user), main, &["UPDATE", "READ"]);
    bob.grant(to, main, &["READ"]);
    bob.revoke(to, main, &["READ"]);
    let revoke = |on: (&str, &str), from: (&str, &str), accesses: &[&str]| {
        let body = authorization(from, on, accesses);
        Try::new(&bob, "DELETE", "/api/auth/authorization", body)
    };
    let application = bob.application.as_str();
    let mut tries = vec![
        // UPDATE alone does not give the others on, in any company or spelling.
        Try::grant(&bob, to, main, &["DELETE"]),
        Try::grant(&bob, to, main, &["EXECUTE"]),
        Try::grant(&bob, to, main, &["READ", "DELETE"]),
        Try::grant(&bob, to, main, &OWNER),
        Try::grant(&bob, to, main, &["delete"]),
        Try::grant(&bob, ("GROUP", "crew"), main, &["DELETE"]),
        Try::grant(&bob, ("ROLE", "USER"), main, &["DELETE"]),
        Try::grant(&bob, to, ("INTEGRATION", "main"), &["DELETE"]),
        Try::grant(&bob, to, ("INTEGRATION", "main:gpt"), &["DELETE"]),
        Try::grant(&bob, to, ("INTEGRATION", "main:new"), &["EXECUTE"]),
        revoke(main, ("USER", &ada.user), &["DELETE"]),
        revoke(main, ("USER", &ada.user), &["READ", "EXECUTE"]),
    ];
    // No UPDATE, no grant at all.
    for on in [
        ("INTEGRATION_PROVIDER", "none"),
        ("INTEGRATION", "none:gpt"),
        ("APPLICATION", application),
        ("APPLICATION", &format!("app:{application}")),
        ("USER", &bob.user),
        ("USER", "carol"),
        ("GROUP", "crew"),
        ("ROLE", "USER"),
        ("ROLE", "ADMIN"),
        ("TAG", "team:core"),
        ("PROMPT", "hello"),
        ("INTEGRATION_DEF", "*"),
        ("EVENT_STATS", "*"),
        ("INTEGRATION_PROVIDER", "*"),
        ("WORKFLOW_DEF", "flow"),
        ("TASK_DEF", "task"),
        ("SECRET_NAME", "secret"),
        ("DOMAIN", "domain"),
    ] {
        tries.push(Try::grant(&bob, to, on, &["READ"]));
        tries.push(Try::grant(&bob, ("USER", &bob.user), on, &["UPDATE"]));
        tries.push(Try::grant(&bob, to, on, &[]));
        tries.push(revoke(on, to, &["READ"]));
    }
    for subject in [format!("USER/{}", ada.user), "GROUP/crew".into(), "ROLE/USER".into()] {
        let path = format!("/api/auth/subjects/{subject}/grants");
        tries.push(Try::new(&bob, "DELETE", path, Value::Null));
    }
    all_refused(&server, 403, &tries);
    admin.delete(&provider("main")).is(200);
}

#[test]
fn g4_nobody_gives_a_role_that_gives_more_than_they_hold() {
    let server = Server::start();
    let admin = server.admin();
    let manager = server.client("manager", &["APPLICATION_MANAGER"]);
    let (keeper, maker) = (keeper(&server), maker(&server));
    let target = admin.new_application("target");
    admin.new_integration("main");
    admin.new_role("reader", &["READ_INTEGRATION_PROVIDER"]);
    admin.new_role("granted", &[]);
    let main = ("INTEGRATION_PROVIDER", "main");
    admin.grant(("ROLE", "granted"), main, &["READ"]);
    admin.new_user("ann");
    admin.new_group("crew", &[]);
    let more = [
        "ADMIN",
        "USER",
        "METADATA_MANAGER",
        "WORKFLOW_MANAGER",
        "USER_READ_ONLY",
        "METADATA_API",
        "PROMPT_MANAGER",
        "reader",
        "granted",
    ];
    let mut tries = vec![];
    for role in more {
        let to_user = json!({"name": "Ann", "roles": [role]});
        let to_group = json!({"description": "crew", "roles": [role]});
        tries.extend([
            Try::new(&manager, "POST", roles_path(&target, role), Value::Null),
            Try::new(&keeper, "PUT", "/api/users/ann", to_user.clone()),
            Try::new(&keeper, "PUT", "/api/users/new", to_user),
            Try::new(&keeper, "PUT", "/api/groups/crew", to_group.clone()),
            Try::new(&keeper, "PUT", "/api/groups/new", to_group),
            Try::new(&keeper, "PUT", "/api/users/ann", json!({"name": "Ann", "roles": role})),
        ]);
    }
    for permission in [
        "READ_INTEGRATION_PROVIDER",
        "EXECUTE_INTEGRATION",
        "CREATE_INTEGRATION",
        "CREATE_APPLICATION",
        "APPLICATION_MANAGEMENT",
        "USER_MANAGEMENT",
        "ADMIN_MANAGEMENT",
        "AUTHORIZATION_MANAGEMENT",
        "WORKFLOW_MANAGEMENT",
        "METADATA_VIEW",
        "READ_WORKFLOW_DEF",
        "UPDATE_USER",
    ] {
        let all = json!(["PERMISSION_MANAGEMENT", permission]);
        tries.push(Try::new(
            &maker,
            "POST",
            "/api/roles",
            json!({"name": "x", "permissions": all}),
        ));
        let body = json!({"permissions": all});
        tries.push(Try::new(&maker, "PUT", "/api/roles/granted", body.clone()));
        tries.push(Try::new(&maker, "PUT", "/api/roles/roles", body));
    }
    all_refused(&server, 403, &tries);
    // What is held can be given.
    manager.post(&roles_path(&target, "APPLICATION_MANAGER"), None).is(200);
    manager.post(&roles_path(&target, "APPLICATION_CREATOR"), None).is(200);
    keeper.put("/api/users/ann", &json!({"name": "Ann", "roles": ["people"]})).is(200);
    let body = json!({"name": "x", "permissions": ["READ_ROLE", "PERMISSION_MANAGEMENT"]});
    maker.post("/api/roles", Some(&body)).is(200);
    admin.grant(("USER", &manager.user), main, &["READ"]);
    manager.post(&roles_path(&target, "granted"), None).is(200);
}

#[test]
fn g4_nobody_lets_into_a_group_that_gives_more_than_they_hold() {
    let server = Server::start();
    let admin = server.admin();
    let keeper = keeper(&server);
    let main = ("INTEGRATION_PROVIDER", "main");
    admin.new_integration("main");
    admin.new_user("ann");
    admin.new_group("admins", &["ADMIN"]);
    admin.new_group("creators", &["USER"]);
    admin.new_group("granted", &[]);
    admin.grant(("GROUP", "granted"), main, &["READ"]);
    admin.new_group("tagged", &[]);
    admin.grant(("GROUP", "tagged"), ("TAG", "team:core"), &["READ"]);
    admin.new_role("held-by-grant", &[]);
    admin.grant(("ROLE", "held-by-grant"), main, &["UPDATE"]);
    admin.new_group("through-role", &["held-by-grant"]);
    let mut tries = vec![];
    for group in ["admins", "creators", "granted", "tagged", "through-role"] {
        let path = format!("/api/groups/{group}/users");
        let body = json!({"name": "Ann", "groups": [group]});
        tries.extend([
            Try::new(&keeper, "POST", path.clone(), json!(["ann"])),
            Try::new(&keeper, "POST", format!("{path}/ann"), Value::Null),
            Try::new(&keeper, "POST", format!("{path}/{}", keeper.user), Value::Null),
            Try::new(&keeper, "PUT", "/api/users/ann", body.clone()),
            Try::new(&keeper, "PUT", "/api/users/new", body),
        ]);
    }
    all_refused(&server, 403, &tries);
    let ada = server.client("ada", &["USER"]);
    admin.new_group("plain", &[]);
    let body = json!({"name": "Ann", "groups": ["plain"]});
    let tries = [
        Try::new(&ada, "POST", "/api/groups/plain/users/ann", Value::Null),
        Try::new(&ada, "PUT", "/api/users/ann", body.clone()),
    ];
    all_refused(&server, 403, &tries);
    keeper.put("/api/users/ann", &body).is(200);
    admin.grant(("USER", &keeper.user), main, &["READ"]);
    keeper.post("/api/groups/granted/users/ann", None).is(200);
}

#[test]
fn g4_nobody_gets_a_key_of_who_holds_more() {
    let server = Server::start();
    let admin = server.admin();
    let manager = server.client("manager", &["APPLICATION_MANAGER"]);
    let main = ("INTEGRATION_PROVIDER", "main");
    admin.new_integration("main");
    let with_role = server.client("with-role", &["USER"]);
    let granted = server.client("granted", &[]);
    admin.grant(("USER", &granted.user), main, &["READ"]);
    let in_group = server.client("in-group", &[]);
    admin.new_group("crew", &[]);
    admin.grant(("GROUP", "crew"), main, &["READ"]);
    admin.post(&format!("/api/groups/crew/users/{}", in_group.user), None).is(200);
    let in_strong_group = server.client("in-strong-group", &[]);
    admin.new_group("admins", &["ADMIN"]);
    admin.post(&format!("/api/groups/admins/users/{}", in_strong_group.user), None).is(200);
    let tagged = server.client("tagged", &[]);
    admin.grant(("USER", &tagged.user), ("TAG", "team:core"), &["UPDATE"]);
    let mut tries = vec![];
    let stronger = [&admin, &with_role, &granted, &in_group, &in_strong_group, &tagged];
    for one in stronger {
        let keys = keys_path(&one.application);
        tries.extend([
            Try::new(&manager, "POST", keys.clone(), Value::Null),
            Try::new(&manager, "POST", format!("{keys}/{}/rotate", one.key), Value::Null),
        ]);
    }
    all_refused(&server, 403, &tries);
    // A paused key is not taken up again, either; to pause it is no gift.
    let mut tries = vec![];
    for one in stronger.into_iter().skip(1) {
        let status = format!("{}/{}/status", keys_path(&one.application), one.key);
        manager.post(&status, None).is(200);
        tries.push(Try::new(&manager, "POST", status, Value::Null));
    }
    all_refused(&server, 403, &tries);
    let weak = server.client("weak", &[]);
    let (id, secret) = manager.new_key(&weak.application);
    assert_eq!(server.signed_in(&id, &secret).user, weak.user);
    admin.grant(("USER", &manager.user), main, &["READ"]);
    manager.new_key(&granted.application);
    manager.new_key(&in_group.application);
}

#[test]
fn g5_nobody_promotes_themselves() {
    let server = Server::start();
    let admin = server.admin();
    let (keeper, maker) = (keeper(&server), maker(&server));
    let manager = server.client("manager", &["APPLICATION_MANAGER"]);
    let ada = server.client("ada", &["USER"]);
    ada.new_integration("main");
    let main = ("INTEGRATION_PROVIDER", "main");
    // Somebody who may change a thing and read it, themself, their group, their role and their
    // application, and still nothing else.
    let eve = server.client("eve", &[]);
    let me = ("USER", eve.user.as_str());
    admin.new_role("eves", &[]);
    admin.new_group("eves", &[]);
    admin.post(&roles_path(&eve.application, "eves"), None).is(200);
    admin.post(&format!("/api/groups/eves/users/{}", eve.user), None).is(200);
    admin.new_group("admins", &["ADMIN"]);
    ada.grant(me, main, &["READ", "UPDATE"]);
    for on in [("APPLICATION", eve.application.as_str()), ("GROUP", "eves"), ("ROLE", "eves"), me] {
        admin.grant(me, on, &["READ", "UPDATE"]);
    }
    let group = |roles: &[&str]| json!({"description": "mine", "roles": roles});
    let permissions = |names: &[&str]| json!({"permissions": names});
    let admin_key = format!("{}/{}", keys_path(&admin.application), admin.key);
    let tries = [
        Try::new(&eve, "POST", roles_path(&eve.application, "ADMIN"), Value::Null),
        Try::new(&eve, "POST", roles_path(&eve.application, "USER"), Value::Null),
        Try::new(&eve, "PUT", "/api/groups/eves", group(&["ADMIN"])),
        Try::new(&eve, "PUT", "/api/groups/eves", group(&["METADATA_MANAGER"])),
        Try::new(&eve, "PUT", "/api/roles/eves", permissions(&["READ_USER"])),
        Try::new(&eve, "PUT", "/api/roles/eves", permissions(&["USER_MANAGEMENT"])),
        Try::new(&eve, "POST", format!("/api/groups/admins/users/{}", eve.user), Value::Null),
        Try::grant(&eve, me, main, &["DELETE"]),
        Try::grant(&eve, ("GROUP", "eves"), main, &["EXECUTE"]),
        Try::grant(&eve, ("ROLE", "eves"), main, &["EXECUTE"]),
        Try::grant(&eve, me, me, &["DELETE"]),
        Try::grant(&eve, me, ("GROUP", "admins"), &["UPDATE"]),
        Try::grant(&eve, me, ("APPLICATION", &admin.application), &["UPDATE"]),
        Try::grant(&eve, me, ("TAG", "team:core"), &["READ"]),
        Try::new(&eve, "POST", keys_path(&admin.application), Value::Null),
        Try::new(&eve, "POST", format!("{admin_key}/rotate"), Value::Null),
        Try::new(&eve, "PUT", "/api/groups/mine", group(&[])),
        Try::new(&eve, "POST", "/api/roles", json!({"name": "mine", "permissions": []})),
        Try::new(&keeper, "POST", format!("/api/groups/admins/users/{}", keeper.user), Value::Null),
        Try::new(&keeper, "POST", roles_path(&keeper.application, "ADMIN"), Value::Null),
        Try::new(&keeper, "POST", keys_path(&keeper.application), Value::Null),
        Try::grant(&keeper, ("USER", &keeper.user), main, &["READ"]),
        Try::new(&maker, "PUT", "/api/roles/roles", permissions(&["USER_MANAGEMENT"])),
        Try::new(&maker, "POST", roles_path(&maker.application, "people"), Value::Null),
        Try::new(&manager, "POST", roles_path(&manager.application, "ADMIN"), Value::Null),
        Try::new(&manager, "POST", roles_path(&manager.application, "people"), Value::Null),
        Try::new(&manager, "POST", keys_path(&admin.application), Value::Null),
        Try::new(&manager, "POST", format!("{admin_key}/rotate"), Value::Null),
    ];
    all_refused(&server, 403, &tries);
    let me = json!({"name": "me", "roles": ["ADMIN"]});
    let as_user = |who, id: &str| Try::new(who, "PUT", format!("/api/users/{id}"), me.clone());
    let tries = [
        as_user(&eve, &eve.user),
        as_user(&keeper, &keeper.user),
        as_user(&keeper, &keeper.user.to_uppercase()),
        as_user(&keeper, "app:new"),
        as_user(&keeper, "APP:new"),
        as_user(&keeper, "local"),
        as_user(&keeper, "LOCAL"),
    ];
    all_refused(&server, 400, &tries);
    let other_case = ["admin", "Admin", "ADMIN%20"];
    let tries = other_case.map(|role| {
        Try::new(&manager, "POST", roles_path(&manager.application, role), Value::Null)
    });
    all_refused(&server, 404, &tries);
}

#[test]
fn g5_a_role_that_was_taken_away_is_not_given_back_by_its_holder() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    admin.grant(("USER", &one.user), ("APPLICATION", &one.application), &["READ", "UPDATE"]);
    let (id, secret) = one.new_key(&one.application);
    let role = roles_path(&one.application, "USER");
    admin.delete(&role).is(200);
    let again = server.signed_in(&id, &secret);
    all_refused(&server, 403, &[Try::new(&again, "POST", role, Value::Null)]);
}

#[test]
fn g5_a_read_only_caller_is_joined_with_nothing() {
    let server = Server::start();
    let admin = server.admin();
    let reader = server.client("reader", &["USER_READ_ONLY"]);
    let user = server.client("user", &["USER"]);
    admin.new_group("plain", &[]);
    admin.new_group("readers", &["USER_READ_ONLY"]);
    admin.new_group("users", &[]);
    admin.post(&format!("/api/groups/users/users/{}", user.user), None).is(200);
    let group = |roles: &[&str]| json!({"description": "crew", "roles": roles});
    let with_access = json!({
        "description": "crew",
        "roles": ["USER_READ_ONLY"],
        "defaultAccess": {"WORKFLOW_DEF": ["READ"]},
    });
    let person =
        |roles: &[&str], groups: &[&str]| json!({"name": "Ann", "roles": roles, "groups": groups});
    let tries = [
        Try::new(&admin, "POST", roles_path(&reader.application, "USER"), Value::Null),
        Try::new(&admin, "POST", roles_path(&user.application, "USER_READ_ONLY"), Value::Null),
        Try::new(&admin, "POST", format!("/api/groups/plain/users/{}", reader.user), Value::Null),
        Try::new(&admin, "PUT", "/api/groups/plain", group(&["USER_READ_ONLY", "USER"])),
        Try::new(&admin, "PUT", "/api/groups/plain", with_access),
        Try::new(&admin, "PUT", "/api/users/ann", person(&["USER_READ_ONLY", "USER"], &[])),
        Try::new(&admin, "PUT", "/api/users/ann", person(&["USER_READ_ONLY"], &["plain"])),
        Try::new(&admin, "PUT", "/api/users/ann", person(&["USER"], &["readers"])),
        Try::new(&admin, "POST", format!("/api/groups/readers/users/{}", user.user), Value::Null),
        Try::new(&admin, "PUT", "/api/groups/users", group(&["USER_READ_ONLY"])),
    ];
    all_refused(&server, 400, &tries);
    // Who has nothing else may read through a group, and can still be saved.
    admin.new_user("bea");
    admin.post("/api/groups/readers/users/bea", None).is(200);
    admin.put("/api/users/bea", &person(&[], &["readers"])).is(200);
}

#[test]
fn g6_a_tag_that_gives_takes_who_could_give_that_themselves() {
    let server = Server::start();
    let admin = server.admin();
    let ada = server.client("ada", &["METADATA_MANAGER"]);
    let bob = server.client("bob", &[]);
    let carol = server.client("carol", &[]);
    ada.new_integration("main");
    ada.new_integration("other");
    let flow = json!({"name": "flow", "version": 1});
    admin.post("/api/metadata/workflow", Some(&flow)).is(200);
    let application = admin.new_application("app");
    for on in [
        ("INTEGRATION_PROVIDER", "main"),
        ("APPLICATION", application.as_str()),
        ("WORKFLOW_DEF", "flow"),
        ("TASK_DEF", "task"),
    ] {
        admin.grant(("USER", &bob.user), on, &["READ", "UPDATE"]);
    }
    // The tags give: `own` DELETE to Bob himself, `use` EXECUTE to Carol, `see` READ to Carol.
    admin.grant(("USER", &bob.user), ("TAG", "give:own"), &["DELETE"]);
    admin.grant(("USER", &carol.user), ("TAG", "give:use"), &["EXECUTE"]);
    admin.grant(("USER", &carol.user), ("TAG", "give:see"), &["READ"]);
    admin.grant(("ROLE", "WORKER"), ("TAG", "give:"), &["DELETE"]);
    let main = format!("{}/tags", provider("main"));
    let gpt = format!("{}/integration/gpt/tags", provider("main"));
    let app = format!("/api/applications/{application}/tags");
    let (flow, task) = ("/api/metadata/workflow/flow/tags", "/api/metadata/task/task/tags");
    let mut tries = vec![];
    for value in ["own", "use", ""] {
        let one = tag("give", value);
        let mixed = json!([tag("plain", "x"), tag("give", "see"), one]);
        for path in [&main, &gpt, &app] {
            tries.push(Try::new(&bob, "PUT", path.clone(), json!([one])));
            tries.push(Try::new(&bob, "PUT", path.clone(), mixed.clone()));
        }
        for path in [flow, task] {
            tries.push(Try::new(&bob, "POST", path, one.clone()));
            tries.push(Try::new(&bob, "PUT", path, mixed.clone()));
        }
        let mut item = integration();
        (item["name"], item["tags"]) = (json!("main"), json!([one]));
        tries.push(Try::new(&bob, "POST", "/api/integrations", json!([item])));
    }
    // A right on the tag is none on a thing that does not bear it.
    admin.grant(("USER", &carol.user), ("TAG", "give:all"), &OWNER);
    for value in ["all", "see", "new"] {
        let one = json!([tag("give", value)]);
        let path = format!("{}/tags", provider("other"));
        tries.push(Try::new(&carol, "PUT", path.clone(), one.clone()));
        tries.push(Try::new(&carol, "DELETE", path.clone(), one.clone()));
        tries.push(Try::new(&bob, "PUT", path, one));
    }
    all_refused(&server, 403, &tries);
    carol.get(&provider("main")).is(403);
    // What Bob holds, a tag of his may give; without its grants it gives nothing.
    bob.put(&main, &json!([tag("give", "see")])).is(200);
    carol.get(&provider("main")).is(200);
    carol.get(&provider("main/integration/gpt")).is(200);
    bob.call("DELETE", &main, Some(&json!([tag("give", "see")]))).is(200);
    carol.get(&provider("main")).is(403);
    for (key, value) in [("Give", "see"), ("give", "See"), ("give", "see2"), ("giv", "e:see")] {
        bob.put(&main, &json!([tag(key, value)])).is(200);
    }
    carol.get(&provider("main")).is(403);
    for (key, value) in [("give ", "see"), ("give", " see"), ("give:see", ""), ("", "see")] {
        bob.put(&main, &json!([tag(key, value)])).is(400);
    }
}

#[test]
fn g6_only_who_may_change_a_tag_says_what_it_gives() {
    let server = Server::start();
    let admin = server.admin();
    let ada = server.client("ada", &["METADATA_MANAGER"]);
    let bob = server.client("bob", &[]);
    ada.new_integration("main");
    ada.put(&format!("{}/tags", provider("main")), &json!([tag("mine", "x")])).is(200);
    let mine = ("TAG", "mine:x");
    // That everything which bears the tag is Ada's own does not make the tag hers.
    let mut tries = vec![
        Try::grant(&ada, ("USER", &bob.user), mine, &["READ"]),
        Try::grant(&ada, ("USER", &ada.user), mine, &["UPDATE"]),
    ];
    admin.grant(("USER", &bob.user), mine, &["UPDATE"]);
    for access in ["READ", "EXECUTE", "DELETE", "CREATE"] {
        tries.push(Try::grant(&bob, ("USER", &bob.user), mine, &[access]));
    }
    all_refused(&server, 403, &tries);
    bob.grant(("USER", "carol"), mine, &["UPDATE"]);
    bob.revoke(("USER", "carol"), mine, &["UPDATE"]);
    for bad in ["mine", "", ":", "mine:x "] {
        let on = ("TAG", bad);
        let answer = admin.try_grant(("USER", "carol"), on, &["READ"]);
        assert_eq!(answer.status == 200, bad == ":", "{bad:?}: {}", answer.text);
    }
}

#[test]
fn g7_a_deleted_integration_takes_its_grants_tags_and_resources_with_it() {
    let server = Server::start();
    let admin = server.admin();
    let (ada, bob) = (server.client("ada", &["USER"]), server.client("bob", &["USER"]));
    let by_group = server.client("by-group", &[]);
    let by_role = server.client("by-role", &["WORKER"]);
    let by_tag = server.client("by-tag", &[]);
    admin.new_group("crew", &[]);
    admin.post(&format!("/api/groups/crew/users/{}", by_group.user), None).is(200);
    admin.grant(("USER", &by_tag.user), ("TAG", "team:core"), &OWNER);
    let path = provider("main");
    let gpt = format!("{path}/integration/gpt");
    let callers = [&ada, &by_group, &by_role, &by_tag];
    for _ in 0..REBIRTHS {
        ada.new_integration("main");
        for (to, on) in [
            (("GROUP", "crew"), ("INTEGRATION_PROVIDER", "main")),
            (("GROUP", "crew"), ("INTEGRATION", "main:gpt")),
            (("ROLE", "WORKER"), ("INTEGRATION_PROVIDER", "main")),
            (("ROLE", "WORKER"), ("INTEGRATION", "main:gpt")),
            (("USER", ada.user.as_str()), ("INTEGRATION", "main:gpt")),
        ] {
            ada.grant(to, on, &OWNER);
        }
        for tags in [format!("{path}/tags"), format!("{gpt}/tags")] {
            ada.put(&tags, &json!([tag("team", "core")])).is(200);
        }
        for one in callers {
            one.get(&gpt).is(200);
        }
        ada.delete(&path).is(200);
        bob.new_integration("main");
        for one in callers {
            for (method, path) in
                [("GET", &path), ("GET", &gpt), ("DELETE", &gpt), ("DELETE", &path)]
            {
                one.call(method, path, None).is(403);
            }
            assert_eq!(one.get(PROVIDER).ok(), json!([]));
            assert_eq!(one.get("/api/integrations/all").ok(), json!([]));
        }
        assert_eq!(bob.get(&path).ok()["tags"], json!([]));
        bob.delete(&path).is(200);
    }
}

#[test]
fn g7_a_deleted_resource_takes_its_grants_and_tags_with_it() {
    let server = Server::start();
    let admin = server.admin();
    let ada = server.client("ada", &["USER"]);
    let (direct, by_tag) = (server.client("direct", &[]), server.client("by-tag", &[]));
    admin.grant(("USER", &by_tag.user), ("TAG", "team:core"), &OWNER);
    ada.new_integration("main");
    let gpt = provider("main/integration/gpt");
    for _ in 0..REBIRTHS {
        ada.grant(("USER", &direct.user), ("INTEGRATION", "main:gpt"), &OWNER);
        ada.put(&format!("{gpt}/tags"), &json!([tag("team", "core")])).is(200);
        direct.get(&gpt).is(200);
        by_tag.get(&gpt).is(200);
        ada.delete(&gpt).is(200);
        ada.post(&gpt, Some(&resource())).is(200);
        for one in [&direct, &by_tag] {
            one.get(&gpt).is(403);
            one.post(&gpt, Some(&resource())).is(403);
            one.delete(&gpt).is(403);
        }
    }
}

#[test]
fn g7_a_grant_on_a_resource_that_never_was_ends_with_its_integration() {
    let server = Server::start();
    let (ada, bob) = (server.client("ada", &["USER"]), server.client("bob", &["USER"]));
    let path = provider("main");
    for _ in 0..REBIRTHS {
        // Ada owns the name for a moment, and grants herself what Bob will make there.
        ada.new_integration("main");
        ada.grant(("USER", &ada.user), ("INTEGRATION", "main:secret-model"), &OWNER);
        ada.delete(&path).is(200);
        bob.new_integration("main");
        bob.new_resource("main", "secret-model");
        ada.get(&format!("{path}/integration/secret-model")).is(403);
        ada.post(&format!("{path}/integration/secret-model"), Some(&resource())).is(403);
        ada.delete(&format!("{path}/integration/secret-model")).is(403);
        bob.delete(&path).is(200);
    }
}

#[test]
fn g7_a_deleted_application_takes_what_it_had_and_what_was_granted_on_it() {
    let server = Server::start();
    let admin = server.admin();
    let ada = server.client("ada", &["USER"]);
    admin.new_integration("main");
    admin.new_group("crew", &["USER"]);
    for _ in 0..REBIRTHS {
        let one = server.client("one", &["USER"]);
        let (id, user) = (one.application.clone(), one.user.clone());
        admin.grant(("USER", &user), ("INTEGRATION_PROVIDER", "main"), &OWNER);
        admin.grant(("USER", &ada.user), ("APPLICATION", &id), &OWNER);
        admin.grant(("USER", &ada.user), ("USER", &user), &OWNER);
        admin.post(&format!("/api/groups/crew/users/{user}"), None).is(200);
        let tags = format!("/api/applications/{id}/tags");
        admin.put(&tags, &json!([tag("team", "core")])).is(200);
        admin.delete(&format!("/api/applications/{id}")).is(200);
        let left: Vec<_> = server.state().into_iter().filter(|row| row.contains(&id)).collect();
        assert!(left.is_empty(), "{left:#?}");
        assert_eq!(admin.get("/api/groups/crew/users").ok(), json!([]));
    }
}

#[test]
fn g7_a_deleted_user_takes_what_they_had_and_what_was_granted_on_them() {
    let server = Server::start();
    let admin = server.admin();
    let ada = server.client("ada", &["USER"]);
    admin.new_integration("main");
    admin.new_group("crew", &["USER"]);
    let mut known = BTreeSet::new();
    for _ in 0..REBIRTHS {
        let body = json!({"name": "Ann", "roles": ["USER", "METADATA_API"], "groups": ["crew"]});
        let uuid = admin.put("/api/users/ann", &body).ok()["uuid"].clone();
        assert!(known.insert(uuid.to_string()), "the uuid is never used again");
        admin.grant(("USER", "ann"), ("INTEGRATION_PROVIDER", "main"), &OWNER);
        admin.grant(("USER", "ann"), ("TAG", "team:core"), &["READ"]);
        admin.grant(("USER", &ada.user), ("USER", "ann"), &OWNER);
        ada.get("/api/users/ann").is(200);
        admin.delete("/api/users/ANN").is(200);
        admin.new_user("ann");
        let born = admin.get("/api/users/ann").ok();
        assert_eq!((&born["roles"], &born["groups"]), (&json!([]), &json!([])));
        let granted = admin.get("/api/users/ann/permissions").ok();
        assert_eq!(granted, json!({"grantedAccess": []}));
        ada.get("/api/users/ann").is(403);
        admin.delete("/api/users/ann").is(200);
    }
}

#[test]
fn g7_a_deleted_group_takes_its_members_roles_and_grants() {
    let server = Server::start();
    let admin = server.admin();
    let (ada, one) = (server.client("ada", &["USER"]), server.client("one", &[]));
    admin.new_integration("main");
    for _ in 0..REBIRTHS {
        admin.new_group("crew", &["USER"]);
        admin.post(&format!("/api/groups/crew/users/{}", one.user), None).is(200);
        admin.grant(("GROUP", "crew"), ("INTEGRATION_PROVIDER", "main"), &OWNER);
        admin.grant(("USER", &ada.user), ("GROUP", "crew"), &OWNER);
        one.get(&provider("main")).is(200);
        ada.get("/api/groups/crew").is(200);
        admin.delete("/api/groups/crew").is(200);
        admin.new_group("crew", &[]);
        assert_eq!(admin.get("/api/groups/crew/users").ok(), json!([]));
        assert_eq!(admin.get("/api/groups/crew").ok()["roles"], json!([]));
        admin.post(&format!("/api/groups/crew/users/{}", one.user), None).is(200);
        one.get(&provider("main")).is(403);
        one.post("/api/applications", Some(&json!({"name": "x"}))).is(403);
        ada.get("/api/groups/crew").is(403);
        admin.delete("/api/groups/crew").is(200);
    }
}

#[test]
fn g7_a_deleted_role_takes_its_holders_and_grants() {
    let server = Server::start();
    let admin = server.admin();
    let (ada, one) = (server.client("ada", &["USER"]), server.client("one", &[]));
    let by_group = server.client("by-group", &[]);
    admin.new_integration("main");
    admin.new_group("crew", &[]);
    admin.post(&format!("/api/groups/crew/users/{}", by_group.user), None).is(200);
    let body = |roles: &[&str]| json!({"description": "crew", "roles": roles});
    for _ in 0..REBIRTHS {
        admin.new_role("reader", &["READ_INTEGRATION_PROVIDER"]);
        admin.post(&roles_path(&one.application, "reader"), None).is(200);
        admin.put("/api/groups/crew", &body(&["reader"])).is(200);
        admin.put("/api/users/ann", &json!({"name": "Ann", "roles": ["reader"]})).is(200);
        admin.grant(("ROLE", "reader"), ("INTEGRATION_PROVIDER", "main"), &["UPDATE"]);
        admin.grant(("USER", &ada.user), ("ROLE", "reader"), &OWNER);
        for client in [&one, &by_group] {
            client.get(&provider("main")).is(200);
        }
        ada.get("/api/roles/reader").is(200);
        admin.delete("/api/roles/reader").is(200);
        admin.new_role("reader", &["READ_INTEGRATION_PROVIDER"]);
        let tags = format!("{}/tags", provider("main"));
        for client in [&one, &by_group] {
            client.get(&provider("main")).is(403);
            assert_eq!(client.get("/api/token/userInfo").ok()["roles"], json!([]));
        }
        assert_eq!(admin.get("/api/users/ann").ok()["roles"], json!([]));
        ada.get("/api/roles/reader").is(403);
        // Nor do the grants of the old role come to who is given the new one.
        admin.post(&roles_path(&one.application, "reader"), None).is(200);
        one.put(&tags, &json!([])).is(403);
        admin.delete("/api/roles/reader").is(200);
    }
}

#[test]
fn g7_a_deleted_workflow_takes_its_grants_and_tags_with_its_last_version() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &[]);
    let save = |version: i64| {
        let body = json!({"name": "flow", "version": version});
        admin.post("/api/metadata/workflow", Some(&body)).is(200);
    };
    let path = "/api/metadata/workflow/flow";
    for _ in 0..REBIRTHS {
        save(1);
        save(2);
        admin.grant(("USER", &one.user), ("WORKFLOW_DEF", "flow"), &OWNER);
        admin.put(&format!("{path}/tags"), &json!([tag("team", "core")])).is(200);
        one.delete(&format!("{path}/1")).is(200);
        one.get(path).is(200);
        admin.delete(&format!("{path}/2")).is(200);
        save(1);
        one.get(path).is(403);
        assert_eq!(admin.get(&format!("{path}/tags")).ok(), json!([]));
        admin.delete(&format!("{path}/1")).is(200);
    }
}

#[test]
fn g7_a_tag_that_was_removed_gives_nothing_when_its_thing_is_made_again() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &[]);
    admin.grant(("USER", &one.user), ("TAG", "team:core"), &["READ"]);
    let tags = json!([tag("team", "core")]);
    for _ in 0..REBIRTHS {
        admin.new_integration("main");
        let path = format!("{}/tags", provider("main"));
        admin.put(&path, &tags).is(200);
        one.get(&provider("main")).is(200);
        admin.call("DELETE", &path, Some(&tags)).is(200);
        one.get(&provider("main")).is(403);
        // The rule about the tag stays, as the document says.
        admin.put(&path, &tags).is(200);
        one.get(&provider("main")).is(200);
        admin.delete(&provider("main")).is(200);
        admin.new_integration("main");
        one.get(&provider("main")).is(403);
        admin.delete(&provider("main")).is(200);
    }
}

#[test]
fn g8_a_user_is_one_whatever_the_case_of_their_id() {
    let server = Server::start();
    let admin = server.admin();
    admin.new_integration("main");
    admin.new_group("crew", &[]);
    let spellings = ["ann@example.org", "Ann@Example.org", "ANN@EXAMPLE.ORG", "aNN@eXAMPLE.ORG"];
    let mut uuids = BTreeSet::new();
    for id in spellings {
        let body = json!({"name": "Ann", "roles": ["USER"]});
        let saved = admin.put(&format!("/api/users/{id}"), &body).ok();
        assert_eq!(saved["id"], "ann@example.org");
        uuids.insert(saved["uuid"].to_string());
        admin.grant(("user", id), ("INTEGRATION_PROVIDER", "main"), &["READ"]);
        admin.post(&format!("/api/groups/crew/users/{id}"), None).is(200);
        admin.post("/api/groups/crew/users", Some(&json!([id]))).is(200);
    }
    assert_eq!(uuids.len(), 1);
    assert_eq!(column(&admin.get("/api/users").ok(), "id"), ["ann@example.org"]);
    assert_eq!(column(&admin.get("/api/groups/crew/users").ok(), "id"), ["ann@example.org"]);
    let grants =
        admin.get("/api/auth/authorization/INTEGRATION_PROVIDER/main?groupBy=subject").ok();
    assert_eq!(grants["USER:ann@example.org"], json!(["READ"]));
    assert_eq!(grants.as_object().unwrap().len(), 2, "{grants}");
    for id in spellings {
        let check = format!("/api/users/{id}/checkPermissions?type=INTEGRATION_PROVIDER&id=main");
        assert_eq!(admin.get(&check).ok()["READ"], true);
        assert_eq!(
            admin.get(&format!("/api/auth/subjects/USER/{id}/grants")).ok()[0]["access"][0],
            "READ"
        );
    }
    admin.revoke(("USER", "ANN@example.ORG"), ("INTEGRATION_PROVIDER", "main"), &["READ"]);
    admin.delete("/api/groups/crew/users/ANN@example.ORG").is(200);
    assert_eq!(admin.get("/api/groups/crew/users").ok(), json!([]));
    admin.delete("/api/users/ANN@example.ORG").is(200);
    assert_eq!(admin.get("/api/users").ok(), json!([]));
}

#[test]
fn g8_ids_that_only_look_alike_are_refused_everywhere() {
    let server = Server::start();
    let admin = server.admin();
    admin.new_user("ann@example.org");
    admin.new_group("crew", &[]);
    admin.new_integration("main");
    let before = server.state();
    for (id, escaped) in [
        (" ann@example.org", "%20ann@example.org"),
        ("ann@example.org ", "ann@example.org%20"),
        ("ann@example.org\u{a0}", "ann@example.org%C2%A0"),
        ("ann @example.org", "ann%20@example.org"),
        ("ａnn@example.org", "%EF%BD%81nn@example.org"),
        ("аnn@example.org", "%D0%B0nn@example.org"),
        ("ann@exаmple.org", "ann@ex%D0%B0mple.org"),
        ("ann\u{200b}@example.org", "ann%E2%80%8B@example.org"),
        ("ann@example.org\u{200d}", "ann@example.org%E2%80%8D"),
        ("ann\u{ad}@example.org", "ann%C2%AD@example.org"),
        ("ánn@example.org", "%C3%A1nn@example.org"),
        ("a\u{301}nn@example.org", "a%CC%81nn@example.org"),
        ("ann＠example.org", "ann%EF%BC%A0example.org"),
        ("ann@example\u{2024}org", "ann@example%E2%80%A4org"),
        ("ann@example.org\t", "ann@example.org%09"),
        ("ann@example.org\0", "ann@example.org%00"),
        ("\u{212a}im@example.org", "%E2%84%AAim@example.org"),
        ("ⓐnn@example.org", "%E2%93%90nn@example.org"),
        ("ﬁnn@example.org", "%EF%AC%81nn@example.org"),
        ("ann@example.org\u{feff}", "ann@example.org%EF%BB%BF"),
    ] {
        let on = ("INTEGRATION_PROVIDER", "main");
        admin.put(&format!("/api/users/{escaped}"), &json!({"name": "Ann"})).is(400);
        admin.try_grant(("USER", id), on, &["READ"]).is(400);
        admin.try_grant(("USER", "x"), ("USER", id), &["READ"]).is(400);
        admin.post("/api/groups/crew/users", Some(&json!([id]))).is(400);
        admin.post(&format!("/api/groups/crew/users/{escaped}"), None).is(400);
    }
    assert_eq!(server.state(), before);
}

#[test]
fn g8_an_application_is_the_user_of_its_id_and_nobody_else() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &[]);
    admin.new_integration("main");
    let upper = one.user.to_uppercase();
    assert_eq!(admin.get(&format!("/api/users/{upper}")).ok()["id"], one.user);
    admin.grant(("USER", &upper), ("INTEGRATION_PROVIDER", "main"), &["READ"]);
    one.get(&provider("main")).is(200);
    one.get(&format!("/api/users/{upper}")).is(200);
    // Its bare id is another user, and `app:` twice another application.
    admin.revoke(("USER", &one.user), ("INTEGRATION_PROVIDER", "main"), &["READ"]);
    for other in [one.application.clone(), format!("app:{}", one.user)] {
        admin.grant(("USER", &other), ("INTEGRATION_PROVIDER", "main"), &OWNER);
    }
    one.get(&provider("main")).is(403);
    admin.put(&format!("/api/users/{}", one.application), &json!({"name": "twin"})).is(200);
    one.get(&provider("main")).is(403);
    let twin = admin.get(&format!("/api/users/{}", one.application)).ok();
    assert_eq!(twin["applicationUser"], false);
}

#[test]
fn g9_a_model_is_used_and_counted_only_by_who_was_let() {
    let server = Server::start();
    let admin = server.admin();
    admin.new_integration("main");
    admin.new_resource("main", "mini");
    let one = server.client("one", &["PROMPT_MANAGER"]);
    let metrics = |model| format!("{}/integration/{model}/metrics", provider("main"));
    let use_it = |model| one.post(&metrics(model), Some(&json!(1)));
    for accesses in [&["READ"][..], &["UPDATE"], &["DELETE"], &["CREATE"]] {
        admin.grant(("USER", &one.user), ("INTEGRATION", "main:gpt"), accesses);
        use_it("gpt").says(403, "EXECUTE");
        use_it("mini").says(403, "EXECUTE");
        one.get(&metrics("mini")).says(403, "READ");
    }
    admin.grant(("USER", &one.user), ("INTEGRATION", "main:gpt"), &["EXECUTE"]);
    use_it("gpt").is(200);
    use_it("mini").is(403);
    one.get(&format!("{}/metrics", provider("main"))).says(403, "READ");
    let history = "/api/integrations/llm/main/token/history";
    one.get(history).says(403, "READ");
    // Prompts join with models, and whom they are let use does not grow by that.
    let prompt = |model: &str| format!("/api/prompts/hello?description=d&models=main:{model}");
    let attach = |model| format!("{}/integration/{model}/prompt/hello", provider("main"));
    let trial = |model| json!({"prompt": "Hi", "llmProvider": "main", "model": model});
    one.post(&prompt("gpt"), Some(&json!("Hi"))).is(200);
    one.post(&attach("gpt"), None).is(200);
    one.post("/api/prompts/test", Some(&trial("gpt"))).is(501);
    one.post(&prompt("mini"), Some(&json!("Hi"))).says(403, "READ");
    one.post(&attach("mini"), None).says(403, "READ");
    one.post("/api/prompts/test", Some(&trial("mini"))).says(403, "READ");
    one.get(attach("mini").trim_end_matches("/hello")).says(403, "READ");
}

#[test]
fn g10_the_last_administrator_stays() {
    let server = Server::start();
    let admin = server.admin();
    let application = format!("/api/applications/{}", admin.application);
    let key = format!("{application}/accessKeys/{}", admin.key);
    let role = roles_path(&admin.application, "ADMIN");
    let tries = |who| {
        [
            Try::new(who, "DELETE", application.clone(), Value::Null),
            Try::new(who, "DELETE", key.clone(), Value::Null),
            Try::new(who, "POST", format!("{key}/status"), Value::Null),
            Try::new(who, "DELETE", role.clone(), Value::Null),
        ]
    };
    all_refused(&server, 409, &tries(&admin));
    // Who has the role and no key that works is no other administrator.
    let other = server.client("other", &["ADMIN"]);
    let other_key = format!("{}/{}", keys_path(&other.application), other.key);
    admin.post(&format!("{other_key}/status"), None).is(200);
    admin.put("/api/users/person", &json!({"name": "x", "roles": ["ADMIN"]})).is(200);
    let keyless = admin.new_application("keyless");
    admin.post(&roles_path(&keyless, "ADMIN"), None).is(200);
    all_refused(&server, 409, &tries(&admin));
    let manager = server.client("manager", &["APPLICATION_MANAGER"]);
    all_refused(&server, 409, &tries(&manager));
    // With another one, it can go; and then the other one stays.
    admin.post(&format!("{other_key}/status"), None).is(200);
    admin.delete(&role).is(200);
    admin.get("/api/token/userInfo").is(200);
    let other_role = roles_path(&other.application, "ADMIN");
    all_refused(&server, 409, &[Try::new(&other, "DELETE", other_role, Value::Null)]);
    all_refused(&server, 409, &[Try::new(&manager, "DELETE", other_key, Value::Null)]);
}

#[test]
fn g10_the_last_administrator_stays_also_when_a_group_makes_them_one() {
    let server = Server::start();
    let admin = server.admin();
    admin.new_group("admins", &["ADMIN"]);
    let one = server.client("one", &[]);
    admin.post(&format!("/api/groups/admins/users/{}", one.user), None).is(200);
    admin.delete(&roles_path(&admin.application, "ADMIN")).is(200);
    let key = format!("{}/{}", keys_path(&one.application), one.key);
    let demoted = json!({"description": "idle", "roles": []});
    let tries = [
        Try::new(&one, "DELETE", "/api/groups/admins", Value::Null),
        Try::new(&one, "PUT", "/api/groups/admins", demoted),
        Try::new(&one, "DELETE", format!("/api/groups/admins/users/{}", one.user), Value::Null),
        Try::new(&one, "DELETE", "/api/groups/admins/users", json!([one.user])),
        Try::new(&one, "DELETE", format!("/api/applications/{}", one.application), Value::Null),
        Try::new(&one, "DELETE", key.clone(), Value::Null),
        Try::new(&one, "POST", format!("{key}/status"), Value::Null),
    ];
    all_refused(&server, 409, &tries);
    // Rotation leaves an administrator, who has the new key.
    let (id, secret) = issued(&one.post(&format!("{key}/rotate"), None).ok());
    let again = server.signed_in(&id, &secret);
    let key = format!("{}/{id}", keys_path(&one.application));
    all_refused(&server, 409, &[Try::new(&again, "DELETE", key, Value::Null)]);
}

#[test]
fn g11_what_is_left_out_or_claimed_never_makes_an_operator() {
    let server = Server::start();
    let admin = server.admin();
    admin.new_integration("main");
    let nobody = server.client("nobody", &[]);
    let stranger = server.stranger();
    let token = admin.token.clone().unwrap();
    let bearer = format!("Bearer {token}");
    let basic = "Basic YWRtaW4ta2V5OmFkbWluLXNlY3JldC0wMTIzNDU2Nzg5";
    let claims = [
        ("X-Tenant", "*"),
        ("X-Environment", "operator"),
        ("X-User", "local"),
        ("X-User-Id", admin.user.as_str()),
        ("X-Forwarded-User", admin.user.as_str()),
        ("X-Remote-User", "local"),
        ("Remote-User", "local"),
        ("X-Roles", "ADMIN"),
        ("X-Original-URL", "/health"),
        ("X-Rewrite-URL", "/health"),
        ("X-HTTP-Method-Override", "GET"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("Forwarded", "for=127.0.0.1"),
        ("Cookie", bearer.as_str()),
        ("Authorization", token.as_str()),
        ("Authorization", basic),
        ("Proxy-Authorization", bearer.as_str()),
        ("X-Authorization", ""),
        ("X-Authorization", bearer.as_str()),
        ("X-Authorization", "null"),
    ];
    let change = json!({"name": "x", "roles": ["ADMIN"]});
    for header in claims {
        let as_stranger = stranger.send("GET", &provider("main"), &[header], None);
        assert_eq!(as_stranger.status, 401, "{header:?}");
        let change = stranger.send("PUT", "/api/users/eve", &[header], Some(&change));
        assert_eq!(change.status, 401, "{header:?}");
        // A good token and a bad one beside it: the weaker one counts, or none.
        let as_nobody = nobody.send("GET", &provider("main"), &[header], None);
        assert!(matches!(as_nobody.status, 401 | 403), "{header:?}: {}", as_nobody.text);
    }
    for query in ["token", "access_token", "X-Authorization", "jwt"] {
        stranger.get(&format!("{}?{query}={token}", provider("main"))).is(401);
    }
    stranger.send("GET", &provider("main"), &[("Authorization", &bearer)], None).is(200);
}

#[test]
fn g11_a_token_without_its_claims_or_of_another_server_is_refused() {
    let (server, other) = (Server::start(), Server::start());
    let admin = server.admin();
    let now = crate::sign_in::now();
    let issue = |subject: &str, key: &str| server.tokens().issue(subject, key, now, None).unwrap();
    let good = issue(&admin.user, &admin.key);
    server.bearer(&good).get("/api/limits").is(200);
    for token in [
        issue("local", &admin.key),
        issue("", &admin.key),
        issue("ADMIN", &admin.key),
        issue("app:", &admin.key),
        issue(&admin.application, &admin.key),
        issue(&admin.user.to_uppercase(), &admin.key),
        issue(&admin.user, ""),
        issue(&admin.user, "none"),
        issue(&admin.user, &admin.key.to_uppercase()),
        issue(&admin.user, &format!("{} ", admin.key)),
        other.admin().token.unwrap(),
        other.tokens().issue(&admin.user, &admin.key, now, None).unwrap(),
    ] {
        let bearer = server.bearer(&token);
        bearer.get("/api/token/userInfo").says(401, "INVALID_TOKEN");
        bearer.put("/api/users/eve", &json!({"name": "eve"})).says(401, "INVALID_TOKEN");
        bearer.get(PROVIDER).says(401, "INVALID_TOKEN");
    }
}

#[test]
fn g12_lists_and_counts_show_only_what_may_be_seen() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &[]);
    let me = ("USER", one.user.as_str());
    for name in ["seen", "hidden", "partly"] {
        admin.new_integration(name);
        admin.new_resource(name, "mini");
        admin.put(&format!("{}/tags", provider(name)), &json!([tag("team", "core")])).is(200);
        for model in ["gpt", "mini"] {
            let path = format!("{}/integration/{model}", provider(name));
            admin.put(&format!("{path}/tags"), &json!([tag("size", model)])).is(200);
            admin.post(&format!("{path}/metrics"), Some(&json!(7))).is(200);
        }
    }
    let (seen, hidden) = (admin.new_application("seen"), admin.new_application("hidden"));
    for id in [&seen, &hidden] {
        let path = format!("/api/applications/{id}/tags");
        admin.put(&path, &json!([tag("team", "core"), tag("of", id)])).is(200);
    }
    for name in ["seen", "hidden"] {
        admin.new_user(name);
        admin.new_group(name, &[]);
        admin.new_role(name, &[]);
    }
    let nothing = json!([]);
    let lists = [
        "/api/integrations",
        PROVIDER,
        "/api/integrations/all",
        "/api/applications",
        "/api/users",
        "/api/groups",
        "/api/roles/custom",
        "/api/metadata/tags",
        "/api/metadata/tags/grouped",
        "/api/metadata/tags/resources?tagKey=team&tagValue=core&resourceType=INTEGRATION_PROVIDER",
    ];
    for list in lists {
        assert_eq!(one.get(list).ok(), nothing, "{list}");
    }
    assert_eq!(one.get(&format!("{}/integration", provider("partly"))).ok(), nothing);
    assert_eq!(column(&one.get("/api/users?apps=true").ok(), "id"), [one.user.as_str()]);
    for on in [
        ("INTEGRATION_PROVIDER", "seen"),
        ("INTEGRATION", "partly:gpt"),
        ("APPLICATION", &seen),
        ("USER", "seen"),
        ("GROUP", "seen"),
        ("ROLE", "seen"),
    ] {
        admin.grant(me, on, &["READ"]);
    }
    for list in [PROVIDER, "/api/integrations"] {
        let found = one.get(list).ok();
        assert_eq!(column(&found, "name"), ["seen"]);
        assert_eq!(found[0]["modelsCount"], 2);
    }
    let all = one.get("/api/integrations/all").ok();
    assert_eq!(all, json!(["partly:gpt", "seen:gpt", "seen:mini"]));
    let parts = one.get(&format!("{}/integration", provider("partly"))).ok();
    assert_eq!(column(&parts, "api"), ["gpt"]);
    one.get(&provider("partly")).is(403);
    assert_eq!(column(&one.get("/api/applications").ok(), "id"), [seen.as_str()]);
    for (list, field) in
        [("/api/users", "id"), ("/api/groups", "id"), ("/api/roles/custom", "name")]
    {
        assert_eq!(column(&one.get(list).ok(), field), ["seen"], "{list}");
    }
    let roles = column(&one.get("/api/roles").ok(), "name");
    assert!(roles.contains(&"seen".to_owned()) && !roles.contains(&"hidden".to_owned()));
    let tags = one.get("/api/metadata/tags").ok();
    let pairs: Vec<_> = column(&tags, "key").into_iter().zip(column(&tags, "value")).collect();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let known =
        [pair("of", &seen), pair("size", "gpt"), pair("size", "mini"), pair("team", "core")];
    assert_eq!(pairs, known);
    let counted = |key: &str, value: &str, kind: &str| {
        let found = one.get("/api/metadata/tags/grouped").ok();
        let rows = found.as_array().unwrap().clone();
        let row = rows.into_iter().find(|row| {
            row["tagKey"] == key && row["tagValue"] == value && row["resourceType"] == kind
        });
        row.map_or(0, |row| row["countPerResourceType"].as_i64().unwrap())
    };
    assert_eq!(counted("team", "core", "INTEGRATION_PROVIDER"), 1);
    assert_eq!(counted("team", "core", "APPLICATION"), 1);
    assert_eq!(counted("size", "gpt", "INTEGRATION"), 2);
    assert_eq!(counted("size", "mini", "INTEGRATION"), 1);
    let carriers = "/api/metadata/tags/resources?tagKey=size&tagValue=gpt&resourceType=INTEGRATION";
    assert_eq!(column(&one.get(carriers).ok(), "id"), ["partly:gpt", "seen:gpt"]);
    // Usage: of the whole by who reads the whole, of a part by who reads the part.
    one.get(&format!("{}/metrics", provider("partly"))).is(403);
    let of_part = format!("{}/integration/gpt/metrics", provider("partly"));
    assert_eq!(one.get(&of_part).ok(), 7);
    one.get(&of_part.replace("/gpt/", "/mini/")).is(403);
}
