//! The roles of applications; contract sections 7 and 9.2.

use serde_json::{Value, json};

use crate::support::{Client, Server, openai};

const ROLES: [&str; 11] = [
    "ADMIN",
    "USER",
    "METADATA_MANAGER",
    "WORKFLOW_MANAGER",
    "USER_READ_ONLY",
    "WORKER",
    "METADATA_API",
    "APPLICATION_CREATOR",
    "APPLICATION_MANAGER",
    "UNRESTRICTED_WORKER",
    "PROMPT_MANAGER",
];

fn role(client: &Client, role: &str) -> String {
    format!("/api/applications/{}/roles/{role}", client.application)
}

fn held(client: &Client) -> Vec<String> {
    let user = client.get("/api/token/userInfo").ok();
    let name = |role: &Value| role["name"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = user["roles"].as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn roles_are_given_and_taken() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &[]));
    assert!(held(&ada).is_empty());
    for name in ROLES {
        admin.call("POST", &role(&ada, name)).done();
        assert_eq!(held(&ada), [name]);
        admin.call_with("POST", &role(&ada, name), &json!({})).done();
        assert_eq!(held(&ada), [name], "given twice");
        admin.call_with("DELETE", &role(&ada, name), &json!({})).done();
        assert!(held(&ada).is_empty(), "{name}");
        admin.delete(&role(&ada, name)).done();
    }
    admin.call("POST", &role(&ada, "WORKER")).done();
    admin.call("POST", &role(&ada, "USER")).done();
    assert_eq!(held(&ada), ["USER", "WORKER"]);
    admin.delete(&role(&ada, "WORKER")).done();
    assert_eq!(held(&ada), ["USER"]);
}

#[test]
fn a_role_that_does_not_exist_is_404() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &[]));
    server.unchanged(|| {
        for name in ["KING", "user", "%20USER"] {
            admin.call("POST", &role(&ada, name)).refused(404, "No such role");
            admin.delete(&role(&ada, name)).refused(404, "No such role");
        }
    });
}

#[test]
fn the_role_to_read_only_stands_alone() {
    let server = &Server::start();
    let admin = server.admin();
    for other in ROLES.into_iter().filter(|role| *role != "USER_READ_ONLY") {
        let (ada, vic) = (server.client("ada", &[other]), server.client("vic", &[]));
        admin.call("POST", &role(&vic, "USER_READ_ONLY")).done();
        server.unchanged(|| {
            let refused = admin.call("POST", &role(&ada, "USER_READ_ONLY"));
            refused.refused(400, "USER_READ_ONLY");
            admin.call("POST", &role(&vic, other)).refused(400, "USER_READ_ONLY");
        });
        assert_eq!((held(&ada), held(&vic)), (vec![other.into()], vec!["USER_READ_ONLY".into()]));
    }
    let vic = server.client("vic", &["USER_READ_ONLY"]);
    admin.call("POST", &role(&vic, "USER_READ_ONLY")).done();
}

#[test]
fn nobody_but_an_administrator_gives_roles() {
    let server = &Server::start();
    let managers = ["ADMIN", "APPLICATION_MANAGER"];
    for name in ROLES.into_iter().filter(|role| !managers.contains(role)) {
        let ada = server.client("ada", &[name]);
        let expected = format!("denied UPDATE APPLICATION {}", ada.application);
        let given = server.denied(|| ada.call("POST", &role(&ada, "ADMIN")).refused(403, "UPDATE"));
        assert_eq!(given, expected, "{name}");
        let taken = server.denied(|| ada.delete(&role(&ada, name)).refused(403, "UPDATE"));
        assert_eq!(taken, expected, "{name}");
    }
    let manager = server.client("manager", &["APPLICATION_MANAGER"]);
    let ada = server.client("ada", &[]);
    server.denied(|| manager.call("POST", &role(&ada, "ADMIN")).refused(403, "don't hold it"));
    let boss = server.client("boss", &["ADMIN"]);
    boss.call("POST", &role(&ada, "ADMIN")).done();
    ada.post("/api/integrations/provider/main", &openai("sk-1")).ok();
}

#[test]
fn roles_of_the_orchestrator_give_nothing_here() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post("/api/integrations/provider/main", &openai("sk-1")).ok();
    for name in [
        "WORKFLOW_MANAGER",
        "WORKER",
        "METADATA_API",
        "APPLICATION_CREATOR",
        "APPLICATION_MANAGER",
        "UNRESTRICTED_WORKER",
        "PROMPT_MANAGER",
    ] {
        let ada = server.client("ada", &[name]);
        assert_eq!(ada.get("/api/integrations/provider").ok(), json!([]), "{name}");
        ada.get("/api/integrations/provider/main").refused(403, "READ");
        let new = "/api/integrations/provider/new";
        server.denied(|| ada.post(new, &openai("sk-1")).refused(403, "CREATE"));
        if !name.starts_with("APPLICATION") {
            let body = json!({"name": "x"});
            server.denied(|| ada.post("/api/applications", &body).refused(403, "CREATE"));
        }
    }
}
