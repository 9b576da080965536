//! Masks: what stands for a secret in every read, and keeps it when it is written back.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::saving::{GPT, MAIN, Way, Whose, each_way, resolved, with};
use crate::support::{Client, Server, is_mask};

const PEM: &str = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEF\n-----END\n";

/// Secrets of every shape.
fn many() -> Value {
    let mut map = Map::new();
    for index in 0..30 {
        let place = ["token", "password", "clientSecret"][index % 3];
        let text = "s".repeat(index + 1);
        map.insert(format!("n{index}"), json!([{"name": index, place: text}, [{"pin": index}]]));
    }
    let more = json!({
        "api_key": "sk-0123456789abcdef0123456789abcdef",
        "credentials": {
            "type": "service_account",
            "private_key": PEM,
            "client_email": "a@b.iam.gserviceaccount.com",
            "deep": [1, 2.50, null, {"a": true}],
        },
        "serviceAccountCredentials": "{\n  \"private_key\": \"x\\ny\"\n}\n",
        "privateKeyPem": PEM,
        "tokens": ["a", "b", {"c": 1}],
        "pin": 123_456_789_012_345_678_901_234_567_890_u128,
        "secretNumber": -1.5e300,
        "headers": {"Authorization": "Bearer abcdef0123456789", "X-Deep": {"inner": ["v"]}},
        "passwörd": "pässwörd 𝄞\u{202e}",
        "a/b~c": {"token": "slashes"},
        "endpoint": "https://api.example.org",
        "maxTokens": 5,
        "file": "no secret here",
    });
    with(&map.into(), &more)
}

/// An integration and a resource with this configuration each.
fn start(server: &Server, configuration: &Value) -> Client {
    let admin = server.admin();
    let body = json!({"type": "openai", "enabled": true, "configuration": configuration});
    admin.post(MAIN, &body).ok();
    admin.post(GPT, &body).done();
    admin
}

#[test]
fn h3_everything_that_was_read_can_be_written_back() {
    let server = &Server::start();
    let admin = start(server, &many());
    let sealed = server.database.secrets();
    assert!(sealed.len() > 2 * 70, "{}", sealed.len());
    for (round, (whose, way)) in each_way().enumerate() {
        let shown = whose.read(&admin);
        assert_eq!(whose.save(&admin, way, &shown).status, 200, "{whose:?} {way:?}");
        let mut whole = admin.get(whose.path()).ok();
        whole["description"] = json!(format!("changed in round {round}"));
        let whole = match way {
            Way::Replace => admin.post(whose.path(), &whole).status,
            Way::Merge => {
                let merge = ["description", "enabled", "configuration"];
                let merge: Map<_, _> =
                    merge.map(|key| (key.to_owned(), whole[key].clone())).into_iter().collect();
                admin.patch(whose.path(), &merge.into()).status
            }
            Way::Bulk => {
                let mut all = admin.get("/api/integrations").ok();
                all[0]["apis"][0]["description"] = json!(format!("changed in round {round}"));
                all[0]["description"] = json!(format!("changed in round {round}"));
                admin.post("/api/integrations", &all).status
            }
        };
        assert_eq!(whole, 200, "{whose:?} {way:?}");
        let description = &admin.get(whose.path()).ok()["description"];
        assert_eq!(description, &format!("changed in round {round}"));
        assert_eq!(whose.read(&admin), shown);
    }
    assert_eq!(server.database.secrets(), sealed);
    assert_eq!(resolved(&admin, MAIN), many());
    assert_eq!(resolved(&admin, GPT), many());
}

