//! SIGTERM and SIGINT: what was asked is answered and saved, and the process ends in time.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Instant;

use crate::client::{number_of, numbered};
use crate::support::{Folder, Launch, PATIENCE, SHELF, STOP_LIMIT, Server};

const WRITERS: u64 = 16;

/// How many servers are stopped under load beside each other, and how often each.
const SERVERS: usize = 4;
const STOPS: u64 = 12;

/// 48 stops of servers that are asked as much as 16 writers each can; the last of each server also has
/// clients that are stuck in a head and in a body.
#[test]
fn a9_every_write_that_meets_a_stop_is_answered_and_saved_or_neither() {
    thread::scope(|scope| (0..SERVERS).for_each(|_| drop(scope.spawn(stop_under_load))));
}

fn stop_under_load() {
    let folder = Folder::new();
    let mut server = Launch::new(&folder).start();
    let token = server.shelf().token.unwrap();
    let mut saved = BTreeSet::new();
    for stop in 0..STOPS {
        let signal = if stop % 2 == 0 { "TERM" } else { "INT" };
        let (acknowledged, acknowledgements) = channel();
        let Server { process, address } = server;
        let ended = thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (address, token) = (&address, &token);
                let acknowledged = acknowledged.clone();
                let first = stop * 1_000_000 + writer * 10_000;
                scope.spawn(move || write_until_closed(address, token, first, &acknowledged));
            }
            for _ in 0..100 * (stop % 4) {
                saved.insert(acknowledgements.recv_timeout(PATIENCE).unwrap());
            }
            let stuck = (stop == STOPS - 1).then(|| {
                let mut in_head = connect(&address).unwrap();
                in_head.write_all(b"GET /health HTTP/1.1\r\nHo").unwrap();
                (in_head, in_flight(&address, &token, u64::MAX >> 1))
            });
            process.signal(signal);
            let ended = process.ended(STOP_LIMIT);
            drop(stuck);
            ended
        });
        saved.extend(acknowledgements.try_iter());
        assert_eq!(ended.status.code(), Some(0), "{signal}: {ended:?}");
        server = Launch::new(&folder).start();
        let stored: BTreeSet<_> =
            server.client(Some(&token)).shelved().iter().map(number_of).collect();
        let lost: Vec<_> = saved.difference(&stored).collect();
        let unanswered: Vec<_> = stored.difference(&saved).collect();
        assert!(lost.is_empty(), "{signal}: answered and not saved: {lost:?}");
        assert!(unanswered.is_empty(), "{signal}: saved and not answered: {unanswered:?}");
    }
}

#[test]
fn a_request_in_flight_when_the_signal_comes_is_answered() {
    for signal in ["TERM", "INT"] {
        let folder = Folder::new();
        let server = Launch::new(&folder).start();
        let token = server.shelf().token.unwrap();
        let mut in_flight: Vec<_> =
            (0..8).map(|number| in_flight(&server.address, &token, number)).collect();
        server.process.signal(signal);
        until_refused(&server.address);
        for (connection, body) in &mut in_flight {
            connection.write_all(body.as_bytes()).unwrap();
        }
        for (connection, _) in &mut in_flight {
            assert_eq!(answer(connection), Ok(Some(200)), "{signal}");
        }
        let ended = server.process.ended(STOP_LIMIT);
        assert_eq!(ended.status.code(), Some(0), "{signal}: {ended:?}");
        let server = Launch::new(&folder).start();
        assert_eq!(server.client(Some(&token)).shelved().len(), 8);
    }
}

#[test]
fn connections_that_are_idle_silent_or_stuck_do_not_hold_the_process() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let token = server.shelf().token.unwrap();
    let connect = || connect(&server.address).unwrap();
    let mut idle: Vec<_> = (0..20).map(|_| connect()).collect();
    for connection in &mut idle {
        connection.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(answer(connection), Ok(Some(200)));
    }
    let silent: Vec<_> = (0..5).map(|_| connect()).collect();
    let mut in_head = connect();
    in_head.write_all(b"GET /health HTTP/1.1\r\nHo").unwrap();
    let (mut in_body, body) = in_flight(&server.address, &token, 1);
    in_body.write_all(&body.as_bytes()[..body.len() / 2]).unwrap();
    server.stop();
    drop((idle, silent, in_head, in_body));
    let server = Launch::new(&folder).start();
    assert!(server.client(Some(&token)).shelved().is_empty());
}

