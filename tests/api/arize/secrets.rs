//! Secrets of Arize's dialect go only where they were saved for, and no answer or record tells
//! them; what is changed leaves its records.

use serde_json::{Value, json};

use super::records::{
    AI_INTEGRATIONS, INTEGRATIONS, ROLE, URL, agent, at, endpoint, least, llm, provider,
};
use crate::saving::{resolved, with};
use crate::support::Server;

/// What no answer and no record may hold.
const SECRET: &str = "s3cr3t-c4ca4238a0b923820dcc509a";

const MAIN: &str = "/api/integrations/provider/main";
const OTHER: &str = "https://other.example.org/v1";

/// A record, changes of it that would send its secrets elsewhere, the fields that are missing, and
/// what has to be sent with those changes.
struct Case {
    body: Value,
    moves: Vec<Value>,
    needed: Vec<&'static str>,
    again: Value,
}

fn custom(more: Value) -> Value {
    llm("main", with(&least("CUSTOM"), &more))
}

fn bedrock(auth: &Value) -> Value {
    llm("main", with(&least("AWS_BEDROCK"), &json!({"auth": auth})))
}

/// Every way to have a secret in the newer family.
fn cases() -> Vec<Case> {
    let key = || json!({"api_key": SECRET});
    let headers = || json!({"headers": {"X-One": SECRET}});
    let url = || json!({"base_url": OTHER});
    let both = with(&key(), &headers());
    let case = |body, moves, needed, again| Case { body, moves, needed, again };
    let one = |provider: &str, more: Value| llm("main", with(&least(provider), &more));
    vec![
        case(
            one("ANTHROPIC", with(&key(), &json!({"base_url": URL}))),
            vec![url(), json!({"base_url": null})],
            vec!["config.api_key"],
            key(),
        ),
        case(one("ANTHROPIC", key()), vec![url()], vec!["config.api_key"], key()),
        case(
            custom(key()),
            vec![url(), json!({"headers": {"X-One": "v"}})],
            vec!["config.api_key"],
            key(),
        ),
        case(custom(headers()), vec![url()], vec!["config.headers.X-One"], headers()),
        case(
            one("LITELLM", both.clone()),
            vec![url()],
            vec!["config.api_key", "config.headers.X-One"],
            both.clone(),
        ),
        case(
            one("NVIDIA_NIM", with(&both, &json!({"base_url": URL}))),
            vec![url(), json!({"base_url": null})],
            vec!["config.api_key", "config.headers.X-One"],
            both.clone(),
        ),
        case(
            one("NVIDIA_NIM", key()),
            vec![url(), json!({"headers": {"X-Two": "v"}})],
            vec!["config.api_key"],
            key(),
        ),
        case(
            agent("main", headers()),
            vec![json!({"endpoint": OTHER})],
            vec!["config.headers.X-One"],
            headers(),
        ),
        case(
            endpoint("EVALUATOR", "main", headers()),
            vec![json!({"endpoint": OTHER})],
            vec!["config.headers.X-One"],
            headers(),
        ),
    ]
}

/// The fields that a problem names, and that it tells no secret.
fn fields(problem: &Value) -> Vec<&str> {
    assert!(!problem.to_string().contains(SECRET), "{problem}");
    let mut fields: Vec<_> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    fields.sort_unstable();
    fields
}

#[test]
fn what_points_elsewhere_needs_the_secrets_again() {
    let server = &Server::start();
    let admin = server.admin();
    for Case { body, moves, needed, again } in cases() {
        for moved in moves {
            let made = admin.make(&body);
            let clear = resolved(&admin, MAIN);
            server.unchanged(|| {
                let answer = admin.change(&made, json!({"config": moved}));
                let problem = answer.problem(409, "must be sent again");
                assert_eq!(fields(&problem), needed, "{body} {moved}");
                assert_eq!(problem["title"], "Conflict");
                // Not even with a new name, or together with what changes nothing.
                let more = json!({"name": "new", "config": moved, "scopings": []});
                admin.change(&made, more).problem(409, "must be sent again");
            });
            assert_eq!(resolved(&admin, MAIN), clear);
            let mut whole = moved.as_object().unwrap().clone();
            whole.extend(again.as_object().unwrap().clone());
            if let (Some(some), Some(more)) = (moved.get("headers"), again.get("headers")) {
                whole.insert("headers".to_owned(), with(some, more));
            }
            let changed = admin.change(&made, json!({"config": whole})).ok();
            assert!(!changed.to_string().contains(SECRET));
            let now = resolved(&admin, MAIN).to_string();
            assert_eq!(now.matches(SECRET).count(), needed.len(), "{now}");
            // Where it stays, nothing has to be sent.
            let still = json!({"config": moved, "scopings": []});
            if moved.get("headers").is_none() {
                admin.change(&made, still).ok();
                assert_eq!(resolved(&admin, MAIN).to_string(), now);
            }
            admin.delete(&at(INTEGRATIONS, &made)).gone();
        }
    }
}

