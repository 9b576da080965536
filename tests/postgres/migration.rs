//! B7: an upgrade that is broken off at any moment leaves the database as it was, or as it is to
//! be; and there is no way back.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::database::Database;
use crate::launch;
use crate::support::{Folder, Launch};

/// How often an upgrade is broken off, unless `PODIUM_TEST_KILLS` says otherwise.
const KILLS: u32 = 20;

/// The earlier schemas.
const EARLIER: [(i64, &str); 6] = [
    (1, include_str!("../schemas/1.sql")),
    (2, include_str!("../schemas/2.sql")),
    (3, include_str!("../schemas/3.sql")),
    (4, include_str!("../schemas/4.sql")),
    (5, include_str!("../schemas/5.sql")),
    (6, include_str!("../schemas/6.sql")),
];

/// How many integrations there are to upgrade.
const ROWS: u32 = 20_000;

/// One database of each kind, in this folder.
fn both(folder: &Folder) -> [Database; 2] {
    [Database::at(folder.database()), Database::on_postgres()]
}

/// As [`launch`], with a seal key that is given on either database.
fn sealed(folder: &Folder, database: &Database) -> Launch {
    launch(folder, database).env("PODIUM_SEAL_KEY", "5e".repeat(32))
}

/// Fills a database as an earlier version would have: with what takes long to upgrade.
fn fill(database: &Database, (version, schema): (i64, &str)) {
    database.make(schema, version);
    database.execute(&format!(
        "INSERT INTO integration
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
         SELECT 'name-' || i, 'openai', 'AI_MODEL', NULL, TRUE, '{{}}', 'ops', i, 'ops', i FROM n"
    ));
}

/// Every row of every table, and how these look.
fn whole(database: &Database) -> BTreeSet<String> {
    let tables = database.tables();
    let mut found = database.all_lines(&tables);
    found.extend(tables.iter().map(|table| format!("{table} {:?}", database.columns(table))));
    found
}

fn version(database: &Database) -> i64 {
    database.count("SELECT version FROM schema_version")
}

/// Kills an upgrade of this database at some moment, as often as was asked for.
fn broken_off(folder: &Folder, database: &Database, earlier: (i64, &str)) {
    fill(database, earlier);
    let old = whole(database);
    let began = Instant::now();
    sealed(folder, database).start().stop();
    let longest = began.elapsed();
    let (newest, tables) = (version(database), database.tables());
    assert!(newest > earlier.0);

    let kills = std::env::var("PODIUM_TEST_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let mut left = [0, 0];
    for kill in 0..kills {
        if version(database) != earlier.0 {
            database.clear();
            fill(database, earlier);
        }
        let mut process = sealed(folder, database).spawn();
        std::thread::sleep(moment(longest, kill, kills));
        process.kill();
        database.left_alone();
        let is_new = version(database) == newest;
        if is_new {
            assert_eq!(database.tables(), tables);
            let count = database.count("SELECT COUNT(*) FROM integration");
            assert_eq!(count, i64::from(ROWS));
        } else {
            assert_eq!(whole(database).symmetric_difference(&old).count(), 0, "killed at {kill}");
        }
        left[usize::from(is_new)] += 1;
    }
    assert!(left[0] > 0, "none of {kills} was killed before the end: {left:?}");
    let server = sealed(folder, database).start();
    let admin = server.admin();
    let shown = admin.get("/integrations/provider/name-7").unwrap().json();
    assert_eq!((&shown["createdBy"], &shown["createTime"]), (&"ops".into(), &7.into()));
    assert_eq!(admin.get("/audit/verify").unwrap().json()["firstBad"], serde_json::json!(null));
    server.stop();
    assert_eq!(version(database), newest);
    assert_eq!(database.tables(), tables);
    database.assert_sound();
}

/// When the process is killed: moments all over the time that an upgrade takes.
fn moment(longest: Duration, kill: u32, kills: u32) -> Duration {
    longest * (2 * kill + 1) / (2 * kills)
}

#[test]
fn b7_an_upgrade_that_is_killed_leaves_the_old_database_or_the_new_one() {
    for earlier in EARLIER {
        let folder = Folder::new();
        for database in both(&folder) {
            broken_off(&folder, &database, earlier);
        }
    }
}

#[test]
fn b7_a_database_of_a_newer_podium_is_refused_and_left_alone() {
    let folder = Folder::new();
    for database in both(&folder) {
        sealed(&folder, &database).start().stop();
        let newest = version(&database);
        for found in [newest + 1, newest + 100, 0, -1] {
            database.execute(&format!("UPDATE schema_version SET version = {found}"));
            let before = whole(&database);
            let ended = sealed(&folder, &database).run();
            let line = ended.refusal();
            let words = format!("has schema version {found}, newer than this podium's {newest}");
            assert!(line.contains(&words), "{line}");
            assert_eq!(whole(&database), before, "{found}");
        }
    }
}
