//! Applications and their access keys; contract section 7.

use serde_json::{Value, json};

use crate::support::{Client, Server, openai};

const ROOT: &str = "/api/applications";
const ABSENT: &str = "/api/applications/no-such-app";

fn create(client: &Client, name: &str) -> (String, Value) {
    let made = client.post(ROOT, &json!({"name": name})).ok();
    (made["id"].as_str().unwrap().to_owned(), made)
}

#[test]
fn an_application_is_made_read_and_listed() {
    let server = &Server::start();
    let admin = server.admin();
    let (id, made) = create(&admin, "ada");
    assert_eq!((&made["name"], &made["createdBy"]), (&json!("ada"), &json!(admin.subject)));
    assert_eq!(made["updatedBy"], json!(admin.subject));
    for time in ["createTime", "updateTime"] {
        assert!(made[time].as_i64().is_some_and(|at| at > 1_600_000_000_000), "{made}");
    }
    assert_eq!(admin.get(&format!("{ROOT}/{id}")).ok(), made);
    let list = admin.get(ROOT).ok();
    let mut listed = list.as_array().unwrap().iter().find(|one| one["id"] == id).unwrap().clone();
    assert_eq!(listed.as_object_mut().unwrap().remove("tags"), Some(json!([])));
    assert_eq!(listed, made);
    assert_eq!(list, admin.get("/api/applications/").ok());
    assert_eq!(list.as_array().unwrap().len(), 2);
}

#[test]
fn two_applications_may_have_one_name() {
    let server = &Server::start();
    let admin = server.admin();
    let (one, two) = (create(&admin, "ada").0, create(&admin, "ada").0);
    assert_ne!(one, two);
    admin.delete(&format!("{ROOT}/{one}")).ok();
    admin.get(&format!("{ROOT}/{two}")).ok();
}

#[test]
fn an_application_is_renamed() {
    let server = &Server::start();
    let admin = server.admin();
    let (id, made) = create(&admin, "ada");
    let path = format!("{ROOT}/{id}");
    let renamed = admin.put(&path, &json!({"name": "grace", "id": "other"})).ok();
    assert_eq!((&renamed["id"], &renamed["name"]), (&json!(id), &json!("grace")));
    assert_eq!(renamed["createTime"], made["createTime"]);
    assert_eq!(admin.get(&path).ok(), renamed);
}

#[test]
fn a_bad_name_is_refused() {
    let server = &Server::start();
    let admin = server.admin();
    let path = format!("{ROOT}/{}", create(&admin, "ada").0);
    let long = "x".repeat(256);
    server.unchanged(|| {
        for (body, words) in [
            (json!({"name": ""}), "`name` must not be blank"),
            (json!({"name": "  "}), "`name` must not be blank"),
            (json!({"name": "a\u{0}"}), "`name`"),
            (json!({"name": long}), "`name`"),
            (json!({"name": 5}), "`name` must be a string"),
            (json!({"name": null}), "`name`"),
            (json!({}), "`name` is required"),
            (json!("ada"), "body"),
        ] {
            for answer in [admin.post(ROOT, &body), admin.put(&path, &body)] {
                answer.refused(400, words);
            }
        }
    });
}

#[test]
fn a_deleted_application_is_gone_and_said_so() {
    let server = &Server::start();
    let admin = server.admin();
    let bare = server.database.contents();
    let (id, _) = create(&admin, "ada");
    let path = format!("{ROOT}/{id}");
    admin.new_key(&id);
    admin.call("POST", &format!("{path}/roles/USER")).done();
    admin.put(&format!("{path}/tags"), &json!([{"key": "a", "value": "b"}])).done();
    let message = json!({"message": format!("Deleted Application '{id}'")});
    assert_eq!(admin.delete(&path).ok(), message);
    assert_eq!(server.database.contents(), bare);
    admin.get(&path).refused(404, &id);
    server.unchanged(|| admin.delete(&path).refused(404, &id));
}

#[test]
fn what_an_application_made_outlives_it() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    let path = "/api/integrations/provider/main";
    ada.post(path, &openai("sk-1")).ok();
    admin.delete(&format!("{ROOT}/{}", ada.application)).ok();
    assert_eq!(admin.get(path).ok()["createdBy"], ada.subject);
    let sql = format!("SELECT * FROM access_grant WHERE subject_id = '{}'", ada.subject);
    assert!(server.database.rows(&sql).is_empty());
}

