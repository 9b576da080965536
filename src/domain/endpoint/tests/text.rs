//! Keys that tell of an address, and URLs in any other text.

use super::*;

#[test]
fn keys_tell_by_their_last_word_what_they_hold() {
    for key in [
        "endpoint",
        "url",
        "baseUrl",
        "base_url",
        "authUrl",
        "schemaRegistryUrl",
        "datasourceURL",
        "token_uri",
        "webhook_url",
        "server_url",
        "API_BASE_URL",
        "callbackurl",
        "api_base",
        "apiBase",
        "endpoints",
        "OAuthURI",
    ] {
        assert!(is_address(key) && !is_host(key), "{key}");
    }
    for key in [
        "host",
        "hostname",
        "server",
        "servers",
        "bootstrap_servers",
        "bootstrap.servers",
        "brokers",
        "dbHost",
        "proxy",
        "https_proxy",
    ] {
        assert!(is_host(key) && !is_address(key), "{key}");
    }
    for key in [
        "",
        "urlPattern",
        "endpointType",
        "hostnameVerification",
        "no_proxy",
        "virtualHost",
        "serverVersion",
        "region",
        "base",
        "ghost",
        "observer",
        "proxyMode",
    ] {
        assert!(!is_host(key) && !is_address(key), "{key}");
    }
    for (key, value) in [
        ("bootstrap_servers", "a:9092,b:9092"),
        ("host", "http://a"),
        ("datasourceURL", "jdbc:postgresql://a/b"),
        ("url", "http://a"),
    ] {
        assert_eq!(check(key, value, &[], &standard()), Ok(()), "{key}");
        assert!(check(key, "ftp://a", &[], &standard()).is_err(), "{key}");
    }
}

#[test]
fn urls_are_found_in_any_text() {
    for text in [
        "",
        "plain",
        "a@b",
        "Ask (https://example.com), or [this](https://example.com/x) and [https://example.com].",
        "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\"}",
        "https://{region}.example.com/",
        "https://<host>:<port>/ or http://... or https://host:port/",
        "file:///etc/hosts",
        "https://example.com/@scope?x=1#part",
        "nats://a:4222,b:4222",
        "https://[2001:db8::7]:443/",
        "jdbc:postgresql://db/x",
    ] {
        assert_eq!(check_any(text, &standard()), Ok(()), "{text}");
    }
    for (text, words) in [
        ("https://user:hush@example.com", USER),
        ("see https://example.com and mongodb://u:hush@a,b/db", USER),
        ("https://good.example\\@evil.example", USER),
        ("postgres://hush@{host}/db", USER),
        ("https://example.com/?api_key=hush", SECRET),
        ("x https://example.com/y?z=1&token=hush y", SECRET),
        ("http://169.254.169.254/", DENIED),
        ("(see http://METADATA.google.internal.)", DENIED),
        ("nats://a,169.254.169.254:1", DENIED),
        ("ftp://[::ffff:a9fe:a9fe]/", DENIED),
        ("http://2852039166/", V4),
        ("http://169\u{3002}254.169.254/", HOST),
        ("http://good.example\\x", HOST),
        ("jdbc:oracle:thin:scott/hush@db:1521:x", USER),
        ("jdbc:sqlserver://db;password=hush", SECRET),
        ("use jdbc:sqlserver://db;password=hush", HOST),
    ] {
        let reason = check_any(text, &standard()).expect_err(text);
        assert!(reason.contains(words) && !reason.contains("hush"), "{text}: {reason}");
    }
}
