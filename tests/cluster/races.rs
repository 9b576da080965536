//! C2 and C3: many clients on all servers change or make one thing at the same time.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::people::{Actor, arize_integration, arize_path, integration};
use crate::site::{PROVIDER, Site, call, done, rounds};

/// How many clients there are.
const CLIENTS: usize = 12;

/// How often they change one integration.
const CHANGES: usize = 40;

/// How often they make one integration.
const CREATIONS: usize = 20;

/// Lets every client call at the same time.
fn at_once(clients: &[Client], send: impl Fn(usize, &Client) -> Answer + Sync) -> Vec<Answer> {
    let (barrier, send) = (Barrier::new(clients.len()), &send);
    thread::scope(|scope| {
        let start = |(number, client)| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                send(number, client)
            })
        };
        let racing: Vec<_> = clients.iter().enumerate().map(start).collect();
        racing.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

/// The number of the only one that was answered with `status`; all others were with `other`.
#[track_caller]
fn only(answers: &[Answer], status: u16, other: u16) -> usize {
    let winners: Vec<_> = (0..answers.len()).filter(|n| answers[*n].status == status).collect();
    let losers = answers.iter().filter(|answer| answer.status == other).count();
    assert_eq!((winners.len(), losers), (1, answers.len() - 1), "{answers:?}");
    winners[0]
}

#[test]
fn c2_of_changes_to_what_was_read_one_is_made() {
    let site = Site::new();
    let admins = site.admins();
    let path = format!("{PROVIDER}/shelf");
    done(&admins[0], &format!("POST {path}"), integration("at first"));
    let clients: Vec<_> = admins.iter().cycle().take(CLIENTS).cloned().collect();
    for round in 0..rounds(CHANGES) {
        let read = call(&admins[round % admins.len()], &format!("GET {path}"), Value::Null);
        let etag = read.header("ETag").unwrap().to_owned();
        let body = |number| integration(&format!("round {round}, client {number}"));
        let answers = at_once(&clients, |number, client| {
            client.send("POST", &path, &[("If-Match", &etag)], Some(&body(number))).unwrap()
        });
        let winner = only(&answers, 200, 412);
        for admin in &admins {
            let read = call(admin, &format!("GET {path}"), Value::Null);
            assert_eq!(read.json()["description"], body(winner)["description"]);
            assert_ne!(read.header("ETag").unwrap(), etag);
        }
    }
    let saved = "SELECT COUNT(*) FROM audit WHERE action = 'integration.save'
                 AND outcome = 'done' AND target_id = 'shelf'";
    let expected = i64::try_from(rounds(CHANGES) + 1).unwrap();
    assert_eq!(site.database.count(saved, &[]), expected);
    site.assert_audited(&admins[0]);
}

#[test]
fn c3_of_those_who_make_one_integration_one_owns_it() {
    let site = Site::new();
    let admins = site.admins();
    let actors: Vec<_> =
        (0..CLIENTS).map(|n| Actor::new(&admins[0], &format!("maker-{n}"), &["USER"])).collect();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|n| site.servers[n % admins.len()].client(Some(&actors[n].api_key)))
        .collect();
    for round in 0..rounds(CREATIONS) {
        let name = format!("made-{round}");
        let winner = if round % 2 == 0 {
            let path = format!("POST {PROVIDER}/{name}");
            let answers = at_once(&clients, |_, client| call(client, &path, integration("mine")));
            only(&answers, 200, 403)
        } else {
            let answers = at_once(&clients, |_, client| {
                call(client, "POST /v2/integrations", arize_integration(&name))
            });
            only(&answers, 201, 409)
        };
        assert_owned(&site, &name, &actors[winner].user());
        for admin in &admins {
            let shown = done(admin, &format!("GET {PROVIDER}/{name}"), Value::Null);
            assert_eq!(shown["createdBy"], json!(actors[winner].user()), "{shown}");
            arize_path(admin, &name);
        }
        let line = format!("GET {PROVIDER}/{name}");
        for (number, client) in clients.iter().enumerate() {
            let expected = if number == winner { 200 } else { 403 };
            call(client, &line, Value::Null).is(expected);
        }
    }
    site.assert_audited(&admins[0]);
}

/// Sees that one creation is recorded, and that its maker alone has every grant.
fn assert_owned(site: &Site, name: &str, owner: &str) {
    let recorded = "SELECT COUNT(*) FROM audit WHERE outcome = 'done' AND target_id = $1";
    assert_eq!(site.database.count(recorded, &[&name]), 1, "{name}");
    let granted = "SELECT COUNT(*) FROM access_grant WHERE target_id = $1";
    let own = "SELECT COUNT(*) FROM access_grant
                 WHERE target_id = $1 AND subject_kind = 'USER' AND subject_id = $2";
    assert_eq!(site.database.count(granted, &[&name]), 4, "{name}");
    assert_eq!(site.database.count(own, &[&name, &owner]), 4, "{name}");
}
