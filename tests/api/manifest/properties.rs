//! C6 and L5: what is true of every manifest.

use serde_json::json;

use super::generated::{self, Dice, secrets};
use crate::support::Server;

/// How many manifests each property is tried with: as many as `MANIFESTS` says, if it is set.
fn cases() -> u64 {
    std::env::var("MANIFESTS").map_or(150, |number| number.parse().unwrap())
}

#[test]
fn c6_a_plan_is_what_is_done_and_changes_nothing_and_a_second_apply_has_nothing_to_do() {
    let server = &Server::start();
    let admin = server.admin();
    let mut changes = 0;
    for seed in 0..cases() {
        let dice = &mut Dice::new(seed);
        let (mut manifest, prune) = (generated::manifest(dice), dice.roll(3) == 0);
        if prune || dice.roll(2) == 0 {
            manifest["owner"] = json!("generated");
        }
        let mut more = json!({"values": secrets(), "prune": prune, "force": true, "adopt": true});
        let plan = server.unchanging(|| admin.plan(&manifest, &more));
        more["plan"] = plan["digest"].clone();
        let applied = admin.apply(&manifest, &more);
        assert_eq!(applied["changes"], plan["changes"], "{seed}: {manifest}");
        assert_eq!(applied["digest"], plan["digest"]);
        changes += plan["changes"].as_array().unwrap().len();
        more.as_object_mut().unwrap().remove("plan");
        let again = server.unchanging(|| admin.apply(&manifest, &more));
        assert_eq!(again["changes"], json!([]), "{seed}: {manifest}");
    }
    assert!(changes > 600, "{changes}");
}

#[test]
fn l5_what_is_exported_and_imported_is_exported_as_it_was() {
    let (from, to) = (&Server::start(), &Server::start());
    let [source, copy] = [from, to].map(Server::admin);
    let own = |manifest: &serde_json::Value| {
        let mut owned = manifest.clone();
        owned["owner"] = json!("copy");
        owned
    };
    let more = json!({"values": secrets(), "prune": true, "force": true, "adopt": true});
    let mut seen = std::collections::HashSet::new();
    for seed in 0..cases() {
        let dice = &mut Dice::new(seed + 1_000_000);
        source.apply(&own(&generated::manifest(dice)), &more);
        let first = source.get("/api/manifest?secrets=env");
        let manifest = first.json.clone();
        // Secrets have names of their own now, and what is there tells their values.
        let mut values = json!({});
        for name in names(&first.text) {
            values[name] = json!(format!("value of {name}"));
        }
        let import = json!({"values": values, "prune": true, "force": true, "adopt": true});
        copy.apply(&own(&manifest), &import);
        let second = copy.get("/api/manifest?secrets=env");
        assert_eq!(second.text, first.text, "{seed}");
        // With `keep` it can be applied where it came from, and changes nothing.
        let kept = source.get("/api/manifest");
        let same = source.apply(&kept.json, &json!({}));
        assert_eq!(same["changes"], json!([]), "{seed}");
        assert_eq!(source.get("/api/manifest").text, kept.text);
        seen.insert(first.text);
    }
    assert!(seen.len() > 120, "{}", seen.len());
}

/// The references of a text, which are none where more dollars stand before them.
fn names(text: &str) -> Vec<&str> {
    let found = text.match_indices("${env:").filter(|(at, _)| !text[..*at].ends_with('$'));
    found.map(|(at, _)| &text[at + 2..at + text[at..].find('}').unwrap()]).collect()
}
