//! Requests that are sent again with their `Idempotency-Key`: the change is made once, and its
//! answer is given again; C8.

use std::collections::BTreeSet;
use std::sync::mpsc::channel;
use std::thread;

use podium::domain::access::Rule;
use serde_json::{Value, json};

use crate::database::Database;
use crate::support::{
    ADMIN, Client, PROVIDER, Response, SEAL_KEY, Server, model, openai, settings,
};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const MAIN: &str = "/api/integrations/provider/main";
const APPLICATIONS: &str = "/api/applications";

/// Makes all that was kept end.
const AGE: &str = "UPDATE idempotency SET created_on = created_on - 86400000";

/// What only reads, or refuses, or hands out secrets, each time that it is asked.
const ANEW: [(&str, &str, &str); 8] = [
    ("/api/audit/fingerprint", "/api/audit/fingerprint", "{\"value\": 1}"),
    ("/api/integrations/provider/{name}/resolve", "/api/integrations/provider/main/resolve", ""),
    (
        "/api/integrations/provider/{name}/integration/{api}/resolve",
        "/api/integrations/provider/main/integration/gpt/resolve",
        "",
    ),
    ("/api/manifest/plan", "/api/manifest/plan", "{\"manifest\": {}}"),
    ("/api/prompts/test", "/api/prompts/test", PROMPT_TEST),
    ("/api/prompts/{name}/render", "/api/prompts/hi/render", "{}"),
    ("/api/users/{id}/sendInviteEmail", "/api/users/joe/sendInviteEmail", ""),
    (
        "/api/token",
        "/api/token",
        "{\"keyId\": \"admin-key\", \"keySecret\": \"admin-secret-0123456789\"}",
    ),
];

const PROMPT_TEST: &str = "{\"prompt\": \"a\", \"llmProvider\": \"main\", \"model\": \"gpt\"}";

/// A POST that changes something.
struct Post {
    route: &'static str,
    path: String,
    body: Option<String>,
}

fn post(route: &'static str, path: impl Into<String>, body: Value) -> Post {
    Post { route, path: path.into(), body: Some(body.to_string()) }
}

fn call(route: &'static str, path: String) -> Post {
    Post { route, path, body: None }
}

fn send(client: &Client, key: &str, path: &str, body: Option<&str>) -> Response {
    client.send("POST", path, &[JSON, ("Idempotency-Key", key)], body)
}

impl Post {
    fn send(&self, client: &Client, key: &str) -> Response {
        send(client, key, &self.path, self.body.as_deref())
    }

    /// The same with another body that says the same, as far as it says anything.
    fn with_other_body(&self, client: &Client, key: &str) -> Response {
        let body = self.body.as_ref().map_or("{}".to_owned(), |body| format!("{body} "));
        send(client, key, &self.path, Some(&body))
    }

    fn with_other_query(&self, client: &Client, key: &str) -> Response {
        let sign = if self.path.contains('?') { '&' } else { '?' };
        send(client, key, &format!("{}{sign}x=1", self.path), self.body.as_deref())
    }

    fn is_arize(&self) -> bool {
        self.path.starts_with("/v2/")
    }
}

/// Two administrators, and what their requests speak of.
struct World {
    ada: Client,
    bob: Client,
    application: String,
    key: String,
    organization: String,
}

fn world(server: &Server) -> World {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin.post(&format!("{MAIN}/integration/gpt"), &model()).done();
    admin.put("/api/users/joe", &json!({"name": "Joe"})).ok();
    admin.put("/api/groups/team", &json!({"description": "Team"})).ok();
    admin.send("POST", "/api/prompts/hi?description=d", &[JSON], Some("a")).done();
    let application = admin.post(APPLICATIONS, &json!({"name": "worker"})).ok();
    let application = application["id"].as_str().unwrap().to_owned();
    let (key, _) = admin.new_key(&application);
    let organization = admin.post("/v2/organizations", &json!({"name": "first"})).json;
    let organization = organization["id"].as_str().unwrap().to_owned();
    let [ada, bob] = ["ada", "bob"].map(|name| server.client(name, &["ADMIN"]));
    World { ada, bob, application, key, organization }
}

