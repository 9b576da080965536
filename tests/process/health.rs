//! `podium health`: 0 when the server is healthy, 1 when it is not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use crate::support::{Ended, Folder, Launch};

/// Asks the server that listens on `address`.
fn health(folder: &Folder, address: &str) -> Ended {
    Launch::bare(folder).env("PODIUM_LISTEN", address).args(&["health"]).run()
}

#[test]
fn health_is_0_while_the_server_runs_and_1_after() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let address = server.address.clone();
    let asked = health(&folder, &address);
    assert_eq!(asked.status.code(), Some(0), "{asked:?}");
    let flag = Launch::bare(&folder)
        .env("PODIUM_LISTEN", "127.0.0.1:1")
        .args(&["health", "--listen", &address])
        .run();
    assert_eq!(flag.status.code(), Some(0), "{flag:?}");
    server.stop();
    let asked = health(&folder, &address);
    assert_eq!(asked.status.code(), Some(1), "{asked:?}");
    assert!(asked.err.contains(&address), "{asked:?}");
}

#[test]
fn health_asks_a_server_that_listens_on_every_address() {
    let folder = Folder::new();
    let server = Launch::new(&folder).env("PODIUM_LISTEN", "0.0.0.0:0").start();
    assert!(server.address.starts_with("0.0.0.0:"), "{}", server.address);
    let asked = health(&folder, &server.address);
    assert_eq!(asked.status.code(), Some(0), "{asked:?}");
}

#[test]
fn health_is_1_where_something_else_answers() {
    let folder = Folder::new();
    for reply in ["HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", "no HTTP", ""] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let fake = thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(reply.as_bytes());
        });
        let asked = health(&folder, &address);
        assert_eq!(asked.status.code(), Some(1), "{reply}: {asked:?}");
        fake.join().unwrap();
    }
}

#[test]
fn health_needs_no_database_and_makes_none() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let elsewhere = Folder::new();
    let asked = health(&elsewhere, &server.address);
    assert_eq!(asked.status.code(), Some(0), "{asked:?}");
    assert!(elsewhere.names().is_empty(), "{:?}", elsewhere.names());
}
