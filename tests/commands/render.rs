//! `podium render conductor`: what it writes is read back by other programs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::{Value, json};

use crate::key;
use crate::support::{ADMIN, Running, Said, Site};

/// A value that every form has to escape.
const TRICKY: &str = r#" u: a/b?x=1&y='2'#\u0041 "q" ${HOME} $(id) `id` é😀 !"#;

/// The same value as Spring Boot has to be told it.
fn inert() -> String {
    TRICKY.replace("${", "${podium.dollar:$}{")
}

/// A server with one thing of each kind: two accounts where there can be one, two lists, one type
/// without a counterpart and one integration that is off.
fn furnished(site: &Site) -> Running {
    let server = site.serve(&[]);
    let token = server.token();
    let save = |name: &str, kind: &str, enabled: bool, configuration: Value| {
        let body = json!({"type": kind, "enabled": enabled, "configuration": configuration});
        server.post(&format!("integrations/provider/{name}"), &token, &body);
    };
    save("openai-main", "openai", true, json!({"api_key": "CANARY-openai"}));
    let resource = json!({"enabled": true, "description": ""});
    server.post("integrations/provider/openai-main/integration/gpt-4o", &token, &resource);
    let anthropic = |key| json!({"api_key": key, "endpoint": "https://api.anthropic.com/v1"});
    save("claude-us", "anthropic", true, anthropic("CANARY-us"));
    save("claude-eu", "anthropic", true, anthropic("CANARY-eu"));
    save(
        "vectors",
        "pgvectordb",
        true,
        json!({"datasourceURL": "jdbc:postgresql://db/vectors", "user": TRICKY,
        "password": "CANARY-pg", "dimensions": 1536, "distance_metric": "Cosine Similarity"}),
    );
    save(
        "Orders%20DB",
        "relational_db",
        true,
        json!({"datasourceURL": "jdbc:postgresql://db/orders",
        "jdbcDriver": "Postgres", "user": "u", "password": "CANARY-db"}),
    );
    save("weav", "weaviatedb", true, json!({"api_key": "CANARY-weav", "endpoint": "https://w"}));
    save("off", "cohere", false, json!({"api_key": "CANARY-off"}));
    server
}

/// The properties of [`furnished`], each with its value, and a reference where it is a secret.
fn expected(anthropic: &str) -> BTreeMap<String, String> {
    let orders = "ORDERS_DB_x55601049ea7cd42b_PASSWORD";
    let vector = "conductor.vectordb.instances[0]";
    let jdbc = "conductor.jdbc.instances[0]";
    [
        ("conductor.integrations.ai.enabled".to_owned(), "true".to_owned()),
        ("conductor.ai.openai.api-key".to_owned(), "${OPENAI_MAIN_API_KEY}".to_owned()),
        ("conductor.ai.anthropic.api-key".to_owned(), format!("${{{anthropic}_API_KEY}}")),
        ("conductor.ai.anthropic.base-url".to_owned(), "https://api.anthropic.com".to_owned()),
        (format!("{vector}.name"), "vectors".to_owned()),
        (format!("{vector}.type"), "postgres".to_owned()),
        (format!("{vector}.postgres.datasourceURL"), "jdbc:postgresql://db/vectors".to_owned()),
        (format!("{vector}.postgres.user"), inert()),
        (format!("{vector}.postgres.password"), "${VECTORS_PASSWORD}".to_owned()),
        (format!("{vector}.postgres.dimensions"), "1536".to_owned()),
        (format!("{vector}.postgres.distanceMetric"), "cosine".to_owned()),
        (format!("{jdbc}.name"), "Orders DB".to_owned()),
        (format!("{jdbc}.connection.datasourceURL"), "jdbc:postgresql://db/orders".to_owned()),
        (format!("{jdbc}.connection.jdbcDriver"), "org.postgresql.Driver".to_owned()),
        (format!("{jdbc}.connection.user"), "u".to_owned()),
        (format!("{jdbc}.connection.password"), format!("${{{orders}}}")),
    ]
    .into()
}

/// The same under the names of the environment, by the rule that Spring Boot documents.
fn as_variables(properties: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let rename =
        |name: String| name.replace(['-', ']'], "").replace(['.', '['], "_").to_ascii_uppercase();
    properties.into_iter().map(|(name, value)| (rename(name), value)).collect()
}

/// Runs `podium render conductor` at the server.
fn render(site: &Site, server: &Running, words: &[&str]) -> Said {
    site.podium(&[&["render", "conductor"], words].concat(), &key(&server.url, ADMIN))
}

