//! `kill -9` at any moment of a rotation of the seal key: every secret opens with the keys that are
//! in their file then, and the next rotation finishes what was begun.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Client;
use crate::random::{Random, seed, setting};
use crate::shim::Shim;
use crate::support::Server;
use crate::vault::{Vault, ids, rotate, status};

/// How often a rotation is killed, unless `ROTATION_KILLS` says otherwise.
const KILLS: u64 = 200;

/// After so many kills a rotation may finish.
const PAUSE: u64 = 20;

/// When a rotation that has begun is killed.
#[derive(Debug)]
enum Moment {
    /// After some time, whatever it has done by then.
    After(Duration),
    /// Once the file of the keys has changed, and some time more.
    Kept(Duration),
    /// Once so many values are sealed with the new key.
    Resealed(u64),
}

#[test]
fn h9_a_rotation_that_is_killed_at_any_moment_loses_nothing() {
    let mut random = Random::new(seed("ROTATION_SEED"));
    let vault = Vault::new(300);
    let (first, mut halfway, mut span) = (vault.keys(), 0, Duration::ZERO);
    for kill in 0..setting("ROTATION_KILLS").unwrap_or(KILLS) {
        let mut server = vault.launch().start();
        let client = server.admin();
        if kill % PAUSE == 0 {
            let began = Instant::now();
            rotate(&client);
            span = span.max(began.elapsed());
        }
        vault.assert_resolves(&server, if kill % PAUSE == 0 { 1 } else { 40 });
        let moment = Moment::any(span, &mut random);
        let before = vault.keys();
        kill_rotating(&mut server, &client, &vault, &moment);
        vault.assert_opens();
        halfway += u64::from(vault.keys() != before);
    }
    assert!(halfway > KILLS / 10, "only {halfway} kills came when the keys had changed");
    assert_finished(&vault, &first);
}

#[test]
fn h9_a_rotation_that_is_killed_before_any_change_of_a_file_can_be_repeated() {
    let (shim, whole) = (Shim::new(), Vault::new(10));
    let first = whole.keys();
    let next = AtomicU64::new(1);
    let survived = AtomicU64::new(u64::MAX);
    thread::scope(|scope| {
        for _ in 0..2 {
            let (shim, whole, first) = (&shim, &whole, &first);
            let (next, survived) = (&next, &survived);
            scope.spawn(move || {
                let shim = shim.another();
                while survived.load(Ordering::SeqCst) == u64::MAX {
                    let change = next.fetch_add(1, Ordering::SeqCst);
                    let vault = whole.copied();
                    if !is_killed(&vault, &shim, change) {
                        survived.fetch_min(change, Ordering::SeqCst);
                    }
                    vault.assert_opens();
                    assert_finished(&vault, first);
                    let names = vault.folder.names();
                    let left = names.iter().filter(|name| name.contains("seal-key."));
                    assert_eq!(left.count(), 0, "{names:?}, killed at change {change}");
                }
            });
        }
    });
    let changes = survived.load(Ordering::SeqCst);
    assert!(changes > 20, "only {changes} changes were seen");
}

impl Moment {
    /// A moment of a rotation that takes about `span`.
    fn any(span: Duration, random: &mut Random) -> Self {
        let mut within = |span: Duration| {
            Duration::from_micros(random.below(u64::try_from(span.as_micros()).unwrap() + 1))
        };
        let (long, short) = (within(span), within(span / 4));
        match random.below(3) {
            0 => Self::After(long),
            1 => Self::Kept(short),
            _ => Self::Resealed(random.below(300)),
        }
    }

    /// Waits for it, or until the rotation is `over`.
    fn wait(&self, vault: &Vault, client: &Client, over: &Receiver<()>) {
        let is_over_in = |span| over.recv_timeout(span) != Err(RecvTimeoutError::Timeout);
        let soon = Duration::from_millis(1);
        let keys = vault.keys();
        match self {
            Self::After(span) => drop(is_over_in(*span)),
            Self::Kept(span) => {
                while vault.keys() == keys && !is_over_in(soon) {}
                is_over_in(*span);
            }
            Self::Resealed(values) => {
                while status(client)[0].values < *values && !is_over_in(soon) {}
            }
        }
    }
}

/// Begins a rotation and kills the server at `moment`, or when the rotation is over.
fn kill_rotating(server: &mut Server, client: &Client, vault: &Vault, moment: &Moment) {
    thread::scope(|scope| {
        let (ends, over) = channel();
        scope.spawn(move || {
            let answer = client.post("/seal/rotate", &json!({}));
            drop(ends);
            answer.map(|answer| assert_eq!(answer.status, 200, "{answer:?}"))
        });
        moment.wait(vault, client, &over);
        server.process.kill();
    });
}

/// Rotates, and kills the server before it changes a file for the `change`-th time; whether it came
/// to that.
fn is_killed(vault: &Vault, shim: &Shim, change: u64) -> bool {
    let mut server = shim.launch(&vault.folder).start();
    let client = server.admin();
    shim.strike("kill", &change.to_string());
    let answer = client.post("/seal/rotate", &json!({}));
    shim.heal("kill");
    server.process.kill();
    answer.map(|answer| assert_eq!(answer.status, 200, "{answer:?}")).is_err()
}

/// After one more rotation, what any former key has sealed is nowhere, and the `first` one does not
/// open the database.
fn assert_finished(vault: &Vault, first: &str) {
    let server = vault.launch().start();
    let client = server.admin();
    let keys = rotate(&client);
    assert_eq!(keys, status(&client));
    let [key] = &keys[..] else { panic!("not one key: {keys:?}") };
    assert!(key.seals && key.known);
    assert_eq!(ids(&vault.keys()), std::slice::from_ref(&key.id));
    vault.assert_only(&key.id);
    vault.assert_resolves(&server, 1);
    server.stop();
    vault.assert_only(&key.id);
    vault.assert_opens();
    vault.assert_refused(first.trim());
}
