//! `sslmode`, on a server whose certificate names `localhost` alone.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;

use crate::database::Database;
use crate::support::Folder;
use crate::{launch, url};

/// The certificate that signed the server's own, as `tests/with-postgres` exports it.
fn authority() -> String {
    let file = std::env::var("PODIUM_TEST_POSTGRES_CA");
    file.expect("PODIUM_TEST_POSTGRES_CA is not set; run this in tests/with-postgres")
}

/// A certificate that signed nothing.
fn stranger(folder: &Folder) -> PathBuf {
    let file = folder.file("stranger.pem");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&file, made.cert.pem()).unwrap();
    file
}

/// Whether each connection of a server is encrypted, as PostgreSQL sees it.
fn encrypted(database: &Database) -> Vec<String> {
    let sql = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
               WHERE datname = current_database() AND application_name = 'podium'";
    database.column(sql)
}

#[test]
fn what_is_encrypted_and_verified_follows_sslmode() {
    let (database, authority) = (Database::on_postgres(), authority());
    for (host, mode, authority, is_encrypted) in [
        ("127.0.0.1", "disable", None, "0"),
        ("127.0.0.1", "prefer", None, "1"),
        ("127.0.0.1", "require", None, "1"),
        ("127.0.0.1", "require", Some(&authority), "1"),
        ("127.0.0.1", "verify-ca", Some(&authority), "1"),
        ("localhost", "verify-ca", Some(&authority), "1"),
        ("localhost", "verify-full", Some(&authority), "1"),
    ] {
        let folder = Folder::new();
        let root = authority.map(|file| format!("&sslrootcert={file}")).unwrap_or_default();
        let url = url(&database, host, &format!("sslmode={mode}{root}"));
        let server = launch(&folder, &database).env("PODIUM_DATABASE_URL", &url).start();
        server.admin().get("/integrations").unwrap();
        assert_eq!(encrypted(&database), [is_encrypted], "{url}");
        server.stop();
    }
}

#[test]
fn a_server_that_is_not_the_right_one_is_refused() {
    let (database, authority, folder) = (Database::on_postgres(), authority(), Folder::new());
    let stranger = stranger(&folder).display().to_string();
    for (host, mode, authority) in [
        ("127.0.0.1", "verify-full", Some(&authority)),
        ("localhost", "verify-full", Some(&stranger)),
        ("localhost", "verify-ca", Some(&stranger)),
        ("localhost", "require", Some(&stranger)),
        // The system trusts other authorities.
        ("localhost", "verify-full", None),
        ("localhost", "verify-ca", None),
    ] {
        let root = authority.map(|file| format!("&sslrootcert={file}")).unwrap_or_default();
        let url = url(&database, host, &format!("sslmode={mode}{root}"));
        let ended = launch(&folder, &database).env("PODIUM_DATABASE_URL", &url).run();
        let line = ended.refusal();
        assert!(line.starts_with("cannot use the database postgres://podium@"), "{url}: {line}");
        assert!(line.contains("certificate"), "{url}: {line}");
        assert!(!line.contains(&database.password().unwrap()), "{line}");
    }
    assert!(database.is_untouched());
}

#[test]
fn a_file_of_authorities_that_cannot_be_used_is_told() {
    let (database, folder) = (Database::on_postgres(), Folder::new());
    std::fs::write(folder.file("empty.pem"), "").unwrap();
    for file in ["nowhere.pem", "empty.pem"] {
        let parameters = format!("sslmode=verify-full&sslrootcert={file}");
        let url = url(&database, "localhost", &parameters);
        let ended = launch(&folder, &database).env("PODIUM_DATABASE_URL", &url).run();
        let line = ended.refusal();
        assert!(line.contains("PODIUM_DATABASE_URL") && line.contains(file), "{line}");
    }
}

/// A server that knows no TLS: what it was sent after it said so.
fn without_tls(mode: &str) -> (Vec<u8>, String) {
    let (folder, listener) = (Folder::new(), TcpListener::bind("127.0.0.1:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8];
        stream.read_exact(&mut request).unwrap();
        assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "it asks for TLS");
        stream.write_all(b"N").unwrap();
        let mut sent = [0; 64];
        let length = stream.read(&mut sent).unwrap_or(0);
        sent[..length].to_vec()
    });
    let url = format!("postgres://ann@127.0.0.1:{port}/podium?sslmode={mode}");
    let launch = crate::support::Launch::new(&folder).env("PODIUM_DATABASE_URL", url);
    let launch = launch.env("PODIUM_SEAL_KEY", "ab".repeat(32));
    let ended = launch.env("PODIUM_DATABASE_PASSWORD", "CANARY-hush").run();
    (asked.join().unwrap(), ended.refusal().to_owned())
}

#[test]
fn a_server_without_tls_is_told_nothing_unless_that_was_allowed() {
    for mode in ["require", "verify-ca", "verify-full"] {
        let (sent, line) = without_tls(mode);
        assert!(sent.is_empty(), "{mode}: {sent:?}");
        assert!(line.contains("TLS"), "{mode}: {line}");
    }
    let (sent, _) = without_tls("prefer");
    assert!(sent.windows(3).any(|part| part == b"ann"), "{sent:?}");
}
