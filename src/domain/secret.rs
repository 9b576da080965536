//! Secret values, and how to tell that a value is one; design section 5.

use zeroize::Zeroizing;

use super::words::Words;

/// A secret in clear. It cannot be printed or serialised, and is wiped when dropped.
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over `value`, which is wiped with the secret.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The secret itself: for sealing, hashing and sending, never for a log or an error.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Whether a value under `key` is secret by the look of its key. When in doubt, it is.
///
/// The key is split into words (`schemaRegistryApiKey`, `x-api-key` and `API_KEY` all end in the
/// word `key`). Counts of tokens, as in `max_tokens`, are the one exception.
pub fn looks_secret(key: &str) -> bool {
    let words = Words::of(key);
    if words.whole().contains("connectionstring") {
        return true;
    }
    let counts = words.iter().any(|word| matches!(word, "max" | "min" | "limit" | "count"));
    words.iter().any(|word| match word {
        "bearer" | "cookie" | "creds" | "jaas" | "jwt" | "otp" | "pass" | "pat" | "pin" | "psk"
        | "pw" | "pwd" | "sas" | "sig" | "signature" => true,
        "auth" => words.is_one(),
        "token" | "tokens" => !counts,
        word => {
            ["key", "keys", "token", "tokens"].iter().any(|end| word.ends_with(end))
                || ["secret", "passw", "passphrase", "credential", "authorization", "private"]
                    .iter()
                    .any(|part| word.contains(part))
        }
    })
}

/// Whether a text is secret whatever its key: it holds a private key.
pub fn is_private_key(text: &str) -> bool {
    text.contains("PRIVATE KEY-----")
}

/// Whether a value under `key` is the value of an HTTP header, or a map of them: always secret.
pub fn holds_headers(key: &str) -> bool {
    matches!(Words::of(key).last(), "header" | "headers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_look_secret_are_found() {
        for key in [
            "api_key",
            "apikey",
            "apiKey",
            "API_KEY",
            "x-api-key",
            "schemaRegistryApiKey",
            "token",
            "accessToken",
            "password",
            "keyStorePassword",
            "client_secret",
            "clientSecrets",
            "serviceAccountCredentials",
            "Authorization",
            "privateKeyPem",
            "tokens",
            "aws.secret.access.key",
            "passwd",
            "PROXY-AUTHORIZATION",
            "connectionString",
            "user_pass",
            "jaasConfig",
            "dbCreds",
        ] {
            assert!(looks_secret(key), "{key}");
        }
    }

    #[test]
    fn keys_that_do_not_are_shown() {
        for key in [
            "endpoint",
            "region",
            "max_tokens",
            "maxTokens",
            "token_count",
            "authUrl",
            "keyspace",
            "authenticationType",
            "projectName",
            "",
            "completionsPath",
            "bypass",
            "path",
            "connection",
        ] {
            assert!(!looks_secret(key), "{key}");
        }
    }

    #[test]
    fn header_maps_are_found() {
        for key in ["header", "headers", "extraHeaders", "http_headers"] {
            assert!(holds_headers(key), "{key}");
        }
        for key in ["headerName", "auth-header-name", "header_prefix"] {
            assert!(!holds_headers(key), "{key}");
        }
    }
}
