//! Sealing, opening, and what keys look like.

use super::*;

fn keyring(digit: &str) -> Keyring {
    Keyring::parse(&Secret::new(digit.repeat(64))).ok().unwrap()
}

fn place<'a>(parts: &'a [&'a str]) -> Place<'a> {
    Place { table: "secret", parts }
}

#[test]
fn a_sealed_value_opens_in_its_place_only() {
    let ring = keyring("a");
    let sealed = ring.seal(&Secret::new("s3cret".into()), place(&["x", "", "/a"])).unwrap();
    assert_eq!(ring.open(&sealed, place(&["x", "", "/a"])).unwrap().expose(), "s3cret");
    for other in [&["y", "", "/a"][..], &["x", "/a", ""], &["x", "", "/b"], &["x/a"]] {
        assert!(ring.open(&sealed, place(other)).is_err(), "{other:?}");
    }
    let elsewhere = Place { table: "server_key", parts: &["x", "", "/a"] };
    assert!(ring.open(&sealed, elsewhere).is_err());
}

#[test]
fn another_key_or_a_changed_value_does_not_open() {
    let (ring, other) = (keyring("a"), keyring("b"));
    let sealed = ring.seal(&Secret::new("s3cret".into()), place(&["x"])).unwrap();
    assert_ne!(ring.id(), other.id());
    assert!(other.open(&sealed, place(&["x"])).is_err());
    for broken in ["", "v1", "v1.", &sealed[..sealed.len() - 2], &sealed.replace("v1", "v2")] {
        assert!(ring.open(broken, place(&["x"])).is_err(), "{broken}");
    }
    let forged = sealed.replace(ring.id(), other.id());
    assert!(other.open(&forged, place(&["x"])).is_err());
}

#[test]
fn the_same_value_never_seals_to_the_same_text() {
    let ring = keyring("a");
    let seal = || ring.seal(&Secret::new("same".into()), place(&["x"])).unwrap();
    assert_ne!(seal(), seal());
    assert!(!seal().contains("same"));
}

#[test]
fn h10_no_nonce_comes_twice() {
    let ring = keyring("a");
    let nonces = |_| -> Vec<[u8; NONCE_BYTES]> {
        let seal = |_| ring.seal(&Secret::new("same".into()), place(&["x"])).unwrap();
        // The nonce comes first, and its 24 bytes are 32 characters.
        let nonce = |sealed: String| {
            let (_, body) = parts(&sealed).unwrap();
            BASE64URL_NOPAD.decode(&body.as_bytes()[..32]).unwrap().try_into().unwrap()
        };
        (0..100_000).map(seal).map(nonce).collect()
    };
    let all = std::thread::scope(|scope| {
        [1, 2].map(|it| scope.spawn(move || nonces(it))).map(|it| it.join().unwrap()).concat()
    });
    let mut seen = [[false; 256]; NONCE_BYTES];
    for nonce in &all {
        for (seen, byte) in seen.iter_mut().zip(nonce) {
            seen[usize::from(*byte)] = true;
        }
    }
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 200_000);
    assert!(seen.as_flattened().iter().all(|seen| *seen), "a byte takes not every value");
}

#[test]
fn a_bad_key_is_refused_without_being_shown() {
    let parse = |text: &str| Keyring::parse(&Secret::new(text.into())).map(|_| ());
    assert_eq!(parse(&"!".repeat(64)), Err(BadKey::Encoding));
    assert_eq!(parse(&"g".repeat(64)), Err(BadKey::Length(48)));
    assert_eq!(parse(&BASE64.encode(&[7; 32])), Ok(()));
    assert_eq!(parse("abcd"), Err(BadKey::Length(2)));
    assert_eq!(parse(&format!("{}\n", "AB".repeat(32))), Ok(()));
    assert_eq!(parse(" \n"), Err(BadKey::Length(0)));
    assert_eq!(parse(&format!("{0} {0}", "ab".repeat(32))), Err(BadKey::Twice));
    assert!(parse(Keyring::generate().unwrap().expose()).is_ok());
}

#[test]
fn the_first_of_several_keys_seals_and_each_opens() {
    let both = Secret::new(format!("{}\n{}\n", "b".repeat(64), "a".repeat(64)));
    let (old, both) = (keyring("a"), Keyring::parse(&both).ok().unwrap());
    let sealed = old.seal(&Secret::new("s3cret".into()), place(&["x"])).unwrap();
    assert_eq!(both.open(&sealed, place(&["x"])).unwrap().expose(), "s3cret");
    let resealed = both.seal(&Secret::new("s3cret".into()), place(&["x"])).unwrap();
    assert_eq!(key_id(&resealed).unwrap(), both.id());
    assert!(old.open(&resealed, place(&["x"])).is_err());
    assert!(keyring("b").open(&resealed, place(&["x"])).is_ok());
    assert_eq!(both.newest().expose(), "b".repeat(64));
    let three = Keyring::parse(&both.with_new().unwrap()).ok().unwrap();
    assert_eq!(three.ids().skip(1).collect::<Vec<_>>(), both.ids().collect::<Vec<_>>());
}
