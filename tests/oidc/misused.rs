//! Tokens with a good signature that say or stand for something else, or in another place: F6 to
//! F8, for our own tokens and the providers'.

use serde_json::json;

use crate::keys::{SigningKey, encoded};
use crate::server::Server;
use crate::{INVALID, Setting, both, decoded, parts};

#[test]
fn f6_times_are_needed_and_kept() {
    let setting = Setting::new();
    let now = crate::now();
    setting.takes(&setting.token_with("exp", json!(now - 1)));
    setting.takes(&setting.token_with("nbf", json!(0)));
    for exp in [0, 1, now - 120, now - 61] {
        let reply = setting.server.get(&setting.token_with("exp", json!(exp)), "/token/userInfo");
        assert_eq!(reply.code(), (401, "EXPIRED_TOKEN"), "{exp}");
    }
    for name in ["exp", "nbf", "iat"] {
        for value in
            ["\"soon\"", "\"9999999999\"", "1e400", "9999999999.5", "-1", "[1]", "null", "true"]
        {
            let claims = setting.token_with(name, json!("HERE"));
            let claims = decoded(parts(&claims)[1]);
            let text = json!(claims).to_string().replace("\"HERE\"", value);
            setting.refuses(&setting.key.sign_text(&setting.key.header().to_string(), &text));
        }
        let mut claims = setting.claims();
        claims.as_object_mut().unwrap().shift_remove(name);
        setting.refuses(&setting.key.sign(&claims));
    }
    // A minute of leeway, and far more for the time that the test takes.
    setting.refuses(&setting.token_with("nbf", json!(now + 3000)));
    setting.refuses(&setting.token_with("iat", json!(now + 3000)));
    // One that expired and is also wrong is not told that a new one would do.
    let mut claims = setting.claims();
    claims["exp"] = json!(now - 120);
    claims["aud"] = json!("other");
    setting.refuses(&setting.key.sign(&claims));
    setting.refuses(&SigningKey::es256("k1").sign(&claims));
}

#[test]
fn f7_a_token_for_somebody_else_is_refused() {
    let setting = Setting::new();
    setting.takes(&setting.token_with("aud", json!(["other", "podium"])));
    for aud in [
        json!("web-client"),
        json!("podium/"),
        json!("Podium"),
        json!(["other"]),
        json!([]),
        json!(null),
    ] {
        setting.refuses(&setting.token_with("aud", aud));
    }
    let issuer = setting.provider.issuer.clone();
    for iss in [
        json!(issuer.clone() + "/"),
        json!(issuer[..issuer.len() - 1]),
        json!(issuer.to_uppercase()),
        json!(issuer.replace("127.0.0.1", "localhost")),
        json!([issuer]),
        json!("podium"),
        json!(""),
        json!(null),
    ] {
        setting.refuses(&setting.token_with("iss", iss));
    }
    for missing in ["aud", "iss"] {
        let mut claims = setting.claims();
        claims.as_object_mut().unwrap().shift_remove(missing);
        setting.refuses(&setting.key.sign(&claims));
    }
    // Of another environment: a provider that nobody here trusts.
    let stranger = Setting::new();
    setting.refuses(&stranger.token());
    setting.refuses(&stranger.server.admin());
    // One of ours, dressed up as the provider's, and the other way round.
    let [header, _, signature] = parts(&setting.server.admin()).map(str::to_owned);
    let claims = encoded(&setting.claims().to_string());
    setting.refuses(&format!("{header}.{claims}.{signature}"));
    let ours = decoded(parts(&setting.server.admin())[1]);
    setting.refuses(&setting.key.sign(&json!(ours)));
    let mut with_issuer = json!(ours);
    with_issuer["iss"] = json!(setting.provider.issuer);
    setting.refuses(&setting.key.sign(&with_issuer));
}

#[test]
fn f8_a_token_has_one_form_and_one_place() {
    let setting = Setting::new();
    for token in both(&setting) {
        let [header, claims, signature] = parts(&token);
        for changed in [
            format!("{header}.{claims}"),
            header.to_owned(),
            format!("{token}."),
            format!(".{token}"),
            format!("{token}.{signature}"),
            format!("{token}.{claims}.{signature}"),
            format!("{header}..{claims}.{signature}"),
            format!("{token}="),
            format!("{token}=="),
            format!("{header}=.{claims}.{signature}"),
            format!("{header}. {claims}.{signature}"),
            format!("{header} .{claims}.{signature}"),
            format!("Bearer {token}"),
            format!("bearer {token}"),
            format!("{token},{token}"),
            format!("{token} {token}"),
            format!("\"{token}\""),
        ] {
            setting.refuses(&changed);
        }
        in_its_place(&setting.server, &token);
    }
    let text = setting.claims().to_string();
    let (head, text) = (setting.key.header().to_string(), text.trim_start_matches('{'));
    for twice in
        ["\"sub\":\"root\",", "\"aud\":\"podium\",", "\"exp\":1,", "\"s\\u0075b\":\"root\","]
    {
        setting.refuses(&setting.key.sign_text(&head, &format!("{{{twice}{text}")));
    }
    let head = head.trim_start_matches('{');
    for twice in ["\"alg\":\"none\",", "\"kid\":\"k2\","] {
        let claims = setting.claims().to_string();
        setting.refuses(&setting.key.sign_text(&format!("{{{twice}{head}"), &claims));
    }
}

/// The places a good token may be in, and those it may not.
fn in_its_place(server: &Server, token: &str) {
    let bearer = format!("Bearer {token}");
    let status = |headers: &[(&str, &str)], query: &str| {
        let reply = server.send("GET", &format!("/token/userInfo{query}"), headers, None);
        assert!(reply.status == 200 || reply.code() == INVALID, "{reply:?}");
        reply.status
    };
    assert_eq!(status(&[("X-Authorization", token)], ""), 200);
    assert_eq!(status(&[("Authorization", &bearer)], ""), 200);
    assert_eq!(status(&[("x-authorization", &format!("  {token} "))], ""), 200);
    let refused: [&[(&str, &str)]; 8] = [
        &[],
        &[("X-Authorization", "")],
        &[("X-Authorization", &bearer)],
        &[("Authorization", token)],
        &[("Authorization", "Bearer ")],
        &[("X-Authorization", token), ("X-Authorization", token)],
        &[("Authorization", &bearer), ("Authorization", "Basic YTpi")],
        &[("X-Authorization", "x"), ("Authorization", &bearer)],
    ];
    for headers in refused {
        assert_eq!(status(headers, ""), 401, "{headers:?}");
    }
    for name in ["token", "access_token", "X-Authorization", "Authorization"] {
        assert_eq!(status(&[], &format!("?{name}={token}")), 401, "{name}");
    }
}
