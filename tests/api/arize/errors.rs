//! Every failure is a problem; contract section 2.3.

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::super::support::{ADMIN, Server, claims};

const ORGANIZATIONS: &str = "/v2/organizations";
const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];
const PAGE: &str = "https://arize.com/docs/ax/rest-reference/errors#";

#[test]
fn an_unknown_route_is_a_problem_and_belongs_to_the_dialect_of_its_path() {
    let server = &Server::start();
    let admin = server.admin();
    for path in ["/v2", "/v2/", "/v2/nothing", "/v2/organizations/a/b", "/v2/Spaces"] {
        for method in ["GET", "POST", "PATCH", "OPTIONS"] {
            let problem = admin.call(method, path).problem(404, "No such route");
            assert_eq!(problem["type"], format!("{PAGE}resource-not-found"), "{path}");
            assert_eq!(problem["instance"], path.strip_suffix('/').unwrap_or(path));
        }
    }
    server.stranger().get("/v2/nothing").problem(404, "No such route");
    for path in ["/v", "/v21", "/api/v2", "/nothing"] {
        admin.get(path).refused(404, "No such route");
    }
}

#[test]
fn another_method_is_told_which_there_are() {
    let server = &Server::start();
    let admin = server.admin();
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "FNORD"] {
        let answer = admin.call(method, ORGANIZATIONS);
        assert_eq!(answer.header("allow"), Some("GET, POST"), "{method}");
        answer.problem(405, "GET, POST");
    }
    let answer = admin.get("/v2/spaces/x");
    assert_eq!(answer.header("allow"), Some("DELETE"));
    answer.problem(405, "DELETE");
}

#[test]
fn a_path_or_an_id_that_has_no_meaning_is_400() {
    let server = &Server::start();
    let admin = server.admin();
    for path in ["/v2/%zz", "/v2//spaces", "/v2/spaces/%2e%2e", "/v2/spaces/%ff", "/v2/a%00"] {
        let answer = admin.raw(&format!("GET {path}"), &["Content-Length: 0"], b"");
        let problem = answer.problem(400, "`path`");
        assert_eq!(problem["instance"], path);
        assert_eq!(problem["errors"][0]["field"], "path");
    }
    let unpadded = BASE64.encode(b"Space:1:abcd").trim_end_matches('=').to_owned() + "A";
    for id in ["main", "12", &unpadded, &BASE64.encode(b"Space"), &BASE64.encode(b"a:\xff")] {
        let id = id.replace('/', "%2F").replace('=', "%3D");
        admin.delete(&format!("/v2/spaces/{id}")).problem(400, "`space_id` must be an id");
        let path = format!("{ORGANIZATIONS}/{id}");
        admin.delete(&path).problem(400, "`organization_id` must be an id");
        let body = json!({"name": "a", "organization_id": id});
        admin.post("/v2/spaces", &body).problem(400, "`organization_id` must be an id");
        admin.get(&format!("/v2/spaces?org_id={id}")).problem(400, "`org_id` must be an id");
    }
}

#[test]
fn what_cannot_be_read_is_400_and_what_breaks_a_rule_422() {
    let server = &Server::start();
    let admin = server.admin();
    let send = |body: &str| admin.send("POST", ORGANIZATIONS, &JSON, Some(body));
    let deep = "[".repeat(70) + &"]".repeat(70);
    for (body, words) in [
        ("", "`body` is not valid JSON"),
        ("{", "`body` is not valid JSON"),
        ("{\"name\":\"a\",}", "`body` is not valid JSON"),
        ("{\"name\":\"a\",\"name\":\"a\"}", "`body` names the key `name` twice"),
        (&deep, "`body` is nested"),
        ("[]", "`body`"),
        ("null", "`body`"),
        ("\"a\"", "`body`"),
        ("{\"name\":5}", "`name` must be a string"),
        ("{\"name\":[\"a\"]}", "`name` must be a string"),
    ] {
        let expected = if body == "null" { 422 } else { 400 };
        server.unchanged(|| send(body).problem(expected, words));
    }
    for (body, words) in [
        ("{}", "`name` is required"),
        ("{\"name\":null}", "`name` must be a string"),
        ("{\"name\":\"a\",\"other\":1}", "`other`"),
        ("{\"name\":\"\"}", "`name` must not be blank"),
        ("{\"name\":\" a\"}", "`name` must not begin"),
        ("{\"name\":\"a\\u0000\"}", "`name` must not hold control"),
    ] {
        let problem = server_unchanged(server, || send(body).problem(422, words));
        assert_eq!(problem["type"], format!("{PAGE}validation-error"));
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1);
    }
    let long = json!({"name": "é".repeat(128)});
    admin.post(ORGANIZATIONS, &long).problem(422, "at most 255 bytes");
}

