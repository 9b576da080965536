//! API keys: an access key as one string, sent in the place of a token.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::sign_in::{MOST_OF_ADDRESS, MOST_OF_PAIR, has_to_wait, keys_path, listed_key, now};
use crate::support::{ADMIN, Answer, Client, Server, issued};

const USER_INFO: &str = "/api/token/userInfo";
const PROVIDERS: &str = "/api/integrations/provider";
const APPLICATIONS: &str = "/api/applications";

fn api_key(id: &str, secret: &str) -> String {
    format!("podium_{id}_{secret}")
}

/// Who sends the API key of `one`, from an address with the last number `last`.
fn holder(server: &Server, one: &Client, last: u8) -> Client {
    bearer(server, &api_key(&one.key, &one.secret), last)
}

fn bearer(server: &Server, token: &str, last: u8) -> Client {
    server.bearer(token).from(Ipv4Addr::new(127, 0, 0, last))
}

/// Makes an application, which takes the right to.
fn create(client: &Client) -> Answer {
    client.post(APPLICATIONS, Some(&json!({"name": "made here"})))
}

fn refuses(client: &Client) {
    client.get(USER_INFO).says(401, "INVALID_TOKEN");
    client.get(PROVIDERS).says(401, "INVALID_TOKEN");
    create(client).says(401, "INVALID_TOKEN");
}

/// How many failed sign-ins are recorded under `key`.
fn recorded(server: &Server, key: &str) -> i64 {
    let chosen = "action = 'sign-in' AND outcome = 'failed' AND target_kind = 'ACCESS_KEY'";
    server.count(&format!(
        "SELECT COUNT(*) FROM audit WHERE {chosen} AND target_id = '{key}' AND key_id = '{key}'
         AND subject = '' AND address = '127.0.0.2'"
    ))
}

#[test]
fn an_api_key_is_shown_with_its_parts_and_stands_for_a_token() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let keys = keys_path(&one.application);
    let made = admin.post(&keys, None).ok();
    let (id, _) = issued(&made);
    let rotated = admin.post(&format!("{keys}/{id}/rotate"), None).ok();
    for shown in [&made, &rotated] {
        let (id, secret) = issued(shown);
        assert_eq!(shown["apiKey"], api_key(&id, &secret));
        assert_eq!(shown.as_object().unwrap().len(), 3, "{shown}");
    }
    let key = rotated["apiKey"].as_str().unwrap();
    let bearing = format!("Bearer {key}");
    for header in [("X-Authorization", key), ("Authorization", &bearing)] {
        let told = server.stranger().send("GET", USER_INFO, &[header], None).ok();
        assert_eq!(told, one.get(USER_INFO).ok());
        let body = json!({"name": "by header"});
        server.stranger().send("POST", APPLICATIONS, &[header], Some(&body)).is(200);
    }
    server.stranger().send("GET", USER_INFO, &[("Authorization", key)], None).is(401);
}

#[test]
fn who_sends_an_api_key_may_do_what_a_token_of_the_key_may() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let holder = holder(&server, &one, 2);
    let both = holder.get(&format!("{USER_INFO}?claims=true")).ok();
    let claims = json!({"sub": one.user, "key": one.key});
    assert_eq!(both, json!({"user": one.get(USER_INFO).ok(), "claims": claims}));
    // Everyone can see themself, and what they have made is theirs.
    holder.get(&format!("/api/users/{}", one.user)).is(200);
    let made = create(&holder).ok()["id"].clone();
    let path = format!("{APPLICATIONS}/{}", made.as_str().unwrap());
    assert_eq!(one.get(&path).ok()["createdBy"], one.user);
    holder.delete(&path).is(200);
    let sql = "SELECT COUNT(*) FROM audit WHERE outcome = 'done' AND action = 'application.delete'";
    let by = format!("{sql} AND subject = '{}' AND key_id = '{}'", one.user, one.key);
    assert_eq!(server.count(&format!("{by} AND address = '127.0.0.2'")), 1);
    // A refused change is recorded as theirs too.
    admin.new_integration("main");
    holder.delete(&format!("{PROVIDERS}/main")).says(403, "DELETE");
    let sql = "SELECT COUNT(*) FROM audit WHERE outcome = 'denied'";
    assert_eq!(server.count(&format!("{sql} AND key_id = '{}'", one.key)), 1);
}

#[test]
fn an_api_key_ends_with_its_key_or_its_application() {
    let server = Server::start();
    let admin = server.admin();
    let taken: [fn(&Client, &Client) -> Answer; 4] = [
        |admin, one| {
            let path = format!("{}/{}/status", keys_path(&one.application), one.key);
            admin.post(&path, None)
        },
        |admin, one| admin.delete(&format!("{}/{}", keys_path(&one.application), one.key)),
        |admin, one| {
            let path = format!("{}/{}/rotate", keys_path(&one.application), one.key);
            admin.post(&path, None)
        },
        |admin, one| admin.delete(&format!("{APPLICATIONS}/{}", one.application)),
    ];
    for (last, take) in (2..).zip(taken) {
        let one = server.client("one", &["USER"]);
        let holder = holder(&server, &one, last);
        create(&holder).is(200);
        take(&admin, &one).is(200);
        refuses(&holder);
    }
}

