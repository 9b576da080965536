//! Access keys: made here, kept as a keyed hash, compared in constant time.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::configuration::mask::TAG;
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};

/// What an API key begins with: an access key as one string, `podium_<id>_<secret>`.
const PREFIX: &str = "podium_";

/// Hashes the secrets of access keys under a key of the installation.
///
/// The secrets we make are 256 random bits, so that a fast keyed hash is as good as a slow one:
/// there is nothing to guess, and a sign-in stays cheap.
pub struct KeyHasher {
    keyed: Hmac<Sha256>,
}

impl KeyHasher {
    /// A hasher under `key`.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when the key is unusable.
    pub fn new(key: &Secret) -> Result<Self> {
        let keyed = Hmac::new_from_slice(key.expose().as_bytes()).map_err(Error::internal)?;
        Ok(Self { keyed })
    }

    /// The hash of the secret of the access key `id`, in hexadecimal.
    pub fn hash(&self, id: &str, secret: &Secret) -> String {
        HEXLOWER.encode(&self.mac(id, secret).finalize().into_bytes())
    }

    /// Whether `hash` is the hash of this very secret of this very key. It takes the same time
    /// whatever the hash, also where there is no such key.
    pub fn verify(&self, id: &str, secret: &Secret, hash: Option<&str>) -> bool {
        let expected = hash.and_then(|text| HEXLOWER.decode(text.as_bytes()).ok());
        let known = expected.is_some();
        let expected = expected.unwrap_or_else(|| vec![0; 32]);
        self.mac(id, secret).verify_slice(&expected).is_ok() && known
    }

    fn mac(&self, id: &str, secret: &Secret) -> Hmac<Sha256> {
        let mut mac = self.keyed.clone();
        mac.update(&(id.len() as u64).to_be_bytes());
        mac.update(id.as_bytes());
        mac.update(secret.expose().as_bytes());
        mac
    }
}

/// A new secret: 256 bits of the system's random source, in hexadecimal.
///
/// # Errors
///
/// [`Error::Internal`] when that source fails.
pub fn new_secret() -> Result<Secret> {
    random_hex::<32>().map(Secret::new)
}

/// A new id of an access key: 128 random bits, in hexadecimal.
///
/// # Errors
///
/// [`Error::Internal`] when the system's random source fails.
pub fn new_id() -> Result<String> {
    random_hex::<16>()
}

/// Whether `text` has the form of the ids that [`new_id`] makes, which no secret of ours has.
pub fn is_id(text: &str) -> bool {
    is_hex(text, 32)
}

/// Whether `secret` has the form of those that [`new_secret`] makes, which nobody guesses.
pub fn is_random(secret: &Secret) -> bool {
    is_hex(secret.expose(), 64)
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The access key `id` with its `secret` as one string, to be sent in the place of a token.
///
/// The ids and secrets we make hold no `_`. An operator may choose an id that does, and such a
/// key cannot be sent so.
pub fn api_key(id: &str, secret: &Secret) -> Secret {
    Secret::new(format!("{PREFIX}{id}_{}", secret.expose()))
}

/// The id and the secret of the access key that `text` is, if it has the form of an [`api_key`].
pub fn parse_api_key(text: &str) -> Option<(String, Secret)> {
    let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
    Some((id.to_owned(), Secret::new(secret.to_owned())))
}

/// What tells the mask of one secret from all others: 40 random bits, as [`TAG`] characters.
///
/// # Errors
///
/// [`Error::Internal`] when the system's random source fails.
pub fn new_tag() -> Result<String> {
    let mut bytes = [0; TAG * 5 / 8];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(BASE32_NOPAD.encode(&bytes).to_lowercase())
}

fn random_hex<const BYTES: usize>() -> Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(HEXLOWER.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_secret_of_the_right_key_fits() {
        let hasher = KeyHasher::new(&Secret::new("k".into())).unwrap();
        let secret = || Secret::new("s".into());
        let hash = hasher.hash("id", &secret());
        assert!(hasher.verify("id", &secret(), Some(&hash)));
        assert!(!hasher.verify("other", &secret(), Some(&hash)));
        assert!(!hasher.verify("id", &Secret::new("t".into()), Some(&hash)));
        assert!(!hasher.verify("id", &secret(), None));
        assert!(!hasher.verify("id", &secret(), Some("")));
        let elsewhere = KeyHasher::new(&Secret::new("l".into())).unwrap();
        assert!(!elsewhere.verify("id", &secret(), Some(&hash)));
    }

    #[test]
    fn an_api_key_tells_its_id_and_its_secret() {
        let parsed = |text: &str| {
            let (id, secret) = parse_api_key(text)?;
            Some((id, secret.expose().to_owned()))
        };
        let some = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        for (id, secret) in [("a1", "b2"), ("admin", "with_some_of_them"), ("", ""), ("", "_")] {
            let written = api_key(id, &Secret::new(secret.to_owned()));
            assert_eq!(parsed(written.expose()), some(id, secret));
        }
        for text in ["", "podium", "podium_", "podium_a", "Podium_a_b", " podium_a_b", "a_b"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn ids_and_secrets_are_random_and_safe_in_a_header() {
        let (one, two) = (new_secret().unwrap(), new_secret().unwrap());
        assert_ne!(one.expose(), two.expose());
        assert_eq!((one.expose().len(), new_id().unwrap().len()), (64, 32));
        assert!(one.expose().chars().all(|c| c.is_ascii_hexdigit()));
        assert!(is_id(&new_id().unwrap()) && !is_id(one.expose()) && !is_id(""));
        assert!(is_random(&one) && !is_random(&Secret::new(new_id().unwrap())));
    }
}