/// Every POST that changes something in one transaction.
fn posts(world: &World) -> Vec<Post> {
    let application = format!("{APPLICATIONS}/{}", world.application);
    let tag = json!({"key": "k", "value": "v"});
    let item = json!([{"name": "bulk", "type": "openai", "configuration": {"api_key": "sk-2"}}]);
    let grant = json!({
        "subject": {"type": "USER", "id": "joe"},
        "target": {"type": "INTEGRATION_PROVIDER", "id": "main"},
        "access": ["READ"],
    });
    let llm = |name: &str| {
        let config = json!({"provider": "OPEN_AI", "api_key": "sk-2"});
        json!({"type": "LLM", "name": name, "config": config})
    };
    let older = json!({"name": "older", "provider": "OPEN_AI", "api_key": "sk-3"});
    let space = json!({"name": "space", "organization_id": world.organization});
    let event = json!([{"event": "e", "eventType": "SEND", "handlerName": "h"}]);
    let limit = json!({"maxTokens": 1, "tokenLimitPeriod": "DAY"});
    let gpt = "/api/integrations/provider/{name}/integration/{api}";
    assert!(gpt.starts_with(PROVIDER));
    vec![
        post("/api/metadata/task/{name}/tags", "/api/metadata/task/t/tags", tag.clone()),
        post("/api/metadata/workflow", "/api/metadata/workflow", json!({"name": "w"})),
        post("/api/metadata/workflow/{name}/tags", "/api/metadata/workflow/w/tags", tag),
        post("/api/integrations", "/api/integrations", item),
        post(
            "/api/integrations/def/register",
            "/api/integrations/def/register",
            json!([{"type": "own", "category": "API"}]),
        ),
        post("/api/integrations/eventStats", "/api/integrations/eventStats?type=x", event.clone()),
        post("/api/integrations/eventStats/{type}", "/api/integrations/eventStats/x", event),
        post("/api/integrations/llm/{name}/token", "/api/integrations/llm/main/token", limit),
        post("/api/integrations/provider/{name}", format!("{PROVIDER}/new"), openai("sk-4")),
        post(gpt, format!("{MAIN}/integration/new"), model()),
        post(
            "/api/integrations/provider/{name}/integration/{api}/metrics",
            format!("{MAIN}/integration/gpt/metrics"),
            json!(7),
        ),
        call(
            "/api/integrations/provider/{name}/integration/{api}/prompt/{prompt}",
            format!("{MAIN}/integration/gpt/prompt/hi"),
        ),
        post("/api/prompts", "/api/prompts", json!([{"name": "bulk", "template": "a"}])),
        post("/api/prompts/{name}", "/api/prompts/new?description=d", json!("a")),
        post(APPLICATIONS, APPLICATIONS, json!({"name": "new"})),
        call("/api/applications/{id}/accessKeys", format!("{application}/accessKeys")),
        // Before it is paused.
        post(
            "/api/applications/{id}/accessKeys/{key}/rotate",
            format!("{application}/accessKeys/{}/rotate", world.key),
            json!({"overlapSeconds": 600}),
        ),
        call(
            "/api/applications/{id}/accessKeys/{key}/status",
            format!("{application}/accessKeys/{}/status", world.key),
        ),
        call("/api/applications/{id}/roles/{role}", format!("{application}/roles/USER")),
        post("/api/groups/{id}/users", "/api/groups/team/users", json!(["joe"])),
        call("/api/groups/{id}/users/{user}", "/api/groups/team/users/joe".to_owned()),
        post("/api/roles", "/api/roles", json!({"name": "own", "permissions": []})),
        post(
            "/api/manifest/apply",
            "/api/manifest/apply",
            json!({"manifest": {"groups": [{"id": "by manifest"}]}}),
        ),
        post("/api/auth/authorization", "/api/auth/authorization", grant),
        post("/v2/integrations", "/v2/integrations", llm("newer")),
        post("/v2/ai-integrations", "/v2/ai-integrations", older),
        post("/v2/organizations", "/v2/organizations", json!({"name": "new"})),
        post("/v2/spaces", "/v2/spaces", space),
    ]
}

/// That a request was refused since its key was that of another.
#[track_caller]
fn assert_reused(is_arize: bool, answer: Response) {
    let words = "`Idempotency-Key` was sent with another request before";
    if is_arize {
        assert_eq!((answer.status, &answer.json["status"]), (422, &json!(422)), "{}", answer.text);
        assert!(answer.json["detail"].as_str().unwrap().contains(words), "{}", answer.text);
    } else {
        answer.refused(422, words);
    }
}

