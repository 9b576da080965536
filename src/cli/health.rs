//! `podium health`: asks a running server, for containers.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use super::{Outcome, fetch};
use crate::config;

/// Asks the server that listens on `listen` whether it is ready, by TLS where it has a certificate.
pub fn run(listen: &str, certificate: Option<&str>) -> Outcome {
    let url = format!("{}/health/ready", url(listen, certificate)?);
    let answer = fetch::get(&fetch::neighbour(fetch::PATIENCE), &url);
    answer.map(drop).map_err(|error| format!("{listen} is not ready: {error}").into())
}

/// Where a server that listens on `listen` can be reached, by TLS where it has a certificate.
pub fn url(listen: &str, certificate: Option<&str>) -> Outcome<String> {
    let scheme = config::given(certificate).map_or("http", |_| "https");
    Ok(format!("{scheme}://{}", reachable(listen)?))
}

/// The address at which a server that listens on `listen` can be reached.
pub fn reachable(listen: &str) -> Outcome<SocketAddr> {
    let found = listen.to_socket_addrs().ok().and_then(|mut found| found.next());
    let address = found.ok_or_else(|| format!("PODIUM_LISTEN {listen} is not an address"))?;
    Ok(on_loopback(address))
}

/// A server that listens on every address is reached on the loopback one too.
pub fn on_loopback(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
