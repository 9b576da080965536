//! Every operation, tried by those who may do all, see all, and do nothing.

use serde_json::{Value, json};

use crate::support::{Client, Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";
const NEW: &str = "/api/integrations/provider/new";
const GPT: &str = "/api/integrations/provider/main/integration/gpt";
const LIMIT: &str = "/api/integrations/llm/main/token";
const HI: &str = "/api/prompts/hi";

/// A change: how it is asked for, and the record it leaves when it is done.
struct Change {
    method: &'static str,
    path: String,
    body: Option<Value>,
    record: String,
}

impl Change {
    fn ask(&self, client: &Client) -> crate::support::Response {
        match &self.body {
            Some(body) => client.call_with(self.method, &self.path, body),
            None => client.call(self.method, &self.path),
        }
    }
}

/// One of each thing; gives the id of the application and of its key.
fn filled(server: &Server) -> (String, String) {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin.post(GPT, &model()).done();
    let tags = json!([{"key": "team", "value": "core"}]);
    admin.put(&format!("{MAIN}/tags"), &tags).done();
    admin.put(&format!("{GPT}/tags"), &tags).done();
    admin.post(LIMIT, &json!({"maxTokens": 1, "tokenLimitPeriod": "DAY"})).done();
    for version in 1..=2 {
        admin.post(&format!("{HI}?description=d&version={version}"), &json!("text")).done();
    }
    let ada = server.client("ada", &["WORKER"]);
    (ada.application, ada.key)
}

/// Every change there is, in an order in which each can be done.
fn changes((application, key): &(String, String)) -> Vec<Change> {
    let tags = || Some(json!([{"key": "a", "value": "b"}]));
    let text = || Some(json!("text"));
    let app = format!("/api/applications/{application}");
    let item = json!([{"name": "main", "type": "openai", "enabled": true}]);
    let definition = json!([{"type": "mine", "category": "API"}]);
    let event = || Some(json!([{"event": "e", "eventType": "SEND"}]));
    let limit = json!({"maxTokens": 2, "tokenLimitPeriod": "MONTH"});
    let stats = "/api/integrations/eventStats";
    let prompt = json!([{"name": "hi", "template": "text"}]);
    let (main, gpt) = ("INTEGRATION_PROVIDER main", "INTEGRATION main:gpt");
    let the_app = format!("APPLICATION {application}");
    [
        ("POST", MAIN.to_owned(), Some(openai("sk-2")), format!("UPDATE {main}")),
        ("POST", NEW.to_owned(), Some(openai("sk-2")), "CREATE INTEGRATION_PROVIDER new".into()),
        ("POST", "/api/integrations".to_owned(), Some(item), format!("UPDATE {main}")),
        ("PUT", format!("{MAIN}/tags"), tags(), format!("UPDATE {main}")),
        ("DELETE", format!("{MAIN}/tags"), tags(), format!("UPDATE {main}")),
        ("POST", GPT.to_owned(), Some(model()), format!("UPDATE {gpt}")),
        (
            "POST",
            format!("{MAIN}/integration/new"),
            Some(model()),
            "CREATE INTEGRATION main:new".into(),
        ),
        ("PUT", format!("{GPT}/tags"), tags(), format!("UPDATE {gpt}")),
        ("DELETE", format!("{GPT}/tags"), tags(), format!("UPDATE {gpt}")),
        ("POST", format!("{GPT}/metrics"), Some(json!(5)), format!("EXECUTE {gpt}")),
        ("POST", LIMIT.to_owned(), Some(limit), format!("UPDATE {main}")),
        ("POST", format!("{stats}/kafka"), event(), "CREATE EVENT_STATS *".into()),
        ("POST", format!("{stats}?type=kafka"), event(), "CREATE EVENT_STATS *".into()),
        (
            "POST",
            "/api/integrations/def/register".into(),
            Some(definition),
            "UPDATE INTEGRATION_DEF *".into(),
        ),
        (
            "POST",
            "/api/applications".into(),
            Some(json!({"name": "x"})),
            "CREATE APPLICATION ".into(),
        ),
        ("PUT", app.clone(), Some(json!({"name": "y"})), format!("UPDATE {the_app}")),
        ("PUT", format!("{app}/tags"), tags(), format!("UPDATE {the_app}")),
        ("DELETE", format!("{app}/tags"), tags(), format!("UPDATE {the_app}")),
        ("POST", format!("{app}/accessKeys"), None, format!("UPDATE {the_app}")),
        ("POST", format!("{app}/accessKeys/{key}/status"), None, format!("UPDATE {the_app}")),
        ("DELETE", format!("{app}/accessKeys/{key}"), None, format!("UPDATE {the_app}")),
        ("POST", format!("{app}/roles/USER"), None, format!("UPDATE {the_app}")),
        ("DELETE", format!("{app}/roles/USER"), None, format!("UPDATE {the_app}")),
        ("POST", "/api/prompts/new?description=d".into(), text(), "CREATE PROMPT new".into()),
        ("POST", format!("{HI}?description=d"), text(), "UPDATE PROMPT hi".into()),
        ("PUT", format!("{HI}?description=d"), text(), "UPDATE PROMPT hi".into()),
        ("POST", "/api/prompts".into(), Some(prompt), "UPDATE PROMPT hi".into()),
        ("POST", format!("{GPT}/prompt/hi"), None, "UPDATE PROMPT hi".into()),
        ("PUT", format!("{HI}/tags"), tags(), "UPDATE PROMPT hi".into()),
        ("DELETE", format!("{HI}/tags"), tags(), "UPDATE PROMPT hi".into()),
        ("PUT", format!("{HI}/labels/x"), Some(json!({"version": 1})), "UPDATE PROMPT hi".into()),
        ("DELETE", format!("{HI}/labels/x"), None, "UPDATE PROMPT hi".into()),
        ("DELETE", format!("{HI}/versions/2"), None, "DELETE PROMPT hi".into()),
        ("DELETE", HI.to_owned(), None, "DELETE PROMPT hi".into()),
        ("DELETE", GPT.to_owned(), None, format!("DELETE {gpt}")),
        ("DELETE", MAIN.to_owned(), None, format!("DELETE {main}")),
        ("DELETE", app.clone(), None, format!("DELETE {the_app}")),
    ]
    .map(|(method, path, body, record)| Change { method, path, body, record })
    .into()
}

/// Every read of a single thing.
fn reads((application, key): &(String, String)) -> Vec<String> {
    let app = format!("/api/applications/{application}");
    vec![
        MAIN.to_owned(),
        format!("{MAIN}/tags"),
        format!("{MAIN}/metrics"),
        format!("{MAIN}/integration/all"),
        GPT.to_owned(),
        format!("{GPT}/tags"),
        format!("{GPT}/metrics"),
        LIMIT.to_owned(),
        format!("{LIMIT}/history"),
        "/api/integrations/main/def/apis".to_owned(),
        format!("{GPT}/prompt"),
        HI.to_owned(),
        format!("{HI}/versions"),
        format!("{HI}/tags"),
        format!("{HI}/labels"),
        app.clone(),
        format!("{app}/accessKeys"),
        format!("{app}/tags"),
        format!("/api/applications/key/{key}"),
    ]
}

/// The lists that show only what the caller may see.
const LISTS: [&str; 7] = [
    "/api/prompts",
    "/api/integrations/provider/main/integration",
    "/api/integrations",
    "/api/integrations/all",
    "/api/integrations/provider",
    "/api/metadata/tags",
    "/api/applications",
];

#[test]
fn a_done_change_leaves_exactly_one_record_and_the_next_revision() {
    let server = &Server::start();
    let things = filled(server);
    let admin = server.admin();
    for change in changes(&things) {
        let before = server.database.revision();
        let records = server.records_of(|| {
            let answer = change.ask(&admin);
            assert_eq!(answer.status, 200, "{} {}: {}", change.method, change.path, answer.text);
        });
        let expected = format!("done {}", change.record);
        assert_eq!(records.len(), 1, "{} {}", change.method, change.path);
        assert!(records[0].starts_with(&expected), "{records:?} is not {expected}");
        assert_eq!(server.database.revision(), before + 1, "{expected}");
    }
}

#[test]
fn who_reads_only_sees_everything_and_changes_nothing() {
    let server = &Server::start();
    let things = filled(server);
    let (admin, vic) = (server.admin(), server.client("vic", &["USER_READ_ONLY"]));
    for path in reads(&things).iter().map(String::as_str).chain(LISTS) {
        assert_eq!(vic.get(path).ok(), admin.get(path).ok(), "{path}");
    }
    for change in changes(&things) {
        server.denied(|| change.ask(&vic).refused(403, "You don't have "));
    }
}

#[test]
fn who_has_no_role_sees_nothing_and_changes_nothing() {
    let server = &Server::start();
    let things = filled(server);
    let nobody = server.client("nobody", &[]);
    server.unchanged(|| {
        for path in LISTS {
            assert_eq!(nobody.get(path).ok(), json!([]), "{path}");
        }
        for path in reads(&things) {
            nobody.get(&path).refused(403, "You don't have READ access to ");
        }
    });
    for change in changes(&things) {
        server.denied(|| change.ask(&nobody).refused(403, "You don't have "));
    }
}

#[test]
fn what_everyone_may_read_needs_no_role() {
    let server = &Server::start();
    let nobody = server.client("nobody", &[]);
    for path in [
        "/api/integrations/def",
        "/api/integrations/def/openai",
        "/api/integrations/openai/def/apis",
        "/api/limits",
        "/api/metadata/taskdefs",
        "/api/token/userInfo",
    ] {
        nobody.get(path).ok();
    }
}

#[test]
fn what_is_missing_is_missing_for_everyone() {
    let server = &Server::start();
    let nobody = server.client("nobody", &[]);
    server.unchanged(|| {
        nobody.get(MAIN).refused(404, "`main`");
        nobody.delete(MAIN).refused(404, "`main`");
        nobody.get(GPT).refused(404, "`main`");
        nobody.post(GPT, &model()).refused(404, "`main`");
        nobody.get("/api/applications/x").refused(404, "`x`");
    });
}

#[test]
fn a_refusal_says_what_is_missing() {
    let server = &Server::start();
    let (application, _) = filled(server);
    let nobody = server.client("nobody", &[]);
    let app = format!("/api/applications/{application}");
    for (path, message) in [
        (MAIN, "You don't have READ access to integration `main`".to_owned()),
        (GPT, "You don't have READ access to integration `main:gpt`".to_owned()),
        (&app, format!("You don't have READ access to application `{application}`")),
    ] {
        assert_eq!(nobody.get(path).refused(403, "")["message"], message);
    }
}
