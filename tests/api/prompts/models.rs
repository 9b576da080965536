//! The models that prompts are for: how they are named, who may name them, and where they are
//! listed.

use serde_json::{Value, json};

use super::{
    HI, MANAGER, PROMPTS, bad_field, grant, integration, models, names, save, update, versions,
    with_main,
};
use crate::support::{PROVIDER, Server};

/// The prompts of the model `gpt`.
const OF_GPT: &str = "/api/integrations/provider/main/integration/gpt/prompt";

#[test]
fn models_are_taken_in_every_way_that_clients_write_them() {
    let server = &Server::start();
    let admin = with_main(server);
    integration(&admin, "other", "x");
    for (query, expected) in [
        ("&models=main:gpt", json!(["main:gpt"])),
        ("&models=main:gpt&models=other:x", json!(["main:gpt", "other:x"])),
        ("&models=main:gpt,other:x", json!(["main:gpt", "other:x"])),
        ("&models=main%3Agpt%2Cother%3Ax", json!(["main:gpt", "other:x"])),
        ("&models=main:gpt&models=other:x,main:b", json!(["main:b", "main:gpt", "other:x"])),
        ("&models=main:gpt%0A", json!(["main:gpt"])),
        ("&models=%20main:gpt+,%0D%0Aother:x%0A", json!(["main:gpt", "other:x"])),
        // Go writes several without anything between them, which nobody can take apart.
        ("&models=main:gptother:x", json!(["main:gptother:x"])),
        ("&models=main:anthropic.claude-v2:0", json!(["main:anthropic.claude-v2:0"])),
        ("&models=main:meta-llama/Llama-3", json!(["main:meta-llama/Llama-3"])),
        ("&models=main:two+words", json!(["main:two words"])),
        ("&models=main:gpt&models=main:gpt", json!(["main:gpt"])),
        ("&models=", json!([])),
        ("&models=,%0A,", json!([])),
        ("", json!([])),
    ] {
        save(&admin, HI, query, "a").done();
        assert_eq!(models(&admin, HI), expected, "{query}");
        save(&admin, HI, "", "a").done();
        update(&admin, HI, query, "a").done();
        assert_eq!(models(&admin, HI), expected, "PUT {query}");
    }
}

#[test]
fn what_is_no_model_is_refused() {
    let server = &Server::start();
    let admin = with_main(server);
    server.unchanged(|| {
        for models in ["main", "gpt", ":gpt", "main:", "main:all", "a/b:c", "main:gpt,x"] {
            let answer = save(&admin, HI, &format!("&models={models}"), "a");
            assert_eq!(bad_field(answer), "models", "{models}");
        }
    });
}

#[test]
fn the_integration_must_be_there_and_the_model_need_not() {
    let server = &Server::start();
    let admin = with_main(server);
    server.unchanged(|| {
        for models in ["nowhere:gpt", "main:gpt,nowhere:gpt"] {
            let missing = "No such integration: `nowhere`";
            save(&admin, HI, &format!("&models={models}"), "a").refused(404, missing);
            update(&admin, HI, &format!("&models={models}"), "a").refused(404, missing);
        }
    });
    save(&admin, HI, "&models=main:not-yet", "a").done();
    assert_eq!(models(&admin, HI), json!(["main:not-yet"]));
}

#[test]
fn who_names_a_model_must_see_it_or_its_integration() {
    let server = &Server::start();
    let admin = with_main(server);
    for (on, allowed) in [
        (("INTEGRATION_PROVIDER", "main"), ["main:gpt", "main:not-yet"].as_slice()),
        (("INTEGRATION", "main:gpt"), &["main:gpt"]),
        (("INTEGRATION", "main:not-yet"), &["main:not-yet"]),
        (("INTEGRATION", "main:other"), &[]),
    ] {
        let ada = server.client("ada", MANAGER);
        grant(&admin, &ada, on, &["READ"]);
        for model in ["main:gpt", "main:not-yet"] {
            let (query, path) = (format!("&models={model}"), format!("{HI}-{}", ada.application));
            if allowed.contains(&model) {
                save(&ada, &path, &query, "a").done();
                update(&ada, &path, &query, "a").done();
                continue;
            }
            let denied = server.denied(|| save(&ada, &path, &query, "a").refused(403, "READ"));
            assert_eq!(denied, format!("denied READ INTEGRATION {model}"));
            server.denied(|| update(&ada, &path, &query, "a").refused(403, "READ"));
        }
    }
}

