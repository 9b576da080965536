//! Seals secrets before they reach storage, and opens them again; design section 5.
//!
//! A sealed value is text: `v1.<key id>.<base64url of nonce and ciphertext>`, sealed with
//! XChaCha20-Poly1305 under a random nonce. 192 bits of nonce need no counter to stay unique, and
//! nothing that a crash, a restored backup or a second server could set back: n values under one key
//! make n²/2 pairs, each of which is equal with a chance of 2^-192. For 10^7 values that is 2^-146,
//! and after 2^64 of them still below 2^-64.

mod live;
mod mac;

use std::collections::HashSet;
use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::domain::secret::Secret;
use crate::domain::{Error, Result};
pub use live::{Keep, Seal};
pub use mac::Mac;

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

/// The keys at hand: the first seals, each of them opens.
pub struct Keyring {
    keys: Vec<Key>,
}

/// One key.
struct Key {
    id: String,
    text: Secret,
    cipher: XChaCha20Poly1305,
}

impl Key {
    /// The key `text`.
    fn parse(text: &str) -> Result<Self, BadKey> {
        let encoded = text.as_bytes();
        let bytes = HEXLOWER_PERMISSIVE.decode(encoded).or_else(|_| BASE64.decode(encoded));
        let bytes = bytes.map(Zeroizing::new).map_err(|_| BadKey::Encoding)?;
        if bytes.len() != KEY_BYTES {
            return Err(BadKey::Length(bytes.len()));
        }
        let cipher =
            XChaCha20Poly1305::new_from_slice(&bytes).map_err(|_| BadKey::Length(bytes.len()))?;
        let digest = Sha256::new().chain_update(b"podium seal key id").chain_update(&*bytes);
        let id = HEXLOWER.encode(&digest.finalize()[..6]);
        Ok(Self { id, text: Secret::new(text.to_owned()), cipher })
    }
}

impl Keyring {
    /// The keys in `text`, between white space: each is 32 bytes, as 64 hexadecimal digits or in
    /// base64.
    ///
    /// # Errors
    ///
    /// A message that says what is wrong and never shows a key.
    pub fn parse(text: &Secret) -> Result<Self, BadKey> {
        let keys =
            text.expose().split_whitespace().map(Key::parse).collect::<Result<Vec<_>, _>>()?;
        let (all, ids) = (keys.len(), keys.iter().map(|key| &key.id).collect::<HashSet<_>>().len());
        match all {
            0 => Err(BadKey::Length(0)),
            _ if ids < all => Err(BadKey::Twice),
            _ => Ok(Self { keys }),
        }
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

    /// The ids of the keys, that of the one which seals first. An id is a short public name, made
    /// from the key by a hash.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.id.as_str())
    }

    /// The id of the key that seals.
    pub fn id(&self) -> &str {
        &self.keys[0].id
    }

    /// These keys and a new one before them, as text for [`Keyring::parse`].
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when the system's random source fails.
    pub fn with_new(&self) -> Result<Secret> {
        let new = Self::generate()?;
        let texts = std::iter::once(&new).chain(self.keys.iter().map(|key| &key.text));
        Ok(joined(texts))
    }

    /// The key that seals alone, as text.
    pub fn newest(&self) -> Secret {
        joined(self.keys.iter().map(|key| &key.text).take(1))
    }

    /// Seals `secret` so that only this key, for this very place, can open it again.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when the system's random source fails.
    pub fn seal(&self, secret: &Secret, place: Place<'_>) -> Result<String> {
        let Key { id, cipher, .. } = &self.keys[0];
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(Error::internal)?;
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &place.bytes() };
        let ciphertext = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::internal("sealing failed"))?;
        let body = BASE64URL_NOPAD.encode(&[&nonce[..], &ciphertext].concat());
        Ok(format!("{VERSION}.{id}.{body}"))
    }

    /// Opens what [`Keyring::seal`] gave for the same place.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when it was sealed with another key or for another place, or changed.
    pub fn open(&self, sealed: &str, place: Place<'_>) -> Result<Secret> {
        let (id, body) = parts(sealed)?;
        let key = self.keys.iter().find(|key| key.id == id);
        let key = key.ok_or_else(|| Error::internal("a value was sealed with another key"))?;
        let bytes = BASE64URL_NOPAD
            .decode(body.as_bytes())
            .map_err(|_| Error::internal("a sealed value is damaged"))?;
        let (nonce, ciphertext) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(|| Error::internal("a sealed value is damaged"))?;
        let payload = Payload { msg: ciphertext, aad: &place.bytes() };
        let plain = key
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| Error::internal("a sealed value is damaged or not in its place"))?;
        String::from_utf8(plain).map(Secret::new).map_err(|_| Error::internal("not text"))
    }
}

/// The id of the key that `sealed` was sealed with.
///
/// # Errors
///
/// [`Error::Internal`] when it is no sealed value.
pub fn key_id(sealed: &str) -> Result<&str> {
    parts(sealed).map(|(id, _)| id)
}

/// The key's id and the body of a sealed value.
fn parts(sealed: &str) -> Result<(&str, &str)> {
    let rest = sealed.strip_prefix(VERSION).and_then(|rest| rest.strip_prefix('.'));
    let rest = rest.ok_or_else(|| Error::internal("a sealed value has an unknown format"))?;
    rest.split_once('.').ok_or_else(|| Error::internal("a sealed value is damaged"))
}

/// Texts, a line for each.
fn joined<'t>(texts: impl Iterator<Item = &'t Secret>) -> Secret {
    let mut joined = Zeroizing::new(String::with_capacity(256));
    for text in texts {
        joined.push_str(text.expose());
        joined.push('\n');
    }
    Secret::new(joined.trim_end().to_owned())
}

/// Why a seal key cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub enum BadKey {
    /// It is neither hexadecimal nor base64.
    Encoding,
    /// It has this many bytes.
    Length(usize),
    /// The same key is there twice.
    Twice,
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding => f.write_str("must be 64 hexadecimal digits, or 32 bytes in base64"),
            Self::Length(bytes) => write!(
                f,
                "must be 64 hexadecimal digits, or 32 bytes in base64, and has {bytes} bytes"
            ),
            Self::Twice => f.write_str("must not hold the same key twice"),
        }
    }
}

#[cfg(test)]
mod tests;
