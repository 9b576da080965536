//! A13: a network to the database that stalls, is slow, or cuts. Every request is answered, and
//! afterwards everything works.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::database::Database;
use crate::people::{integration, new_integration};
use crate::proxy::Proxy;
use crate::site::{PROVIDER, SERVERS, Site, call, done, rounds, until, until_done};
use crate::support::{ADMIN_ID, ADMIN_SECRET, Server};

/// How often the network stalls.
const STALLS: usize = 4;

/// How often it is cut.
const CUTS: usize = 5;

/// How often each request is sent to each server meanwhile.
const AT_ONCE: usize = 4;

/// How often everything must be served before a server is said to work.
const IN_A_ROW: usize = 3;

/// The most connections that a server has: those that read, and the one that writes.
pub const CONNECTIONS: i64 = 9;

/// What is asked of every server while the database is away, and needs it.
pub fn requests() -> Vec<(&'static str, Value)> {
    vec![
        ("GET /api/integrations/provider/shelf", Value::Null),
        ("GET /api/applications", Value::Null),
        ("POST /api/integrations/provider/shelf/integration/gpt/metrics", json!(1)),
        ("POST /api/integrations/provider/other", integration("made meanwhile")),
        ("POST /api/token", json!({"keyId": ADMIN_ID, "keySecret": ADMIN_SECRET})),
        ("POST /api/token", json!({"keyId": ADMIN_ID, "keySecret": "wrong"})),
        ("GET /v2/integrations", Value::Null),
    ]
}

/// Three servers, each behind a network of its own.
struct Weather {
    site: Site,
    proxies: Vec<Proxy>,
    admins: Vec<Client>,
}

impl Weather {
    fn new() -> Self {
        let database = Database::new();
        let proxies: Vec<_> = (0..SERVERS).map(|_| Proxy::new(&database.address)).collect();
        let urls: Vec<_> =
            proxies.iter().map(|proxy| database.url_through(&proxy.address)).collect();
        let site = Site::on(database, &urls);
        let admins = site.admins();
        new_integration(&admins[0], "shelf");
        Self { site, proxies, admins }
    }

    fn turn(&self, change: impl Fn(&Proxy)) {
        self.proxies.iter().for_each(change);
    }
}

/// Sends everything to every server, many times at once, and gives all answers.
fn ask_everything(admins: &[Client]) -> Vec<(&'static str, Answer)> {
    thread::scope(|scope| {
        let mut asked = vec![];
        for admin in admins {
            for (line, body) in requests().into_iter().chain([("GET /health/ready", Value::Null)]) {
                for _ in 0..AT_ONCE {
                    let body = body.clone();
                    asked.push(scope.spawn(move || (line, call(admin, line, body))));
                }
            }
        }
        asked.into_iter().map(|request| request.join().unwrap()).collect()
    })
}

/// Sees that every server works, without having been restarted: soon everything is served, and
/// from then on.
pub fn assert_works(site: &Site, admins: &[Client]) {
    let mut in_a_row = 0;
    until_done("every server works", || {
        site.database.forgive();
        let served = serve(admins);
        in_a_row = if served.is_ok() { in_a_row + 1 } else { 0 };
        served.and_then(|()| if in_a_row < IN_A_ROW { Err(String::new()) } else { Ok(()) })
    });
}

/// Sends everything to every server, and says what was not served.
fn serve(admins: &[Client]) -> Result<(), String> {
    for (number, admin) in admins.iter().enumerate() {
        let written = format!("{PROVIDER}/works-{number}");
        let own = [("GET /health/ready".to_owned(), Value::Null)]
            .into_iter()
            .chain([(format!("POST {written}"), integration("after"))])
            .chain(requests().into_iter().map(|(line, body)| (line.to_owned(), body)))
            .map(|request| (admin, request));
        let read = (format!("GET {written}"), Value::Null);
        let others = admins.iter().map(|other| (other, read.clone()));
        for (client, (line, body)) in own.chain(others) {
            let expected = if body["keySecret"] == "wrong" { 401 } else { 200 };
            let answer = call(client, &line, body);
            if answer.status != expected {
                return Err(format!("{line}: {answer:?}"));
            }
        }
    }
    Ok(())
}

