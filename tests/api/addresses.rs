//! What no request could carry, and where integrations may point.

use podium::domain::endpoint::{HostList, Hosts};
use podium::registry::Settings;
use serde_json::{Value, json};

use crate::saving::{GPT, MAIN, Way, Whose, each_way, resolved};
use crate::support::{PROVIDER, Response, Server, settings};

/// An integration and a resource, without a configuration.
fn start(server: &Server, kind: &str) {
    let body = json!({"type": kind, "enabled": true, "configuration": {}});
    server.admin().post(MAIN, &body).ok();
    server.admin().post(GPT, &body).done();
}

/// Tries to save `configuration` in the one and the other way; gives the path that is bad.
fn refused(server: &Server, whose: Whose, way: Way, configuration: &Value) -> String {
    let mut path = String::new();
    server.unchanged(|| {
        let error = whose.save(&server.admin(), way, configuration).refused(400, "`");
        let found = error["validationErrors"][0]["path"].as_str().unwrap();
        found.strip_prefix(whose.place(way)).unwrap().clone_into(&mut path);
    });
    path
}

#[test]
fn e6_what_comes_of_pasting_a_key_is_trimmed_or_refused() {
    let server = &Server::start();
    start(server, "openai");
    let admin = server.admin();
    for (whose, way) in each_way() {
        for (sent, stored) in [
            ("sk-1\n", "sk-1"),
            ("sk-1\r\n", "sk-1"),
            ("sk-1\n\n\r\n", "sk-1"),
            (" sk-1 ", " sk-1 "),
            (&"k".repeat(16 * 1024), &"k".repeat(16 * 1024)),
        ] {
            assert_eq!(whose.save(&admin, way, &json!({"api_key": sent})).status, 200);
            assert_eq!(resolved(&admin, whose.path())["api_key"], stored);
        }
        assert_eq!(whose.save(&admin, way, &json!({"api_keys": ["a\n", "b"]})).status, 200);
        assert_eq!(resolved(&admin, whose.path())["api_keys"], json!(["a", "b"]));
        for text in ["pässwörd", " 𝄞 ", "a\u{2028}b"] {
            assert_eq!(whose.save(&admin, way, &json!({"password": text})).status, 200);
            assert_eq!(resolved(&admin, whose.path())["password"], text);
        }
        assert_eq!(whose.save(&admin, way, &json!({})).status, 200);
    }
    let long = "k".repeat(64 * 1024);
    for text in [
        "\n",
        "\r\n",
        "sk\n1",
        "\nsk-1",
        "sk\r1",
        "sk\t1",
        "\tsk-1",
        "sk\0-1",
        "\0",
        "sk\u{1b}1",
        "sk\u{7f}1",
        "sk\u{85}1",
        "sk-ü",
        "sk-１",
        "sk-1\u{200b}",
        "\u{feff}sk-1",
        "sk\u{a0}1",
        "sk\u{2028}1",
        "sk–1",
        "“sk-1”",
        "{\"a\":\n1}",
        "-----BEGIN A\nB\n",
        &long,
    ] {
        for (whose, way) in each_way() {
            let path = refused(server, whose, way, &json!({"api_key": text}));
            assert_eq!(path, "configuration.api_key", "{text:?}");
        }
        refused(server, Whose::Integration, Way::Replace, &json!({"api_keys": ["a", text]}));
    }
}

/// Configurations that would put a line of their own into a request.
fn injections() -> Vec<Value> {
    let lines = ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil", "a\0b", "a\u{85}b", "a\n"];
    let mut all = vec![];
    for line in lines {
        all.push(json!({"headers": {line: "v"}}));
        all.push(json!({"auth-header-name": line}));
        all.push(json!({"authHeaderName": [line]}));
        all.push(json!({"organizationId": line}));
        all.push(json!({"region": line}));
        all.push(json!({"endpoint": format!("https://a.example.org/{line}")}));
    }
    for line in &lines[..5] {
        all.push(json!({"headers": {"X-Any": line}}));
        all.push(json!({"headers": {"X-Any": [line]}}));
        all.push(json!({"headers": {"X-Deep": {"inner": line}}}));
        all.push(json!({"headers": [format!("X-Any: {line}")]}));
        all.push(json!({"headers": [{"name": "X-Any", "value": line}]}));
        all.push(json!({"headers": {"X-Any": format!("{{{line}}}")}}));
        all.push(json!({"headers": {"X-Any": format!("-----BEGIN {line}")}}));
        all.push(json!({"header": line}));
        all.push(json!({"nested": [{"httpHeaders": {"X-Any": line}}]}));
        all.push(json!({"accessToken": line}));
        all.push(json!({"betaVersion": line}));
    }
    for name in ["", " ", "A B", "A:", ":", "Ä", "A\tB", "(A)", "A,B", "A/B", "A=B", "[A]", "A\"B"]
    {
        all.push(json!({"headers": {name: "v"}}));
        if !name.is_empty() {
            all.push(json!({"auth-header-name": name}));
        }
    }
    all
}

