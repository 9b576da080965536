//! Starts on a PostgreSQL: together with others, and those that are refused.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::database::Database;
use crate::support::{Folder, Launch};
use crate::{launch, url};

/// A password of everything that means something in a URL, in SQL or to a shell.
const ODD: &str = "p@ss:/?#[]%41&=+ 'ü\"\\$`;--";

/// Gives the database to a new role with the password [`ODD`], and tells its name.
fn owned_oddly(database: &Database) -> String {
    let role = format!("odd_{}", uuid::Uuid::now_v7().simple());
    let name = database.column("SELECT current_database()").remove(0);
    let password = ODD.replace('\'', "''");
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD '{password}'; ALTER DATABASE {name} OWNER TO {role};
         ALTER SCHEMA public OWNER TO {role}"
    ));
    role
}

#[test]
fn a_password_may_hold_anything() {
    let (database, folder) = (Database::on_postgres(), Folder::new());
    let role = owned_oddly(&database);
    let bare = url(&database, "127.0.0.1", "").replace("podium@", &format!("{role}@"));
    let full = bare.replace('@', &format!(":{}@", utf8_percent_encode(ODD, NON_ALPHANUMERIC)));
    let file = folder.file("password");
    std::fs::write(&file, format!("{ODD}\n")).unwrap();
    let start = |url: &str| {
        let launch = Launch::new(&folder).env("PODIUM_DATABASE_URL", url);
        launch.env("PODIUM_SEAL_KEY", "ab".repeat(32))
    };
    for launch in [
        start(&full),
        start(&bare).env("PODIUM_DATABASE_PASSWORD", ODD),
        start(&bare).env("PODIUM_DATABASE_PASSWORD_FILE", &file),
    ] {
        let server = launch.start();
        server.admin();
        let said = server.stop().output();
        assert!(!said.contains(ODD) && !said.contains("p%40ss"), "{said}");
    }

    let wrong = full.replace("p%40ss", "hush%40hush");
    let line = start(&wrong).run().refusal().to_owned();
    assert!(line.starts_with(&format!("cannot use the database postgres://{role}@")), "{line}");
    assert!(line.contains("password authentication failed"), "{line}");
    assert!(!line.contains("hush") && !line.contains("%41"), "{line}");
}

#[test]
fn what_the_url_must_not_hold_is_told_by_name() {
    let (database, folder) = (Database::on_postgres(), Folder::new());
    let nowhere = database.url().replace("/test_", "/nowhere_");
    for (url, words) in [
        (url(&database, "127.0.0.1", "colour=red"), "colour"),
        (url(&database, "127.0.0.1", "sslmode=allow"), "sslmode"),
        (url(&database, "127.0.0.1", "sslmode=disable&sslrootcert=ca.pem"), "sslrootcert"),
        (url(&database, "127.0.0.1", "sslcert=client.pem"), "sslcert"),
        (database.url().replace("podium@", "@"), "user"),
        (nowhere, "does not exist"),
    ] {
        let line = launch(&folder, &database).env("PODIUM_DATABASE_URL", &url).run();
        assert!(line.refusal().contains(words), "{url}: {}", line.err);
        assert!(!line.err.contains(&database.password().unwrap()), "{}", line.err);
    }
    assert!(database.is_untouched());
}

#[test]
fn a_password_on_the_command_line_is_refused() {
    let (database, folder) = (Database::on_postgres(), Folder::new());
    let url = database.url_with_password();
    let launch = Launch::new(&folder).env("PODIUM_SEAL_KEY", "ab".repeat(32));
    let ended = launch.args(&["serve", "--database", &url]).run();
    let line = ended.refusal();
    assert!(line.starts_with("PODIUM_DATABASE_URL must hold no password"), "{line}");
    assert!(!line.contains(&database.password().unwrap()), "{line}");
    assert!(database.is_untouched());
}

#[test]
fn a_seal_key_must_be_given() {
    let (database, folder) = (Database::on_postgres(), Folder::new());
    let ended = launch(&folder, &database).env("PODIUM_SEAL_KEY", "").run();
    assert!(ended.refusal().starts_with("PODIUM_SEAL_KEY must be set"), "{}", ended.err);
    assert!(database.is_untouched());
    assert!(folder.names().is_empty(), "no key was made: {:?}", folder.names());
    launch(&folder, &database).start().stop();
    let other = launch(&folder, &database).env("PODIUM_SEAL_KEY", "ab".repeat(32)).run();
    let told = "the seal key is not the one that sealed this database";
    assert_eq!(other.refusal(), told);
}

#[test]
fn servers_that_start_at_once_on_an_empty_database_make_it_once() {
    for _ in 0..3 {
        let (database, folder) = (Database::on_postgres(), Folder::new());
        let starting: Vec<_> = (0..4).map(|_| launch(&folder, &database).spawn()).collect();
        let servers: Vec<_> = starting.into_iter().map(|one| one.listening().unwrap()).collect();
        for server in &servers {
            let admin = server.admin();
            assert_eq!(
                admin.get("/audit/verify").unwrap().json()["firstBad"],
                serde_json::json!(null)
            );
            // The token of one is a token to all.
            for other in &servers {
                let seen = other.client(admin.token.as_deref()).get("/applications").unwrap();
                assert_eq!(seen.json().as_array().unwrap().len(), 1, "{seen:?}");
            }
        }
        assert_eq!(database.count("SELECT COUNT(*) FROM server_key"), 3);
        assert_eq!(database.count("SELECT COUNT(*) FROM access_key"), 1);
        assert_eq!(database.count("SELECT COUNT(*) FROM schema_version"), 1);
        for server in servers {
            server.stop();
        }
    }
}

#[test]
fn servers_that_start_at_once_give_one_key_away() {
    let (database, folder) = (Database::on_postgres(), Folder::new());
    let start = || {
        let launch = launch(&folder, &database).env("PODIUM_ADMIN_KEY_ID", "");
        launch.env("PODIUM_ADMIN_KEY_SECRET", "").spawn()
    };
    let starting: Vec<_> = (0..4).map(|_| start()).collect();
    let servers: Vec<_> = starting.into_iter().map(|one| one.listening().unwrap()).collect();
    let said: String = servers.into_iter().map(|server| server.stop().output()).collect();
    assert_eq!(said.matches("export CONDUCTOR_AUTH_SECRET=").count(), 1);
    assert_eq!(database.count("SELECT COUNT(*) FROM access_key"), 1);
}
