//! The two names of a record, and what moves with them; contract section 8.2, `name`.

use serde_json::{Value, json};

use super::records::{INTEGRATIONS, KEY, URL, agent, at, endpoint, least, llm, names, provider};
use crate::saving::resolved;
use crate::support::{Client, Server, is_mask, model, openai};

/// The name in Conductor's dialect of what was just made.
fn newest(client: &Client) -> String {
    let all = client.get("/api/integrations/provider").ok();
    let newest = all.as_array().unwrap().iter().max_by_key(|one| one["createTime"].as_i64());
    newest.unwrap()["name"].as_str().unwrap().to_owned()
}

/// Makes what `body` says, and gives it with its name in Conductor's dialect.
fn make(server: &Server, client: &Client, body: &Value) -> (Value, String) {
    server.database.execute("UPDATE integration SET created_on = 1");
    let made = client.make(body);
    (made, newest(client))
}

fn rename(client: &Client, record: &Value, name: &str) -> Value {
    let renamed = client.change(record, json!({"name": name})).ok();
    assert_eq!((&renamed["name"], &renamed["id"]), (&json!(name), &record["id"]));
    renamed
}

#[test]
fn there_are_two_namespaces() {
    let server = &Server::start();
    let admin = server.admin();
    let one = admin.make(&llm("main", least("OPEN_AI")));
    let two = admin.make(&agent("main", json!({})));
    for (body, is_free) in [
        (llm("main", least("GEMINI")), false),
        (agent("main", json!({})), false),
        (endpoint("EVALUATOR", "main", json!({})), false),
        (llm("Main", least("GEMINI")), true),
        (endpoint("EVALUATOR", "Main", json!({})), true),
        (agent("Main", json!({})), false),
        (llm("màin", least("GEMINI")), true),
    ] {
        if is_free {
            admin.make(&body);
            continue;
        }
        server.unchanged(|| {
            let problem = admin.post(INTEGRATIONS, &body).problem(409, "the name");
            assert_eq!(problem["title"], "Conflict");
        });
    }
    server.unchanged(|| {
        admin.change(&one, json!({"name": "Main"})).problem(409, "taken");
        admin.change(&two, json!({"name": "Main"})).problem(409, "taken");
    });
    rename(&admin, &one, "main");
    // A name that was given up can be taken.
    rename(&admin, &one, "other");
    let new = admin.make(&llm("main", least("GEMINI")));
    assert_ne!(new["id"], one["id"]);
    admin.delete(&at(INTEGRATIONS, &new)).gone();
    rename(&admin, &one, "main");
}

#[test]
fn a_name_that_is_taken_in_conductor_gets_an_end() {
    let server = &Server::start();
    let admin = server.admin();
    let save = |name: &str, kind: &str| {
        admin.post(&provider(name), &json!({"type": kind, "configuration": {}})).ok();
    };
    save("kafka", "kafka");
    save("both", "kafka");
    save("both.llm", "kafka");
    save("of-conductor", "openai");
    let long = "x".repeat(255);
    save(&long, "kafka");
    for (body, name) in [
        (llm("plain", least("OPEN_AI")), "plain"),
        (agent("plain", json!({})), "plain.agent"),
        (agent("first", json!({})), "first"),
        (llm("first", least("OPEN_AI")), "first.llm"),
        (endpoint("EVALUATOR", "judge", json!({})), "judge"),
        (llm("judge", least("OPEN_AI")), "judge.llm"),
        (llm("kafka", least("OPEN_AI")), "kafka.llm"),
        (llm("both", least("OPEN_AI")), "both.llm.2"),
        (llm("a/b:c", least("OPEN_AI")), "a-b-c"),
        (llm("a:b/c", least("OPEN_AI")), "a-b-c.llm"),
        (llm("..", least("OPEN_AI")), "--"),
        (agent("of-conductor", json!({})), "of-conductor.agent"),
        (llm(&long, least("OPEN_AI")), &(long[..251].to_owned() + ".llm")),
    ] {
        let (made, found) = make(server, &admin, &body);
        assert_eq!((&made["name"], found.as_str()), (&body["name"], name));
        assert_eq!(admin.get(&provider(name)).ok()["name"], name);
    }
    // What Conductor makes under a name that is taken in Arize's dialect gets one like it.
    admin.delete(&provider("kafka")).done();
    save("kafka", "openai");
    let found = admin.get(&format!("{INTEGRATIONS}?name=kafka")).ok();
    assert_eq!(names(&found), ["kafka.2", "kafka"]);
}

