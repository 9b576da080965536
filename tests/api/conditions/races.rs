//! Many who have read the same, and write at once.

use std::sync::Barrier;
use std::thread;

use serde_json::{Value, json};

use super::{MAIN, etag, if_match};
use crate::support::{Client, Server, openai};

/// How many write at once.
const CLIENTS: usize = 64;

/// How often they do so, with each of three things: 10,368 attempts in all.
const ROUNDS: usize = 54;

/// A thing that is written over and over.
struct Contested {
    method: &'static str,
    path: fn(usize) -> String,
    read: &'static str,
    body: fn(usize) -> Value,
    /// The number in what a read shows.
    number: fn(&Value) -> &Value,
    shown: fn(usize) -> Value,
}

#[test]
fn c2_of_many_who_read_the_same_integration_one_saves() {
    assert_one_wins(&Contested {
        method: "POST",
        path: |_| MAIN.to_owned(),
        read: MAIN,
        body: |number| {
            let mut body = openai("sk-1");
            body["configuration"]["count"] = json!(number);
            body
        },
        number: |shown| &shown["configuration"]["count"],
        shown: |number| json!(number),
    });
}

#[test]
fn c2_of_many_who_read_the_same_prompt_one_saves() {
    assert_one_wins(&Contested {
        method: "PUT",
        path: |number| format!("/api/prompts/hi?description={number}"),
        read: "/api/prompts/hi",
        body: |number| json!(format!("text {number}")),
        number: |shown| &shown["template"],
        shown: |number| json!(format!("text {number}")),
    });
}

#[test]
fn c2_of_many_who_read_the_same_group_one_saves() {
    assert_one_wins(&Contested {
        method: "PUT",
        path: |_| "/api/groups/team".to_owned(),
        read: "/api/groups/team",
        body: |number| json!({"description": number.to_string()}),
        number: |shown| &shown["description"],
        shown: |number| json!(number.to_string()),
    });
}

/// That of all who write with the same tag one is answered 200, and its write is what is there.
fn assert_one_wins(thing: &Contested) {
    let server = &Server::start();
    let admin = &server.admin();
    let answer = admin.call_with(thing.method, &(thing.path)(0), &(thing.body)(0));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let clients: Vec<Client> =
        (0..CLIENTS).map(|_| server.bearer(admin.token.as_ref().unwrap())).collect();
    for round in 0..ROUNDS {
        let (tag, barrier) = (&etag(admin, thing.read), &Barrier::new(CLIENTS));
        let write = |place: usize, client: &Client| {
            barrier.wait();
            let number = round * CLIENTS + place + 1;
            let (path, body) = ((thing.path)(number), (thing.body)(number));
            (if_match(client, thing.method, &path, tag, &body).status, number)
        };
        let answers: Vec<_> = thread::scope(|scope| {
            let start = |(place, client)| scope.spawn(move || write(place, client));
            let all: Vec<_> = clients.iter().enumerate().map(start).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, _)| *status == 200);
        assert_eq!(won.len(), 1, "round {round}: {answers:?}");
        assert!(lost.iter().all(|(status, _)| *status == 412), "round {round}: {answers:?}");
        let shown = admin.get(thing.read).ok();
        assert_eq!(*(thing.number)(&shown), (thing.shown)(won[0].1), "round {round}");
    }
}
