//! `podium health`: asks a running server, for containers.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use super::Outcome;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the server that listens on `listen`.
pub fn run(listen: &str) -> Outcome {
    let address = reachable(listen)?;
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).proxy(None).build().into();
    let answer = agent.get(format!("http://{address}/health")).call();
    answer.map(drop).map_err(|error| format!("{address} is not healthy: {error}").into())
}

/// The address to ask: a server that listens on every address is asked on the loopback one.
pub fn reachable(listen: &str) -> Outcome<SocketAddr> {
    let found = listen.to_socket_addrs().ok().and_then(|mut found| found.next());
    let mut address = found.ok_or_else(|| format!("PODIUM_LISTEN {listen} is not an address"))?;
    if address.ip().is_unspecified() {
        let loopback =
            if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        address.set_ip(loopback);
    }
    Ok(address)
}
