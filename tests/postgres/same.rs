//! What is the same on both databases.

use serde_json::{Value, json};

use crate::client::Client;
use crate::database::Database;
use crate::launch;
use crate::support::Folder;

/// Names that the orders of people, of locales and of bytes put in different places.
const NAMES: [&str; 12] = ["a", "B", "b", "A", "a-b", "a_b", "aB", "a.b", "ab", "Z", "10", "9"];

/// What lists show of things with [`NAMES`], in their order.
fn listed(admin: &Client) -> Vec<Vec<String>> {
    let shelf = json!({"type": "openai", "enabled": true, "configuration": {}});
    let plain = json!({"enabled": true, "configuration": {}});
    for name in NAMES {
        let path = format!("/integrations/provider/{name}");
        let tag = json!([{"key": name, "value": name}]);
        for (method, path, body) in [
            ("POST", path.clone(), &shelf),
            ("POST", format!("/integrations/provider/a/integration/{name}"), &plain),
            ("PUT", format!("{path}/tags"), &tag),
            ("PUT", format!("/groups/{name}"), &json!({"description": ""})),
            ("POST", "/roles".to_owned(), &json!({"name": name, "permissions": []})),
            ("POST", "/prompts".to_owned(), &json!([{"name": name, "template": "x"}])),
        ] {
            let sent =
                if method == "PUT" { admin.put(&path, body) } else { admin.post(&path, body) };
            let answer = sent.unwrap();
            assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
        }
    }
    let shown = |path: &str, member: &str| {
        let found = admin.get(path).unwrap().json();
        let found = found.as_array().unwrap().clone();
        let text = |one: &Value| one[member].as_str().unwrap().to_owned();
        found.iter().map(text).collect::<Vec<_>>()
    };
    let ours = |mut found: Vec<String>| {
        found.retain(|name| NAMES.contains(&name.as_str()));
        found
    };
    vec![
        shown("/integrations/provider", "name"),
        shown("/integrations/provider/a/integration", "api"),
        shown("/groups", "id"),
        ours(shown("/roles/custom", "name")),
        shown("/prompts", "name"),
        shown("/metadata/tags", "key"),
    ]
}

#[test]
fn lists_are_in_the_order_of_bytes() {
    let mut expected = NAMES.map(str::to_owned);
    expected.sort();
    let folder = Folder::new();
    for database in [Database::at(folder.database()), Database::on_postgres()] {
        let server = launch(&folder, &database).start();
        for found in listed(&server.admin()) {
            assert_eq!(found, expected, "{}", database.url());
        }
        server.stop();
    }
}

#[test]
fn the_order_of_the_test_s_postgres_is_another() {
    let sql = "SELECT name FROM (VALUES ('a'), ('B')) AS names (name) ORDER BY name";
    let found = Database::on_postgres().column(sql);
    assert_eq!(found, ["a", "B"], "a missing COLLATE \"C\" would not show");
}
