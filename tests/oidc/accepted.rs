//! Tokens that are good: whom they stand for, and how long their keys work.

use serde_json::json;

use crate::keys::SigningKey;
use crate::provider::{Mood, Provider};
use crate::server::Home;
use crate::{INVALID, Setting, claims, trusted};

#[test]
fn a_provider_s_token_is_its_user_with_what_they_have_now() {
    let setting = Setting::new();
    let (server, admin, token) = (&setting.server, setting.server.admin(), setting.token());
    let said = setting.claims();
    let info = server.get(&setting.key.sign(&said), "/token/userInfo?claims=true").json;
    assert_eq!((&info["user"]["id"], &info["claims"]), (&json!("ann"), &said));
    assert_eq!(info["user"]["roles"][0]["name"], "USER");

    // Of themself they see all, of others nothing.
    for path in [
        "/users/ann",
        "/users/ANN/permissions",
        "/users/ann/checkPermissions?type=APPLICATION&id=x",
    ] {
        assert_eq!(server.get(&token, path).status, 200, "{path}");
    }
    assert_eq!(server.put(&admin, "/users/ben", &json!({"name": "Ben"})).status, 200);
    assert_eq!(server.get(&token, "/users/ben").code(), (403, ""));

    // What they make is theirs, and what they are given or lose counts at once.
    let body =
        json!({"type": "openai", "category": "AI_MODEL", "enabled": true, "configuration": {}});
    assert_eq!(server.post(&token, "/integrations/provider/mine", &body).status, 200);
    let mine = server.get(&token, "/integrations/provider/mine").json;
    assert_eq!(mine["createdBy"], "ann");
    assert_eq!(server.post(&admin, "/integrations/provider/theirs", &body).status, 200);
    assert_eq!(server.get(&token, "/integrations/provider/theirs").status, 403);
    let grant = json!({
        "subject": {"type": "USER", "id": "ann"},
        "target": {"type": "INTEGRATION_PROVIDER", "id": "theirs"},
        "access": ["READ"],
    });
    assert_eq!(server.post(&admin, "/auth/authorization", &grant).status, 200);
    assert_eq!(server.get(&token, "/integrations/provider/theirs").status, 200);
    assert_eq!(server.get(&token, "/applications").json, json!([]));
    let roles = json!({"name": "Ann", "roles": ["ADMIN"]});
    assert_eq!(server.put(&admin, "/users/ann", &roles).status, 200);
    assert_ne!(server.get(&token, "/applications").json, json!([]));
    let roles = json!({"name": "Ann", "roles": []});
    assert_eq!(server.put(&admin, "/users/ann", &roles).status, 200);
    assert_eq!(server.get(&token, "/applications").json, json!([]));

    // Without the user the token is worth nothing, for reading as for writing.
    assert_eq!(server.delete(&admin, "/users/ann").status, 200);
    assert_eq!(server.get(&token, "/integrations/provider").code(), INVALID);
    assert_eq!(server.post(&token, "/integrations/provider/mine", &body).code(), INVALID);
    assert_eq!(server.put(&admin, "/users/ann", &json!({"name": "Another Ann"})).status, 200);
    assert_eq!(server.get(&token, "/integrations/provider/theirs").status, 403);
}

#[test]
fn a_provider_s_token_opens_arize_s_dialect_too() {
    let setting = Setting::new();
    let (server, admin) = (&setting.server, setting.server.admin());
    let bearer = format!("Bearer {}", setting.token());
    let headers = &[("Authorization", bearer.as_str())];
    let config = json!({"provider": "OPEN_AI", "api_key": "sk-1"});
    let body = json!({"type": "LLM", "name": "mine", "config": config});
    let made = server.send("POST", "/v2/integrations", headers, Some(&body));
    assert_eq!((made.status, &made.json["name"]), (201, &json!("mine")), "{}", made.json);
    let mine = server.get(&admin, "/integrations/provider/mine").json;
    assert_eq!(mine["createdBy"], "ann");
    let listed = server.send("GET", "/v2/integrations", headers, None);
    assert_eq!(listed.json["integrations"], json!([made.json]));

    assert_eq!(server.delete(&admin, "/users/ann").status, 200);
    let gone = server.send("GET", "/v2/integrations", headers, None);
    assert_eq!((gone.status, &gone.json["status"]), (401, &json!(401)));
}

