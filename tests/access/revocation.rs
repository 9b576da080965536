//! What is taken away is gone for every request that starts after the answer, while others call.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use serde_json::json;

use crate::support::{Answer, Client, Server, integration};

const ROUNDS: usize = 1_000;
const CALLERS: usize = 8;

/// How often each caller calls at the least after the answer.
const AFTERWARDS: usize = 2;

/// The integration that is read, listed and tagged.
const SHELF: &str = "/api/integrations/provider/shelf";

/// What is taken away.
#[derive(Clone, Copy, Debug)]
enum Taking {
    KeyPaused,
    KeyDeleted,
    KeyRotated,
    ApplicationDeleted,
    SystemRole,
    CustomRole,
    PermissionOfRole,
    CustomRoleDeleted,
    DirectGrant,
    EveryGrant,
    Membership,
    GroupDeleted,
    RoleOfGroup,
    GrantOfGroup,
    GrantOfRole,
    TagOfThing,
    GrantOnTag,
    GrantOnResource,
    ThingDeleted,
    ApplicationOfGroupDeleted,
}

const TAKINGS: [Taking; 20] = [
    Taking::KeyPaused,
    Taking::KeyDeleted,
    Taking::KeyRotated,
    Taking::ApplicationDeleted,
    Taking::SystemRole,
    Taking::CustomRole,
    Taking::PermissionOfRole,
    Taking::CustomRoleDeleted,
    Taking::DirectGrant,
    Taking::EveryGrant,
    Taking::Membership,
    Taking::GroupDeleted,
    Taking::RoleOfGroup,
    Taking::GrantOfGroup,
    Taking::GrantOfRole,
    Taking::TagOfThing,
    Taking::GrantOnTag,
    Taking::GrantOnResource,
    Taking::ThingDeleted,
    Taking::ApplicationOfGroupDeleted,
];

/// What the callers keep asking for, and how an answer that gets through looks.
#[derive(Clone, Copy, Debug)]
enum Probe {
    Read,
    List,
    Write,
    Resource,
}

impl Probe {
    fn of(taking: Taking, round: usize) -> Self {
        let reads_only = matches!(
            taking,
            Taking::SystemRole | Taking::RoleOfGroup | Taking::ApplicationOfGroupDeleted
        );
        match taking {
            Taking::GrantOnResource => Self::Resource,
            _ if reads_only => [Self::Read, Self::List][round % 2],
            _ => [Self::Read, Self::List, Self::Write][round % 3],
        }
    }

    fn send(self, client: &Client) -> Answer {
        match self {
            Self::Read => client.get(SHELF),
            Self::List => client.get("/api/integrations/provider"),
            Self::Write => {
                let tags = json!([{"key": "touched", "value": "x"}]);
                client.put(&format!("{SHELF}/tags"), &tags)
            }
            Self::Resource => client.get(&format!("{SHELF}/integration/gpt")),
        }
    }

    fn got_through(self, answer: &Answer) -> bool {
        match self {
            Self::List => answer.status == 200 && answer.text.contains("\"shelf\""),
            _ => answer.status == 200,
        }
    }
}

/// One round as the callers see it.
struct Round {
    token: String,
    probe: Probe,
    /// Set when the answer to the taking away has been read.
    over: AtomicBool,
}

impl Round {
    /// From here on nothing may get through.
    fn is_over(&self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// What a caller tells.
enum News {
    /// Whether their first request of the round got through, as it must.
    First(Result<(), String>),
    /// What went wrong later.
    Late(String),
    /// They are done with the round.
    Done,
}

/// Ends a round also when the test fails, so that no caller calls on for ever.
struct Ending<'r>(&'r Round);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.is_over();
    }
}

/// Calls through every round that is ordered.
fn keep_calling(mut client: Client, orders: mpsc::Receiver<Arc<Round>>, news: mpsc::Sender<News>) {
    while let Ok(round) = orders.recv() {
        client.token = Some(round.token.clone());
        let called = catch_unwind(AssertUnwindSafe(|| call_until_refused(&client, &round, &news)));
        if called.is_err() {
            news.send(News::Late("a caller panicked".to_owned())).unwrap();
        }
        news.send(News::Done).unwrap();
    }
}

fn call_until_refused(client: &Client, round: &Round, news: &mpsc::Sender<News>) {
    let (mut told, mut afterwards) = (false, 0);
    while afterwards < AFTERWARDS {
        let over = round.over.load(Ordering::SeqCst);
        let answer = round.probe.send(client);
        let through = round.probe.got_through(&answer);
        let text = || format!("{} {}", answer.status, answer.text);
        if !told {
            told = true;
            news.send(News::First(if through { Ok(()) } else { Err(text()) })).unwrap();
        }
        if over {
            afterwards += 1;
            if through {
                news.send(News::Late(text())).unwrap();
            }
        }
    }
}

