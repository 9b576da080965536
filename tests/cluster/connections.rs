//! However many requests come at once, a server has a bounded number of connections.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};

use serde_json::{Value, json};

use crate::people::{integration, new_integration};
use crate::site::{PROVIDER, SERVERS, Site, call, done, rounds};
use crate::stalls::CONNECTIONS;

/// How many clients call at the same moment.
const CLIENTS: usize = 300;

/// Every fourth of them writes.
fn request(number: usize) -> (String, Value) {
    match number % 4 {
        0 => (format!("POST {PROVIDER}/made-{number}"), integration("burst")),
        1 => (format!("GET {PROVIDER}"), Value::Null),
        2 => ("GET /v2/integrations".to_owned(), Value::Null),
        _ => (format!("GET {PROVIDER}/shelf"), Value::Null),
    }
}

#[test]
fn a_burst_of_requests_is_answered_over_few_connections() {
    let site = Site::new();
    let admins = site.admins();
    new_integration(&admins[0], "shelf");
    let (barrier, over) = (Barrier::new(CLIENTS), AtomicBool::new(false));
    for _ in 0..rounds(1) {
        over.store(false, Ordering::SeqCst);
        let (written, most) = thread::scope(|scope| {
            let (barrier, over) = (&barrier, &over);
            let mut watch = site.database.watch();
            let watching = scope.spawn(move || {
                let mut most = 0;
                while !over.load(Ordering::SeqCst) {
                    most = most.max(watch.connections());
                }
                most
            });
            let calling: Vec<_> = (0..CLIENTS)
                .map(|number| {
                    let client = &admins[number % SERVERS];
                    scope.spawn(move || {
                        let (line, body) = request(number);
                        barrier.wait();
                        (number, call(client, &line, body))
                    })
                })
                .collect();
            let answers: Vec<_> = calling.into_iter().map(ScopedJoinHandle::join).collect();
            over.store(true, Ordering::SeqCst);
            let mut written = vec![];
            for answer in answers {
                let (number, answer) = answer.unwrap();
                match answer.status {
                    200 => written.extend((number % 4 == 0).then_some(number)),
                    _ => answer.is_unavailable(),
                }
            }
            (written, watching.join().unwrap())
        });
        assert!(!written.is_empty());
        for number in written {
            let line = format!("GET {PROVIDER}/made-{number}");
            let shown = done(&admins[number % SERVERS], &line, Value::Null);
            assert_eq!(shown["description"], json!("burst"));
        }
        let servers = i64::try_from(SERVERS).unwrap();
        assert!((servers..=servers * CONNECTIONS).contains(&most), "{most} connections");
    }
    site.assert_audited(&admins[0]);
}