/// Texts that were meant as masks and are none that keeps `api_key` of `whose`.
fn wrong_masks(server: &Server, admin: &Client, whose: Whose) -> Vec<Value> {
    let other = "/api/integrations/provider/other";
    let body = json!({"type": "openai", "configuration": {"api_key": "sk-0123456789abcdef"}});
    let other = admin.post(other, &body).ok()["configuration"]["api_key"].clone();
    let old = whose.read(admin)["api_key"].clone();
    whose.save(admin, Way::Merge, &with(&whose.read(admin), &json!({"api_key": "sk-new"})));
    let shown = whose.read(admin);
    let stranger = match whose {
        Whose::Integration => Whose::Resource.read(admin),
        Whose::Resource => Whose::Integration.read(admin),
    };
    assert!(server.database.secrets().len() > 4);
    let now = shown["api_key"].as_str().unwrap();
    vec![
        shown["password"].clone(),
        shown["headers"]["X-One"].clone(),
        stranger["api_key"].clone(),
        other,
        old,
        json!("********"),
        json!("****"),
        json!("********************"),
        json!("****aaaaaaaa****wxyz"),
        json!(now[..19]),
        json!(now[..12]),
        json!(now[1..]),
        json!(now[8..]),
        json!(now.to_uppercase()),
        json!(format!(" {now}")),
        json!(format!("{now} ")),
        json!(format!("{now}\n")),
        json!(format!("Bearer {now}")),
        json!(format!("{now}{now}")),
        json!("sk-****wxyz"),
        json!([now]),
        json!({"key": now}),
        json!([[{"key": [now]}]]),
    ]
}

#[test]
fn h4_no_other_mask_keeps_a_secret_or_becomes_one() {
    let server = &Server::start();
    let stored = json!({"api_key": "sk-old-0123456789ab", "password": "p-0123456789abcdef",
                        "headers": {"X-One": "v"}, "model": "m"});
    let admin = start(server, &stored);
    for whose in [Whose::Integration, Whose::Resource] {
        let wrong = wrong_masks(server, &admin, whose);
        assert!(wrong.len() > 20);
        let shown = whose.read(&admin);
        for (way, mask) in [Way::Replace, Way::Merge, Way::Bulk]
            .into_iter()
            .flat_map(|way| wrong.iter().map(move |mask| (way, mask)))
        {
            server.unchanged(|| {
                let changed = with(&shown, &json!({"api_key": mask}));
                let error = whose.save(&admin, way, &changed).refused(400, "is a mask");
                let path = format!("{}configuration.api_key", whose.place(way));
                assert_eq!(error["validationErrors"][0]["path"], path, "{mask}");
            });
        }
        // In a place of no secret, or of one that is not stored.
        let mask = &shown["api_key"];
        for (path, entry) in [
            ("model", json!({"model": mask})),
            ("token", json!({"token": mask})),
            ("new.0.token", json!({"new": [{"token": mask}]})),
            ("note.0", json!({"note": [mask]})),
            ("headers.X-Two", json!({"headers": {"X-One": "v", "X-Two": mask}})),
        ] {
            for way in [Way::Replace, Way::Merge, Way::Bulk] {
                let changed = with(&shown, &entry);
                server.unchanged(|| {
                    let error = whose.save(&admin, way, &changed).refused(400, "is a mask");
                    let expected = format!("{}configuration.{path}", whose.place(way));
                    assert_eq!(error["validationErrors"][0]["path"], expected, "{error}");
                });
            }
        }
    }
}

#[test]
fn h4_a_mask_keeps_nothing_of_what_was_deleted() {
    let server = &Server::start();
    let configuration = json!({"api_key": "sk-1", "model": "m"});
    let admin = start(server, &configuration);
    let shown = Whose::Resource.read(&admin);
    admin.delete(GPT).done();
    server.unchanged(|| {
        admin.post(GPT, &json!({"configuration": shown})).refused(400, "is a mask");
    });
    let shown = Whose::Integration.read(&admin);
    admin.delete(MAIN).done();
    let kept = json!({"type": "openai", "configuration": shown});
    server.unchanged(|| admin.post(MAIN, &kept).refused(400, "`configuration.api_key`"));
    assert!(server.database.secrets().is_empty());
}

