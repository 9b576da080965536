//! Who makes an integration owns it; contract section 9.2.

use serde_json::{Value, json};

use crate::support::{Client, PROVIDER, Server, model, openai};

const MAKERS: [&str; 2] = ["USER", "METADATA_MANAGER"];
const HERS: &str = "/api/integrations/provider/hers";

fn fill(client: &Client, name: &str) {
    let path = format!("{PROVIDER}/{name}");
    client.post(&path, &openai("sk-1")).ok();
    client.post(&format!("{path}/integration/gpt"), &model()).done();
    let tags = json!([{"key": "of", "value": name}]);
    client.put(&format!("{path}/tags"), &tags).done();
    client.put(&format!("{path}/integration/gpt/tags"), &tags).done();
}

#[test]
fn an_owner_does_everything_with_what_is_theirs() {
    let server = &Server::start();
    for role in MAKERS {
        let ada = server.client("ada", &[role]);
        fill(&ada, "hers");
        let gpt = format!("{HERS}/integration/gpt");
        ada.post(HERS, &openai("sk-2")).ok();
        ada.post(&gpt, &model()).done();
        ada.post(&format!("{gpt}/metrics"), &json!(3)).done();
        assert_eq!(ada.get(&format!("{gpt}/metrics")).ok(), 3);
        let limit = json!({"maxTokens": 5, "tokenLimitPeriod": "DAY"});
        ada.post("/api/integrations/llm/hers/token", &limit).done();
        ada.get("/api/integrations/llm/hers/token/history").ok();
        ada.post("/api/integrations", &json!([{"name": "hers", "type": "openai"}])).done();
        ada.get("/api/integrations/hers/def/apis").ok();
        ada.call_with("DELETE", &format!("{HERS}/tags"), &json!([{"key": "of", "value": "hers"}]))
            .done();
        ada.delete(&gpt).done();
        ada.delete(HERS).done();
        ada.post("/api/integrations/eventStats/kafka", &json!([])).done();
    }
}

#[test]
fn nobody_else_who_makes_things_touches_them() {
    let server = &Server::start();
    let (ada, admin) = (server.client("ada", &["USER"]), server.admin());
    fill(&ada, "hers");
    let gpt = format!("{HERS}/integration/gpt");
    let tags = json!([{"key": "x", "value": "y"}]);
    let limit = json!({"maxTokens": 5, "tokenLimitPeriod": "DAY"});
    let item = json!([{"name": "hers", "type": "openai"}]);
    for role in MAKERS {
        let bob = server.client("bob", &[role]);
        for (method, path, body, record) in [
            ("POST", HERS.to_owned(), Some(openai("x")), "UPDATE INTEGRATION_PROVIDER hers"),
            ("DELETE", HERS.to_owned(), None, "DELETE INTEGRATION_PROVIDER hers"),
            ("PUT", format!("{HERS}/tags"), Some(tags.clone()), "UPDATE INTEGRATION_PROVIDER hers"),
            (
                "DELETE",
                format!("{HERS}/tags"),
                Some(tags.clone()),
                "UPDATE INTEGRATION_PROVIDER hers",
            ),
            ("POST", gpt.clone(), Some(model()), "UPDATE INTEGRATION hers:gpt"),
            ("POST", format!("{gpt}2"), Some(model()), "UPDATE INTEGRATION_PROVIDER hers"),
            ("DELETE", gpt.clone(), None, "DELETE INTEGRATION hers:gpt"),
            ("PUT", format!("{gpt}/tags"), Some(tags.clone()), "UPDATE INTEGRATION hers:gpt"),
            ("POST", format!("{gpt}/metrics"), Some(json!(1)), "EXECUTE INTEGRATION hers:gpt"),
            (
                "POST",
                "/api/integrations/llm/hers/token".into(),
                Some(limit.clone()),
                "UPDATE INTEGRATION_PROVIDER hers",
            ),
            (
                "POST",
                "/api/integrations".into(),
                Some(item.clone()),
                "UPDATE INTEGRATION_PROVIDER hers",
            ),
        ] {
            let denied = server.denied(|| {
                let answer = match &body {
                    Some(body) => bob.call_with(method, &path, body),
                    None => bob.call(method, &path),
                };
                answer.refused(403, record.split(' ').next().unwrap());
            });
            assert_eq!(denied, format!("denied {record}"));
        }
        for path in [HERS, &gpt, &format!("{HERS}/tags"), &format!("{HERS}/metrics")] {
            bob.get(path).refused(403, "READ");
        }
    }
    assert_eq!(admin.get(HERS).ok()["updatedBy"], ada.subject);
}

