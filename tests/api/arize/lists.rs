//! Where records are seen, and what lists are narrowed to; contract sections 2.7, 3 and 4.7.

use serde_json::{Value, json};

use super::records::{AI_INTEGRATIONS, INTEGRATIONS, agent, endpoint, escaped, least, llm, names};
use crate::saving::with;
use crate::support::{Client, Server};

fn list(client: &Client, query: &str) -> Value {
    client.get(&format!("{INTEGRATIONS}?{query}")).ok()
}

/// What makes a model provider that is seen there.
fn scoped(name: &str, scopings: &Value) -> Value {
    with(&llm(name, least("OPEN_AI")), &json!({"scopings": scopings}))
}

#[test]
fn scopings_are_kept_in_order_and_replaced_as_a_whole() {
    let server = &Server::start();
    let admin = server.admin();
    let (acme, prod) = admin.make_space("Acme", "prod");
    let (other, test) = admin.make_space("Other", "test");
    let everywhere = json!([{"organization_id": null, "space_id": null}]);
    let of = |organization: &str| json!({"organization_id": organization, "space_id": null});
    let space = |organization: &str, space: &str| json!({"organization_id": organization, "space_id": space});
    let cases = [
        (json!([]), everywhere.clone()),
        (everywhere.clone(), everywhere.clone()),
        (json!([{}]), everywhere.clone()),
        (json!([{"organization_id": acme}]), json!([of(&acme)])),
        (json!([of(&other), of(&acme)]), json!([of(&other), of(&acme)])),
        (json!([space(&acme, &prod)]), json!([space(&acme, &prod)])),
        (
            json!([space(&other, &test), of(&acme), space(&other, &test)]),
            json!([space(&other, &test), of(&acme)]),
        ),
        (json!([of(&acme), {}]), everywhere.clone()),
    ];
    let kept = admin.make(&scoped("kept", &json!([])));
    let remote = admin.make(&agent("remote", json!({})));
    for (index, (sent, read)) in cases.iter().enumerate() {
        let made = admin.make(&scoped(&format!("new {index}"), sent));
        assert_eq!((&made["scopings"], &admin.read(&made)), (read, &made), "{sent}");
        for record in [&kept, &remote] {
            let changed = admin.change(record, json!({"scopings": sent})).ok();
            assert_eq!(&changed["scopings"], read, "{sent}");
        }
    }
    let renamed = json!({"name": "renamed", "scopings": [of(&acme)]});
    admin.change(&kept, renamed).ok();
    let changed = admin.change(&kept, json!({"name": "again"})).ok();
    assert_eq!(changed["scopings"], json!([of(&acme)]));
}

#[test]
fn a_scoping_names_what_is_there_and_belongs_together() {
    let server = &Server::start();
    let admin = server.admin();
    let (acme, prod) = admin.make_space("Acme", "prod");
    let (other, _) = admin.make_space("Other", "test");
    let kept = admin.make(&llm("kept", least("OPEN_AI")));
    let absent = "QWNjb3VudE9yZzoxMjM6YWJj";
    for (scoping, status, field) in [
        (json!({"space_id": prod}), 422, "scopings[0].organization_id"),
        (json!({"organization_id": null, "space_id": prod}), 422, "scopings[0].organization_id"),
        (json!({"organization_id": other, "space_id": prod}), 422, "scopings[0].space_id"),
        (json!({"organization_id": absent}), 404, ""),
        (json!({"organization_id": prod}), 404, ""),
        (json!({"organization_id": acme, "space_id": acme}), 404, ""),
        (json!({"organization_id": acme, "space_id": "U3BhY2U6MTIzNDU="}), 404, ""),
        (json!({"organization_id": "Acme"}), 400, "scopings[0].organization_id"),
        (json!({"organization_id": acme, "space_id": "prod"}), 400, "scopings[0].space_id"),
        (json!({"organization_id": 1}), 400, "scopings[0].organization_id"),
        (json!({"organization": acme}), 422, "scopings[0].organization"),
    ] {
        let scopings = json!([scoping]);
        let older = json!({"name": "x", "provider": "OPEN_AI", "scopings": scopings});
        server.unchanged(|| {
            for answer in [
                admin.post(INTEGRATIONS, &scoped("x", &scopings)),
                admin.change(&kept, json!({"scopings": scopings})),
                admin.post(AI_INTEGRATIONS, &older),
            ] {
                match field {
                    "" => drop(answer.problem(status, "")),
                    field => drop(answer.names(status, field)),
                }
            }
        });
    }
}

#[test]
fn a_record_is_seen_in_the_spaces_it_is_scoped_to() {
    let server = &Server::start();
    let admin = server.admin();
    let (acme, prod) = admin.make_space("Acme", "Prod EU");
    let body = json!({"name": "test", "organization_id": acme});
    let test = admin.post("/v2/spaces", &body).made()["id"].as_str().unwrap().to_owned();
    let (other, third) = admin.make_space("Other", "prod us");
    for (name, scopings) in [
        ("everywhere", json!([])),
        ("acme", json!([{"organization_id": acme}])),
        ("prod", json!([{"organization_id": acme, "space_id": prod}])),
        ("both", json!([{"organization_id": acme, "space_id": test}, {"organization_id": other}])),
    ] {
        admin.make(&scoped(name, &scopings));
    }
    let of = |id: &str| format!("space_id={}", escaped(id));
    for (query, expected) in [
        (String::new(), vec!["both", "prod", "acme", "everywhere"]),
        (of(&prod), vec!["prod", "acme", "everywhere"]),
        (of(&test), vec!["both", "acme", "everywhere"]),
        (of(&third), vec!["both", "everywhere"]),
        ("space_name=prod".to_owned(), vec!["both", "prod", "acme", "everywhere"]),
        ("space_name=PROD%20U".to_owned(), vec!["both", "everywhere"]),
        ("space_name=nowhere".to_owned(), vec![]),
        (format!("{}&space_name=eu", of(&prod)), vec!["prod", "acme", "everywhere"]),
        (format!("{}&space_name=us", of(&prod)), vec!["everywhere"]),
        (format!("{}&name=A", of(&prod)), vec!["acme"]),
        (format!("{}&type=AGENT", of(&prod)), vec![]),
    ] {
        assert_eq!(names(&list(&admin, &query)), expected, "{query}");
        let older = admin.get(&format!("{AI_INTEGRATIONS}?{query}")).ok();
        if !query.contains("type") {
            assert_eq!(names(&older), expected, "{query}");
        }
    }
    let get = |query: &str| admin.get(&format!("{INTEGRATIONS}?{query}"));
    get("space_id=prod").names(400, "space_id");
    get(&of("U3BhY2U6MTIzNDU=")).problem(404, "No such space");
    get(&of(&acme)).problem(404, "No such space");
}

