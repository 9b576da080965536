//! Tokens whose signature is not what it seems: F1 to F5, for our own tokens and the providers'.

use std::thread;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::json;

use crate::keys::{SigningKey, encoded};
use crate::{Setting, both, decoded, parts};

#[test]
fn f1_a_token_without_its_algorithm_is_refused() {
    let setting = Setting::new();
    for token in both(&setting) {
        let [header, claims, signature] = parts(&token);
        let header = decoded(header);
        for alg in [
            json!("none"),
            json!("None"),
            json!("NONE"),
            json!("nOnE"),
            json!(""),
            json!(null),
            json!(["ES256", "HS256"]),
            json!(0),
            json!("es256"),
            json!("hs256"),
            json!(" ES256"),
        ] {
            let mut changed = header.clone();
            changed.insert("alg".to_owned(), alg);
            let changed = encoded(&json!(changed).to_string());
            for signature in [signature, "", "AA"] {
                setting.refuses(&format!("{changed}.{claims}.{signature}"));
            }
        }
        let mut missing = header.clone();
        missing.shift_remove("alg");
        setting.refuses(&format!("{}.{claims}.{signature}", encoded(&json!(missing).to_string())));
        setting.refuses(&format!("{}.{claims}.", parts(&token)[0]));
    }
}

#[test]
fn f2_what_a_provider_publishes_signs_nothing() {
    let setting = Setting::with_key(SigningKey::rs256("k1", 2048));
    setting.takes(&setting.token());
    let jwk = setting.key.jwk();
    let n = jwk["n"].as_str().unwrap();
    let raw = BASE64URL_NOPAD.decode(n.as_bytes()).unwrap();
    let json = jwk.to_string();
    let secrets: [&[u8]; 4] = [json.as_bytes(), n.as_bytes(), &raw, b""];
    for (algorithm, name) in
        [(Algorithm::HS256, "HS256"), (Algorithm::HS384, "HS384"), (Algorithm::HS512, "HS512")]
    {
        for secret in secrets {
            let header = json!({"typ": "JWT", "alg": name, "kid": "k1"}).to_string();
            let signed = format!("{}.{}", encoded(&header), encoded(&setting.claims().to_string()));
            let key = EncodingKey::from_secret(secret);
            let signature = crypto::sign(signed.as_bytes(), &key, algorithm).unwrap();
            setting.refuses(&format!("{signed}.{signature}"));
        }
    }
}

#[test]
fn f2_an_algorithm_is_not_swapped_for_another() {
    let setting = Setting::new();
    let (rsa, pss) = SigningKey::rs256("rsa", 2048).and_as("pss", Algorithm::PS256);
    setting.provider.publish(&[&setting.key, &rsa, &pss]);
    setting.takes(&rsa.sign(&setting.claims()));
    // A good signature of an algorithm that the provider is not trusted with.
    setting.refuses(&pss.sign(&setting.claims()));
    for token in both(&setting) {
        let [header, claims, signature] = parts(&token);
        let header = decoded(header);
        let own = header["alg"].clone();
        for alg in ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS512"] {
            let mut changed = header.clone();
            changed.insert("alg".to_owned(), json!(alg));
            if own != alg {
                let changed = encoded(&json!(changed).to_string());
                setting.refuses(&format!("{changed}.{claims}.{signature}"));
            }
        }
    }
    // Another key of the right kind, of the wrong kind, and the right key under another's name.
    setting.refuses(&SigningKey::es256("k1").sign(&setting.claims()));
    setting.refuses(&SigningKey::ed25519("k1").sign(&setting.claims()));
    let mut header = setting.key.header();
    header["kid"] = json!("k2");
    setting.refuses(&setting.key.sign_under(&header, &setting.claims()));
}

#[test]
fn f3_no_key_is_taken_from_a_token_and_no_place_of_one_is_asked() {
    let setting = Setting::new();
    let [ours, theirs] = both(&setting);
    let before = setting.provider.asked();
    let trap = setting.provider.issuer.clone() + "/trap";
    let forger = SigningKey::es256("forged");
    let members = [
        json!({"jku": trap}),
        json!({"x5u": trap}),
        json!({"jwk": forger.jwk()}),
        json!({"x5c": [encoded("certificate")]}),
        json!({"jku": trap, "x5u": trap, "jwk": forger.jwk(), "kid": "k1"}),
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"b64": false, "crit": ["b64"]}),
        json!({"b64": false}),
        json!({"enc": "A128GCM"}),
        json!({"zip": "DEF"}),
        json!({"typ": "logout+jwt"}),
        json!({"typ": "dpop+jwt"}),
        json!({"typ": 1}),
    ];
    for members in &members {
        let mut header = forger.header();
        for (name, value) in members.as_object().unwrap() {
            header[name] = value.clone();
        }
        setting.refuses(&forger.sign_under(&header, &setting.claims()));
        // Put into the header of a good token, they break its signature.
        for token in [&ours, &theirs] {
            let [header, claims, signature] = parts(token);
            let mut header = decoded(header);
            header.extend(members.as_object().unwrap().clone());
            let header = encoded(&json!(header).to_string());
            setting.refuses(&format!("{header}.{claims}.{signature}"));
        }
        // Signed by the provider itself: what changes the meaning of a token is refused, the
        // places of keys are passed over.
        let mut header = setting.key.header();
        for (name, value) in members.as_object().unwrap() {
            header[name] = value.clone();
        }
        let token = setting.key.sign_under(&header, &setting.claims());
        if members.get("jku").or(members.get("x5u")).or(members.get("jwk")).is_some()
            || members.get("x5c").is_some()
        {
            setting.takes(&token);
        } else {
            setting.refuses(&token);
        }
    }
    // Five parts, as an encrypted token has, and a token within a token.
    setting.refuses(&format!("{ours}.a.b"));
    let header = json!({"alg": "ES256", "kid": "k1", "cty": "JWT"}).to_string();
    setting.refuses(&setting.key.sign_text(&header, &theirs));
    setting.refuses(&setting.key.sign_text(&header, &json!(theirs).to_string()));
    let asked: Vec<_> = setting.provider.asked().into_iter().skip(before.len()).collect();
    assert!(asked.iter().all(|path| path != "/trap"), "{asked:?}");
}

