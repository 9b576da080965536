//! Settings: flags over environment, and a start that is refused in one line.

use crate::support::{Folder, Launch};

/// A value that must not be repeated to anyone.
const HUSH: &str = "CANARY-c0ffee-setting";

/// Starts with the settings and nothing else; gives the one line of the refusal, after which
/// nothing may have been made.
fn refused(settings: &[(&str, &str)]) -> String {
    let folder = Folder::new();
    let launch = settings
        .iter()
        .fold(Launch::bare(&folder), |launch, (name, value)| launch.env(name, value));
    let line = launch.run().refusal().to_owned();
    assert!(folder.names().is_empty(), "{line} left {:?}", folder.names());
    line
}

#[test]
fn an_unknown_variable_stops_the_start_and_is_named() {
    for name in ["PODIUM_LISTN", "PODIUM_ADMIN_SECRET", "PODIUM_", "PODIUM_seal_key"] {
        let line = refused(&[(name, HUSH)]);
        assert!(line.starts_with(&format!("{name} ")), "{line}");
    }
}

#[test]
fn contradictory_settings_stop_the_start_and_one_is_named() {
    let key = "ab".repeat(32);
    for settings in [
        &[("PODIUM_SEAL_KEY", key.as_str()), ("PODIUM_SEAL_KEY_FILE", "key")][..],
        &[("PODIUM_ADMIN_KEY_ID", "ops")],
        &[("PODIUM_ADMIN_KEY_SECRET", HUSH)],
        &[("PODIUM_ADMIN_KEY_SECRET_FILE", "secret"), ("PODIUM_ADMIN_KEY_SECRET", HUSH)],
        &[("PODIUM_ADMIN_KEY_ID", "ops"), ("PODIUM_ADMIN_KEY_SECRET_FILE", "missing")],
        &[("PODIUM_TOKEN_TTL", "2h"), ("PODIUM_TOKEN_MAX_TTL", "1h")],
    ] {
        let line = refused(settings);
        assert!(settings.iter().any(|(name, _)| line.contains(name)), "{settings:?}: {line}");
        assert!(!line.contains(&key), "{line}");
    }
}

#[test]
fn a_setting_that_cannot_be_read_stops_the_start_and_is_named() {
    for (name, value) in [
        ("PODIUM_LISTEN", "nowhere"),
        ("PODIUM_LISTEN", "127.0.0.1:99999"),
        ("PODIUM_DATABASE_URL", "mysql://u:CANARY-1@h/db"),
        ("PODIUM_DATABASE_URL", "podium.db"),
        ("PODIUM_SEAL_KEY", HUSH),
        ("PODIUM_TOKEN_TTL", "soon"),
        ("PODIUM_TOKEN_MAX_TTL", "0"),
        ("PODIUM_ENDPOINT_ALLOW", "https://api.example.com"),
        ("PODIUM_ENDPOINT_DENY", "127.1"),
    ] {
        let line = refused(&[(name, value)]);
        assert!(line.starts_with(name), "{line}");
    }
}

#[test]
fn a_postgres_database_that_cannot_be_used_is_told_without_its_password() {
    for scheme in ["postgres", "postgresql"] {
        let url = format!("{scheme}://podium:{HUSH}@127.0.0.1:1/podium");
        let line = refused(&[("PODIUM_DATABASE_URL", &url)]);
        assert!(line.starts_with("PODIUM_SEAL_KEY must be set"), "{line}");
        let sealed = ("PODIUM_SEAL_KEY", "ab".repeat(32));
        let line = refused(&[("PODIUM_DATABASE_URL", &url), (sealed.0, &sealed.1)]);
        let words = "cannot use the database postgres://podium@127.0.0.1:1/podium: ";
        assert!(line.starts_with(words), "{line}");
    }
}

#[test]
fn flags_override_the_environment() {
    let folder = Folder::new();
    std::fs::write(folder.file("flag.key"), "ab".repeat(32)).unwrap();
    std::fs::set_permissions(
        folder.file("flag.key"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    let server = Launch::new(&folder)
        .env("PODIUM_LISTEN", "nowhere")
        .env("PODIUM_DATABASE_URL", "sqlite://environment.db")
        .env("PODIUM_SEAL_KEY_FILE", "environment.key")
        .env("PODIUM_TOKEN_TTL", "soon")
        .env("PODIUM_TOKEN_MAX_TTL", "soon")
        .args(&["--listen", "127.0.0.1:0", "--database", "sqlite://flag.db"])
        .args(&["--seal-key-file", "flag.key", "--token-ttl", "1h", "--token-max-ttl", "2h"])
        .start();
    server.admin();
    let names = folder.names();
    assert!(names.iter().all(|name| name.starts_with("flag.")), "{names:?}");
    assert!(names.contains(&"flag.db".to_owned()), "{names:?}");
    server.stop();
}

#[test]
fn serve_is_what_happens_without_a_command() {
    for args in [&[][..], &["serve"]] {
        let folder = Folder::new();
        let server = Launch::new(&folder).args(args).start();
        server.admin();
        server.stop();
    }
}

#[test]
fn help_shows_every_setting_with_its_variable_and_default() {
    let folder = Folder::new();
    for args in [&["--help"][..], &["serve", "--help"]] {
        let shown = Launch::new(&folder)
            .env("PODIUM_DATABASE_URL", format!("postgres://u:{HUSH}@h/db"))
            .env("PODIUM_SEAL_KEY", HUSH)
            .args(args)
            .run();
        assert_eq!(shown.status.code(), Some(0), "{shown:?}");
        let text = shown.out.join("\n");
        for expected in [
            "--listen",
            "PODIUM_LISTEN",
            "127.0.0.1:8080",
            "--database",
            "PODIUM_DATABASE_URL",
            "sqlite://podium.db",
            "PODIUM_SEAL_KEY",
            "PODIUM_SEAL_KEY_FILE",
            "PODIUM_ADMIN_KEY_ID",
            "PODIUM_ADMIN_KEY_SECRET",
            "_FILE",
            "--token-ttl",
            "PODIUM_TOKEN_TTL",
            "1h",
            "--token-max-ttl",
            "PODIUM_TOKEN_MAX_TTL",
            "PODIUM_ENDPOINT_ALLOW",
            "PODIUM_ENDPOINT_DENY",
            "RUST_LOG",
            "default: info",
        ] {
            assert!(text.contains(expected), "{args:?} does not show {expected}:\n{text}");
        }
    }
    assert!(folder.names().is_empty());
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let folder = Folder::new();
    let names = [
        "SEAL_KEY",
        "SEAL_KEY_FILE",
        "ADMIN_KEY_ID_FILE",
        "ADMIN_KEY_SECRET_FILE",
        "ENDPOINT_ALLOW",
        "ENDPOINT_DENY",
    ];
    let launch = names
        .iter()
        .fold(Launch::new(&folder), |launch, name| launch.env(&format!("PODIUM_{name}"), ""));
    let server = launch.start();
    server.admin();
    server.stop();
}