#[test]
fn a_list_is_narrowed_by_type_and_name_the_newest_first() {
    let server = &Server::start();
    let admin = server.admin();
    for name in ["Alpha", "beta", "ALPHABET"] {
        admin.make(&llm(name, least("OPEN_AI")));
        admin.make(&agent(name, json!({})));
    }
    admin.make(&endpoint("EVALUATOR", "alpha judge", json!({})));
    for (query, expected) in [
        ("", vec!["ALPHABET", "ALPHABET", "beta", "beta", "Alpha", "Alpha"]),
        ("type=LLM", vec!["ALPHABET", "beta", "Alpha"]),
        ("type=agent", vec!["ALPHABET", "beta", "Alpha"]),
        ("type=EVALUATOR", vec!["alpha judge"]),
        ("name=alpha", vec!["ALPHABET", "ALPHABET", "Alpha", "Alpha"]),
        ("name=alpha&type=EVALUATOR", vec!["alpha judge"]),
        ("name=BET&type=LLM", vec!["ALPHABET", "beta"]),
        ("name=%25", vec![]),
        ("name=_", vec![]),
        ("name=", vec!["ALPHABET", "ALPHABET", "beta", "beta", "Alpha", "Alpha"]),
        ("unknown=1&type=LLM&name=beta", vec!["beta"]),
    ] {
        let found = list(&admin, query);
        assert_eq!(names(&found), expected, "{query}");
        assert_eq!(found["pagination"], json!({"has_more": false}));
    }
    for list in [INTEGRATIONS, AI_INTEGRATIONS] {
        let get = |query: &str| admin.get(&format!("{list}?{query}"));
        for limit in ["0", "101", "-1", "x", ""] {
            get(&format!("limit={limit}")).names(400, "limit");
        }
        get(&format!("name={}", "x".repeat(256))).names(400, "name");
        get(&format!("space_name={}", "x".repeat(256))).names(400, "space_name");
        get("cursor=x").names(400, "cursor");
    }
    for kind in ["", "TOOL", "Llm", "LLM,AGENT"] {
        admin.get(&format!("{INTEGRATIONS}?type={kind}")).names(400, "type");
    }
    // The older family takes no type.
    let older = admin.get(&format!("{AI_INTEGRATIONS}?type=AGENT")).ok();
    assert_eq!(names(&older), ["ALPHABET", "beta", "Alpha"]);
}

#[test]
fn pages_join_up_to_the_whole_list_and_a_cursor_belongs_to_its_query() {
    let server = &Server::start();
    let admin = server.admin();
    for number in 0..7 {
        admin.make(&llm(&format!("llm {number}"), least("GEMINI")));
        admin.make(&endpoint("EVALUATOR", &format!("hidden {number}"), json!({})));
        if number % 3 == 0 {
            admin.make(&agent(&format!("agent {number}"), json!({})));
        }
    }
    for (base, query) in [
        (INTEGRATIONS, ""),
        (INTEGRATIONS, "type=LLM"),
        (INTEGRATIONS, "name=agent"),
        (INTEGRATIONS, "type=EVALUATOR&name=hidden"),
        (AI_INTEGRATIONS, ""),
    ] {
        let whole = admin.get(&format!("{base}?{query}")).ok();
        let whole = names(&whole);
        for limit in [1, 2, 3, 7, 10, 100] {
            let (mut found, mut cursor) = (vec![], String::new());
            loop {
                let page = admin.get(&format!("{base}?{query}&limit={limit}{cursor}")).ok();
                let some: Vec<_> = names(&page).into_iter().map(str::to_owned).collect();
                assert!(some.len() == limit || page["pagination"]["has_more"] == false);
                found.extend(some);
                let next = page["pagination"].get("next_cursor");
                assert_eq!(next.is_some(), page["pagination"]["has_more"] == true, "{page}");
                let Some(next) = next else { break };
                cursor = format!("&cursor={}", next.as_str().unwrap());
            }
            assert_eq!(found, whole, "{base} {query} {limit}");
        }
    }
    let page = list(&admin, "limit=1");
    let cursor = page["pagination"]["next_cursor"].as_str().unwrap();
    admin.get(&format!("{INTEGRATIONS}?cursor={cursor}&limit=2")).ok();
    for other in ["type=LLM", "name=a", "space_name=p"] {
        admin.get(&format!("{INTEGRATIONS}?cursor={cursor}&{other}")).names(400, "cursor");
    }
    admin.get(&format!("{AI_INTEGRATIONS}?cursor={cursor}")).names(400, "cursor");
}