/// That `work` did something of its own: it left a record of it, or met what was there already, or
/// says that nothing was to do.
#[track_caller]
fn assert_anew(server: &Server, first: &Response, work: impl FnOnce() -> Response) {
    let (mut status, mut is_done_already) = (0, false);
    let records = server.records_of(|| {
        let answer = work();
        (status, is_done_already) = (answer.status, answer.json["changes"] == json!([]));
    });
    let did = status == first.status && records.iter().any(|record| record.starts_with("done "));
    let met = (status == 409 || is_done_already) && records.is_empty();
    assert!(did || met, "{status} {records:?}");
}

#[test]
fn c8_every_post_is_in_the_table() {
    let mut routes: Vec<String> = podium::http::rules()
        .into_iter()
        .filter(|(method, ..)| *method == "POST")
        .map(|(_, path, _)| path)
        .collect();
    let server = Server::start();
    let told = posts(&world(&server)).into_iter().map(|post| post.route);
    let mut told: Vec<_> = told.chain(ANEW.map(|(route, ..)| route)).map(str::to_owned).collect();
    told.push("/api/seal/rotate".to_owned());
    routes.sort();
    told.sort();
    assert_eq!(told, routes);
    let open = podium::http::rules().into_iter().filter(|(.., rule)| *rule == Rule::Open);
    assert_eq!(open.filter(|(method, ..)| *method == "POST").count(), 1);
}

#[test]
fn c8_a_change_is_made_once_and_its_answer_is_given_again() {
    let server = &Server::start();
    let world = world(server);
    for (index, post) in posts(&world).iter().enumerate() {
        let (route, key) = (post.route, format!("key {index}"));
        let mut answered = None;
        let records = server.records_of(|| answered = Some(post.send(&world.ada, &key)));
        let first = answered.unwrap();
        assert!([200, 201].contains(&first.status), "{route}: {}", first.text);
        let done = records.iter().filter(|record| record.starts_with("done ")).count();
        assert!(done == records.len() && done > 0, "{route}: {records:?}");
        for _ in 0..2 {
            let again = server.unchanging(|| post.send(&world.ada, &key));
            assert_eq!((again.status, &again.text), (first.status, &first.text), "{route}");
            let kind = |answer: &Response| answer.header("content-type").map(str::to_owned);
            assert_eq!(kind(&again), kind(&first), "{route}");
        }
    }
}

#[test]
fn c8_a_key_is_for_one_request_of_one_user_and_one_day() {
    let server = &Server::start();
    let world = world(server);
    for (index, post) in posts(&world).iter().enumerate() {
        let key = format!("key {index}");
        let first = post.send(&world.ada, &key);
        let other_body = server.unchanging(|| post.with_other_body(&world.ada, &key));
        assert_reused(post.is_arize(), other_body);
        let other_query = server.unchanging(|| post.with_other_query(&world.ada, &key));
        assert_reused(post.is_arize(), other_query);
        let body = json!({"name": "other"}).to_string();
        let elsewhere = || send(&world.ada, &key, APPLICATIONS, Some(&body));
        if post.path != APPLICATIONS {
            assert_reused(false, server.unchanging(elsewhere));
        }
        let elsewhere = || send(&world.ada, &key, "/v2/organizations", Some(&body));
        assert_reused(true, server.unchanging(elsewhere));
        assert_anew(server, &first, || post.send(&world.bob, &key));
        server.database.execute(AGE);
        assert_anew(server, &first, || post.send(&world.ada, &key));
    }
    let left = server.database.column("SELECT user_id FROM idempotency");
    let most = posts(&world).len() * 2;
    assert!(left.len() < most, "what has ended is swept away: {} of {most}", left.len());
}

#[test]
fn c8_a_request_in_flight_is_not_begun_again() {
    let server = &Server::start();
    let world = world(server);
    for (key, path) in [("k", APPLICATIONS), ("l", "/v2/organizations")] {
        let (ada, bob) = (&world.ada, &world.bob);
        let body = json!({"name": "new"}).to_string();
        let held = server.database.held();
        let (answered, answers) = channel();
        thread::scope(|scope| {
            for _ in 0..2 {
                let (answered, body) = (answered.clone(), &body);
                scope.spawn(move || answered.send(send(ada, key, path, Some(body))).unwrap());
            }
            // The other one waits for the lock.
            let refused: Response = answers.recv().unwrap();
            assert_eq!(refused.status, 409, "{}", refused.text);
            assert_eq!(refused.header("retry-after"), Some("1"));
            assert!(refused.text.contains("still being served"), "{}", refused.text);
            drop(held);
            let first = answers.recv().unwrap();
            assert!([200, 201].contains(&first.status), "{}", first.text);
            let again = server.unchanging(|| send(ada, key, path, Some(&body)));
            assert_eq!((again.status, again.text), (first.status, first.text));
        });
        let other = json!({"name": "other"}).to_string();
        assert!(send(bob, key, path, Some(&other)).status < 300);
    }
}