#[test]
fn an_api_key_ends_when_it_was_told_to_and_wakes_when_it_is_taken_up() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let path = format!("{}/{}", keys_path(&one.application), one.key);
    for _ in 0..2 {
        admin.post(&format!("{path}/status"), None).is(200);
        holder(&server, &one, 2).get(USER_INFO).is(401);
        admin.post(&format!("{path}/status"), None).is(200);
        create(&holder(&server, &one, 2)).is(200);
    }
    admin.post(&format!("{path}/rotate"), Some(&json!({"overlapSeconds": 3600}))).is(200);
    create(&holder(&server, &one, 2)).is(200);
    let sql = format!("UPDATE access_key SET expires_on = {} WHERE id = '{}'", now(), one.key);
    assert_eq!(server.database.tamper(&sql), 1);
    refuses(&holder(&server, &one, 2));
}

#[test]
fn what_an_api_key_opens_ends_with_the_role() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &[]);
    let holder = holder(&server, &one, 2);
    let role = format!("{APPLICATIONS}/{}/roles/ADMIN", one.application);
    for _ in 0..50 {
        admin.post(&role, None).is(200);
        create(&holder).is(200);
        assert_ne!(holder.get(APPLICATIONS).ok(), json!([]));
        admin.delete(&role).is(200);
        holder.get("/api/audit").says(403, "READ");
        holder.get(&format!("{APPLICATIONS}/{}", admin.application)).says(403, "READ");
        holder.post("/api/roles", Some(&json!({"name": "x"}))).says(403, "CREATE");
    }
}

#[test]
fn what_only_looks_like_an_api_key_is_refused_alike() {
    let server = Server::start();
    let (one, two) = (server.client("one", &["ADMIN"]), server.client("two", &["ADMIN"]));
    let good = api_key(&one.key, &one.secret);
    let unknown = "0123456789abcdef0123456789abcdef";
    let wrong = [
        "podium_".to_owned(),
        "podium_x".to_owned(),
        "podium__".to_owned(),
        "podium___".to_owned(),
        format!("podium_{}", one.key),
        api_key(&one.key, ""),
        api_key("", &one.secret),
        api_key(&one.key, "wrong"),
        api_key(&one.key, &two.secret),
        api_key(&one.secret, &one.key),
        api_key(unknown, &one.secret),
        api_key(&one.key.to_uppercase(), &one.secret),
        api_key(&one.key, &one.secret.to_uppercase()),
        good.to_uppercase(),
        good.replace("podium", "PODIUM"),
        format!("Bearer {good}"),
        format!("podium_{good}"),
        format!("{good}_"),
        format!("{good} {good}"),
        format!("{good},{good}"),
        good[..good.len() - 1].to_owned(),
        format!("{good}\u{e9}"),
        api_key("\u{e9}", "\u{1f511}"),
        good.clone() + &"x".repeat(60_000),
        api_key(&"x".repeat(60_000), &one.secret),
    ];
    let told = |token: &str, last| {
        let mut answer = bearer(&server, token, last).get(PROVIDERS).json();
        assert!(answer.as_object_mut().unwrap().remove("timestamp").is_some(), "{answer}");
        answer
    };
    let garbage = told("garbage", 2);
    assert_eq!((&garbage["status"], &garbage["error"]), (&json!(401), &json!("INVALID_TOKEN")));
    for (last, token) in (2..).zip(&wrong) {
        assert_eq!(told(token, last), garbage, "{token}");
        let header = [("Authorization", format!("Bearer {token}"))];
        let header = header.each_ref().map(|(name, value)| (*name, value.as_str()));
        server.stranger().send("GET", USER_INFO, &header, None).is(401);
    }
    let twice = [("X-Authorization", good.as_str()), ("X-Authorization", &good)];
    server.stranger().send("GET", USER_INFO, &twice, None).is(401);
    bearer(&server, &good, 2).get(PROVIDERS).is(200);
}

#[test]
fn guessing_at_api_keys_is_stopped_and_recorded() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let unknown = "0123456789abcdef0123456789abcdef";
    for id in [one.key.as_str(), unknown] {
        let guesser = bearer(&server, &api_key(id, "wrong"), 2);
        for _ in 0..MOST_OF_PAIR {
            guesser.get(USER_INFO).says(401, "INVALID_TOKEN");
        }
        for _ in 0..3 {
            has_to_wait(&guesser.get(USER_INFO));
            has_to_wait(&create(&guesser));
        }
        let guesser = bearer(&server, &api_key(id, &one.secret), 2);
        has_to_wait(&guesser.sign_in(id, &one.secret));
        // Who sends the right one, which is random, has not guessed.
        if id == one.key {
            guesser.get(USER_INFO).is(200);
        } else {
            has_to_wait(&guesser.get(USER_INFO));
        }
        assert_eq!(recorded(&server, id), i64::try_from(MOST_OF_PAIR).unwrap());
    }
    bearer(&server, one.token.as_ref().unwrap(), 2).get(USER_INFO).is(200);
    holder(&server, &one, 3).get(USER_INFO).is(200);
    // Failed sign-ins count for both.
    let stranger = server.stranger().from([127, 0, 0, 4].into());
    for _ in 0..MOST_OF_PAIR {
        stranger.sign_in(&one.key, "wrong").says(401, "INVALID_CREDENTIALS");
    }
    has_to_wait(&bearer(&server, &api_key(&one.key, "wrong"), 4).get(USER_INFO));
    // A secret that an operator chose could be guessed.
    let chosen = |secret| bearer(&server, &api_key(ADMIN.0, secret), 5);
    for _ in 0..MOST_OF_PAIR {
        chosen("wrong").get(USER_INFO).says(401, "INVALID_TOKEN");
    }
    has_to_wait(&chosen(ADMIN.1).get(USER_INFO));
}

