//! What is acknowledged has been synced to the disk, and one sync serves many writes.
//!
//! `kill -9` cannot show this, since the page cache survives the process: `strace` counts.

use std::thread;

use serde_json::json;

use crate::support::{Folder, Launch, PATIENCE, Server};

#[test]
fn each_write_in_a_row_is_synced_to_the_disk() {
    let folder = shelf();
    let idle = syncs(&folder, |_| {});
    let writes = 300;
    let busy = syncs(&folder, |server| {
        let client = server.admin();
        for number in 0..writes {
            assert_eq!(client.save("one", number).unwrap().status, 200);
        }
    });
    let counted = busy.saturating_sub(idle);
    assert!(counted >= writes, "{writes} writes in a row made {counted} syncs");
    let mode: String =
        folder.look().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn writes_that_come_together_share_syncs() {
    let folder = shelf();
    let idle = syncs(&folder, |_| {});
    let (writers, each) = (32, 20);
    let busy = syncs(&folder, |server| {
        let client = server.admin();
        thread::scope(|scope| {
            for writer in 0..writers {
                let client = &client;
                scope.spawn(move || {
                    for number in 0..each {
                        let answer = client.save(&format!("of-{writer}"), number).unwrap();
                        assert_eq!(answer.status, 200);
                    }
                });
            }
        });
    });
    let (counted, sent) = (busy.saturating_sub(idle), writers * each);
    // Nobody writes again before being answered, so that one sync serves `writers` at the most.
    assert!(counted >= each, "{sent} writes by {writers} writers made only {counted} syncs");
    assert!(counted < sent, "{sent} writes by {writers} writers made {counted} syncs");
}

#[test]
fn a_refusal_is_answered_after_its_audit_row_is_synced() {
    let folder = shelf();
    let refused = |server: &Server| {
        let admin = server.admin();
        let id = admin.post("/applications", &json!({"name": "nobody"})).unwrap().json();
        let id = id["id"].as_str().unwrap().to_owned();
        let key = admin.post(&format!("/applications/{id}/accessKeys"), &json!({})).unwrap().json();
        let (key, secret) = (key["id"].as_str().unwrap(), key["secret"].as_str().unwrap());
        let token = server.stranger().sign_in(key, secret).unwrap();
        server.client(Some(&token))
    };
    let prepared = syncs(&folder, |server| drop(refused(server)));
    let attempts = 20;
    let busy = syncs(&folder, |server| {
        let nobody = refused(server);
        for number in 0..attempts {
            assert_eq!(nobody.save("one", number).unwrap().status, 403);
        }
    });
    let counted = busy.saturating_sub(prepared);
    assert!(counted >= attempts, "{attempts} refusals made {counted} syncs");
}

/// A folder with a database that holds the shelf. Its server was killed, so that the write-ahead
/// log is there and no start has to begin one, which takes a sync too.
fn shelf() -> Folder {
    let folder = Folder::new();
    let mut server = Launch::new(&folder).start();
    server.shelf();
    server.process.kill();
    folder
}

/// How often a server syncs the write-ahead log, from its start to a kill after `work`. None of them
/// may wait for the time of the change: see `.cargo/config.toml`.
fn syncs(folder: &Folder, work: impl FnOnce(&Server)) -> u64 {
    let mut server = Launch::traced(folder, &["-y", "-e", "trace=fsync,fdatasync"]).start();
    work(&server);
    server.process.kill();
    let trace = server.process.ended(PATIENCE).err;
    let is_sync = |line: &&str| line.contains("sync(") && line.contains("podium.db-wal>");
    let syncs = trace.lines().filter(is_sync);
    syncs.inspect(|line| assert!(line.contains("fdatasync("), "{line}")).count().try_into().unwrap()
}
