//! A token only says who calls: what is taken away is gone at once.

use serde_json::json;

use crate::support::{Client, Server, openai};

const USER_INFO: &str = "/api/token/userInfo";

fn key_path(client: &Client) -> String {
    format!("/api/applications/{}/accessKeys/{}", client.application, client.key)
}

fn cannot_sign_in(server: &Server, client: &Client) {
    let body = json!({"keyId": client.key, "keySecret": client.secret});
    server.stranger().post("/api/token", &body).not_signed_in("INVALID_CREDENTIALS");
}

#[test]
fn a_paused_key_is_refused_at_once_and_works_again_when_resumed() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    ada.get(USER_INFO).ok();
    let status = format!("{}/status", key_path(&ada));
    assert_eq!(admin.call("POST", &status).ok()["status"], "INACTIVE");
    let failed = server.failed(|| {
        ada.get(USER_INFO).not_signed_in("INVALID_TOKEN");
        ada.get("/api/integrations/provider").not_signed_in("INVALID_TOKEN");
        let body = openai("sk-1");
        ada.post("/api/integrations/provider/x", &body).not_signed_in("INVALID_TOKEN");
        cannot_sign_in(server, &ada);
    });
    assert_eq!(failed, [format!("failed EXECUTE ACCESS_KEY {}", ada.key)]);
    assert_eq!(admin.call("POST", &status).ok()["status"], "ACTIVE");
    ada.get(USER_INFO).ok();
    server.signed_in(&ada.key, &ada.secret).get(USER_INFO).ok();
}

#[test]
fn a_deleted_key_is_refused_at_once_and_the_other_keys_go_on() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    let (id, secret) = admin.new_key(&ada.application);
    let other = server.signed_in(&id, &secret);
    admin.delete(&key_path(&ada)).ok();
    let failed = server.failed(|| {
        ada.get(USER_INFO).not_signed_in("INVALID_TOKEN");
        let body = openai("sk-1");
        ada.post("/api/integrations/provider/x", &body).not_signed_in("INVALID_TOKEN");
        cannot_sign_in(server, &ada);
    });
    assert_eq!(failed, [format!("failed EXECUTE ACCESS_KEY {}", ada.key)]);
    other.get(USER_INFO).ok();
    other.post("/api/integrations/provider/x", &openai("sk-1")).ok();
}

#[test]
fn the_keys_of_a_deleted_application_are_refused_at_once() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    ada.post("/api/integrations/provider/x", &openai("sk-1")).ok();
    admin.delete(&format!("/api/applications/{}", ada.application)).ok();
    let failed = server.failed(|| {
        ada.get(USER_INFO).not_signed_in("INVALID_TOKEN");
        ada.delete("/api/integrations/provider/x").not_signed_in("INVALID_TOKEN");
        cannot_sign_in(server, &ada);
    });
    assert_eq!(failed, [format!("failed EXECUTE ACCESS_KEY {}", ada.key)]);
    for table in ["access_key WHERE application_id", "subject_role WHERE subject_id"] {
        let sql = format!("SELECT * FROM {table} LIKE '%{}'", ada.application);
        assert!(server.database.rows(&sql).is_empty(), "{table}");
    }
}

#[test]
fn a_role_that_is_taken_away_is_gone_at_once() {
    let server = &Server::start();
    let admin = server.admin();
    admin.post("/api/integrations/provider/main", &openai("sk-1")).ok();
    let vic = server.client("vic", &["USER_READ_ONLY"]);
    vic.get("/api/integrations/provider/main").ok();
    let role = format!("/api/applications/{}/roles/USER_READ_ONLY", vic.application);
    admin.delete(&role).done();
    vic.get("/api/integrations/provider/main").refused(403, "READ");
    assert_eq!(vic.get("/api/integrations/provider").ok(), json!([]));
    assert_eq!(vic.get(USER_INFO).ok()["roles"], json!([]));
    admin.call("POST", &role).done();
    vic.get("/api/integrations/provider/main").ok();
}

#[test]
fn the_right_to_create_goes_with_the_role_and_what_was_made_stays_ones_own() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    ada.post("/api/integrations/provider/one", &openai("sk-1")).ok();
    admin.delete(&format!("/api/applications/{}/roles/USER", ada.application)).done();
    let two = "/api/integrations/provider/two";
    let denied = server.denied(|| ada.post(two, &openai("sk-2")).refused(403, "CREATE"));
    assert_eq!(denied, "denied CREATE INTEGRATION_PROVIDER two");
    ada.post("/api/integrations/provider/one", &openai("sk-3")).ok();
}
