//! Each client gets the words of its release; contract section 1.

use serde_json::{Value, json};

use super::records::{
    AI_INTEGRATIONS, INTEGRATIONS, PROVIDERS, agent, at, endpoint, least, llm, names, provider,
};
use crate::saving::with;
use crate::support::{Client, Response, Server};

const PYTHON: (&str, &str) = ("arize", "python");
const JAVASCRIPT: (&str, &str) = ("@arizeai/ax-client", "javascript");
const GO: (&str, &str) = ("arize", "go");

/// A client library of some version.
struct Sdk<'c> {
    client: &'c Client,
    package: (&'static str, &'static str),
    version: &'static str,
}

impl<'c> Sdk<'c> {
    fn new(
        client: &'c Client,
        package: (&'static str, &'static str),
        version: &'static str,
    ) -> Self {
        Self { client, package, version }
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let headers = [
            ("sdk-package-name", self.package.0),
            ("sdk-language", self.package.1),
            ("sdk-version", self.version),
            ("Content-Type", "application/json"),
        ];
        let body = body.map(Value::to_string);
        self.client.send(method, path, &headers, body.as_deref())
    }

    fn get(&self, path: &str) -> Response {
        self.send("GET", path, None)
    }

    fn read(&self, record: &Value) -> Value {
        self.get(&at(INTEGRATIONS, record)).ok()
    }
}

/// The words of both spellings: a type, a provider, and the same in the older one.
const WORDS: [(&str, &str); 11] = [
    ("OPEN_AI", "openAI"),
    ("AZURE_OPEN_AI", "azureOpenAI"),
    ("AWS_BEDROCK", "awsBedrock"),
    ("VERTEX_AI", "vertexAI"),
    ("ANTHROPIC", "anthropic"),
    ("CUSTOM", "custom"),
    ("NVIDIA_NIM", "nvidiaNim"),
    ("GEMINI", "gemini"),
    ("AWS", "aws"),
    ("GCP", "gcp"),
    ("DEFAULT", "default"),
];

#[test]
fn each_release_reads_and_writes_its_own_words() {
    let server = &Server::start();
    let admin = server.admin();
    for (index, (package, version, is_lower)) in [
        (PYTHON, "8.38.0", true),
        (PYTHON, "8.39.4", true),
        (PYTHON, "8.40.0", false),
        (PYTHON, "8.61.0", false),
        (JAVASCRIPT, "1.23.0", true),
        (JAVASCRIPT, "1.24.0", false),
        (JAVASCRIPT, "1.28.0", false),
        (GO, "0.16.0", true),
        (GO, "0.17.0", false),
        (("other", "ruby"), "0.1.0", false),
    ]
    .into_iter()
    .enumerate()
    {
        let sdk = Sdk::new(&admin, package, version);
        let word = |upper: &'static str| {
            let lower = WORDS.iter().find(|(one, _)| *one == upper).unwrap().1;
            if is_lower { lower } else { upper }
        };
        let kind = if is_lower { "llm" } else { "LLM" };
        let config = json!({"provider": word("OPEN_AI"), "api_key": "sk-1"});
        let body = json!({"type": kind, "name": format!("new {index}"), "config": config});
        let made = sdk.send("POST", INTEGRATIONS, Some(&body)).made();
        assert_eq!(made["type"], kind, "{version}");
        assert_eq!(made["config"]["provider"], word("OPEN_AI"), "{version}");
        assert_eq!(sdk.read(&made), made);
        assert_eq!(sdk.get(&format!("{INTEGRATIONS}?type={kind}")).ok()["integrations"][0], made);
        let changes =
            json!({"type": kind, "config": {"provider": word("OPEN_AI"), "api_key": null}});
        let path = at(INTEGRATIONS, &made);
        let after = sdk.send("PATCH", &path, Some(&changes)).ok();
        assert_eq!(
            (&after["type"], &after["config"]["has_api_key"]),
            (&json!(kind), &json!(false))
        );

        for (provider, metadata) in [
            ("OPEN_AI", Value::Null),
            ("AZURE_OPEN_AI", Value::Null),
            ("ANTHROPIC", Value::Null),
            ("CUSTOM", Value::Null),
            ("NVIDIA_NIM", Value::Null),
            ("GEMINI", Value::Null),
            ("AWS_BEDROCK", json!({"kind": word("AWS"), "role_arn": "r", "external_id": null})),
            (
                "VERTEX_AI",
                json!({"kind": word("GCP"), "project_id": "p", "location": "l", "project_access_label": "a"}),
            ),
        ] {
            let body = json!({
                "name": format!("{provider} {index}"),
                "provider": word(provider),
                "auth_type": word("DEFAULT"),
                "provider_metadata": metadata,
            });
            let made = sdk.send("POST", AI_INTEGRATIONS, Some(&body)).made();
            for member in ["provider", "auth_type", "provider_metadata"] {
                assert_eq!(made[member], body[member], "{version}");
            }
            assert_eq!(sdk.get(&at(AI_INTEGRATIONS, &made)).ok(), made);
            assert_eq!(sdk.get(AI_INTEGRATIONS).ok()["ai_integrations"][0], made);
            sdk.send("DELETE", &at(AI_INTEGRATIONS, &made), None).gone();
        }
    }
}

