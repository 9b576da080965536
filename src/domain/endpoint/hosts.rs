//! Which hosts integrations may point to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::host::Host;

/// What is denied unless the settings say otherwise: where clouds hand out credentials to whoever
/// asks from inside, and the addresses of one network link.
pub const DEFAULT_DENY: &str =
    "169.254.0.0/16,fe80::/10,fd00:ec2::254,100.100.100.200,metadata.google.internal";

/// The hosts that integrations may point to. What is denied stays denied when it is also allowed.
#[derive(Clone, Debug)]
pub struct Hosts {
    allow: Option<HostList>,
    deny: HostList,
}

impl Hosts {
    /// Everything in `allow`, or everything there is, but for what is in `deny`.
    pub fn new(allow: Option<HostList>, deny: HostList) -> Self {
        Self { allow, deny }
    }

    /// Checks that an integration may point to `host`.
    ///
    /// # Errors
    ///
    /// The reason, which names the host.
    pub(super) fn check(&self, host: &Host) -> Result<(), String> {
        if self.deny.holds(host) || embedded(host).is_some_and(|inner| self.deny.holds(&inner)) {
            return Err(format!("names the host `{host}`, which this server denies"));
        }
        if self.allow.as_ref().is_some_and(|allow| !allow.holds(host)) {
            return Err(format!("names the host `{host}`, which this server does not allow"));
        }
        Ok(())
    }
}

impl Default for Hosts {
    /// What applies without settings: everything but for [`DEFAULT_DENY`].
    fn default() -> Self {
        Self::new(None, HostList::parse(DEFAULT_DENY).expect("a test has parsed it"))
    }
}

/// A list of hosts, as the settings have it.
#[derive(Clone, Debug)]
pub struct HostList(Vec<Entry>);

#[derive(Clone, Debug)]
enum Entry {
    Name(String),
    /// Every name that ends so, as in `.example.com`.
    Below(String),
    Network(IpAddr, u8),
}

impl HostList {
    /// Reads names, `*.` and a name, IP addresses and networks between commas; `none` is the list
    /// of nothing.
    ///
    /// # Errors
    ///
    /// What is wrong, with the entry.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim() == "none" {
            return Ok(Self(vec![]));
        }
        let entry = |entry: &str| {
            let told = |reason| format!("has the entry `{entry}`, which {reason}");
            Entry::parse(entry).map_err(told)
        };
        text.split(',').map(|item| entry(item.trim())).collect::<Result<_, _>>().map(Self)
    }

    fn holds(&self, host: &Host) -> bool {
        self.0.iter().any(|entry| entry.holds(host))
    }
}

impl Entry {
    fn parse(text: &str) -> Result<Self, &'static str> {
        if let Some((address, prefix)) = text.split_once('/') {
            return network(address, prefix);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            let address = address.to_canonical();
            return Ok(Self::Network(address, bits(address)));
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        match Host::parse(name) {
            Ok(Host::Name(name)) if below => Ok(Self::Below(format!(".{name}"))),
            Ok(Host::Name(name)) => Ok(Self::Name(name)),
            _ => Err("is no host name, `*.` before a name, IP address or network"),
        }
    }

    fn holds(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Name(name), Host::Name(host)) => host == name,
            (Self::Below(end), Host::Name(host)) => host.ends_with(end),
            (Self::Network(network, prefix), Host::Address(address)) => {
                bits(*network) == bits(*address) && masked(*address, *prefix) == *network
            }
            _ => false,
        }
    }
}

/// Reads `10.0.0.0/8`.
fn network(address: &str, prefix: &str) -> Result<Entry, &'static str> {
    let malformed = "is no network, as in `10.0.0.0/8` or `fd00::/8`";
    let address: IpAddr = address.parse().map_err(|_| malformed)?;
    let prefix: u8 = prefix.parse().map_err(|_| malformed)?;
    if prefix > bits(address) {
        return Err(malformed);
    }
    if address.to_canonical() != address {
        return Err("must be written as an IPv4 network");
    }
    if masked(address, prefix) != address {
        return Err("is an address inside a network; begin with the network's first address");
    }
    Ok(Entry::Network(address, prefix))
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The first address of the network of `prefix` bits that `address` is in.
fn masked(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}

/// The IPv4 address that networks may translate an IPv6 address to: NAT64, 6to4, and the
/// deprecated `::192.0.2.7`.
fn embedded(host: &Host) -> Option<Host> {
    let Host::Address(IpAddr::V6(address)) = host else { return None };
    let (high, low) = match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => (high, low),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => (high, low),
        _ => return None,
    };
    let inner = Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    Some(Host::Address(inner.into()))
}
