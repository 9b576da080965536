//! What is written of what is there.

use serde_json::{Value, json};

use super::{values, whole};
use crate::support::Server;

fn names(manifest: &Value) -> Vec<String> {
    let kinds = ["roles", "users", "applications", "groups", "integrations", "prompts"];
    let all = kinds.iter().flat_map(|kind| manifest[kind].as_array().into_iter().flatten());
    let name =
        |one: &Value| one["name"].as_str().filter(|_| one["id"].is_null()).map(str::to_owned);
    all.map(|one| name(one).unwrap_or_else(|| one["id"].as_str().unwrap().to_owned())).collect()
}

#[test]
fn everything_is_written_with_the_fields_of_a_manifest() {
    let server = &Server::start();
    let admin = server.admin();
    admin.apply(&whole(), &values());
    let mut written = admin.exported();
    let mut wanted = whole();
    wanted["integrations"][0]["configuration"]["api_key"] = json!("keep");
    wanted["integrations"][0]["category"] = json!("AI_MODEL");
    wanted["integrations"][0]["enabled"] = json!(true);
    wanted["integrations"][0]["resources"][0]["enabled"] = json!(true);
    // The order of things is that of their names, and there is the administrator.
    let applications = written["applications"].as_array_mut().unwrap();
    applications.retain(|one| one["name"] == "workers");
    wanted["grants"].as_array_mut().unwrap().reverse();
    let grants = written["grants"].as_array_mut().unwrap();
    grants.retain(|one| one["target"]["type"] != "ROLE");
    assert_eq!(written, wanted);
}

#[test]
fn a_part_is_selected_by_name_tag_category_and_owner() {
    let server = &Server::start();
    let admin = server.admin();
    admin.apply(&whole(), &values());
    let mine = json!({"owner": "me", "groups": [{"id": "mine"}],
                      "integrations": [{"name": "kafka", "type": "kafka"}]});
    admin.apply(&mine, &json!({}));
    for (query, found) in [
        ("name=openai", &["openai"][..]),
        ("name=open*&name=greeting", &["openai", "greeting"]),
        ("tag=team:core", &["workers", "openai", "greeting"]),
        ("tag=team:core&tag=tier:1", &[]),
        ("category=AI_MODEL", &["openai"]),
        ("category=AI_MODEL&category=MESSAGE_BROKER", &["kafka", "openai"]),
        ("owner=me", &["mine", "kafka"]),
        ("owner=you", &[]),
        ("name=nothing", &[]),
    ] {
        let written = admin.get(&format!("/api/manifest?{query}")).ok();
        assert_eq!(names(&written), found, "{query}");
        assert!(written["grants"].is_null(), "{query}");
    }
    assert_eq!(admin.get("/api/manifest?owner=me").ok()["owner"], "me");
    admin.get("/api/manifest?category=X").refused(400, "`category` must be one of");
    admin.get("/api/manifest?tag=x").refused(400, "`tag` must be tags");
    admin.get("/api/manifest?secrets=clear").refused(400, "`secrets`");
}

#[test]
fn only_what_may_be_read_is_written() {
    let server = &Server::start();
    server.admin().apply(&whole(), &values());
    let reader = server.granted("reader", ("PROMPT", "greeting"), &["READ"]);
    assert_eq!(names(&reader.exported()), ["greeting"]);
    assert_eq!(names(&server.client("nobody", &[]).exported()), [""; 0]);
}

#[test]
fn two_applications_of_one_name_are_told() {
    let server = &Server::start();
    let admin = server.admin();
    for _ in 0..2 {
        admin.post("/api/applications", &json!({"name": "twin"})).ok();
    }
    admin.get("/api/manifest").refused(409, "two applications are called `twin`");
    let manifest = json!({"applications": [{"name": "twin"}]});
    let words = "applications[0] `name` is the name of 2 applications";
    admin.try_apply(&manifest, &json!({})).refused(400, words);
}

#[test]
fn names_of_secrets_are_told_apart() {
    let server = &Server::start();
    let admin = server.admin();
    let config = json!({"api key": "${env:K}", "api_key": "${env:K}", "1": {"pin": "${env:K}"}});
    let manifest = json!({"integrations": [
        {"name": "1 ö", "type": "openai", "configuration": config}]});
    admin.apply(&manifest, &json!({"values": {"env:K": "abc"}}));
    let written = admin.get("/api/manifest?secrets=env&name=1%20%C3%B6").ok();
    assert_eq!(
        written["integrations"][0]["configuration"],
        json!({
            "api key": "${env:_1___API_KEY}", "api_key": "${env:_1___API_KEY_2}",
            "1": {"pin": "${env:_1___1_PIN}"},
        })
    );
}
