//! C5: one bad item and nothing is changed; and everything bad is told, where it stands.

use serde_json::{Value, json};

use super::{APPLY, request, values, whole};
use crate::support::Server;

const ITEMS: usize = 200;

/// A manifest of this many small things of several kinds.
fn many() -> Value {
    let name = |index: usize| format!("thing {index}");
    let each = |from: usize, to: usize, make: &dyn Fn(String) -> Value| -> Value {
        (from..to).map(|index| make(name(index))).collect()
    };
    json!({
        "users": each(0, 50, &|name| json!({"id": name.replace(' ', "-"), "name": name})),
        "groups": each(50, 100, &|name| json!({"id": name})),
        "integrations": each(100, 150, &|name| json!({"name": name, "type": "openai"})),
        "prompts": each(150, 200, &|name| {
            json!({"name": name, "versions": [{"version": 1, "template": "Hi"}]})
        }),
    })
}

/// Makes the item at `index` bad, and says where that is told.
fn spoil(manifest: &mut Value, index: usize) -> String {
    let (kind, at) = [("users", 0), ("groups", 50), ("integrations", 100), ("prompts", 150)]
        .into_iter()
        .rev()
        .find(|(_, from)| *from <= index)
        .map(|(kind, from)| (kind, index - from))
        .unwrap();
    let item = &mut manifest[kind][at];
    let place = format!("{kind}[{at}]");
    match (kind, at % 2) {
        ("users", 0) => item["roles"] = json!(["NOBODY"]),
        ("users", _) => {
            item["id"] = json!("ä");
            return format!("{place}.id");
        }
        ("groups", 0) => item["users"] = json!(["nobody"]),
        ("groups", _) => {
            item["defaultAccess"] = json!({"WORKFLOW_DEF": ["FLY"]});
            return format!("{place}.defaultAccess");
        }
        ("integrations", 0) => item["type"] = json!("nothing"),
        ("integrations", _) => {
            item["configuration"] = json!({"api_key": "sk-in-clear"});
            return format!("{place}.configuration.api_key");
        }
        ("prompts", 0) => item["versions"][0]["models"] = json!(["nothing:at-all"]),
        _ => {
            item["labels"] = json!({"draft": 7});
            return format!("{place}.labels.draft");
        }
    }
    place
}

/// Where the answer says that something is bad.
fn places(answer: &Value) -> Vec<String> {
    let errors = answer["validationErrors"].as_array().unwrap().iter();
    errors.map(|error| error["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn c5_one_bad_item_at_any_place_is_named_and_nothing_is_changed() {
    let server = &Server::start();
    let admin = server.admin();
    let before = server.database.state();
    for index in 0..ITEMS {
        let mut manifest = many();
        let place = spoil(&mut manifest, index);
        let answer = admin.try_apply(&manifest, &json!({}));
        assert!((400..410).contains(&answer.status), "{}", answer.text);
        // A prompt without its version has no version for a label either.
        assert_eq!(places(&answer.json)[0], place, "{index}");
        assert!(!answer.text.contains("sk-in-clear"), "{}", answer.text);
    }
    assert_eq!(server.database.state(), before);
    assert_eq!(super::done(&admin.apply(&many(), &json!({}))).len(), ITEMS);
}

#[test]
fn c5_every_bad_item_is_named() {
    let server = &Server::start();
    let admin = server.admin();
    let mut manifest = many();
    let wanted: Vec<_> = (0..ITEMS).map(|index| spoil(&mut manifest, index)).collect();
    let answer = admin.post(APPLY, &request(&manifest, &json!({})));
    assert_eq!(places(&answer.json), wanted);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let server = &Server::start();
    let admin = server.admin();
    let refused = |manifest: Value, words: &str| {
        server.unchanged(|| admin.try_apply(&manifest, &values()).refused(400, words));
    };
    let with = |field: &str, value: Value| {
        let mut manifest = whole();
        manifest[field].as_array_mut().unwrap().push(value);
        manifest
    };
    let twice = |field: &str| with(field, whole()[field][0].clone());
    refused(twice("roles"), "roles[1] `name` stands here twice");
    refused(twice("users"), "users[1] `name` stands here twice");
    refused(twice("applications"), "applications[1] `name` stands here twice");
    refused(twice("groups"), "groups[1] `name` stands here twice");
    refused(twice("integrations"), "integrations[1] `name` stands here twice");
    refused(twice("prompts"), "prompts[1] `name` stands here twice");
    refused(twice("grants"), "grants[2] `subject` stands here twice");
    let mut manifest = whole();
    manifest["integrations"][0]["tags"] = json!([{"key": "managed-by", "value": "me"}]);
    refused(manifest, "integrations[0] `tags[0]` must not be `managed-by`");
    let mut manifest = whole();
    manifest["prompts"][0]["versions"][1]["version"] = json!(1);
    refused(manifest, "prompts[0] `versions[1].version` stands here twice");
    refused(json!({"prompts": [{"name": "x", "versions": []}]}), "must hold one");
    refused(json!({"prompt": []}), "`prompt`");
    refused(
        json!({"integrations": [{"name": "x", "type": "openai", "descripton": "y"}]}),
        "descripton",
    );
    refused(json!({"owner": "a\nb"}), "`owner`");
    refused(json!({"integrations": [{"name": "x"}]}), "`integrations[0].type` is required");
}
