//! Reading another server of Conductor's API: Podium itself, and one that shows secrets in clear.

use serde_json::{Value, json};

use super::fake::{Asked, serve};
use super::{Desk, WHOLE, golden};
use crate::support::{Said, Site};

/// What a server of the contract answers that shows secrets.
fn open(asked: &Asked) -> (u16, Value) {
    let tag = json!({"key": "team", "value": "core"});
    match asked.line.as_str() {
        "POST /api/token" => (200, json!({"token": "t"})),
        "GET /api/integrations/provider?activeOnly=false" => (
            200,
            json!([
                {"name": "pg", "type": "postgres_x", "category": "VECTOR_DB", "enabled": false, "tags": [],
                 "configuration": {"datasourceURL": "jdbc:postgresql://h/db?user=u&password=CANARY-jdbc",
                                   "user": "u", "password": "CANARY-password"},
                 "createTime": 1, "ownerApp": "x", "modelsCount": 0},
                {"name": "azure main", "type": "azure_openai", "category": "AI_MODEL",
                 "description": "Main # account", "enabled": true, "tags": [tag],
                 "configuration": {"api_key": "CANARY-azure", "endpoint": "https://a.example.org/",
                                   "headers": {"X-Key": "CANARY-header"}, "unknownKey": "CANARY-key"}},
            ]),
        ),
        "GET /api/integrations/provider/azure%20main/integration?activeOnly=false" => (
            200,
            json!([{"integrationName": "azure main", "api": "gpt:4/o", "enabled": true, "tags": [tag],
                    "description": "", "configuration": {"token": "CANARY-resource"}}]),
        ),
        "GET /api/prompts" => (
            200,
            json!([{"name": "greeting", "version": 2, "template": "Hi ${name}\n", "tags": [tag],
                    "integrations": ["azure main:gpt:4/o"], "temperature": 0.5, "topP": 1,
                    "stopWords": [], "responseFormat": "text", "description": "d"}]),
        ),
        _ => (404, json!({"status": 404, "message": "No such thing"})),
    }
}

fn read(url: &str, environment: &[(&str, &str)], line: &str) -> Said {
    let site = Site::new();
    let line = format!("export --from-conductor {url}{line}");
    let said = site.podium(&line.split(' ').collect::<Vec<_>>(), environment);
    assert!(!format!("{}{}", said.out, said.err).contains("CANARY"), "{}{}", said.out, said.err);
    said
}

#[test]
fn a_server_that_shows_secrets_is_read_without_them() {
    let (url, asked) = serve(|asked| Some(open(asked)));
    let said = read(&url, &[], "");
    assert_eq!(said.code, Some(0), "{}", said.err);
    golden("foreign.yaml", &said.out);
    golden("foreign.txt", &said.err);
    let first = asked.try_iter().next().unwrap();
    assert_eq!((first.line.contains("token"), first.header("x-authorization")), (false, None));

    let key = [("CONDUCTOR_AUTH_KEY", "k"), ("CONDUCTOR_AUTH_SECRET", "s")];
    let said = read(&url, &key, " --name azure* --tag team:core --format json");
    let manifest: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(manifest["integrations"].as_array().unwrap().len(), 1);
    let asked: Vec<_> = asked.try_iter().collect();
    let last = asked.last().unwrap();
    assert_eq!(
        (last.line.as_str(), last.header("x-authorization")),
        ("GET /api/prompts", Some("t"))
    );
    let said = read(&url, &key, " --category VECTOR_DB");
    assert!(said.out.contains("name: pg") && !said.out.contains("azure"), "{}", said.out);

    // What was read is applied here.
    let desk = Desk::new();
    let text = read(&url, &[], " --category AI_MODEL").out;
    desk.write("all.yaml", &text);
    let secrets = [
        ("AZURE_MAIN_API_KEY", "CANARY-1"),
        ("AZURE_MAIN_HEADERS_X_KEY", "CANARY-2"),
        ("AZURE_MAIN_UNKNOWNKEY", "CANARY-3"),
        ("AZURE_MAIN_GPT_4_O_TOKEN", "CANARY-4"),
    ];
    let said = desk.run_with("apply --yes -f all.yaml", &secrets);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("Applied: 2 created"), "{}", said.out);
}

#[test]
fn a_server_of_podium_is_read_by_conductors_calls() {
    let desk = Desk::new();
    desk.write("conf/whole.yaml", WHOLE);
    desk.write("conf/secrets/team", "CANARY-team");
    desk.run("apply -f conf --yes").done();
    let key =
        [("CONDUCTOR_AUTH_KEY", "admin-key"), ("CONDUCTOR_AUTH_SECRET", crate::support::ADMIN[1])];
    let url = &desk.server.url;
    let said = desk.site.podium(&["export", "--from-conductor", url, "-o", "all.yaml"], &key);
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""));
    golden("podium.txt", &said.err);
    let read = std::fs::read_to_string(desk.site.file("all.yaml")).unwrap();
    golden("podium.yaml", &read);
    // The same, but for what belongs to an owner: nobody owns what comes from elsewhere.
    let secrets = [
        ("OPENAI_API_KEY", "CANARY-openai"),
        ("OPENAI_HEADERS_X_TEAM", "CANARY-team"),
        ("OPENAI_MAIN_API_KEY", "sk-1"),
    ];
    let said = desk.run_with("plan --adopt -f all.yaml", &secrets);
    golden("podium-plan.txt", &format!("{}{}", said.out, said.err));
}

#[test]
fn a_server_that_is_none_or_lets_nobody_in_is_told() {
    let told = |url: &str, key: &[(&str, &str)]| read(url, key, "").failed();
    assert_eq!(told("nonsense", &[]), "--from-conductor must begin with http:// or https://");
    let key = [("CONDUCTOR_AUTH_KEY", "k"), ("CONDUCTOR_AUTH_SECRET", "s")];
    let (url, _asked) = serve(|_| Some((401, json!({"message": "No."}))));
    assert_eq!(told(&url, &key), "the server answered 401: No.");
    let (url, _asked) = serve(|_| Some((200, json!("hello"))));
    assert_eq!(told(&url, &[]), "the server did not answer as podium does: is the URL right?");
    let (url, _asked) = serve(|_| None);
    assert!(told(&url, &[]).contains(" cannot be asked: "));
}
