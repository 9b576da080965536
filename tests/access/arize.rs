//! Arize's dialect: a grant on a name that is none's yet.

use serde_json::{Value, json};

use crate::support::Server;

const LISTS: [&str; 2] = ["/v2/integrations", "/v2/ai-integrations"];

/// What makes a model provider in the one or the other family.
fn body(list: &str, name: &str, models: &[&str]) -> Value {
    if list == LISTS[0] {
        let config = json!({"provider": "NVIDIA_NIM", "model_names": models});
        json!({"type": "LLM", "name": name, "config": config})
    } else {
        json!({"provider": "NVIDIA_NIM", "name": name, "model_names": models})
    }
}

/// What changes the models of one.
fn models(list: &str, models: &[&str]) -> Value {
    if list == LISTS[0] {
        json!({"type": "LLM", "config": {"model_names": models}})
    } else {
        json!({"model_names": models})
    }
}

#[test]
fn g1_who_was_granted_to_make_a_name_makes_that_one() {
    let server = Server::start();
    let admin = server.admin();
    for (index, list) in LISTS.into_iter().enumerate() {
        let name = format!("mine-{index}");
        let client = server.client(&name, &[]);
        let before = server.state();
        client.post(list, Some(&body(list, &name, &["m"]))).is(403);
        assert_eq!(server.state(), before, "nothing was changed");
        let target = ("INTEGRATION_PROVIDER", name.as_str());
        admin.grant(("USER", &client.user), target, &["CREATE"]);
        client.post(list, Some(&body(list, &format!("{name}-not"), &["m"]))).is(403);
        let made = client.post(list, Some(&body(list, &name, &["m"])));
        made.is(201);
        // It is theirs from now on.
        let path = format!("{list}/{}", made.json()["id"].as_str().unwrap());
        client.get(&path).is(200);
        client.call("PATCH", &path, Some(&models(list, &["n"]))).is(200);
        client.delete(&path).is(204);
        client.get(&path).is(404);
    }
}
