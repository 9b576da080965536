//! Signing in: what a token stands on (F9), guessing (F11), keys and their secrets (F13), the
//! first start (F14), and how access keys live.

use std::collections::HashSet;
use std::net::Ipv4Addr;
use std::sync::Barrier;
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use podium::auth::keys;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{ADMIN, Answer, Client, Server, issued};

const USER_INFO: &str = "/api/token/userInfo";
const PROVIDERS: &str = "/api/integrations/provider";

/// How often each thing is taken away from under a token.
const ROUNDS: usize = 200;

/// Wrong secrets of one key from one address before they wait.
pub const MOST_OF_PAIR: usize = 10;

/// Wrong secrets from one address before it waits.
pub const MOST_OF_ADDRESS: usize = 100;

pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

pub fn keys_path(application: &str) -> String {
    format!("/api/applications/{application}/accessKeys")
}

/// The keys of an application, as they are listed.
fn listed(admin: &Client, application: &str) -> Vec<Value> {
    admin.get(&keys_path(application)).ok().as_array().unwrap().clone()
}

/// The listed key `id`.
pub fn listed_key(admin: &Client, application: &str, id: &str) -> Value {
    listed(admin, application).into_iter().find(|key| key["id"] == id).unwrap()
}

fn works(server: &Server, token: &str) -> bool {
    let answer = server.bearer(token).get(USER_INFO);
    assert!(matches!(answer.status, 200 | 401), "{answer:?}");
    answer.status == 200
}

#[test]
fn f9_a_token_ends_with_its_key_or_its_application() {
    let server = Server::start();
    let admin = server.admin();
    let holder = server.client("holder", &["USER"]);
    let keys = keys_path(&holder.application);
    for round in 0..ROUNDS * 4 {
        let (id, secret) = admin.new_key(&holder.application);
        let mut one = server.signed_in(&id, &secret);
        let taken = match round % 4 {
            0 => admin.delete(&format!("{keys}/{id}")),
            1 => admin.post(&format!("{keys}/{id}/status"), None),
            2 => admin.post(&format!("{keys}/{id}/rotate"), None),
            _ => {
                one = server.client("short-lived", &["USER"]);
                admin.delete(&format!("/api/applications/{}", one.application))
            }
        };
        taken.is(200);
        one.get(USER_INFO).says(401, "INVALID_TOKEN");
        one.get(PROVIDERS).says(401, "INVALID_TOKEN");
        one.post("/api/applications", Some(&json!({"name": "x"}))).is(401);
        // Every 50 rounds another address, since each failure counts.
        let last = u8::try_from(round / 50 + 2).unwrap();
        let elsewhere = server.stranger().from(Ipv4Addr::new(127, 0, 0, last));
        elsewhere.sign_in(&one.key, &one.secret).says(401, "INVALID_CREDENTIALS");
    }
    holder.get(USER_INFO).is(200);
}

#[test]
fn f9_what_a_token_opens_ends_with_the_role_or_the_group() {
    let server = Server::start();
    let admin = server.admin();
    admin.new_integration("main");
    admin.new_group("crew", &["METADATA_MANAGER"]);
    let one = server.client("one", &[]);
    let role = format!("/api/applications/{}/roles/METADATA_MANAGER", one.application);
    let member = format!("/api/groups/crew/users/{}", one.user);
    let create = json!([]);
    for round in 0..ROUNDS * 2 {
        let path = if round % 2 == 0 { &role } else { &member };
        admin.post(path, None).is(200);
        one.post("/api/integrations/eventStats/openai", Some(&create)).is(200);
        admin.delete(path).is(200);
        one.post("/api/integrations/eventStats/openai", Some(&create)).says(403, "CREATE");
    }
}