#[test]
fn who_names_no_version_gets_back_what_they_wrote() {
    let server = &Server::start();
    let admin = server.admin();
    let lower =
        json!({"type": "llm", "name": "a", "config": {"provider": "openAI", "api_key": "k"}});
    let made = admin.make(&lower);
    assert_eq!((&made["type"], &made["config"]["provider"]), (&json!("llm"), &json!("openAI")));
    assert_eq!(made["config"]["is_default_models_enabled"], false);
    let read = admin.read(&made);
    assert_eq!((&read["type"], &read["config"]["provider"]), (&json!("LLM"), &json!("OPEN_AI")));
    assert_eq!(read["config"].get("is_default_models_enabled"), None);
    let list = |query: &str| {
        admin.get(&format!("{INTEGRATIONS}?{query}")).ok()["integrations"][0]["type"].clone()
    };
    assert_eq!(
        (list("type=llm"), list("type=LLM"), list("")),
        (json!("llm"), json!("LLM"), json!("LLM"))
    );
    let renamed = |kind: &str| {
        admin.patch(&at(INTEGRATIONS, &made), &json!({"type": kind, "name": kind})).ok()
    };
    assert_eq!((&renamed("llm")["type"], &renamed("LLM")["type"]), (&json!("llm"), &json!("LLM")));
    let older = json!({"name": "b", "provider": "azureOpenAI"});
    let made = admin.post(AI_INTEGRATIONS, &older).made();
    assert_eq!((&made["provider"], &made["auth_type"]), (&json!("azureOpenAI"), &json!("default")));
    let path = at(AI_INTEGRATIONS, &made);
    assert_eq!(admin.get(&path).ok()["provider"], "AZURE_OPEN_AI");
    let changed = admin.patch(&path, &json!({"auth_type": "bearer_token"})).ok();
    assert_eq!(
        (&changed["provider"], &changed["auth_type"]),
        (&json!("azureOpenAI"), &json!("bearer_token"))
    );
    assert_eq!(admin.patch(&path, &json!({"name": "c"})).ok()["provider"], "AZURE_OPEN_AI");
}

