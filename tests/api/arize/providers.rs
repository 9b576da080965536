//! What each model provider takes and shows; contract sections 4.1 and 4.2.

use serde_json::{Map, Value, json};

use super::records::{
    INTEGRATIONS, KEY, PROVIDERS, ROLE, URL, agent, at, endpoint, least, llm, names,
};
use crate::saving::with;
use crate::support::Server;

/// Section 4.2: what a create takes of each provider, in the order of [`PROVIDERS`]: `R` is
/// required, `o` optional, and `-` refused.
const CREATE: [(&str, &str); 10] = [
    ("api_key", "RRR-o-oRRR"),
    ("is_function_calling_enabled", "ooo-o-oooo"),
    ("base_url", "-o--R-oR--"),
    ("headers", "----o-oo--"),
    ("is_default_models_enabled", "---oo-o-oo"),
    ("model_names", "---oo-oooo"),
    ("auth", "---Ro-----"),
    ("project_id", "-----R----"),
    ("location", "-----R----"),
    ("project_access_label", "-----R----"),
];

/// Each provider and field with its letter.
fn table() -> impl Iterator<Item = (&'static str, &'static str, u8)> {
    PROVIDERS.into_iter().enumerate().flat_map(|(index, provider)| {
        CREATE.into_iter().map(move |(field, row)| (provider, field, row.as_bytes()[index]))
    })
}

/// A value of a field, other than its default.
fn value(field: &str) -> Value {
    match field {
        "is_function_calling_enabled" => json!(false),
        "is_default_models_enabled" => json!(true),
        "headers" => json!({"X-One": KEY, "X-Two": KEY}),
        "model_names" => json!(["z", "a/b:c", "z"]),
        "auth" => json!({"auth_type": "DEFAULT", "role_arn": ROLE}),
        "api_key" => json!(KEY),
        "base_url" => json!(URL),
        _ => json!(format!("some {field}")),
    }
}

/// Everything that a provider may be made with. A key and a block for it exclude one another.
fn most(provider: &str) -> Value {
    let mut config: Map<_, _> = [("provider".to_owned(), json!(provider))].into_iter().collect();
    for (of, field, letter) in table() {
        if of == provider && letter != b'-' && (field, of) != ("auth", "CUSTOM") {
            config.insert(field.to_owned(), value(field));
        }
    }
    config.into()
}

/// What is shown of a provider that was made with the least, or else with the most.
fn shown(provider: &str, is_least: bool) -> Value {
    let (functions, defaults) = (is_least, !is_least);
    let models = |some: bool| match (is_least, some) {
        (false, _) => json!(["z", "a/b:c"]),
        (true, true) => json!(["m-1"]),
        (true, false) => json!([]),
    };
    let headers = if is_least { json!([]) } else { json!(["X-One", "X-Two"]) };
    let url = if is_least { json!(null) } else { json!(URL) };
    let keyed = json!({"has_api_key": true, "is_function_calling_enabled": functions});
    let keyed_models = |named| {
        let more = json!({"is_default_models_enabled": defaults, "model_names": models(named)});
        with(&keyed, &more)
    };
    let mut shown = match provider {
        "OPEN_AI" | "GEMINI" | "ANTHROPIC" => keyed,
        "AWS_BEDROCK" => json!({
            "is_default_models_enabled": true, "model_names": models(false),
            "auth": {"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": null,
                     "base_url": null},
        }),
        "CUSTOM" => with(
            &keyed_models(true),
            &json!({"has_api_key": !is_least, "base_url": URL, "header_names": headers,
                    "auth": {"auth_type": "DEFAULT", "has_api_key": !is_least}}),
        ),
        "VERTEX_AI" if is_least => json!({"project_id": "p-1", "location": "us-central1",
                                          "project_access_label": "l-1"}),
        "VERTEX_AI" => json!({"project_id": "some project_id", "location": "some location",
                              "project_access_label": "some project_access_label"}),
        "NVIDIA_NIM" => {
            let more = json!({"has_api_key": !is_least, "header_names": headers});
            with(&keyed_models(true), &more)
        }
        "LITELLM" => with(
            &keyed,
            &json!({"base_url": URL, "header_names": headers, "model_names": models(false)}),
        ),
        _ => keyed_models(false),
    };
    if ["ANTHROPIC", "NVIDIA_NIM"].contains(&provider) {
        shown["base_url"] = url;
    }
    with(&shown, &json!({"provider": provider}))
}