#[test]
fn other_accesses_than_read_do_not_let_a_model_be_named() {
    let server = &Server::start();
    let admin = with_main(server);
    let ada = server.client("ada", MANAGER);
    grant(&admin, &ada, ("INTEGRATION", "main:gpt"), &["EXECUTE", "UPDATE", "DELETE"]);
    server.denied(|| save(&ada, HI, "&models=main:gpt", "a").refused(403, "READ"));
}

#[test]
fn models_that_a_version_has_already_may_be_sent_back() {
    let server = &Server::start();
    let admin = with_main(server);
    let ada = server.client("ada", MANAGER);
    save(&admin, HI, "&models=main:gpt", "a").done();
    update(&ada, HI, "&models=main:gpt", "b").done();
    save(&ada, HI, "&models=main:gpt", "c").done();
    assert_eq!(models(&ada, HI), json!(["main:gpt"]));
    server.denied(|| update(&ada, HI, "&models=main:gpt,main:b", "d").refused(403, "READ"));
    // A new version is a new place to name it.
    let query = "&models=main:gpt&autoIncrement=true";
    server.denied(|| save(&ada, HI, query, "d").refused(403, "READ"));
    update(&ada, HI, "", "d").done();
    server.denied(|| update(&ada, HI, "&models=main:gpt", "e").refused(403, "READ"));
}

#[test]
fn a_model_is_attached_to_the_latest_version_alone() {
    let server = &Server::start();
    let admin = with_main(server);
    save(&admin, HI, "", "one").done();
    save(&admin, HI, "&version=2&models=main:b", "two").done();
    let attach = format!("{OF_GPT}/hi");
    admin.call("POST", &attach).done();
    assert_eq!(models(&admin, HI), json!(["main:b", "main:gpt"]));
    assert_eq!(models(&admin, &format!("{HI}?version=1")), json!([]));
    assert_eq!(
        (versions(&admin, HI), admin.get(HI).ok()["template"].clone()),
        (vec![2, 1], json!("two"))
    );
    // As Python and as shells send it, and once more.
    admin.post(&attach, &json!({})).done();
    admin
        .raw(
            &format!("POST {attach}"),
            &["Content-Type: application/json", "Content-Length: 0"],
            b"",
        )
        .done();
    assert_eq!(models(&admin, HI), json!(["main:b", "main:gpt"]));
}

#[test]
fn attaching_is_a_change_of_the_version() {
    let server = &Server::start();
    let admin = with_main(server);
    let ada = server.client("ada", MANAGER);
    grant(&admin, &ada, ("INTEGRATION", "main:gpt"), &["READ"]);
    save(&admin, HI, "", "one").done();
    let made = admin.get(HI).ok();
    ada.call("POST", &format!("{OF_GPT}/hi")).done();
    let read = admin.get(HI).ok();
    assert_eq!(
        (&read["createdBy"], &read["createTime"]),
        (&made["createdBy"], &made["createTime"])
    );
    assert_eq!(read["updatedBy"], json!(ada.subject));
}

#[test]
fn attaching_needs_the_prompt_and_the_model_and_a_right_to_each() {
    let server = &Server::start();
    let admin = with_main(server);
    save(&admin, HI, "", "a").done();
    let attach = |model: &str, prompt: &str| {
        format!("{PROVIDER}/{model}/prompt/{prompt}").replace(':', "/integration/")
    };
    server.unchanged(|| {
        for (model, prompt, missing) in [
            ("main:gpt", "ho", "No such prompt: `ho`"),
            ("main:none", "hi", "No such integration: `main:none`"),
            ("none:gpt", "hi", "No such integration: `none`"),
        ] {
            admin.call("POST", &attach(model, prompt)).refused(404, missing);
        }
    });
    let path = attach("main:gpt", "hi");
    let ada = server.client("ada", &[]);
    grant(&admin, &ada, ("PROMPT", "hi"), &["READ"]);
    let denied = server.denied(|| ada.call("POST", &path).refused(403, "UPDATE"));
    assert_eq!(denied, "denied UPDATE PROMPT hi");
    grant(&admin, &ada, ("PROMPT", "hi"), &["UPDATE"]);
    let denied = server.denied(|| ada.call("POST", &path).refused(403, "READ"));
    assert_eq!(denied, "denied READ INTEGRATION main:gpt");
    grant(&admin, &ada, ("INTEGRATION", "main:gpt"), &["READ"]);
    ada.call("POST", &path).done();
}

