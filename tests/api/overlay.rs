//! A resource lies over its integration: secrets of either go only where both together pointed
//! when they were saved.

use serde_json::{Value, json};

use crate::saving::{GPT, MAIN, Way, Whose, resolved, with};
use crate::support::{Client, Server, openai};

const GOOD: &str = "https://good.example.org";
const EVIL: &str = "https://evil.example.org";

/// An integration with two secrets, and a resource without any.
fn start(server: &Server) -> Client {
    let admin = server.admin();
    let configuration = json!({"api_key": "sk-whole", "password": "p-whole", "endpoint": GOOD});
    let body = json!({"type": "openai", "enabled": true, "configuration": configuration});
    admin.post(MAIN, &body).ok();
    admin.post(GPT, &json!({"enabled": true})).done();
    admin
}

/// The fields that an answer names, in order.
fn named(error: &Value) -> Vec<&str> {
    let errors = error["validationErrors"].as_array().unwrap();
    errors.iter().map(|error| error["path"].as_str().unwrap()).collect()
}

/// Moves the integration to `endpoint`, with its secrets.
fn move_to(admin: &Client, endpoint: &str) {
    let whole = json!({"api_key": "sk-whole", "password": "p-whole", "endpoint": endpoint});
    admin.patch(MAIN, &json!({"configuration": whole})).ok();
}

#[test]
fn i5_the_secrets_of_a_resource_stay_when_its_integration_moves() {
    let server = &Server::start();
    let admin = start(server);
    let own = json!({"api_key": "sk-own", "model": "m"});
    Whose::Resource.save(&admin, Way::Replace, &own).done();
    let shown = Whose::Resource.read(&admin);
    let all = |endpoint: &str| with(&own, &json!({"endpoint": endpoint, "password": "p-whole"}));
    assert_eq!(resolved(&admin, GPT), all(GOOD));

    move_to(&admin, EVIL);
    server.unchanged(|| {
        let answer = admin.resolve(GPT);
        assert!(!answer.text.contains("sk-own"), "{}", answer.text);
        answer.refused(409, "`configuration.api_key` was saved for another destination");
        for way in [Way::Replace, Way::Merge, Way::Bulk] {
            for changed in [shown.clone(), with(&shown, &json!({"model": "other"}))] {
                if way == Way::Merge && changed == shown {
                    // Nothing of the configuration is named, and nothing of it is touched.
                    continue;
                }
                let answer = Whose::Resource.save(&admin, way, &changed);
                let error = answer.refused(409, "its integration points elsewhere since");
                assert_eq!(
                    named(&error),
                    [format!("{}configuration.api_key", Whose::Resource.place(way))]
                );
            }
        }
    });
    move_to(&admin, GOOD);
    assert_eq!(resolved(&admin, GPT), all(GOOD));
    Whose::Resource.save(&admin, Way::Replace, &shown).done();
    assert_eq!(resolved(&admin, GPT), all(GOOD));

    move_to(&admin, EVIL);
    admin.patch(GPT, &json!({"configuration": {"api_key": "sk-own"}})).done();
    assert_eq!(resolved(&admin, GPT), all(EVIL));
}

#[test]
fn what_cannot_be_resolved_can_still_be_disabled() {
    let server = &Server::start();
    let admin = start(server);
    let own = json!({"enabled": true, "configuration": {"token": "t-own"}});
    admin.post(GPT, &own).done();
    move_to(&admin, EVIL);
    admin.resolve(GPT).refused(409, "send it again");
    let secrets = server.database.secrets();
    let off = json!({"enabled": false, "description": "moved"});
    admin.patch(GPT, &off).done();
    let read = admin.get(GPT).ok();
    assert_eq!((&read["enabled"], &read["description"]), (&off["enabled"], &off["description"]));
    admin.patch(MAIN, &json!({"enabled": false})).ok();
    assert_eq!(server.database.secrets(), secrets, "nothing was sealed or cleared");
}

