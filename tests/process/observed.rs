//! What is told of requests: ids, lines of the log, metrics.

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::support::{Folder, Launch, SHELF, Server};

/// A name that stands in paths, and nowhere else.
const NAME: &str = "nobody-may-know";

/// The id that an answer bears.
fn id(answer: &Answer) -> String {
    answer.header("X-Request-Id").unwrap().to_owned()
}

/// Sends a few requests; gives the ids of the one that is refused to a stranger, and of two that an
/// administrator sends.
fn ask(server: &Server) -> [String; 3] {
    let path = format!("/integrations/provider/{NAME}");
    let refused = server.stranger().get(&path).unwrap();
    refused.is(401);
    let admin = server.shelf();
    let missing = admin.get(&path).unwrap();
    missing.is(404);
    let own = [("X-Request-Id", "mine/1")];
    let saved = admin.send("GET", &format!("/api{SHELF}"), &own, None).unwrap();
    saved.is(200);
    assert_eq!(id(&saved), "mine/1");
    server.stranger().get("/health").unwrap().is(200);
    server.stranger().send("GET", &format!("/{NAME}"), &[], None).unwrap().is(404);
    [id(&refused), id(&missing), id(&saved)]
}

/// A server that serves metrics, and who asks for them.
fn measured(folder: &Folder) -> (Server, Client) {
    let mut server = Launch::new(folder).env("PODIUM_METRICS_LISTEN", "127.0.0.1:0").start();
    let url = server.process.line().unwrap();
    let address = url.strip_prefix("metrics on http://").unwrap().strip_suffix("/metrics").unwrap();
    let metrics = Client::new(address, None);
    (server, metrics)
}

#[test]
fn each_request_has_a_line_with_its_route_and_the_id_of_its_answer() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let [refused, missing, saved] = ask(&server);
    let log = server.stop().err;
    let line = |what: &str, id: &str| {
        let ending = format!(" request={id}");
        let mut lines = log.lines().filter(|line| line.ends_with(&ending));
        let (line, None) = (lines.next().unwrap(), lines.next()) else { panic!("{id}: {log}") };
        assert!(line.contains(&format!("INFO  podium::requests] {what} ")), "{line}");
        line
    };
    let provider = "GET /api/integrations/provider/{name}";
    assert!(line(&format!("{provider} 401"), &refused).contains(" ms - 127.0.0.1"), "{log}");
    assert!(line(&format!("{provider} 404"), &missing).contains(" ms app:"), "{log}");
    line(&format!("{provider} 200"), &saved);
    assert!(log.contains("] GET none 404 ") && !log.contains("/health"), "{log}");
    assert!(!log.contains(NAME), "{log}");
}

#[test]
fn lines_are_objects_where_programs_read_them() {
    let folder = Folder::new();
    let launch = Launch::new(&folder).env("PODIUM_LOG_FORMAT", "json");
    let server = launch.env("RUST_LOG", "debug").start();
    let [_, missing, _] = ask(&server);
    let log = server.stop().err;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["request"] == missing).unwrap();
    assert_eq!(line["target"], "podium::requests");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["route"], "/api/integrations/provider/{name}");
    assert_eq!(line["status"], 404);
    assert!(line["milliseconds"].as_f64().unwrap() > 0.0, "{line}");
    assert!(line["subject"].as_str().unwrap().starts_with("app:"), "{line}");
    assert_eq!(line["address"], "127.0.0.1");
    let time = line["time"].as_str().unwrap();
    assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
    assert!(lines.iter().any(|line| line["route"] == "/api/health"), "{log}");
}

#[test]
fn the_filter_of_the_log_is_env_loggers() {
    let folder = Folder::new();
    let server = Launch::new(&folder).env("RUST_LOG", "info,podium::requests=warn").start();
    ask(&server);
    let log = server.stop().err;
    assert!(log.contains("stopping") && !log.contains("podium::requests"), "{log}");
}

#[test]
fn an_error_in_the_log_bears_the_id_of_its_request() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let admin = server.shelf();
    let beside = rusqlite::Connection::open(folder.database()).unwrap();
    beside.execute_batch("ALTER TABLE integration RENAME TO gone").unwrap();
    let failed = admin.get(&format!("{SHELF}/x/y")).unwrap();
    let failed = if failed.status == 500 { failed } else { admin.get(SHELF).unwrap() };
    failed.is(500);
    let log = server.stop().err;
    let ending = format!(" request={}", id(&failed));
    let lines: Vec<_> = log.lines().filter(|line| line.ends_with(&ending)).collect();
    assert!(lines.iter().any(|line| line.contains("ERROR") && line.contains("no such")), "{log}");
    assert!(lines.iter().any(|line| line.contains("WARN  podium::requests]")), "{log}");
}

#[test]
fn prometheus_finds_its_metrics_on_an_address_of_their_own() {
    let folder = Folder::new();
    let (server, metrics) = measured(&folder);
    ask(&server);
    let wrong = json!({"keyId": "admin-key", "keySecret": "wrong"});
    server.stranger().post("/token", &wrong).unwrap().is(401);
    let told = metrics.send("GET", "/metrics", &[], None).unwrap();
    told.is(200);
    let kind = told.header("Content-Type").unwrap();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    let text = &told.body;
    let value = |name: &str| -> f64 {
        let line = text
            .lines()
            .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.unwrap_or_else(|| panic!("{name}: {text}"))
            .rsplit(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    let labels = r#"method="GET",route="/api/integrations/provider/{name}""#;
    for (status, count) in [(200, 1.0), (401, 1.0), (404, 1.0)] {
        let name = format!("podium_http_requests_total{{{labels},status=\"{status}\"}}");
        assert!((value(&name) - count).abs() < 0.1, "{name}: {text}");
    }
    assert!(value(&format!("podium_http_request_duration_seconds_count{{{labels}}}")) > 2.9);
    assert!(value("podium_commit_duration_seconds_count") > 0.9);
    assert!(value("podium_commit_writes_sum") > 0.9);
    assert!(value("podium_audit_records") > 1.9);
    assert!(value("podium_sign_in_failures_total") > 0.9);
    assert!(value("podium_writes_waiting").abs() < 0.1 && value("podium_reads").abs() < 0.1);
    assert!(value("podium_commit_failures_total").abs() < 0.1);
    let key =
        text.lines().find(|line| line.starts_with("podium_seal_key_since_timestamp_seconds{key="));
    let since: u64 = key.unwrap().rsplit(' ').next().unwrap().parse().unwrap();
    assert!(since > 1_700_000_000, "{text}");
    assert!(text.ends_with("# EOF\n") && !text.contains(NAME), "{text}");
    // Nothing of it is where everyone is served, and nothing else is there.
    server.stranger().send("GET", "/metrics", &[], None).unwrap().is(404);
    metrics.send("GET", "/health", &[], None).unwrap().is(404);
    server.stop();
}

#[test]
fn metrics_have_no_series_that_a_client_can_choose() {
    let folder = Folder::new();
    let (server, metrics) = measured(&folder);
    let series = || {
        let told = metrics.send("GET", "/metrics", &[], None).unwrap().body;
        told.lines().filter(|line| line.starts_with("podium_http")).count()
    };
    let client = server.admin();
    let ask = |number: u32| {
        for path in [format!("/api/integrations/provider/n-{number}"), format!("/x-{number}")] {
            for method in ["GET", "DELETE", &format!("M{number}")] {
                client.send(method, &path, &[], None).unwrap();
            }
        }
    };
    ask(0);
    let before = series();
    (1..200).for_each(ask);
    assert_eq!(series(), before);
    server.stop();
}
