//! Servers that start together on an empty database agree on what a first start makes.

use crate::database::Database;
use crate::site::{SEAL_KEY, SERVERS, rounds};
use crate::support::{Folder, Launch, Server};

/// How often they start.
const STARTS: usize = 3;

/// Tells of a key, once.
const SHOWN: &str = "The first administrator's access key, shown only now:";

#[test]
fn of_servers_that_start_together_one_makes_the_first_administrator() {
    for _ in 0..rounds(STARTS) {
        let database = Database::new();
        let folders = [(); SERVERS].map(|()| Folder::new());
        let launch = |folder| {
            let bare = Launch::bare(folder).env("PODIUM_DATABASE_URL", database.url());
            bare.env("PODIUM_SEAL_KEY", SEAL_KEY).spawn()
        };
        let starting = folders.each_ref().map(launch);
        let servers = starting.map(|process| process.listening().unwrap());
        let said: Vec<_> = servers.into_iter().map(Server::stop).collect();
        let shown = said.iter().filter(|ended| ended.out.iter().any(|line| line == SHOWN));
        assert_eq!(shown.count(), 1, "{said:?}");
        let keys = "SELECT COUNT(*) FROM application JOIN access_key
                    ON application_id = application.id WHERE name = 'administrator'";
        assert_eq!(database.count(keys, &[]), 1);
    }
}
