//! References: values that a configuration names and the server reads when they are needed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use podium::references::References;
use podium::registry::Settings;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::saving::{GPT, MAIN, Way, Whose, each_way, resolved, with};
use crate::support::{Client, Server, settings};

/// A variable that is surely set while the tests run, and its value.
const NAME: &str = "env:CARGO_PKG_NAME";
const VALUE: &str = env!("CARGO_PKG_NAME");

/// A server that reads some variables and the files of a folder; and that folder, in which `key`
/// is one.
fn allowing() -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    fs::write(folder.path().join("in/key"), "sk-file-1\n").unwrap();
    fs::write(folder.path().join("out"), "sk-outside").unwrap();
    let variables = ["CARGO_PKG_NAME", "CARGO_MANIFEST_*", "UNSET_*", "*_NOTHING", "PODIUM_*"];
    let variables = variables.map(str::to_owned).to_vec();
    let references = References { variables, folders: vec![folder.path().join("in")] };
    (Server::start_with(Settings { references, ..settings() }), folder)
}

/// The reference to a file in `folder`.
fn file(folder: &TempDir, name: &str) -> String {
    format!("file:{}", Path::join(folder.path(), name).display())
}

/// An integration and a resource, without a secret.
fn start(server: &Server) -> Client {
    let admin = server.admin();
    let body = json!({"type": "openai", "enabled": true, "configuration": {}});
    admin.post(MAIN, &body).ok();
    admin.post(GPT, &body).done();
    admin
}

#[test]
fn no_reference_is_taken_unless_the_operator_allows_it() {
    let server = &Server::start();
    let admin = start(server);
    for (whose, way) in each_way() {
        for (reference, setting) in [
            (NAME, "PODIUM_REFERENCE_ENV"),
            ("env:PODIUM_SEAL_KEY", "setting of podium"),
            ("file:/etc/hostname", "PODIUM_REFERENCE_FOLDERS"),
        ] {
            for key in ["api_key", "model"] {
                server.unchanged(|| {
                    let error = whose.save(&admin, way, &json!({key: reference}));
                    let error = error.refused(400, setting);
                    let path = format!("{}configuration.{key}", whose.place(way));
                    assert_eq!(error["validationErrors"][0]["path"], path);
                });
            }
        }
    }
}

#[test]
fn only_what_is_allowed_is_taken() {
    let (server, folder) = allowing();
    let admin = start(&server);
    symlink(folder.path().join("out"), folder.path().join("in/link")).unwrap();
    let inside = folder.path().join("in");
    for reference in [
        "env:PATH".to_owned(),
        "env:CARGO_PKG_NAMES".to_owned(),
        "env:PODIUM_SEAL_KEY".to_owned(),
        "env:PODIUM_ANY".to_owned(),
        "file:/etc/passwd".to_owned(),
        "file:/".to_owned(),
        format!("file:{}", inside.display()),
        format!("file:{}/../out", inside.display()),
        format!("file:{}/./../out", inside.display()),
        format!("file:{}side/key", inside.display()),
        file(&folder, "out"),
        file(&folder, ""),
    ] {
        for (whose, way) in each_way() {
            server.unchanged(|| {
                let answer = whose.save(&admin, way, &json!({"api_key": reference}));
                assert!(!answer.text.contains("outside"), "{}", answer.text);
                answer.refused(400, "api_key` ");
            });
        }
    }
    // That a link leads out is seen when it is followed.
    let link = json!({"api_key": file(&folder, "in/link")});
    Whose::Integration.save(&admin, Way::Replace, &link).ok();
    server.unchanged(|| {
        let answer = admin.resolve(MAIN);
        assert!(!answer.text.contains("outside"), "{}", answer.text);
        answer.refused(409, "leads out");
    });
}

#[test]
fn a_reference_is_shown_and_its_value_read_when_it_is_resolved() {
    let (server, folder) = allowing();
    let admin = start(&server);
    let key = file(&folder, "in/key");
    let stored = json!({"api_key": key, "model": NAME, "deep": [{"token": NAME}],
                        "headers": {"Authorization": NAME}});
    let read = |key: &str| {
        json!({"api_key": key, "model": VALUE, "deep": [{"token": VALUE}],
                                  "headers": {"Authorization": VALUE}})
    };
    for whose in [Whose::Integration, Whose::Resource] {
        fs::write(folder.path().join("in/key"), "sk-file-1\n").unwrap();
        whose.save(&admin, Way::Replace, &stored);
        assert_eq!(whose.read(&admin), stored);
        assert_eq!(resolved(&admin, whose.path()), read("sk-file-1"));
        fs::write(folder.path().join("in/key"), "sk-file-2\r\n").unwrap();
        assert_eq!(resolved(&admin, whose.path()), read("sk-file-2"));
        let list = admin.get("/api/integrations").text;
        assert!(list.contains(&key) && !list.contains("sk-file"), "{list}");
    }
    let log = admin.get("/api/audit?limit=1000").text;
    assert!(log.contains(NAME) && log.contains(&key), "{log}");
    assert!(!log.contains("sk-file") && !log.contains("hmac-sha256"), "{log}");
    assert!(!server.database.bytes().windows(7).any(|bytes| bytes == b"sk-file"));
}

