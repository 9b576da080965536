//! Seals secrets before they reach storage, and opens them again; design section 5.
//!
//! A sealed value is text: `v1.<key id>.<base64url of nonce and ciphertext>`, sealed with
//! XChaCha20-Poly1305 under a random nonce. 192 bits of nonce need no counter to stay unique.

use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::domain::secret::Secret;
use crate::domain::{Error, Result};

const VERSION: &str = "v1";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// Where a sealed value belongs. It is bound into the seal: a value moved to another row or field
/// no longer opens.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The parts of the row's key, and the field.
    pub parts: &'a [&'a str],
}

impl Place<'_> {
    /// Unambiguous bytes: each part with its length in front.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in std::iter::once(&self.table).chain(self.parts) {
            bytes.extend((part.len() as u64).to_be_bytes());
            bytes.extend(part.as_bytes());
        }
        bytes
    }
}

/// The key that seals and opens.
pub struct Keyring {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl Keyring {
    /// A keyring with the key `text`: 32 bytes as 64 hexadecimal digits or in base64, white space
    /// around it ignored.
    ///
    /// # Errors
    ///
    /// A message that says what is wrong and never shows the key.
    pub fn parse(text: &Secret) -> Result<Self, BadKey> {
        let text = text.expose().trim().as_bytes();
        let bytes = HEXLOWER_PERMISSIVE.decode(text).or_else(|_| BASE64.decode(text));
        let bytes = bytes.map(Zeroizing::new).map_err(|_| BadKey::Encoding)?;
        if bytes.len() != KEY_BYTES {
            return Err(BadKey::Length(bytes.len()));
        }
        let cipher =
            XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| BadKey::Length(bytes.len()))?;
        let digest = Sha256::new().chain_update(b"podium seal key id").chain_update(&*bytes);
        let id = HEXLOWER.encode(&digest.finalize()[..6]);
        Ok(Self { id, cipher })
    }

    /// The text of a new random key.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when the system's random source fails.
    pub fn generate() -> Result<Secret> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(bytes.as_mut()).map_err(Error::internal)?;
        Ok(Secret::new(HEXLOWER.encode(bytes.as_ref())))
    }

    /// A short public name of the key, made from it by a hash.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals `secret` so that only this key, for this very place, can open it again.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when the system's random source fails.
    pub fn seal(&self, secret: &Secret, place: Place<'_>) -> Result<String> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(Error::internal)?;
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &place.bytes() };
        let ciphertext = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::internal("sealing failed"))?;
        let body = BASE64URL_NOPAD.encode(&[&nonce[..], &ciphertext].concat());
        Ok(format!("{VERSION}.{}.{body}", self.id))
    }

    /// Opens what [`Keyring::seal`] gave for the same place.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when it was sealed with another key or for another place, or changed.
    pub fn open(&self, sealed: &str, place: Place<'_>) -> Result<Secret> {
        let mut parts = sealed.splitn(3, '.');
        let (version, id, body) = (parts.next(), parts.next(), parts.next());
        if version != Some(VERSION) {
            return Err(Error::internal("a sealed value has an unknown format"));
        }
        if id != Some(self.id.as_str()) {
            return Err(Error::internal("a value was sealed with another key"));
        }
        let bytes = BASE64URL_NOPAD
            .decode(body.unwrap_or_default().as_bytes())
            .map_err(|_| Error::internal("a sealed value is damaged"))?;
        let (nonce, ciphertext) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(|| Error::internal("a sealed value is damaged"))?;
        let payload = Payload { msg: ciphertext, aad: &place.bytes() };
        let plain = self
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| Error::internal("a sealed value is damaged or not in its place"))?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| Error::internal("not text"))
    }
}

/// Why a seal key cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum BadKey {
    /// It is neither hexadecimal nor base64.
    Encoding,
    /// It has this many bytes.
    Length(usize),
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("must be 64 hexadecimal digits, or 32 bytes in base64"),
            Self::Length(bytes) => write!(
                f,
                "must be 64 hexadecimal digits, or 32 bytes in base64, and has {bytes} bytes"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn a_bad_key_is_refused_without_being_shown() {
        let parse = |text: &str| Keyring::parse(&Secret::new(text.into())).map(|_| ());
        assert_eq!(parse(&"!".repeat(64)), Err(BadKey::Encoding));
        assert_eq!(parse(&"g".repeat(64)), Err(BadKey::Length(48)));
        assert_eq!(parse(&BASE64.encode(&[7; 32])), Ok(()));
        assert_eq!(parse("abcd"), Err(BadKey::Length(2)));
        assert_eq!(parse(&format!("{}\n", "AB".repeat(32))), Ok(()));
        assert!(parse(Keyring::generate().unwrap().expose()).is_ok());
    }
}