#[test]
fn another_key_alone_leaves_the_other_secrets() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&custom(json!({"api_key": "sk-1", "headers": {"X-One": SECRET}})));
    admin.change(&made, json!({"config": {"api_key": "sk-2"}})).ok();
    assert_eq!(resolved(&admin, MAIN)["arize"]["headers"]["X-One"], SECRET);
    admin.change(&made, json!({"config": {"api_key": null}})).ok();
    assert_eq!(resolved(&admin, MAIN)["arize"]["headers"]["X-One"], SECRET);
    let url = json!({"config": {"base_url": OTHER, "headers": null}});
    admin.change(&made, url).ok();
    assert!(!resolved(&admin, MAIN).to_string().contains(SECRET));
    // The older family's names for the same.
    let made = admin.get(&at(AI_INTEGRATIONS, &made)).ok();
    let path = at(AI_INTEGRATIONS, &made);
    let both = json!({"api_key": SECRET, "headers": {"X-One": SECRET}});
    admin.patch(&path, &both).ok();
    server.unchanged(|| {
        let problem = admin.patch(&path, &json!({"base_url": URL})).problem(409, "");
        assert_eq!(fields(&problem), ["api_key", "headers.X-One"]);
        let some = json!({"base_url": URL, "api_key": SECRET});
        let problem = admin.patch(&path, &some).problem(409, "");
        assert_eq!(fields(&problem), ["headers.X-One"]);
    });
    admin.patch(&path, &with(&both, &json!({"base_url": URL}))).ok();
    assert_eq!(resolved(&admin, MAIN)["endpoint"], URL);
}

#[test]
fn the_other_dialect_needs_them_again_too() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&custom(json!({"headers": {"X-One": SECRET}, "api_key": SECRET})));
    let shown = admin.get(MAIN).ok()["configuration"].clone();
    let moved = with(&shown, &json!({"endpoint": OTHER}));
    server.unchanged(|| {
        let patch = json!({"configuration": {"endpoint": OTHER}});
        let told = admin.patch(MAIN, &patch).refused(409, "must be sent again");
        assert!(told.to_string().contains("headers"), "{told}");
        let post = json!({"enabled": true, "configuration": moved});
        admin.post(MAIN, &post).refused(409, "headers");
        let keyed =
            json!({"enabled": true, "configuration": with(&moved, &json!({"api_key": SECRET}))});
        admin.post(MAIN, &keyed).refused(409, "headers");
    });
    assert_eq!(resolved(&admin, MAIN)["endpoint"], URL);
    // Headers can be sent here alone.
    let config = json!({"base_url": OTHER, "headers": {"X-One": SECRET}, "api_key": SECRET});
    admin.change(&made, json!({"config": config})).ok();
    assert_eq!(resolved(&admin, MAIN)["endpoint"], OTHER);
}

#[test]
fn a_mode_of_bedrock_takes_its_secrets_along_or_loses_them() {
    let server = &Server::start();
    let admin = server.admin();
    let external = json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": SECRET});
    let bearer = json!({"auth_type": "BEARER_TOKEN", "api_key": SECRET, "base_url": URL});
    let proxy =
        json!({"auth_type": "PROXY_WITH_HEADERS", "base_url": URL, "headers": {"X-One": SECRET}});
    for (auth, other) in [(&external, &bearer), (&bearer, &proxy), (&proxy, &external)] {
        let made = admin.make(&bedrock(auth));
        // A block replaces the former as a whole: what it leaves out is removed, not kept.
        let bare = if auth["auth_type"] == "DEFAULT" {
            json!({"auth_type": "DEFAULT", "role_arn": format!("{ROLE}2")})
        } else {
            json!({"auth_type": "PROXY_WITH_HEADERS", "base_url": OTHER})
        };
        admin.change(&made, json!({"config": {"auth": bare}})).ok();
        assert!(!resolved(&admin, MAIN).to_string().contains(SECRET));
        admin.change(&made, json!({"config": {"auth": other}})).ok();
        assert_eq!(
            resolved(&admin, MAIN).to_string().matches(SECRET).count(),
            1 + usize::from(*other == external)
        );
        admin.delete(&at(INTEGRATIONS, &made)).gone();
    }
}

