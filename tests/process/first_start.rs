//! The first start: who becomes the first administrator, and what is printed, once.

use std::net::TcpListener;

use serde_json::json;

use crate::support::{ADMIN_ID, ADMIN_SECRET, Ended, Folder, Launch, Server};

#[test]
fn the_first_start_prints_four_lines_to_paste_that_sign_in() {
    let folder = Folder::new();
    let mut server = Launch::bare(&folder).start();
    let exported = exports(&mut server);
    let address = format!("http://{}/api", server.address);
    assert_eq!(exported[0], ("CONDUCTOR_SERVER_URL".to_owned(), address));
    assert_eq!(exported[1].0, "CONDUCTOR_AUTH_KEY");
    assert_eq!(exported[2].0, "CONDUCTOR_AUTH_SECRET");
    let (id, secret) = (exported[1].1.clone(), exported[2].1.clone());
    let api_key = format!("podium_{id}_{secret}");
    assert_eq!(exported[3], ("ARIZE_API_KEY".to_owned(), api_key.clone()));
    let token = server.stranger().sign_in(&id, &secret).unwrap();
    let application = json!({"name": "made by an administrator"});
    let answer = server.client(Some(&token)).post("/applications", &application).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(server.client(Some(&api_key)).get("/applications").unwrap().status, 200);
    let first = server.stop();
    assert_eq!(first.output().matches(&secret).count(), 2, "{first:?}");
    assert_eq!(first.output().matches("export ").count(), 4, "{first:?}");

    let server = Launch::bare(&folder).start();
    assert!(server.stranger().sign_in(&id, &secret).is_ok());
    let second = server.stop();
    assert_eq!(second.out.len(), 1, "{second:?}");
    assert!(!second.output().contains(&secret) && !second.output().contains("export "));
}

#[test]
fn two_first_starts_make_different_keys() {
    let made = || {
        let folder = Folder::new();
        let mut server = Launch::bare(&folder).start();
        let exported = exports(&mut server);
        let seal_key = std::fs::read_to_string(folder.seal_key()).unwrap();
        [exported[1].1.clone(), exported[2].1.clone(), seal_key]
    };
    let (one, two) = (made(), made());
    for (one, two) in one.iter().zip(&two) {
        assert_ne!(one, two);
        assert!(one.trim().len() >= 32, "at least 128 bits in hexadecimal");
    }
}

#[test]
fn a_chosen_administrators_key_is_used_and_nothing_is_printed_of_it() {
    let folder = Folder::new();
    let server = Launch::new(&folder).env("RUST_LOG", "trace").start();
    assert!(server.stranger().sign_in(ADMIN_ID, ADMIN_SECRET).is_ok());
    assert_eq!(server.stranger().sign_in(ADMIN_ID, "something else"), Err(401));
    let ended = server.stop();
    assert_only_the_address(&ended);
    folder.assert_sealed();
}

#[test]
fn a_chosen_administrators_key_can_come_from_files() {
    let folder = Folder::new();
    std::fs::write(folder.file("id"), format!("{ADMIN_ID}\n")).unwrap();
    std::fs::write(folder.file("secret"), format!("{ADMIN_SECRET}\n")).unwrap();
    let server = Launch::bare(&folder)
        .env("PODIUM_ADMIN_KEY_ID_FILE", folder.file("id"))
        .env("PODIUM_ADMIN_KEY_SECRET_FILE", folder.file("secret"))
        .start();
    assert!(server.stranger().sign_in(ADMIN_ID, ADMIN_SECRET).is_ok());
    assert_only_the_address(&server.stop());
}

#[test]
fn a_chosen_key_is_ignored_where_there_is_an_administrator() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    assert!(server.stranger().sign_in(ADMIN_ID, ADMIN_SECRET).is_ok());
    server.stop();

    let other = "CANARY-77aa01-other";
    for id in ["other-key", ADMIN_ID] {
        let server = Launch::new(&folder)
            .env("PODIUM_ADMIN_KEY_ID", id)
            .env("PODIUM_ADMIN_KEY_SECRET", other)
            .start();
        assert_eq!(server.stranger().sign_in(id, other), Err(401));
        assert!(server.stranger().sign_in(ADMIN_ID, ADMIN_SECRET).is_ok());
        assert_only_the_address(&server.stop());
    }
}

#[test]
fn a_first_start_that_cannot_listen_does_not_use_up_the_first_key() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = Folder::new();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Launch::bare(&folder).env("PODIUM_LISTEN", &address).run();
    assert_ne!(ended.status.code(), Some(0));
    assert!(ended.err.contains(&format!("PODIUM_LISTEN {address}")), "{ended:?}");

    let mut server = Launch::bare(&folder).start();
    let exported = exports(&mut server);
    assert!(server.stranger().sign_in(&exported[1].1, &exported[2].1).is_ok());
}

/// The variables that a first start tells to export, which it must.
fn exports(server: &mut Server) -> Vec<(String, String)> {
    let mut found = vec![];
    while found.len() < 4 {
        let line = server.process.line().expect("an export line");
        if let Some(export) = line.strip_prefix("export ") {
            let (name, value) = export.split_once('=').unwrap();
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    found
}

fn assert_only_the_address(ended: &Ended) {
    assert_eq!(ended.out.len(), 1, "{ended:?}");
    assert!(ended.out[0].starts_with("listening on http://127.0.0.1:"), "{ended:?}");
    assert!(!ended.err.contains("export "), "{ended:?}");
}
