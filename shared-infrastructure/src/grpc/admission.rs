//! Whose connection is taken on: so many at a time, and so many from one address.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::ConnectionLimits;
use crate::telemetry::Repeated;

/// The connections that there are.
#[derive(Debug, Clone)]
pub(super) struct Admission {
    limits: ConnectionLimits,
    present: Arc<Mutex<Present>>,
}

#[derive(Debug, Default)]
struct Present {
    total: usize,
    /// By address; kept only if their number is limited.
    by_address: HashMap<IpAddr, usize>,
    refused: Repeated,
}

impl Admission {
    /// Nobody is there yet.
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        Self { limits, present: Arc::default() }
    }

    /// A place for a connection from `address`; none if there are too many.
    pub(super) fn enter(&self, address: IpAddr) -> Option<ConnectionPlace> {
        let address = network(address);
        let mut present = self.present();
        let there = present.by_address.get(&address).copied().unwrap_or_default();
        if present.total >= self.limits.connections
            || self.limits.per_address.is_some_and(|most| there >= most)
        {
            present.refuse(address);
            return None;
        }
        present.total += 1;
        if self.limits.per_address.is_some() {
            present.by_address.insert(address, there + 1);
        }
        Some(ConnectionPlace { admission: self.clone(), address })
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one client can have all addresses of: one of IPv4, 2^64 of IPv6 (RFC 4291, section 2.5.4).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

impl Present {
    fn refuse(&self, address: IpAddr) {
        if let Some(refused) = self.refused.happened() {
            let connections = self.total;
            tracing::warn!(%address, connections, refused, "too many connections: the newest are closed");
        }
    }
}

/// The place of one connection, given back when it is dropped.
#[derive(Debug)]
pub(super) struct ConnectionPlace {
    admission: Admission,
    address: IpAddr,
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        let mut present = self.admission.present();
        present.total -= 1;
        if let Entry::Occupied(mut there) = present.by_address.entry(self.address) {
            *there.get_mut() -= 1;
            if *there.get() == 0 {
                there.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const ONE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn places_are_limited_and_come_back() {
        let admission = Admission::new(ConnectionLimits { connections: 2, ..ConnectionLimits::default() });
        let places = [ONE, ONE].map(|address| admission.enter(address).unwrap());
        assert!(admission.enter(OTHER).is_none());
        drop(places);
        assert!(admission.enter(OTHER).is_some());
        assert_eq!(admission.present().total, 0);
    }

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        let limits = ConnectionLimits { per_address: Some(1), ..ConnectionLimits::default() };
        let admission = Admission::new(limits);
        let enter = |address: &str| admission.enter(address.parse().unwrap());
        let place = enter("2001:db8::1");
        assert!(enter("2001:db8::ffff:2").is_none());
        assert!(enter("2001:db8:0:1::1").is_some());
        drop(place);
        let mapped = enter("::ffff:192.0.2.1");
        assert!(admission.enter(ONE).is_none() && admission.enter(OTHER).is_some());
        drop(mapped);
        assert!(admission.present().by_address.is_empty());
    }

    #[test]
    fn one_address_does_not_take_the_places_of_others() {
        let limits = ConnectionLimits { connections: 3, per_address: Some(1), ..ConnectionLimits::default() };
        let admission = Admission::new(limits);
        let place = admission.enter(ONE);
        assert!(admission.enter(ONE).is_none());
        assert!(admission.enter(OTHER).is_some());
        drop(place);
        assert!(admission.present().by_address.is_empty(), "who is gone is forgotten");
        assert!(admission.enter(ONE).is_some());
    }
}
