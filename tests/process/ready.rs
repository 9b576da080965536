//! `GET /health/ready`: not while the server starts, nor while its disk is full.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::client::Client;
use crate::support::{Folder, Launch, PATIENCE, SHELF};

#[test]
fn a_server_that_starts_says_so_and_serves_nothing() {
    let folder = Folder::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    // Making the database takes seconds, since each sync takes so long.
    let slow = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=300000"];
    let starting = Launch::traced(&folder, &slow).env("PODIUM_LISTEN", &free).spawn();
    let client = Client::new(&free, None);
    let began = std::time::Instant::now();
    let live = loop {
        match client.send("GET", "/health", &[], None) {
            Ok(answer) => break answer,
            Err(_) if began.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
            Err(error) => panic!("{error}"),
        }
    };
    live.is(200);
    assert_eq!(live.json()["healthy"], false, "it was ready at once: {live:?}");
    let ready = client.send("GET", "/health/ready", &[], None).unwrap();
    ready.is_unavailable();
    let token = client.post("/token", &json!({"keyId": "a", "keySecret": "b"})).unwrap();
    token.is_unavailable();
    assert_eq!(token.json()["retryable"], true);
    let problem = client.send("GET", "/v2/integrations", &[], None).unwrap();
    problem.is_unavailable();
    assert_eq!(problem.header("Content-Type"), Some("application/problem+json"));
    let server = starting.listening().unwrap();
    let ready = client.send("GET", "/health/ready", &[], None).unwrap();
    ready.is(200);
    assert_eq!(ready.json()["healthy"], true);
    server.stop();
}

#[test]
fn a7_a_full_disk_is_told_and_reads_go_on_until_there_is_room() {
    let folder = Folder::new();
    let podium = env!("CARGO_BIN_EXE_podium");
    let mount = format!("mount -t tmpfs -o size=16m none . && cd \"$PWD\" && exec {podium}");
    let launch = Launch::through(
        &folder,
        "unshare",
        &["--user", "--map-root-user", "--mount", "sh", "-c", &mount],
    );
    let server = launch.start();
    let client = server.shelf();
    let ballast: PathBuf =
        server.process.about("root").join(folder.file("ballast").strip_prefix("/").unwrap());
    let model = json!({"enabled": true, "description": "x".repeat(50_000)});
    client.post(&format!("{SHELF}/integration/kept"), &model).unwrap().is(200);
    for round in 0..50 {
        let mut full = vec![];
        while fs::write(&ballast, &full).is_ok() {
            full.resize(full.len() + 1024 * 1024, 0);
        }
        let refused = (0..200).find_map(|number| {
            let answer = client.post(&format!("{SHELF}/integration/m-{number}"), &model).unwrap();
            (answer.status != 200).then_some(answer)
        });
        let refused = refused.unwrap();
        refused.is_unavailable();
        assert!(refused.body.contains("the disk is full"), "{round}: {refused:?}");
        client.get(&format!("{SHELF}/integration/kept")).unwrap().is(200);
        client.send("GET", "/health", &[], None).unwrap().is(200);
        let ready = client.send("GET", "/health/ready", &[], None).unwrap();
        ready.is(503);
        assert_eq!(ready.json()["healthResults"][1]["name"], "disk", "{ready:?}");
        fs::remove_file(&ballast).unwrap();
        client.post(&format!("{SHELF}/integration/after"), &model).unwrap().is(200);
        client.send("GET", "/health/ready", &[], None).unwrap().is(200);
        let verified = client.get("/audit/verify").unwrap().json();
        assert!(verified["firstBad"].is_null(), "{round}: {verified}");
        for number in 0..200 {
            client.delete(&format!("{SHELF}/integration/m-{number}")).unwrap();
        }
    }
    server.stop();
}