/// A stage on which access is given and taken away.
struct Stage<'s> {
    server: &'s Server,
    admin: Client,
    /// An application without roles and groups, which every round begins and ends with.
    actor: Client,
}

/// Everything that a round may ask for.
const ALL: [&str; 2] = ["READ", "UPDATE"];

const THING: (&str, &str) = ("INTEGRATION_PROVIDER", "shelf");

impl<'s> Stage<'s> {
    fn new(server: &'s Server) -> Self {
        let admin = server.admin();
        admin.new_integration("shelf");
        let actor = server.client("actor", &[]);
        Self { server, admin, actor }
    }

    fn key_path(&self) -> String {
        format!("/api/applications/{}/accessKeys/{}", self.actor.application, self.actor.key)
    }

    fn role_path(&self, role: &str) -> String {
        format!("/api/applications/{}/roles/{role}", self.actor.application)
    }

    fn member_path(&self) -> String {
        format!("/api/groups/crew/users/{}", self.actor.user)
    }

    fn user(&self) -> (&str, &str) {
        ("USER", &self.actor.user)
    }

    fn custom_role(&self) {
        let permissions = ["READ_INTEGRATION_PROVIDER", "UPDATE_INTEGRATION_PROVIDER"];
        self.admin.new_role("keeper", &permissions);
        self.admin.post(&self.role_path("keeper"), None).is(200);
    }

    fn crew(&self, roles: &[&str]) {
        self.admin.new_group("crew", roles);
        self.admin.post(&self.member_path(), None).is(200);
    }

    /// What the callers send: every other time the key itself, where it goes on being one. Who
    /// sends one that is none soon has to wait.
    fn token(&self, taking: Taking, round: usize) -> String {
        let ends = matches!(
            taking,
            Taking::KeyPaused
                | Taking::KeyDeleted
                | Taking::KeyRotated
                | Taking::ApplicationDeleted
                | Taking::ApplicationOfGroupDeleted
        );
        if ends || round.is_multiple_of(2) {
            return self.actor.token.clone().unwrap();
        }
        format!("podium_{}_{}", self.actor.key, self.actor.secret)
    }

    /// Lets the actor through.
    fn give(&self, taking: Taking) {
        let admin = &self.admin;
        match taking {
            Taking::KeyPaused
            | Taking::KeyDeleted
            | Taking::KeyRotated
            | Taking::ApplicationDeleted
            | Taking::DirectGrant
            | Taking::EveryGrant
            | Taking::ThingDeleted => admin.grant(self.user(), THING, &ALL),
            Taking::SystemRole => admin.post(&self.role_path("USER_READ_ONLY"), None).is(200),
            Taking::CustomRole | Taking::PermissionOfRole | Taking::CustomRoleDeleted => {
                self.custom_role();
            }
            Taking::Membership | Taking::GroupDeleted | Taking::GrantOfGroup => {
                self.crew(&[]);
                admin.grant(("GROUP", "crew"), THING, &ALL);
            }
            Taking::RoleOfGroup | Taking::ApplicationOfGroupDeleted => {
                self.crew(&["USER_READ_ONLY"]);
            }
            Taking::GrantOfRole => {
                admin.post(&self.role_path("WORKER"), None).is(200);
                admin.grant(("ROLE", "WORKER"), THING, &ALL);
            }
            Taking::TagOfThing | Taking::GrantOnTag => {
                admin.put(&format!("{SHELF}/tags"), &tags()).is(200);
                admin.grant(self.user(), ("TAG", "team:core"), &ALL);
            }
            Taking::GrantOnResource => {
                admin.grant(self.user(), ("INTEGRATION", "shelf:gpt"), &["READ"]);
            }
        }
    }

