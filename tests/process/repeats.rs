//! C8, at a crash: a POST whose answer never came is sent again with its `Idempotency-Key`.

use serde_json::{Value, json};

use crate::client::Client;
use crate::shim::Shim;
use crate::support::{Folder, Launch, Server};

/// The ids of the applications of this name.
fn named(client: &Client, name: &str) -> Vec<Value> {
    let listed = client.get("/applications").unwrap().json();
    let named = listed.as_array().unwrap().iter().filter(|one| one["name"] == name);
    named.map(|one| one["id"].clone()).collect()
}

/// Kills a server of `folder` by `fault` while it makes an application; whether it came to that.
fn is_killed(shim: &Shim, folder: &Folder, fault: (&str, &str), name: &str) -> bool {
    let mut server = shim.launch(folder).start();
    let client = server.admin();
    shim.strike(fault.0, fault.1);
    let answer = client.post_once("/applications", name, &json!({"name": name}));
    shim.heal(fault.0);
    server.process.kill();
    answer.is_err()
}

/// Sends the request of [`is_killed`] again, and again, and gives the server.
fn repeat(folder: &Folder, name: &str) -> Server {
    let server = Launch::new(folder).start();
    let client = server.admin();
    let again = || {
        let answer = client.post_once("/applications", name, &json!({"name": name})).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    };
    let first = again();
    assert_eq!(again().body, first.body);
    assert_eq!(named(&client, name), [first.json()["id"].clone()]);
    server
}

#[test]
fn c8_a_change_is_made_once_wherever_the_first_try_was_killed() {
    let (shim, folder) = (Shim::new(), Folder::new());
    let mut change = 1;
    while is_killed(&shim, &folder, ("kill", &change.to_string()), &format!("change {change}")) {
        repeat(&folder, &format!("change {change}"));
        change += 1;
    }
    assert!(change > 2, "only {change} changes of files were seen");
    repeat(&folder, &format!("change {change}"));
}

#[test]
fn c8_what_was_committed_and_never_answered_is_answered_to_a_repetition() {
    let (shim, folder) = (Shim::new(), Folder::new());
    assert!(is_killed(&shim, &folder, ("mute", "all"), "once"));
    let made = "SELECT id FROM application WHERE name = 'once'";
    let made: String = folder.look().query_row(made, [], |row| row.get(0)).unwrap();
    let server = repeat(&folder, "once");
    let client = server.admin();
    assert_eq!(named(&client, "once"), [json!(made)]);
    // A key that nobody has seen is shown to who made it.
    drop(server);
    let keys = format!("/applications/{made}/accessKeys");
    let mut server = shim.launch(&folder).start();
    let client = server.admin();
    shim.strike("mute", "all");
    client.post_once(&keys, "k", &json!({})).unwrap_err();
    shim.heal("mute");
    server.process.kill();
    let server = Launch::new(&folder).start();
    let client = server.admin();
    let key = client.post_once(&keys, "k", &json!({})).unwrap().json();
    let [id, secret] = ["id", "secret"].map(|member| key[member].as_str().unwrap());
    server.stranger().sign_in(id, secret).unwrap();
    assert_eq!(client.get(&keys).unwrap().json().as_array().unwrap().len(), 1);
}