#[test]
fn a_rename_moves_both_names_if_they_were_one_and_the_new_one_is_free() {
    let server = &Server::start();
    let admin = server.admin();
    let kafka = json!({"type": "kafka", "enabled": true, "configuration": {}});
    admin.post(&provider("kafka"), &kafka).ok();
    let has = |name: &str| {
        let all = admin.get("/api/integrations/provider").ok();
        all.as_array().unwrap().iter().any(|one| one["name"] == name)
    };
    let made = admin.make(&llm("main", least("OPEN_AI")));
    rename(&admin, &made, "second");
    assert!(has("second") && !has("main"));
    // Not where it is taken, nor to what cannot be one; and then they are two.
    for name in ["kafka", "a/b", "third"] {
        rename(&admin, &made, name);
        assert!(has("second") && has("kafka") && !has("third"), "{name}");
    }
    assert_eq!(admin.get(&provider("kafka")).ok()["type"], "kafka");
    rename(&admin, &made, "second");
    rename(&admin, &made, "main");
    assert!(has("main") && !has("second"));
    // A former name of its own may be taken back, but not that of another.
    let other = admin.make(&llm("second", least("OPEN_AI")));
    assert!(has("second.llm") && !has("second"));
    assert_eq!(admin.get(&provider("second")).ok()["name"], "main");
    let twin = admin.make(&llm("twin", least("OPEN_AI")));
    admin.delete(&at(INTEGRATIONS, &other)).gone();
    rename(&admin, &twin, "second");
    assert!(has("twin") && !has("second"));
    rename(&admin, &twin, "third");
    rename(&admin, &made, "second");
    assert!(has("second") && !has("main"));
    // Nor a name that somebody was given rights on before.
    let mallory = server.client("mallory", &[]);
    for on in [("INTEGRATION_PROVIDER", "wanted"), ("INTEGRATION", "asked:gpt")] {
        server.grant(("USER", &mallory.subject), on, &["READ"]);
    }
    for name in ["wanted", "asked"] {
        rename(&admin, &made, name);
        assert!(has("second") && !has(name), "{name}");
    }
    assert_eq!(mallory.get("/api/integrations/provider").ok(), json!([]));
    assert!(names(&mallory.get(INTEGRATIONS).ok()).is_empty());
    // What is made is what they were meant for, as in Conductor's dialect.
    let (_, found) = make(server, &admin, &agent("wanted", json!({})));
    assert_eq!(found, "wanted");
    assert_eq!(names(&mallory.get(INTEGRATIONS).ok()), ["wanted"]);
}

