//! A token taken apart.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::keys::Key;
use super::members::Members;

/// The longest token, in bytes.
const MAX_LEN: usize = 16 * 1024;

/// The algorithms that an issuer may use. Each verifies with a public key: what is published
/// cannot sign.
pub const ALGORITHMS: [(&str, Algorithm); 9] = [
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
];

/// Members of a header that change what a token means. We understand none of them.
const NOT_UNDERSTOOD: [&str; 4] = ["crit", "b64", "enc", "zip"];

/// A signed token, of which nothing is checked but its form.
///
/// Keys and places of keys that its header may name (`jku`, `x5u`, `jwk`, `x5c`) are not looked at.
pub struct Token {
    /// The algorithm that its header names.
    pub algorithm: Algorithm,
    /// The key that its header names.
    pub kid: String,
    /// What it says.
    pub claims: Map<String, Value>,
    /// Header and claims as they were signed, then the signature.
    signed: String,
    signature: String,
}

impl Token {
    /// Takes `text` apart, if it has the form of a token that an issuer may send.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let (header, claims) = (members(header)?, members(claims)?);
        if NOT_UNDERSTOOD.iter().any(|name| header.contains_key(*name)) {
            return None;
        }
        if !header.get("typ").is_none_or(is_type_of_access) {
            return None;
        }
        let kid = header.get("kid")?.as_str().filter(|kid| !kid.is_empty())?;
        let algorithm = algorithm(header.get("alg")?.as_str()?)?;
        let (signed, signature) = (signed.to_owned(), signature.to_owned());
        Some(Self { algorithm, kid: kid.to_owned(), claims, signed, signature })
    }

    /// Whether `key` signed it.
    pub fn is_signed_with(&self, key: &Key) -> bool {
        key.fits(self.algorithm)
            && jsonwebtoken::crypto::verify(
                &self.signature,
                self.signed.as_bytes(),
                &key.decoding,
                self.algorithm,
            )
            .unwrap_or(false)
    }
}

/// The algorithm of this name, exactly as it is written.
pub fn algorithm(name: &str) -> Option<Algorithm> {
    ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}

/// One of a token's first two parts. A `.` too many is no base64.
fn members(part: &str) -> Option<Map<String, Value>> {
    let json = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    serde_json::from_slice::<Members>(&json).ok().map(|members| members.0)
}

/// Whether a header's `typ` leaves the token one to call with: issuers sign other things too, a
/// logout for one.
fn is_type_of_access(kind: &Value) -> bool {
    let kind = kind.as_str().unwrap_or_default().to_ascii_lowercase();
    matches!(kind.strip_prefix("application/").unwrap_or(&kind), "jwt" | "at+jwt")
}