#[test]
fn f9_no_token_outlives_the_key_that_signed_it() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let sign_in = |server: &Server| {
        let answer = server.stranger().sign_in(&one.key, &one.secret).ok();
        answer["token"].as_str().unwrap().to_owned()
    };
    let tokens: Vec<_> = (0..ROUNDS).map(|_| sign_in(&server)).collect();
    assert!(tokens.iter().all(|token| works(&server, token)));
    let server = server.restarted(None, |_| {});
    assert!(works(&server, &tokens[0]), "a restart alone must end no token");
    let server = server.restarted(None, |database| {
        let sql = "DELETE FROM server_key WHERE purpose = 'sign tokens'";
        assert_eq!(database.tamper(sql), 1);
    });
    assert!(tokens.iter().all(|token| !works(&server, token)));
    assert!(works(&server, &sign_in(&server)));
}

/// Tries a wrong secret, and gives the status.
fn guess(client: &Client, id: &str) -> u16 {
    let answer = client.sign_in(id, "wrong");
    match answer.status {
        401 => answer.says(401, "INVALID_CREDENTIALS"),
        _ => has_to_wait(&answer),
    }
    answer.status
}

pub fn has_to_wait(answer: &Answer) {
    answer.is(429);
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(answer.json()["retryable"], true);
}

#[test]
fn f10_signing_in_is_never_404_and_no_token_lives_longer_than_allowed() {
    let server = Server::start();
    let stranger = server.stranger();
    let tries = [
        (Value::Null, 400),
        (json!({}), 400),
        (json!([]), 400),
        (json!({"keyId": ADMIN.0}), 400),
        (json!({"keyId": ADMIN.0, "keySecret": 1}), 400),
        (json!({"keyId": "", "keySecret": ""}), 401),
        (json!({"keyId": "nobody", "keySecret": ADMIN.1}), 401),
        (json!({"keyId": ADMIN.0, "keySecret": "wrong"}), 401),
    ];
    for (body, status) in tries {
        let answer = stranger.post("/api/token", Some(&body));
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        assert_eq!(answer.json()["status"], status, "{body}");
        let code = &answer.json()["error"];
        assert_eq!(*code == "INVALID_CREDENTIALS", status == 401, "{body}: {code}");
    }
    for method in ["GET", "PUT", "DELETE"] {
        stranger.call(method, "/api/token", None).is(405);
    }
    for expiration in [-1, i64::MIN, i64::MAX, 1, 0] {
        let body = json!({"keyId": ADMIN.0, "keySecret": ADMIN.1, "expiration": expiration});
        let token = stranger.post("/api/token", Some(&body)).ok()["token"].clone();
        let token = server.bearer(token.as_str().unwrap());
        let claims = token.get("/api/token/userInfo?claims=true").ok()["claims"].clone();
        let life = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
        assert!((1..=86_400).contains(&life), "{expiration}: {life} s");
    }
}

#[test]
fn f10_signing_in_is_503_while_the_database_does_not_answer() {
    let server = Server::start();
    let held = server.database.held();
    let refused = server.stranger().sign_in(ADMIN.0, "wrong");
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert!(refused.header("retry-after").is_some());
    drop(held);
    server.stranger().sign_in(ADMIN.0, ADMIN.1).is(200);
}

#[test]
fn f11_a_long_key_id_is_guarded_like_any_other() {
    let long = "k".repeat(255);
    let server = Server::start_with(Some((&long, ADMIN.1)));
    let stranger = server.stranger().from([127, 0, 0, 2].into());
    let told: Vec<_> = (0..=MOST_OF_PAIR).map(|_| guess(&stranger, &long)).collect();
    assert_eq!((told[0], told[MOST_OF_PAIR]), (401, 429), "{told:?}");
    stranger.sign_in(&long, ADMIN.1).is(429);
    server.stranger().sign_in(&long, ADMIN.1).is(200);
}

#[test]
fn f11_guessing_is_stopped_and_says_nothing_of_whether_the_key_exists() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    for id in [one.key.as_str(), "no-such-key", ""] {
        let stranger = server.stranger().from([127, 0, 0, 2].into());
        let told: Vec<_> = (0..MOST_OF_PAIR + 5).map(|_| guess(&stranger, id)).collect();
        let mut expected = vec![401; MOST_OF_PAIR];
        expected.extend([429; 5]);
        assert_eq!(told, expected, "{id}");
    }
    // Not even the right secret is looked at, or guessing could go on.
    let guesser = server.stranger().from([127, 0, 0, 2].into());
    has_to_wait(&guesser.sign_in(&one.key, &one.secret));
    has_to_wait(&guesser.sign_in("no-such-key", &one.secret));
}