#[test]
fn c8_of_many_at_once_one_makes_the_change() {
    let server = &Server::start();
    let world = world(server);
    for round in 0..20 {
        let (body, ada) = (json!({"name": format!("one {round}")}).to_string(), &world.ada);
        let key = &format!("round {round}");
        let sent = || loop {
            let answer = send(ada, key, APPLICATIONS, Some(&body));
            if answer.status != 409 {
                return answer.ok()["id"].as_str().unwrap().to_owned();
            }
        };
        let ids: BTreeSet<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|_| scope.spawn(sent)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let made = format!("SELECT id FROM application WHERE name = 'one {round}'");
        assert_eq!(Vec::from_iter(ids), server.database.column(&made));
    }
}

#[test]
fn c8_the_secret_of_an_access_key_goes_to_nobody_else_and_lies_nowhere_in_clear() {
    let server = &Server::start();
    let world = world(server);
    let keys = format!("{APPLICATIONS}/{}/accessKeys", world.application);
    let first = send(&world.ada, "k", &keys, None).ok();
    let others = send(&world.bob, "k", &keys, None).ok();
    assert_eq!(send(&world.ada, "k", &keys, None).ok(), first);
    assert_eq!(send(&world.bob, "k", &keys, None).ok(), others);
    assert_ne!(first["id"], others["id"]);
    assert_ne!(first["secret"], others["secret"]);
    let secret = first["secret"].as_str().unwrap();
    server.signed_in(first["id"].as_str().unwrap(), secret);
    let bytes = server.database.bytes();
    assert!(!bytes.windows(secret.len()).any(|text| text == secret.as_bytes()));
    // Somebody who has the database moves the row to another user.
    let (ada, bob) = (&world.ada.subject, &world.bob.subject);
    server.database.execute(&format!(
        "DELETE FROM idempotency WHERE user_id = '{bob}';
             UPDATE idempotency SET user_id = '{bob}' WHERE user_id = '{ada}'"
    ));
    send(&world.bob, "k", &keys, None).refused(500, "an internal error");
}

#[test]
fn the_same_user_may_repeat_with_another_token_as_long_as_they_are_admitted() {
    let server = &Server::start();
    let world = world(server);
    let body = json!({"name": "new"}).to_string();
    let made = send(&world.ada, "k", APPLICATIONS, Some(&body)).ok();
    let (id, secret) = server.admin().new_key(&world.ada.application);
    let other = server.signed_in(&id, &secret);
    assert_eq!(send(&other, "k", APPLICATIONS, Some(&body)).ok(), made);
    let key = format!("{APPLICATIONS}/{}/accessKeys/{id}", world.ada.application);
    server.admin().delete(&key).ok();
    send(&other, "k", APPLICATIONS, Some(&body)).not_signed_in("INVALID_TOKEN");
    server.admin().delete(&format!("{APPLICATIONS}/{}", world.ada.application)).ok();
    send(&world.ada, "k", APPLICATIONS, Some(&body)).not_signed_in("INVALID_TOKEN");
    assert!(server.database.column("SELECT key FROM idempotency").is_empty());
}

#[test]
fn what_failed_is_tried_again() {
    let server = &Server::start();
    let carl = server.client("carl", &[]);
    let body = json!({"name": "new"}).to_string();
    for _ in 0..2 {
        server.denied(|| send(&carl, "k", APPLICATIONS, Some(&body)).refused(403, "CREATE"));
    }
    let role = format!("{APPLICATIONS}/{}/roles/ADMIN", carl.application);
    server.admin().call("POST", &role).done();
    let made = send(&carl, "k", APPLICATIONS, Some(&body)).ok();
    assert_eq!(send(&carl, "k", APPLICATIONS, Some(&body)).ok(), made);
    // A key that was only ever refused is free for another request.
    server.unchanged(|| send(&carl, "l", APPLICATIONS, Some("{}")).refused(400, "name"));
    send(&carl, "l", APPLICATIONS, Some(&body)).ok();
}

