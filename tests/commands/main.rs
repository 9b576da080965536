//! `podium user`, `key`, `grant`, `audit`, `seal` and `render`, run as a person runs them: at a
//! running server and at the database itself, with the same results; and manifests and `openapi`.

#![allow(clippy::unwrap_used, missing_docs)]

mod audit;
#[path = "../support/database.rs"]
mod database;
mod desk;
mod manifest;
mod render;
mod support;

use std::process::Command;
use std::sync::mpsc::channel;

use desk::{Desk, key};
use serde_json::json;
use support::{ADMIN, Record, Said, Site, canned};

/// Does `work` at a server and at the database, then compares the audit records with what `work`
/// says: access, type and id of the target.
fn at_each_desk(work: impl Fn(&Desk<'_>) -> Vec<[String; 3]>) {
    for remote in [true, false] {
        let site = Site::new();
        let desk = Desk { site: &site, server: remote.then(|| site.serve(&[])) };
        let subject = desk.subject();
        let expected: Vec<Record> = work(&desk)
            .into_iter()
            .map(|[access, kind, id]| [subject.clone(), access, kind, id, "done".to_owned()])
            .collect();
        drop(desk);
        assert_eq!(site.records(), expected, "remote: {remote}");
    }
}

fn record(access: &str, kind: &str, id: &str) -> [String; 3] {
    [access, kind, id].map(str::to_owned)
}

#[test]
fn users_are_listed_shown_saved_and_deleted() {
    at_each_desk(|desk| {
        assert_eq!(desk.run("user list").done(), "ID  NAME  ROLES  GROUPS\n");
        let ann =
            "id      ann@example.org\nname    Ann\nroles   METADATA_MANAGER, USER\ngroups  devs\n";
        let saved = desk.run(
            "user save Ann@Example.org --name Ann --role USER --role METADATA_MANAGER --group devs",
        );
        assert_eq!(saved.done(), ann);
        assert_eq!(desk.run("user show ann@example.org").done(), ann);
        let list = "ID               NAME  ROLES                   GROUPS\n\
                    ann@example.org  Ann   METADATA_MANAGER, USER  devs\n";
        assert_eq!(desk.run("user list").done(), list);

        let shown = json!({"id": "ann@example.org", "name": "Ann B", "roles": ["USER"], "groups": ["devs"]});
        let again =
            ["user", "save", "ann@example.org", "--role", "USER", "--json", "--name", "Ann B"];
        assert_eq!(desk.run_words(&again).json(), shown);
        assert_eq!(desk.run("user show ann@example.org --json").json(), shown);
        assert_eq!(desk.run("user list --json").json(), json!([shown]));
        let with_apps = desk.run("user list --apps --json").json();
        let ids: Vec<_> = with_apps.as_array().unwrap().iter().map(|user| &user["id"]).collect();
        let ci = format!("app:{}", desk.site.ci);
        assert_eq!(ids.len(), 3);
        assert!(ids.contains(&&json!("ann@example.org")) && ids.contains(&&json!(ci)), "{ids:?}");

        assert_eq!(
            desk.run("user delete ann@example.org").done(),
            "deleted the user `ann@example.org`\n"
        );
        let missing = desk.refusal(404, "No such user: `ann@example.org`");
        assert_eq!(desk.run("user show ann@example.org").failed(), missing);
        assert_eq!(desk.run("user delete ann@example.org --json").failed(), missing);
        assert_eq!(
            desk.run("user save bob --name Bob --role KING").failed(),
            desk.refusal(404, "No such role: `KING`")
        );
        vec![
            record("UPDATE", "GROUP", "devs"),
            record("CREATE", "USER", "ann@example.org"),
            record("UPDATE", "USER", "ann@example.org"),
            record("DELETE", "USER", "ann@example.org"),
        ]
    });
}

#[test]
fn access_keys_are_made_listed_rotated_paused_resumed_and_deleted() {
    at_each_desk(|desk| {
        assert_eq!(desk.run("key list {ci} --json").json(), json!([]));
        let [url, first, secret] = desk.run("key create {ci}").exports();
        let address = desk.server.as_ref().map_or("http://127.0.0.1:8080", |server| &server.url);
        assert_eq!((url, secret.len()), (format!("{address}/api"), 64));
        let state = |line: &str, key: &str| {
            let lines = desk.run(line).table();
            lines.into_iter().find(|cells| cells[0] == key).map(|cells| cells[1].clone())
        };
        assert_eq!(state("key list app:{ci}", &first).as_deref(), Some("active"));

        assert_eq!(
            desk.run(&format!("key pause {{ci}} {first}")).done(),
            format!("paused the access key `{first}`\n")
        );
        assert_eq!(state("key list {ci}", &first).as_deref(), Some("paused"));
        assert_eq!(
            desk.run(&format!("key pause {{ci}} {first} --json")).json(),
            json!({"message": format!("the access key `{first}` is paused already")})
        );
        assert_eq!(
            desk.run(&format!("key rotate {{ci}} {first}")).failed(),
            desk.refusal(409, "only a key that works can be rotated")
        );
        assert_eq!(
            desk.run(&format!("key resume {{ci}} {first}")).done(),
            format!("resumed the access key `{first}`\n")
        );
        assert_eq!(state("key list {ci}", &first).as_deref(), Some("active"));

        let [_, second, _] = desk.run(&format!("key rotate {{ci}} {first} --overlap 1h")).exports();
        let listed = desk.run("key list {ci} --json").json();
        let ends = |key: &str| {
            let keys = listed.as_array().unwrap().iter();
            keys.clone().find(|found| found["id"] == key).unwrap()["expiresAt"].as_i64()
        };
        assert!(ends(&first).is_some() && ends(&second).is_none(), "{listed}");
        desk.run(&format!("key rotate {{ci}} {second}")).exports();
        assert_eq!(state("key list {ci}", &second).as_deref(), Some("expired"));

        let made = desk.run("key create {ci} --expires 90d --json").json();
        assert_eq!(made["secret"].as_str().unwrap().len(), 64);
        let third = made["id"].as_str().unwrap();
        let deleted = desk.run(&format!("key delete {{ci}} {third}")).done();
        assert_eq!(deleted, format!("deleted the access key `{third}`\n"));
        assert_eq!(state("key list {ci}", third), None);
        let missing = format!("No such access key: `{third}`");
        assert_eq!(
            desk.run(&format!("key delete {{ci}} {third}")).failed(),
            desk.refusal(404, &missing)
        );
        assert_eq!(desk.run(&format!("key pause {{ci}} {third}")).failed(), missing);
        assert_eq!(
            desk.run("key create nobody").failed(),
            desk.refusal(404, "No such application: `nobody`")
        );
        assert_eq!(
            desk.run("key create {ci} --expires 0s").failed(),
            desk.refusal(400, "`expiresAt` must be in the future")
        );
        let last = "the last administrator with an access key cannot be deleted, paused or demoted";
        assert_eq!(desk.run("key delete {admin} admin-key").failed(), desk.refusal(409, last));
        assert_eq!(desk.run("key pause {admin} admin-key").failed(), desk.refusal(409, last));
        vec![record("UPDATE", "APPLICATION", &desk.site.ci); 7]
    });
}

#[test]
fn grants_are_added_listed_and_removed() {
    at_each_desk(|desk| {
        desk.run("user save ann@example.org --name Ann").done();
        let ann = "user:ann@example.org";
        assert_eq!(
            desk.run(&format!("grant add {ann} integration:openai-main read Execute")).done(),
            format!("granted READ, EXECUTE on integration:openai-main to {ann}\n")
        );
        desk.run("grant add app:{ci} integration:openai-main:meta-llama/Llama-3:0 execute").done();
        desk.run("grant add group:devs tag:team:core read").done();
        let on = desk.run("grant list --on integration:openai-main").table();
        assert_eq!(on[0], ["SUBJECT", "ACCESS", "BY", "TAG"]);
        assert!(on.contains(&[ann, "EXECUTE,", "READ", "-"].map(str::to_owned).to_vec()), "{on:?}");
        assert_eq!(
            desk.run("grant list --to app:{ci} --json").json(),
            json!([{"type": "INTEGRATION", "id": "openai-main:meta-llama/Llama-3:0",
                    "access": ["EXECUTE"]}])
        );
        assert_eq!(
            desk.run("grant list --to group:devs").done(),
            "TARGET         ACCESS  BY TAG\ntag:team:core  READ    -\n"
        );
        let resource = "integration:openai-main:meta-llama/Llama-3:0";
        assert_eq!(
            desk.run(&format!("grant list --on {resource}")).table()[1],
            [&format!("app:{}", desk.site.ci), "EXECUTE", "-"]
        );

        assert_eq!(
            desk.run(&format!("grant remove {ann} integration:openai-main execute --json")).json(),
            json!({"message": format!("took away EXECUTE on integration:openai-main from {ann}")})
        );
        assert_eq!(
            desk.run(&format!("grant list --to {ann}")).done(),
            "TARGET                   ACCESS  BY TAG\nintegration:openai-main  READ    -\n"
        );
        vec![
            record("CREATE", "USER", "ann@example.org"),
            record("UPDATE", "INTEGRATION_PROVIDER", "openai-main"),
            record("UPDATE", "INTEGRATION", "openai-main:meta-llama/Llama-3:0"),
            record("UPDATE", "TAG", "team:core"),
            record("UPDATE", "INTEGRATION_PROVIDER", "openai-main"),
        ]
    });
}

#[test]
fn who_may_not_is_told_what_the_server_said() {
    let site = Site::new();
    let server = site.serve(&[]);
    let made = site.podium(&["key", "create", &site.ci], &key(&server.url, ADMIN));
    let [url, id, secret] = made.exports();
    let ci = key(&url, [&id, &secret]);
    assert_eq!(
        site.podium(&["user", "save", "bob", "--name", "Bob"], &ci).failed(),
        "the server answered 403: You don't have CREATE access to user `bob`"
    );
    let add = ["grant", "add", "user:bob", "integration:openai-main", "read"];
    assert_eq!(
        site.podium(&add, &ci).failed(),
        "the server answered 403: You don't have UPDATE access to integration `openai-main`"
    );
    let wrong = key(&url, [&id, "wrong-CANARY"]);
    assert_eq!(
        site.podium(&["user", "list"], &wrong).failed(),
        "the server answered 401: Key id or secret is wrong"
    );
    server.stop();
    let denied = site.records().into_iter().filter(|record| record[4] == "denied");
    let who = format!("app:{}", site.ci);
    let expected = [
        [&who, "CREATE", "USER", "bob", "denied"],
        [&who, "UPDATE", "INTEGRATION_PROVIDER", "openai-main", "denied"],
    ];
    assert_eq!(denied.collect::<Vec<_>>(), expected.map(|record| record.map(str::to_owned)));
}

#[test]
fn an_operator_without_a_key_gets_back_in() {
    let site = Site::new();
    site.database.tamper("DELETE FROM access_key");
    let database = site.database();
    let [url, id, secret] =
        site.podium(&["key", "recover", "--database", &database], &[]).exports();
    assert_eq!(url, "http://127.0.0.1:8080/api");

    let server = site.serve(&[]);
    let list = ["user", "list", "--apps", "--json"];
    let users = site.podium(&list, &key(&server.url, [&id, &secret])).json();
    let administrators: Vec<_> = users
        .as_array()
        .unwrap()
        .iter()
        .filter(|user| user["roles"] == json!(["ADMIN"]) && user["name"] == "administrator")
        .map(|user| user["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(administrators.len(), 2, "{users}");
    assert_eq!(server.stop(), "", "the server made no key of its own");
    let new = administrators.iter().find(|id| **id != format!("app:{}", site.admin)).unwrap();
    let new = new.strip_prefix("app:").unwrap();
    let did = |access: &str| ["local", access, "APPLICATION", new, "done"].map(str::to_owned);
    assert_eq!(site.records(), [did("CREATE"), did("UPDATE")]);
}

#[test]
fn an_administrator_is_given_one_more_key() {
    let site = Site::new();
    let database = site.database();
    let settings = [("PODIUM_DATABASE_URL", database.as_str()), ("PODIUM_LISTEN", "0.0.0.0:80")];
    let recover = |application: &str| {
        site.podium(&["key", "recover", "--application", application], &settings)
    };
    let [url, id, secret] = recover(&format!("app:{}", site.admin)).exports();
    assert_eq!(url, "http://127.0.0.1:80/api");
    assert_eq!(recover(&site.ci).failed(), "the application is no administrator");
    assert_eq!(recover("nobody").failed(), "No such application: `nobody`");

    let server = site.serve(&[]);
    let keys =
        site.podium(&["key", "list", &site.admin], &key(&server.url, [&id, &secret])).table();
    assert_eq!(keys.len(), 3, "{keys:?}");
    server.stop();
    let done = ["local", "UPDATE", "APPLICATION", &site.admin, "done"].map(str::to_owned);
    assert_eq!(site.records(), [done]);
}

#[test]
fn what_is_missing_or_misspelt_is_told() {
    let site = Site::new();
    let url = "http://127.0.0.1:1";
    for missing in 0..3 {
        let mut environment = key(url, ADMIN);
        environment[missing].1 = "";
        let told = site.podium(&["user", "list"], &environment).failed();
        assert!(told.starts_with(&format!("{} is not set", environment[missing].0)), "{told}");
        assert!(told.contains("--database"), "{told}");
    }
    let told = site.podium(&["user", "list"], &key(url, ADMIN)).failed();
    assert!(told.starts_with("http://127.0.0.1:1/api cannot be asked: "), "{told}");
    let told = site.podium(&["user", "list"], &key("http://u:hush@h", ADMIN)).failed();
    assert!(told.starts_with("CONDUCTOR_SERVER_URL must hold no user"), "{told}");

    for line in [
        "user",
        "user show",
        "user show a\u{e9}",
        "user save ann",
        "key create x --expires soon",
        "key create x --secret y",
        "key list app:",
        "grant list",
        "grant list --on tag:a:b --to user:ann",
        "grant add user:ann integration:x",
        "grant add user:ann integration:x admire",
        "grant add ann integration:x read",
        "grant add user:ann thing:x read",
    ] {
        let arguments: Vec<_> = line.split(' ').collect();
        let said = site.podium(&arguments, &key(url, ADMIN));
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{line}: {}", said.err);
    }
}

#[test]
fn the_server_is_asked_whatever_its_own_settings_are() {
    let site = Site::new();
    let server = site.serve(&[]);
    let database = site.database();
    let mut environment = key(&server.url, ADMIN).to_vec();
    environment.extend([("PODIUM_DATABASE_URL", database.as_str()), ("PODIUM_LISTEN", "h:1")]);
    site.podium(&["user", "list"], &environment).done();
}

#[test]
fn the_url_may_end_in_api_or_not() {
    let site = Site::new();
    let server = site.serve(&[]);
    for end in ["", "/", "/api", "/api/"] {
        let url = format!("{}{end}", server.url);
        site.podium(&["user", "list"], &key(&url, ADMIN)).done();
    }
}

#[test]
fn a_redirect_is_not_followed_and_strange_answers_are_told() {
    let site = Site::new();
    let ask = |answer| {
        let (url, calls) = canned(answer, || ());
        let told = site.podium(&["user", "list"], &key(&url, ADMIN)).failed();
        assert!(calls.join().unwrap().starts_with(b"POST /api/token HTTP/1.1\r\n"));
        told
    };
    let told = ask("HTTP/1.1 307 \r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    assert!(told.starts_with("the server answered 307, a redirect"), "{told}");
    let told = ask("HTTP/1.1 502 \r\nContent-Length: 3\r\n\r\nno!");
    assert!(told.starts_with("the server answered 502 and not as podium does"), "{told}");
    let told = ask("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n{}");
    assert!(told.starts_with("the server did not answer as podium does"), "{told}");
    let told = ask("HTTP/1.1 400 \r\nContent-Length: 24\r\n\r\n{\"message\": \"a\\n\\u001b\"}");
    assert_eq!(told, "the server answered 400: a");

    let (url, calls) = canned("HTTP/1.1 200 \r\n\r\n", || ());
    let url = url.replace("http://", "https://");
    let told = site.podium(&["user", "list"], &key(&url, ADMIN)).failed();
    assert!(told.starts_with(&format!("{url}/api cannot be asked: ")), "{told}");
    assert_eq!(calls.join().unwrap()[0], 0x16, "it speaks TLS");
}

#[test]
fn secrets_are_neither_arguments_nor_logged() {
    let site = Site::new();
    let server = site.serve(&[]);
    let mut environment = key(&server.url, ADMIN).to_vec();
    environment.push(("RUST_LOG", "trace"));
    let said = site.podium(&["key", "create", &site.ci], &environment);
    let secret = said.out.trim_end().rsplit('_').next().unwrap();
    assert_eq!((said.code, secret.len()), (Some(0), 64));
    assert!(!said.err.is_empty() && !said.err.contains("CANARY") && !said.err.contains(secret));
    // The dump of a message would spread a secret over its lines.
    assert!(!said.err.contains("TRACE") && !said.err.contains("eyJ"), "{}", said.err);
    drop(server);
    let local = ["key", "create", &site.ci, "--database", &site.database()];
    let said = site.podium(&local, &[("RUST_LOG", "trace")]);
    let secret = said.out.trim_end().rsplit('_').next().unwrap();
    assert!(secret.len() == 64 && !said.err.contains(secret), "{}", said.err);

    let (told, process) = channel::<u32>();
    let (url, calls) = canned("HTTP/1.1 401 \r\nContent-Length: 0\r\n\r\n", move || {
        let arguments = format!("/proc/{}/cmdline", process.recv().unwrap());
        assert!(!std::fs::read_to_string(arguments).unwrap().contains("CANARY"));
    });
    let child = site.command(&["user", "list"], &key(&url, ADMIN)).spawn().unwrap();
    told.send(child.id()).unwrap();
    let said = Said::of(child.wait_with_output().unwrap());
    let sent = String::from_utf8(calls.join().unwrap()).unwrap();
    assert!(sent.contains(ADMIN[1]), "it was looked at while it called");
    assert!(!said.failed().contains("CANARY"));
}

#[test]
fn every_command_explains_itself() {
    let help = |line: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podium"));
        let said = Said::of(command.args(line.split(' ')).arg("--help").output().unwrap());
        said.done()
    };
    for (line, words) in [
        ("user", ["CONDUCTOR_AUTH_SECRET", "--database"]),
        ("key", ["CONDUCTOR_AUTH_SECRET", "recover"]),
        ("key recover", ["PODIUM_DATABASE_URL", "--application"]),
        ("grant", ["CONDUCTOR_AUTH_SECRET", "remove"]),
        ("grant add", ["integration:openai-main", "app:ID"]),
        ("audit", ["CONDUCTOR_AUTH_SECRET", "fingerprint"]),
        ("seal", ["CONDUCTOR_AUTH_SECRET", "rotate"]),
        ("render", ["CONDUCTOR_AUTH_SECRET", "kubernetes-secret"]),
    ] {
        let text = help(line);
        assert!(words.iter().all(|word| text.contains(word)), "{line}: {text}");
    }
}

#[test]
fn the_openapi_document_is_printed_as_it_is_served() {
    let said = Site::new().podium(&["openapi"], &[]);
    assert_eq!(said.done().as_bytes(), &podium::http::openapi()[..]);
}
