//! Versions: which one a save writes, which one a read shows, and how they go.

use serde_json::json;

use super::{HI, PROMPTS, bad_field, grant, save, update, versions};
use crate::support::{Client, Server};

#[test]
fn a_saved_prompt_comes_back_with_everything_there_is_to_it() {
    let server = &Server::start();
    let admin = server.admin();
    let query = "?description=Says+hello";
    let text = "Hello ${name}, ${weekday}! ${name}";
    admin.send("POST", &format!("{HI}{query}"), &[super::JSON], Some(text)).done();
    let mut read = admin.get(HI).ok();
    assert_eq!(admin.get(PROMPTS).ok(), json!([read]));
    assert_eq!(admin.get(&format!("{HI}/versions")).ok(), json!([read]));
    let fields = read.as_object_mut().unwrap();
    for (new, old) in [("createTime", "createdOn"), ("updateTime", "updatedOn")] {
        let at = fields.remove(new).unwrap();
        assert!(at.is_i64(), "{at}");
        assert_eq!(Some(at), fields.remove(old));
    }
    assert_eq!(
        read,
        json!({
            "name": "hi", "version": 1, "description": "Says hello", "template": text,
            "integrations": [], "variables": ["name", "weekday"], "tags": [],
            "temperature": 0.1, "topP": 1, "stopWords": [], "responseFormat": "text",
            "createdBy": admin.subject, "updatedBy": admin.subject,
            "ownerApp": admin.subject.strip_prefix("app:").unwrap(),
        })
    );
}

#[test]
fn a_save_without_a_version_writes_the_first_even_when_there_are_later_ones() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", "one").done();
    save(&admin, HI, "&autoIncrement=true", "two").done();
    save(&admin, HI, "", "one again").done();
    assert_eq!(versions(&admin, HI), [2, 1]);
    assert_eq!(admin.get(HI).ok()["template"], "two");
    assert_eq!(admin.get(&format!("{HI}?version=1")).ok()["template"], "one again");
}

#[test]
fn a_save_does_not_keep_who_made_the_version_and_a_change_does() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", super::MANAGER));
    let stamps = |version: &str| {
        let read = admin.get(&format!("{HI}?version={version}")).ok();
        let at = |field: &str| read[field].as_i64().unwrap();
        let by = |field: &str| read[field].as_str().unwrap().to_owned();
        (by("createdBy"), by("updatedBy"), at("createTime"), at("updateTime"))
    };
    save(&ada, HI, "", "a").done();
    let (.., first_made_on, _) = stamps("1");
    update(&admin, HI, "", "b").done();
    let (maker, changer, made_on, changed_on) = stamps("1");
    assert_eq!((&maker, &changer), (&ada.subject, &admin.subject));
    assert_eq!(made_on, first_made_on);
    assert!(changed_on >= made_on);
    save(&admin, HI, "", "c").done();
    let (maker, changer, made_on, changed_on) = stamps("1");
    assert_eq!((&maker, &changer), (&admin.subject, &admin.subject));
    assert_eq!(made_on, changed_on);
    save(&ada, HI, "&version=7", "d").done();
    assert_eq!(stamps("7").0, ada.subject);
    update(&admin, HI, "&version=7", "e").done();
    assert_eq!((stamps("7").0, stamps("7").1), (ada.subject.clone(), admin.subject.clone()));
}

#[test]
fn auto_increment_writes_the_version_after_the_latest() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "&autoIncrement=True", "one").done();
    save(&admin, HI, "&version=5", "five").done();
    for (increment, expected) in [("True", 6), ("true", 7), ("TRUE", 8)] {
        save(&admin, HI, &format!("&autoIncrement={increment}"), "next").done();
        assert_eq!(admin.get(HI).ok()["version"], expected);
    }
    // It wins over a version that is named too.
    save(&admin, HI, "&autoIncrement=true&version=1", "nine").done();
    save(&admin, HI, "&autoIncrement=False", "first").done();
    assert_eq!(versions(&admin, HI), [9, 8, 7, 6, 5, 1]);
    assert_eq!(admin.get(&format!("{HI}?version=1")).ok()["template"], "first");
    let other = "/api/prompts/other";
    save(&admin, other, "&autoIncrement=false&version=3", "three").done();
    assert_eq!(versions(&admin, other), [3]);
}

