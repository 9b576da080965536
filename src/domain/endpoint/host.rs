//! A host in the one spelling that it is compared in.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::USER;

const NO_HOST: &str = "must name a host, as in `api.example.com`, `192.0.2.7` or `[2001:db8::7]`";

/// A host as an address names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name in lower case, without the dot that may end it.
    Name(String),
    /// An IP address; IPv4 also where IPv6 wraps it, as in `::ffff:192.0.2.7`.
    Address(IpAddr),
}

impl Host {
    /// Reads a name, an IPv4 address, or an IPv6 address in brackets.
    ///
    /// # Errors
    ///
    /// What is wrong. An IPv4 address that is not four decimal numbers is read as different
    /// addresses by different clients, so it is none.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some(inside) = text.strip_prefix('[') {
            let address: Option<Ipv6Addr> =
                inside.strip_suffix(']').and_then(|inside| inside.parse().ok());
            let address = address.ok_or("must write an IPv6 address as in `[2001:db8::7]`")?;
            return Ok(Self::Address(IpAddr::V6(address).to_canonical()));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return Ok(Self::Address(address.into()));
        }
        if name.len() > 253 || !name.split('.').all(is_label) {
            return Err(NO_HOST);
        }
        if name.rsplit('.').next().is_some_and(is_number) {
            return Err("must write an IPv4 address as four decimal numbers, as in `192.0.2.7`");
        }
        Ok(Self::Name(name))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// Reads `host` or `host:port`.
pub fn with_port(text: &str) -> Result<Host, &'static str> {
    match split(text) {
        (host, Some(port)) => at_port(host, port),
        (host, None) if !host.contains('@') => Host::parse(host),
        _ => Err(USER),
    }
}

/// Reads a host that stands beside its port.
pub fn at_port(host: &str, port: &str) -> Result<Host, &'static str> {
    if host.contains('@') || port.contains('@') {
        return Err(USER);
    }
    let digits = port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err("must have a port from 1 to 65535, or none");
    }
    Host::parse(host)
}

/// The host in `host` or `host:port`, and the port as it is written.
pub fn split(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether a name that ends in `label` is an IPv4 address to some: `127.1`, `0x7f000001`.
fn is_number(label: &str) -> bool {
    match label.strip_prefix("0x") {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => label.bytes().all(|byte| byte.is_ascii_digit()),
    }
}
