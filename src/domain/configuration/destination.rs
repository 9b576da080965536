//! Where a configuration sends its secrets: the host, and everything else that decides who gets
//! them. A secret is bound to it when it is saved.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::mask;
use crate::domain::secret::{holds_headers, words};

/// Everything in a configuration that decides where its secrets go, by JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    kind: String,
    fields: BTreeMap<String, String>,
}

impl Destination {
    /// The destination of an integration of the type `kind` with this configuration, as reads
    /// show it.
    pub fn of(kind: &str, shown: &Value) -> Self {
        let mut destination = Self { kind: kind.to_lowercase(), fields: BTreeMap::new() };
        destination.add(shown, "", false, false);
        destination
    }

    /// A hash of all of it, in hexadecimal.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        let fields = self.fields.iter().flat_map(|(path, value)| [path, value]);
        for text in std::iter::once(&self.kind).chain(fields) {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        HEXLOWER.encode(&hash.finalize()[..16])
    }

    /// The fields that differ, as a client writes them, as in `configuration.endpoint`.
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let paths = self.fields.keys().chain(other.fields.keys());
        let mut paths: Vec<_> =
            paths.filter(|path| self.fields.get(*path) != other.fields.get(*path)).collect();
        paths.sort();
        paths.dedup();
        paths.into_iter().map(|path| super::field(path)).collect()
    }

    /// Adds what decides in `value`, which stands at `path`. `decides` says that all of it does,
    /// `headers` that of it only the names do.
    fn add(&mut self, value: &Value, path: &str, decides: bool, headers: bool) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let headers = headers || holds_headers(key);
                    let path = format!("{path}/{}", super::escaped(key));
                    self.add(value, &path, decides || is_destination(key), headers);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add(item, &format!("{path}/{index}"), decides, headers);
                }
            }
            _ if headers => {
                self.fields.insert(path.to_owned(), String::new());
            }
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) if decides || is_address(text) => {
                self.fields.insert(path.to_owned(), text.clone());
            }
            other if decides => {
                self.fields.insert(path.to_owned(), other.to_string());
            }
            _ => {}
        }
    }
}

/// Whether a value under `key` decides where secrets go: the host, the way there, or the account.
/// When in doubt, it does.
pub fn is_destination(key: &str) -> bool {
    const WORDS: [&str; 33] = [
        "account",
        "address",
        "addresses",
        "addr",
        "arn",
        "auth",
        "authentication",
        "authority",
        "base",
        "broker",
        "brokers",
        "cipher",
        "cloud",
        "cluster",
        "connection",
        "datasource",
        "domain",
        "driver",
        "environment",
        "gateway",
        "header",
        "location",
        "mechanism",
        "namespace",
        "organization",
        "path",
        "port",
        "project",
        "region",
        "scheme",
        "ssl",
        "tenant",
        "tls",
    ];
    const PARTS: [&str; 10] = [
        "bootstrap",
        "dns",
        "endpoint",
        "host",
        "protocol",
        "proxy",
        "server",
        "truststore",
        "uri",
        "url",
    ];
    words(key)
        .iter()
        .any(|word| WORDS.contains(&word.as_str()) || PARTS.iter().any(|part| word.contains(part)))
}

/// Whether a text is an address, whatever its key: a URL, or a host with a port.
fn is_address(text: &str) -> bool {
    let host_and_port = |text: &str| {
        text.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte))
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        })
    };
    !mask::is_like(text)
        && (text.contains("://")
            || text.parse::<std::net::IpAddr>().is_ok()
            || text.split(',').any(|part| host_and_port(part.trim())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hash(shown: Value) -> String {
        Destination::of("openai", &shown).hash()
    }

    #[test]
    fn what_decides_where_secrets_go_changes_the_destination() {
        let before = hash(json!({"api_key": "m", "dimensions": "3"}));
        for (key, value) in [
            ("endpoint", "https://b"),
            ("baseUrl", "b"),
            ("base_url", "b"),
            ("apibaseurl", "b"),
            ("host", "b"),
            ("hostname", "b"),
            ("port", "1"),
            ("server", "b"),
            ("bootstrapServers", "b"),
            ("protocol", "b"),
            ("region", "b"),
            ("location", "b"),
            ("environment", "b"),
            ("organizationId", "b"),
            ("awsAccount", "b"),
            ("projectName", "b"),
            ("namespace", "b"),
            ("connectionType", "b"),
            ("roleArn", "b"),
            ("header", "b"),
            ("auth-header-name", "b"),
            ("completionsPath", "b"),
            ("datasourceURL", "b"),
            ("jdbcDriver", "b"),
            ("schemaRegistryUrl", "b"),
            ("authUrl", "b"),
            ("tls", "NONE"),
            ("mechanism", "PLAIN"),
            ("httpsProxy", "b"),
            ("anything", "https://b"),
            ("anything", "b.example.org:443"),
            ("anything", "10.0.0.1"),
            ("anything", "a:1,b:2"),
        ] {
            assert_ne!(hash(json!({"api_key": "m", key: value})), before, "{key}");
            assert_ne!(hash(json!({"deep": [{key: value}]})), before, "{key}");
        }
        assert_ne!(hash(json!({"server": {"name": "b"}})), before);
        assert_ne!(Destination::of("anthropic", &json!({})).hash(), before);
    }

    #[test]
    fn what_does_not_decide_leaves_it() {
        let before = hash(json!({}));
        for (key, value) in [
            ("api_key", json!("m")),
            ("model", json!("gpt-4o")),
            ("version", json!("2024-01-01")),
            ("dimensions", json!(3)),
            ("batchSize", json!("10")),
            ("groupId", json!("g")),
            ("user", json!("u")),
            ("report", json!("weekly")),
            ("endpoint", json!("")),
            ("endpoint", json!(null)),
            ("time", json!("12:30 h")),
            ("name", json!("anthropic.claude-v2:0")),
        ] {
            assert_eq!(hash(json!({key: value})), before, "{key}");
        }
        assert_eq!(hash(json!({"port": 443})), hash(json!({"port": "443"})));
    }

    #[test]
    fn of_headers_only_the_names_decide() {
        let one = hash(json!({"headers": {"X-Key": "****aaaaaaaa********"}}));
        assert_eq!(one, hash(json!({"headers": {"X-Key": "****bbbbbbbb********"}})));
        assert_ne!(one, hash(json!({"headers": {"X-Other": "****aaaaaaaa********"}})));
    }

    #[test]
    fn the_fields_that_differ_are_named() {
        let of = |shown: Value| Destination::of("kafka", &shown);
        let before = of(json!({"endpoint": "a:1", "protocol": "AVRO"}));
        let after = of(json!({"endpoint": "b:1", "protocol": "AVRO", "region": "eu"}));
        assert_eq!(before.differing(&after), ["configuration.endpoint", "configuration.region"]);
    }
}
