//! The server itself: health, version, routes and headers; contract section 10.

use serde_json::json;

use crate::support::{Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";

#[test]
fn health_needs_no_token_and_stands_at_both_places() {
    let server = &Server::start();
    for path in ["/health", "/health/", "/health/ready", "/api/health", "/api/health/"] {
        let health = server.stranger().get(path).ok();
        assert_eq!(health["healthy"], true, "{path}");
        let results = health["healthResults"].as_array().unwrap();
        assert!(results.iter().all(|result| result["healthy"] == true), "{health}");
        assert!(!results.is_empty());
        server.bearer("garbage").get(path).ok();
    }
}

#[test]
fn the_version_is_plain_text() {
    let server = &Server::start();
    for path in ["/api/version", "/api/version/"] {
        let answer = server.stranger().get(path);
        assert_eq!((answer.status, answer.text.as_str()), (200, env!("CARGO_PKG_VERSION")));
        assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
    }
}

#[test]
fn the_context_of_the_user_interface_is_javascript() {
    let server = &Server::start();
    let answer = server.stranger().get("/context.js");
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("application/javascript"));
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert!(answer.text.contains("window.conductor = {"), "{}", answer.text);
}

#[test]
fn there_are_no_task_definitions() {
    let server = &Server::start();
    assert_eq!(server.admin().get("/api/metadata/taskdefs").ok(), json!([]));
}

#[test]
fn the_limits_are_told() {
    let server = &Server::start();
    let limits = server.admin().get("/api/limits").ok();
    let expected = json!({
        "maxRequestBytes": 1_048_576,
        "maxBulkRequestBytes": 8_388_608,
        "maxJsonDepth": 64,
        "maxNameBytes": 255,
        "maxRequestsPerSecond": 10_000,
    });
    assert_eq!(limits, expected);
}

#[test]
fn no_answer_to_a_token_may_be_kept() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    let app = format!("/api/applications/{}", server.client("ada", &[]).application);
    let key = json!({"keyId": "x", "keySecret": "y"});
    for (answer, status) in [
        (admin.get(MAIN), 200),
        (admin.get("/api/integrations"), 200),
        (admin.get("/api/integrations/def"), 200),
        (admin.get("/api/integrations/absent/def/apis"), 404),
        (admin.get("/api/token/userInfo"), 200),
        (admin.post("/api/token", &key), 401),
        (admin.post(MAIN, &openai("sk-1")), 200),
        (admin.post(MAIN, &json!("bad")), 400),
        (admin.post(&format!("{MAIN}/integration/gpt"), &model()), 200),
        (admin.call("POST", &format!("{app}/accessKeys")), 200),
        (admin.call("POST", &format!("{app}/roles/USER")), 200),
        (admin.call("PUT", MAIN), 405),
        (admin.get("/api/nothing"), 404),
        (admin.get(&format!("{MAIN}%zz")), 400),
        (server.stranger().get(MAIN), 401),
        (server.client("none", &[]).get(MAIN), 403),
        (admin.delete(MAIN), 200),
    ] {
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", answer.text);
    }
    let body = json!({"keyId": crate::support::ADMIN.0, "keySecret": crate::support::ADMIN.1});
    let token = server.stranger().post("/api/token", &body);
    assert_eq!(token.header("cache-control"), Some("no-store"));
}

#[test]
fn an_unknown_route_is_404_in_conductors_shape() {
    let server = &Server::start();
    for client in [server.admin(), server.stranger()] {
        for path in [
            "/",
            "/nothing",
            "/api",
            "/api/",
            "/api/nothing",
            "/apis",
            "/API/integrations",
            "/integrations",
            "/api/integrations/nothing",
            "/api/integrations/provider/main/nothing",
            "/api/integrations/llm",
            "/api/token/other",
            "/api/applications/x/nothing",
            "/api/gateway/config/auth",
            "/health/x",
        ] {
            for method in ["GET", "POST", "DELETE"] {
                client.call(method, path).refused(404, "No such route");
            }
        }
    }
}

#[test]
fn a_wrong_method_is_405_and_told_the_right_ones() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    server.unchanged(|| {
        for (method, path, allowed) in [
            ("PUT", MAIN, "GET, POST, PATCH, DELETE"),
            ("OPTIONS", MAIN, "GET, POST, PATCH, DELETE"),
            ("POST", "/api/integrations/provider", "GET"),
            ("DELETE", "/api/integrations/", "GET, POST"),
            ("POST", "/api/integrations/def", "GET"),
            ("GET", "/api/integrations/eventStats/kafka", "POST"),
            ("POST", "/api/integrations/provider/main/tags", "GET, PUT, DELETE"),
            ("PUT", "/api/integrations/provider/main/integration/gpt", "GET, POST, PATCH, DELETE"),
            ("DELETE", "/api/integrations/provider/main/integration/gpt/metrics", "GET, POST"),
            ("PUT", "/api/integrations/llm/main/token", "GET, POST"),
            ("GET", "/api/token", "POST"),
            ("POST", "/api/token/userInfo", "GET"),
            ("POST", "/health", "GET"),
            ("DELETE", "/api/version", "GET"),
            ("POST", "/context.js", "GET"),
            ("DELETE", "/api/applications", "GET, POST"),
            ("POST", "/api/applications/x", "GET, PUT, DELETE"),
            ("GET", "/api/applications/x/roles/USER", "POST, DELETE"),
            ("GET", "/api/applications/x/accessKeys/y", "DELETE"),
            ("GET", "/api/applications/x/accessKeys/y/status", "POST"),
        ] {
            let answer = admin.call(method, path);
            let told = answer.header("allow").unwrap_or_default().to_owned();
            let sorted = |list: &str| {
                let mut list: Vec<_> = list.split(", ").map(str::to_owned).collect();
                list.sort();
                list
            };
            assert_eq!(sorted(&told), sorted(allowed), "{method} {path}");
            answer.refused(405, "takes only");
        }
    });
}

#[test]
fn a_method_nobody_knows_is_405() {
    let server = &Server::start();
    let admin = server.admin();
    let answer = admin.raw(&format!("FNORD {MAIN}"), &[], b"");
    assert_eq!(answer.header("allow"), Some("GET, POST, PATCH, DELETE"));
    answer.refused(405, "takes only");
}

#[test]
fn several_clients_are_served_at_once() {
    let server = &Server::start();
    let admins: Vec<_> = (0..8).map(|_| server.admin()).collect();
    std::thread::scope(|scope| {
        for (number, admin) in admins.iter().enumerate() {
            scope.spawn(move || {
                for round in 0..5 {
                    let path = format!("/api/integrations/provider/p{number}-{round}");
                    admin.post(&path, &openai("sk-1")).ok();
                    admin.post("/api/integrations/provider/shared", &openai("sk-1")).ok();
                    assert_eq!(admin.get(&path).ok()["createdBy"], admin.subject);
                }
            });
        }
    });
    let list = admins[0].get("/api/integrations/provider").ok();
    assert_eq!(list.as_array().unwrap().len(), 41);
}
