//! Which addresses a tenant's URL may lead to: public ones, judged on the address that is connected to.
//!
//! Never judges an origin that the operator set; see [`super::Outbound`] for who passes here.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use ipnet::{Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::Host;

/// Not the public internet, or not only (IANA's special-purpose registries, and clouds' metadata addresses).
const REFUSED_V4: [(Ipv4Addr, u8); 18] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Of IPv6 only global unicast (2000::/3) is public at all: that leaves out ::1, mapped and compatible addresses,
/// NAT64 (64:ff9b::/96), fc00::/7, fe80::/10 and multicast. Refused inside it: Teredo and other protocol
/// assignments, documentation, and 6to4, which carries an IPv4 address that nobody judged.
const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
const REFUSED_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Names that lead inside whatever they resolve to.
const REFUSED_NAMES: [&str; 4] = ["localhost", "metadata", "instance-data", "kubernetes"];
const REFUSED_SUFFIXES: [&str; 8] = [
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home.arpa",
    ".onion",
];

/// Whether an address is on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !REFUSED_V4
            .iter()
            .any(|(net, bits)| Ipv4Net::new(*net, *bits).is_ok_and(|net| net.contains(&v4))),
        IpAddr::V6(v6) => {
            let within =
                |(net, bits): &(Ipv6Addr, u8)| Ipv6Net::new(*net, *bits).is_ok_and(|net| net.contains(&v6));
            within(&PUBLIC_V6) && !REFUSED_V6.iter().any(within)
        }
    }
}

/// Judges the host of a parsed URL: an address at once, a name by its letters (its addresses follow at connect).
/// The parser has already brought decimal, octal, hexadecimal and short spellings of IPv4 to one form.
pub(super) fn may_name(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(v4) => is_public(IpAddr::V4(*v4)),
        Host::Ipv6(v6) => is_public(IpAddr::V6(*v6)),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            // A name without a dot is a neighbour in the own network.
            name.contains('.')
                && !REFUSED_NAMES.contains(&name.as_str())
                && !REFUSED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        }
    }
}

/// The name resolved to an address that is not public.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub(super) struct NotPublic;

/// Asks for the addresses of a name.
#[async_trait]
pub(super) trait Lookup: Send + Sync {
    async fn lookup(&self, name: &str) -> std::io::Result<Vec<SocketAddr>>;
}

/// The operating system's resolver.
pub(super) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> std::io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

/// Resolves for the client itself, so that what is judged is what is connected to: there is no second look-up
/// between the check and the use that could answer differently.
pub(super) struct GuardedResolver {
    pub(super) lookup: Arc<dyn Lookup>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = Arc::clone(&self.lookup);
        Box::pin(async move {
            let addresses = lookup.lookup(name.as_str()).await?;
            // One inside address among public ones is an attack or a mistake: refused as a whole.
            if addresses.iter().any(|address| !is_public(address.ip())) {
                return Err(NotPublic.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
