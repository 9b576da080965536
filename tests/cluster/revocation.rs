//! C9: what one server has taken away is gone on every server, for each request that starts after
//! the answer.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::people::{Actor, arize_path, authorization, integration, new_integration};
use crate::site::{PROVIDER, SERVERS, Site, call, done, rounds, until};

/// How often each way to take access away is tried.
const ROUNDS: usize = 4;

/// How many call each server meanwhile.
const CALLERS: usize = 2;

/// How often each of them calls at the least after the answer.
const AFTERWARDS: usize = 3;

/// The integration that everything is about.
const SHELF: &str = "/api/integrations/provider/shelf";

/// What is taken away.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Taking {
    KeyPaused,
    KeyDeleted,
    KeyRotated,
    ApplicationDeleted,
    Role,
    Grant,
    Membership,
    Tag,
    ThingDisabled,
    ThingDeleted,
}

const TAKINGS: [Taking; 10] = [
    Taking::KeyPaused,
    Taking::KeyDeleted,
    Taking::KeyRotated,
    Taking::ApplicationDeleted,
    Taking::Role,
    Taking::Grant,
    Taking::Membership,
    Taking::Tag,
    Taking::ThingDisabled,
    Taking::ThingDeleted,
];

/// What the callers keep asking for.
#[derive(Clone, Debug)]
enum Probe {
    Read,
    List,
    ArizeRead(String),
    ArizeList,
    Resolve,
}

impl Probe {
    fn send(&self, client: &Client) -> Answer {
        let line = match self {
            Self::Read => format!("GET {SHELF}"),
            Self::List => format!("GET {PROVIDER}"),
            Self::ArizeRead(path) => format!("GET {path}"),
            Self::ArizeList => "GET /v2/integrations".to_owned(),
            Self::Resolve => format!("POST {SHELF}/resolve"),
        };
        call(client, &line, Value::Null)
    }

    fn got_through(&self, answer: &Answer) -> bool {
        let is_shown =
            !matches!(self, Self::List | Self::ArizeList) || answer.body.contains("\"shelf\"");
        answer.status == 200 && is_shown
    }
}

/// A stage on which access is given and taken away.
struct Stage<'s> {
    site: &'s Site,
    admins: &'s [Client],
}

impl Stage<'_> {
    /// Lets `actor` get through by what `taking` takes.
    fn give(&self, taking: Taking, actor: &Actor) {
        let admin = &self.admins[0];
        let (user, thing) = (actor.user(), ("INTEGRATION_PROVIDER", "shelf"));
        let grant = |to, on| {
            let given = authorization(to, on);
            done(admin, "POST /api/auth/authorization", given);
        };
        let application = &actor.application;
        match taking {
            Taking::Role => {
                let line = format!("POST /api/applications/{application}/roles/USER_READ_ONLY");
                done(admin, &line, Value::Null);
            }
            Taking::Membership => {
                done(admin, "PUT /api/groups/crew", json!({"description": "", "roles": []}));
                done(admin, &format!("POST /api/groups/crew/users/{user}"), Value::Null);
                grant(("GROUP", "crew"), thing);
            }
            Taking::Tag => {
                done(admin, &format!("PUT {SHELF}/tags"), tags());
                grant(("USER", &user), ("TAG", "team:core"));
            }
            Taking::ThingDisabled => {
                let mut given = authorization(("USER", &user), thing);
                given["access"] = json!(["EXECUTE"]);
                done(admin, "POST /api/auth/authorization", given);
            }
            _ => grant(("USER", &user), thing),
        }
    }

    /// Takes it away through one server, in one request.
    fn take(&self, taking: Taking, actor: &Actor, server: usize) {
        let admin = &self.admins[server];
        let application = format!("/api/applications/{}", actor.application);
        let key = format!("{application}/accessKeys/{}", actor.key);
        let (line, body) = match taking {
            Taking::KeyPaused => (format!("POST {key}/status"), Value::Null),
            Taking::KeyDeleted => (format!("DELETE {key}"), Value::Null),
            Taking::KeyRotated => (format!("POST {key}/rotate"), Value::Null),
            Taking::ApplicationDeleted => (format!("DELETE {application}"), Value::Null),
            Taking::Role => (format!("DELETE {application}/roles/USER_READ_ONLY"), Value::Null),
            Taking::Grant => {
                let thing = ("INTEGRATION_PROVIDER", "shelf");
                let taken = authorization(("USER", &actor.user()), thing);
                ("DELETE /api/auth/authorization".to_owned(), taken)
            }
            Taking::Membership => {
                (format!("DELETE /api/groups/crew/users/{}", actor.user()), Value::Null)
            }
            Taking::Tag => (format!("DELETE {SHELF}/tags"), tags()),
            Taking::ThingDisabled => {
                let mut disabled = integration("made here");
                disabled["enabled"] = json!(false);
                (format!("POST {SHELF}"), disabled)
            }
            Taking::ThingDeleted => (format!("DELETE {SHELF}"), Value::Null),
        };
        done(admin, &line, body);
    }

    /// Brings back what everyone needs, and forgets the actor and their failed sign-ins.
    fn clear(&self, taking: Taking, actor: &Actor) {
        let admin = &self.admins[0];
        call(admin, &format!("DELETE /api/applications/{}", actor.application), Value::Null);
        if matches!(taking, Taking::ThingDisabled | Taking::ThingDeleted) {
            new_integration(admin, "shelf");
        }
        self.site.database.forgive();
    }

    fn probe(&self, taking: Taking, round: usize) -> Probe {
        if taking == Taking::ThingDisabled {
            return Probe::Resolve;
        }
        match round % 4 {
            0 => Probe::Read,
            1 => Probe::ArizeList,
            2 => Probe::List,
            _ => Probe::ArizeRead(arize_path(&self.admins[0], "shelf")),
        }
    }
}