#[test]
fn f11_a_paused_or_ended_key_is_counted_and_told_as_an_unknown_one() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let (old, old_secret) = admin.new_key(&one.application);
    let keys = keys_path(&one.application);
    admin.post(&format!("{keys}/{}/status", one.key), None).is(200);
    admin.post(&format!("{keys}/{old}/rotate"), None).is(200);
    let unknown = server.stranger().sign_in("no-such-key", "x");
    for (id, secret) in [(&one.key, &one.secret), (&old, &old_secret)] {
        let client = server.stranger().from([127, 0, 0, 2].into());
        for _ in 0..MOST_OF_PAIR {
            let answer = client.sign_in(id, secret);
            answer.says(401, "INVALID_CREDENTIALS");
            assert_eq!(answer.json()["message"], unknown.json()["message"]);
        }
        has_to_wait(&client.sign_in(id, secret));
    }
}

#[test]
fn f11_who_knows_a_key_id_cannot_lock_its_owner_out() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    for last in 2..12 {
        let stranger = server.stranger().from(Ipv4Addr::new(127, 0, 0, last));
        while guess(&stranger, &one.key) != 429 {}
    }
    let owner = server.stranger().from([127, 0, 0, 200].into());
    owner.sign_in(&one.key, &one.secret).is(200);
    one.get(USER_INFO).is(200);
}

#[test]
fn f11_failures_from_elsewhere_do_not_shorten_what_an_owner_may_get_wrong() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let stranger = server.stranger().from([127, 0, 0, 2].into());
    while guess(&stranger, &one.key) != 429 {}
    let owner = server.stranger().from([127, 0, 0, 3].into());
    for _ in 1..MOST_OF_PAIR {
        assert_eq!(guess(&owner, &one.key), 401);
    }
    owner.sign_in(&one.key, &one.secret).is(200);
}

#[test]
fn f11_guesses_spread_over_keys_and_addresses_are_few() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let mut looked_at = 0;
    for last in 2..12 {
        let stranger = server.stranger().from(Ipv4Addr::new(127, 0, 0, last));
        let guesses = (0..1_000).map(|round| guess(&stranger, &format!("key-{}", round / 5)));
        let here = guesses.filter(|status| *status == 401).count();
        assert_eq!(here, MOST_OF_ADDRESS);
        looked_at += here;
        // The address has to wait, whatever the key.
        has_to_wait(&stranger.sign_in(&one.key, &one.secret));
    }
    let sql = "SELECT CAST(SUM(count) AS BIGINT) FROM sign_in_failure";
    assert_eq!(server.count(sql), i64::try_from(looked_at).unwrap());
    let owner = server.stranger().from([127, 0, 0, 200].into());
    owner.sign_in(&one.key, &one.secret).is(200);
}