#[test]
fn a_change_writes_the_latest_or_the_one_it_names_or_makes_the_first() {
    let server = &Server::start();
    let admin = server.admin();
    update(&admin, HI, "", "made").done();
    assert_eq!(versions(&admin, HI), [1]);
    save(&admin, HI, "&version=3", "three").done();
    update(&admin, HI, "", "three, changed").done();
    update(&admin, HI, "&version=1", "one, changed").done();
    update(&admin, HI, "&version=2", "new").done();
    assert_eq!(versions(&admin, HI), [3, 2, 1]);
    let texts = [(1, "one, changed"), (2, "new"), (3, "three, changed")];
    for (version, text) in texts {
        let read = admin.get(&format!("{HI}?version={version}")).ok();
        assert_eq!((&read["version"], &read["template"]), (&json!(version), &json!(text)));
    }
}

#[test]
fn a_save_replaces_the_settings_of_a_version_and_a_change_keeps_them() {
    let server = &Server::start();
    let admin = server.admin();
    let item = json!({"name": "hi", "template": "a", "temperature": 0.75, "topP": 0.5,
                      "stopWords": ["END"], "responseFormat": "json"});
    let settings = || {
        let read = admin.get(HI).ok();
        ["temperature", "topP", "stopWords", "responseFormat"].map(|name| read[name].clone())
    };
    admin.post(PROMPTS, &json!([item])).done();
    let set = [json!(0.75), json!(0.5), json!(["END"]), json!("json")];
    assert_eq!(settings(), set);
    update(&admin, HI, "", "b").done();
    assert_eq!((admin.get(HI).ok()["template"].as_str(), settings()), (Some("b"), set));
    save(&admin, HI, "", "c").done();
    assert_eq!(settings(), [json!(0.1), json!(1), json!([]), json!("text")]);
}

#[test]
fn what_is_not_there_is_404() {
    let server = &Server::start();
    let admin = server.admin();
    let tags = json!([{"key": "a", "value": "b"}]);
    server.unchanged(|| {
        for path in ["", "?version=1", "?label=production", "/versions", "/tags", "/labels"] {
            admin.get(&format!("{HI}{path}")).refused(404, "No such prompt: `hi`");
        }
        admin.delete(HI).refused(404, "No such prompt: `hi`");
        admin.delete(&format!("{HI}/versions/1")).refused(404, "No such prompt: `hi`");
        admin.put(&format!("{HI}/tags"), &tags).refused(404, "`hi`");
        admin.call_with("DELETE", &format!("{HI}/tags"), &tags).refused(404, "`hi`");
        admin.post(&format!("{HI}/render"), &json!({})).refused(404, "`hi`");
        let version = json!({"version": 1});
        admin.put(&format!("{HI}/labels/x"), &version).refused(404, "`hi`");
        admin.delete(&format!("{HI}/labels/x")).refused(404, "`hi`");
    });
    save(&admin, HI, "", "a").done();
    server.unchanged(|| {
        let version = "No such version of prompt: `hi:2`";
        admin.get(&format!("{HI}?version=2")).refused(404, version);
        admin.get(&format!("{HI}?version=0")).refused(404, "`hi:0`");
        admin.delete(&format!("{HI}/versions/2")).refused(404, version);
        admin.put(&format!("{HI}/labels/x"), &json!({"version": 2})).refused(404, version);
        admin.get(&format!("{HI}?label=x")).refused(404, "No such label of prompt: `hi@x`");
        admin.post(&format!("{HI}/render?version=2"), &json!({})).refused(404, version);
    });
}

