//! Where secrets of a running server must not be found: its command line, its memory through
//! others, children that it starts.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::client::Client;
use crate::support::{ADMIN_ID, ADMIN_SECRET, CANARY, Folder, Launch, Process};
use crate::vault::rotate;

/// A user that is not root and, where the tests run as root, may not read what is root's.
const NOBODY: u32 = 65_534;

/// Whether the tests run as root.
fn is_root(folder: &Folder) -> bool {
    fs::metadata(folder.path()).unwrap().uid() == 0
}

#[test]
fn h11_the_memory_of_a_server_is_closed_to_others_of_its_user() {
    let folder = Folder::new();
    // What is about a process belongs to its user; once it cannot be dumped, to root. The same
    // holds for who may look into its memory, and for core dumps.
    let mut launch = Launch::new(&folder);
    let mut other = Command::new("cat");
    if is_root(&folder) {
        chown(folder.path(), Some(NOBODY), None).unwrap();
        launch = launch.by(&folder, NOBODY);
        std::os::unix::process::CommandExt::uid(&mut other, NOBODY);
    }
    let user = fs::metadata(folder.path()).unwrap().uid();
    let mut other = other.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let open = format!("/proc/{}/environ", other.id());
    let server = launch.start();
    server.admin();
    assert_eq!(owner(&open), user, "this test cannot fail");
    assert_eq!(owner(server.process.about("environ").to_str().unwrap()), 0);
    assert_eq!(fs::metadata(folder.database()).unwrap().uid(), user);
    other.kill().unwrap();
    other.wait().unwrap();
    server.stop();
}

#[test]
fn h11_secrets_are_in_no_command_line_no_environment_and_no_child() {
    let folder = Folder::new();
    fs::write(folder.file("id"), ADMIN_ID).unwrap();
    fs::write(folder.file("secret"), ADMIN_SECRET).unwrap();
    let server = Launch::bare(&folder)
        .env("PODIUM_ADMIN_KEY_ID_FILE", "id")
        .env("PODIUM_ADMIN_KEY_SECRET_FILE", "secret")
        .env("PODIUM_RESOLVE", "on")
        .start();
    let client = server.shelf();
    assert_eq!(client.save("one", 1).unwrap().status, 200);
    let resolve = "/integrations/provider/shelf/integration/one/resolve";
    assert_eq!(client.post(resolve, &json!({})).unwrap().status, 200);
    rotate(&client);
    assert_bare(&server.process, &folder, &client);
    server.stop();
}

/// What others can see of the process holds no secret, and it has no children.
fn assert_bare(process: &Process, folder: &Folder, client: &Client) {
    let key = fs::read_to_string(folder.seal_key()).unwrap();
    let token = client.token.as_deref().unwrap();
    for what in ["cmdline", "environ"] {
        // Of a process that cannot be dumped, only root can read the environment.
        let Ok(text) = fs::read(process.about(what)) else {
            assert!(what == "environ" && !is_root(folder));
            continue;
        };
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(text.contains("podium") || text.contains("PODIUM"), "{what}: {text}");
        for secret in [CANARY, key.trim(), token] {
            assert!(!text.contains(secret), "a secret is in {what}");
        }
    }
    for task in fs::read_dir(process.about("task")).unwrap() {
        let children = fs::read_to_string(task.unwrap().path().join("children")).unwrap();
        assert_eq!(children, "", "the server has started a process");
    }
}

fn owner(path: &str) -> u32 {
    fs::metadata(path).unwrap().uid()
}