#[test]
fn i5_a_resource_that_points_elsewhere_brings_every_secret() {
    let server = &Server::start();
    let admin = start(server);
    for way in [Way::Replace, Way::Merge, Way::Bulk] {
        for elsewhere in [
            json!({"endpoint": EVIL}),
            json!({"endpoint": ""}),
            json!({"endpoint": [GOOD, EVIL]}),
            json!({"endpoint": {"": EVIL}}),
            json!({"httpsProxy": EVIL}),
            json!({"region": "us"}),
            json!({"headers": {"Host": "evil.example.org"}}),
            json!({"headers": {"X-One": "v"}}),
            json!({"completionsPath": "@evil.example.org/"}),
            json!({"endpoint": EVIL, "api_key": "sk-own"}),
            json!({"endpoint": EVIL, "password": "p-own"}),
        ] {
            server.unchanged(|| {
                let error = Whose::Resource.save(&admin, way, &elsewhere).refused(409, "");
                let place = Whose::Resource.place(way);
                let expected: Vec<_> = ["api_key", "password"]
                    .into_iter()
                    .filter(|key| elsewhere.get(key).is_none())
                    .map(|key| format!("{place}configuration.{key}"))
                    .collect();
                assert_eq!(named(&error), expected, "{elsewhere}: {error}");
            });
        }
        let all = json!({"endpoint": EVIL, "api_key": "sk-own", "password": "p-own"});
        assert_eq!(Whose::Resource.save(&admin, way, &all).status, 200);
        assert_eq!(resolved(&admin, GPT), all);
        let none = json!({"endpoint": EVIL, "api_key": "", "password": true});
        assert_eq!(Whose::Resource.save(&admin, way, &none).status, 200);
        assert_eq!(resolved(&admin, GPT), none);
        assert_eq!(Whose::Resource.save(&admin, way, &json!({})).status, 200);
        assert_eq!(resolved(&admin, GPT)["api_key"], "sk-whole");
    }
}

#[test]
fn i5_a_resource_that_points_to_the_same_inherits_until_the_integration_moves() {
    let server = &Server::start();
    let admin = start(server);
    Whose::Resource.save(&admin, Way::Replace, &json!({"endpoint": GOOD})).done();
    assert_eq!(resolved(&admin, GPT)["api_key"], "sk-whole");
    move_to(&admin, EVIL);
    server.unchanged(|| {
        admin.resolve(GPT).refused(409, "`configuration.api_key` was saved for another");
        let merge = json!({"configuration": {"model": "other"}});
        let error = admin.patch(GPT, &merge).refused(409, "");
        assert_eq!(named(&error), ["configuration.api_key", "configuration.password"]);
    });
    assert_eq!(resolved(&admin, MAIN)["endpoint"], EVIL);
    move_to(&admin, GOOD);
    assert_eq!(resolved(&admin, GPT)["api_key"], "sk-whole");
}

#[test]
fn i5_a_new_secret_of_the_integration_never_goes_to_where_only_a_resource_points() {
    let server = &Server::start();
    let admin = server.admin();
    let body = json!({"type": "openai", "enabled": true, "configuration": {"endpoint": GOOD}});
    admin.post(MAIN, &body).ok();
    Whose::Resource.save(&admin, Way::Replace, &json!({"endpoint": EVIL})).done();
    assert_eq!(resolved(&admin, GPT), json!({"endpoint": EVIL}));
    admin
        .post(
            MAIN,
            &with(
                &body,
                &json!({"configuration":
        {"endpoint": GOOD, "api_key": "sk-late"}}),
            ),
        )
        .ok();
    server.unchanged(|| {
        let answer = admin.resolve(GPT);
        assert!(!answer.text.contains("sk-late"), "{}", answer.text);
        answer.refused(409, "`configuration.api_key`");
    });
    assert_eq!(resolved(&admin, MAIN)["api_key"], "sk-late");
}

#[test]
fn a_resource_lies_over_its_integration_key_by_key() {
    let server = &Server::start();
    let admin = server.admin();
    let whole = json!({
        "api_key": "sk-whole", "password": "p-whole", "model": "a", "limits": {"a": 1, "b": 2},
        "extra": {"token": "t-whole", "note": "n"},
    });
    let body = json!({"type": "openai", "enabled": true, "configuration": whole});
    admin.post(MAIN, &body).ok();
    let own = json!({
        "model": "b", "limits": {"a": 3}, "extra": {"clientSecret": "s-own"}, "password": "",
    });
    Whose::Resource.save(&admin, Way::Replace, &own).done();
    assert_eq!(resolved(&admin, GPT), with(&whole, &own));
    assert_eq!(resolved(&admin, MAIN), whole);
    let cleared = json!({"configuration": {"extra": null, "password": null}});
    admin.patch(GPT, &cleared).done();
    let expected = with(&whole, &json!({"model": "b", "limits": {"a": 3}}));
    assert_eq!(resolved(&admin, GPT), expected);
}

#[test]
fn who_makes_a_resource_may_not_resolve_it_for_that() {
    let server = &Server::start();
    server.admin().post(MAIN, &openai("sk-1")).ok();
    let ada = server.granted("ada", ("INTEGRATION_PROVIDER", "main"), &["READ", "UPDATE"]);
    ada.post(GPT, &json!({"enabled": true})).done();
    assert_eq!(
        server.denied(|| ada.resolve(GPT).refused(403, "EXECUTE")),
        "denied EXECUTE INTEGRATION main:gpt"
    );
}
