//! Where keys may be fetched from.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Checks a URL: https, or http to this machine itself. Nothing is taken that two readers could
/// read differently.
///
/// # Errors
///
/// What is wrong, completing a sentence that begins with the URL's name.
pub fn check(url: &str) -> Result<(), &'static str> {
    let malformed = "is not a plain URL, as in https://id.example.com/realm";
    let plain = |c: char| c.is_ascii_graphic() && !"\\\"<>^`{|}#@".contains(c);
    let (scheme, rest) = url.split_once("://").ok_or(malformed)?;
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if !path.chars().all(plain) || path.starts_with('?') {
        return Err(malformed);
    }
    let host = host(authority).ok_or(malformed)?;
    match scheme {
        "https" => Ok(()),
        "http" if is_this_machine(host) => Ok(()),
        _ => Err("must be https; http goes only to 127.0.0.1, [::1] or localhost"),
    }
}

/// The host of an authority without a user, as in `id.example.com:8443`.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let port_is_good = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|n| n > 0)
    });
    let is_name = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    (port_is_good && (is_name || in_brackets(host).is_some())).then_some(host)
}

fn in_brackets(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || in_brackets(host).is_some_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        for url in [
            "https://id.example.com",
            "https://id.example.com:8443/realms/acme/",
            "https://id.example.com/keys?p=policy",
            "https://10.0.0.1/keys",
            "https://[fd00::1]:8443/keys",
            "http://127.0.0.1:8080",
            "http://127.0.0.2/x",
            "http://[::1]:8080/x",
            "http://localhost:8080/realms/acme",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        for url in [
            "",
            "id.example.com",
            "https://",
            "https:///keys",
            "HTTPS://id.example.com",
            "ftp://id.example.com",
            "file:///etc/passwd",
            "http://id.example.com",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://127.1",
            "http://2130706433",
            "http://localhost.example.com",
            "http://localhost.",
            "http://127.0.0.1@id.example.com",
            "http://127.0.0.1\\@id.example.com",
            "http://[::ffff:127.0.0.1]",
            "https://user@id.example.com",
            "https://id.example.com:",
            "https://id.example.com:0",
            "https://id.example.com:+443",
            "https://id.example.com:99999",
            "https://id.example.com/a b",
            "https://id.example.com/a#b",
            "https://id.example.com?x",
            "https://id.example.com/\n",
            "https://idé.example.com",
        ] {
            assert!(check(url).is_err(), "{url}");
        }
    }
}