/// What was written, once the notes are what they should be.
#[track_caller]
fn noted(said: Said, notes: &[&str]) -> String {
    let told: Vec<_> =
        said.err.lines().map(|line| line.strip_prefix("podium: ").unwrap()).collect();
    assert_eq!((said.code, &told[..]), (Some(0), notes));
    assert!(!said.out.contains("CANARY"), "{}", said.out);
    said.out
}

const TWO: &str = "there can be only one of `claude-eu`, `claude-us` there: took `claude-eu`; \
                   --pick anthropic=claude-us would take another";
const WEAV: &str = "`weav` (weaviatedb) has no counterpart there";

/// Reads Java properties as `java.util.Properties` describes it.
fn read_properties(text: &str) -> BTreeMap<String, String> {
    assert!(text.is_ascii());
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap();
            assert!(!name.contains(['\\', ' ', ':']), "{name}");
            (name.to_owned(), unescaped(value.trim_start_matches([' ', '\t', '\u{c}'])))
        })
        .collect()
}

fn unescaped(value: &str) -> String {
    let mut units = vec![];
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c == '\\').then(|| chars.next().unwrap()) {
            None => units.push(u16::try_from(u32::from(c)).unwrap()),
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                units.push(u16::from_str_radix(&digits, 16).unwrap());
            }
            Some(c) => {
                let named = [('t', '\t'), ('n', '\n'), ('r', '\r'), ('f', '\u{c}')];
                let meant =
                    named.iter().find(|(name, _)| *name == c).map_or(c, |(_, meant)| *meant);
                units.push(u16::try_from(u32::from(meant)).unwrap());
            }
        }
    }
    String::from_utf16(&units).unwrap()
}

/// Sources `file` in a shell, and gives what it set.
fn sourced(shell: &str, file: &str, set: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut command = Command::new(shell);
    command.args(["-c", r#"set -eua; . "$0"; env -0"#, file]).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap()).envs(set.iter().copied());
    let output = command.output().unwrap();
    let said = Said::of(output);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let variables = said.out.split('\0').filter_map(|variable| variable.split_once('='));
    let ours = variables.filter(|(name, _)| name.starts_with("CONDUCTOR_"));
    ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn properties_are_read_as_java_reads_them() {
    let site = Site::new();
    let server = furnished(&site);
    let said = render(&site, &server, &["--format", "properties"]);
    let out = noted(said, &[TWO, WEAV]);
    assert_eq!(read_properties(&out), expected("CLAUDE_EU"));
    for line in [
        "#   OPENAI_MAIN_API_KEY: `api_key` of `openai-main`",
        "# openai-main (openai): gpt-4o",
        &format!("# Note: {TWO}"),
        &format!("# Note: {WEAV}"),
    ] {
        assert!(out.lines().any(|found| found == line), "{line}\n{out}");
    }

    let picked = ["--format", "properties", "--pick", "anthropic=claude-us"];
    let out = noted(render(&site, &server, &picked), &[WEAV]);
    assert_eq!(read_properties(&out), expected("CLAUDE_US"));
    drop(server);

    let database = site.database();
    let words = ["render", "conductor", "--format", "properties", "--database", &database];
    let out = noted(site.podium(&words, &[]), &[TWO, WEAV]);
    assert_eq!(read_properties(&out), expected("CLAUDE_EU"), "at the database itself");
    let said = site.podium(&[&words[..], &["--with-secrets"]].concat(), &[]);
    assert!(said.code == Some(0) && said.out.contains("=CANARY-eu\n"), "{}", said.out);
}

#[test]
fn an_env_file_is_read_as_a_shell_reads_it() {
    let site = Site::new();
    let server = furnished(&site);
    let file = site.file("conductor.env").display().to_string();
    let words = ["--format", "env", "--output", &file];
    assert_eq!(noted(render(&site, &server, &words), &[TWO, WEAV]), "");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let secrets: BTreeMap<_, _> = expected("CLAUDE_EU")
        .into_values()
        .filter_map(|value| Some(value.strip_prefix("${")?.strip_suffix('}')?.to_owned()))
        .map(|name| (name.clone(), format!("it's {name}; $(x)")))
        .collect();
    assert_eq!(secrets.len(), 4);
    let set: Vec<_> = secrets.iter().map(|(name, value)| (&name[..], &value[..])).collect();
    let mut expected = as_variables(expected("CLAUDE_EU"));
    for value in expected.values_mut() {
        let name = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        if let Some(secret) = name.and_then(|name| secrets.get(name)) {
            value.clone_from(secret);
        }
    }
    for shell in ["bash", "sh"] {
        assert_eq!(sourced(shell, &file, &set), expected, "{shell}");
    }

    let told = render(&site, &server, &words);
    assert!(told.err.lines().last().unwrap().contains("--force replaces it"), "{}", told.err);
    assert_eq!(told.code, Some(1));
    noted(render(&site, &server, &[&words[..], &["--force"]].concat()), &[TWO, WEAV]);
}

#[test]
fn a_kubernetes_secret_is_yaml() {
    let site = Site::new();
    let server = furnished(&site);
    let words = ["--format", "kubernetes-secret", "--secret-name", "a: \"b\""];
    let out = noted(render(&site, &server, &words), &[TWO, WEAV]);
    assert!(out.is_ascii());
    let read = read_yaml(&out);
    assert_eq!(read["apiVersion"], "v1");
    assert_eq!(read["kind"], "Secret");
    assert_eq!(read["metadata"], json!({"name": "a: \"b\""}));
    assert_eq!(read["type"], "Opaque");
    let data: BTreeMap<String, String> =
        serde_json::from_value(read["stringData"].clone()).unwrap();
    assert_eq!(data, as_variables(expected("CLAUDE_EU")));
}

/// Reads YAML with Python where it has a reader for it, and else as the few lines that we write.
fn read_yaml(text: &str) -> Value {
    let program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1])))";
    let python = Command::new("python3").args(["-c", program, text]).output();
    if let Some(output) = python.ok().filter(|output| output.status.success()) {
        return serde_json::from_slice(&output.stdout).unwrap();
    }
    let mut read = json!({});
    let mut above = String::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let (name, value) = line.split_once(':').unwrap();
        let value = value.trim_start();
        match (name.strip_prefix("  "), value) {
            (None, "") => name.clone_into(&mut above),
            (None, plain) => read[name] = plain.into(),
            (Some(name), quoted) => {
                let quoted = quoted.replace("\\U0001F600", "\\uD83D\\uDE00");
                read[&above][name] = serde_json::from_str(&quoted).unwrap();
            }
        }
    }
    read
}

