//! Resources of integrations; contract sections 4.3, 4.4 and 5.2.

use serde_json::{Value, json};

use crate::support::{Client, Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";
const ALL: &str = "/api/integrations/provider/main/integration";
const GPT: &str = "/api/integrations/provider/main/integration/gpt-4o";

fn with_main(server: &Server) -> Client {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin
}

fn names(found: &Value) -> Vec<&str> {
    found.as_array().unwrap().iter().map(|one| one["api"].as_str().unwrap()).collect()
}

#[test]
fn a_saved_resource_comes_back_as_it_was_sent() {
    let server = &Server::start();
    let admin = with_main(server);
    let sent = json!({
        "description": "chat", "enabled": true, "configuration": {"temperature": 0.1},
        "maxTokens": 1000, "frequency": "daily",
    });
    admin.post(GPT, &sent).done();
    let mut read = admin.get(GPT).ok();
    let fields = read.as_object_mut().unwrap();
    for (new, old) in [("createTime", "createdOn"), ("updateTime", "updatedOn")] {
        let at = fields.remove(new).unwrap();
        assert!(at.is_i64(), "{at}");
        assert_eq!(Some(at), fields.remove(old));
    }
    assert_eq!(
        read,
        json!({
            "integrationName": "main", "api": "gpt-4o", "description": "chat", "enabled": true,
            "configuration": {"temperature": 0.1}, "maxTokens": 1000, "frequency": "daily",
            "tags": [], "createdBy": admin.subject, "updatedBy": admin.subject,
            "ownerApp": admin.subject.strip_prefix("app:").unwrap(),
        })
    );
}

#[test]
fn a_save_replaces_a_resource_but_not_who_made_it() {
    let server = &Server::start();
    let ada = server.client("ada", &["USER"]);
    ada.post(MAIN, &openai("sk-1")).ok();
    ada.post(
        GPT,
        &json!({"enabled": true, "maxTokens": 5, "frequency": "weekly",
                          "configuration": {"token": "s", "a": 1}}),
    )
    .done();
    ada.put(&format!("{GPT}/tags"), &json!([{"key": "a", "value": "b"}])).done();
    let made = ada.get(GPT).ok();
    assert_eq!(server.database.secrets().len(), 2);

    let admin = server.admin();
    admin.post(GPT, &json!({"description": "only this"})).done();
    let replaced = admin.get(GPT).ok();
    for (field, expected) in [
        ("description", json!("only this")),
        ("enabled", json!(false)),
        ("configuration", json!({})),
        ("tags", json!([{"key": "a", "value": "b"}])),
        ("createdBy", json!(ada.subject)),
        ("createTime", made["createTime"].clone()),
        ("updatedBy", json!(admin.subject)),
    ] {
        assert_eq!(replaced[field], expected, "{field}");
    }
    assert!(replaced["maxTokens"].is_null() && replaced["frequency"].is_null());
    assert_eq!(server.database.secrets().len(), 1);
}

#[test]
fn a_resource_needs_no_field_and_ignores_those_it_does_not_know() {
    let server = &Server::start();
    let admin = with_main(server);
    admin.post(GPT, &json!({})).done();
    assert_eq!(admin.get(GPT).ok()["enabled"], false);
    let whole = admin.get(GPT).ok();
    admin.post(GPT, &whole).done();
    let nulls = json!({"description": null, "enabled": null, "configuration": null,
                       "maxTokens": null, "frequency": null, "api": "other", "tags": 3});
    admin.post(GPT, &nulls).done();
    assert_eq!(names(&admin.get(&format!("{ALL}?activeOnly=false")).ok()), ["gpt-4o"]);
}

#[test]
fn limits_are_checked() {
    let server = &Server::start();
    let admin = with_main(server);
    for frequency in ["daily", "weekly", "monthly"] {
        let body = json!({"maxTokens": 0, "frequency": frequency});
        admin.post(GPT, &body).done();
        assert_eq!(admin.get(GPT).ok()["frequency"], frequency);
    }
    server.unchanged(|| {
        for (body, field) in [
            (json!({"maxTokens": -1}), "maxTokens"),
            (json!({"maxTokens": 1.5}), "maxTokens"),
            (json!({"maxTokens": "5"}), "maxTokens"),
            (json!({"maxTokens": 1u64 << 63}), "maxTokens"),
            (json!({"frequency": "hourly"}), "frequency"),
            (json!({"enabled": "yes"}), "enabled"),
            (json!({"description": 5}), "description"),
            (json!({"configuration": []}), "configuration"),
        ] {
            let error = admin.post(GPT, &body).refused(400, field);
            assert_eq!(error["validationErrors"][0]["path"], field, "{body}");
        }
    });
}

#[test]
fn a_list_shows_each_resource_as_a_read_shows_it() {
    let server = &Server::start();
    let admin = with_main(server);
    assert_eq!(admin.get(ALL).ok(), json!([]));
    for (name, enabled) in [("b", true), ("a", true), ("off", false)] {
        admin.post(&format!("{ALL}/{name}"), &json!({"enabled": enabled})).done();
    }
    admin.put(&format!("{ALL}/a/tags"), &json!([{"key": "k", "value": "v"}])).done();
    for (query, expected) in [
        ("", vec!["a", "b"]),
        ("/", vec!["a", "b"]),
        ("?activeOnly=True", vec!["a", "b"]),
        ("?activeOnly=false", vec!["a", "b", "off"]),
        ("/?activeOnly=FALSE", vec!["a", "b", "off"]),
    ] {
        let list = admin.get(&format!("{ALL}{query}")).ok();
        assert_eq!(names(&list), expected, "{query}");
        for one in list.as_array().unwrap() {
            let read = admin.get(&format!("{ALL}/{}", one["api"].as_str().unwrap())).ok();
            assert_eq!(*one, read);
        }
    }
    admin.get(&format!("{ALL}?activeOnly=")).refused(400, "`activeOnly`");
    assert_eq!(admin.get(MAIN).ok()["modelsCount"], 3);
}

#[test]
fn the_available_resources_are_those_of_the_type_or_else_the_registered_ones() {
    let server = &Server::start();
    let admin = with_main(server);
    let offered = admin.get(&format!("{ALL}/all")).ok();
    let definition = admin.get("/api/integrations/def/openai").ok();
    let expected: Vec<_> =
        definition["apis"].as_array().unwrap().iter().map(|api| api["api"].clone()).collect();
    assert!(!expected.is_empty());
    assert_eq!(offered, json!(expected));

    let pine = "/api/integrations/provider/pine";
    admin.post(pine, &json!({"type": "pineconedb"})).ok();
    assert_eq!(admin.get(&format!("{pine}/integration/all")).ok(), json!([]));
    admin.post(&format!("{pine}/integration/docs"), &model()).done();
    assert_eq!(admin.get(&format!("{pine}/integration/all")).ok(), json!(["docs"]));
}

#[test]
fn a_deleted_resource_takes_its_things_along() {
    let server = &Server::start();
    let admin = with_main(server);
    let bare = server.database.contents();
    let secret = json!({"enabled": true, "configuration": {"token": "s"}});
    admin.post(GPT, &secret).done();
    admin.put(&format!("{GPT}/tags"), &json!([{"key": "a", "value": "b"}])).done();
    admin.post(&format!("{GPT}/metrics"), &json!(7)).done();
    admin.delete(GPT).done();
    assert_eq!(server.database.contents(), bare);

    let missing = "No such integration: `main:gpt-4o`";
    admin.get(GPT).refused(404, missing);
    server.unchanged(|| admin.delete(GPT).refused(404, missing));
    admin.post(GPT, &model()).done();
    let read = admin.get(GPT).ok();
    assert_eq!((&read["tags"], &read["configuration"]), (&json!([]), &json!({})));
    assert_eq!(admin.get(&format!("{GPT}/metrics")).ok(), 0);
}

#[test]
fn a_missing_resource_of_an_integration_is_404_for_every_route_of_it() {
    let server = &Server::start();
    let admin = with_main(server);
    let tags = json!([{"key": "a", "value": "b"}]);
    let missing = "No such integration: `main:gpt-4o`";
    server.unchanged(|| {
        admin.get(&format!("{GPT}/tags")).refused(404, missing);
        admin.put(&format!("{GPT}/tags"), &tags).refused(404, missing);
        admin.call_with("DELETE", &format!("{GPT}/tags"), &tags).refused(404, missing);
        admin.get(&format!("{GPT}/metrics")).refused(404, missing);
        admin.post(&format!("{GPT}/metrics"), &json!(1)).refused(404, missing);
        // Python sends the names the other way round (quirk Q3).
        let swapped = "/api/integrations/provider/gpt-4o/integration/main";
        admin.delete(swapped).refused(404, "No such integration: `gpt-4o`");
    });
}

#[test]
fn integrations_with_like_names_keep_their_resources_apart() {
    let server = &Server::start();
    let admin = server.admin();
    let names = ["main", "main2", "main;", "mai", "MAIN"];
    for name in names {
        let path = format!("/api/integrations/provider/{name}");
        admin.post(&path, &openai("sk-1")).ok();
        admin.post(&format!("{path}/integration/gpt"), &json!({"description": name})).done();
        let tags = json!([{"key": "of", "value": name}]);
        admin.put(&format!("{path}/integration/gpt/tags"), &tags).done();
        admin.post(&format!("{path}/integration/gpt/metrics"), &json!(name.len())).done();
    }
    admin.delete("/api/integrations/provider/mai").done();
    for name in names.into_iter().filter(|name| *name != "mai") {
        let path = format!("/api/integrations/provider/{name}/integration");
        let list = admin.get(&format!("{path}?activeOnly=false")).ok();
        assert_eq!(list.as_array().unwrap().len(), 1);
        assert_eq!(list[0]["description"], name);
        assert_eq!(list[0]["tags"], json!([{"key": "of", "value": name}]));
        assert_eq!(admin.get(&format!("{path}/gpt/metrics")).ok(), json!(name.len()));
    }
}