#[test]
fn f4_a_key_id_is_a_name_and_nothing_else() {
    let setting = Setting::new();
    let [ours, theirs] = both(&setting);
    let long = "k".repeat(64 * 1024);
    let kids = [
        "../../dev/null",
        "/dev/null",
        "/proc/self/environ",
        "file:///etc/passwd",
        "k1' OR '1'='1",
        "k1'; DROP TABLE access_key; --",
        "k1\0",
        "\0",
        "",
        " k1",
        "k1 ",
        "K1",
        "ｋ1",
        "k１",
        "k\u{200b}1",
        "*",
        "http://127.0.0.1/keys",
        &long,
    ];
    for kid in kids {
        let mut header = setting.key.header();
        header["kid"] = json!(kid);
        setting.refuses(&setting.key.sign_under(&header, &setting.claims()));
        for token in [&ours, &theirs] {
            let [header, claims, signature] = parts(token);
            let mut header = decoded(header);
            header.insert("kid".to_owned(), json!(kid));
            let header = encoded(&json!(header).to_string());
            setting.refuses(&format!("{header}.{claims}.{signature}"));
        }
    }
    for kid in [json!(null), json!(1), json!(["k1"]), json!({"k1": 1})] {
        let mut header = setting.key.header();
        header["kid"] = kid;
        setting.refuses(&setting.key.sign_under(&header, &setting.claims()));
    }
    let mut header = setting.key.header();
    header.as_object_mut().unwrap().shift_remove("kid");
    setting.refuses(&setting.key.sign_under(&header, &setting.claims()));
    setting.takes(&theirs);
    assert_eq!(setting.server.who(&ours).0, 200);
}

#[test]
fn f4_unknown_keys_from_many_clients_are_one_question_to_the_provider() {
    let setting = Setting::new();
    let began = std::time::Instant::now();
    thread::scope(|scope| {
        for client in 0..8 {
            let setting = &setting;
            scope.spawn(move || {
                for n in 0..250 {
                    let kid = format!("unknown-{client}-{n}");
                    let header = json!({"alg": "ES256", "kid": kid}).to_string();
                    let claims = setting.claims().to_string();
                    setting.refuses(&format!("{}.{}.AAAA", encoded(&header), encoded(&claims)));
                }
            });
        }
    });
    // One for the first, and one more for every further minute that a slow machine took.
    let most = 1 + began.elapsed().as_secs() / 60;
    assert!(setting.provider.asked_for_keys() as u64 <= most, "{:?}", setting.provider.asked());
    setting.takes(&setting.token());
}

#[test]
fn f5_a_broken_signature_is_refused() {
    let setting = Setting::new();
    for (token, is_ours) in both(&setting).iter().zip([true, false]) {
        let [header, claims, signature] = parts(token);
        let good = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let length = good.len();
        let mut broken = vec![
            vec![0; length],
            vec![0xff; length],
            good[..length - 1].to_vec(),
            good[..length / 2].to_vec(),
            [&good[..], &[0]].concat(),
            [&[0], &good[..]].concat(),
            [&good[length / 2..], &good[..length / 2]].concat(),
            vec![],
        ];
        let mut r_zero = good.clone();
        r_zero[..length / 2].fill(0);
        let mut s_zero = good.clone();
        s_zero[length / 2..].fill(0);
        broken.extend([r_zero, s_zero]);
        for bit in (0..length * 8).step_by(17) {
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            broken.push(flipped);
        }
        for signature in broken {
            setting.refuses(&format!("{header}.{claims}.{}", BASE64URL_NOPAD.encode(&signature)));
        }
        if !is_ours {
            // s and n - s are both good signatures by the letter of ES256, and providers send
            // either: nothing here takes a token's text for its identity.
            let turned = [&good[..32], &negated(&good[32..])[..]].concat();
            setting.takes(&format!("{header}.{claims}.{}", BASE64URL_NOPAD.encode(&turned)));
        }
    }
}

/// The order of P-256 less `s`.
fn negated(s: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
        0x25, 0x51,
    ];
    let mut rest = vec![0; 32];
    let mut borrow = false;
    for index in (0..32).rev() {
        let (first, under) = ORDER[index].overflowing_sub(s[index]);
        let (second, under_again) = first.overflowing_sub(u8::from(borrow));
        rest[index] = second;
        borrow = under || under_again;
    }
    rest
}
