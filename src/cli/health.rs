//! `podium health`: asks a running server, for containers.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use super::{Outcome, fetch};

/// Asks the server that listens on `listen` whether it is ready, by TLS where it has a certificate.
pub fn run(listen: &str, certificate: Option<&str>) -> Outcome {
    let address = reachable(listen)?;
    let answer = match certificate.filter(|file| !file.is_empty()) {
        // Its name is not the address that is asked here. Nothing is sent that is worth protecting.
        Some(_) => fetch::unverified(&format!("https://{address}/health/ready")),
        None => fetch::body(&format!("http://{address}/health/ready")),
    };
    answer.map(drop).map_err(|error| format!("{address} is not ready: {error}").into())
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