#[test]
fn h5_null_nothing_and_what_is_missing() {
    let server = &Server::start();
    let admin = start(server, &json!({}));
    for (whose, way) in each_way() {
        for (sent, stays) in [
            (json!({"api_key": null, "model": "m"}), json!({"model": "m"})),
            (json!({"model": "m"}), json!({"model": "m"})),
            (json!({"api_key": "", "model": "m"}), json!({"api_key": "", "model": "m"})),
            (json!({"deep": {"token": null}}), json!({"deep": {}})),
            (json!({"deep": {}}), json!({"deep": {}})),
            (json!({"api_key": "sk-2"}), json!({"api_key": "sk-2"})),
        ] {
            let stored = json!({"api_key": "sk-1", "deep": {"token": "t"}, "model": "m"});
            whose.save(&admin, Way::Replace, &stored);
            assert_eq!(server.database.secrets().len(), 2);
            // A merge is sent as it is: what is missing stays.
            let (answer, expected) = match way {
                Way::Merge => {
                    let merge = json!({"configuration": sent});
                    let mut expected = with(&stored, &sent);
                    if let Some(deep) = sent.get("deep") {
                        expected["deep"] = with(&stored["deep"], deep);
                    }
                    (admin.patch(whose.path(), &merge), expected)
                }
                way => (whose.save(&admin, way, &sent), stays),
            };
            assert_eq!(answer.status, 200, "{whose:?} {way:?} {sent}: {}", answer.text);
            assert_eq!(resolved(&admin, whose.path()), expected, "{whose:?} {way:?} {sent}");
            whose.save(&admin, Way::Replace, &json!({}));
            assert!(server.database.secrets().is_empty());
        }
    }
}

#[test]
fn h6_a_mask_has_twenty_characters_and_shows_four_of_long_secrets_alone() {
    let server = &Server::start();
    let admin = start(server, &json!({}));
    let mut random = 88_172_645_463_325_252_u64;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let letters: Vec<char> = "abcXYZ019+/=_- *\\\"äß漢𝄞".chars().collect();
    let mut seen = HashSet::new();
    for round in 0..30 {
        let secrets: Vec<String> = (0..20)
            .map(|_| {
                let length = 1 + next(60);
                let below = if round % 2 == 0 { 14 } else { letters.len() as u64 };
                (0..length).map(|_| letters[usize::try_from(next(below)).unwrap()]).collect()
            })
            .filter(|secret: &String| !secret.contains("****"))
            .collect();
        let keys = (0..secrets.len()).map(|index| format!("password{index}"));
        let sent: Map<_, _> = keys.zip(secrets.iter().map(|text| json!(text))).collect();
        Whose::Integration.save(&admin, Way::Replace, &json!(sent));
        let shown = Whose::Integration.read(&admin);
        for (secret, mask) in secrets.iter().zip(shown.as_object().unwrap().values()) {
            assert!(is_mask(mask), "{mask}");
            let mask = mask.as_str().unwrap();
            assert!(mask.len() == 20 && mask.is_ascii(), "{mask}");
            let (tag, hint) = (&mask[4..12], &mask[16..]);
            assert!(tag.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)));
            let tells = secret.chars().count() >= 16 && secret.ends_with(hint);
            assert!(hint == "****" || tells, "{mask} of {secret}");
            assert!(seen.insert(mask.to_owned()), "{mask} was there before");
        }
        assert_eq!(resolved(&admin, MAIN), json!(sent));
    }
    assert!(seen.len() > 500);
}

#[test]
fn h6_the_same_secret_gets_another_mask_each_time() {
    let server = &Server::start();
    let admin = server.admin();
    let secret = json!({"api_key": "sk-0123456789abcdef", "password": "sk-0123456789abcdef"});
    let mut seen = HashSet::new();
    for _ in 0..5 {
        let body = json!({"type": "openai", "configuration": secret});
        let saved = admin.post(MAIN, &body).ok();
        for key in ["api_key", "password"] {
            let mask = saved["configuration"][key].as_str().unwrap();
            assert!(mask.ends_with("****cdef"), "{mask}");
            assert!(seen.insert(mask.to_owned()));
        }
    }
}