#[test]
fn conductor_reaches_a_record_by_its_former_names() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&llm("one", least("OPEN_AI")));
    rename(&admin, &made, "two");
    rename(&admin, &made, "three");
    let tags = json!([{"key": "team", "value": "core"}]);
    for (index, name) in ["one", "two", "three"].into_iter().enumerate() {
        let at = provider(name);
        assert_eq!(admin.get(&at).ok()["name"], "three", "{name}");
        let saved = admin.post(&at, &openai(&format!("sk-{index}"))).ok();
        assert_eq!(saved["name"], "three");
        let description = json!({"description": name});
        assert_eq!(admin.patch(&at, &description).ok()["description"], name);
        assert_eq!(resolved(&admin, &at)["api_key"], format!("sk-{index}"));
        admin.put(&format!("{at}/tags"), &tags).done();
        assert_eq!(admin.get(&format!("{at}/tags")).ok(), tags);
        let gpt = format!("{at}/integration/gpt-{index}");
        admin.post(&gpt, &model()).done();
        assert_eq!(admin.get(&gpt).ok()["api"], format!("gpt-{index}"));
        admin.put(&format!("{gpt}/tags"), &tags).done();
        admin.post(&format!("{gpt}/metrics"), &json!(7)).done();
        assert_eq!(admin.get(&format!("{gpt}/metrics")).ok(), 7);
        admin.resolve(&gpt).ok();
        assert_eq!(
            admin.get(&format!("{at}/integration")).ok().as_array().unwrap().len(),
            index + 1
        );
        let limit = json!({"maxTokens": index, "tokenLimitPeriod": "DAY"});
        admin.post(&format!("/api/integrations/llm/{name}/token"), &limit).done();
        let item = json!([{"name": name, "type": "openai", "enabled": true,
                           "configuration": {"api_key": "sk-bulk"}}]);
        admin.post("/api/integrations", &item).done();
        assert_eq!(resolved(&admin, &provider("three"))["api_key"], "sk-bulk");
        let prompt = format!("/api/prompts/p{index}?description=d&models={name}:gpt-{index}");
        admin.send("POST", &prompt, &[("Content-Type", "application/json")], Some("hi")).done();
        let prompt = admin.get(&format!("/api/prompts/p{index}")).ok();
        assert_eq!(prompt["integrations"], json!([format!("three:gpt-{index}")]));
        assert_eq!(admin.get("/api/integrations/provider").ok().as_array().unwrap().len(), 1);
        // Another type is refused, as for any record that is there.
        let other = json!({"type": "kafka", "configuration": {}});
        admin.post(&at, &other).refused(400, "must stay");
    }
    admin.delete(&format!("{}/integration/gpt-0", provider("one"))).done();
    admin.delete(&provider("one")).done();
    for name in ["one", "two", "three"] {
        admin.get(&provider(name)).refused(404, "");
    }
    admin.get(&at(INTEGRATIONS, &made)).problem(404, "");
    // Its names are free again.
    let other = json!({"type": "kafka", "configuration": {}});
    assert_eq!(admin.post(&provider("two"), &other).ok()["name"], "two");
}

#[test]
fn grants_find_a_record_by_its_former_name() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.make(&llm("old", least("OPEN_AI")));
    let before = server.granted("before", ("INTEGRATION_PROVIDER", "old"), &["READ"]);
    rename(&admin, &made, "new");
    let after = server.granted("after", ("INTEGRATION_PROVIDER", "old"), &["READ"]);
    for client in [&before, &after] {
        assert_eq!(client.read(&made)["name"], "new");
        client.get(&provider("new")).ok();
        client.get(&provider("old")).ok();
    }
    let of = |name: &str| {
        admin.get(&format!("/api/auth/authorization/INTEGRATION_PROVIDER/{name}")).ok()
    };
    assert!(of("new").to_string().contains(&after.subject));
    assert_eq!(of("old"), of("new"));
    let grant = json!({"subject": {"type": "USER", "id": after.subject},
                       "target": {"type": "INTEGRATION_PROVIDER", "id": "old"}, "access": ["READ"]});
    assert_eq!(admin.call_with("DELETE", "/api/auth/authorization", &grant).status, 200);
    after.get(&at(INTEGRATIONS, &made)).problem(404, "");
    before.get(&at(INTEGRATIONS, &made)).ok();
    // They do not outlive the record.
    admin.delete(&at(INTEGRATIONS, &made)).gone();
    admin.make(&llm("new", least("OPEN_AI")));
    admin.make(&llm("old", least("OPEN_AI")));
    for name in ["old", "new"] {
        before.get(&provider(name)).refused(403, "");
    }
}

