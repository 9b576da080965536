//! A disk that fails or is full.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use serde_json::{Value, json};

use crate::client::{Answer, Client, number_of};
use crate::database::{assert_whole, changes, revision};
use crate::shim::Shim;
use crate::support::{Folder, Launch, PATIENCE, STOP_LIMIT, Server};

const WRITERS: u64 = 8;

#[test]
fn a_sync_that_fails_ends_the_process_and_nothing_is_acknowledged_after_it() {
    end_by_failing("sync");
}

#[test]
fn a_sync_that_fails_only_once_ends_the_process_too() {
    // Linux reports a failed sync once and then forgets it: a server that tries again is lied to.
    end_by_failing("sync-once");
}

/// Lets writers write, lets the sync of the write-ahead log fail, and sees what happens.
fn end_by_failing(fault: &str) {
    let (folder, shim) = (Folder::new(), Shim::new());
    let server = shim.launch(&folder).start();
    let client = server.shelf();
    let failed = AtomicBool::new(false);
    let (acknowledged, acknowledgements) = channel();
    let mut saved = vec![];
    let ended = thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (client, failed, acknowledged) = (&client, &failed, acknowledged.clone());
            scope.spawn(move || {
                for number in writer * 10_000.. {
                    let after = failed.load(Ordering::SeqCst);
                    match client.save(&format!("at-{number}"), number) {
                        Ok(answer) if answer.status == 200 => {
                            assert!(!after, "write {number} was acknowledged by a failed disk");
                            acknowledged.send(number).unwrap();
                        }
                        Ok(answer) => assert_unavailable(&answer),
                        Err(_) => return,
                    }
                }
            });
        }
        for _ in 0..100 {
            saved.push(acknowledgements.recv_timeout(PATIENCE).unwrap());
        }
        shim.strike(fault, "podium.db-wal");
        failed.store(true, Ordering::SeqCst);
        server.process.ended(STOP_LIMIT)
    });
    saved.extend(acknowledgements.try_iter());
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.err.contains("disk"), "{ended:?}");

    let server = Launch::new(&folder).start();
    let stored: Vec<_> = server.admin().shelved().iter().map(number_of).collect();
    let lost: Vec<_> = saved.iter().filter(|number| !stored.contains(number)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert_whole(&folder);
}

#[test]
fn a_sync_of_the_database_file_that_fails_ends_the_process_too() {
    let (folder, shim) = (Folder::new(), Shim::new());
    let server = shim.launch(&folder).start();
    let client = server.shelf();
    shim.strike("sync-once", "/podium.db");
    // Enough rows for the write-ahead log to be copied into the database file, which is synced
    // after the answer.
    let items: Vec<_> =
        (0..2_000).map(|item| json!({"name": format!("item-{item}"), "type": "openai"})).collect();
    let answer = client.post("/integrations", &json!(items)).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let ended = server.process.ended(STOP_LIMIT);
    assert!(shim.has_struck("sync-once"));
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");

    let server = Launch::new(&folder).start();
    let stored = server.admin().get("/integrations/provider?activeOnly=false").unwrap().json();
    assert_eq!(stored.as_array().unwrap().len(), 2_001);
    assert_whole(&folder);
}

#[test]
fn a_full_disk_refuses_writes_serves_reads_and_recovers_without_a_restart() {
    let (folder, shim) = (Folder::new(), Shim::new());
    let server = shim.launch(&folder).start();
    let client = server.shelf();
    assert_eq!(client.save("kept", 1).unwrap().status, 200);
    let before = revision(&folder.look());
    let bulk = bulk(1_000);
    for round in 0..20 {
        shim.strike("full", "podium.db-wal");
        if round < 3 {
            assert_unavailable(&client.post("/integrations", &bulk).unwrap());
        }
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                let client = &client;
                scope.spawn(move || {
                    assert_unavailable(&client.save("kept", 1_000 + round).unwrap());
                    assert_unavailable(&client.save(&format!("new-{writer}"), 1).unwrap());
                });
            }
        });
        assert_reads(&server, &client, round + 1);
        shim.heal("full");
        let answer = client.save("kept", round + 2).unwrap();
        assert_eq!(answer.status, 200, "round {round}: {answer:?}");
    }
    let stored = client.shelved();
    assert_eq!(stored.iter().map(number_of).collect::<Vec<_>>(), [21]);
    assert_eq!(changes(&folder.look(), before).values().sum::<usize>(), 20);
    server.stop();
    let server = Launch::new(&folder).start();
    assert_eq!(server.admin().shelved(), stored);
    assert_whole(&folder);
}

#[test]
fn a_bulk_save_that_meets_a_disk_full_for_a_moment_saves_all_or_nothing() {
    let (folder, shim) = (Folder::new(), Shim::new());
    let server = shim.launch(&folder).start();
    let client = server.shelf();
    let before = revision(&folder.look());
    shim.strike("full-once", "podium.db-wal");
    assert_eq!(client.post("/integrations", &bulk(1_000)).unwrap().status, 503);
    assert!(shim.has_struck("full-once"));
    let stored = client.get("/integrations/provider?activeOnly=false").unwrap().json();
    assert_eq!(stored.as_array().unwrap().len(), 1, "only the shelf");
    assert_eq!(revision(&folder.look()), before);
    assert!(changes(&folder.look(), before).is_empty());
    assert_eq!(client.post("/integrations", &bulk(1_000)).unwrap().status, 200);
}

#[test]
fn a_start_on_a_full_disk_serves_reads_or_says_why_not() {
    let (folder, shim) = (Folder::new(), Shim::new());
    shim.launch(&folder).start().admin();
    shim.strike("full", "podium.db-wal");
    match shim.launch(&folder).spawn().listening() {
        Ok(server) => drop(server.admin()),
        Err(ended) => assert!(ended.refusal().contains("full"), "{ended:?}"),
    }
}

/// Many integrations, more than SQLite keeps in memory until the commit.
fn bulk(items: u64) -> Value {
    let text = "x".repeat(7_000);
    (0..items)
        .map(|item| json!({"name": format!("item-{item}"), "type": "openai", "description": text}))
        .collect()
}

/// All that only reads goes on; the resource `kept` holds `number`.
fn assert_reads(server: &Server, client: &Client, number: u64) {
    assert_eq!(client.get("/health").unwrap().status, 200);
    assert_eq!(client.shelved().iter().map(number_of).collect::<Vec<_>>(), [number]);
    server.admin();
}

/// 503 in Conductor's shape, which tells clients to try again.
fn assert_unavailable(answer: &Answer) {
    answer.is_unavailable();
    let body = answer.json();
    assert_eq!(body["status"], 503, "{body}");
    assert_eq!(body["retryable"], true, "{body}");
    assert!(body["message"].is_string() && body["instance"].is_string(), "{body}");
}
