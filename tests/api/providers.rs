//! Integrations one by one; contract sections 4.1, 4.2 and 5.1.

use serde_json::{Value, json};

use crate::support::{PROVIDER, Server, is_mask, model, openai};

const MAIN: &str = "/api/integrations/provider/main";

fn without_times(mut answer: Value) -> Value {
    let fields = answer.as_object_mut().unwrap();
    for (new, old) in [("createTime", "createdOn"), ("updateTime", "updatedOn")] {
        let at = fields.remove(new).unwrap();
        assert!(at.as_i64().is_some_and(|at| at > 1_600_000_000_000), "{new}: {at}");
        assert_eq!(Some(at), fields.remove(old), "{old}");
    }
    answer
}

#[test]
fn a_saved_integration_comes_back_as_it_was_sent() {
    let server = &Server::start();
    let ada = server.client("ada", &["USER"]);
    let saved = ada.post(MAIN, &openai("sk-1")).ok();
    let read = ada.get(MAIN).ok();
    assert_eq!(saved, read);
    let owner = json!(ada.application);
    let mask = &read["configuration"]["api_key"];
    assert!(is_mask(mask), "{mask}");
    let configuration = json!({"api_key": mask, "endpoint": "https://api.example.org"});
    assert_eq!(
        without_times(read.clone()),
        json!({
            "name": "main",
            "type": "openai",
            "category": "AI_MODEL",
            "description": "team account",
            "enabled": true,
            "configuration": configuration,
            "modelsCount": 0,
            "tags": [],
            "createdBy": ada.subject,
            "updatedBy": ada.subject,
            "ownerApp": owner,
        })
    );
}

#[test]
fn a_save_replaces_everything_but_who_made_it() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    let made = ada.post(MAIN, &openai("sk-1")).ok();
    assert_eq!(server.database.secrets().len(), 1);
    let replaced = admin.post(MAIN, &json!({"type": "openai"})).ok();
    assert_eq!(replaced, admin.get(MAIN).ok());
    for (field, expected) in [
        ("enabled", json!(false)),
        ("configuration", json!({})),
        ("category", json!("AI_MODEL")),
        ("createdBy", json!(ada.subject)),
        ("updatedBy", json!(admin.subject)),
        ("createTime", made["createTime"].clone()),
        ("createdOn", made["createTime"].clone()),
    ] {
        assert_eq!(replaced[field], expected, "{field}");
    }
    assert!(replaced["description"].is_null(), "{replaced}");
    assert!(replaced["updateTime"].as_i64() >= made["updateTime"].as_i64());
    assert_eq!(replaced["updateTime"], replaced["updatedOn"]);
    assert!(server.database.secrets().is_empty());
}

#[test]
fn a_save_keeps_the_tags_and_resources() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin.post(&format!("{MAIN}/integration/gpt"), &model()).done();
    let tags = json!([{"key": "team", "value": "core"}]);
    admin.put(&format!("{MAIN}/tags"), &tags).done();
    let replaced = admin.post(MAIN, &openai("sk-2")).ok();
    assert_eq!((&replaced["tags"], &replaced["modelsCount"]), (&tags, &json!(1)));
    admin.get(&format!("{MAIN}/integration/gpt")).ok();
}

#[test]
fn null_means_left_out_and_unknown_fields_are_ignored() {
    let server = &Server::start();
    let admin = server.admin();
    let body = json!({
        "type": "openai", "category": null, "description": null, "enabled": null,
        "configuration": null, "tags": [{"key": "a", "value": "b"}], "apis": 7,
        "name": "other", "createTime": "never", "modelsCount": -1,
    });
    let saved = admin.post(MAIN, &body).ok();
    assert_eq!((&saved["name"], &saved["tags"]), (&json!("main"), &json!([])));
    assert_eq!((&saved["enabled"], &saved["configuration"]), (&json!(false), &json!({})));
    admin.get(&format!("{PROVIDER}/other")).refused(404, "No such integration");
}

#[test]
fn what_a_read_gave_can_be_sent_back() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    let read = admin.get(MAIN).ok();
    let sealed = server.database.secrets();
    let mut saved = admin.post(MAIN, &read).ok();
    for time in ["updateTime", "updatedOn"] {
        saved[time] = read[time].clone();
    }
    assert_eq!(saved, read);
    assert_eq!(server.database.secrets(), sealed);
}

#[test]
fn a_configuration_keeps_its_order_and_its_numbers() {
    let server = &Server::start();
    let admin = server.admin();
    let configuration =
        r#"{"z":1.10,"a":123456789012345678901234567890,"m":[null,{"y":1e400,"b":"é\n"}]}"#;
    let configuration = configuration.replace("1e400", "1e+400");
    let body = format!(r#"{{"type":"openai","configuration":{configuration}}}"#);
    let kind = [("Content-Type", "application/json; charset=UTF-8")];
    admin.send("POST", MAIN, &kind, Some(&body)).ok();
    let read = admin.get(MAIN).text;
    assert!(read.contains(&configuration), "{read}");
}

#[test]
fn an_unknown_type_is_404_and_nothing_is_saved() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    server.unchanged(|| {
        for path in [MAIN, "/api/integrations/provider/new"] {
            for kind in ["nothing", ""] {
                let error = admin.post(path, &json!({"type": kind})).refused(404, "No such");
                assert!(error["message"].as_str().unwrap().contains("type"), "{error}");
            }
        }
    });
}