#[test]
fn a_user_whom_nobody_knows_or_who_is_reserved_is_refused() {
    let setting = Setting::new();
    let admin = setting.server.get(&setting.server.admin(), "/token/userInfo").json;
    let application = admin["id"].as_str().unwrap();
    for sub in [
        json!("nobody"),
        json!(application),
        json!(application.to_uppercase()),
        json!("local"),
        json!("app:"),
        json!(""),
        json!(" ann"),
        json!("ann\0"),
        json!(["ann"]),
        json!(null),
    ] {
        setting.refuses(&setting.token_with("sub", sub));
    }
    setting.takes(&setting.token_with("sub", json!("Ann")));
}

#[test]
fn f16_a_job_is_its_application_only_from_the_right_place() {
    let key = SigningKey::ed25519("k1");
    let provider = Provider::start(&[&key]);
    let home = Home::new();
    let application = {
        let server = home.start();
        let admin = server.admin();
        let made = server.post(&admin, "/applications", &json!({"name": "deploy"})).json;
        let id = made["id"].as_str().unwrap().to_owned();
        let path = format!("/applications/{id}/roles/USER");
        assert_eq!(server.post(&admin, &path, &json!({})).status, 200);
        id
    };
    let bound = json!({
        "repository": "acme/site", "ref": "refs/heads/main", "environment": "production",
    });
    let mut entry = trusted(&provider.issuer);
    entry["rules"] = json!([
        {"claims": bound, "to": {"application": application}},
        {"claims": {"repository": "acme/ghost"}, "to": {"application": "no-such-application"}},
        {"claims": {"repository": "acme/site", "role": "person"}, "to": {"user": "actor"}},
    ]);
    home.trust(&json!([entry]));
    let server = home.start();
    let token = |change: serde_json::Value| {
        let mut claims = claims(&provider.issuer);
        for (name, value) in bound.as_object().unwrap().iter().chain(change.as_object().unwrap()) {
            claims[name] = value.clone();
        }
        key.sign(&claims)
    };
    let good = token(json!({"actor": "ann", "run_id": "1"}));
    assert_eq!(server.who(&good), (200, format!("app:{application}")));
    for wrong in [
        json!({"repository": "acme/other"}),
        json!({"repository": "mallory/site"}),
        json!({"repository": "acme/site-fork"}),
        json!({"repository": "ACME/site"}),
        json!({"repository": ["acme/site"]}),
        json!({"repository": "*"}),
        json!({"repository": ""}),
        json!({"repository": null}),
        json!({"ref": "refs/heads/feature"}),
        json!({"ref": "refs/heads/main2"}),
        json!({"ref": "refs/tags/main"}),
        json!({"ref": "refs/pull/7/merge"}),
        json!({"ref": "main"}),
        json!({"environment": "staging"}),
        json!({"environment": null}),
        json!({"repository": "acme/ghost"}),
        json!({"ref": "x", "role": "person"}),
        json!({"ref": "x", "role": "person", "actor": "nobody"}),
        json!({"ref": "x", "role": "person", "actor": format!("app:{application}")}),
    ] {
        let (status, code) = server.who(&token(wrong.clone()));
        assert_eq!((status, code.as_str()), INVALID, "{wrong}");
    }
    for missing in ["repository", "ref", "environment"] {
        let mut claims = claims(&provider.issuer);
        for (name, value) in bound.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().shift_remove(missing);
        assert_eq!(server.get(&key.sign(&claims), "/token/userInfo").code(), INVALID, "{missing}");
    }

    // The audit log names the provider; the role counts as long as the application has it.
    let body =
        json!({"type": "openai", "category": "AI_MODEL", "enabled": true, "configuration": {}});
    assert_eq!(server.post(&good, "/integrations/provider/one", &body).status, 200);
    let admin = server.admin();
    let path = format!("/applications/{application}/roles/USER");
    assert_eq!(server.delete(&admin, &path).status, 200);
    assert_eq!(server.post(&good, "/integrations/provider/two", &body).code(), (403, ""));
    assert_eq!(server.delete(&admin, &format!("/applications/{application}")).status, 200);
    assert_eq!(server.get(&good, "/token/userInfo").code(), INVALID);
    drop(server);
    let sql = format!(
        "SELECT key_id, target_id || ' ' || outcome FROM audit
         WHERE subject = 'app:{application}' ORDER BY seq"
    );
    let by_provider = |what: &str| [&provider.issuer, what].map(str::to_owned);
    assert_eq!(home.database.rows(&sql), [by_provider("one done"), by_provider("two denied")]);
}

