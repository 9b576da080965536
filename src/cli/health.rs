//! `podium health`: asks a running server, for containers.

use std::error::Error as StdError;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the server that listens on `listen`.
pub fn run(listen: &str) -> Result<(), Box<dyn StdError>> {
    let found = listen.to_socket_addrs().ok().and_then(|mut found| found.next());
    let address = found.ok_or_else(|| format!("PODIUM_LISTEN {listen} is not an address"))?;
    let address = reachable(address);
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).proxy(None).build().into();
    let answer = agent.get(format!("http://{address}/health")).call();
    answer.map(drop).map_err(|error| format!("{address} is not healthy: {error}").into())
}

/// The address to reach a server by: one that listens on every address is on the loopback one too.
pub fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
