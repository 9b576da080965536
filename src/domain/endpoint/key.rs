//! Which keys of a configuration hold addresses, by the look of their names.

use crate::domain::words::Words;

/// Whether a text under `key` is a URL: the key ends in such a word, as `baseUrl`, `token_uri` and
/// `endpoint` do, or is `api_base`. `urlPattern` ends in another.
pub fn is_address(key: &str) -> bool {
    let ends = ["url", "urls", "uri", "uris", "endpoint", "endpoints"];
    let words = Words::of(key);
    ends.iter().any(|end| words.last().ends_with(end)) || words.end_in(["api", "base"])
}

/// Whether a text under `key` is one host or several, with or without a scheme, as under
/// `hostname`, `bootstrap_servers` and `proxy`. A virtual host is a name inside a broker.
pub fn is_host(key: &str) -> bool {
    let words = Words::of(key);
    let is_other = words.iter().any(|word| matches!(word, "virtual" | "no"));
    let names_hosts = matches!(
        words.last(),
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
    is_address(key) && Words::of(key).iter().any(|word| word == "datasource" || word == "jdbc")
}