#[test]
fn each_provider_shows_what_the_contract_lists_and_nothing_else() {
    let server = &Server::start();
    let admin = server.admin();
    for (number, provider) in PROVIDERS.into_iter().enumerate() {
        for (is_least, config) in [(true, least(provider)), (false, most(provider))] {
            let name = format!("{number} {is_least}");
            let made = admin.make(&llm(&name, config));
            let expected = json!({
                "id": made["id"],
                "type": "LLM",
                "name": name,
                "scopings": [{"organization_id": null, "space_id": null}],
                "created_at": made["created_at"],
                "updated_at": made["created_at"],
                "created_by_user_id": made["created_by_user_id"],
                "config": shown(provider, is_least),
            });
            assert_eq!(made, expected, "{provider}");
            assert!(made["created_by_user_id"].is_string(), "{made}");
            assert_eq!(admin.read(&made), made);
            let listed = admin.get(INTEGRATIONS).ok();
            assert_eq!(listed["integrations"][0], made);
            assert!(!listed.to_string().contains(KEY));
        }
    }
    assert_eq!(names(&admin.get(INTEGRATIONS).ok()).len(), 20);
}

#[test]
fn a_required_field_must_be_there_and_must_not_be_null() {
    let server = &Server::start();
    let admin = server.admin();
    let mut count = 0;
    for (provider, field, letter) in table().filter(|(_, _, letter)| *letter == b'R') {
        let place = format!("config.{field}");
        let full = most(provider);
        let without = with(&full, &json!({field: null}));
        let mut null = full.clone();
        null[field] = Value::Null;
        server.unchanged(|| {
            let reason = admin.post(INTEGRATIONS, &llm("x", without)).names(422, &place);
            assert!(reason.contains("is required"), "{provider} {letter}: {reason}");
            admin.post(INTEGRATIONS, &llm("x", null)).names(422, &place);
        });
        count += 1;
    }
    assert_eq!(count, 12);
}

#[test]
fn a_field_of_another_provider_is_refused() {
    let server = &Server::start();
    let admin = server.admin();
    for (provider, field, letter) in table() {
        let body = |value: Value| {
            let mut config = least(provider);
            config[field] = value;
            llm("x", config)
        };
        server.unchanged(|| {
            if letter == b'-' {
                for value in [value(field), Value::Null] {
                    let answer = admin.post(INTEGRATIONS, &body(value));
                    answer.names(422, &format!("config.{field}"));
                }
            }
            let wrong = if field.starts_with("is_") { json!("true") } else { json!(1) };
            admin.post(INTEGRATIONS, &body(wrong)).names(400, &format!("config.{field}"));
        });
    }
}

#[test]
fn flags_and_models_are_not_nullable_and_items_are_texts() {
    let server = &Server::start();
    let admin = server.admin();
    for (field, value, status, place) in [
        ("is_function_calling_enabled", json!(null), 422, ""),
        ("is_default_models_enabled", json!(null), 422, ""),
        ("model_names", json!(null), 422, ""),
        ("model_names", json!("m"), 400, ""),
        ("model_names", json!({"0": "m"}), 400, ""),
        ("model_names", json!(["m", 1]), 400, "[1]"),
        ("model_names", json!([null]), 400, "[0]"),
        ("model_names", json!(["m", ""]), 422, "[1]"),
        ("model_names", json!([" m"]), 422, "[0]"),
        ("headers", json!(["X-One: a"]), 400, ""),
        ("headers", json!({"X-One": 1}), 400, ".X-One"),
        ("headers", json!({"X-One": null}), 400, ".X-One"),
        ("headers", json!({"X-One": "x".repeat(8164)}), 422, ""),
        ("base_url", json!("http://llm.example.org"), 422, ""),
        ("base_url", json!("llm.example.org"), 422, ""),
        ("base_url", json!(" "), 422, ""),
        ("base_url", json!(""), 422, ""),
        ("base_url", json!(format!("https://a.example.org/{}", "x".repeat(2048))), 422, ""),
        ("base_url", json!("https://169.254.169.254/latest"), 422, ""),
        ("headers", json!({"A B": "v"}), 422, ".A B"),
        ("headers", json!({"X-One": "a\r\nX-Two: b"}), 422, ".X-One"),
        ("headers", json!({"X-One": "****abcdefgh****wxyz"}), 422, ".X-One"),
        ("api_key", json!("****abcdefgh********"), 422, ""),
        ("api_key", json!("sk-1\nX-Two: b"), 422, ""),
        ("api_key", json!(["k"]), 400, ""),
        ("api_key", json!(""), 422, ""),
        ("auth", json!("DEFAULT"), 400, ""),
        ("auth", json!(null), 422, ""),
    ] {
        let mut config = least("CUSTOM");
        config[field] = value.clone();
        server.unchanged(|| {
            let answer = admin.post(INTEGRATIONS, &llm("x", config));
            answer.names(status, &format!("config.{field}{place}"));
        });
    }
    let longest = json!({"headers": {"X-One": "x".repeat(8163)}});
    let size = longest["headers"].to_string().len();
    assert_eq!(size, 8175);
    admin.make(&llm("longest", with(&least("CUSTOM"), &longest)));
}