#[test]
fn e5_no_name_and_no_value_brings_a_header_of_its_own() {
    let server = &Server::start();
    start(server, "anthropic");
    assert!(injections().len() > 100);
    for configuration in injections() {
        for whose in [Whose::Integration, Whose::Resource] {
            refused(server, whose, Way::Replace, &configuration);
        }
        refused(server, Whose::Integration, Way::Merge, &configuration);
    }
    let good = json!({"headers": {"X-Any": "v w; x=\"y\"", "x_y.z~1": "v"},
                      "auth-header-name": "X-Api-Key"});
    for (whose, way) in each_way() {
        assert_eq!(whose.save(&server.admin(), way, &good).status, 200);
        assert_eq!(resolved(&server.admin(), whose.path())["headers"], good["headers"]);
        assert_eq!(whose.save(&server.admin(), way, &json!({})).status, 200);
    }
}

/// An example for each field of the catalogue that is an address.
const EXAMPLES: [(&str, &str, &str); 38] = [
    ("azure_openai", "endpoint", "https://ours.openai.azure.com"),
    ("openai", "endpoint", "https://api.openai.com"),
    ("anthropic", "endpoint", "https://api.anthropic.com/v1"),
    ("cohere", "endpoint", "https://api.cohere.ai/v1"),
    ("mistral", "endpoint", "https://api.mistral.ai/v1"),
    ("kafka_msk", "endpoint", "b-1.ours.kafka.us-east-1.amazonaws.com:9096,b-2.ours:9096"),
    ("amqp", "endpoint", "rabbit.example.org"),
    ("amqp", "endpoint", "amqps://rabbit.example.org:5671/ours"),
    ("kafka", "endpoint", "kafka-1.example.org:9092,kafka-2.example.org:9092"),
    ("kafka", "schemaRegistryUrl", "https://registry.example.org:8081"),
    ("kafka_confluent", "endpoint", "pkc-1.us-east-1.aws.confluent.cloud:9092"),
    ("kafka_confluent", "schemaRegistryUrl", "https://psrc-1.aws.confluent.cloud"),
    ("ibm_mq", "endpoint", "mq.example.org"),
    ("ibm_mq", "endpoint", "a.example.org(1414),b.example.org(1414)"),
    ("nats", "endpoint", "nats://a.example.org:4222,nats://b.example.org:4222"),
    ("nats", "endpoint", "nats.example.org:4222"),
    ("relational_db", "datasourceURL", "jdbc:postgresql://db.example.org:5432/ours"),
    ("pgvectordb", "datasourceURL", "jdbc:postgresql://db.example.org:5432/ours?sslmode=require"),
    ("weaviatedb", "endpoint", "https://ours.weaviate.network"),
    ("weaviatedb", "endpoint", "ours.weaviate.network"),
    ("ollama", "endpoint", "http://localhost:11434"),
    ("google_gemini", "endpoint", "https://generativelanguage.googleapis.com"),
    ("google_gemini", "endpoint", "http://generativelanguage.googleapis.com"),
    ("litellm", "endpoint", "https://litellm.example.org:4000"),
    ("litellm", "endpoint", "http://litellm.example.org:4000"),
    ("custom_openai", "endpoint", "https://llm.example.org/v1"),
    ("custom_openai", "endpoint", "http://llm.example.org/v1"),
    ("nvidia_nim", "endpoint", "https://integrate.api.nvidia.com/v1"),
    ("nvidia_nim", "endpoint", "http://integrate.api.nvidia.com/v1"),
    ("fireworks", "endpoint", "https://api.fireworks.ai/inference/v1"),
    ("fireworks", "endpoint", "http://api.fireworks.ai/inference/v1"),
    ("together_ai", "endpoint", "https://api.together.xyz/v1"),
    ("together_ai", "endpoint", "http://api.together.xyz/v1"),
    ("arize_agent", "endpoint", "https://agent.example.org/ask"),
    ("arize_agent", "endpoint", "http://agent.example.org/ask"),
    ("arize_evaluator", "endpoint", "https://evaluator.example.org/judge"),
    ("arize_evaluator", "endpoint", "http://evaluator.example.org/judge"),
    ("mongovectordb", "endpoint", "mongodb+srv://user:pass@cluster.example.org/ours"),
];

