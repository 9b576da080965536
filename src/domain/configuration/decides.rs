//! What in a configuration decides where its secrets go, by the look of it.

use super::mask;
use crate::domain::words::Words;

/// Words of a key that decide: the host, the way there, whom to trust, or the account.
const WORDS: [&str; 43] = [
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
    "ca",
    "cipher",
    "cloud",
    "cluster",
    "connection",
    "driver",
    "dsn",
    "environment",
    "forwarded",
    "gateway",
    "header",
    "instance",
    "insecure",
    "ip",
    "location",
    "mechanism",
    "namespace",
    "node",
    "nodes",
    "org",
    "organization",
    "path",
    "port",
    "project",
    "realm",
    "region",
    "scheme",
    "site",
    "tenant",
    "verify",
    "workspace",
    "zone",
];

/// What decides also as a part of a word.
const PARTS: [&str; 15] = [
    "bootstrap",
    "cert",
    "datasource",
    "dns",
    "domain",
    "endpoint",
    "host",
    "protocol",
    "proxy",
    "server",
    "ssl",
    "tls",
    "trust",
    "uri",
    "url",
];

/// Words that some write as one and others as two.
const JOINED: [&str; 2] = ["apibase", "endpoint"];

/// Whether a value under `key` decides where secrets go: the host, the way there, or the account.
/// When in doubt, it does.
pub fn is_destination(key: &str) -> bool {
    let words = Words::of(key);
    JOINED.iter().any(|part| words.whole().contains(part))
        || words
            .iter()
            .any(|word| WORDS.contains(&word) || PARTS.iter().any(|part| word.contains(part)))
}

/// Whether the value under `key` is the schema of what an agent takes, as JSON text: the URLs in it
/// name vocabularies, and nothing is sent there.
pub fn holds_schema(key: &str) -> bool {
    key == "inputSchema"
}

/// Whether a text is an address, whatever its key: a URL, or a host with a port.
pub fn is_address(text: &str) -> bool {
    let host_and_port = |text: &str| {
        let text = text.split('/').next().unwrap_or_default();
        text.rsplit_once(':').is_some_and(|(host, port)| {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte))
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        })
    };
    !mask::is_whole(text)
        && (text.contains("://")
            || text.parse::<std::net::IpAddr>().is_ok()
            || text.split(',').any(|part| host_and_port(part.trim())))
}
