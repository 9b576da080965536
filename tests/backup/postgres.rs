//! The same file, from and into a PostgreSQL.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Client;
use crate::database::Database;
use crate::random::{Random, seed};
use crate::support::{Ended, Folder, Launch, Server};
use crate::{HISTORY, content, done};

/// How often a restore is killed.
const KILLS: u64 = 20;

fn on(folder: &Folder, database: &Database) -> Launch {
    let launch = Launch::new(folder).env("PODIUM_DATABASE_URL", database.url());
    let launch = launch.env("TMPDIR", folder.path());
    database.environment().into_iter().fold(launch, |launch, (name, value)| launch.env(name, value))
}

fn run(folder: &Folder, database: &Database, arguments: &[&str]) -> Ended {
    on(folder, database).args(arguments).run()
}

/// A server with something on its shelf.
fn filled(folder: &Folder, database: &Database) -> (Server, Client) {
    let server = on(folder, database).start();
    let client = server.shelf();
    client.save("one", 1).unwrap().is(200);
    (server, client)
}

/// Every row, but for its history.
fn rows(database: &Database) -> std::collections::BTreeSet<String> {
    let mut tables = database.tables();
    tables.retain(|table| !HISTORY.contains(&&**table));
    database.all_lines(&tables)
}

#[test]
fn a_backup_of_either_database_is_restored_into_either() {
    let (folder, source) = (Folder::new(), Database::on_postgres());
    let (server, client) = filled(&folder, &source);
    let told = done(&run(&folder, &source, &["backup", "backup"]));
    assert!(told.contains("audit records in order"), "{told}");
    assert_eq!(rows(&source), content(&folder.file("backup")));
    assert_eq!(folder.names(), ["backup"]);
    client.save("one", 2).unwrap().is(200);

    let refused = run(&folder, &source, &["restore", "--force", "backup"]);
    assert!(refused.refusal().contains("stop them first"), "{refused:?}");
    server.stop();
    source.left_alone();
    let before = source.dump();
    let refused = run(&folder, &source, &["restore", "backup"]);
    assert!(refused.refusal().contains("--force replaces it"), "{refused:?}");
    assert_eq!(source.dump(), before);
    done(&run(&folder, &source, &["restore", "--force", "backup"]));
    assert_eq!(rows(&source), content(&folder.file("backup")));
    assert_eq!(folder.names(), ["backup"], "what it was prepared in is gone");

    // Into a file, from there into another PostgreSQL, and back into a file.
    let embedded = Database::at(folder.database());
    let [key, url] = ["PODIUM_SEAL_KEY", "PODIUM_DATABASE_URL"];
    let sealed = source.environment().pop().unwrap().1;
    let run_embedded = |arguments: &[&str]| {
        let launch = Launch::bare(&folder).env(key, &sealed).env(url, embedded.url());
        launch.args(arguments).run()
    };
    done(&run_embedded(&["restore", "backup"]));
    assert_eq!(content(&folder.database()), content(&folder.file("backup")));
    done(&run_embedded(&["backup", "second"]));
    let target = Database::on_postgres();
    done(&run(&folder, &target, &["restore", "second"]));
    assert_eq!(rows(&target), content(&folder.file("backup")));
    let server = on(&folder, &target).env("PODIUM_RESOLVE", "on").start();
    let admin = server.admin();
    let path = format!("{}/integration/one/resolve", crate::support::SHELF);
    let resolved = admin.post(&path, &json!({})).unwrap().json();
    assert_eq!(resolved["configuration"]["api_key"], "CANARY-1", "{resolved}");
    let verified = admin.get("/audit/verify").unwrap().json();
    assert_eq!(verified["firstBad"], json!(null), "{verified}");
    assert_eq!(target.count("SELECT COUNT(*) FROM audit WHERE action = 'registry.restore'"), 2);
    server.stop();
}

#[test]
fn a_backup_is_one_moment_of_a_postgresql_that_goes_on() {
    let (folder, source) = (Folder::new(), Database::on_postgres());
    let (server, client) = filled(&folder, &source);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 2..300 {
                client.save("one", number).unwrap().is(200);
            }
        });
        let mut made = 0;
        while !writer.is_finished() || made < 3 {
            done(&run(&folder, &source, &["backup", "--force", "backup"]));
            made += 1;
            let backup = Database::at(folder.file("backup"));
            let saves = backup.count("SELECT COUNT(*) FROM audit WHERE target_id = 'shelf:one'");
            assert_eq!(backup.count("SELECT max_tokens FROM resource"), saves);
            let unrecorded = "SELECT number - (SELECT COUNT(DISTINCT revision) FROM audit
                              WHERE outcome = 'done') FROM revision";
            assert_eq!(backup.count(unrecorded), 0);
        }
        eprintln!("{made} backups were made meanwhile");
    });
    server.stop();
}

#[test]
fn a_wrong_key_or_an_earlier_schema_leaves_a_postgresql_as_it_is() {
    let (folder, source) = (Folder::new(), Database::on_postgres());
    filled(&folder, &source).0.stop();
    done(&run(&folder, &source, &["backup", "backup"]));
    let target = Database::on_postgres();
    let wrong = on(&folder, &target).env("PODIUM_SEAL_KEY", "ab".repeat(32));
    let wrong = wrong.args(&["restore", "backup"]).run();
    assert!(wrong.refusal().starts_with("the seal key is not the one"), "{wrong:?}");
    assert!(target.is_untouched());

    let earlier = Database::of_schema(include_str!("../schemas/5.sql"), 5);
    if earlier.password().is_some() {
        let before = earlier.dump();
        for arguments in [["backup", "new"], ["restore", "backup"]] {
            let refused = run(&folder, &earlier, &arguments);
            assert_eq!(refused.status.code(), Some(1), "{refused:?}");
            assert_eq!(earlier.dump(), before, "{arguments:?}");
        }
    }
}

#[test]
fn b4_a_restore_into_a_postgresql_that_is_killed_leaves_the_former_registry_or_the_new_one() {
    let mut random = Random::new(seed("KILL_SEED"));
    let (folder, database) = (Folder::new(), Database::on_postgres());
    let (server, client) = filled(&folder, &database);
    done(&run(&folder, &database, &["backup", "former"]));
    client.save("one", 2).unwrap().is(200);
    client.save("two", 2).unwrap().is(200);
    done(&run(&folder, &database, &["backup", "new"]));
    server.stop();
    let [former, new] = ["former", "new"].map(|name| content(&folder.file(name)));
    let began = Instant::now();
    database.left_alone();
    done(&run(&folder, &database, &["restore", "--force", "former"]));
    let whole = u64::try_from(began.elapsed().as_micros()).unwrap();
    let mut kept = 0;
    for _ in 0..KILLS {
        let arguments = ["restore", "--force", "new"];
        let mut process = on(&folder, &database).args(&arguments).spawn();
        // Not a wait for something: the moment of the kill.
        thread::sleep(Duration::from_micros(random.below(whole)));
        process.kill();
        database.left_alone();
        let rows = rows(&database);
        assert!(rows == former || rows == new, "neither the former registry nor the new one");
        kept += u64::from(rows == former);
        done(&run(&folder, &database, &["restore", "--force", "former"]));
    }
    eprintln!("the former registry was left {kept} times of {KILLS}");
    assert!(folder.names().iter().all(|name| !name.contains("partial")));
}
