//! What was deleted or replaced is gone from the files of the database, sealed as it was.

use std::fs;

use crate::support::{Launch, SHELF};
use crate::vault::{Vault, rotate, status};

/// So much of a sealed value is its own: a part of the nonce at its beginning, and of the
/// ciphertext at its end.
const PART: usize = 32;

#[test]
fn h14_what_was_deleted_or_replaced_is_gone_once_the_server_has_stopped() {
    let vault = Vault::new(60);
    let server = vault.launch().start();
    let client = server.admin();
    let mut gone = sealed(&vault, "WHERE integration = 'shelf-3'");
    assert_eq!(gone.len(), 5);
    let deleted = client.delete("/integrations/provider/shelf-3").unwrap();
    assert_eq!(deleted.status, 200, "{deleted:?}");
    server.shelf();
    for number in 0..100 {
        assert_eq!(client.save("one", number).unwrap().status, 200);
        gone.extend(sealed(&vault, "WHERE resource = 'one' AND integration = 'shelf'"));
    }
    let kept = [gone.pop().unwrap()];
    assert_eq!(gone.len(), 104);
    server.stop();
    let found = |sealed: &[String]| {
        let files = vault.folder.names().into_iter().map(|name| vault.folder.file(&name));
        let all = files.map(|file| fs::read(file).unwrap()).collect::<Vec<_>>().concat();
        let all = String::from_utf8_lossy(&all).into_owned();
        let parts = |text: &String| [text[..48].to_owned(), text[text.len() - PART..].to_owned()];
        sealed.iter().flat_map(parts).filter(|part| all.contains(part)).count()
    };
    assert_eq!(found(&kept), 2, "this test cannot fail");
    assert_eq!(found(&gone), 0, "deleted values are still there");
    let server = Launch::new(&vault.folder).start();
    assert_eq!(server.admin().get(SHELF).unwrap().status, 200);
}

#[test]
fn h14_a_rotation_wipes_what_the_database_has_left_between_its_rows() {
    let vault = Vault::new(40);
    let old = crate::vault::ids(&vault.keys()).remove(0);
    leave_behind(&vault, &format!("v1.{old}.left-between-rows"));
    let server = vault.launch().start();
    let client = server.admin();
    let keys = rotate(&client);
    vault.assert_only(&keys[0].id);
    assert_eq!(status(&client), keys);
    vault.assert_resolves(&server, 1);
    server.stop();
}

/// The sealed values of some secrets.
fn sealed(vault: &Vault, which: &str) -> Vec<String> {
    let database = vault.folder.look();
    let mut rows = database.prepare(&format!("SELECT sealed FROM secret {which}")).unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Writes `text` into the unused part of a page that holds secrets, as SQLite leaves the copy of a
/// row there that it has moved to another page.
fn leave_behind(vault: &Vault, text: &str) {
    let log = fs::metadata(vault.folder.file("podium.db-wal")).map_or(0, |log| log.len());
    assert_eq!(log, 0, "the pages of the file are not the latest");
    let mut bytes = fs::read(vault.folder.database()).unwrap();
    let number = |page: &[u8], at: usize| usize::from(page[at]) << 8 | usize::from(page[at + 1]);
    let page_size = number(&bytes, 16);
    let holds = |page: &[u8], what: &str| page.windows(what.len()).any(|it| it == what.as_bytes());
    let page = bytes.chunks_mut(page_size).skip(1).find(|page| {
        let (first, last) = (8 + 2 * number(page, 3), number(page, 5));
        page[0] == 13
            && holds(page, "v1.")
            && holds(page, "/api_key")
            && last.saturating_sub(first) > text.len()
    });
    let page = page.expect("a leaf with room");
    let end = number(page, 5);
    page[end - text.len()..end].copy_from_slice(text.as_bytes());
    fs::write(vault.folder.database(), bytes).unwrap();
}