#[test]
fn what_only_reads_is_done_each_time() {
    let server = &Server::start();
    let world = world(server);
    for (route, path, body) in ANEW {
        let body = Some(body).filter(|body| !body.is_empty());
        let first = send(&world.ada, "k", path, body);
        let records = server.records_of(|| {
            let again = send(&world.ada, "k", path, body);
            assert_eq!(again.status, first.status, "{route}");
            assert!(route == "/api/token" || again.text == first.text, "{route}");
        });
        let expected = usize::from(route.ends_with("/resolve"));
        assert_eq!(records.len(), expected, "{route}: {records:?}");
    }
    assert!(server.database.column("SELECT key FROM idempotency").is_empty());
}

#[test]
fn a_key_that_is_none_is_refused_by_every_post() {
    let server = &Server::start();
    let world = world(server);
    let long = format!("Idempotency-Key: {}", "k".repeat(256));
    for (path, body) in
        [("/api/applications", "{\"name\":\"new\"}"), ("/v2/organizations", "{\"name\":\"new\"}")]
    {
        let length = format!("Content-Length: {}", body.len());
        for headers in [
            &["Idempotency-Key: "][..],
            &["Idempotency-Key: \t"],
            &["Idempotency-Key: k\u{e9}"],
            &[&long],
            &["Idempotency-Key: k", "Idempotency-Key: k"],
        ] {
            let all = [headers, &[&length, "Content-Type: application/json"]].concat();
            let line = format!("POST {path}");
            let answer = server.unchanging(|| world.ada.raw(&line, &all, body.as_bytes()));
            assert_eq!(answer.status, 400, "{headers:?}: {}", answer.text);
            assert!(answer.text.contains("`Idempotency-Key` must be"), "{}", answer.text);
        }
    }
    // A stranger's is not looked at, and other methods have no use for it.
    let bad = [JSON, ("Idempotency-Key", "\t")];
    server.stranger().send("POST", APPLICATIONS, &bad, Some("{}")).not_signed_in("INVALID_TOKEN");
    world.ada.send("DELETE", MAIN, &bad, None).done();
}

#[test]
fn a_body_is_bounded_as_it_is_without_a_key() {
    let server = &Server::start();
    let ada = server.client("ada", &["ADMIN"]);
    let large = |size: usize| format!("{{\"name\":\"{}\"}}", "x".repeat(size));
    let told = |size| send(&ada, "k", APPLICATIONS, Some(&large(size)));
    server.unchanged(|| told(1 << 20).refused(413, "at most 1048576 bytes"));
    server.unchanged(|| told(9 << 20).refused(413, "at most"));
    let item = json!([{"name": "bulk", "type": "openai", "description": "x".repeat(2 << 20)}]);
    send(&ada, "k", "/api/integrations", Some(&item.to_string())).done();
}

#[test]
fn c8_a_repetition_outlives_the_seal_key_and_a_rotation_is_one() {
    let database = Database::new();
    let body = json!({"name": "new"}).to_string();
    let server = Server::on(&database, SEAL_KEY, settings());
    let made = send(&server.admin(), "k", APPLICATIONS, Some(&body)).ok();
    drop(server);
    let keys = format!("{} {SEAL_KEY}", "9".repeat(64));
    let server = Server::on(&database, &keys, settings());
    let (admin, rotate) = (server.admin(), "/api/seal/rotate");
    assert_eq!(admin.key, ADMIN.0);
    let rotated = send(&admin, "r", rotate, None).ok();
    assert_eq!(rotated["keys"][1]["values"], 0, "{rotated}");
    let again = server.unchanging(|| send(&admin, "r", rotate, None).ok());
    assert_eq!(again, rotated);
    let repeated = server.unchanging(|| send(&admin, "k", APPLICATIONS, Some(&body)).ok());
    assert_eq!(repeated, made);
    let status = admin.get("/api/seal").ok();
    assert_eq!(status["keys"][1]["values"], 0, "{status}");
    let old = status["keys"][1]["id"].as_str().unwrap();
    assert!(!server.database.bytes().windows(old.len()).any(|text| text == old.as_bytes()));
    send(&admin, "s", rotate, None).ok();
}