#[test]
fn what_cannot_be_picked_is_told() {
    let site = Site::new();
    let server = furnished(&site);
    let pick = |pick| render(&site, &server, &["--format", "properties", "--pick", pick]).failed();
    assert_eq!(pick("openai=nobody"), "--pick: no enabled integration `nobody` of `openai`");
    assert_eq!(pick("kafka=x"), "--pick: there is nothing to pick for `kafka`");

    for words in [
        &["--format", "toml"][..],
        &[],
        &["--format", "env", "--json"],
        &["--format", "env", "--force"],
        &["--format", "env", "--pick", "openai"],
    ] {
        assert_eq!(render(&site, &server, words).code, Some(2), "{words:?}");
    }
}

/// The settings under which a server gives secrets to whoever may use an integration.
const RESOLVING: [(&str, &str); 1] = [("PODIUM_RESOLVE", "on")];

#[test]
fn secrets_are_written_only_when_asked_for() {
    let site = Site::new();
    drop(furnished(&site));
    let server = site.serve(&RESOLVING);
    let file = site.file("conductor.properties");
    let words = ["--format", "properties", "--output", file.to_str().unwrap(), "--with-secrets"];
    assert_eq!(noted(render(&site, &server, &words), &[TWO, WEAV]), "");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let written = fs::read_to_string(&file).unwrap();
    let mut expected = expected("CLAUDE_EU");
    for (property, secret) in [
        ("conductor.ai.openai.api-key", "CANARY-openai"),
        ("conductor.ai.anthropic.api-key", "CANARY-eu"),
        ("conductor.vectordb.instances[0].postgres.password", "CANARY-pg"),
        ("conductor.jdbc.instances[0].connection.password", "CANARY-db"),
    ] {
        assert!(expected.insert(property.to_owned(), secret.to_owned()).is_some(), "{property}");
    }
    assert_eq!(read_properties(&written), expected);
    for other in ["CANARY-us", "CANARY-weav", "CANARY-off", "Set these variables"] {
        assert!(!written.contains(other), "{other} is not asked for");
    }

    let made = site.podium(&["key", "create", &site.ci], &key(&server.url, ADMIN));
    let [url, id, secret] = made.exports();
    let grant = ["grant", "add", &format!("app:{}", site.ci), "integration:openai-main", "read"];
    site.podium(&grant, &key(&server.url, ADMIN)).done();
    let words = ["render", "conductor", "--format", "env", "--with-secrets"];
    let told = site.podium(&words, &key(&url, [&id, &secret])).failed();
    assert!(told.starts_with("the server answered 403: "), "{told}");
}
