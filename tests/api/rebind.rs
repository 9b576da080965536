//! A stored secret goes only where it was saved for: whoever changes where a configuration points
//! has to send its secrets again.

use serde_json::{Value, json};

use crate::saving::{MAIN, Way, Whose, each_way, resolved, with};
use crate::support::Server;

/// What is stored, and must stay where it is.
const OLD: &str = "sk-old-5d41402abc4b2a76";

/// Fields that decide where a secret goes, each with two values.
fn fields() -> Vec<(&'static str, Value, Value)> {
    let url = |host: &str| json!(format!("https://{host}.example.org/v1"));
    let host = |host: &str| json!(format!("{host}.example.org"));
    let jdbc = |host: &str| json!(format!("jdbc:postgresql://{host}.example.org:5432/main"));
    let (a, b) = ("good", "evil");
    vec![
        ("endpoint", url(a), url(b)),
        ("baseUrl", url(a), url(b)),
        ("base_url", url(a), url(b)),
        ("api_base", url(a), url(b)),
        ("authUrl", url(a), url(b)),
        ("schemaRegistryUrl", url(a), url(b)),
        ("anything", url(a), url(b)),
        ("host", host(a), host(b)),
        ("server", host(a), host(b)),
        ("httpsProxy", url(a), url(b)),
        ("site", host(a), host(b)),
        ("port", json!("5432"), json!("5433")),
        ("port", json!(5432), json!(5433)),
        ("datasourceURL", jdbc(a), jdbc(b)),
        ("jdbcDriver", json!("Postgres"), json!("Other")),
        ("bootstrapServers", json!("good.example.org:9092"), json!("evil.example.org:9092")),
        ("brokers", json!([host(a), host(a)]), json!([host(a), host(b)])),
        ("proxy", json!({"name": "good"}), json!({"name": "evil"})),
        ("nested", json!([{"endpoint": url(a)}]), json!([{"endpoint": url(b)}])),
        ("protocol", json!("AVRO"), json!("String")),
        ("connectionType", json!("SASL_SSL / PLAIN"), json!("SASL_PLAINTEXT")),
        ("mechanism", json!("SASL_SSL / SCRAM-SHA-512"), json!("PLAIN")),
        ("tls", json!("usingCipherSuite"), json!("NONE")),
        ("verifySsl", json!(true), json!(false)),
        ("region", json!("eu-central-1"), json!("us-east-1")),
        ("location", json!("europe-west1"), json!("us-east1")),
        ("environment", json!("prod"), json!("test")),
        ("projectName", json!("ours"), json!("theirs")),
        ("accountId", json!("ours"), json!("theirs")),
        ("roleArn", json!("arn:aws:iam::1:role/a"), json!("arn:aws:iam::2:role/a")),
        ("organizationId", json!("org-ours"), json!("org-theirs")),
        ("namespace", json!("ours"), json!("theirs")),
        ("completionsPath", json!("/v1/messages"), json!("@evil.example.org/")),
        ("auth-header-name", json!("Authorization"), json!("X-Logged")),
        ("headers", json!({"X-One": "a"}), json!({"X-Two": "a"})),
        ("headers", json!({"Host": "good.example.org"}), json!({"Host": "evil.example.org"})),
        ("headers", json!(["X-One: a"]), json!(["Host: evil.example.org"])),
        ("header", json!("Authorization"), json!("X-Logged")),
    ]
}

/// An integration and a resource, of which `whose` has this configuration and the other none.
fn start(server: &Server, whose: Whose, configuration: &Value) {
    let (outer, inner) = match whose {
        Whose::Integration => (configuration, &json!({})),
        Whose::Resource => (&json!({}), configuration),
    };
    let part = json!({"api": "gpt", "enabled": true, "configuration": inner});
    let item = json!({"name": "main", "type": "anthropic", "enabled": true,
                      "configuration": outer, "apis": [part]});
    server.admin().post("/api/integrations", &json!([item])).done();
}

/// Tries to make `changed` of what is there, which must be refused for `api_key`, whose
/// destination the field `key` decides.
fn must_be_sent(server: &Server, whose: Whose, way: Way, changed: &Value, key: &str) {
    let admin = server.admin();
    server.unchanged(|| {
        let error = whose.save(&admin, way, changed).refused(409, "api_key");
        let errors = error["validationErrors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{error}");
        assert_eq!(errors[0]["path"], format!("{}configuration.api_key", whose.place(way)));
        let message = errors[0]["message"].as_str().unwrap();
        assert!(message.contains(&format!("`configuration.{key}")), "{message}");
        assert!(!error.to_string().contains(OLD));
    });
}

