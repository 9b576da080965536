//! `kill -9` at any moment: what was acknowledged stays, the rest is whole or absent.
//!
//! This process is the outside witness: it journals what the server acknowledged, and survives it.

use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use crate::client::Client;
use crate::database::revision;
use crate::journal::Journal;
use crate::random::{Random, seed, setting};
use crate::support::{ADMIN_ID, ADMIN_SECRET, Folder, Launch, PATIENCE, Server};

const WRITERS: u64 = 16;

/// Keys that every writer writes to, beside the one of its own.
const SHARED: u64 = 4;

/// How often the server is killed, unless `CRASH_CYCLES` says otherwise.
const CYCLES: u64 = 50;

#[test]
fn no_acknowledged_write_is_lost_and_none_is_half_done_when_the_process_is_killed() {
    let mut random = Random::new(seed("CRASH_SEED"));
    let folder = Folder::new();
    let journal = Journal::new(File::create(folder.file("journal")).unwrap());
    let mut server = Launch::new(&folder).start();
    // One token for the whole test: the key that signs it is sealed in the database.
    let token = server.shelf().token;
    let before = revision(&folder.look());
    for cycle in 1..=setting("CRASH_CYCLES").unwrap_or(CYCLES) {
        // Every tenth is long enough for the write-ahead log to be copied into the database.
        let writes = random.below(if cycle % 10 == 0 { 3_000 } else { 300 });
        write_until_killed(&mut server, token.as_deref(), &journal, writes, &mut random);
        if cycle % 5 == 0 {
            let mut process = Launch::new(&folder).spawn();
            thread::sleep(Duration::from_micros(random.below(60_000)));
            process.kill();
        }
        server = Launch::new(&folder).start();
        journal.check(&folder, &server.client(token.as_deref()), before);
    }
    server.stop();
    std::fs::remove_file(folder.file("journal")).unwrap();
    folder.assert_sealed();
    eprintln!("{} writes were acknowledged", journal.acknowledged());
}

#[test]
fn a_first_start_that_is_killed_at_any_write_can_be_repeated() {
    let calls = "write,pwrite64,fsync,fdatasync,ftruncate,unlink,rename,link,listen";
    let trace = format!("trace={calls}");
    let mut failures = vec![];
    let mut points = 0;
    loop {
        points += 1;
        let folder = Folder::new();
        let inject = format!("inject={calls}:signal=SIGKILL:when={points}");
        let mut killed = Launch::traced(&folder, &["-e", &trace, "-e", &inject]).spawn();
        if killed.line().is_some() {
            break;
        }
        let killed = killed.ended(PATIENCE);
        let signed_in = match Launch::new(&folder).spawn().listening() {
            Ok(server) => server
                .stranger()
                .sign_in(ADMIN_ID, ADMIN_SECRET)
                .map_err(|status| format!("signing in gave {status}")),
            Err(ended) => Err(ended.err),
        };
        if let Err(failure) = signed_in {
            let last = killed.err.lines().rfind(|line| line.contains('(')).unwrap_or_default();
            failures.push(format!("killed at {last}\nthen: {failure}"));
        }
    }
    assert!(points > 20, "only {points} writes were seen");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Lets the writers write until `enough` writes are acknowledged and a moment more, and kills the
/// server.
fn write_until_killed(
    server: &mut Server,
    token: Option<&str>,
    journal: &Journal,
    enough: u64,
    random: &mut Random,
) {
    let client = server.client(token);
    let killed = AtomicBool::new(false);
    thread::scope(|scope| {
        let (acknowledged, acknowledgements) = channel();
        for writer in 0..WRITERS {
            let (client, killed, acknowledged) = (&client, &killed, acknowledged.clone());
            let random = Random::new(random.next());
            scope.spawn(move || write(writer, client, journal, random, killed, acknowledged));
        }
        for _ in 0..enough {
            acknowledgements.recv_timeout(PATIENCE).expect("the server saves");
        }
        // Not a wait for something: the moment of the kill.
        thread::sleep(Duration::from_micros(random.below(5_000)));
        killed.store(true, Ordering::SeqCst);
        server.process.kill();
    });
    journal.close();
}

/// Writes until the server is gone.
fn write(
    writer: u64,
    client: &Client,
    journal: &Journal,
    mut random: Random,
    killed: &AtomicBool,
    acknowledged: Sender<()>,
) {
    loop {
        let key = match random.below(2) {
            0 => format!("own-{writer}"),
            _ => format!("shared-{}", random.below(SHARED)),
        };
        let number = journal.begin(&key);
        match client.save(&key, number) {
            Ok(answer) => {
                assert_eq!(answer.status, 200, "{answer:?}");
                journal.acknowledge(number);
                if acknowledged.send(()).is_err() {
                    return;
                }
            }
            Err(error) => {
                assert!(killed.load(Ordering::SeqCst), "a living server failed: {error}");
                return;
            }
        }
    }
}
