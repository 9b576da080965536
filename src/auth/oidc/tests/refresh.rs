//! When keys are read, and how long they work.

use std::sync::mpsc::channel;

use super::*;

#[test]
fn f4_unknown_keys_are_asked_for_once_a_minute() {
    let start = Instant::now();
    let key = SigningKey::ed25519("k");
    let provider = Provider::with_keys(&[&key]);
    let issuers = issuers(&provider.fetch());
    let unknown = SigningKey::ed25519("unknown").sign(&claims());
    assert_eq!(bearer(&issuers, &key.sign(&claims()), after(start, 0)), "ann");
    assert_eq!(provider.asked_for(JWKS), 1);
    for (second, asked) in [(1, 1), (59, 1), (60, 2), (61, 2), (119, 2), (120, 3), (121, 3)] {
        assert_eq!(bearer(&issuers, &unknown, after(start, second)), "invalid");
        assert_eq!(provider.asked_for(JWKS), asked, "after {second} s");
        assert_eq!(bearer(&issuers, &key.sign(&claims()), after(start, second)), "ann");
    }
    assert_eq!(provider.asked_for(DISCOVERY), 3);
}

#[test]
fn f4_ten_thousand_unknown_keys_at_once_are_one_question() {
    let start = Instant::now();
    let key = SigningKey::ed25519("k");
    let provider = Provider::with_keys(&[&key]);
    let issuers = issuers(&provider.fetch());
    run(async {
        let mut asking = tokio::task::JoinSet::new();
        for n in 0..10_000 {
            let header = json!({"alg": "EdDSA", "kid": format!("unknown-{n}")});
            let token =
                format!("{}.{}.AAAA", encoded(&header.to_string()), encoded(&claims().to_string()));
            let claimed = issuers.claimed(&token).unwrap();
            asking.spawn(claimed.identity(after(start, 0)));
        }
        let good = issuers.claimed(&key.sign(&claims())).unwrap();
        asking.spawn(good.identity(after(start, 0)));
        let outcomes = asking.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    });
    assert_eq!((provider.asked_for(DISCOVERY), provider.asked_for(JWKS)), (1, 1));
}

#[test]
fn f15_a_new_key_works_once_it_is_published_and_an_old_one_until_it_is_withdrawn() {
    let start = Instant::now();
    let (old, new) = (SigningKey::ed25519("old"), SigningKey::ed25519("new"));
    let provider = Provider::with_keys(&[&old]);
    let issuers = issuers(&provider.fetch());
    let who =
        |key: &SigningKey, seconds| bearer(&issuers, &key.sign(&claims()), after(start, seconds));
    assert_eq!(who(&old, 0), "ann");
    provider.publish(&[&old, &new]);
    assert_eq!((who(&new, 59), who(&old, 59)), ("invalid", "ann"));
    assert_eq!((who(&new, 60), who(&old, 60)), ("ann", "ann"));
    provider.publish(&[&new]);
    assert_eq!(who(&old, 60 + 3599), "ann");
    assert_eq!(provider.asked_for(JWKS), 2);
    assert_eq!((who(&old, 60 + 3600), who(&new, 60 + 3600)), ("invalid", "ann"));
    assert_eq!(provider.asked_for(JWKS), 3);
    // An unknown key brings the withdrawal forward.
    provider.publish(&[]);
    assert_eq!(who(&SigningKey::ed25519("x"), 60 + 3660), "invalid");
    assert_eq!(who(&new, 60 + 3661), "invalid");
}

#[test]
fn f15_a_key_of_the_same_name_is_not_the_same_key() {
    let start = Instant::now();
    let (old, new) = (SigningKey::ed25519("k"), SigningKey::ed25519("k"));
    let provider = Provider::with_keys(&[&old]);
    let issuers = issuers(&provider.fetch());
    assert_eq!(bearer(&issuers, &old.sign(&claims()), after(start, 0)), "ann");
    provider.publish(&[&new]);
    assert_eq!(bearer(&issuers, &new.sign(&claims()), after(start, 61)), "invalid");
    assert_eq!(bearer(&issuers, &new.sign(&claims()), after(start, 3600)), "ann");
    assert_eq!(bearer(&issuers, &old.sign(&claims()), after(start, 3600)), "invalid");
}