#[test]
fn no_answer_and_no_record_tells_a_secret() {
    let server = &Server::start();
    let admin = server.admin();
    let oauth = json!({"auth_type": "OAUTH2_CLIENT_CREDENTIALS", "client_id": "c", "client_secret": SECRET,
                       "token_url": "https://login.example.org"});
    let bodies = [
        bedrock(&json!({"auth_type": "BEARER_TOKEN", "api_key": SECRET})),
        custom(json!({"auth": oauth})),
    ];
    let records = cases().into_iter().map(|case| case.body).chain(bodies);
    for body in records {
        let mut texts = vec![];
        let answer = admin.post(INTEGRATIONS, &body);
        let made = answer.json.clone();
        texts.push(answer.text);
        texts.push(admin.post(INTEGRATIONS, &body).text);
        for path in [
            at(INTEGRATIONS, &made),
            at(AI_INTEGRATIONS, &made),
            INTEGRATIONS.to_owned(),
            format!("{INTEGRATIONS}?type=EVALUATOR"),
            AI_INTEGRATIONS.to_owned(),
            provider("main"),
            "/api/integrations".to_owned(),
            "/api/integrations/provider".to_owned(),
        ] {
            texts.push(admin.get(&path).text);
        }
        texts.push(admin.change(&made, json!({"name": "other"})).text);
        texts.push(admin.change(&made, json!({"config": {"strange": SECRET}})).text);
        texts.push(admin.change(&made, json!({"config": body["config"]})).text);
        texts.push(admin.get("/api/audit?limit=100").text);
        texts.push(admin.delete(&at(INTEGRATIONS, &made)).text);
        for text in &texts {
            assert!(!text.contains(SECRET), "{text}");
        }
        assert!(texts.iter().filter(|text| text.contains("\"name\"")).count() > 4);
    }
    assert!(server.database.secrets().is_empty());
    let bytes = server.database.bytes();
    assert!(!bytes.windows(SECRET.len()).any(|found| found == SECRET.as_bytes()));
}

/// The records that `work` leaves, each with its action in front.
fn records(server: &Server, work: impl FnOnce()) -> Vec<String> {
    let before = server.database.last_record();
    work();
    let sql = format!(
        "SELECT action, outcome, access, target_kind, target_id FROM audit WHERE seq > {before} ORDER BY seq"
    );
    server.database.rows(&sql).into_iter().map(|row| row.join(" ")).collect()
}

#[test]
fn each_part_of_a_change_leaves_a_record() {
    let server = &Server::start();
    let admin = server.admin();
    let (main, next) = ("INTEGRATION_PROVIDER main", "INTEGRATION_PROVIDER next");
    let mut made = Value::Null;
    let models = json!({"model_names": ["a", "b"]});
    assert_eq!(
        records(server, || made = admin.make(&custom(models))),
        [
            format!("integration.save done CREATE {main}"),
            "resource.save done CREATE INTEGRATION main:a".to_owned(),
            "resource.save done CREATE INTEGRATION main:b".to_owned(),
        ]
    );
    let change = |changes: Value| records(server, || drop(admin.change(&made, changes).ok()));
    let update = format!("integration.change done UPDATE {main}");
    assert_eq!(change(json!({"scopings": []})), std::slice::from_ref(&update));
    assert_eq!(
        change(json!({"config": {"model_names": ["b", "c"]}})),
        [
            update.clone(),
            "resource.delete done DELETE INTEGRATION main:a".to_owned(),
            "resource.save done CREATE INTEGRATION main:c".to_owned(),
        ]
    );
    assert_eq!(change(json!({"config": {"api_key": SECRET}})), std::slice::from_ref(&update));
    let detail =
        server.database.column("SELECT detail FROM audit ORDER BY seq DESC LIMIT 1").remove(0);
    assert!(detail.contains("api_key"), "{detail}");
    assert_eq!(
        change(json!({"name": "next"})),
        [update.clone(), format!("integration.rename done UPDATE {main}")]
    );
    let detail =
        server.database.column("SELECT detail FROM audit ORDER BY seq DESC LIMIT 1").remove(0);
    assert!(detail.contains("\"to\":\"next\""), "{detail}");
    assert_eq!(
        records(server, || admin.delete(&at(INTEGRATIONS, &made)).gone()),
        [format!("integration.delete done DELETE {next}")]
    );
}