#[test]
fn f11_guesses_at_the_same_moment_are_counted_like_others() {
    const AT_ONCE: usize = 64;
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let gate = Barrier::new(AT_ONCE);
    let connected = |_| {
        let stranger = server.stranger().from([127, 0, 0, 2].into());
        stranger.get("/api/version").is(200);
        stranger
    };
    let guessers: Vec<_> = (0..AT_ONCE).map(connected).collect();
    let told: Vec<_> = std::thread::scope(|scope| {
        let (gate, key) = (&gate, &one.key);
        let begin = |stranger: Client| {
            scope.spawn(move || {
                gate.wait();
                guess(&stranger, key)
            })
        };
        let running: Vec<_> = guessers.into_iter().map(begin).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let looked_at = told.iter().filter(|status| **status == 401).count();
    assert_eq!(looked_at, MOST_OF_PAIR, "{told:?}");
}

#[test]
fn f11_counters_survive_refusals_and_a_restart() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let from = Ipv4Addr::new(127, 0, 0, 2);
    let stranger = server.stranger().from(from);
    for _ in 0..MOST_OF_PAIR - 1 {
        assert_eq!(guess(&stranger, &one.key), 401);
    }
    // A sign-in that fits does not start the count anew, or who holds any key could guess on.
    stranger.sign_in(&one.key, &one.secret).is(200);
    let server = server.restarted(None, |_| {});
    let stranger = server.stranger().from(from);
    assert_eq!(guess(&stranger, &one.key), 401);
    assert_eq!(guess(&stranger, &one.key), 429);
    let server = server.restarted(None, |_| {});
    has_to_wait(&server.stranger().from(from).sign_in(&one.key, &one.secret));
}

#[test]
fn f11_the_wait_ends() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let from = Ipv4Addr::new(127, 0, 0, 2);
    let stranger = server.stranger().from(from);
    while guess(&stranger, &one.key) != 429 {}
    let server = server.restarted(None, |database| {
        database.tamper("UPDATE sign_in_failure SET since = since - 60000");
    });
    let stranger = server.stranger().from(from);
    stranger.sign_in(&one.key, &one.secret).is(200);
    // The count begins anew.
    let told: Vec<_> = (0..=MOST_OF_PAIR).map(|_| guess(&stranger, &one.key)).collect();
    assert_eq!((told[MOST_OF_PAIR - 1], told[MOST_OF_PAIR]), (401, 429));
}

#[test]
fn f11_retry_after_tells_when_the_wait_of_this_key_ends() {
    let server = Server::start();
    let one = server.client("one", &["USER"]);
    let from = Ipv4Addr::new(127, 0, 0, 2);
    guess(&server.stranger().from(from), "another-key");
    let server = server.restarted(None, |database| {
        database.tamper("UPDATE sign_in_failure SET since = since - 50000");
    });
    let stranger = server.stranger().from(from);
    while guess(&stranger, &one.key) != 429 {}
    let told = stranger.sign_in(&one.key, "wrong");
    let told: i64 = told.header("retry-after").unwrap().parse().unwrap();
    let sql = format!("SELECT since + 60000 FROM sign_in_failure WHERE key_id = '{}'", one.key);
    let wait = server.count(&sql) - now();
    assert!(told * 1000 >= wait, "`Retry-After: {told}`, but the wait is {wait} ms");
}

#[test]
fn f13_ids_and_secrets_are_random_and_never_the_same() {
    const MANY: usize = 100_000;
    for (bytes, next) in [
        (16, (|| keys::new_id().unwrap()) as fn() -> String),
        (32, || keys::new_secret().unwrap().expose().to_owned()),
    ] {
        let mut known = HashSet::with_capacity(MANY);
        let mut ones = vec![0_u32; bytes * 8];
        for _ in 0..MANY {
            let made = next();
            let raw = HEXLOWER.decode(made.as_bytes()).unwrap();
            assert_eq!(raw.len(), bytes);
            for (index, count) in ones.iter_mut().enumerate() {
                *count += u32::from(raw[index / 8] >> (index % 8) & 1);
            }
            assert!(known.insert(made));
        }
        // No bit is fixed: the odds that one of a fair source lies outside are below 10⁻¹⁷.
        assert!(ones.iter().all(|count| (48_500..=51_500).contains(count)), "{ones:?}");
    }
}

#[test]
fn f13_only_a_keyed_hash_of_a_secret_is_stored() {
    let chosen = Server::start();
    let made = Server::start_with(None);
    for server in [chosen, made] {
        let holder = server.client("holder", &["USER"]);
        let admin = server.admin();
        let rotated = admin.post(
            &format!("{}/{}/rotate", keys_path(&holder.application), holder.key),
            Some(&json!({"overlapSeconds": 60})),
        );
        let (_, rotated) = issued(&rotated.ok());
        let bytes = server.database.bytes();
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        assert!(holds(holder.key.as_bytes()), "the look into the files finds what is there");
        for secret in [&admin.secret, &holder.secret, &rotated] {
            let hash = Sha256::digest(secret.as_bytes());
            assert!(!holds(secret.as_bytes()));
            assert!(!holds(&hash) && !holds(HEXLOWER.encode(&hash).as_bytes()));
            if let Ok(raw) = HEXLOWER.decode(secret.as_bytes()) {
                assert!(!holds(&raw));
            }
        }
        let sql =
            "SELECT COUNT(DISTINCT secret_hash) FROM access_key WHERE length(secret_hash) = 64";
        assert_eq!(server.count(sql), 3);
    }
}