#[test]
fn f15_the_known_keys_stay_while_the_provider_is_down() {
    let start = Instant::now();
    let key = SigningKey::ed25519("k");
    let provider = Provider::with_keys(&[&key]);
    let issuers = issuers(&provider.fetch());
    let token = key.sign(&claims());
    assert_eq!(bearer(&issuers, &token, after(start, 0)), "ann");
    provider.fall_silent();
    for hour in 1..=24 {
        assert_eq!(bearer(&issuers, &token, after(start, hour * 3600)), "ann", "hour {hour}");
        assert_eq!(bearer(&issuers, &token, after(start, hour * 3600 + 30)), "ann");
        let unknown = SigningKey::ed25519("x").sign(&claims());
        assert_eq!(bearer(&issuers, &unknown, after(start, hour * 3600 + 30)), "invalid");
    }
    assert_eq!((provider.asked_for(DISCOVERY), provider.asked_for(JWKS)), (25, 1));
    // A page that is no key set is as good as none.
    provider.answer(DISCOVERY, &json!({"issuer": ISSUER, "jwks_uri": JWKS}));
    provider.answer(JWKS, &json!({"error": "maintenance"}));
    assert_eq!(bearer(&issuers, &token, after(start, 24 * 3600 + 60)), "ann");
    provider.publish(&[]);
    assert_eq!(bearer(&issuers, &token, after(start, 24 * 3600 + 120)), "invalid");
}

#[test]
fn f15_nobody_is_let_in_before_the_keys_were_read() {
    let start = Instant::now();
    let key = SigningKey::ed25519("k");
    let provider = Arc::new(Provider::default());
    let issuers = issuers(&provider.fetch());
    let token = key.sign(&claims());
    assert_eq!(bearer(&issuers, &token, after(start, 0)), "unavailable");
    provider.answer(DISCOVERY, &json!({"issuer": ISSUER, "jwks_uri": JWKS}));
    provider.publish(&[&key]);
    assert_eq!(bearer(&issuers, &token, after(start, 59)), "unavailable");
    assert_eq!(provider.asked_for(DISCOVERY), 1);
    assert_eq!(bearer(&issuers, &token, after(start, 60)), "ann");
}

#[test]
fn f15_discovery_speaks_for_its_own_issuer_and_points_to_a_safe_place() {
    let start = Instant::now();
    let key = SigningKey::ed25519("k");
    for found in [
        json!({"issuer": "https://id.example.com", "jwks_uri": JWKS}),
        json!({"issuer": "https://evil.example.com/", "jwks_uri": JWKS}),
        json!({"issuer": ISSUER}),
        json!({"issuer": ISSUER, "jwks_uri": "http://keys.example.com/jwks"}),
        json!({"issuer": ISSUER, "jwks_uri": "http://127.0.0.1/jwks"}),
        json!({"issuer": ISSUER, "jwks_uri": "file:///etc/passwd"}),
        json!([]),
    ] {
        let provider = Provider::with_keys(&[&key]);
        provider.answer(DISCOVERY, &found);
        let issuers = issuers(&provider.fetch());
        let outcome = bearer(&issuers, &key.sign(&claims()), after(start, 0));
        assert_eq!(outcome, "unavailable", "{found}");
        assert_eq!(*provider.asked.lock().unwrap(), [DISCOVERY]);
    }
}

#[test]
fn a_request_that_leaves_does_not_stop_the_reading_it_began() {
    let start = Instant::now();
    let key = SigningKey::ed25519("k");
    let provider = Provider::with_keys(&[&key]);
    let ((began, has_began), (go_on, may_go_on)) = (channel(), channel::<()>());
    let (answer, may_go_on) = (provider.fetch(), Mutex::new(may_go_on));
    let slow: Arc<Fetch> = Arc::new(move |url: &str| {
        if url == DISCOVERY {
            began.send(()).unwrap();
            may_go_on.lock().unwrap().recv().unwrap();
        }
        answer(url)
    });
    let issuers = issuers(&slow);
    let token = key.sign(&claims());
    run(async {
        let leaving = tokio::spawn(issuers.claimed(&token).unwrap().identity(after(start, 0)));
        tokio::task::yield_now().await;
        tokio::task::spawn_blocking(move || has_began.recv().unwrap()).await.unwrap();
        leaving.abort();
        assert!(leaving.await.unwrap_err().is_cancelled());
        let next = tokio::spawn(issuers.claimed(&token).unwrap().identity(after(start, 1)));
        tokio::task::yield_now().await;
        go_on.send(()).unwrap();
        assert!(next.await.unwrap().is_ok());
    });
    assert_eq!(provider.asked_for(JWKS), 1);
}