#[test]
fn a_server_can_be_stopped_as_soon_as_it_says_that_it_listens() {
    // Each write takes 50 ms longer, that of the address too: what it prepares only afterwards
    // comes too late.
    let slow = ["-e", "trace=write", "-e", "inject=write:delay_exit=50000"];
    for signal in ["TERM", "INT"] {
        let folder = Folder::new();
        let server = Launch::traced(&folder, &slow).start();
        server.process.signal(signal);
        let ended = server.process.ended(STOP_LIMIT);
        assert_eq!(ended.status.code(), Some(0), "{signal}: {ended:?}");
    }
}

#[test]
fn a_stopped_server_has_closed_its_database() {
    // The writer has then finished its queue, and the database file can be copied by itself.
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let token = server.shelf().token;
    server.stop();
    for number in 0..10 {
        let server = Launch::new(&folder).start();
        let client = server.client(token.as_deref());
        assert_eq!(client.save("one", number).unwrap().status, 200);
        server.stop();
        let log = std::fs::metadata(folder.file("podium.db-wal")).map_or(0, |log| log.len());
        assert_eq!(log, 0, "stop {number} left {log} bytes in the write-ahead log");
    }
}

/// Saves resources one after the other, numbered from `first`, until the server is gone; `told` of
/// each that is acknowledged.
fn write_until_closed(address: &str, token: &str, first: u64, told: &Sender<u64>) {
    let mut connection = None;
    for number in first.. {
        let is_new = connection.is_none();
        let Some(mut stream) = connection.take().or_else(|| TcpStream::connect(address).ok())
        else {
            return;
        };
        let (head, body) = save(token, number, "");
        let sent = stream.write_all(format!("{head}{body}").as_bytes());
        match sent.map_or(Ok(None), |()| answer(&mut stream)) {
            Ok(Some(200)) => {
                told.send(number).unwrap();
                connection = Some(stream);
            }
            Ok(None) if is_new => return,
            // An idle connection may be closed at any time; the next one is a new one.
            Ok(None) => {}
            other => panic!("write {number} was answered with {other:?}"),
        }
    }
}

fn connect(address: &str) -> std::io::Result<TcpStream> {
    let connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    Ok(connection)
}

/// A request to save the resource `number` that the server is answering by now: it has asked for
/// the body, which is given back.
fn in_flight(address: &str, token: &str, number: u64) -> (TcpStream, String) {
    let mut connection = connect(address).unwrap();
    let (head, body) = save(token, number, "Expect: 100-continue\r\n");
    connection.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    connection.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    (connection, body)
}

/// The head and the body of a request that saves the resource `number`.
fn save(token: &str, number: u64, headers: &str) -> (String, String) {
    let body = numbered(number).to_string();
    let length = body.len();
    let head = format!(
        "POST /api{SHELF}/integration/at-{number} HTTP/1.1\r\nHost: x\r\n\
         X-Authorization: {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{headers}\r\n"
    );
    (head, body)
}

/// The status of the next answer: nothing when the connection was closed before it began, an
/// error when only a part of it came.
fn answer(connection: &mut TcpStream) -> Result<Option<u16>, String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(status) = whole(&bytes) {
            return Ok(Some(status));
        }
        match connection.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => return Err(error.to_string()),
        }
    }
    if bytes.is_empty() { Ok(None) } else { Err(String::from_utf8_lossy(&bytes).into_owned()) }
}

/// The status of an answer that is there in full.
fn whole(bytes: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let is_whole = body.len() == length.parse::<usize>().unwrap();
    is_whole.then(|| head.split(' ').nth(1).unwrap().parse().unwrap())
}

/// Waits until nobody listens on `address` any more.
fn until_refused(address: &str) {
    let began = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(began.elapsed() < STOP_LIMIT, "it still listens");
        thread::yield_now();
    }
}