#[test]
fn f13_the_same_secret_has_another_hash_for_each_key_and_server() {
    let hash = |server: &Server| -> String {
        let sql = format!("SELECT secret_hash FROM access_key WHERE id = '{}'", ADMIN.0);
        server.database.column(&sql).remove(0)
    };
    let (one, two) = (Server::start(), Server::start());
    assert_ne!(hash(&one), hash(&two));
    let other = Server::start_with(Some(("other-key", ADMIN.1)));
    other.stranger().sign_in("other-key", ADMIN.1).is(200);
    let other_hash = other.database.column("SELECT secret_hash FROM access_key").remove(0);
    assert_ne!(other_hash, hash(&one));
}

#[test]
fn f14_the_first_start_makes_one_random_administrator_and_the_next_ones_none() {
    let server = Server::start_with(None);
    let (id, secret) = server.made.clone().unwrap();
    assert_eq!((id.len(), secret.len()), (32, 64));
    let admin = server.signed_in(&id, &secret);
    assert_eq!(admin.get(USER_INFO).ok()["roles"][0]["name"], "ADMIN");
    let server = server.restarted(None, |_| {});
    assert!(server.made.is_none(), "an administrator is there already");
    // A key that an operator chooses later makes nobody an administrator.
    let server = server.restarted(Some(("mine", "a-secret-of-mine-0123456789")), |_| {});
    assert!(server.made.is_none());
    server.stranger().sign_in("mine", "a-secret-of-mine-0123456789").is(401);
    server.signed_in(&id, &secret).get(USER_INFO).is(200);
    assert_eq!(server.count("SELECT COUNT(*) FROM access_key"), 1);
    let other = Server::start_with(None);
    assert_ne!(other.made.as_ref().unwrap().1, secret);
    other.stranger().sign_in(&id, &secret).is(401);
}

#[test]
fn f14_no_default_credentials_open_a_new_server() {
    let server = Server::start_with(None);
    let (id, _) = server.made.clone().unwrap();
    let names = ["admin", "administrator", "root", "podium", "conductor", ADMIN.0, &id];
    let secrets = ["", "admin", "password", "administrator", "podium", "conductor", ADMIN.1];
    for (place, name) in names.into_iter().enumerate() {
        let last = u8::try_from(place + 2).unwrap();
        let stranger = server.stranger().from(Ipv4Addr::new(127, 0, 0, last));
        for secret in secrets {
            stranger.sign_in(name, secret).is(401);
        }
    }
}

#[test]
fn several_keys_of_an_application_live_and_end_by_themselves() {
    let server = Server::start();
    let admin = server.admin();
    let first = server.client("one", &["USER"]);
    let keys = keys_path(&first.application);
    let others: Vec<_> = (0..5)
        .map(|_| {
            let (id, secret) = admin.new_key(&first.application);
            server.signed_in(&id, &secret)
        })
        .collect();
    assert_eq!(listed(&admin, &first.application).len(), 6);
    admin.delete(&format!("{keys}/{}", others[0].key)).is(200);
    let paused = admin.post(&format!("{keys}/{}/status", others[1].key), None).ok();
    assert_eq!(paused["status"], "INACTIVE");
    let statuses: Vec<_> = others.iter().map(|one| one.get(USER_INFO).status).collect();
    assert_eq!(statuses, [401, 401, 200, 200, 200]);
    first.get(USER_INFO).is(200);
    let resumed = admin.post(&format!("{keys}/{}/status", others[1].key), None).ok();
    assert_eq!(resumed["status"], "ACTIVE");
    others[1].get(USER_INFO).is(200);
}

