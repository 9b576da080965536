//! Where a configuration sends its secrets: the host, and everything else that decides who gets
//! them. A secret is bound to it when it is saved.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::decides::{holds_schema, is_address, is_destination};
use crate::domain::secret::holds_headers;

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
    /// `headers` that it is what a header holds.
    fn add(&mut self, value: &Value, path: &str, decides: bool, headers: bool) {
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter().filter(|(key, _)| !holds_schema(key)) {
                    let path = super::below(path, key);
                    // The names of headers decide, and the values of those that route, as `Host`
                    // does. Where they are no map, their names are a part of the value.
                    let enters = !headers && holds_headers(key);
                    let decides =
                        if enters { !value.is_object() } else { decides || is_destination(key) };
                    self.add(value, &path, decides, headers || enters);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add(item, &format!("{path}/{index}"), decides, headers);
                }
            }
            _ if headers && !decides => {
                self.fields.insert(path.to_owned(), String::new());
            }
            Value::Null => {}
            Value::String(text) if text.is_empty() && !headers => {}
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
            ("anything", "b.example.org:443/v1"),
            ("anything", "https://b/****"),
            ("endPoint", "b"),
            ("APIBase", "b"),
            ("site", "b"),
            ("sslmode", "disable"),
            ("insecureSkipVerify", "true"),
            ("trustedCertificates", "b"),
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
            ("inputSchema", json!("{\"$schema\": \"http://json-schema.org/draft-07/schema#\"}")),
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
        let inner = |key: &str| hash(json!({"header": {"X-Key": {"inner": key}}}));
        assert_eq!(inner("a"), inner("b"));
    }

    #[test]
    fn a_header_that_routes_decides_and_so_do_headers_that_are_no_map() {
        for headers in ["{\"Host\": M}", "{\"X-Forwarded-Host\": M}", "M", "[M]"] {
            for key in ["header", "headers", "extraHeaders"] {
                let with = |tag: &str| {
                    let mask = format!("\"****{tag}********\"");
                    let headers = serde_json::from_str(&headers.replace('M', &mask)).unwrap();
                    let headers: Value = headers;
                    hash(json!({key: headers}))
                };
                assert_ne!(with("aaaaaaaa"), with("bbbbbbbb"), "{key}: {headers}");
                assert_ne!(with("aaaaaaaa"), hash(json!({})), "{key}: {headers}");
            }
        }
    }

    #[test]
    fn the_fields_that_differ_are_named() {
        let of = |shown: Value| Destination::of("kafka", &shown);
        let before = of(json!({"endpoint": "a:1", "protocol": "AVRO"}));
        let after = of(json!({"endpoint": "b:1", "protocol": "AVRO", "region": "eu"}));
        assert_eq!(before.differing(&after), ["configuration.endpoint", "configuration.region"]);
    }
}