#[test]
fn a_missing_application_is_404_with_its_id_on_every_route() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| {
        for (method, path) in [
            ("GET", ""),
            ("DELETE", ""),
            ("GET", "/accessKeys"),
            ("POST", "/accessKeys"),
            ("POST", "/accessKeys/k/status"),
            ("DELETE", "/accessKeys/k"),
            ("POST", "/roles/USER"),
            ("DELETE", "/roles/USER"),
            ("GET", "/tags"),
        ] {
            let answer = admin.call(method, &format!("{ABSENT}{path}"));
            answer.refused(404, "No such application: `no-such-app`");
        }
        admin.put(ABSENT, &json!({"name": "x"})).refused(404, "no-such-app");
    });
}

#[test]
fn an_access_key_shows_its_secret_once() {
    let server = &Server::start();
    let admin = server.admin();
    let (id, _) = create(&admin, "ada");
    let keys = format!("{ROOT}/{id}/accessKeys");
    assert_eq!(admin.get(&keys).ok(), json!([]));
    let one = admin.call("POST", &keys);
    assert_eq!(one.header("cache-control"), Some("no-store"));
    let one = one.ok();
    let mut fields: Vec<_> = one.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["apiKey", "id", "secret"]);
    let two = admin.call_with("POST", &keys, &json!({})).ok();
    assert_ne!(one["id"], two["id"]);
    assert_ne!(one["secret"], two["secret"]);

    let listed = admin.get(&keys);
    assert!(!listed.text.contains(one["secret"].as_str().unwrap()));
    let listed = listed.ok();
    for (key, made) in listed.as_array().unwrap().iter().zip([&one, &two]) {
        assert!(key["createdAt"].as_i64().is_some_and(|at| at > 1_600_000_000_000));
        let expected = json!({"id": made["id"], "createdAt": key["createdAt"], "status": "ACTIVE"});
        assert_eq!(*key, expected);
    }
    assert_eq!(listed.as_array().unwrap().len(), 2);
    for key in [&one, &two] {
        let (id, secret) = (key["id"].as_str().unwrap(), key["secret"].as_str().unwrap());
        server.signed_in(id, secret).get("/api/token/userInfo").ok();
    }
}

#[test]
fn a_key_is_paused_and_resumed() {
    let server = &Server::start();
    let admin = server.admin();
    let (id, _) = create(&admin, "ada");
    let (key, _) = admin.new_key(&id);
    let keys = format!("{ROOT}/{id}/accessKeys");
    for expected in ["INACTIVE", "ACTIVE", "INACTIVE"] {
        let toggled = admin.call("POST", &format!("{keys}/{key}/status")).ok();
        assert_eq!((&toggled["id"], &toggled["status"]), (&json!(key), &json!(expected)));
        assert!(toggled["createdAt"].is_i64(), "{toggled}");
        assert_eq!(admin.get(&keys).ok(), json!([toggled]));
    }
}

#[test]
fn a_key_is_deleted() {
    let server = &Server::start();
    let admin = server.admin();
    let (id, _) = create(&admin, "ada");
    let (key, _) = admin.new_key(&id);
    let path = format!("{ROOT}/{id}/accessKeys/{key}");
    let message = json!({"message": format!("Deleted Access key '{key}'")});
    assert_eq!(admin.call_with("DELETE", &path, &json!({})).ok(), message);
    assert_eq!(admin.get(&format!("{ROOT}/{id}/accessKeys")).ok(), json!([]));
    server.unchanged(|| admin.delete(&path).refused(404, &key));
}

#[test]
fn a_key_of_another_application_or_none_is_404() {
    let server = &Server::start();
    let admin = server.admin();
    let (ada, grace) = (create(&admin, "ada").0, create(&admin, "grace").0);
    let (key, _) = admin.new_key(&grace);
    server.unchanged(|| {
        for key in [key.as_str(), "no-such-key"] {
            let path = format!("{ROOT}/{ada}/accessKeys/{key}");
            let words = format!("No such access key: `{key}`");
            admin.delete(&path).refused(404, &words);
            admin.call("POST", &format!("{path}/status")).refused(404, &words);
        }
    });
}

#[test]
fn an_application_is_found_by_its_access_key() {
    let server = &Server::start();
    let admin = server.admin();
    let (id, made) = create(&admin, "ada");
    let (key, _) = admin.new_key(&id);
    let path = format!("{ROOT}/key/{key}");
    assert_eq!(admin.get(&path).ok(), made);
    assert_eq!(admin.get(&format!("{path}/")).ok(), made);
    admin.get(&format!("{ROOT}/key/none")).refused(404, "`none`");
    admin.delete(&format!("{ROOT}/{id}/accessKeys/{key}")).ok();
    admin.get(&path).refused(404, &key);
}
