//! What clients may ask, and how long they may take: each limit, and that others are served meanwhile.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use serde_json::json;

use crate::support::{Folder, Launch, PATIENCE, SHELF, Server};

pub fn connect(server: &Server) -> TcpStream {
    let connection = TcpStream::connect(&server.address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection
}

/// All that the server sends until it closes the connection, which it must.
fn rest(connection: &mut TcpStream) -> String {
    let mut bytes = vec![];
    match connection.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("not closed: {error}"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The head of a save of a resource, whose body comes as `framing` says.
fn head(resource: &str, token: &str, framing: &str) -> String {
    format!(
        "POST /api{SHELF}/integration/{resource} HTTP/1.1\r\nHost: x\r\nX-Authorization: {token}\r\n\
         Content-Type: application/json\r\n{framing}\r\n\r\n"
    )
}

/// The status of an answer.
fn status(answer: &str) -> u16 {
    let word = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3));
    word.unwrap_or_else(|| panic!("no answer: {answer:?}")).parse().unwrap()
}

#[test]
fn d1_d2_slow_heads_and_silent_connections_are_closed_while_others_are_served() {
    let folder = Folder::new();
    let server = Launch::new(&folder).env("PODIUM_HEAD_TIMEOUT", "2s").start();
    let client = server.shelf();
    let mut silent: Vec<_> = (0..5_000).map(|_| connect(&server)).collect();
    let mut slow: Vec<_> = (0..2_000).map(|_| connect(&server)).collect();
    for connection in &mut slow {
        connection.write_all(b"G").unwrap();
    }
    for number in 0..100 {
        client.save("meanwhile", number).unwrap().is(200);
        client.get(&format!("{SHELF}/integration/meanwhile")).unwrap().is(200);
    }
    for connection in silent.iter_mut().chain(&mut slow) {
        let told = rest(connection);
        assert!(told.is_empty() || status(&told) == 408, "{told}");
    }
    client.save("after", 1).unwrap().is(200);
    server.stop();
}

#[test]
fn d3_a_slow_body_is_refused_and_changes_nothing() {
    let folder = Folder::new();
    let server = Launch::new(&folder).env("PODIUM_BODY_TIMEOUT", "1s").start();
    let client = server.shelf();
    let token = client.token.clone().unwrap();
    let mut slow: Vec<_> = (0..200).map(|_| connect(&server)).collect();
    for (number, connection) in slow.iter_mut().enumerate() {
        connection
            .write_all(head(&format!("slow-{number}"), &token, "Content-Length: 100").as_bytes())
            .unwrap();
        connection.write_all(b"{").unwrap();
    }
    client.save("meanwhile", 1).unwrap().is(200);
    for connection in &mut slow {
        assert_eq!(status(&rest(connection)), 408);
    }
    assert_eq!(client.shelved().len(), 1);
    server.stop();
}

/// 100 clients that ask for 20 MB each, and take nothing of it.
#[test]
fn d3_readers_who_take_nothing_are_left_while_others_are_served() {
    let folder = Folder::new();
    let server = Launch::new(&folder).env("PODIUM_BODY_TIMEOUT", "1s").start();
    let client = server.shelf();
    let open = || {
        let files = std::fs::read_dir(server.process.about("fd")).unwrap();
        let links = files.filter_map(|file| std::fs::read_link(file.unwrap().path()).ok());
        links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
    };
    let before = open();
    let large = "GET /swagger-ui/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(50);
    let idle: Vec<_> = (0..100)
        .map(|_| {
            let mut connection = connect(&server);
            connection.write_all(large.as_bytes()).unwrap();
            connection
        })
        .collect();
    client.save("meanwhile", 1).unwrap().is(200);
    let began = Instant::now();
    while open() > before {
        assert!(began.elapsed() < PATIENCE, "{} connections are open", open());
        client.get(&format!("{SHELF}/integration/meanwhile")).unwrap().is(200);
    }
    drop(idle);
    server.stop();
}

#[test]
fn d5_large_bodies_take_no_memory_and_those_of_strangers_are_not_read() {
    const MIB: usize = 1024 * 1024;
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let client = server.shelf();
    let token = client.token.clone().unwrap();
    let memory = || {
        let told = std::fs::read_to_string(server.process.about("status")).unwrap();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
    };
    let before = memory();
    let chunk = [format!("{MIB:x}\r\n").as_bytes(), &vec![b' '; MIB], b"\r\n"].concat();
    thread::scope(|scope| {
        for number in 0..50 {
            let (mut connection, token, chunk) = (connect(&server), &token, &chunk);
            scope.spawn(move || {
                let token = if number % 2 == 0 { token.as_str() } else { "none" };
                let framing = match number % 4 {
                    0 | 1 => format!("Content-Length: {}", 100 * MIB),
                    _ => "Transfer-Encoding: chunked".to_owned(),
                };
                connection.write_all(head("large", token, &framing).as_bytes()).unwrap();
                for _ in 0..100 {
                    if connection.write_all(chunk).is_err() {
                        break;
                    }
                }
                let told = rest(&mut connection);
                let expected = if number % 2 == 0 { 413 } else { 401 };
                // What was sent in vain may cost the answer.
                assert!(told.is_empty() || status(&told) == expected, "{told}");
            });
        }
    });
    let grown = memory().saturating_sub(before);
    assert!(grown < 25 * 2 * MIB + 20 * MIB, "{} MiB more", grown / MIB);
    assert!(client.shelved().is_empty());
    server.stop();
}

#[test]
fn the_size_of_bodies_is_a_setting() {
    let folder = Folder::new();
    let launch = Launch::new(&folder).env("PODIUM_MAX_BODY", "2000");
    let server = launch.env("PODIUM_MAX_BULK_BODY", "4000").start();
    let client = server.shelf();
    let body = |size: usize| json!({"enabled": true, "description": "x".repeat(size)});
    let model = format!("{SHELF}/integration/model");
    client.post(&model, &body(1_000)).unwrap().is(200);
    let refused = client.post(&model, &body(2_000)).unwrap();
    refused.is(413);
    assert!(refused.body.contains("2000"), "{}", refused.body);
    let item =
        |size: usize| json!([{"name": "b", "type": "openai", "description": "x".repeat(size)}]);
    client.post("/integrations", &item(3_000)).unwrap().is(200);
    client.post("/integrations", &item(4_000)).unwrap().is(413);
    let limits = client.get("/limits").unwrap().json();
    assert_eq!(
        (&limits["maxRequestBytes"], &limits["maxBulkRequestBytes"]),
        (&json!(2000), &json!(4000))
    );
    server.stop();
}

#[test]
fn m3_a_caller_who_asks_too_much_waits_and_nobody_else_does() {
    let folder = Folder::new();
    let server = Launch::new(&folder).env("PODIUM_RATE_LIMIT", "20").start();
    let admin = server.admin();
    let made = admin.post("/applications", &json!({"name": "quiet"})).unwrap().json();
    let key = format!("/applications/{}/accessKeys", made["id"].as_str().unwrap());
    let key = admin.post(&key, &json!({})).unwrap().json();
    let [id, secret] = ["id", "secret"].map(|field| key[field].as_str().unwrap());
    let token = server.stranger().sign_in(id, secret).unwrap();
    let quiet = server.client(Some(&token));
    let answers: Vec<_> = (0..200).map(|_| admin.get("/integrations/def").unwrap()).collect();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(!refused.is_empty(), "nothing was refused");
    for answer in refused {
        assert_eq!(answer.header("Retry-After"), Some("1"), "{answer:?}");
        assert_eq!(answer.json()["retryable"], true, "{answer:?}");
    }
    quiet.get("/integrations/def").unwrap().is(200);
    server.stop();
}

#[test]
fn d13_long_heads_are_refused_and_others_served() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let client = server.admin();
    let headers: String = "X-Many: a\r\n".repeat(101);
    let heads = [
        format!("GET /api/version HTTP/1.1\r\nHost: x\r\n{headers}\r\n"),
        format!("GET /api/version HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "a".repeat(200_000)),
        format!("GET /api/{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70_000)),
    ];
    for head in heads {
        let mut connection = connect(&server);
        let _ = connection.write_all(head.as_bytes());
        let told = rest(&mut connection);
        assert!(told.is_empty() || [400, 414, 431].contains(&status(&told)), "{told}");
    }
    let query: String = "a=b&".repeat(10_000);
    client.get(&format!("/version?{}", &query[..7_000])).unwrap().is(200);
    client.get("/version").unwrap().is(200);
    server.stop();
}

#[test]
fn a8_a_server_without_file_handles_comes_back() {
    let podium = env!("CARGO_BIN_EXE_podium");
    let script = format!("ulimit -n 64; exec {podium}");
    let folder = Folder::new();
    let server =
        Launch::through(&folder, "sh", &["-c", &script]).env("PODIUM_HEAD_TIMEOUT", "2s").start();
    let client = server.shelf();
    let many: Vec<_> = (0..500).map(|_| connect(&server)).collect();
    drop(many);
    client.save("after", 1).unwrap().is(200);
    client.get(&format!("{SHELF}/integration/after")).unwrap().is(200);
    server.stop();
}