#[test]
fn everything_that_hangs_on_a_name_moves_with_it() {
    let server = &Server::start();
    let admin = server.admin();
    let (organization, _) = admin.make_space("Acme", "prod");
    let config = json!({"provider": "CUSTOM", "api_key": KEY, "base_url": URL, "model_names": ["gpt", "z"],
                        "headers": {"X-One": "v-0123456789abcdef"}});
    let mut body = llm("old", config);
    body["scopings"] = json!([{"organization_id": organization}]);
    let made = admin.make(&body);
    let gpt = format!("{}/integration/gpt", provider("old"));
    let own = json!({"enabled": true, "description": "d", "maxTokens": 5,
                     "configuration": {"api_key": "sk-own-0123456789"}});
    admin.post(&gpt, &own).done();
    let tags = json!([{"key": "team", "value": "core"}]);
    admin.put(&format!("{}/tags", provider("old")), &tags).done();
    admin.put(&format!("{gpt}/tags"), &tags).done();
    admin.post(&format!("{gpt}/metrics"), &json!(7)).done();
    let limit = json!({"maxTokens": 9, "tokenLimitPeriod": "DAY"});
    admin.post("/api/integrations/llm/old/token", &limit).done();
    let prompt = "/api/prompts/p?description=d&models=old:gpt";
    admin.send("POST", prompt, &[("Content-Type", "application/json")], Some("hi")).done();
    let ada = server.granted("ada", ("INTEGRATION_PROVIDER", "old"), &["READ", "UPDATE"]);
    let bob = server.granted("bob", ("INTEGRATION", "old:gpt"), &["READ", "EXECUTE"]);
    // A name that only begins alike is another's.
    admin.make(&llm("old2", least("OPEN_AI")));
    let sealed = server.database.secrets().len();
    let clear = (resolved(&admin, &provider("old")), resolved(&admin, &gpt));
    let strip = |mut read: Value| {
        for member in ["name", "integrationName", "updateTime", "updatedOn"] {
            read.as_object_mut().unwrap().remove(member);
        }
        read
    };
    let whole = strip(admin.get(&provider("old")).ok());

    let renamed = rename(&ada, &made, "new");
    assert_eq!(
        (&renamed["config"], &renamed["scopings"]),
        (&made["config"], &body_scopings(&organization))
    );
    let gpt = format!("{}/integration/gpt", provider("new"));
    assert_eq!((resolved(&admin, &provider("new")), resolved(&admin, &gpt)), clear);
    assert_eq!(server.database.secrets().len(), sealed);
    let mut now = strip(admin.get(&provider("new")).ok());
    now["updatedBy"] = whole["updatedBy"].clone();
    assert_eq!(now, whole);
    assert!(is_mask(&now["configuration"]["api_key"]));
    assert_eq!(admin.get(&format!("{}/tags", provider("new"))).ok(), tags);
    assert_eq!(admin.get(&format!("{gpt}/tags")).ok(), tags);
    assert_eq!(admin.get(&format!("{gpt}/metrics")).ok(), 7);
    assert_eq!(admin.get("/api/integrations/llm/new/token").ok()["maxTokens"], 9);
    assert_eq!(admin.get("/api/prompts/p").ok()["integrations"], json!(["new:gpt"]));
    assert_eq!(admin.get(&format!("{gpt}/prompt")).ok()[0]["name"], "p");
    ada.patch(&provider("new"), &json!({"description": "by ada"})).ok();
    bob.resolve(&gpt).ok();
    bob.resolve(&format!("{}/integration/gpt", provider("old"))).ok();
    bob.get(&provider("new")).refused(403, "");
    assert_eq!(names(&ada.get(INTEGRATIONS).ok()), ["new"]);
    assert_eq!(admin.get(&provider("old2")).ok()["name"], "old2");
    server.database.assert_sound();
    for table in ["resource", "secret", "token_usage", "token_limit", "scoping", "prompt_model"] {
        let sql = format!("SELECT 1 FROM {table} WHERE integration = 'old'");
        assert!(server.database.rows(&sql).is_empty(), "{table}");
    }
}

fn body_scopings(organization: &str) -> Value {
    json!([{"organization_id": organization, "space_id": null}])
}
