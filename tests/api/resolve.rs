//! Resolving: the configuration with its secrets, for those who may execute.

use podium::registry::Settings;
use serde_json::{Value, json};

use crate::saving::{GPT, MAIN, resolved};
use crate::support::{Client, Server, openai, settings};

const CLEAR: &str = "sk-clear-5d41402abc4b2a76";
const WHOLE: (&str, &str) = ("INTEGRATION_PROVIDER", "main");
const PART: (&str, &str) = ("INTEGRATION", "main:gpt");

/// An integration and a resource, with a secret each and a tag of their own.
fn filled(server: &Server) -> Client {
    let admin = server.admin();
    admin.post(MAIN, &openai(CLEAR)).ok();
    let own = json!({"enabled": true, "configuration": {"token": CLEAR}});
    admin.post(GPT, &own).done();
    admin.put(&format!("{MAIN}/tags"), &json!([{"key": "team", "value": "whole"}])).done();
    admin.put(&format!("{GPT}/tags"), &json!([{"key": "team", "value": "part"}])).done();
    admin
}

fn forbidden(server: &Server, who: &Client, path: &str) {
    let record = server.denied(|| {
        let answer = who.resolve(path);
        assert!(!answer.text.contains("sk-"), "{}", answer.text);
        answer.refused(403, "EXECUTE");
    });
    assert!(record.starts_with("denied EXECUTE INTEGRATION"), "{record}");
}

#[test]
fn only_execute_resolves() {
    let server = &Server::start();
    filled(server);
    let others = ["CREATE", "READ", "UPDATE", "DELETE"];
    let mut people = vec![
        server.client("reader", &["USER_READ_ONLY"]),
        server.client("user", &["USER"]),
        server.client("manager", &["METADATA_MANAGER"]),
        server.client("worker", &["WORKER", "APPLICATION_MANAGER", "PROMPT_MANAGER"]),
        server.granted("most", WHOLE, &others),
        server.granted("part", PART, &others),
    ];
    people.extend(others.map(|access| server.granted(access, WHOLE, &[access])));
    for who in &people {
        forbidden(server, who, MAIN);
        forbidden(server, who, GPT);
    }
    server.unchanged(|| {
        server.stranger().resolve(MAIN).not_signed_in("INVALID_TOKEN");
        server.stranger().resolve(GPT).not_signed_in("INVALID_TOKEN");
    });
}

#[test]
fn execute_resolves_however_it_came_about() {
    let server = &Server::start();
    let admin = filled(server);
    let group = json!({"description": "crew", "roles": ["WORKER"]});
    let worker = |name: &str| server.client(name, &["WORKER"]);
    let granted = worker("granted");
    server.grant(("USER", &granted.subject), WHOLE, &["EXECUTE"]);
    let tagged = worker("tagged");
    server.grant(("USER", &tagged.subject), ("TAG", "team:whole"), &["EXECUTE"]);
    let crew = server.client("crew", &[]);
    admin.put("/api/groups/crew", &group).ok();
    admin.post(&format!("/api/groups/crew/users/{}", crew.subject), &json!({})).done();
    server.grant(("GROUP", "crew"), WHOLE, &["EXECUTE"]);
    for who in [&admin, &granted, &tagged, &crew] {
        assert_eq!(resolved(who, MAIN)["api_key"], CLEAR);
        assert_eq!(resolved(who, GPT)["token"], CLEAR);
    }
    let on_part = worker("on part");
    server.grant(("USER", &on_part.subject), PART, &["EXECUTE"]);
    let by_tag = worker("by tag");
    server.grant(("USER", &by_tag.subject), ("TAG", "team:part"), &["EXECUTE"]);
    for who in [&on_part, &by_tag] {
        assert_eq!(resolved(who, GPT)["api_key"], CLEAR);
        forbidden(server, who, MAIN);
        who.get(MAIN).refused(403, "READ");
    }
    let by_role = server.client("by role", &["UNRESTRICTED_WORKER"]);
    forbidden(server, &by_role, MAIN);
    server.grant(("ROLE", "UNRESTRICTED_WORKER"), WHOLE, &["EXECUTE"]);
    assert_eq!(resolved(&by_role, MAIN)["api_key"], CLEAR);
    let ada = server.client("ada", &["USER"]);
    let own = "/api/integrations/provider/own";
    ada.post(own, &openai("sk-own")).ok();
    assert_eq!(resolved(&ada, own)["api_key"], "sk-own");
}

/// What the audit log says of the latest change.
fn last_detail(server: &Server) -> Value {
    let sql = "SELECT action, detail FROM audit ORDER BY seq DESC LIMIT 1";
    let [action, detail] = server.database.rows(sql).remove(0).try_into().unwrap();
    let mut detail: Value = serde_json::from_str(&detail).unwrap();
    detail["action"] = action.into();
    detail
}

