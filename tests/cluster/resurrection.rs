//! C10: a request that is under way while a thing is deleted elsewhere brings nothing of it back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::people::{arize_path, integration, new_integration, resource};
use crate::site::{PROVIDER, SERVERS, Site, call, done, rounds, until};

/// How often a thing is deleted.
const ROUNDS: usize = 30;

/// What changes an integration that is there, and makes none.
fn changes(name: &str, arize: &str) -> Vec<(String, Value)> {
    let path = format!("{PROVIDER}/{name}");
    let tags = json!([{"key": "team", "value": "core"}]);
    vec![
        (format!("POST {path}/integration/gpt"), resource()),
        (format!("PATCH {path}"), json!({"description": "changed"})),
        (format!("PUT {path}/tags"), tags.clone()),
        (format!("PATCH {arize}"), json!({"type": "LLM", "name": name})),
        (format!("POST {path}/integration/gpt/metrics"), json!(1)),
        (format!("PUT {path}/integration/gpt/tags"), tags),
    ]
}

/// Whether nothing is there, as both dialects say it.
fn assert_gone(clients: &[Client], name: &str, arize: &str) {
    for client in clients {
        for path in [
            format!("{PROVIDER}/{name}"),
            format!("{PROVIDER}/{name}/integration/gpt"),
            arize.to_owned(),
        ] {
            let answer = call(client, &format!("GET {path}"), Value::Null);
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
        }
        for list in [PROVIDER, "/api/integrations/all", "/v2/integrations"] {
            let answer = call(client, &format!("GET {list}"), Value::Null);
            answer.is(200);
            assert!(!answer.body.contains(name), "{list}: {answer:?}");
        }
    }
}

/// Sends one change again and again, until it is over.
fn keep_changing(
    client: &Client,
    (line, body): (String, Value),
    over: &AtomicBool,
    begun: &AtomicUsize,
) {
    let mut answered = 0;
    while !over.load(Ordering::SeqCst) {
        let answer = call(client, &line, body.clone());
        assert!(is_fitting(&answer), "{line}: {answer:?}");
        answered += 1;
        if answered == 1 {
            begun.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// While the integration is there it is changed; afterwards there is none.
fn is_fitting(answer: &Answer) -> bool {
    matches!(answer.status, 200 | 204 | 404)
}

#[test]
fn c10_what_is_under_way_brings_nothing_back() {
    let site = Site::new();
    let admins = site.admins();
    for round in 0..rounds(ROUNDS) {
        // The name comes again, so that what was left behind would show.
        let name = format!("shelf-{}", round % 2);
        new_integration(&admins[round % SERVERS], &name);
        let arize = arize_path(&admins[0], &name);
        let (over, begun) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            let changing: Vec<_> = changes(&name, &arize)
                .into_iter()
                .enumerate()
                .map(|(number, change)| {
                    let client = &admins[(round + 1 + number % 2) % SERVERS];
                    let (over, begun) = (&over, &begun);
                    scope.spawn(move || keep_changing(client, change, over, begun))
                })
                .collect();
            until("everyone changes it, or has failed", || {
                begun.load(Ordering::SeqCst) == changing.len()
                    || changing.iter().any(ScopedJoinHandle::is_finished)
            });
            let line = format!("DELETE {PROVIDER}/{name}");
            let deleted = call(&admins[round % SERVERS], &line, Value::Null);
            assert_gone(&admins, &name, &arize);
            over.store(true, Ordering::SeqCst);
            deleted.is(200);
        });
        assert_gone(&admins, &name, &arize);
        assert_nothing_left(&site, &name);
    }
    let shown = done(&admins[0], &format!("POST {PROVIDER}/shelf-0"), integration("new"));
    drop(shown);
    let shown = done(&admins[1], &format!("GET {PROVIDER}/shelf-0"), Value::Null);
    assert_eq!((&shown["modelsCount"], &shown["tags"]), (&json!(0), &json!([])), "{shown}");
    site.assert_audited(&admins[0]);
}

/// Sees that no table holds anything of the integration, but for the audit log.
fn assert_nothing_left(site: &Site, name: &str) {
    let left = "SELECT (SELECT COUNT(*) FROM integration WHERE name = $1)
                     + (SELECT COUNT(*) FROM resource WHERE integration = $1)
                     + (SELECT COUNT(*) FROM secret WHERE integration = $1)
                     + (SELECT COUNT(*) FROM token_usage WHERE integration = $1)
                     + (SELECT COUNT(*) FROM tag WHERE target_id = $1 OR target_id = $1 || ':gpt')
                     + (SELECT COUNT(*) FROM access_grant
                        WHERE target_id = $1 OR target_id = $1 || ':gpt')";
    assert_eq!(site.database.count(left, &[&name]), 0, "{name}");
}