#[test]
fn the_request_of_the_documentation_works_as_printed() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&llm("Production OpenAI", least("OPEN_AI")));
    let patch = json!({
        "type": "llm",
        "name": "Production OpenAI (updated)",
        "config": {"is_default_models_enabled": true},
    });
    let changed = admin.patch(&at(INTEGRATIONS, &made), &patch).ok();
    let expected = json!({
        "id": made["id"],
        "type": "llm",
        "name": "Production OpenAI (updated)",
        "scopings": [{"organization_id": null, "space_id": null}],
        "created_at": made["created_at"],
        "updated_at": changed["updated_at"],
        "created_by_user_id": made["created_by_user_id"],
        "config": {
            "provider": "openAI",
            "has_api_key": true,
            "is_function_calling_enabled": true,
            "is_default_models_enabled": true,
        },
    });
    assert_eq!(changed, expected);
    let old = Sdk::new(&admin, PYTHON, "8.38.0").read(&made);
    assert_eq!(old, expected);
    for version in ["8.39.0", "8.40.0", "8.61.0"] {
        let read = Sdk::new(&admin, PYTHON, version).read(&made);
        assert_eq!(read["config"].get("is_default_models_enabled"), None, "{version}");
    }
    // The same setting under the older family's name.
    let flat = admin.get(&at(AI_INTEGRATIONS, &made)).ok();
    assert_eq!(flat["enable_default_models"], true);
    let upper = json!({"type": "LLM", "config": {"is_default_models_enabled": true}});
    let sdk = Sdk::new(&admin, PYTHON, "8.39.0");
    server.unchanged(|| {
        let place = "config.is_default_models_enabled";
        admin.patch(&at(INTEGRATIONS, &made), &upper).names(422, place);
        let lower = with(&upper, &json!({"type": "llm"}));
        sdk.send("PATCH", &at(INTEGRATIONS, &made), Some(&lower)).problem(422, place);
    });
}

#[test]
fn a_strict_client_gets_no_member_that_came_after_it() {
    let server = &Server::start();
    let admin = server.admin();
    let anthropic = admin
        .make(&llm("a", with(&least("ANTHROPIC"), &json!({"base_url": "https://a.example.org"}))));
    let custom = admin.make(&llm("c", least("CUSTOM")));
    for (version, is_strict) in
        [("8.41.0", true), ("8.43.0", true), ("8.45.0", false), ("8.61.0", false)]
    {
        let sdk = Sdk::new(&admin, PYTHON, version);
        let refused = sdk.send("POST", INTEGRATIONS, Some(&json!({}))).problem(422, "`type`");
        assert_eq!(refused.get("errors").is_none(), is_strict, "{version}");
        for (record, member) in [(&anthropic, "base_url"), (&custom, "auth")] {
            let read = sdk.read(record);
            assert_eq!(read["config"].get(member).is_none(), is_strict, "{version} {member}");
            let listed =
                sdk.get(&format!("{INTEGRATIONS}?name={}", record["name"].as_str().unwrap())).ok();
            assert_eq!(listed["integrations"], json!([read]));
            let mut expected = record.clone();
            if is_strict {
                expected["config"].as_object_mut().unwrap().remove(member);
            }
            assert_eq!(read, expected, "{version}");
        }
    }
}