#[test]
fn a_type_is_needed_once_and_never_changes() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| {
        let error = admin.post(MAIN, &json!({"enabled": true})).refused(400, "`type`");
        assert_eq!(error["validationErrors"][0]["path"], "type");
    });
    admin.post(MAIN, &openai("sk-1")).ok();
    server.unchanged(|| {
        admin.post(MAIN, &json!({"type": "anthropic"})).refused(400, "`type`");
    });
    let saved = admin.post(MAIN, &json!({"enabled": true})).ok();
    assert_eq!((&saved["type"], &saved["enabled"]), (&json!("openai"), &json!(true)));
}

#[test]
fn a_type_is_known_in_any_case_and_answered_as_the_catalogue_spells_it() {
    let server = &Server::start();
    let admin = server.admin();
    for (name, sent, answered) in [
        ("a", "Grok", "Grok"),
        ("b", "grok", "Grok"),
        ("c", "GROK", "Grok"),
        ("d", "OpenAI", "openai"),
        ("d", "OPENAI", "openai"),
    ] {
        let saved = admin.post(&format!("{PROVIDER}/{name}"), &json!({"type": sent})).ok();
        assert_eq!(saved["type"], answered);
    }
}

#[test]
fn a_category_is_the_definitions_unless_another_is_sent() {
    let server = &Server::start();
    let admin = server.admin();
    let save = |body: Value| admin.post(MAIN, &body);
    assert_eq!(save(json!({"type": "kafka"})).ok()["category"], "MESSAGE_BROKER");
    for category in [
        "API",
        "AI_MODEL",
        "VECTOR_DB",
        "RELATIONAL_DB",
        "MESSAGE_BROKER",
        "GIT",
        "EMAIL",
        "MCP",
        "CLOUD",
        "EVENT_SOURCE",
    ] {
        let saved = save(json!({"type": "kafka", "category": category})).ok();
        assert_eq!(saved["category"], category);
    }
    server.unchanged(|| {
        let error = save(json!({"type": "kafka", "category": "TOYS"})).refused(400, "AI_MODEL");
        assert_eq!(error["validationErrors"][0]["path"], "category");
    });
}

#[test]
fn what_is_missing_is_404_for_every_route_of_it() {
    let server = &Server::start();
    let admin = server.admin();
    let tags = json!([{"key": "a", "value": "b"}]);
    let limit = json!({"maxTokens": 1, "tokenLimitPeriod": "DAY"});
    let absent = format!("{PROVIDER}/absent");
    let resource = format!("{absent}/integration/gpt");
    let llm = "/api/integrations/llm/absent/token";
    server.unchanged(|| {
        for (method, path, body) in [
            ("GET", absent.clone(), None),
            ("DELETE", absent.clone(), None),
            ("GET", format!("{absent}/tags"), None),
            ("PUT", format!("{absent}/tags"), Some(&tags)),
            ("DELETE", format!("{absent}/tags"), Some(&tags)),
            ("GET", format!("{absent}/metrics"), None),
            ("GET", format!("{absent}/integration"), None),
            ("GET", format!("{absent}/integration/all"), None),
            ("GET", resource.clone(), None),
            ("POST", resource.clone(), Some(&model())),
            ("DELETE", resource.clone(), None),
            ("GET", format!("{resource}/tags"), None),
            ("PUT", format!("{resource}/tags"), Some(&tags)),
            ("GET", format!("{resource}/metrics"), None),
            ("POST", format!("{resource}/metrics"), Some(&json!(1))),
            ("GET", llm.to_owned(), None),
            ("POST", llm.to_owned(), Some(&limit)),
            ("GET", format!("{llm}/history"), None),
        ] {
            let answer = match body {
                Some(body) => admin.call_with(method, &path, body),
                None => admin.call(method, &path),
            };
            answer.refused(404, "No such integration: `absent`");
        }
    });
}

#[test]
fn a_deleted_integration_takes_everything_along() {
    let server = &Server::start();
    let admin = server.admin();
    let bare = server.database.contents();
    admin.post(MAIN, &openai("sk-1")).ok();
    let gpt = format!("{MAIN}/integration/gpt");
    let secret = json!({"enabled": true, "configuration": {"token": "s"}, "maxTokens": 9});
    admin.post(&gpt, &secret).done();
    let tags = json!([{"key": "team", "value": "core"}]);
    admin.put(&format!("{MAIN}/tags"), &tags).done();
    admin.put(&format!("{gpt}/tags"), &tags).done();
    admin.post(&format!("{gpt}/metrics"), &json!(7)).done();
    let limit = json!({"maxTokens": 1, "tokenLimitPeriod": "DAY"});
    admin.post("/api/integrations/llm/main/token", &limit).done();

    admin.delete(MAIN).done();
    admin.get(MAIN).refused(404, "No such integration: `main`");
    admin.delete(MAIN).refused(404, "No such integration: `main`");
    assert_eq!(server.database.contents(), bare);

    let again = admin.post(MAIN, &openai("sk-2")).ok();
    assert_eq!((&again["tags"], &again["modelsCount"]), (&json!([]), &json!(0)));
    admin.get(&gpt).refused(404, "No such integration");
    admin.post(&gpt, &model()).done();
    let read = admin.get(&gpt).ok();
    assert_eq!((&read["tags"], &read["configuration"]), (&json!([]), &json!({})));
    assert_eq!(admin.get(&format!("{gpt}/metrics")).ok(), 0);
    admin.get("/api/integrations/llm/main/token").refused(404, "No such token limit");
}
