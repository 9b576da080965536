//! What is recorded of changes and refusals.

mod changes;
mod fingerprints;
mod forged;
mod listed;
mod refused;
mod tampered;
mod unavailable;

use serde_json::json;

use crate::support::{Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";

#[test]
fn a_refused_change_leaves_only_an_audit_row() {
    let server = &Server::start();
    let vic = server.client("vic", &["USER_READ_ONLY"]);
    let denied = server.denied(|| vic.post(MAIN, &openai("sk-1")).refused(403, "CREATE"));
    assert_eq!(denied, "denied CREATE INTEGRATION_PROVIDER main");
    assert_eq!(vic.get("/api/integrations/provider").ok(), json!([]));
}

#[test]
fn a_record_says_who_with_which_key_from_where_and_when() {
    let server = &Server::start();
    let ada = server.client("ada", &["METADATA_MANAGER"]);
    let before = server.database.column("SELECT max(at) FROM audit");
    ada.post(MAIN, &openai("sk-1")).ok();
    let created = ada.get(MAIN).ok()["createTime"].to_string();
    ada.post("/api/applications", &json!({"name": "x"})).refused(403, "CREATE");
    let sql = "SELECT subject, key_id, address, outcome, at, revision FROM audit
               ORDER BY seq DESC LIMIT 2";
    let rows = server.database.rows(sql);
    let revision = server.database.revision().to_string();
    for (row, outcome) in rows.iter().zip(["denied", "done"]) {
        assert_eq!(row[..4], [ada.subject.as_str(), &ada.key, "127.0.0.1", outcome]);
        assert!(row[4] >= before[0]);
        assert_eq!(row[5], revision, "a refusal stands at the revision of its time");
    }
    assert_eq!(rows[1][4], created);
}

#[test]
fn done_changes_have_growing_revisions_and_refused_ones_take_none() {
    let server = &Server::start();
    let (admin, nobody) = (server.admin(), server.client("nobody", &[]));
    let start = server.database.revision();
    for round in 0..3 {
        admin.post(&format!("{MAIN}{round}"), &openai("sk-1")).ok();
        nobody.delete(&format!("{MAIN}{round}")).refused(403, "DELETE");
        admin.post(&format!("{MAIN}{round}/integration/gpt"), &model()).done();
    }
    assert_eq!(server.database.revision(), start + 6);
    let revisions = |outcome: &str| {
        let sql = "SELECT revision FROM audit WHERE outcome = '{}' AND revision > {}"
            .replacen("{}", outcome, 1)
            .replace("{}", &start.to_string());
        let found = server.database.column(&format!("{sql} ORDER BY seq"));
        found.iter().map(|one| one.parse::<i64>().unwrap() - start).collect::<Vec<_>>()
    };
    assert_eq!(revisions("done"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(revisions("denied"), [1, 3, 5]);
}

#[test]
fn every_revision_has_a_record() {
    let server = &Server::start();
    server.admin().post(MAIN, &openai("sk-1")).ok();
    let sql = "SELECT DISTINCT revision FROM audit WHERE outcome = 'done' ORDER BY revision";
    let found = server.database.column(sql);
    let expected: Vec<_> =
        (1..=server.database.revision()).map(|number| number.to_string()).collect();
    assert_eq!(found, expected);
}

#[test]
fn reads_and_bad_input_leave_no_record() {
    let server = &Server::start();
    let (admin, nobody) = (server.admin(), server.client("nobody", &[]));
    admin.post(MAIN, &openai("sk-1")).ok();
    server.unchanged(|| {
        admin.get(MAIN).ok();
        admin.get("/api/integrations").ok();
        nobody.get(MAIN).refused(403, "READ");
        admin.post(MAIN, &json!({"type": "nothing"})).refused(404, "type");
        admin.post(MAIN, &json!({"type": "anthropic"})).refused(400, "type");
        admin.post(MAIN, &json!({"type": "openai", "category": "x"})).refused(400, "category");
        let mask = json!({"type": "openai", "configuration": {"token": "********"}});
        admin.post(MAIN, &mask).refused(400, "token");
        let limit = json!({"maxTokens": -1});
        admin.post(&format!("{MAIN}/integration/gpt"), &limit).refused(400, "maxTokens");
        admin.delete(&format!("{MAIN}/integration/gpt")).refused(404, "gpt");
        admin.put(&format!("{MAIN}/tags"), &json!([{"key": ""}])).refused(400, "key");
        admin.post("/api/applications", &json!({"name": ""})).refused(400, "name");
        server.stranger().post(MAIN, &openai("sk-1")).not_signed_in("INVALID_TOKEN");
    });
}
