//! Lists of integrations: their shape and filters; contract sections 5.1 and 5.5.

use serde_json::{Value, json};

use crate::support::{Client, PROVIDER, Server, openai};

/// Integrations of three categories, some of them disabled, with some resources.
fn filled(server: &Server) -> Client {
    let admin = server.admin();
    for (name, kind, enabled) in [
        ("b-openai", "openai", true),
        ("a-grok", "Grok", true),
        ("c-off", "openai", false),
        ("d-pine", "pineconedb", true),
        ("e-mail", "sendgrid", true),
    ] {
        let body = json!({"type": kind, "enabled": enabled});
        admin.post(&format!("{PROVIDER}/{name}"), &body).ok();
    }
    for (resource, enabled) in [
        ("b-openai/integration/gpt-4o", true),
        ("b-openai/integration/a-off", false),
        ("c-off/integration/gpt", true),
        ("d-pine/integration/off", false),
    ] {
        admin.post(&format!("{PROVIDER}/{resource}"), &json!({"enabled": enabled})).done();
    }
    admin.put(&format!("{PROVIDER}/b-openai/tags"), &json!([{"key": "k", "value": "v"}])).done();
    let tags = json!([{"key": "r", "value": "w"}]);
    admin.put(&format!("{PROVIDER}/b-openai/integration/gpt-4o/tags"), &tags).done();
    admin
}

fn names(found: &Value) -> Vec<&str> {
    found.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn a_new_server_lists_nothing() {
    let server = &Server::start();
    let admin = server.admin();
    for path in ["/api/integrations", "/api/integrations/", PROVIDER, "/api/integrations/all"] {
        assert_eq!(admin.get(path).ok(), json!([]), "{path}");
    }
}

#[test]
fn a_list_shows_each_integration_as_a_read_shows_it() {
    let server = &Server::start();
    let admin = filled(server);
    for slash in ["", "/"] {
        let list = admin.get(&format!("{PROVIDER}{slash}?activeOnly=false")).ok();
        assert_eq!(names(&list), ["a-grok", "b-openai", "c-off", "d-pine", "e-mail"]);
        for one in list.as_array().unwrap() {
            let name = one["name"].as_str().unwrap();
            assert_eq!(*one, admin.get(&format!("{PROVIDER}/{name}")).ok());
            assert_eq!(one.get("apis"), None);
        }
        assert_eq!(list[1]["modelsCount"], 2);
        assert_eq!(list[4]["modelsCount"], 0);
        assert_eq!(list[1]["tags"], json!([{"key": "k", "value": "v"}]));
    }
}

#[test]
fn the_root_list_embeds_resources_without_their_tags() {
    let server = &Server::start();
    let admin = filled(server);
    for root in ["/api/integrations", "/api/integrations/"] {
        let list = admin.get(&format!("{root}?activeOnly=false")).ok();
        assert_eq!(names(&list), ["a-grok", "b-openai", "c-off", "d-pine", "e-mail"]);
        for one in list.as_array().unwrap() {
            let name = one["name"].as_str().unwrap();
            let mut expected = admin.get(&format!("{PROVIDER}/{name}")).ok();
            let path = format!("{PROVIDER}/{name}/integration?activeOnly=false");
            let mut resources = admin.get(&path).ok();
            for resource in resources.as_array_mut().unwrap() {
                resource.as_object_mut().unwrap().remove("tags").unwrap();
            }
            expected["apis"] = resources;
            assert_eq!(*one, expected);
        }
    }
}

#[test]
fn disabled_ones_are_hidden_unless_asked_for() {
    let server = &Server::start();
    let admin = filled(server);
    let active = ["a-grok", "b-openai", "d-pine", "e-mail"];
    for root in [PROVIDER, "/api/integrations"] {
        for query in ["", "?activeOnly=true", "?activeOnly=True", "?activeOnly=TRUE"] {
            let found = admin.get(&format!("{root}{query}")).ok();
            assert_eq!(names(&found), active, "{root}{query}");
        }
        for query in ["?activeOnly=false", "?activeOnly=False", "?activeOnly=FALSE"] {
            assert_eq!(names(&admin.get(&format!("{root}{query}")).ok()).len(), 5, "{query}");
        }
        let error = admin.get(&format!("{root}?activeOnly=maybe")).refused(400, "`activeOnly`");
        assert_eq!(error["validationErrors"][0]["path"], "activeOnly");
    }
    let apis = admin.get("/api/integrations").ok()[1]["apis"].clone();
    assert_eq!(apis.as_array().unwrap().len(), 1);
    assert_eq!(apis[0]["api"], "gpt-4o");
}

#[test]
fn a_list_is_narrowed_to_a_category_or_a_type() {
    let server = &Server::start();
    let admin = filled(server);
    for root in [PROVIDER, "/api/integrations"] {
        for (filter, expected) in [
            ("AI_MODEL", vec!["a-grok", "b-openai", "c-off"]),
            ("VECTOR_DB", vec!["d-pine"]),
            ("EMAIL", vec!["e-mail"]),
            ("MCP", vec![]),
            ("openai", vec!["b-openai", "c-off"]),
            ("OpenAI", vec!["b-openai", "c-off"]),
            ("Grok", vec!["a-grok"]),
            ("grok", vec!["a-grok"]),
            ("nothing", vec![]),
            ("", vec!["a-grok", "b-openai", "c-off", "d-pine", "e-mail"]),
        ] {
            for name in ["category", "type"] {
                let path = format!("{root}?{name}={filter}&activeOnly=false");
                assert_eq!(names(&admin.get(&path).ok()), expected, "{path}");
            }
        }
        let active = admin.get(&format!("{root}?category=AI_MODEL&other=x")).ok();
        assert_eq!(names(&active), ["a-grok", "b-openai"]);
    }
}

#[test]
fn the_usable_names_are_those_of_resources_or_of_integrations_without_any() {
    let server = &Server::start();
    let admin = filled(server);
    for (query, expected) in [
        ("", json!(["a-grok", "b-openai:gpt-4o", "e-mail"])),
        ("?activeOnly=True", json!(["a-grok", "b-openai:gpt-4o", "e-mail"])),
        (
            "?activeOnly=false",
            json!([
                "a-grok",
                "b-openai:a-off",
                "b-openai:gpt-4o",
                "c-off:gpt",
                "d-pine:off",
                "e-mail"
            ]),
        ),
        ("?type=AI_MODEL", json!(["a-grok", "b-openai:gpt-4o"])),
        ("?category=AI_MODEL", json!(["a-grok", "b-openai:gpt-4o"])),
        ("?type=grok", json!(["a-grok"])),
        ("?category=sendgrid", json!(["e-mail"])),
        ("?type=nothing", json!([])),
    ] {
        let found = admin.get(&format!("/api/integrations/all{query}")).ok();
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn names_are_listed_in_the_order_of_their_bytes() {
    let server = &Server::start();
    let admin = server.admin();
    for name in ["b", "%C3%A9", "B", "a", "_"] {
        admin.post(&format!("{PROVIDER}/{name}"), &openai("sk-1")).ok();
    }
    assert_eq!(names(&admin.get(PROVIDER).ok()), ["B", "_", "a", "b", "é"]);
}
