//! The database goes away and comes back: no server has to be restarted.

use serde_json::Value;

use crate::people::new_integration;
use crate::site::{SEAL_KEY, Site, call, launch, rounds, until};
use crate::stalls::{assert_away, assert_works, requests};
use crate::support::Folder;

/// How often it goes.
const TIMES: usize = 3;

#[test]
fn a_database_that_was_away_is_used_again_without_a_restart() {
    let site = Site::new();
    let admins = site.admins();
    new_integration(&admins[0], "shelf");
    for _ in 0..rounds(TIMES) {
        site.database.shut();
        for admin in &admins {
            until("the server has noticed", || {
                call(admin, "GET /health/ready", Value::Null).status == 503
            });
            for (line, body) in requests().into_iter().chain([("GET /health/ready", Value::Null)]) {
                assert_away(line, &call(admin, line, body));
            }
        }
        site.database.open();
        assert_works(&site, &admins);
    }
    site.assert_audited(&admins[0]);
}

#[test]
fn a_start_without_the_database_is_refused_with_a_line() {
    let site = Site::new();
    site.database.shut();
    let folder = Folder::new();
    let ended = launch(&folder, &site.database.url(), SEAL_KEY).run();
    let refusal = ended.refusal();
    assert!(refusal.contains(&site.database.address), "{refusal}");
    site.database.open();
    launch(&folder, &site.database.url(), SEAL_KEY).start().admin();
}
