//! PostgreSQL itself crashes, and recovers by its own log.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;

use crate::database::Database;
use crate::lost_commits::write_while;
use crate::site::{SERVERS, Site, rounds, until};

/// How often it crashes.
const CRASHES: usize = 4;

/// How much is written between two crashes at the least.
const WRITES: u64 = 20;

/// A PostgreSQL that no other test uses; it ends with this.
struct Private {
    child: Child,
    url: String,
}

impl Private {
    fn start() -> Self {
        let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/with-postgres"))
            .args(["sh", "-c", "echo \"$PODIUM_TEST_POSTGRES\"; exec cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Kills the process behind a connection, upon which PostgreSQL throws everybody out and recovers.
fn crash(database: &Database) {
    let mut process = None;
    until("a server is connected", || {
        process = database.watch().process();
        process.is_some()
    });
    let script = format!("kill -KILL {}", process.unwrap());
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
}

#[test]
fn a11_writes_while_postgresql_crashes_are_done_once() {
    let postgres = Private::start();
    let database = Database::on(&postgres.url);
    let urls = [(); SERVERS].map(|()| database.url());
    write_while(&Site::on(database, &urls), |database, acknowledged| {
        for _ in 0..rounds(CRASHES) {
            crash(database);
            let next = acknowledged.load(Ordering::SeqCst) + WRITES;
            until("PostgreSQL has recovered", || database.answers());
            until("more is written", || acknowledged.load(Ordering::SeqCst) >= next);
        }
    });
}