    /// Takes it away, in one request.
    fn take(&self, taking: Taking) {
        let admin = &self.admin;
        let answer = match taking {
            Taking::KeyPaused => admin.post(&format!("{}/status", self.key_path()), None),
            Taking::KeyDeleted => admin.delete(&self.key_path()),
            Taking::KeyRotated => admin.post(&format!("{}/rotate", self.key_path()), None),
            Taking::ApplicationDeleted | Taking::ApplicationOfGroupDeleted => {
                admin.delete(&format!("/api/applications/{}", self.actor.application))
            }
            Taking::SystemRole => admin.delete(&self.role_path("USER_READ_ONLY")),
            Taking::CustomRole => admin.delete(&self.role_path("keeper")),
            Taking::PermissionOfRole => admin.put("/api/roles/keeper", &json!({"permissions": []})),
            Taking::CustomRoleDeleted => admin.delete("/api/roles/keeper"),
            Taking::EveryGrant => {
                admin.delete(&format!("/api/auth/subjects/USER/{}/grants", self.actor.user))
            }
            Taking::DirectGrant => return admin.revoke(self.user(), THING, &ALL),
            Taking::Membership => admin.delete(&self.member_path()),
            Taking::GroupDeleted => admin.delete("/api/groups/crew"),
            Taking::RoleOfGroup => {
                admin.put("/api/groups/crew", &json!({"description": "idle", "roles": []}))
            }
            Taking::GrantOfGroup => return admin.revoke(("GROUP", "crew"), THING, &ALL),
            Taking::GrantOfRole => return admin.revoke(("ROLE", "WORKER"), THING, &ALL),
            Taking::TagOfThing => admin.call("DELETE", &format!("{SHELF}/tags"), Some(&tags())),
            Taking::GrantOnTag => return admin.revoke(self.user(), ("TAG", "team:core"), &ALL),
            Taking::GrantOnResource => {
                return admin.revoke(self.user(), ("INTEGRATION", "shelf:gpt"), &["READ"]);
            }
            Taking::ThingDeleted => admin.delete(SHELF),
        };
        answer.is(200);
    }

    /// Takes away what is left, so that the next round begins with nothing.
    fn clear(&mut self, taking: Taking) {
        let admin = &self.admin;
        match taking {
            Taking::KeyPaused
            | Taking::KeyDeleted
            | Taking::KeyRotated
            | Taking::ApplicationDeleted
            | Taking::ApplicationOfGroupDeleted => {
                admin.delete(&format!("/api/applications/{}", self.actor.application));
                if matches!(taking, Taking::ApplicationOfGroupDeleted) {
                    admin.delete("/api/groups/crew").is(200);
                }
                self.actor = self.server.client("actor", &[]);
            }
            Taking::CustomRole | Taking::PermissionOfRole => {
                admin.delete("/api/roles/keeper").is(200);
            }
            Taking::Membership | Taking::RoleOfGroup | Taking::GrantOfGroup => {
                admin.delete("/api/groups/crew").is(200);
            }
            Taking::GrantOfRole => admin.delete(&self.role_path("WORKER")).is(200),
            Taking::TagOfThing => admin.revoke(self.user(), ("TAG", "team:core"), &ALL),
            Taking::ThingDeleted => admin.new_integration("shelf"),
            _ => {}
        }
    }

    /// After the thing was deleted: it comes back, and with it nothing of what was granted.
    fn bring_back(&self, taking: Taking) {
        if matches!(taking, Taking::ThingDeleted) {
            self.admin.post(SHELF, Some(&integration())).is(200);
        }
    }
}

fn tags() -> serde_json::Value {
    json!([{"key": "team", "value": "core"}])
}

/// Lets the callers call while access is taken away, and tells what went wrong.
fn play(
    stage: &mut Stage<'_>,
    number: usize,
    orders: &[mpsc::Sender<Arc<Round>>],
    news: &mpsc::Receiver<News>,
) -> Vec<String> {
    let taking = TAKINGS[number % TAKINGS.len()];
    let probe = Probe::of(taking, number / TAKINGS.len());
    stage.give(taking);
    let token = stage.token(taking, number / TAKINGS.len());
    let round = Arc::new(Round { token, probe, over: AtomicBool::new(false) });
    let ending = Ending(&round);
    for caller in orders {
        caller.send(Arc::clone(&round)).unwrap();
    }
    let (mut begun, mut done, mut wrong, mut is_taken) = (0, 0, vec![], false);
    while done < CALLERS {
        if !is_taken && begun + done == CALLERS {
            is_taken = true;
            stage.take(taking);
            round.is_over();
            stage.bring_back(taking);
        }
        let told = |text| format!("round {number}, {taking:?}, {probe:?}: {text}");
        match news.recv().unwrap() {
            News::First(first) => {
                begun += 1;
                wrong.extend(first.err().map(told));
            }
            News::Late(text) => wrong.push(told(text)),
            News::Done => done += 1,
        }
    }
    drop(ending);
    stage.clear(taking);
    wrong
}

#[test]
fn no_request_that_started_after_the_answer_gets_through() {
    let server = Server::start();
    let mut stage = Stage::new(&server);
    let wrong: Vec<_> = std::thread::scope(|scope| {
        let (tell, news) = mpsc::channel();
        let caller = |_| {
            let (order, orders) = mpsc::channel();
            let (client, tell) = (server.stranger(), tell.clone());
            scope.spawn(move || keep_calling(client, orders, tell));
            order
        };
        let callers: Vec<_> = (0..CALLERS).map(caller).collect();
        (0..ROUNDS).flat_map(|number| play(&mut stage, number, &callers, &news)).collect()
    });
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} times wrong:\n{shown}", wrong.len());
}