#[test]
fn what_is_no_version_is_refused_by_name() {
    let server = &Server::start();
    let admin = server.admin();
    save(&admin, HI, "", "a").done();
    server.unchanged(|| {
        for query in ["&version=0", "&version=-1", "&version=2147483648", "&version=x"] {
            assert_eq!(bad_field(save(&admin, HI, query, "b")), "version", "{query}");
            assert_eq!(bad_field(update(&admin, HI, query, "b")), "version", "{query}");
        }
        let increment = save(&admin, HI, "&autoIncrement=yes", "b");
        assert_eq!(bad_field(increment), "autoIncrement");
        assert_eq!(bad_field(admin.get(&format!("{HI}?version=x"))), "version");
        assert_eq!(bad_field(admin.delete(&format!("{HI}/versions/x"))), "version");
        let both = admin.get(&format!("{HI}?version=1&label=a"));
        assert_eq!(bad_field(both), "label");
        let description = admin.send("POST", HI, &[super::JSON], Some("b"));
        assert_eq!(bad_field(description), "description");
        assert_eq!(bad_field(admin.send("PUT", HI, &[], Some("b"))), "description");
    });
    save(&admin, HI, "&version=2147483647", "last").done();
    server.unchanged(|| {
        assert_eq!(bad_field(save(&admin, HI, "&autoIncrement=true", "b")), "version");
    });
}

#[test]
fn a_version_goes_alone_and_the_last_takes_everything_along() {
    let server = &Server::start();
    let (ada, bob) = (server.client("ada", super::MANAGER), server.client("bob", &[]));
    let bare = server.database.contents();
    for version in 1..=3 {
        save(&ada, HI, &format!("&version={version}"), "a").done();
        let label = format!("{HI}/labels/at-{version}");
        ada.put(&label, &json!({"version": version})).done();
    }
    let tags = json!([{"key": "a", "value": "b"}]);
    ada.put(&format!("{HI}/tags"), &tags).done();
    grant(&ada, &bob, ("PROMPT", "hi"), &["READ"]);
    ada.delete(&format!("{HI}/versions/3")).done();
    assert_eq!(versions(&ada, HI), [2, 1]);
    let labels = ada.get(&format!("{HI}/labels")).ok();
    assert_eq!((&labels[0]["label"], &labels[1]["label"]), (&json!("at-1"), &json!("at-2")));
    assert_eq!(labels.as_array().unwrap().len(), 2);
    ada.delete(&format!("{HI}/versions/1")).done();
    assert_eq!(bob.get(HI).ok()["tags"], tags);
    ada.delete(&format!("{HI}/versions/2")).done();
    ada.get(HI).refused(404, "No such prompt");
    assert_eq!(server.database.contents(), bare);
    nothing_revives(&ada, &bob);
}

#[test]
fn a_deleted_prompt_takes_everything_along() {
    let server = &Server::start();
    let admin = super::with_main(server);
    let (ada, bob) = (server.client("ada", super::MANAGER), server.client("bob", &[]));
    grant(&admin, &ada, ("INTEGRATION", "main:gpt"), &["READ"]);
    let bare = server.database.contents();
    for version in 1..=2 {
        save(&ada, HI, &format!("&models=main:gpt&version={version}"), "a").done();
    }
    ada.put(&format!("{HI}/labels/draft"), &json!({"version": 1})).done();
    ada.put(&format!("{HI}/tags"), &json!([{"key": "a", "value": "b"}])).done();
    grant(&ada, &bob, ("PROMPT", "hi"), &["READ"]);
    bob.get(HI).ok();
    ada.delete(HI).done();
    ada.get(HI).refused(404, "No such prompt");
    assert_eq!(server.database.contents(), bare);
    nothing_revives(&ada, &bob);
}

/// Makes a deleted prompt again: nobody and nothing of the earlier one comes back.
fn nothing_revives(maker: &Client, reader: &Client) {
    save(maker, HI, "", "new").done();
    let read = maker.get(HI).ok();
    assert_eq!((&read["tags"], &read["version"]), (&json!([]), &json!(1)));
    assert_eq!(read["integrations"], json!([]));
    assert_eq!(maker.get(&format!("{HI}/labels")).ok(), json!([]));
    reader.get(HI).refused(403, "READ");
}