#[test]
fn f15_a_new_key_takes_over_without_a_pause() {
    let setting = Setting::new();
    let next = SigningKey::rs256("k2", 2048);
    setting.provider.publish(&[&setting.key, &next]);
    setting.takes(&next.sign(&setting.claims()));
    setting.takes(&setting.token());
    assert_eq!(setting.provider.asked_for_keys(), 1);
}

#[test]
fn f15_without_keys_nobody_comes_in_and_our_own_tokens_work() {
    for mood in [Mood::Broken, Mood::Elsewhere, Mood::Endless] {
        let setting = Setting::new();
        setting.provider.becomes(mood);
        assert_eq!(setting.server.who(&setting.token()), (503, String::new()));
        setting.provider.becomes(Mood::Well);
        // Asked again too soon.
        assert_eq!(setting.server.who(&setting.token()), (503, String::new()));
        assert_eq!(setting.provider.asked(), ["/.well-known/openid-configuration"]);
        assert_eq!(setting.server.who(&setting.server.admin()).0, 200);
    }
}

#[test]
fn keys_come_only_from_where_a_trusted_certificate_says() {
    for (name, is_own, status) in
        [("127.0.0.1", true, 200), ("127.0.0.1", false, 503), ("id.example.com", true, 503)]
    {
        let key = SigningKey::es256("k1");
        let (provider, own) = Provider::start_with_tls(&[&key], name);
        let (_, other) = Provider::start_with_tls(&[], name);
        let home = Home::new();
        home.trust_certificates(if is_own { &own } else { &other });
        home.trust(&json!([trusted(&provider.issuer)]));
        let server = home.start();
        assert_eq!(server.put(&server.admin(), "/users/ann", &json!({"name": "Ann"})).status, 200);
        let found = server.who(&key.sign(&claims(&provider.issuer)));
        assert_eq!(found.0, status, "{name} {is_own}");
        assert_eq!(provider.asked_for_keys(), usize::from(status == 200));
    }
}

#[test]
fn providers_do_not_speak_for_each_other() {
    let (first, second) = (SigningKey::es256("k"), SigningKey::es256("k"));
    let (one, two) = (Provider::start(&[&first]), Provider::start(&[&second]));
    let home = Home::new();
    home.trust(&json!([trusted(&one.issuer), trusted(&two.issuer)]));
    let server = home.start();
    assert_eq!(server.put(&server.admin(), "/users/ann", &json!({"name": "Ann"})).status, 200);
    for (provider, right, wrong) in [(&one, &first, &second), (&two, &second, &first)] {
        assert_eq!(server.who(&right.sign(&claims(&provider.issuer))).0, 200);
        assert_eq!(server.who(&wrong.sign(&claims(&provider.issuer))).0, 401);
    }
}
