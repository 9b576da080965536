//! One record, two dialects: what each sees of what the other made; contract section 8.2.

use serde_json::{Value, json};

use super::records::{
    AI_INTEGRATIONS, INTEGRATIONS, KEY, PROVIDERS, ROLE, URL, agent, at, endpoint, least, llm,
    names, provider,
};
use crate::saving::{resolved, with};
use crate::support::{Client, Server, is_mask};

/// A value with a star for each mask in it.
fn starred(value: &Value) -> Value {
    match value {
        mask if is_mask(mask) => json!("*"),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), starred(value))).collect::<Value>()
        }
        other => other.clone(),
    }
}

/// Saves an integration in Conductor's dialect.
fn save(client: &Client, name: &str, kind: &str, configuration: &Value) -> Value {
    let body = json!({"type": kind, "enabled": true, "configuration": configuration});
    client.post(&provider(name), &body).ok()
}

/// The one record that a list of the newer family shows.
fn only(client: &Client, list: &str) -> Value {
    let found = client.get(list).ok();
    let items = found["integrations"].as_array().or(found["ai_integrations"].as_array()).unwrap();
    assert_eq!(items.len(), 1, "{found}");
    items[0].clone()
}

/// The names of the resources in Conductor's dialect.
fn resources(client: &Client, name: &str) -> Vec<String> {
    let found = client.get(&format!("{}/integration", provider(name))).ok();
    let found = found.as_array().unwrap().iter();
    found.map(|resource| resource["api"].as_str().unwrap().to_owned()).collect()
}

/// Each provider's type in Conductor's dialect, and what of the least `config` stands in the
/// configuration.
fn types() -> [(&'static str, &'static str, Value); 10] {
    let key = || json!({"api_key": "*"});
    [
        ("OPEN_AI", "openai", key()),
        ("ANTHROPIC", "anthropic", key()),
        ("GEMINI", "google_gemini", key()),
        (
            "AWS_BEDROCK",
            "aws_bedrock_anthropic",
            json!({"connectionType": "EXTERNAL_ROLE", "roleArn": ROLE}),
        ),
        ("CUSTOM", "custom_openai", json!({"endpoint": URL})),
        (
            "VERTEX_AI",
            "vertex_ai_gemini",
            json!({"projectName": "p-1", "environment": "us-central1"}),
        ),
        ("NVIDIA_NIM", "nvidia_nim", json!({})),
        ("LITELLM", "litellm", json!({"api_key": "*", "endpoint": URL})),
        ("FIREWORKS", "fireworks", key()),
        ("TOGETHER_AI", "together_ai", key()),
    ]
}

#[test]
fn conductor_sees_what_arize_made() {
    let server = &Server::start();
    let admin = server.admin();
    for (of, kind, configuration) in types() {
        let made = admin.make(&llm(of, least(of)));
        let seen = admin.get(&provider(of)).ok();
        assert_eq!(seen["name"], of);
        assert_eq!((&seen["type"], &seen["category"]), (&json!(kind), &json!("AI_MODEL")));
        assert_eq!((&seen["enabled"], &seen["tags"]), (&json!(true), &json!([])));
        assert_eq!(starred(&seen["configuration"]), configuration, "{of}");
        let models: Vec<_> =
            least(of).get("model_names").map_or(vec![], |_| vec!["m-1".to_owned()]);
        assert_eq!(resources(&admin, of), models);
        assert_eq!(seen["modelsCount"], models.len());
        let clear = resolved(&admin, &provider(of));
        assert!(clear.get("api_key").is_none_or(|key| *key == KEY));
        let created = seen["createTime"].as_i64().unwrap();
        let time = made["created_at"].as_str().unwrap();
        assert_eq!(format!("{:03}Z", created % 1000), time[20..]);
        admin.delete(&provider(of)).done();
        admin.get(&at(INTEGRATIONS, &made)).problem(404, "No such integration");
    }
    for (kind, conductors) in [("AGENT", "arize_agent"), ("EVALUATOR", "arize_evaluator")] {
        let more = json!({"input_schema": {"type": "object", "b": 1, "a": [2.50, "é"]}, "headers": {"X-One": KEY}});
        let mut body = endpoint(kind, kind, more);
        body["description"] = json!("reads mail");
        let made = admin.make(&body);
        let seen = admin.get(&provider(kind)).ok();
        assert_eq!((&seen["type"], &seen["category"]), (&json!(conductors), &json!("API")));
        assert_eq!(seen["description"], "reads mail");
        let text = seen["configuration"]["inputSchema"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), body["config"]["input_schema"]);
        let expected = json!({"endpoint": URL, "inputSchema": text});
        assert_eq!(seen["configuration"], expected);
        admin.delete(&at(INTEGRATIONS, &made)).gone();
        admin.get(&provider(kind)).refused(404, "");
    }
}

