//! Where a request may go to when its address was entered by a person.
//!
//! Some channels are servers of the sellers' own, so that their address is entered. It must not lead
//! into the network that the hub stands in, unless its operator lists the place. Redirections are
//! followed by no client of ours, so that only addresses that were resolved from what was entered are
//! to be looked at: each of them, when the connection is made.

#[cfg(test)]
mod corpus;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A network that may be reached although it is not public: `10.1.0.0/16`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    /// How many bits name the network.
    bits: u8,
}

/// A text that names no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no network; one is written as 10.1.0.0/16 or as an address")]
pub struct NoNetwork(pub String);

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let no = || NoNetwork(text.to_owned());
        let (address, bits) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
        let address: IpAddr = address.parse().map_err(|_| no())?;
        let whole = if address.is_ipv4() { 32 } else { 128 };
        let bits = if bits.is_empty() { whole } else { bits.parse().map_err(|_| no())? };
        if bits > whole { Err(no()) } else { Ok(Self { address, bits }) }
    }
}

/// The machine itself, where sandboxes are.
#[must_use]
pub const fn this_machine() -> [Network; 2] {
    [
        Network { address: IpAddr::V4(Ipv4Addr::LOCALHOST), bits: 8 },
        Network { address: IpAddr::V6(Ipv6Addr::LOCALHOST), bits: 128 },
    ]
}

impl Network {
    fn holds(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(address)) => {
                let apart = own.to_bits() ^ address.to_bits();
                apart.checked_shr(32 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(address)) => {
                let apart = own.to_bits() ^ address.to_bits();
                apart.checked_shr(128 - u32::from(self.bits)).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Whether an entered address may lead to this one.
#[must_use]
pub fn may_reach(address: IpAddr, listed: &[Network]) -> bool {
    let address = plain(address);
    is_public(address) || listed.iter().any(|network| network.holds(address))
}

/// An address of IPv4 that is written as one of IPv6, as itself.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => is_public_v6(six),
    }
}

/// The registry of special addresses (RFC 6890 and those after it), as far as none of them is a shop.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    // Only these are given to anybody; of them, tunnels carry an address of IPv4, and one is for books.
    let global = parts[0] & 0xe000 == 0x2000;
    let tunnel = parts[0] == 0x2002 || (parts[0] == 0x2001 && parts[1] == 0);
    let documented = parts[0] == 0x2001 && parts[1] == 0x0db8;
    global && !tunnel && !documented
}

/// An entered address leads into a network that is not public.
#[derive(Debug, thiserror::Error)]
#[error("the address is not a public one; the operator can list its network in DERMAGA_REACH")]
pub(crate) struct NotPublic;

impl NotPublic {
    /// Whether it is what made something fail.
    pub(crate) fn is_cause_of(error: &(dyn std::error::Error + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// What a look for a name finds, in the end.
pub(crate) type Looking = Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// Who is asked where a name leads.
pub(crate) trait Lookup: std::fmt::Debug + Send + Sync {
    fn look_up(&self, name: String) -> Looking;
}

/// The machine's own way.
#[derive(Debug)]
pub(crate) struct Machine;

impl Lookup for Machine {
    fn look_up(&self, name: String) -> Looking {
        // The port is the request's.
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}

/// Resolves names to the addresses that may be reached. What is looked at is what is connected to: a
/// name that leads elsewhere a moment later gains nothing.
pub(crate) struct Resolver {
    listed: Arc<[Network]>,
    lookup: Arc<dyn Lookup>,
}

impl Resolver {
    pub(crate) const fn new(listed: Arc<[Network]>, lookup: Arc<dyn Lookup>) -> Self {
        Self { listed, lookup }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let listed = Arc::clone(&self.listed);
        let looking = self.lookup.look_up(name.as_str().to_owned());
        Box::pin(async move {
            let found = looking.await?.into_iter();
            let reached: Vec<SocketAddr> =
                found.filter(|address| may_reach(address.ip(), &listed)).collect();
            if reached.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(reached.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(address: &str, listed: &[&str]) -> bool {
        let listed: Vec<Network> = listed.iter().map(|text| text.parse().unwrap()).collect();
        may_reach(address.parse().unwrap(), &listed)
    }

    #[test]
    fn only_public_addresses_are_reached_unless_a_place_is_listed() {
        for public in ["1.1.1.1", "100.63.0.1", "172.32.0.1", "198.17.0.1", "2606:4700::1111"] {
            assert!(reaches(public, &[]), "{public}");
        }
        let private = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "198.18.0.1",
            "203.0.113.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2002:a00:1::",
        ];
        for private in private {
            assert!(!reaches(private, &[]), "{private}");
        }
        assert!(reaches("10.1.2.3", &["10.1.0.0/16"]) && !reaches("10.2.0.1", &["10.1.0.0/16"]));
        assert!(reaches("::ffff:10.1.2.3", &["10.1.0.0/16"]), "it is the same place");
        assert!(
            reaches("192.168.1.7", &["192.168.1.7"]) && !reaches("192.168.1.8", &["192.168.1.7"])
        );
        let own = this_machine();
        assert!(may_reach("127.8.8.8".parse().unwrap(), &own));
        assert!(may_reach("::1".parse().unwrap(), &own));
        assert!(!may_reach("10.0.0.1".parse().unwrap(), &own));
        assert!(reaches("fd00::7", &["fd00::/8"]) && !reaches("10.0.0.1", &["fd00::/8"]));
        assert!(reaches("10.0.0.1", &["0.0.0.0/0"]) && reaches("fd00::1", &["::/0"]));
    }

    #[tokio::test]
    async fn a_name_leads_only_to_what_may_be_reached() {
        let resolved = async |listed: &[Network]| {
            let name: Name = "localhost".parse().unwrap();
            Resolver::new(listed.into(), Arc::new(Machine)).resolve(name).await
        };
        let refused = resolved(&[]).await.err().unwrap();
        assert!(NotPublic::is_cause_of(&*refused), "{refused}");
        let loopback = this_machine();
        assert!(resolved(&loopback).await.unwrap().all(|address| address.ip().is_loopback()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0", "10.0.0.0/33", "fd00::/129", "shop.example", "10.0.0.0/x"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