#[test]
fn a_chosen_secret_waits_whatever_its_id_looks_like() {
    let id = "0123456789abcdef0123456789abcdef";
    let server = Server::start_with(Some((id, "chosen")));
    let chosen = |secret| bearer(&server, &api_key(id, secret), 2);
    chosen("chosen").get(USER_INFO).is(200);
    for _ in 0..MOST_OF_PAIR {
        chosen("wrong").get(USER_INFO).says(401, "INVALID_TOKEN");
    }
    has_to_wait(&chosen("chosen").get(USER_INFO));
}

#[test]
fn guesses_at_many_api_keys_are_few() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let mut guesser = bearer(&server, "", 2);
    let mut guess = |round: usize| {
        guesser.token = Some(api_key(&format!("{round:032x}"), "wrong"));
        guesser.get(USER_INFO).status
    };
    let told: Vec<_> = (0..MOST_OF_ADDRESS + 10).map(&mut guess).collect();
    assert!(told[..MOST_OF_ADDRESS].iter().all(|status| *status == 401), "{told:?}");
    assert!(told[MOST_OF_ADDRESS..].iter().all(|status| *status == 429), "{told:?}");
    holder(&server, &one, 3).get(USER_INFO).is(200);
}

#[test]
fn nothing_is_read_of_who_sends_a_wrong_api_key() {
    let server = Server::start();
    let one = server.client("one", &["ADMIN"]);
    let (good, wrong) = (api_key(&one.key, &one.secret), api_key(&one.key, "wrong"));
    let bulk = "/api/integrations";
    for (method, path, body) in [
        ("POST", bulk, Some(json!({"no": "list"}))),
        ("GET", "/api/token/userInfo?claims=maybe", None),
        ("GET", "/api/audit?limit=none", None),
        ("POST", APPLICATIONS, Some(Value::Null)),
    ] {
        bearer(&server, &good, 2).call(method, path, body.as_ref()).is(400);
        bearer(&server, &wrong, 2).call(method, path, body.as_ref()).is(401);
    }
    for headers in ["Content-Type: text/plain", "Content-Length: 99999999"] {
        let header = headers.split_once(": ").unwrap();
        assert!(matches!(
            bearer(&server, &good, 2).send("POST", bulk, &[header], None).status,
            413 | 415
        ));
        bearer(&server, &wrong, 2).send("POST", bulk, &[header], None).is(401);
    }
}

#[test]
fn the_use_of_an_api_key_is_noted_to_the_minute_and_nothing_else_is_written() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let (id, secret) = admin.new_key(&one.application);
    let last_used = || listed_key(&admin, &one.application, &id)["lastUsedAt"].clone();
    assert_eq!(last_used(), Value::Null);
    let holder = bearer(&server, &api_key(&id, &secret), 2);
    let before = now();
    holder.get(USER_INFO).is(200);
    let first = last_used().as_i64().unwrap();
    assert!((before..=now()).contains(&first));
    let (state, records) = (server.state(), server.count("SELECT COUNT(*) FROM audit"));
    for _ in 0..20 {
        holder.get(USER_INFO).is(200);
        holder.get(PROVIDERS).is(200);
    }
    assert_eq!(server.state(), state);
    assert_eq!(server.count("SELECT COUNT(*) FROM audit"), records);
    assert_eq!(server.count("SELECT COUNT(*) FROM sign_in_failure"), 0);
    let sql = "UPDATE access_key SET last_used_on = last_used_on - 60000 WHERE id =";
    assert_eq!(server.database.tamper(&format!("{sql} '{id}'")), 1);
    holder.get(USER_INFO).is(200);
    assert!(last_used().as_i64().unwrap() >= first);
}

#[test]
fn a_chosen_key_is_an_api_key_if_its_id_holds_no_underscore() {
    for (id, secret, status) in [
        ("admin-key", "a_secret_of_mine_0123456789", 200),
        ("admin_key", "a-secret-of-mine-0123456789", 401),
    ] {
        let server = Server::start_with(Some((id, secret)));
        server.bearer(&api_key(id, secret)).get(USER_INFO).is(status);
        server.stranger().sign_in(id, secret).is(200);
    }
}