#[test]
fn arize_sees_what_conductor_made() {
    let server = &Server::start();
    let admin = server.admin();
    for (of, kind, _) in types() {
        let configuration = match of {
            "AWS_BEDROCK" => {
                json!({"connectionType": "EXTERNAL_ROLE", "roleArn": ROLE, "region": "us-east-1"})
            }
            "VERTEX_AI" => {
                json!({"projectName": "p-1", "environment": "us-central1", "file": "{}"})
            }
            _ => json!({"api_key": KEY, "endpoint": URL}),
        };
        let saved = save(&admin, of, kind, &configuration);
        for model in ["b", "a"] {
            let body = json!({"enabled": true, "configuration": {}});
            admin.post(&format!("{}/integration/{model}", provider(of)), &body).done();
        }
        let made = only(&admin, INTEGRATIONS);
        assert_eq!((&made["name"], &made["type"]), (&json!(of), &json!("LLM")));
        let time = saved["createTime"].as_i64().unwrap();
        assert!(made["created_at"].as_str().unwrap().ends_with(&format!(".{:03}Z", time % 1000)));
        assert!(made["created_by_user_id"].is_string());
        let keyed = json!({"has_api_key": true, "is_function_calling_enabled": true});
        let models = json!({"is_default_models_enabled": false, "model_names": ["a", "b"]});
        let url = json!({"base_url": URL});
        let headed = json!({"base_url": URL, "header_names": []});
        let config = match of {
            "OPEN_AI" | "GEMINI" => keyed,
            "ANTHROPIC" => with(&keyed, &url),
            "AWS_BEDROCK" => {
                let mut config = models;
                config["auth"] = json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": null, "base_url": null});
                config
            }
            "CUSTOM" => {
                let auth = json!({"auth": {"auth_type": "DEFAULT", "has_api_key": true}});
                with(&with(&with(&keyed, &models), &headed), &auth)
            }
            "VERTEX_AI" => {
                json!({"project_id": "p-1", "location": "us-central1", "project_access_label": ""})
            }
            "NVIDIA_NIM" => with(&with(&keyed, &models), &headed),
            "LITELLM" => with(&with(&keyed, &headed), &json!({"model_names": ["a", "b"]})),
            _ => with(&keyed, &models),
        };
        assert_eq!(made["config"], with(&config, &json!({"provider": of})), "{of}");
        let flat = only(&admin, AI_INTEGRATIONS);
        assert_eq!(flat["id"], made["id"]);
        assert_eq!((&flat["provider"], &flat["model_names"]), (&json!(of), &json!(["a", "b"])));
        assert_eq!(flat["base_url"], configuration.get("endpoint").cloned().unwrap_or_default());
        admin.delete(&at(INTEGRATIONS, &made)).gone();
        admin.get(&provider(of)).refused(404, "");
    }
    let schema = json!({"type": "object"}).to_string();
    save(&admin, "remote", "arize_agent", &json!({"endpoint": URL, "inputSchema": schema}));
    let body = json!({"enabled": true, "description": "d", "configuration": {"a": 1}});
    admin.post(&format!("{}/integration/p", provider("remote")), &body).done();
    let made = only(&admin, INTEGRATIONS);
    assert_eq!(made["type"], "AGENT");
    let preset = &made["config"]["request_presets"][0];
    assert_eq!((&preset["name"], &preset["config"]), (&json!("p"), &json!({"a": 1})));
    assert_eq!(preset["description"], "d");
}

