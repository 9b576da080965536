//! The keys that an issuer publishes: its JSON Web Key Set.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use serde::Deserialize;
use serde_json::Value;

/// The shortest modulus of an RSA key, in bytes: 2048 bits.
const SHORTEST_MODULUS: usize = 256;

/// A key of an issuer.
pub struct Key {
    /// The name that tokens call it by.
    pub kid: String,
    /// What verifies with it.
    pub decoding: DecodingKey,
    jwk: Jwk,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// The keys of a set that can verify a signature. What else is in it is left out: sets also hold
/// keys for encryption and of kinds that only others know.
///
/// # Errors
///
/// A line that says why it is not a key set.
pub fn parse(body: &[u8]) -> Result<Vec<Key>, String> {
    let set: KeySet = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    Ok(set.keys.into_iter().filter_map(Key::new).collect())
}

impl Key {
    fn new(json: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(json).ok()?;
        let common = &jwk.common;
        let signs = common.public_key_use.as_ref().is_none_or(|to| *to == PublicKeyUse::Signature);
        let operations = common.key_operations.as_ref();
        let verifies = operations.is_none_or(|all| all.contains(&KeyOperations::Verify));
        let kid = common.key_id.clone().filter(|kid| !kid.is_empty())?;
        let decoding = DecodingKey::from_jwk(&jwk).ok()?;
        let key = Self { kid, decoding, jwk };
        (signs && verifies && key.is_long_enough()).then_some(key)
    }

    fn is_long_enough(&self) -> bool {
        match self.decoding.kind() {
            DecodingKeyKind::RsaModulusExponent { n, .. } => {
                let zeros = n.iter().take_while(|byte| **byte == 0).count();
                n.len() - zeros >= SHORTEST_MODULUS
            }
            DecodingKeyKind::SecretOrDer(_) => true,
        }
    }

    /// Whether it is a key for `algorithm`: by its kind and curve, and by what it says itself.
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        let kind = match &self.jwk.algorithm {
            AlgorithmParameters::RSA(_) => {
                matches!(algorithm, A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512)
            }
            AlgorithmParameters::EllipticCurve(key) => match key.curve {
                EllipticCurve::P256 => algorithm == A::ES256,
                EllipticCurve::P384 => algorithm == A::ES384,
                _ => false,
            },
            AlgorithmParameters::OctetKeyPair(key) => {
                algorithm == A::EdDSA && key.curve == EllipticCurve::Ed25519
            }
            _ => false,
        };
        kind && self.jwk.common.key_algorithm.is_none_or(|own| own == algorithm.into())
    }
}