#[test]
fn i5_no_field_that_decides_changes_without_the_secret() {
    let server = &Server::start();
    let admin = server.admin();
    assert!(fields().len() > 35);
    let each_field = |way| fields().into_iter().map(move |field| (way, field));
    for ((whose, way), (key, before, after)) in each_way().flat_map(each_field) {
        let without = json!({"api_key": OLD, "model": "m"});
        let stored = with(&without, &json!({key: before}));
        start(server, whose, &stored);
        let shown = whose.read(&admin);
        must_be_sent(server, whose, way, &with(&shown, &json!({key: after})), key);
        must_be_sent(server, whose, way, &with(&shown, &json!({key: null})), key);
        assert_eq!(resolved(&admin, whose.path()), stored, "{whose:?} {way:?} {key}");

        assert_eq!(whose.save(&admin, way, &without).status, 200, "{whose:?} {way:?} {key}");
        let shown = whose.read(&admin);
        must_be_sent(server, whose, way, &with(&shown, &json!({key: after})), key);
        assert_eq!(resolved(&admin, whose.path()), without, "{whose:?} {way:?} {key}");

        let sent = with(&without, &json!({"api_key": "sk-new", key: after}));
        assert_eq!(whose.save(&admin, way, &sent).status, 200, "{whose:?} {way:?} {key}");
        assert_eq!(resolved(&admin, whose.path()), sent, "{whose:?} {way:?} {key}");
    }
}

#[test]
fn i5_what_decides_nothing_changes_without_the_secret() {
    let server = &Server::start();
    let admin = server.admin();
    for (whose, way) in each_way() {
        let stored = json!({"api_key": OLD, "endpoint": "https://good.example.org"});
        start(server, whose, &stored);
        let sealed = server.database.secrets();
        for change in [
            json!({"model": "gpt-4.1", "version": "2024-06-01", "dimensions": 1536}),
            json!({"dimensions": "1536", "batchSize": 100, "model": null}),
            json!({"maxTokens": 4096, "temperature": 0.5, "stream": true, "user": "u"}),
            json!({"distance_metric": "Cosine", "groupId": "g", "publisher": "p"}),
        ] {
            let shown = whose.read(&admin);
            let answer = whose.save(&admin, way, &with(&shown, &change));
            assert_eq!(answer.status, 200, "{change}: {}", answer.text);
            assert_eq!(resolved(&admin, whose.path())["api_key"], OLD);
        }
        for body in [
            json!({"description": "new", "enabled": true}),
            json!({"enabled": false}),
            json!({"enabled": true, "configuration": {}}),
        ] {
            assert_eq!(admin.patch(whose.path(), &body).status, 200, "{body}");
        }
        assert_eq!(server.database.secrets(), sealed, "{whose:?} {way:?}");
    }
}

#[test]
fn i5_case_and_slashes_count_and_the_type_of_a_port_does_not() {
    let server = &Server::start();
    let admin = server.admin();
    for (whose, way) in each_way() {
        for (key, before, after, same) in [
            ("endpoint", json!("https://a.example.org"), json!("https://A.example.org"), false),
            ("endpoint", json!("https://a.example.org"), json!("https://a.example.org/"), false),
            ("port", json!("443"), json!(443), true),
            ("port", json!(443), json!("443"), true),
            ("endpoint", json!(""), json!(null), true),
            ("tls", json!(null), json!({}), true),
        ] {
            let stored = with(&json!({"api_key": OLD}), &json!({key: before}));
            start(server, whose, &stored);
            let changed = with(&whose.read(&admin), &json!({key: after}));
            if same {
                assert_eq!(whose.save(&admin, way, &changed).status, 200, "{key} {after}");
                assert_eq!(resolved(&admin, whose.path())["api_key"], OLD);
            } else {
                must_be_sent(server, whose, way, &changed, key);
            }
        }
    }
}

#[test]
fn i5_a_secret_that_decides_takes_the_others_with_it() {
    let server = &Server::start();
    let admin = server.admin();
    let stored = json!({"api_key": OLD, "awsAccountId": "1234", "externalId": "e-1"});
    let body = json!({"type": "aws", "enabled": true, "configuration": stored});
    admin.post(MAIN, &body).ok();
    for way in [Way::Replace, Way::Merge, Way::Bulk] {
        let shown = Whose::Integration.read(&admin);
        let changed = with(&shown, &json!({"awsAccountId": "6666"}));
        server.unchanged(|| {
            let error = Whose::Integration.save(&admin, way, &changed).refused(409, "");
            assert_eq!(error["validationErrors"].as_array().unwrap().len(), 2, "{error}");
        });
        let changed = with(&Whose::Integration.read(&admin), &json!({"externalId": "e-1"}));
        assert_eq!(Whose::Integration.save(&admin, way, &changed).status, 200, "{way:?}");
    }
    assert_eq!(resolved(&admin, MAIN), stored);
}

#[test]
fn i5_the_type_never_changes() {
    let server = &Server::start();
    let admin = server.admin();
    let configuration = json!({"api_key": OLD});
    let body = |kind: &str, configuration: &Value| json!({"name": "main", "type": kind, "enabled": true, "configuration": configuration});
    admin.post(MAIN, &body("openai", &configuration)).ok();
    let shown = Whose::Integration.read(&admin);
    for configuration in [&shown, &configuration, &json!({})] {
        let other = body("anthropic", configuration);
        server.unchanged(|| {
            admin.post(MAIN, &other).refused(400, "`type` must stay `openai`");
            admin.post("/api/integrations", &json!([other])).refused(400, "[0] `type` must stay");
            let merge = json!({"type": "anthropic", "configuration": configuration});
            admin.patch(MAIN, &merge).refused(400, "must stay");
        });
    }
    admin.patch(MAIN, &json!({"type": "OpenAI"})).ok();
    assert_eq!(resolved(&admin, MAIN), configuration);
}