fn tags() -> Value {
    json!([{"key": "team", "value": "core"}])
}

/// Ends the calls also when the test fails.
struct Ending<'o>(&'o AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Calls until enough requests have started after the answer: how the first one was answered, and
/// which of the late ones got through.
fn keep_calling(
    client: &Client,
    probe: &Probe,
    over: &AtomicBool,
    begun: &AtomicUsize,
) -> (Answer, Vec<Answer>) {
    let (mut first, mut late, mut afterwards) = (None, vec![], 0);
    while afterwards < AFTERWARDS {
        let is_over = over.load(Ordering::SeqCst);
        let answer = probe.send(client);
        let through = probe.got_through(&answer);
        if is_over {
            afterwards += 1;
            late.extend(through.then_some(answer));
        } else if first.is_none() {
            first = Some(answer);
            begun.fetch_add(1, Ordering::SeqCst);
        }
    }
    (first.unwrap(), late)
}

/// Lets the callers call every server while access is taken away through one.
fn play(stage: &Stage<'_>, taking: Taking, round: usize) {
    let actor = Actor::new(&stage.admins[0], "actor", &[]);
    stage.give(taking, &actor);
    let token = if round.is_multiple_of(2) {
        actor.token(stage.site, round)
    } else {
        actor.api_key.clone()
    };
    let (probe, clients) = (stage.probe(taking, round), stage.site.clients(&token));
    let (over, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
    let told = format!("{taking:?}, round {round}, {probe:?}");
    thread::scope(|scope| {
        let (probe, over, begun) = (&probe, &over, &begun);
        let ending = Ending(over);
        let callers: Vec<_> = (0..SERVERS * CALLERS)
            .map(|number| {
                let client = &clients[number % SERVERS];
                scope.spawn(move || keep_calling(client, probe, over, begun))
            })
            .collect();
        until("everyone has called", || begun.load(Ordering::SeqCst) == callers.len());
        stage.take(taking, &actor, round % SERVERS);
        drop(ending);
        for caller in callers {
            let (first, late) = caller.join().unwrap();
            assert!(probe.got_through(&first), "{told}: {first:?}");
            assert!(late.is_empty(), "{told}: got through later: {late:?}");
        }
    });
    stage.clear(taking, &actor);
}

#[test]
fn c9_what_one_server_has_taken_away_is_gone_on_all() {
    let site = Site::new();
    let admins = site.admins();
    new_integration(&admins[0], "shelf");
    let stage = Stage { site: &site, admins: &admins };
    for round in 0..rounds(ROUNDS) {
        for taking in TAKINGS {
            play(&stage, taking, round);
        }
    }
}