#[test]
fn what_a_release_does_not_know_is_not_there_for_it() {
    let server = &Server::start();
    let admin = server.admin();
    let mut records: Vec<_> =
        PROVIDERS.iter().map(|provider| admin.make(&llm(provider, least(provider)))).collect();
    records.push(admin.make(&agent("AGENT", json!({}))));
    records.push(admin.make(&endpoint("EVALUATOR", "EVALUATOR", json!({}))));
    let azure = json!({"name": "AZURE_OPEN_AI", "provider": "AZURE_OPEN_AI"});
    records.push(admin.post(AI_INTEGRATIONS, &azure).made());
    let late = ["LITELLM", "FIREWORKS", "TOGETHER_AI"];
    let seven: Vec<_> = PROVIDERS.into_iter().filter(|one| !late.contains(one)).collect();
    let and = |some: &[&'static str], more: &[&'static str]| [some, more].concat();
    for (package, version, newer, older) in [
        (PYTHON, "8.38.0", vec!["OPEN_AI"], and(&seven, &["AZURE_OPEN_AI"])),
        (PYTHON, "8.39.0", vec!["OPEN_AI", "ANTHROPIC"], and(&seven, &["AZURE_OPEN_AI"])),
        (PYTHON, "8.40.0", vec!["OPEN_AI", "ANTHROPIC"], and(&seven, &["AZURE_OPEN_AI"])),
        (PYTHON, "8.41.0", and(&seven, &["AGENT"]), and(&seven, &["AZURE_OPEN_AI"])),
        (PYTHON, "8.52.0", and(&seven, &["AGENT"]), and(&seven, &["AZURE_OPEN_AI"])),
        (
            PYTHON,
            "8.53.0",
            and(&seven, &["LITELLM", "AGENT", "EVALUATOR"]),
            and(&seven, &["LITELLM", "AZURE_OPEN_AI"]),
        ),
        (
            PYTHON,
            "8.55.0",
            and(&PROVIDERS, &["AGENT", "EVALUATOR"]),
            and(&PROVIDERS, &["AZURE_OPEN_AI"]),
        ),
        (JAVASCRIPT, "1.28.0", and(&seven, &["AGENT"]), and(&seven, &["AZURE_OPEN_AI"])),
        (
            GO,
            "0.17.0",
            and(&PROVIDERS, &["AGENT", "EVALUATOR"]),
            and(&PROVIDERS, &["AZURE_OPEN_AI"]),
        ),
    ] {
        let sdk = Sdk::new(&admin, package, version);
        for (list, known) in [(INTEGRATIONS, newer), (AI_INTEGRATIONS, older)] {
            // One at a time, so that what is hidden lies between the pages.
            let (mut found, mut cursor) = (vec![], String::new());
            loop {
                let page = sdk.get(&format!("{list}?limit=1{cursor}")).ok();
                found.extend(names(&page).into_iter().map(str::to_owned));
                let Some(next) = page["pagination"].get("next_cursor") else { break };
                assert_eq!(names(&page).len(), 1, "{version} {page}");
                cursor = format!("&cursor={}", next.as_str().unwrap());
            }
            let mut listed: Vec<_> =
                known.iter().copied().filter(|name| *name != "EVALUATOR").collect();
            listed.sort_unstable();
            found.sort();
            assert_eq!(found, listed, "{package:?} {version} {list}");
            for record in &records {
                let (path, name) = (at(list, record), record["name"].as_str().unwrap());
                if known.contains(&name) {
                    assert_eq!(sdk.get(&path).ok()["id"], record["id"]);
                    continue;
                }
                let kind = record["type"].as_str().unwrap_or("LLM");
                let changes = match list {
                    INTEGRATIONS => json!({"type": kind, "name": "new"}),
                    _ => json!({"name": "new"}),
                };
                server.unchanged(|| {
                    sdk.get(&path).problem(404, "No such integration");
                    sdk.send("PATCH", &path, Some(&changes)).problem(404, "No such integration");
                    sdk.send("DELETE", &path, None).problem(404, "No such integration");
                });
            }
        }
    }
    assert!(admin.get(&provider("AZURE_OPEN_AI")).ok()["type"] == "azure_openai");
}

#[test]
fn oauth_is_hidden_from_those_who_do_not_know_it_in_the_older_family() {
    let server = &Server::start();
    let admin = server.admin();
    let auth = json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "client_id": "c", "client_secret": "s",
                      "token_url": "https://login.example.org"});
    let made = admin.make(&llm("custom", with(&least("CUSTOM"), &json!({"auth": auth}))));
    for (version, is_known) in
        [("8.45.0", false), ("8.52.0", false), ("8.53.0", true), ("8.61.0", true)]
    {
        let sdk = Sdk::new(&admin, PYTHON, version);
        let count = usize::from(is_known);
        assert_eq!(names(&sdk.get(AI_INTEGRATIONS).ok()).len(), count, "{version}");
        let status = if is_known { 200 } else { 404 };
        assert_eq!(sdk.get(&at(AI_INTEGRATIONS, &made)).status, status, "{version}");
    }
}

#[test]
fn what_a_client_accepts_does_not_change_what_it_gets() {
    let server = &Server::start();
    let admin = server.admin();
    for accept in ["application/problem+json", "application/json", "*/*", "text/plain"] {
        let made = admin.make(&llm("main", least("OPEN_AI")));
        let path = at(INTEGRATIONS, &made);
        let call = |method: &str| admin.send(method, &path, &[("Accept", accept)], None);
        assert_eq!(call("GET").ok(), made);
        call("DELETE").gone();
        call("DELETE").problem(404, "No such integration");
    }
}
