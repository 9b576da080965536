//! Keys of an identity provider that are made for a test, and tokens signed with them.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rsa::pkcs1::EncodeRsaPrivateKey;
use serde_json::{Value, json};

/// What stands before the 32 bytes of a P-256 key in PKCS #8.
const BEFORE_P256: [u8; 35] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01,
    0x01, 0x04, 0x20,
];

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8.
const BEFORE_ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A private key.
pub struct SigningKey {
    pub kid: String,
    pub algorithm: Algorithm,
    encoding: EncodingKey,
}

impl SigningKey {
    /// A key on P-256, for ES256.
    pub fn es256(kid: &str) -> Self {
        let encoding = EncodingKey::from_ec_der(&random_after(&BEFORE_P256));
        Self { kid: kid.to_owned(), algorithm: Algorithm::ES256, encoding }
    }

    /// A key on Ed25519, for `EdDSA`.
    pub fn ed25519(kid: &str) -> Self {
        let encoding = EncodingKey::from_ed_der(&random_after(&BEFORE_ED25519));
        Self { kid: kid.to_owned(), algorithm: Algorithm::EdDSA, encoding }
    }

    /// An RSA key of `bits`, for RS256.
    pub fn rs256(kid: &str, bits: usize) -> Self {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).unwrap();
        let encoding = EncodingKey::from_rsa_der(key.to_pkcs1_der().unwrap().as_bytes());
        Self { kid: kid.to_owned(), algorithm: Algorithm::RS256, encoding }
    }

    /// The key, and the same under another name for another algorithm.
    pub fn and_as(self, kid: &str, algorithm: Algorithm) -> (Self, Self) {
        let other = Self { kid: kid.to_owned(), algorithm, encoding: self.encoding.clone() };
        (self, other)
    }

    /// What an issuer publishes of it.
    pub fn jwk(&self) -> Value {
        let mut jwk = json!(Jwk::from_encoding_key(&self.encoding, self.algorithm).unwrap());
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// The header of its tokens.
    pub fn header(&self) -> Value {
        json!({"typ": "JWT", "alg": format!("{:?}", self.algorithm), "kid": self.kid})
    }

    /// A token.
    pub fn sign(&self, claims: &Value) -> String {
        self.sign_text(&self.header().to_string(), &claims.to_string())
    }

    /// A token with any header.
    pub fn sign_under(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// A token of any two texts.
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let signature = crypto::sign(signed.as_bytes(), &self.encoding, self.algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

/// Text as a part of a token.
pub fn encoded(text: &str) -> String {
    BASE64URL_NOPAD.encode(text.as_bytes())
}

fn random_after(prefix: &[u8]) -> Vec<u8> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).unwrap();
    [prefix, &random].concat()
}
