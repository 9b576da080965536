//! H12: no cache may keep what a token opens.

use std::collections::{BTreeMap, BTreeSet};

use podium::domain::access::Rule;
use podium::http;

use crate::client::{Answer, Client};
use crate::requests::{Row, Thing, rows};
use crate::secrets::Secrets;
use crate::server::Site;
use crate::support::ADMIN;
use crate::world::{World, call};

const JSON: &str = "Content-Type: application/json\r\n";

/// Everybody who calls a route here.
struct Callers {
    admin: Client,
    nobody: Client,
    forger: Client,
    stranger: Client,
}

/// Statuses that some route must have answered with, so that each kind of answer was seen.
const STATUSES: [u16; 10] = [200, 400, 401, 403, 404, 405, 409, 413, 415, 501];

#[test]
fn h12_every_answer_to_a_token_is_not_to_be_kept() {
    let site = Site::new(&"5a".repeat(32));
    let (server, secrets) = (site.serve(), Secrets::default());
    let stranger = server.stranger();
    let admin = stranger.admin(&secrets);
    let [_, id, secret] = admin.new_application("nobody", &secrets);
    let nobody = stranger.signed_in(&id, &secret, &secrets);
    let forger = stranger.bearing("forged");
    let callers = Callers { admin, nobody, forger, stranger };
    let mut seen: BTreeMap<_, BTreeSet<u16>> = BTreeMap::new();
    let rules: Vec<_> = http::rules().into_iter().map(|(_, path, rule)| (path, rule)).collect();
    for row in rows() {
        for answer in answers(&callers, &row, &secrets) {
            let is_public = rules.contains(&(row.path.to_owned(), Rule::Open));
            let kept = is_public && answer.status == 200;
            let said = answer.header("cache-control");
            assert!(
                kept || said == Some("no-store"),
                "{} {}: {said:?}",
                answer.what,
                answer.status
            );
            seen.entry((row.method, row.path)).or_default().insert(answer.status);
        }
        let accepted = seen[&(row.method, row.path)].contains(&row.accepted);
        assert!(accepted, "{} {} never was {}", row.method, row.path, row.accepted);
    }
    let statuses: BTreeSet<_> = seen.values().flatten().copied().collect();
    assert!(STATUSES.iter().all(|status| statuses.contains(status)), "{statuses:?}");
    for (method, path, rule) in http::rules() {
        let called = seen.get(&(method, path.as_str()));
        let called = called.unwrap_or_else(|| panic!("{method} {path} was not called"));
        assert!(rule == Rule::Open || called.contains(&401), "{method} {path}: {called:?}");
    }
    nowhere(&callers);
}

/// What a route answers: when it is called well, and in every way that it can be called badly.
fn answers(callers: &Callers, row: &Row, secrets: &Secrets) -> Vec<Answer> {
    let Callers { admin, nobody, forger, stranger } = callers;
    let thing = World::made_by(admin, secrets).thing(row);
    let (method, path) = (row.method, row.path_to(&thing));
    let absent = Thing {
        id: "absent".into(),
        key: "absent".into(),
        arize_id: "absent".into(),
        whole: "absent".into(),
        ..thing.clone()
    };
    let broken = match row.path.split_once('{') {
        Some((before, _)) => format!("{before}%zz"),
        None => format!("{}/%zz", row.path),
    };
    vec![
        call(nobody, row, &thing),
        call(forger, row, &thing),
        call(stranger, row, &thing),
        call(admin, row, &absent),
        admin.call(method, &broken, None),
        admin.send(method, &path, JSON, b"{"),
        admin.send(method, &path, JSON, b"\"neither\""),
        admin.send(method, &path, "Content-Type: text/plain\r\n", b"{}"),
        admin.raw(method, &path, &format!("{JSON}Content-Length: 9000000\r\n"), b""),
        admin.send("FNORD", &path, "", b""),
        admin.send("OPTIONS", &path, "", b""),
        admin.call(method, &format!("{}/no/such/route", row.path), None),
        call(admin, row, &thing),
    ]
}

/// Paths that lead nowhere.
fn nowhere(callers: &Callers) {
    for client in [&callers.admin, &callers.nobody, &callers.forger, &callers.stranger] {
        for path in [
            "/",
            "/nothing",
            "/api",
            "/api/nothing",
            "/API/users",
            "/%zz",
            "/api/%zz",
            "/api//x",
            "/v2",
            "/v2/nothing",
            "/v2/%zz",
            "/v2//x",
        ] {
            let answer = client.get(path);
            assert!([400, 404].contains(&answer.status), "{path}: {}", answer.status);
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
    }
}

#[test]
fn h12_neither_is_the_answer_to_a_sign_in() {
    let site = Site::new(&"5a".repeat(32));
    let server = site.serve();
    let stranger = server.stranger();
    let tries = std::iter::once(ADMIN.1).chain(["wrong"; 12]);
    let answers = tries.map(|secret| {
        let body = serde_json::json!({"keyId": ADMIN.0, "keySecret": secret});
        stranger.post("/api/token", &body)
    });
    let answers: Vec<_> = answers.collect();
    for answer in &answers {
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", answer.status);
    }
    let statuses: BTreeSet<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 401, 429].into());
}
