//! Where a request really comes from.
//!
//! Believes `X-Forwarded-For` only from networks that the operator listed, read from the right.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The client's address.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    pub ip: IpAddr,
}

impl Client {
    /// `peer`: the other end of the connection; none in a test without one.
    pub fn find(peer: Option<SocketAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let mut ip = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in forwarded.into_iter().rev() {
            if !trusted.iter().any(|network| network.contains(&ip)) {
                break;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(before) => ip = before.to_canonical(),
                Err(_) => break,
            }
        }
        Self { ip }
    }

    /// Asked from this machine itself, and not through a proxy on it: that makes everybody look local.
    pub fn is_this_machine(&self, headers: &HeaderMap) -> bool {
        let forwarded =
            headers.contains_key("x-forwarded-for") || headers.contains_key(axum::http::header::FORWARDED);
        self.ip.is_loopback() && !forwarded
    }

    /// What is counted: an IPv6 customer has a whole /64.
    pub fn network(&self) -> String {
        match self.ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s37_forwarded_addresses_are_believed_from_trusted_networks_only() {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "::1/128"]
            .iter()
            .map(|text| text.parse().expect("a network"))
            .collect();
        let check = |peer: &str, forwarded: &str, expect: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().expect("a header"));
            let client = Client::find(Some(peer.parse().expect("an address")), &headers, &trusted);
            assert_eq!(client.network(), expect, "{peer} {forwarded}");
        };
        check("203.0.113.9:1", "1.2.3.4", "203.0.113.9");
        check("10.0.0.1:1", "1.2.3.4", "1.2.3.4");
        check("10.0.0.1:1", "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4");
        check("10.0.0.1:1", "nonsense", "10.0.0.1");
        check("[::ffff:10.0.0.1]:1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
    }
}
