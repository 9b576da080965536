//! Failed sign-ins are counted by all servers together.

use serde_json::{Value, json};

use crate::people::Actor;
use crate::site::{SERVERS, Site, call};
use crate::support::ADMIN_ID;

/// Failures with one key after which its next sign-in must wait; see docs/conductor.md.
const MOST: usize = 10;

#[test]
fn wrong_secrets_that_are_spread_over_the_servers_count_together() {
    let site = Site::new();
    let admins = site.admins();
    let actor = Actor::new(&admins[0], "actor", &["USER_READ_ONLY"]);
    let guess = |server: usize, id: &str| {
        let body = json!({"keyId": id, "keySecret": "wrong"});
        call(&site.servers[server % SERVERS].stranger(), "POST /api/token", body)
    };
    for number in 0..MOST {
        guess(number, ADMIN_ID).is(401);
    }
    for server in 0..SERVERS {
        let answer = guess(server, ADMIN_ID);
        answer.is(429);
        assert!(answer.header("Retry-After").is_some(), "{answer:?}");
        // Another key does not wait, and neither does who bears a key that Podium made.
        guess(server, &actor.key).is(401);
        let bearer = site.servers[server].client(Some(&actor.api_key));
        call(&bearer, "GET /api/integrations/provider", Value::Null).is(200);
    }
}

#[test]
fn guesses_at_the_same_moment_on_all_servers_get_no_more_answers_than_may() {
    let site = Site::new();
    let admins = site.admins();
    let actor = Actor::new(&admins[0], "actor", &[]);
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..MOST * SERVERS)
            .map(|number| {
                let stranger = site.servers[number % SERVERS].stranger();
                let body = json!({"keyId": actor.key, "keySecret": "wrong"});
                scope.spawn(move || call(&stranger, "POST /api/token", body).status)
            })
            .collect();
        guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
    });
    let of = |status| statuses.iter().filter(|one| **one == status).count();
    assert_eq!((of(401), of(429)), (MOST, MOST * (SERVERS - 1)), "{statuses:?}");
}
