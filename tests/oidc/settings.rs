//! The file of trusted issuers: what is wrong in it stops the start.

use std::fs;

use serde_json::{Value, json};

use crate::server::Home;
use crate::trusted;

/// What the server says of the file, without what it says of every file.
fn refusal(home: &Home) -> String {
    let text = home.refusal();
    let mut lines = text.lines().filter(|line| line.starts_with("podium: "));
    let line = lines.next().unwrap_or_else(|| panic!("{text}")).to_owned();
    assert_eq!(lines.next(), None, "{text}");
    let start = "podium: PODIUM_OIDC_FILE names oidc.json: ";
    line.strip_prefix(start).unwrap_or_else(|| panic!("{line}")).to_owned()
}

#[test]
fn f16_a_rule_that_binds_nothing_stops_the_start() {
    let home = Home::new();
    let with = |name: &str, value: Value| {
        let mut entry = trusted("https://id.example.com");
        entry[name] = value;
        home.trust(&json!([entry]));
        refusal(&home)
    };
    let user = json!({"user": "sub"});
    let claims = |claims: Value| with("rules", json!([{"claims": claims, "to": user}]));
    assert_eq!(claims(json!({})), "issuers[0].rules[0].claims: must bind at least one claim");
    assert!(claims(json!({"team": "*"})).starts_with("issuers[0].rules[0].claims.team: "));
    assert!(claims(json!({"team": ""})).starts_with("issuers[0].rules[0].claims.team: "));
    assert!(with("rules", json!([])).starts_with("issuers[0].rules: "));
    assert!(with("rules", json!([{"to": user}])).starts_with("issuers[0].rules[0]: missing"));
    for algorithm in ["none", "HS256"] {
        let line = with("algorithms", json!(["RS256", algorithm]));
        assert!(line.starts_with("issuers[0].algorithms[1]: "), "{line}");
    }
    let line = with("issuer", json!("http://id.example.com"));
    assert!(line.starts_with("issuers[0].issuer: must be https"), "{line}");
    assert!(with("audiences", json!([])).starts_with("issuers[0].audiences: unknown field"));
}

#[test]
fn a_file_that_is_none_stops_the_start() {
    let home = Home::new();
    let file = home.path().join("oidc.json");
    fs::write(&file, "{").unwrap();
    assert!(refusal(&home).contains("line 1 column 1"));
    fs::write(&file, "").unwrap();
    assert!(refusal(&home).contains("EOF"));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(refusal(&home).contains("directory"));
    assert!(home.database.is_untouched());
}
