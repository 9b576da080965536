//! A11: connections to the database end at any moment of a write. Who asks again with the same
//! `Idempotency-Key` gets one change and its answer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::database::Database;
use crate::people::{integration, new_integration};
use crate::proxy::{Lost, Proxy};
use crate::random::{Random, seed};
use crate::site::{PROVIDER, SERVERS, Site, call, done, rounds, until};
use crate::support::PATIENCE;

/// How many connections are ended.
const ENDED: usize = 60;

/// How many clients write meanwhile.
const WRITERS: usize = 6;

/// How many commits lose a half, on each server.
const HALVES: usize = 4;

/// The tokens that a resource has used.
const METRICS: &str = "/api/integrations/provider/shelf/integration/gpt/metrics";

/// A change that must be made once.
struct Change {
    key: String,
    path: String,
    body: Value,
}

impl Change {
    fn send(&self, client: &Client) -> Result<Answer, ureq::Error> {
        self.send_with(client, &self.body)
    }

    fn send_with(&self, client: &Client, body: &Value) -> Result<Answer, ureq::Error> {
        client.send("POST", &self.path, &[("Idempotency-Key", &self.key)], Some(body))
    }

    /// Sends it to one server after the other, until one of them has an answer.
    fn insist(&self, clients: &[Client], first: usize) -> Answer {
        let began = Instant::now();
        let mut next = first;
        loop {
            let answer = self.send(&clients[next % clients.len()]);
            next += 1;
            match answer {
                Ok(answer) if matches!(answer.status, 409 | 503) => {
                    assert!(answer.header("Retry-After").is_some(), "{answer:?}");
                }
                Ok(answer) => return answer,
                Err(_) => {}
            }
            assert!(began.elapsed() < PATIENCE, "no answer to {}", self.path);
        }
    }
}

/// What a writer was told that it has done.
#[derive(Default)]
struct Told {
    applications: Vec<(String, String)>,
    integrations: Vec<String>,
    registered: u64,
    tokens: u64,
}

/// Writes until it is over: in turn an application, an integration, and tokens.
fn write(clients: &[Client], me: usize, over: &AtomicBool, acknowledged: &AtomicU64) -> Told {
    let mut told = Told::default();
    for number in 0.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        let name = format!("made-{me}-{number}");
        let (path, body) = match number % 3 {
            0 => ("/api/applications".to_owned(), json!({"name": name})),
            1 => (format!("{PROVIDER}/{name}"), integration("once")),
            _ => (METRICS.to_owned(), json!(number)),
        };
        let change = Change { key: format!("key-{me}-{number}"), path, body };
        let answer = change.insist(clients, me + number);
        answer.is(200);
        match number % 3 {
            0 => {
                let id = answer.json()["id"].as_str().unwrap().to_owned();
                told.applications.push((name, id));
            }
            1 => told.integrations.push(name),
            _ => {
                told.registered += 1;
                told.tokens += number as u64;
            }
        }
        if number % 5 == 0 {
            let again = change.insist(clients, me + number + 1);
            assert_eq!((again.status, again.body), (answer.status, answer.body));
        }
        acknowledged.fetch_add(1, Ordering::SeqCst);
    }
    told
}

#[test]
fn a11_writes_whose_connections_end_are_done_once() {
    write_while(&Site::new(), end_connections);
}