/// Sees that a server says that its database is away, in the shape of the request.
pub fn assert_away(line: &str, answer: &Answer) {
    assert_eq!(answer.status, 503, "{line}: {answer:?}");
    if line == "GET /health/ready" {
        let checked = answer.json();
        assert_eq!(checked["healthy"], false, "{checked}");
        assert_eq!(checked["healthResults"][0]["name"], "database", "{checked}");
        assert_eq!(checked["healthResults"][0]["healthy"], false, "{checked}");
        assert!(checked["healthResults"][0]["message"].is_string(), "{checked}");
    } else {
        answer.is_unavailable();
    }
}

/// Whether the database was there for it; wrong secrets are refused, and then have to wait.
fn is_served(answer: &Answer) -> bool {
    matches!(answer.status, 200 | 401 | 429)
}

/// How many threads a server has.
fn threads(server: &Server) -> usize {
    let status = std::fs::read_to_string(server.process.about("status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("Threads:")).unwrap();
    line.trim().parse().unwrap()
}

#[test]
fn a13_while_the_network_stalls_requests_are_refused_and_nothing_grows() {
    let weather = Weather::new();
    let mut watch = weather.site.database.watch();
    assert_works(&weather.site, &weather.admins);
    let before: Vec<_> = weather.site.servers.iter().map(threads).collect();
    for _ in 0..rounds(STALLS) {
        weather.turn(Proxy::stall);
        for (line, answer) in ask_everything(&weather.admins) {
            assert_away(line, &answer);
        }
        weather.turn(Proxy::clear);
        assert_works(&weather.site, &weather.admins);
        until("the connections that were given up are closed", || {
            watch.connections() <= CONNECTIONS * i64::try_from(SERVERS).unwrap()
        });
        for (server, before) in weather.site.servers.iter().zip(&before) {
            assert!(threads(server) <= *before, "{} threads, {before} before", threads(server));
        }
    }
    weather.site.assert_audited(&weather.admins[0]);
}

#[test]
fn a13_a_network_that_is_cut_or_slow_costs_no_more_than_what_is_under_way() {
    let weather = Weather::new();
    for _ in 0..rounds(CUTS) {
        weather.turn(|proxy| proxy.slow(Duration::from_millis(2)));
        for (line, answer) in ask_everything(&weather.admins) {
            assert!(is_served(&answer), "{line}: {answer:?}");
        }
        let answers = thread::scope(|scope| {
            let admins = &weather.admins;
            let asking = scope.spawn(|| ask_everything(admins));
            weather.turn(Proxy::cut);
            weather.turn(Proxy::clear);
            asking.join().unwrap()
        });
        for (line, answer) in answers {
            if !is_served(&answer) {
                assert_away(line, &answer);
            }
        }
        weather.turn(Proxy::cut);
        for (line, answer) in ask_everything(&weather.admins) {
            assert_away(line, &answer);
        }
        weather.turn(Proxy::clear);
        assert_works(&weather.site, &weather.admins);
        done(&weather.admins[0], "DELETE /api/integrations/provider/other", Value::Null);
    }
    weather.site.assert_audited(&weather.admins[0]);
}

#[test]
fn a13_a_server_that_stalls_does_not_stop_the_others_for_ever() {
    let weather = Weather::new();
    let (lost, others) = weather.admins.split_first().unwrap();
    for number in 0..rounds(2) {
        let line = format!("POST {PROVIDER}/stalled-{number}");
        thread::scope(|scope| {
            // Somewhere among these writes its network stalls, with the lock of the writers or not.
            let writing = scope.spawn(|| {
                loop {
                    let answer = call(lost, &line, integration("again"));
                    if answer.status != 200 {
                        return answer;
                    }
                }
            });
            until("it writes", || {
                call(&others[0], &line.replace("POST", "GET"), Value::Null).status == 200
            });
            weather.proxies[0].stall();
            writing.join().unwrap().is_unavailable();
        });
        assert_works(&weather.site, others);
        weather.proxies[0].clear();
        assert_works(&weather.site, &weather.admins);
    }
    weather.site.assert_audited(&weather.admins[0]);
}