#[test]
fn the_prompts_of_a_model_are_those_whose_latest_version_is_for_it() {
    let server = &Server::start();
    let admin = with_main(server);
    let bob = server.client("bob", &[]);
    assert_eq!(admin.get(OF_GPT).ok(), json!([]));
    for (name, models) in [("b", "main:gpt"), ("a", "main:gpt,main:x"), ("c", "main:gpt-2")] {
        save(&admin, &format!("{PROMPTS}/{name}"), &format!("&models={models}"), "t").done();
    }
    save(&admin, HI, "&models=main:gpt", "one").done();
    save(&admin, HI, "&version=2", "two").done();
    let list = admin.get(OF_GPT).ok();
    assert_eq!(names(&list), ["a", "b"]);
    assert_eq!(list[1], admin.get(&format!("{PROMPTS}/b")).ok());
    assert_eq!(list, admin.get(&format!("{OF_GPT}/")).ok());

    bob.get(OF_GPT).refused(403, "READ");
    grant(&admin, &bob, ("INTEGRATION", "main:gpt"), &["READ"]);
    assert_eq!(bob.get(OF_GPT).ok(), json!([]));
    grant(&admin, &bob, ("PROMPT", "b"), &["READ"]);
    assert_eq!(names(&bob.get(OF_GPT).ok()), ["b"]);
    admin.get(&OF_GPT.replace("gpt", "none")).refused(404, "`main:none`");
    admin.get(&OF_GPT.replace("main", "none")).refused(404, "`none`");
}

#[test]
fn names_of_models_may_hold_slashes_here_too() {
    let server = &Server::start();
    let admin = with_main(server);
    save(&admin, HI, "", "a").done();
    let path = format!("{PROVIDER}/main/integration/meta/llama:3");
    admin.post(&path.replace("meta/", "meta%2F"), &crate::support::model()).done();
    admin.raw(&format!("POST {path}/prompt/hi"), &[], b"").done();
    for path in [path.clone(), path.replace("meta/", "meta%2F")] {
        let list = admin.raw(&format!("GET {path}/prompt"), &[], b"").ok();
        assert_eq!(names(&list), ["hi"]);
    }
}

/// Java's client never fills in the names of the path (quirk Q4).
#[test]
fn java_asks_with_the_names_of_the_parameters_in_the_path() {
    let server = &Server::start();
    let admin = with_main(server);
    let ada = server.client("ada", &[]);
    save(&admin, HI, "&models=main:gpt", "a").done();
    let path = format!("{PROVIDER}/%7BintegrationName%7D/integration/%7Bmodel%7D/prompt");
    let query = "integrationName=main&model=gpt";
    assert_eq!(names(&admin.get(&format!("{path}?{query}")).ok()), ["hi"]);
    ada.get(&format!("{path}?{query}")).refused(403, "main:gpt");
    let other = format!("{path}?integrationName=main&model=other");
    admin.get(&other).refused(404, "`main:other`");
    admin.get(&format!("{path}?integrationName=main")).refused(404, "`{integrationName}`");
    admin.get(&path).refused(404, "`{integrationName}`");
    let bad = format!("{path}?integrationName=a%2Fb&model=gpt");
    assert_eq!(bad_field(admin.get(&bad)), "integrationName");
    // Where the path says which model is meant, the query does not matter.
    admin.get(&format!("{OF_GPT}?integrationName=none&model=none")).ok();
}

#[test]
fn a_deleted_integration_takes_its_models_from_prompts_for_good() {
    let server = &Server::start();
    let admin = with_main(server);
    integration(&admin, "main2", "gpt");
    let query = "&models=main:gpt,main:x,main2:gpt";
    save(&admin, HI, query, "one").done();
    save(&admin, HI, &format!("{query}&version=2"), "two").done();
    admin.delete(&format!("{PROVIDER}/main")).done();
    let all = || -> Vec<Value> {
        let found = admin.get(&format!("{HI}/versions")).ok();
        found.as_array().unwrap().iter().map(|one| one["integrations"].clone()).collect()
    };
    assert_eq!(all(), [json!(["main2:gpt"]), json!(["main2:gpt"])]);
    integration(&admin, "main", "gpt");
    assert_eq!(all(), [json!(["main2:gpt"]), json!(["main2:gpt"])]);
    assert_eq!(admin.get(OF_GPT).ok(), json!([]));
}