/// Lets all writers write while `disturb`, which knows how much is acknowledged, disturbs them. At
/// the end all that was acknowledged is there, once.
pub fn write_while(site: &Site, disturb: impl FnOnce(&Database, &AtomicU64) + Send) {
    let admins = site.admins();
    new_integration(&admins[0], "shelf");
    let (over, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    let told: Vec<_> = thread::scope(|scope| {
        let (admins, over, acknowledged) = (&admins, &over, &acknowledged);
        let database = &site.database;
        let writers: Vec<_> = (0..WRITERS)
            .map(|me| scope.spawn(move || write(admins, me, over, acknowledged)))
            .collect();
        let disturbed = scope.spawn(|| disturb(database, acknowledged)).join();
        over.store(true, Ordering::SeqCst);
        let told = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        disturbed.unwrap();
        told
    });
    assert_told(site, &admins, &told);
}

/// Ends one connection after the other, each after some more writes.
fn end_connections(database: &Database, acknowledged: &AtomicU64) {
    let (mut watch, mut random) = (database.watch(), Random::new(seed("CLUSTER_SEED")));
    for number in 0..rounds(ENDED) {
        let next = acknowledged.load(Ordering::SeqCst) + random.below(8);
        until("more is written", || acknowledged.load(Ordering::SeqCst) >= next);
        if number % 3 == 0 {
            until("a connection is ended", || watch.end_any());
        } else {
            until("a connection that writes is ended", || watch.end_a_writer());
        }
    }
}

/// Sees on every server that all that was told was done, once, and nothing else.
fn assert_told(site: &Site, admins: &[Client], told: &[Told]) {
    let mut applications: Vec<_> = told.iter().flat_map(|told| told.applications.clone()).collect();
    let mut integrations: Vec<_> = told.iter().flat_map(|told| told.integrations.clone()).collect();
    integrations.push("shelf".to_owned());
    applications.sort();
    integrations.sort();
    let tokens: u64 = told.iter().map(|told| told.tokens).sum();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for admin in admins {
        // A server that nobody could save by meanwhile is still waiting for its next attempt.
        until("the server has its database again", || {
            call(admin, "GET /api/applications", Value::Null).status != 503
        });
        let listed = done(admin, "GET /api/applications", Value::Null);
        let listed = listed.as_array().unwrap().iter();
        let mut listed: Vec<_> = listed.map(|one| (text(&one["name"]), text(&one["id"]))).collect();
        listed.retain(|(name, _)| name != "administrator");
        listed.sort();
        assert_eq!(listed, applications);
        let listed = done(admin, &format!("GET {PROVIDER}?activeOnly=false"), Value::Null);
        let listed: Vec<_> =
            listed.as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
        assert_eq!(listed, integrations);
        assert_eq!(done(admin, &format!("GET {METRICS}"), Value::Null), tokens);
    }
    let registered: u64 = told.iter().map(|told| told.registered).sum();
    let recorded = |action: &str, target: &str| {
        let sql = "SELECT COUNT(*) FROM audit
                   WHERE outcome = 'done' AND action = $1 AND target_id LIKE $2";
        site.database.count(sql, &[&action, &target])
    };
    let count = |length: usize| i64::try_from(length).unwrap();
    // The administrator's application has a record too.
    assert_eq!(recorded("application.create", "%"), count(applications.len() + 1));
    assert_eq!(recorded("integration.save", "made-%"), count(integrations.len() - 1));
    assert_eq!(recorded("usage.register", "%"), count(usize::try_from(registered).unwrap()));
    site.assert_audited(&admins[0]);
}

#[test]
fn a11_a_commit_that_loses_a_half_is_told_as_unknown_and_can_be_repeated() {
    let database = Database::new();
    let proxies = [(); SERVERS].map(|()| Proxy::new(&database.address));
    let urls = proxies.each_ref().map(|proxy| database.url_through(&proxy.address));
    let site = Site::on(database, &urls);
    let admins = site.admins();
    new_integration(&admins[0], "shelf");
    for number in 0..rounds(HALVES) * SERVERS {
        let (server, other) = (number % SERVERS, (number + 1) % SERVERS);
        let lost = [Lost::Answer, Lost::Request][number / SERVERS % 2];
        let name = format!("made-{number}");
        let change = Change {
            key: name.clone(),
            path: "/api/applications".to_owned(),
            body: json!({"name": name}),
        };
        proxies[server].lose(lost);
        let told = change.send(&admins[server]).unwrap();
        assert!(proxies[server].has_lost(), "{lost:?}");
        told.is_unavailable();
        assert!(told.body.contains("not known whether it was saved"), "{told:?}");
        let made = "SELECT COUNT(*) FROM application WHERE name = $1";
        let kept = i64::from(lost == Lost::Answer);
        assert_eq!(site.database.count(made, &[&name]), kept, "{lost:?}");
        let answer = change.insist(&admins, other);
        answer.is(200);
        assert_eq!(site.database.count(made, &[&name]), 1, "{lost:?}");
        for admin in &admins {
            assert_eq!(change.insist(std::slice::from_ref(admin), 0).body, answer.body);
            let other = json!({"name": "other"});
            change.send_with(admin, &other).unwrap().is(422);
        }
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        call(&admins[server], &format!("GET /api/applications/{id}"), Value::Null).is(200);
    }
    site.assert_audited(&admins[0]);
}