/// Addresses that no type takes.
const NEVER: [&str; 19] = [
    "file:///etc/passwd",
    "gopher://a.example.org",
    "ftp://a.example.org",
    "data:text/plain,a",
    "unix:///run/a.sock",
    "javascript:alert(1)",
    "https://user:pass@a.example.org",
    "https://a.example.org@b.example.org",
    "https://a.example.org\\@b.example.org",
    "https://a.example.org#@b.example.org",
    "https://0177.0.0.1",
    "https://2130706433",
    "https://0x7f.1",
    "https://127.1",
    "https://１２７.0.0.1",
    "https://a.example.org:99999",
    "https://",
    "https:///a",
    "https://a.example.org/?api_key=sk-1",
];

fn save(server: &Server, kind: &str, field: &str, value: &str) -> Response {
    let body = json!({"type": kind, "enabled": true, "configuration": {field: value}});
    server.admin().post(&format!("{PROVIDER}/of-{kind}"), &body)
}

#[test]
fn every_type_takes_the_addresses_that_are_its_own_and_no_other() {
    let server = &Server::start();
    let all = server.admin().get("/api/integrations/def").ok();
    for one in all.as_array().unwrap() {
        for field in one["configuration"].as_array().unwrap() {
            let kind = one["type"].as_str().unwrap();
            let name = field["fieldName"].as_str().unwrap();
            let ends = ["endpoint", "url"].iter().any(|e| name.to_lowercase().ends_with(e));
            let known = EXAMPLES.iter().any(|(k, f, _)| (*k, *f) == (kind, name));
            assert!(!ends || known || kind == "azure_service_bus", "{kind} {name}");
            if let Some(default) = field["defaultValue"].as_str() {
                save(server, kind, name, default).ok();
            }
        }
    }
    for (kind, field, address) in EXAMPLES {
        save(server, kind, field, address).ok();
        if kind == "mongovectordb" {
            continue; // a secret as a whole, user and all
        }
        for never in NEVER {
            server.unchanged(|| {
                let answer = save(server, kind, field, never);
                assert!(!answer.text.contains("pass@"), "{}", answer.text);
                answer.refused(400, &format!("`configuration.{field}`"));
            });
        }
        for (form, other) in [
            ("http", "https://a.example.org"),
            ("nats", "nats://a.example.org:4222"),
            ("jdbc", "jdbc:postgresql://a.example.org:5432/ours"),
            ("amqp", "amqp://a.example.org"),
        ] {
            let takes = |one: &str| {
                EXAMPLES.iter().any(|(k, f, a)| (*k, *f) == (kind, field) && a.starts_with(one))
            };
            if !takes(form) {
                server.unchanged(|| save(server, kind, field, other).refused(400, "form"));
            }
        }
    }
}

#[test]
fn the_operator_says_where_integrations_may_point() {
    let list = |text: &str| HostList::parse(text).unwrap();
    let hosts = Hosts::new(
        Some(list("*.example.org,192.0.2.0/24,2001:db8::1")),
        list("evil.example.org,192.0.2.66"),
    );
    let server = Server::start_with(Settings { hosts, ..settings() });
    start(&server, "openai");
    let admin = server.admin();
    for (whose, way) in each_way() {
        for good in ["https://a.example.org", "http://192.0.2.1:80/v1", "https://[2001:db8::1]"] {
            assert_eq!(whose.save(&admin, way, &json!({"endpoint": good})).status, 200, "{good}");
            assert_eq!(whose.save(&admin, way, &json!({})).status, 200);
        }
        for bad in [
            "https://example.org",
            "https://a.example.com",
            "https://evil.example.org",
            "https://EVIL.example.org.",
            "https://192.0.2.66",
            "https://[::ffff:192.0.2.66]",
            "https://198.51.100.1",
            "https://[2001:db8::2]",
            "https://localhost",
        ] {
            for key in ["endpoint", "baseUrl", "anything", "nested"] {
                let value = if key == "nested" { json!([{"note": bad}]) } else { json!(bad) };
                refused(&server, whose, way, &json!({key: value}));
            }
        }
    }
}

#[test]
fn without_settings_the_metadata_of_clouds_is_out_of_reach() {
    let server = &Server::start();
    start(server, "openai");
    for host in [
        "169.254.169.254",
        "169.254.170.2",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "100.100.100.200",
        "metadata.google.internal",
        "METADATA.google.internal.",
    ] {
        for address in [format!("http://{host}"), format!("https://{host}:443/latest")] {
            refused(server, Whose::Integration, Way::Replace, &json!({"endpoint": address}));
            refused(server, Whose::Resource, Way::Merge, &json!({"note": address}));
        }
        refused(server, Whose::Integration, Way::Merge, &json!({"host": host}));
    }
}
