//! `podium doctor`: each thing that can be wrong is found, and nothing is changed.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::Value;

use crate::database::Database;
use crate::keys::backed_up;
use crate::support::{Folder, Launch};

/// What was found: verdict and message of each check.
struct Report(Vec<[String; 3]>);

impl Report {
    /// Of a run with these settings.
    fn of(launch: Launch) -> Self {
        let ended = launch.args(&["doctor", "--output", "json"]).run();
        let found: Value = serde_json::from_str(&ended.out.join("\n")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let finding = |it: &Value| ["check", "verdict", "message"].map(|name| text(&it[name]));
        let report = Self(found.as_array().unwrap().iter().map(finding).collect());
        let fails = report.0.iter().any(|[_, verdict, _]| verdict == "fail");
        assert_eq!(ended.status.code(), Some(i32::from(fails)), "{ended:?}");
        assert_eq!(ended.err.is_empty(), !fails, "{ended:?}");
        report
    }

    #[track_caller]
    fn has(&self, check: &str, verdict: &str, part: &str) {
        let fits = |[it, found, message]: &[String; 3]| {
            it == check && found == verdict && message.contains(part)
        };
        assert!(self.0.iter().any(fits), "{check} {verdict} {part}: {:#?}", self.0);
    }

    /// Every check has ended well, but for these.
    #[track_caller]
    fn only(&self, bad: &[&str]) {
        let found = self.0.iter().filter(|[_, verdict, _]| verdict != "ok");
        let found: Vec<_> = found.map(|[check, ..]| check.as_str()).collect();
        assert_eq!(found, bad, "{:#?}", self.0);
    }
}

fn doctor(folder: &Folder) -> Launch {
    Launch::bare(folder).env("PODIUM_LISTEN", "127.0.0.1:1")
}

fn alter(folder: &Folder, sql: &str) {
    rusqlite::Connection::open(folder.database()).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn all_is_well_beside_a_server_and_without_one_and_nothing_is_changed() {
    let folder = backed_up();
    let files = || {
        let names = folder.names().into_iter();
        names.map(|name| (fs::read(folder.file(&name)).unwrap(), name)).collect::<Vec<_>>()
    };
    let before = files();
    let report = Report::of(doctor(&folder));
    report.only(&[]);
    report.has("database", "ok", "no server is running on it");
    report.has("integrity", "ok", "");
    report.has("seal", "ok", "opens");
    report.has("clock", "ok", "newest audit record");
    report.has("sync", "ok", "4 KiB");
    assert!(files() == before, "something was changed");

    let server = Launch::new(&folder).start();
    let report = Report::of(doctor(&folder).env("PODIUM_LISTEN", &server.address));
    report.only(&[]);
    report.has("database", "ok", "a server is running on it");
    report.has("clock", "ok", "as that of the server");
    let ended = doctor(&folder).args(&["doctor"]).run();
    assert!(ended.status.success() && ended.out.len() > 8, "{ended:?}");
    assert!(ended.out[1].starts_with("ok  settings"), "{ended:?}");
    server.stop();

    let empty = Folder::new();
    let report = Report::of(doctor(&empty));
    report.only(&["database"]);
    report.has("database", "warn", "a start makes it");
    assert!(empty.names().is_empty());
}

#[test]
fn settings_and_keys_that_do_not_fit_are_found() {
    let folder = backed_up();
    let key = fs::read_to_string(folder.seal_key()).unwrap();
    let report =
        Report::of(doctor(&folder).env("PODIUM_LISTN", "x").env("PODIUM_TOKEN_TTL", "48h"));
    report.only(&["settings", "settings"]);
    report.has("settings", "fail", "PODIUM_LISTN is not a setting");
    report.has("settings", "fail", "PODIUM_TOKEN_TTL must not be longer");
    let report = Report::of(doctor(&folder).env("PODIUM_SEAL_KEY", "ab".repeat(32)));
    report.has("seal", "fail", "not the one that sealed");
    let report = Report::of(doctor(&folder).env("PODIUM_SEAL_KEY", key.trim()));
    report.only(&["seal key"]);
    report.has("seal key", "warn", "prefer PODIUM_SEAL_KEY_FILE");
    fs::copy(folder.seal_key(), folder.file("other.key")).unwrap();
    let report = Report::of(doctor(&folder).env("PODIUM_SEAL_KEY_FILE", "other.key"));
    report.has("seal key", "warn", "podium.db.seal-key is not");
    fs::set_permissions(folder.seal_key(), fs::Permissions::from_mode(0o644)).unwrap();
    Report::of(doctor(&folder)).has("seal key", "fail", "everyone");
    fs::remove_file(folder.seal_key()).unwrap();
    Report::of(doctor(&folder)).has("seal key", "fail", "is missing: put back the key");
    assert!(!folder.seal_key().exists());
}

#[test]
fn what_is_wrong_with_a_database_is_found() {
    let folder = backed_up();
    let good = fs::read(folder.database()).unwrap();
    let altered = |sql: &str| {
        for side in ["podium.db-wal", "podium.db-shm"] {
            let _ = fs::remove_file(folder.file(side));
        }
        fs::write(folder.database(), &good).unwrap();
        alter(&folder, sql);
        Report::of(doctor(&folder))
    };
    let report = altered("UPDATE schema_version SET version = 999");
    report.has("schema", "fail", "use a newer podium");
    altered("UPDATE schema_version SET version = 3").has("schema", "warn", "brings version 3 to");
    altered("UPDATE audit_head SET seal = 'x'").has("audit log", "fail", "podium audit verify");
    altered("UPDATE secret SET seal_key = 'feed'").has("seal", "fail", "2 values were sealed");
    altered("UPDATE access_key SET active = FALSE").has("administrator", "warn", "key recover");
    let later = "UPDATE audit SET at = at + 3600000 WHERE seq = (SELECT MAX(seq) FROM audit)";
    altered(later).has("clock", "fail", "behind the newest audit record");
    altered("DROP TABLE schema_version").has("registry", "fail", "schema_version");

    let mut bad = good.clone();
    let at = 4096 * 9;
    bad[at..at + 4096].fill(0xa5);
    fs::write(folder.database(), &bad).unwrap();
    Report::of(doctor(&folder)).has("integrity", "fail", "podium restore --force");
    fs::write(folder.database(), "no database").unwrap();
    Report::of(doctor(&folder)).has("database", "fail", "not a database");
    fs::write(folder.database(), &good).unwrap();
    fs::set_permissions(folder.database(), fs::Permissions::from_mode(0o640)).unwrap();
    Report::of(doctor(&folder)).has("permissions", "warn", "chmod 600");
}

#[test]
fn a_certificate_that_ends_is_found() {
    let folder = backed_up();
    let key = KeyPair::generate().unwrap();
    let certificate = |year: i32| {
        let mut params = CertificateParams::new(vec!["podium".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        fs::write(folder.file("cert.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(folder.file("key.pem"), key.serialize_pem()).unwrap();
    };
    let check = || {
        let launch = doctor(&folder).env("PODIUM_TLS_CERT", "cert.pem");
        Report::of(launch.env("PODIUM_TLS_KEY", "key.pem"))
    };
    certificate(2001);
    check().has("certificate", "fail", "it has ended at 2001-01-01");
    certificate(2999);
    check().has("certificate", "ok", "it holds until 2999-01-01");
    let files = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
    let server = Launch::new(&folder).args(&files).start();
    let ended = doctor(&folder).env("PODIUM_LISTEN", &server.address);
    let ended = ended.args(&[&["doctor"][..], &files].concat()).run().out.join("\n");
    for told in ["it holds until 2999", "as that of the server at https://127.0.0.1:"] {
        assert!(ended.contains(told), "{ended}");
    }
    server.stop();
    fs::write(folder.file("key.pem"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    check().has("certificate", "fail", "not the key of the certificate");
    fs::write(folder.file("cert.pem"), "no certificate").unwrap();
    check().has("certificate", "fail", "cert.pem");
}

#[test]
fn what_is_wrong_with_a_postgresql_is_found() {
    let (folder, database) = (Folder::new(), Database::on_postgres());
    let with = |launch: Launch| {
        let launch = launch.env("PODIUM_DATABASE_URL", database.url());
        let environment = database.environment().into_iter();
        environment.fold(launch, |launch, (name, value)| launch.env(name, value))
    };
    let server = with(Launch::new(&folder)).start();
    server.shelf();
    let report = Report::of(with(doctor(&folder)));
    report.has("database", "ok", "servers have ");
    report.has("version", "ok", "PostgreSQL ");
    report.has("seal", "ok", "opens");
    report.has("clock", "ok", "as that of the database");
    report.has("connection", "ok", "not encrypted, and of this machine");
    server.stop();
    let name = database.column("SELECT current_database()").remove(0);
    database.execute(&format!("ALTER DATABASE \"{name}\" SET synchronous_commit = off"));
    Report::of(with(doctor(&folder))).has("durability", "warn", "synchronous_commit is off");
    let before = database.dump();
    let wrong = with(doctor(&folder)).env("PODIUM_SEAL_KEY", "ab".repeat(32));
    Report::of(wrong).has("seal", "fail", "not the one that sealed");
    let unset = with(doctor(&folder)).env("PODIUM_SEAL_KEY", "");
    Report::of(unset).has("seal key", "fail", "PODIUM_SEAL_KEY must be set");
    assert_eq!(database.dump(), before);
    database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    Report::of(with(doctor(&folder))).has("registry", "fail", "schema_version");
}

#[test]
fn a_postgresql_that_cannot_be_reached_is_found() {
    let folder = Folder::new();
    let away = doctor(&folder).env("PODIUM_SEAL_KEY", "ab".repeat(32));
    // Nothing listens on the port of nobody.
    let away = away.env("PODIUM_DATABASE_URL", "postgres://podium@127.0.0.1:1/podium");
    Report::of(away).has("database", "fail", "cannot use the database");
}
