//! Whoever can change the database, but has not the seal key, gets no secret sent elsewhere.

use serde_json::json;

use crate::saving::{GPT, MAIN, resolved};
use crate::support::Server;

const OLD: &str = "sk-old-5d41402abc4b2a76";

/// Two integrations with a resource each, all with a secret, and what they resolve to.
fn filled(server: &Server) {
    let admin = server.admin();
    for name in ["main", "other"] {
        let configuration = json!({
            "api_key": format!("{OLD}-{name}"),
            "password": format!("{OLD}-password"),
            "endpoint": format!("https://{name}.example.org"),
        });
        let apis = json!([
            {"api": "gpt", "enabled": true, "configuration": {"token": format!("{OLD}-{name}-gpt")}},
            {"api": "own", "enabled": true, "configuration": {"model": "m"}},
        ]);
        let item = json!({"name": name, "type": "openai", "enabled": true,
                          "configuration": configuration, "apis": apis});
        admin.post("/api/integrations", &json!([item])).done();
    }
    assert_eq!(resolved(&admin, GPT)["token"], format!("{OLD}-main-gpt"));
}

/// Tampers with a new server, after which nothing at `path` resolves.
fn tampered(path: &str, sql: &str) {
    let server = &Server::start();
    filled(server);
    server.database.tamper(sql);
    let answer = server.admin().resolve(path);
    assert!([409, 500].contains(&answer.status), "{sql}: {}", answer.text);
    assert!(!answer.text.contains("sk-old"), "{sql}: {}", answer.text);
}

#[test]
fn i5_an_edited_configuration_gets_no_secret() {
    let edited = |table: &str, from: &str, to: &str| {
        format!("UPDATE {table} SET configuration = replace(configuration, '{from}', '{to}')")
    };
    for sql in [
        edited("integration", "https://main.example.org", "https://evil.example.org"),
        edited("integration", "\"endpoint\"", "\"baseUrl\""),
        edited("integration", "\"endpoint\":", "\"region\":\"us\",\"endpoint\":"),
        edited("integration", "\"api_key\"", "\"headers\""),
        edited("integration", "\"api_key\":", "\"headers\":{\"Host\":\"evil\"},\"api_key\":"),
        "UPDATE integration SET kind = 'anthropic'".to_owned(),
        "UPDATE integration SET configuration = '{}'".to_owned(),
        "UPDATE integration SET configuration = '[]'".to_owned(),
        "UPDATE integration SET configuration = (SELECT configuration FROM integration
             WHERE name = 'other') WHERE name = 'main'"
            .to_owned(),
    ] {
        tampered(MAIN, &sql);
        tampered(GPT, &sql);
    }
    for sql in [
        edited("resource", "{", "{\"endpoint\":\"https://evil.example.org\","),
        edited("resource", "{", "{\"headers\":{\"Host\":\"evil\"},"),
        edited("resource", "\"token\"", "\"model\""),
    ] {
        tampered(GPT, &sql);
    }
}

#[test]
fn i5_a_moved_or_edited_row_opens_nowhere() {
    let all = "integration, resource, path, destination, seal_key, sealed";
    let copy = |changed: &str, from: &str, which: &str| {
        let columns = all.replace(from, &format!("{changed} AS {from}"));
        format!(
            "INSERT INTO secret ({all}) SELECT {columns} FROM secret WHERE {which}
             ON CONFLICT (integration, resource, path) DO UPDATE SET
             (destination, seal_key, sealed) = (excluded.destination, excluded.seal_key, excluded.sealed)"
        )
    };
    for sql in [
        copy("'main'", "integration", "integration = 'other' AND resource = ''"),
        copy("'/password'", "path", "integration = 'main' AND path = '/api_key'"),
        copy("'/api_key'", "path", "integration = 'main' AND path = '/password'"),
        "UPDATE secret SET destination = ''".to_owned(),
        "UPDATE secret SET destination = 'ffffffffffffffffffffffffffffffff'".to_owned(),
        "UPDATE secret SET sealed = (SELECT sealed FROM secret
             WHERE integration = 'other' AND resource = '' AND path = '/api_key')"
            .to_owned(),
        "UPDATE secret SET sealed = substr(sealed, 1, length(sealed) - 1)".to_owned(),
        "UPDATE secret SET sealed = ''".to_owned(),
    ] {
        tampered(MAIN, &sql);
    }
    for sql in [
        copy("'gpt'", "resource", "integration = 'main' AND resource = ''"),
        copy("'main'", "integration", "integration = 'other' AND resource = 'gpt'"),
        "UPDATE secret SET destination = 'ffffffffffffffffffffffffffffffff'".to_owned(),
    ] {
        tampered(GPT, &sql);
    }
}

#[test]
fn i5_a_lost_row_leaves_no_mask_in_the_place_of_its_secret() {
    let sql = "DELETE FROM secret WHERE integration = 'main' AND path = '/password'";
    tampered(MAIN, sql);
    tampered(GPT, sql);
    tampered(GPT, "DELETE FROM secret WHERE resource = 'gpt'");
}

#[test]
fn i5_an_edited_destination_does_not_make_the_edited_place_right() {
    let server = &Server::start();
    filled(server);
    // The hash of the place where the secret is wanted, made by the server itself.
    let admin = server.admin();
    let evil = json!({"api_key": "k", "password": "p", "endpoint": "https://evil.example.org"});
    let body = json!({"type": "openai", "enabled": true, "configuration": evil});
    admin.post("/api/integrations/provider/evil", &body).ok();
    for sql in [
        "UPDATE integration SET configuration =
             replace(configuration, 'main.example.org', 'evil.example.org')",
        "UPDATE secret SET destination = (SELECT destination FROM secret
             WHERE integration = 'evil' LIMIT 1)",
    ] {
        server.database.tamper(sql);
    }
    for path in [MAIN, GPT, &format!("{MAIN}/integration/own")] {
        let answer = admin.resolve(path);
        assert!(!answer.text.contains("sk-old"), "{}", answer.text);
        assert_eq!(answer.status, 500);
    }
}