#[test]
fn a_key_is_of_one_application_only() {
    let server = Server::start();
    let admin = server.admin();
    let (one, two) = (server.client("one", &["USER"]), server.client("two", &["USER"]));
    let path = format!("{}/{}", keys_path(&one.application), two.key);
    admin.delete(&path).says(404, &two.key);
    admin.post(&format!("{path}/status"), None).says(404, &two.key);
    admin.post(&format!("{path}/rotate"), None).says(404, &two.key);
    two.get(USER_INFO).is(200);
    // A token says whose the key is, and both must fit.
    let forged = server.tokens().issue(&one.user, &two.key, now(), None).unwrap();
    server.bearer(&forged).get(USER_INFO).says(401, "INVALID_TOKEN");
}

#[test]
fn a_secret_is_shown_once() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let keys = keys_path(&one.application);
    let rotated = admin.post(
        &format!("{keys}/{}/rotate", one.key),
        Some(&json!({
            "overlapSeconds": 60,
        })),
    );
    let (id, rotated) = issued(&rotated.ok());
    for path in [
        keys.clone(),
        format!("/api/applications/{}", one.application),
        format!("/api/applications/key/{id}"),
        "/api/applications".to_owned(),
        format!("/api/users/{}", one.user),
        "/api/users?apps=true".to_owned(),
        USER_INFO.to_owned(),
    ] {
        let text = admin.get(&path).text;
        assert!(!text.contains(&one.secret) && !text.contains(&rotated), "{path}: {text}");
    }
    for path in [format!("{keys}/{id}/status"), format!("{keys}/{id}/status")] {
        assert!(!admin.post(&path, None).text.contains(&rotated));
    }
    for key in listed(&admin, &one.application) {
        let mut names: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let known = ["createdAt", "expiresAt", "id", "lastUsedAt", "status"];
        assert!(names.iter().all(|name| known.contains(name)), "{key}");
    }
}

#[test]
fn a_key_ends_when_it_was_told_to() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let keys = keys_path(&one.application);
    let end = now() + 3_600_000;
    let made = admin.post(&keys, Some(&json!({"expiresAt": end}))).ok();
    let (id, secret) = issued(&made);
    assert_eq!(listed_key(&admin, &one.application, &id)["expiresAt"], end);
    assert_eq!(listed_key(&admin, &one.application, &one.key).get("expiresAt"), None);
    let token = server.signed_in(&id, &secret).token.unwrap();
    for past in [json!(now() - 1), json!(0), json!(-1)] {
        let body = json!({"expiresAt": past});
        admin.post(&keys, Some(&body)).says(400, "expiresAt");
    }
    for wrong in [json!("tomorrow"), json!(1.5), json!([end])] {
        admin.post(&keys, Some(&json!({"expiresAt": wrong}))).says(400, "expiresAt");
    }
    assert_eq!(listed(&admin, &one.application).len(), 2);
    let server = server.restarted(None, |database| {
        let sql = format!("UPDATE access_key SET expires_on = {} WHERE id = '{id}'", now() - 1);
        assert_eq!(database.tamper(&sql), 1);
    });
    server.bearer(&token).get(USER_INFO).says(401, "INVALID_TOKEN");
    server.stranger().sign_in(&id, &secret).says(401, "INVALID_CREDENTIALS");
    server.bearer(one.token.as_ref().unwrap()).get(USER_INFO).is(200);
    server.signed_in(&one.key, &one.secret).get(USER_INFO).is(200);
}