#[test]
fn three_providers_need_a_model() {
    let server = &Server::start();
    let admin = server.admin();
    for provider in PROVIDERS {
        let none = json!({"is_default_models_enabled": null, "model_names": null});
        let bare = with(&least(provider), &none);
        let needs = ["AWS_BEDROCK", "CUSTOM", "NVIDIA_NIM"].contains(&provider);
        if !needs {
            admin.make(&llm(provider, bare));
            continue;
        }
        for more in [
            json!({}),
            json!({"model_names": []}),
            json!({"model_names": [], "is_default_models_enabled": false}),
        ] {
            server.unchanged(|| {
                let answer = admin.post(INTEGRATIONS, &llm("x", with(&bare, &more)));
                answer.names(422, "config.model_names");
            });
        }
        let either = json!({"model_names": [], "is_default_models_enabled": true});
        let made = admin.make(&llm(provider, with(&bare, &either)));
        assert_eq!(made["config"]["model_names"], json!([]));
        let named = json!({"model_names": ["m"]});
        admin.make(&llm(&format!("{provider} named"), with(&bare, &named)));
    }
}

#[test]
fn an_envelope_is_closed_and_whole() {
    let server = &Server::start();
    let admin = server.admin();
    let openai = || llm("x", least("OPEN_AI"));
    let config = |more: Value| json!({"config": with(&least("OPEN_AI"), &more)});
    for (body, status, field) in [
        (with(&openai(), &json!({"type": null})), 422, "type"),
        (with(&openai(), &json!({"name": null})), 422, "name"),
        (with(&openai(), &json!({"config": null})), 422, "config"),
        (with(&openai(), &config(json!({"provider": null}))), 422, "config.provider"),
        (with(&openai(), &json!({"type": "TOOL"})), 422, "type"),
        (with(&openai(), &json!({"type": "Llm"})), 422, "type"),
        (with(&openai(), &json!({"type": 1})), 400, "type"),
        (with(&openai(), &json!({"name": ["x"]})), 400, "name"),
        (with(&openai(), &json!({"config": []})), 400, "config"),
        (with(&openai(), &json!({"scopings": {}})), 400, "scopings"),
        (with(&openai(), &json!({"scopings": [1]})), 400, "scopings[0]"),
        (with(&openai(), &json!({"description": "d"})), 422, "description"),
        (with(&openai(), &json!({"id": "x"})), 422, "id"),
        (with(&openai(), &json!({"Name": "x"})), 422, "Name"),
        (with(&openai(), &config(json!({"provider": "OPENAI"}))), 422, "config.provider"),
        (with(&openai(), &config(json!({"provider": "AZURE_OPEN_AI"}))), 422, "config.provider"),
        (with(&openai(), &config(json!({"provider": 1}))), 400, "config.provider"),
        (with(&openai(), &config(json!({"has_api_key": true}))), 422, "config.has_api_key"),
        (with(&openai(), &config(json!({"endpoint": URL}))), 422, "config.endpoint"),
        (
            with(&agent("x", json!({})), &json!({"config": {"provider": "OPEN_AI"}})),
            422,
            "config.provider",
        ),
        (endpoint("LLM", "x", json!({})), 422, "config.endpoint"),
    ] {
        server.unchanged(|| admin.post(INTEGRATIONS, &body).names(status, field));
    }
    let mut null = openai();
    for (field, status) in [("name", 422), ("config", 422), ("type", 422), ("scopings", 422)] {
        let before = null[field].take();
        server.unchanged(|| admin.post(INTEGRATIONS, &null).names(status, field));
        null[field] = if before.is_null() { json!([]) } else { before };
    }
    null["description"] = Value::Null;
    server.unchanged(|| admin.post(INTEGRATIONS, &null).names(422, "description"));
    null.as_object_mut().unwrap().remove("description");
    admin.make(&null);
}

#[test]
fn a_name_is_what_every_client_can_look_up() {
    let server = &Server::start();
    let admin = server.admin();
    for name in ["", " ", " a", "a ", "a\nb", "\u{7f}", &"é".repeat(128)] {
        server.unchanged(|| {
            admin.post(INTEGRATIONS, &llm(name, least("OPEN_AI"))).names(422, "name");
            admin.post(INTEGRATIONS, &agent(name, json!({}))).names(422, "name");
        });
    }
    for name in ["a", "A", "Ünïcode: a/b?c#d%2F", "..", "💡", &"x".repeat(255)] {
        let made = admin.make(&llm(name, least("OPEN_AI")));
        assert_eq!(made["name"], name);
        assert_eq!(admin.get(&at(INTEGRATIONS, &made)).ok(), made);
    }
}
