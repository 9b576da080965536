//! What is exported, and that it comes back as it was.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{Desk, WHOLE, golden};

#[test]
fn what_is_exported_is_applied_and_exported_to_the_same_bytes() {
    let desk = Desk::new();
    desk.write("conf/whole.yaml", WHOLE);
    desk.write("conf/secrets/team", "CANARY-team");
    let done = desk.run("apply -f conf --yes --output json").json();
    assert_eq!(done["changes"].as_array().unwrap().len(), 9);
    let text = desk.run("export").done();
    golden("export.yaml", &text);
    for (line, suffix) in [("export", "yaml"), ("export --format json", "json")] {
        let text = desk.run(line).done();
        desk.write(&format!("all.{suffix}"), &text);
        let said = desk.run(&format!("apply --yes -f all.{suffix}"));
        assert!(said.done().starts_with("Nothing to do: "));
        assert_eq!(desk.run(line).done(), text);
    }
    // Into an empty registry, with the secrets by their names.
    let named = desk.run("export --secrets env").done();
    golden("export-env.yaml", &named);
    let other = Desk::new();
    other.write("all.yaml", &named);
    let secrets = [
        ("OPENAI_API_KEY", "CANARY-other"),
        ("OPENAI_HEADERS_X_TEAM", "CANARY-team"),
        ("OPENAI_MAIN_API_KEY", "CANARY-main"),
    ];
    assert_eq!(other.run_with("apply --yes -f all.yaml", &secrets).code, Some(0));
    assert_eq!(other.run("export --secrets env").done(), named);
}

#[test]
fn a_part_is_exported_to_a_file_of_its_own() {
    let desk = Desk::new();
    desk.write("conf/whole.yaml", WHOLE);
    desk.write("conf/secrets/team", "CANARY-team");
    desk.run("apply -f conf --yes").done();
    let exported = |line: &str| {
        let manifest: Value = desk.run(&format!("export --format json {line}")).json();
        let mut names = vec![];
        for list in manifest.as_object().unwrap().values().filter_map(Value::as_array) {
            let name = |it: &Value| {
                it.get("id").or(it.get("name")).map(|name| name.as_str().unwrap().to_owned())
            };
            names.extend(list.iter().filter_map(name));
        }
        names.join(" ")
    };
    assert_eq!(exported("--name open*"), "openai openai-main");
    assert_eq!(exported("--name greeting --name writers"), "writers greeting");
    assert_eq!(exported("--tag team:core"), "openai");
    assert_eq!(exported("--category AI_MODEL"), "openai openai-main");
    assert_eq!(
        exported("--owner team-core"),
        "prompt-writer ann@example.org worker writers openai greeting"
    );

    let file = desk.site.file("out.yaml");
    assert_eq!(desk.run("export --name openai -o out.yaml").done(), "");
    let text = desk.run("export --name openai").done();
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let told = desk.run("export --output out.yaml").failed();
    assert_eq!(told, "out.yaml: it is there already; --force replaces it");
    assert_eq!(desk.run("export --name openai -o out.yaml --force").done(), "");
    let told = desk.run("export --tag nonsense").failed();
    assert!(told.starts_with("the server answered 400: `tag` must be tags"), "{told}");
}

#[test]
fn the_schema_knows_what_manifests_hold() {
    let desk = Desk::new();
    let schema = desk.run("schema").json();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let exported = desk.run("export --format json").json();
    assert!(schema.is_valid(&exported), "{exported:#}");
    for bad in [
        serde_json::json!({"integration": []}),
        serde_json::json!({"integrations": [{"name": "a"}]}),
        serde_json::json!({"integrations": [{"name": "a", "type": "b", "enabled": "yes"}]}),
        serde_json::json!({"prompts": [{"name": "a", "versions": [{"version": "1", "template": ""}]}]}),
        serde_json::json!([]),
    ] {
        assert!(!schema.is_valid(&bad), "{bad}");
    }
    assert!(schema.is_valid(&serde_json::json!({"$schema": "podium.json"})));
}
