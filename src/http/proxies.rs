//! The proxies before the server, which tell whom they speak for.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::web::Data;
use ipnet::IpNet;

/// Where a proxy writes whom it speaks for; the last one is who has spoken to it.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of the proxies that are believed. Nobody else is.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    /// Addresses and networks between commas, as in `10.0.0.0/8, ::1`.
    ///
    /// # Errors
    ///
    /// The entry that is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let network = |entry: &str| {
            let address = || entry.parse::<IpAddr>().map(IpNet::from);
            entry.parse::<IpNet>().or_else(|_| address()).map_err(|_| entry.to_owned())
        };
        entries.map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Who has sent the request with these headers, which came from `peer`.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<_> = headers.get_all(FORWARDED_FOR).collect();
        let hops = lines.into_iter().rev().flat_map(|line| {
            let line = line.to_str().unwrap_or_default();
            line.rsplit(',').map(|hop| hop.trim().parse::<IpAddr>().ok())
        });
        for hop in hops {
            if !self.0.iter().any(|network| network.contains(&client)) {
                break;
            }
            // What a trusted proxy could not have written ends what is known.
            let Some(hop) = hop else { break };
            client = hop.to_canonical();
        }
        client
    }
}

/// Where a request came from.
pub fn address(req: &HttpRequest) -> Option<IpAddr> {
    let peer = req.peer_addr()?.ip();
    let proxies = req.app_data::<Data<Proxies>>();
    Some(proxies.map_or(peer, |proxies| proxies.client(peer, req.headers())))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn client(proxies: &str, peer: &str, lines: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        Proxies::parse(proxies).unwrap().client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn d14_only_trusted_proxies_are_believed_and_only_as_far_as_they_go() {
        let (nobody, some) = ("", "10.0.0.0/8, 192.0.2.1, fd00::/8");
        for (proxies, peer, lines, expected) in [
            (nobody, "10.0.0.1", &["1.2.3.4"][..], "10.0.0.1"),
            (some, "11.0.0.1", &["1.2.3.4"], "11.0.0.1"),
            (some, "10.0.0.1", &[], "10.0.0.1"),
            (some, "10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            (some, "::ffff:10.0.0.1", &["1.2.3.4"], "1.2.3.4"),
            (some, "fd00::1", &["2001:db8::7"], "2001:db8::7"),
            // What the client has sent itself stands first.
            (some, "10.0.0.1", &["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
            (some, "10.0.0.1", &["6.6.6.6", "1.2.3.4"], "1.2.3.4"),
            (some, "10.0.0.1", &["6.6.6.6, 1.2.3.4, 192.0.2.1"], "1.2.3.4"),
            (some, "10.0.0.1", &["6.6.6.6, 1.2.3.4", "10.9.9.9, 192.0.2.1"], "1.2.3.4"),
            (some, "10.0.0.1", &["1.2.3.4, unknown"], "10.0.0.1"),
            (some, "10.0.0.1", &["1.2.3.4, "], "10.0.0.1"),
            (some, "10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
        ] {
            assert_eq!(client(proxies, peer, lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["proxy", "10.0.0.0/33", "10.0.0.1:80", "::1, x"] {
            assert!(Proxies::parse(text).is_err(), "{text}");
        }
    }
}
