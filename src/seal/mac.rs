//! Keyed hashes: they chain the records of the audit log, tell two secrets apart without telling
//! them, know requests again, and end the ids that only this installation could have made.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

use crate::domain::audit::{Head, Record};
use crate::domain::secret::Secret;
use crate::domain::{Error, Result};

/// HMAC-SHA-256 under a key of the installation. Each use hashes under a name of its own, so that
/// no hash of one use is one of another.
#[derive(Clone)]
pub struct Mac {
    keyed: Hmac<Sha256>,
}

impl Mac {
    /// A hash under `key`.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`] when the key is unusable.
    pub fn new(key: &Secret) -> Result<Self> {
        let keyed = Hmac::new_from_slice(key.expose().as_bytes()).map_err(Error::internal)?;
        Ok(Self { keyed })
    }

    /// The end of the log once `record` follows the record with the hash `previous`.
    pub fn head(&self, previous: &str, record: &Record) -> Head {
        let hash = self.hash("record", &[previous.as_bytes(), &record.bytes()]);
        let seal = self.seal(record.seq, &hash);
        Head { seq: record.seq, hash, seal }
    }

    /// The end of a log without records.
    pub fn start(&self) -> Head {
        Head { seal: self.seal(0, ""), ..Head::default() }
    }

    /// Whether `head` is as it was made under this key.
    pub fn made(&self, head: &Head) -> bool {
        head.seal == self.seal(head.seq, &head.hash)
    }

    /// What only the holder of the key can say of the end of the log.
    fn seal(&self, seq: i64, hash: &str) -> String {
        self.hash("end", &[&seq.to_be_bytes(), hash.as_bytes()])
    }

    /// What stands in the log for a secret, by its JSON text.
    pub fn fingerprint(&self, secret: &Secret) -> String {
        format!("hmac-sha256:{}", self.hash("secret", &[secret.expose().as_bytes()]))
    }

    /// By what a request is known again whose hash is `digest`. The key keeps anybody who has the
    /// database from trying out what a secret in it may have been.
    pub fn request(&self, digest: &[u8]) -> String {
        self.hash("request", &[digest])
    }

    /// Four letters and digits that end the id which begins with `text`.
    pub fn check(&self, text: &str) -> String {
        let mut check = BASE32_NOPAD.encode(&self.bytes("id", &[text.as_bytes()])[..3]);
        check.truncate(4);
        check.make_ascii_lowercase();
        check
    }

    fn hash(&self, purpose: &str, parts: &[&[u8]]) -> String {
        HEXLOWER.encode(&self.bytes(purpose, parts))
    }

    fn bytes(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_secrets_have_one_fingerprint_in_each_installation() {
        let mac = |key: &str| Mac::new(&Secret::new(key.into())).unwrap();
        let print = |mac: &Mac, text: &str| mac.fingerprint(&Secret::new(text.into()));
        let (here, there) = (mac("k"), mac("l"));
        assert_eq!(print(&here, "\"s\""), print(&here, "\"s\""));
        assert_ne!(print(&here, "\"s\""), print(&here, "\"t\""));
        assert_ne!(print(&here, "\"s\""), print(&there, "\"s\""));
        assert_eq!(here.check("a:1"), here.check("a:1"));
        assert_ne!(here.check("a:1"), here.check("a:2"));
        assert_ne!(here.check("a:1"), there.check("a:1"));
        assert!(here.check("a:1").bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(here.check("a:1").len(), 4);
        assert_ne!(here.seal(1, "ab"), here.hash("record", &[&1_i64.to_be_bytes(), b"ab"]));
    }
}