#[test]
fn a_reference_that_leads_to_nothing_is_a_conflict() {
    let (server, folder) = allowing();
    let admin = start(&server);
    let write = |name: &str, content: &[u8]| fs::write(folder.path().join(name), content).unwrap();
    write("in/empty", b"\n");
    write("in/binary", b"sk-binary\xff");
    write("in/large", &vec![b'x'; 65 * 1024]);
    for (reference, words) in [
        (file(&folder, "in/none"), "cannot be read"),
        (file(&folder, "in/empty"), "is empty"),
        (file(&folder, "in/binary"), "is no text"),
        (file(&folder, "in/large"), "64 KiB"),
        ("env:UNSET_VARIABLE".to_owned(), "is not set"),
    ] {
        let stored = json!({"api_key": reference, "password": "p-clear"});
        Whose::Integration.save(&admin, Way::Replace, &stored).ok();
        for path in [MAIN, GPT] {
            server.unchanged(|| {
                let answer = admin.resolve(path);
                assert!(!answer.text.contains("p-clear") && !answer.text.contains("sk-"));
                answer.refused(409, words);
            });
        }
    }
}

#[test]
fn who_may_only_change_adds_no_reference() {
    let (server, folder) = allowing();
    start(&server);
    let whole = ("INTEGRATION_PROVIDER", "main");
    let ada = server.granted("ada", whole, &["READ", "UPDATE", "EXECUTE"]);
    let subject = ("USER", ada.subject.as_str());
    let key = file(&folder, "in/key");
    let path = key.strip_prefix("file:").unwrap();
    for (reference, kind, id) in
        [(NAME, "ENV_VARIABLE", "CARGO_PKG_NAME"), (&key, "SECRET_NAME", path)]
    {
        for (whose, way) in each_way() {
            for place in [json!({"api_key": reference}), json!({"model": reference})] {
                let denied =
                    server.denied(|| whose.save(&ada, way, &place).refused(403, "EXECUTE"));
                assert_eq!(denied, format!("denied EXECUTE {kind} {id}"));
            }
        }
        server.grant(subject, (kind, "OTHER"), &["EXECUTE"]);
        server.grant(subject, (kind, id), &["READ", "UPDATE"]);
        let sent = json!({"api_key": reference});
        server.denied(|| Whose::Integration.save(&ada, Way::Replace, &sent).refused(403, kind));
        server.grant(subject, (kind, id), &["EXECUTE"]);
        for (whose, way) in each_way() {
            assert_eq!(whose.save(&ada, way, &sent).status, 200, "{whose:?} {way:?}");
            assert_ne!(resolved(&ada, whose.path())["api_key"], reference);
            assert_eq!(whose.save(&ada, way, &json!({})).status, 200);
        }
    }
}

#[test]
fn i5_a_reference_stays_where_it_was_put_without_the_permission() {
    let (server, _folder) = allowing();
    let admin = start(&server);
    let ada = server.granted("ada", ("INTEGRATION_PROVIDER", "main"), &["READ", "UPDATE"]);
    let stored = json!({"api_key": NAME, "endpoint": "https://good.example.org"});
    for (whose, way) in each_way() {
        Whose::Integration.save(&admin, Way::Replace, &json!({})).ok();
        Whose::Resource.save(&admin, Way::Replace, &json!({})).done();
        whose.save(&admin, Way::Replace, &stored);
        let harmless = with(&stored, &json!({"model": "m"}));
        assert_eq!(whose.save(&ada, way, &harmless).status, 200, "{whose:?} {way:?}");
        for change in [
            json!({"endpoint": "https://evil.example.org"}),
            json!({"endpoint": null}),
            json!({"headers": {"Host": "evil"}}),
            json!({"password": NAME}),
        ] {
            let changed = with(&stored, &change);
            let record = server.denied(|| whose.save(&ada, way, &changed).refused(403, "EXECUTE"));
            assert_eq!(record, "denied EXECUTE ENV_VARIABLE CARGO_PKG_NAME", "{change}");
        }
        assert_eq!(resolved(&admin, whose.path()), with(&harmless, &json!({"api_key": VALUE})));
    }
    // A resource cannot take the integration's elsewhere either.
    Whose::Integration.save(&admin, Way::Replace, &stored).ok();
    let elsewhere = json!({"endpoint": "https://evil.example.org"});
    server.unchanged(|| {
        Whose::Resource.save(&ada, Way::Replace, &elsewhere).refused(409, "configuration.api_key");
    });
}

#[test]
fn a_reference_says_no_place_and_is_no_mask() {
    let (server, _folder) = allowing();
    let admin = start(&server);
    for (whose, way) in each_way() {
        for (path, place) in [
            ("endpoint", json!({"endpoint": NAME})),
            ("endpoint.0", json!({"endpoint": [NAME]})),
            ("region", json!({"region": NAME})),
            ("proxy.name", json!({"proxy": {"name": NAME}})),
            ("nodes.0.name", json!({"nodes": [{"name": NAME}]})),
        ] {
            server.unchanged(|| {
                let error = whose.save(&admin, way, &place).refused(400, "must be given itself");
                let path = format!("{}configuration.{path}", whose.place(way));
                assert_eq!(error["validationErrors"][0]["path"], path);
            });
        }
    }
    // In the place of a reference, a mask stands for nothing, and what is open stays open.
    let save = |configuration: &Value| Whose::Integration.save(&admin, Way::Replace, configuration);
    save(&json!({"api_key": NAME, "model": NAME})).ok();
    let mask = json!({"api_key": "****aaaaaaaa********", "model": NAME});
    server.unchanged(|| save(&mask).refused(400, "is a mask"));
    save(&json!({"api_key": "sk-0123456789abcdef", "model": "gpt"})).ok();
    let shown = Whose::Integration.read(&admin);
    assert!(shown["api_key"].as_str().unwrap().ends_with("****cdef"), "{shown}");
    assert_eq!(shown["model"], "gpt");
    assert_eq!(server.database.secrets().len(), 1);
    // What only looks like one is a value.
    for text in ["env:lower", "env:", "ENV:A", "file:relative", "${CARGO_PKG_NAME}"] {
        save(&json!({"api_key": text})).ok();
        assert_eq!(resolved(&admin, MAIN)["api_key"], text);
    }
}