#[test]
fn lists_show_what_is_ones_own_and_are_never_refused() {
    let server = &Server::start();
    let (ada, bob) = (server.client("ada", &["USER"]), server.client("bob", &["USER"]));
    let none = server.client("none", &[]);
    fill(&ada, "hers");
    fill(&bob, "his");
    let own = |client: &Client, name: Option<&str>| {
        let count = usize::from(name.is_some());
        let listed = |path: &str| -> Value { client.get(path).ok() };
        let provider = listed("/api/integrations/provider?activeOnly=false");
        let embedded = listed("/api/integrations/?activeOnly=false");
        let usable = listed("/api/integrations/all");
        let tags = listed("/api/metadata/tags");
        for list in [&provider, &embedded, &usable, &tags] {
            assert_eq!(list.as_array().unwrap().len(), count, "{list}");
        }
        if let Some(name) = name {
            assert_eq!(
                (&provider[0]["name"], &provider[0]["modelsCount"]),
                (&json!(name), &json!(1))
            );
            assert_eq!(embedded[0]["apis"][0]["integrationName"], name);
            assert_eq!(usable, json!([format!("{name}:gpt")]));
            assert_eq!(tags, json!([{"key": "of", "value": name}]));
        }
        assert_eq!(listed("/api/applications"), json!([]));
    };
    own(&ada, Some("hers"));
    own(&bob, Some("his"));
    own(&none, None);
    let all = server.admin().get("/api/integrations/provider").ok();
    assert_eq!(all.as_array().unwrap().len(), 2);
}

#[test]
fn a_second_key_of_the_application_owns_the_same_things() {
    let server = &Server::start();
    let ada = server.client("ada", &["USER"]);
    fill(&ada, "hers");
    let (id, secret) = server.admin().new_key(&ada.application);
    server.signed_in(&id, &secret).post(HERS, &openai("sk-2")).ok();
}

#[test]
fn ownership_ends_with_the_thing_and_does_not_revive_with_its_name() {
    let server = &Server::start();
    let (ada, bob) = (server.client("ada", &["USER"]), server.client("bob", &["USER"]));
    fill(&ada, "hers");
    ada.delete(HERS).done();
    fill(&bob, "hers");
    server.denied(|| ada.post(HERS, &openai("sk-2")).refused(403, "UPDATE"));
    ada.get(HERS).refused(403, "READ");
    assert_eq!(ada.get(PROVIDER).ok(), json!([]));
}

#[test]
fn a_replacement_does_not_take_ownership() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    let boss = server.client("boss", &["ADMIN"]);
    fill(&ada, "hers");
    boss.post(HERS, &openai("sk-2")).ok();
    let role = format!("/api/applications/{}/roles/ADMIN", boss.application);
    admin.delete(&role).done();
    boss.get(HERS).refused(403, "READ");
    ada.post(HERS, &openai("sk-3")).ok();
}

#[test]
fn makers_of_integrations_do_nothing_with_applications_of_others() {
    let server = &Server::start();
    for role in MAKERS {
        let ada = server.client("ada", &[role]);
        let own = format!("/api/applications/{}", ada.application);
        server.unchanged(|| {
            ada.get(&own).refused(403, "READ");
            ada.get(&format!("{own}/accessKeys")).refused(403, "READ");
            ada.get(&format!("/api/applications/key/{}", ada.key)).refused(403, "READ");
        });
        let name = json!({"name": "x"});
        if role == "METADATA_MANAGER" {
            server.denied(|| ada.post("/api/applications", &name).refused(403, "CREATE"));
        }
        server.denied(|| ada.put(&own, &name).refused(403, "UPDATE"));
        server.denied(|| ada.delete(&own).refused(403, "DELETE"));
        let keys = format!("{own}/accessKeys");
        server.denied(|| ada.call("POST", &keys).refused(403, "UPDATE"));
    }
}