fn server_unchanged(server: &Server, work: impl FnOnce() -> Value) -> Value {
    let mut found = Value::Null;
    server.unchanged(|| found = work());
    found
}

#[test]
fn a_query_that_has_no_meaning_is_400() {
    let server = &Server::start();
    let admin = server.admin();
    for list in [ORGANIZATIONS, "/v2/spaces"] {
        let get = |query: &str| admin.get(&format!("{list}?{query}"));
        for limit in ["0", "101", "abc", "-1", "", "1.5"] {
            get(&format!("limit={limit}")).problem(400, "`limit` must be from 1 to 100");
        }
        for cursor in ["", "abc", "!", "AAAAAAAAAAAAAAAAAAAAAA"] {
            get(&format!("cursor={cursor}")).problem(400, "`cursor`");
        }
        get("limit=1&limit=2").problem(400, "`limit`");
        get(&format!("name={}", "a".repeat(256))).problem(400, "`name` must be at most 255");
        get(&format!("name={}", "a".repeat(255))).ok();
        get("unknown=1&limit=100").ok();
    }
}

#[test]
fn a_body_that_is_too_large_or_of_another_type_is_a_problem() {
    let server = &Server::start();
    let admin = server.admin();
    let json = "Content-Type: application/json";
    let line = format!("POST {ORGANIZATIONS}");
    admin.raw(&line, &[json, "Content-Length: 1048577"], b"").problem(413, "1048576 bytes");
    let body = Some("{\"name\":\"a\"}");
    for headers in [
        [("Content-Type", "text/plain"), ("Accept", "*/*")],
        [("Content-Type", "application/json"), ("Content-Encoding", "gzip")],
    ] {
        admin.send("POST", ORGANIZATIONS, &headers, body).problem(415, "Content-Type");
    }
    assert_eq!(admin.get(ORGANIZATIONS).ok()["organizations"], json!([]));
}

#[test]
fn who_is_not_signed_in_is_told_why() {
    let server = &Server::start();
    let admin = server.admin();
    let token = admin.token.clone().unwrap();
    let subject = claims(&token)["sub"].as_str().unwrap().to_owned();
    let expired = server.database.tokens().issue(&subject, ADMIN.0, 0, None).unwrap();
    let routes = [("GET", ORGANIZATIONS), ("POST", ORGANIZATIONS), ("DELETE", "/v2/spaces/x")];
    server.unchanged(|| {
        for (method, path) in routes {
            // Nothing of a stranger's request is read.
            let broken = |client: &crate::support::Client| {
                client.send(method, path, &JSON, (method == "POST").then_some("{"))
            };
            for (client, words) in [
                (server.stranger(), "Token cannot be null"),
                (server.bearer("garbage"), "Token is not valid"),
                (server.bearer(&expired), "Token has expired"),
            ] {
                let problem = broken(&client).problem(401, words);
                assert_eq!(problem["type"], format!("{PAGE}authentication-required"));
            }
        }
    });
    let bearer = format!("Bearer {token}");
    let stranger = server.stranger();
    stranger.send("GET", ORGANIZATIONS, &[("Authorization", &bearer)], None).ok();
    let bare = stranger.send("GET", ORGANIZATIONS, &[("Authorization", &token)], None);
    bare.problem(401, "Token cannot be null");
}