#[test]
fn the_last_use_of_a_key_is_told_to_the_minute() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let (id, secret) = admin.new_key(&one.application);
    let last_used = |admin: &Client| listed_key(admin, &one.application, &id)["lastUsedAt"].clone();
    assert_eq!(last_used(&admin), Value::Null);
    server.stranger().sign_in(&id, "wrong").is(401);
    assert_eq!(last_used(&admin), Value::Null, "a failure is no use");
    let before = now();
    server.signed_in(&id, &secret);
    let first = last_used(&admin).as_i64().unwrap();
    assert!((before..=now()).contains(&first));
    server.signed_in(&id, &secret);
    assert_eq!(last_used(&admin), first, "within the minute nothing is written");
    let server = server.restarted(None, |database| {
        database.tamper("UPDATE access_key SET last_used_on = last_used_on - 60000");
    });
    let before = now();
    server.signed_in(&id, &secret);
    assert!(last_used(&server.admin()).as_i64().unwrap() >= before);
}

#[test]
fn rotation_without_overlap_ends_the_old_key_at_once() {
    let server = Server::start();
    let admin = server.admin();
    for body in [None, Some(json!({})), Some(json!({"overlapSeconds": 0}))] {
        let one = server.client("one", &["METADATA_MANAGER"]);
        let path = format!("{}/{}/rotate", keys_path(&one.application), one.key);
        let (id, secret) = issued(&admin.post(&path, body.as_ref()).ok());
        one.get(USER_INFO).says(401, "INVALID_TOKEN");
        server.stranger().sign_in(&one.key, &one.secret).is(401);
        let again = server.signed_in(&id, &secret);
        assert_eq!(again.user, one.user);
        assert_eq!(again.get(USER_INFO).ok()["roles"][0]["name"], "METADATA_MANAGER");
        admin.post(&path, None).is(409);
    }
}

#[test]
fn rotation_with_overlap_lets_both_keys_live_until_it_is_over() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let path = format!("{}/{}/rotate", keys_path(&one.application), one.key);
    let before = now();
    let (id, secret) = issued(&admin.post(&path, Some(&json!({"overlapSeconds": 3600}))).ok());
    let end = listed_key(&admin, &one.application, &one.key)["expiresAt"].as_i64().unwrap();
    assert!((before + 3_600_000..=now() + 3_600_000).contains(&end));
    assert_eq!(listed_key(&admin, &one.application, &id).get("expiresAt"), None);
    one.get(USER_INFO).is(200);
    server.signed_in(&one.key, &one.secret).get(USER_INFO).is(200);
    let token = server.signed_in(&id, &secret).token.unwrap();
    // A second rotation of the old key does not let it live longer.
    admin.post(&path, Some(&json!({"overlapSeconds": 7200}))).is(200);
    assert_eq!(listed_key(&admin, &one.application, &one.key)["expiresAt"], end);
    let server = server.restarted(None, |database| {
        let (now, key) = (now(), &one.key);
        let sql = format!("UPDATE access_key SET expires_on = {now} WHERE id = '{key}'");
        assert_eq!(database.tamper(&sql), 1);
    });
    let old = one.token.as_ref().unwrap();
    server.bearer(old).get(USER_INFO).says(401, "INVALID_TOKEN");
    server.stranger().sign_in(&one.key, &one.secret).is(401);
    server.bearer(&token).get(USER_INFO).is(200);
}

#[test]
fn a_rotation_that_makes_no_sense_changes_nothing() {
    let server = Server::start();
    let admin = server.admin();
    let one = server.client("one", &["USER"]);
    let key = format!("{}/{}", keys_path(&one.application), one.key);
    for overlap in [json!(-1), json!(2_592_001), json!(i64::MAX), json!(i64::MIN), json!("1h")] {
        let body = json!({"overlapSeconds": overlap});
        admin.post(&format!("{key}/rotate"), Some(&body)).says(400, "overlapSeconds");
    }
    admin.post(&format!("{key}/status"), None).is(200);
    admin.post(&format!("{key}/rotate"), None).is(409);
    admin.post(&format!("{key}/status"), None).is(200);
    one.get(USER_INFO).is(200);
    let keys = listed(&admin, &one.application);
    assert_eq!((keys.len(), keys[0].get("expiresAt")), (1, None));
    admin.post(&format!("{key}/rotate"), Some(&json!({"overlapSeconds": 2_592_000}))).is(200);
}