#[test]
fn the_first_model_says_which_bedrock_it_is() {
    let server = &Server::start();
    let admin = server.admin();
    for (index, (models, kind)) in [
        (json!(["anthropic.claude-v2:0"]), "aws_bedrock_anthropic"),
        (json!(["cohere.command-r-v1:0", "anthropic.claude-v2"]), "aws_bedrock_cohere"),
        (json!(["meta.llama3-70b"]), "aws_bedrock_llama2"),
        (json!(["amazon.titan-text-express-v1"]), "aws_bedrock_titan"),
        (json!(["mistral.large", "cohere.x"]), "aws_bedrock_anthropic"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("b{index}");
        let config = with(&least("AWS_BEDROCK"), &json!({"model_names": models}));
        let made = admin.make(&llm(&name, config));
        assert_eq!(admin.get(&provider(&name)).ok()["type"], kind);
        let config = json!({"config": {"model_names": ["cohere.other"]}});
        admin.change(&made, config).ok();
        assert_eq!(admin.get(&provider(&name)).ok()["type"], kind);
        assert_eq!(resources(&admin, &name), ["cohere.other"]);
    }
    // Every type of it, and both of Vertex AI.
    for kind in ["aws_bedrock_cohere", "aws_bedrock_llama2", "aws_bedrock_titan"] {
        save(&admin, kind, kind, &json!({"roleArn": ROLE}));
        let list = format!("{INTEGRATIONS}?name={kind}");
        assert_eq!(only(&admin, &list)["config"]["provider"], "AWS_BEDROCK");
    }
    save(&admin, "vertex_ai", "vertex_ai", &json!({"projectName": "p", "environment": "e"}));
    let list = format!("{INTEGRATIONS}?name=vertex_ai");
    assert_eq!(only(&admin, &list)["config"]["provider"], "VERTEX_AI");
}

#[test]
fn modes_of_bedrock_that_only_conductor_has_are_of_the_older_family() {
    let server = &Server::start();
    let admin = server.admin();
    for connection in ["CONDUCTOR_ROLE", "ACCESS_KEY"] {
        let configuration = json!({"connectionType": connection, "region": "us-east-1", "user": "AKIA",
                                   "api_key": KEY, "roleArn": ROLE});
        save(&admin, "bedrock", "aws_bedrock_titan", &configuration);
        assert!(names(&admin.get(INTEGRATIONS).ok()).is_empty());
        let flat = only(&admin, AI_INTEGRATIONS);
        assert_eq!(
            (&flat["provider"], &flat["auth_type"]),
            (&json!("AWS_BEDROCK"), &json!("DEFAULT"))
        );
        assert!(flat["provider_metadata"].is_null(), "{flat}");
        admin.get(&at(INTEGRATIONS, &flat)).problem(404, "No such integration");
        let aws = json!({"kind": "AWS", "role_arn": ROLE});
        let patch = json!({"provider_metadata": aws, "auth_type": "DEFAULT"});
        admin.patch(&at(AI_INTEGRATIONS, &flat), &patch).problem(409, "api_key");
        admin.delete(&provider("bedrock")).done();
    }
    // The secret half of an access key is none of Arize's keys.
    let config = with(
        &least("AWS_BEDROCK"),
        &json!({"auth": {"auth_type": "BEARER_TOKEN", "api_key": KEY}}),
    );
    admin.make(&llm("bearer", config));
    let seen = admin.get(&provider("bearer")).ok()["configuration"].clone();
    assert_eq!(seen, json!({}));
    assert_eq!(resolved(&admin, &provider("bearer"))["arize"]["api_key"], KEY);
}

#[test]
fn other_types_are_not_there_for_arize() {
    let server = &Server::start();
    let admin = server.admin();
    let custom = json!([{"type": "mine", "category": "AI_MODEL"}]);
    assert_eq!(admin.post("/api/integrations/def/register", &custom).status, 200);
    let shown = admin.make(&llm("shown", least("OPEN_AI")));
    let others = [
        "cohere",
        "Grok",
        "huggingface",
        "mistral",
        "perplexity",
        "ollama",
        "kafka",
        "pineconedb",
        "relational_db",
        "git",
        "sendgrid",
        "aws",
        "gcp",
        "mine",
    ];
    for kind in others {
        save(&admin, &format!("of {kind}").replace(' ', "-"), kind, &json!({}));
    }
    for list in [INTEGRATIONS, AI_INTEGRATIONS] {
        assert_eq!(only(&admin, list)["id"], shown["id"]);
        // They do not count for pages either.
        let page = admin.get(&format!("{list}?limit=1")).ok();
        assert_eq!(page["pagination"], json!({"has_more": false}));
    }
    // Their names are free in Arize's dialect.
    let made = admin.make(&llm("of-kafka", least("OPEN_AI")));
    assert_eq!(made["name"], "of-kafka");
    assert_eq!(admin.get(&provider("of-kafka.llm")).ok()["type"], "openai");
}

#[test]
fn what_cannot_be_expressed_is_hidden_until_it_is_whole() {
    let server = &Server::start();
    let admin = server.admin();
    let schema = json!({"type": "object"}).to_string();
    for (of, kind, lacking, whole) in [
        ("CUSTOM", "custom_openai", json!({"api_key": KEY}), json!({"endpoint": URL})),
        ("LITELLM", "litellm", json!({"api_key": KEY}), json!({"endpoint": URL})),
        (
            "VERTEX_AI",
            "vertex_ai",
            json!({"projectName": "p"}),
            json!({"projectName": "p", "environment": "e"}),
        ),
        (
            "VERTEX_AI",
            "vertex_ai_gemini",
            json!({"environment": "e"}),
            json!({"projectName": "p", "environment": "e"}),
        ),
        ("AWS_BEDROCK", "aws_bedrock_titan", json!({"region": "r"}), json!({"roleArn": ROLE})),
        (
            "AGENT",
            "arize_agent",
            json!({"endpoint": URL}),
            json!({"endpoint": URL, "inputSchema": schema}),
        ),
        (
            "AGENT",
            "arize_agent",
            json!({"inputSchema": schema}),
            json!({"endpoint": URL, "inputSchema": schema}),
        ),
        (
            "AGENT",
            "arize_agent",
            json!({"endpoint": URL, "inputSchema": "no JSON"}),
            json!({"endpoint": URL, "inputSchema": schema}),
        ),
    ] {
        save(&admin, "main", kind, &whole);
        let made = only(&admin, INTEGRATIONS);
        assert!(made["config"].get("provider").is_none_or(|provider| provider == of));
        save(&admin, "main", kind, &lacking);
        assert!(names(&admin.get(INTEGRATIONS).ok()).is_empty(), "{lacking}");
        let path = at(INTEGRATIONS, &made);
        let changes = json!({"type": made["type"], "name": "x"});
        server.unchanged(|| {
            admin.get(&path).problem(404, "No such integration");
            admin.patch(&path, &changes).problem(404, "No such integration");
            admin.delete(&path).problem(404, "No such integration");
        });
        let is_llm = made["type"] == "LLM";
        assert_eq!(names(&admin.get(AI_INTEGRATIONS).ok()).len(), usize::from(is_llm));
        // The name is taken all the same.
        let taken = if is_llm { llm("main", least("OPEN_AI")) } else { agent("main", json!({})) };
        admin.post(INTEGRATIONS, &taken).problem(409, "taken");
        save(&admin, "main", kind, &whole);
        assert_eq!(only(&admin, INTEGRATIONS)["id"], made["id"]);
        admin.delete(&provider("main")).done();
    }
    // A key is not asked for, nor a model.
    for of in PROVIDERS.into_iter().filter(|of| !["AWS_BEDROCK", "VERTEX_AI"].contains(of)) {
        let kind = types().into_iter().find(|(one, ..)| *one == of).unwrap().1;
        save(&admin, "bare", kind, &json!({"endpoint": URL}));
        let made = only(&admin, INTEGRATIONS);
        assert_eq!(made["config"]["has_api_key"], false);
        let config = json!({"config": {"is_function_calling_enabled": false}});
        admin.change(&made, config).ok();
        admin.delete(&provider("bare")).done();
    }
}

#[test]
fn an_external_id_is_shown_where_it_was_said_here() {
    let server = &Server::start();
    let admin = server.admin();
    let auth =
        json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": "e-0123456789abcdef"});
    let made = admin.make(&llm("main", with(&least("AWS_BEDROCK"), &json!({"auth": auth}))));
    let shown = |list: &str| {
        let one = only(&admin, list);
        match one.get("config") {
            Some(config) => config["auth"]["external_id"].clone(),
            None => one["provider_metadata"]["external_id"].clone(),
        }
    };
    let both = || (shown(INTEGRATIONS), shown(AI_INTEGRATIONS));
    assert_eq!(both(), (json!("e-0123456789abcdef"), json!("e-0123456789abcdef")));
    let seen = admin.get(&provider("main")).ok()["configuration"].clone();
    assert!(is_mask(&seen["externalId"]), "{seen}");
    // Conductor writes back what it read.
    save(&admin, "main", "aws_bedrock_anthropic", &seen);
    assert_eq!(both(), (json!("e-0123456789abcdef"), json!("e-0123456789abcdef")));
    save(
        &admin,
        "main",
        "aws_bedrock_anthropic",
        &with(&seen, &json!({"externalId": "f-0123456789abcdef"})),
    );
    let (newer, older) = both();
    assert!(is_mask(&newer) && newer == older, "{newer}");
    assert_eq!(resolved(&admin, &provider("main"))["externalId"], "f-0123456789abcdef");
    // And so does Arize.
    let auth = json!({"auth_type": "DEFAULT", "role_arn": ROLE, "external_id": newer});
    admin.change(&made, json!({"config": {"auth": auth}})).ok();
    assert_eq!(resolved(&admin, &provider("main"))["externalId"], "f-0123456789abcdef");
    assert!(is_mask(&both().0));
}
