//! What the audit log keeps of prompts.

use serde_json::{Value, json};

use super::{HI, PROMPTS, save, update, with_main};
use crate::support::Server;

#[test]
fn every_change_is_recorded_with_what_was_done() {
    let server = &Server::start();
    let admin = with_main(server);
    let start = server.database.records();
    let tags = json!([{"key": "a", "value": "b"}]);
    save(&admin, HI, "", "a").done();
    save(&admin, HI, "&autoIncrement=true", "b").done();
    update(&admin, HI, "", "c").done();
    admin.post(PROMPTS, &json!([{"name": "hi", "template": "d", "version": 9}])).done();
    admin.call("POST", "/api/integrations/provider/main/integration/gpt/prompt/hi").done();
    admin.put(&format!("{HI}/labels/x"), &json!({"version": 1})).done();
    admin.put(&format!("{HI}/labels/x"), &json!({"version": 9})).done();
    admin.delete(&format!("{HI}/labels/x")).done();
    admin.put(&format!("{HI}/tags"), &tags).done();
    admin.call_with("DELETE", &format!("{HI}/tags"), &tags).done();
    admin.delete(&format!("{HI}/versions/9")).done();
    admin.delete(HI).done();
    let sql = format!(
        "SELECT action, access, detail FROM audit WHERE seq > {start} AND outcome = 'done'
             AND target_kind = 'PROMPT' AND target_id = 'hi' ORDER BY seq"
    );
    let found: Vec<(String, String, Value)> = server
        .database
        .rows(&sql)
        .into_iter()
        .map(|row| {
            let [action, access, detail] = row.try_into().unwrap();
            (action, access, serde_json::from_str(&detail).unwrap_or_default())
        })
        .collect();
    let expected = [
        ("prompt.save", "CREATE", json!({"version": 1})),
        ("prompt.save", "UPDATE", json!({"version": 2})),
        ("prompt.save", "UPDATE", json!({"version": 2})),
        ("prompt.save", "UPDATE", json!({"version": 9})),
        ("prompt.attach", "UPDATE", json!({"model": "main:gpt", "version": 9})),
        ("prompt-label.move", "UPDATE", json!({"label": "x", "from": null, "version": 1})),
        ("prompt-label.move", "UPDATE", json!({"label": "x", "from": 1, "version": 9})),
        ("prompt-label.remove", "UPDATE", json!({"label": "x"})),
        ("tag.add", "UPDATE", json!({"added": ["a:b"]})),
        ("tag.remove", "UPDATE", json!({"removed": ["a:b"]})),
        ("prompt.delete-version", "DELETE", json!({"version": 9})),
        ("prompt.delete", "DELETE", Value::Null),
    ];
    let expected =
        expected.map(|(action, access, detail)| (action.to_owned(), access.to_owned(), detail));
    assert_eq!(found, expected);
    assert_eq!(server.database.records() - start, expected.len());
}

#[test]
fn reads_renders_and_mistakes_leave_no_record() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", "a").done();
    server.unchanged(|| {
        admin.get(PROMPTS).ok();
        admin.get(&format!("{HI}/versions")).ok();
        admin.post(&format!("{HI}/render"), &json!({})).text.clear();
        save(&admin, HI, "&models=x", "b").refused(400, "models");
        save(&admin, HI, "&models=none:gpt", "b").refused(404, "none");
        admin.put(&format!("{HI}/labels/x"), &json!({"version": 5})).refused(404, "hi:5");
    });
}
