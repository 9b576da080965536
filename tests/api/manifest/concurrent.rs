//! C4: manifests that are applied at the same time.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::support::{Client, Server};

const PAIRS: usize = 500;

/// A manifest that gives both groups this description.
fn both(word: &str) -> Value {
    let groups = ["one", "two"].map(|id| json!({"id": id, "description": word}));
    json!({"groups": groups})
}

/// What both say.
fn state(client: &Client) -> [String; 2] {
    ["one", "two"].map(|id| {
        let group = client.get(&format!("/api/groups/{id}")).ok();
        group["description"].as_str().unwrap().to_owned()
    })
}

#[test]
fn c4_of_two_plans_at_once_one_is_applied_and_the_other_is_told() {
    let server = &Server::start();
    let clients = [server.admin(), server.admin()];
    clients[0].apply(&both("start"), &json!({}));
    for pair in 0..PAIRS {
        let words = ["left", "right"].map(|side| format!("{side} {pair}"));
        let digests: Vec<_> = words
            .iter()
            .map(|word| clients[0].plan(&both(word), &json!({}))["digest"].clone())
            .collect();
        let barrier = Barrier::new(2);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let each = [0, 1].map(|side| {
                let (barrier, client) = (&barrier, &clients[side]);
                let (manifest, more) = (both(&words[side]), json!({"plan": digests[side]}));
                scope.spawn(move || {
                    barrier.wait();
                    client.try_apply(&manifest, &more).status
                })
            });
            each.map(|one| one.join().unwrap()).into()
        });
        let winner = statuses.iter().position(|status| *status == 200).unwrap();
        assert_eq!(statuses[1 - winner], 412, "{pair}: {statuses:?}");
        assert_eq!(state(&clients[0]), [words[winner].clone(), words[winner].clone()]);
    }
}

#[test]
fn c4_two_at_once_without_plans_end_as_one_after_the_other() {
    let server = &Server::start();
    let clients = [server.admin(), server.admin()];
    for pair in 0..PAIRS / 5 {
        let words = ["left", "right"].map(|side| format!("{side} {pair}"));
        let barrier = Barrier::new(2);
        let told: Vec<Value> = std::thread::scope(|scope| {
            let each = [0, 1].map(|side| {
                let (barrier, client, manifest) = (&barrier, &clients[side], both(&words[side]));
                scope.spawn(move || {
                    barrier.wait();
                    client.apply(&manifest, &json!({}))
                })
            });
            each.map(|one| one.join().unwrap()).into()
        });
        let [one, two] = state(&clients[0]);
        assert_eq!(one, two);
        let last = words.iter().position(|word| *word == one).unwrap();
        assert!(told[last]["revision"].as_i64() > told[1 - last]["revision"].as_i64());
        // The last one was told of what the first had just made.
        let before = &told[last]["changes"][0]["fields"][0]["before"];
        assert_eq!(before, &json!(words[1 - last]), "{told:?}");
    }
}
