//! Which keys of a configuration hold addresses, by the look of their names.

use crate::domain::secret::words;

/// Whether a text under `key` is a URL: the key ends in such a word, as `baseUrl`, `token_uri` and
/// `endpoint` do, or is `api_base`. `urlPattern` ends in another.
pub fn is_address(key: &str) -> bool {
    let ends = ["url", "urls", "uri", "uris", "endpoint", "endpoints"];
    let words = words(key);
    words.last().is_some_and(|last| ends.iter().any(|end| last.ends_with(end)))
        || words.ends_with(&["api".to_owned(), "base".to_owned()])
}

/// Whether a text under `key` is one host or several, with or without a scheme, as under
/// `hostname`, `bootstrap_servers` and `proxy`. A virtual host is a name inside a broker.
pub fn is_host(key: &str) -> bool {
    let words = words(key);
    let [before @ .., last] = words.as_slice() else { return false };
    let is_other = before.iter().any(|word| matches!(word.as_str(), "virtual" | "no"));
    let names_hosts = matches!(
        last.as_str(),
        "host"
            | "hosts"
            | "hostname"
            | "hostnames"
            | "server"
            | "servers"
            | "bootstrapservers"
            | "broker"
            | "brokers"
            | "proxy"
    );
    names_hosts && !is_other
}

/// Whether an address under `key` is one of JDBC, as under `datasourceURL`.
pub fn is_jdbc(key: &str) -> bool {
    is_address(key) && words(key).iter().any(|word| word == "datasource" || word == "jdbc")
}
