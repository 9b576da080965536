//! Ids and times of records; contract sections 2.5 and 2.6.

use data_encoding::BASE64;
use serde_json::{Value, json};

use super::records::{AI_INTEGRATIONS, INTEGRATIONS, agent, at, endpoint, escaped, least, llm};
use crate::database::Database;
use crate::support::{SEAL_KEY, Server, settings};

/// What an id encodes, in its parts.
fn parts(id: &Value) -> Vec<String> {
    let plain = BASE64.decode(id.as_str().unwrap().as_bytes()).unwrap();
    String::from_utf8(plain).unwrap().split(':').map(str::to_owned).collect()
}

fn encoded(plain: &str) -> String {
    BASE64.encode(plain.as_bytes())
}

#[test]
fn an_id_says_what_it_is_of_and_a_time_is_in_utc() {
    let server = &Server::start();
    let admin = server.admin();
    for (body, kind) in [
        (llm("main", least("OPEN_AI")), "LlmIntegration"),
        (agent("main", json!({})), "RemoteEndpointIntegration"),
        (endpoint("EVALUATOR", "judge", json!({})), "RemoteEndpointIntegration"),
    ] {
        let made = admin.make(&body);
        let found = parts(&made["id"]);
        assert_eq!((found.len(), found[0].as_str(), found[2].len()), (3, kind, 4), "{found:?}");
        assert!(found[1].parse::<i64>().unwrap() > 0);
        assert!(found[2].chars().all(|letter| letter.is_ascii_alphanumeric()), "{found:?}");
        let id = made["id"].as_str().unwrap();
        assert!(!id.contains(['+', '/', '-', '_']) && id.len().is_multiple_of(4), "{id}");
        let creator = parts(&made["created_by_user_id"]);
        assert_eq!((creator[0].as_str(), creator[1..].join(":")), ("User", admin.subject.clone()));
        for time in ["created_at", "updated_at"] {
            let time = made[time].as_str().unwrap();
            let shape: String =
                time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            assert_eq!(shape, "0000-00-00T00:00:00.000Z", "{time}");
        }
    }
}

#[test]
fn what_is_no_id_is_malformed_and_what_names_nothing_is_absent() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&llm("main", least("OPEN_AI")));
    let remote = admin.make(&agent("main", json!({})));
    let (organization, space) = admin.make_space("Acme", "prod");
    let [kind, number, check] = parts(&made["id"]).try_into().unwrap();
    let [_, other, _] = parts(&remote["id"]).try_into().unwrap();
    let id = made["id"].as_str().unwrap();
    let malformed = [
        "main".to_owned(),
        number.clone(),
        "0198f0c4-7d2e-7cc3-a1b2-c3d4e5f60718".to_owned(),
        id.trim_end_matches('=').to_owned() + "A",
        encoded(&format!("{kind}:{number}:{check}")) + "%20",
        encoded("LlmIntegration"),
        BASE64.encode(b"a:\xff"),
    ];
    let mut swapped = check.clone();
    swapped.replace_range(..1, if check.starts_with('a') { "b" } else { "a" });
    let absent = [
        encoded(&format!("{kind}:{number}")),
        encoded(&format!("{kind}:{number}:{swapped}")),
        encoded(&format!("{kind}:{number}:{check}x")),
        encoded(&format!("{kind}:{number}:{check}:x")),
        encoded(&format!("{kind}:0{number}:{check}")),
        encoded(&format!("{kind}:+{number}:{check}")),
        encoded(&format!("{kind}:{other}:{check}")),
        encoded(&format!("RemoteEndpointIntegration:{number}:{check}")),
        encoded(&format!("llmintegration:{number}:{check}")),
        encoded(&format!("{kind}:99999999999999999999:{check}")),
        encoded("Entity:12345"),
        encoded(":"),
        organization,
        space,
    ];
    let newer = json!({"type": "LLM", "name": "x"});
    let older = json!({"name": "x"});
    let tried = malformed.iter().map(|id| (id, 400)).chain(absent.iter().map(|id| (id, 404)));
    for (id, status) in tried {
        let id = id.replace('=', "%3D").replace('/', "%2F").replace('+', "%2B");
        server.unchanged(|| {
            for (list, patch) in [(INTEGRATIONS, &newer), (AI_INTEGRATIONS, &older)] {
                let path = format!("{list}/{id}");
                for answer in [admin.get(&path), admin.patch(&path, patch), admin.delete(&path)] {
                    let words = if status == 400 {
                        "`integration_id` must be an id"
                    } else {
                        "No such integration"
                    };
                    answer.problem(status, words);
                }
            }
        });
    }
    for id in [id, &escaped(id)] {
        assert_eq!(admin.get(&format!("{INTEGRATIONS}/{id}")).ok(), made);
    }
}

#[test]
fn an_id_is_for_good_and_of_one_installation() {
    let database = Database::new();
    let first = Server::on(&database, SEAL_KEY, settings());
    let made = first
        .admin()
        .make(&agent("main", json!({"request_presets": [{"name": "p", "config": {}}]})));
    drop(first);
    let again = Server::on(&database, SEAL_KEY, settings());
    assert_eq!(again.admin().read(&made), made);
    let next = again.admin().make(&llm("next", least("OPEN_AI")));
    again.admin().delete(&at(INTEGRATIONS, &next)).gone();
    let newest = again.admin().make(&llm("newest", least("OPEN_AI")));
    assert_ne!(parts(&newest["id"])[1], parts(&next["id"])[1]);
    drop(again);
    let other = Server::on(&Database::new(), &SEAL_KEY.replace('a', "b"), settings());
    let twin = other.admin().make(&agent("main", json!({})));
    assert_eq!(parts(&twin["id"])[1], parts(&made["id"])[1]);
    other.admin().get(&at(INTEGRATIONS, &made)).problem(404, "No such integration");
}