#[test]
fn each_resolve_leaves_a_record_of_which_secrets_and_of_no_secret() {
    let server = &Server::start();
    let admin = filled(server);
    let fingerprint = |value: &str| {
        let body = json!({"value": value});
        admin.post("/api/audit/fingerprint", &body).ok()["fingerprint"].clone()
    };
    let print = fingerprint(CLEAR);
    for (path, record, expected) in [
        (
            MAIN,
            "done EXECUTE INTEGRATION_PROVIDER main",
            json!({"action": "integration.resolve", "secrets": {"/api_key": print}}),
        ),
        (
            GPT,
            "done EXECUTE INTEGRATION main:gpt",
            json!({"action": "resource.resolve",
                   "secrets": {"/api_key": print, "/token": print}}),
        ),
    ] {
        for _ in 0..2 {
            let records = server.records_of(|| {
                let answer = admin.resolve(path);
                assert_eq!(answer.header("cache-control"), Some("no-store"));
                answer.ok();
            });
            assert_eq!(records, [record]);
            assert_eq!(last_detail(server), expected);
        }
    }
    // What it lies over is not taken, and so not told.
    admin.patch(GPT, &json!({"configuration": {"api_key": "sk-own"}})).done();
    admin.resolve(GPT).ok();
    assert_eq!(last_detail(server)["secrets"]["/api_key"], fingerprint("sk-own"));
    let log = admin.get("/api/audit?limit=1000").text;
    assert!(log.contains("resource.resolve") && !log.contains("sk-"), "{log}");
}

#[test]
fn what_is_disabled_or_missing_resolves_to_nothing() {
    let server = &Server::start();
    let admin = filled(server);
    let enable = |path: &str, enabled: bool| {
        assert_eq!(admin.patch(path, &json!({"enabled": enabled})).status, 200);
    };
    let refused = |path: &str| {
        server.unchanged(|| {
            let answer = admin.resolve(path);
            assert!(!answer.text.contains("sk-"), "{}", answer.text);
            answer.refused(409, "disabled");
        });
    };
    enable(GPT, false);
    refused(GPT);
    resolved(&admin, MAIN);
    enable(MAIN, false);
    refused(GPT);
    refused(MAIN);
    enable(GPT, true);
    refused(GPT);
    enable(MAIN, true);
    assert_eq!(resolved(&admin, GPT)["token"], CLEAR);

    let nobody = server.client("nobody", &[]);
    for who in [&admin, &nobody] {
        server.unchanged(|| {
            who.resolve("/api/integrations/provider/none").refused(404, "`none`");
            who.resolve(&format!("{MAIN}/integration/none")).refused(404, "`main:none`");
            let none = "/api/integrations/provider/none/integration/gpt";
            who.resolve(none).refused(404, "`none`");
        });
    }
}

#[test]
fn a_server_that_does_not_resolve_says_how_it_would() {
    let server = Server::start_with(Settings { resolve: false, ..settings() });
    let admin = filled(&server);
    server.unchanged(|| {
        for path in [MAIN, GPT] {
            let answer = admin.resolve(path);
            assert!(!answer.text.contains("sk-"), "{}", answer.text);
            answer.refused(501, "PODIUM_RESOLVE");
        }
        admin.resolve("/api/integrations/provider/none").refused(404, "none");
    });
    forbidden(&server, &server.client("nobody", &[]), MAIN);
}

#[test]
fn values_come_back_as_they_were_sent() {
    let server = &Server::start();
    let admin = server.admin();
    let configuration = concat!(
        r#"{"api_key":"a\"b\\c/d","password":"ü𝄞 \\u2028","pin":123456789012345678901234567890,"#,
        r#""secretNumber":1.2300,"tokens":[1e+400,-0.0],"big":98765432109876543210,"#,
        r#""credentials":{"z":1,"a":{"z":[],"a":{}},"n":null},"flag":false,"none":null,"#,
        r#""text":"𝄞","list":[1.0,[]],"token":"env:lower"}"#
    );
    let body = format!(r#"{{"type":"openai","enabled":true,"configuration":{configuration}}}"#);
    let kind = [("Content-Type", "application/json")];
    for path in [MAIN, GPT] {
        assert_eq!(admin.send("POST", path, &kind, Some(&body)).status, 200);
        let answer = admin.resolve(path).text;
        assert!(answer.contains(configuration), "{answer} has no {configuration}");
    }
    let expected = json!({"name": "main", "type": "openai", "category": "AI_MODEL"});
    let mut whole = admin.resolve(MAIN).ok();
    assert!(whole.as_object_mut().unwrap().shift_remove("configuration").is_some());
    assert_eq!(whole, expected);
    assert_eq!(admin.resolve(GPT).ok()["api"], "gpt");
}

#[test]
fn names_with_slashes_resolve_escaped_or_not() {
    let server = &Server::start();
    let admin = filled(server);
    let llama = format!("{MAIN}/integration/meta-llama%2FLlama%203");
    admin.post(&llama, &json!({"enabled": true, "configuration": {"token": "t"}})).done();
    for path in [&llama, &format!("{MAIN}/integration/meta-llama/Llama%203")] {
        assert_eq!(resolved(&admin, path)["token"], "t");
    }
    admin.get(&format!("{MAIN}/resolve")).refused(405, "POST");
}
