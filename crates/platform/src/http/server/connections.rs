//! Who holds how many connections.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::http::client_address::{TrustProxy, one_caller};

/// More than this many at once is nobody's need.
const MOST: usize = 16_384;
/// What part of all one address may hold.
const PART: usize = 8;
/// What one address may hold in any case.
const LEAST: usize = 128;

/// How many connections there may be at once. A socket after its upgrade counts until it is closed.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    pub total: usize,
    /// By one caller; proxies that are trusted hold theirs for many.
    pub per_address: usize,
    pub proxies: TrustProxy,
}

impl ConnectionLimits {
    /// For a process that may have so many files open: half of them are for connections, the rest for what is done on
    /// their behalf.
    pub fn within(files: u64, proxies: TrustProxy) -> Self {
        let total = usize::try_from(files / 2).unwrap_or(MOST).clamp(LEAST, MOST);
        Self {
            total,
            per_address: (total / PART).max(LEAST),
            proxies,
        }
    }
}

/// The connections that there are. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connections(Arc<Book>);

struct Book {
    limits: ConnectionLimits,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's; given back when it is dropped.
pub(super) struct Place {
    book: Arc<Book>,
    /// `None` for a proxy.
    address: Option<IpAddr>,
}

impl Connections {
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        let open = Mutex::default();
        Self(Arc::new(Book { limits, open }))
    }

    /// `None` when there is no place.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<Place> {
        let limits = &self.0.limits;
        let address = (!limits.proxies.may_be(peer)).then(|| one_caller(peer));
        let mut open = self.0.open();
        let held = address.map_or(0, |address| open.by_address.get(&address).copied().unwrap_or_default());
        let refused = if open.total >= limits.total {
            Some("total")
        } else {
            (held >= limits.per_address).then_some("address")
        };
        if let Some(limit) = refused {
            drop(open);
            metrics::counter!("connections_refused_total", "limit" => limit).increment(1);
            tracing::debug!(%peer, limit, "a connection was refused");
            return None;
        }
        open.total += 1;
        if let Some(address) = address {
            open.by_address.insert(address, held + 1);
        }
        drop(open);
        metrics::gauge!("connections_open").increment(1);
        Some(Place {
            book: Arc::clone(&self.0),
            address,
        })
    }
}

impl Book {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.book.open();
        open.total = open.total.saturating_sub(1);
        if let Some(address) = self.address
            && let Some(held) = open.by_address.get_mut(&address)
        {
            *held -= 1;
            if *held == 0 {
                open.by_address.remove(&address);
            }
        }
        drop(open);
        metrics::gauge!("connections_open").decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn three_in_all_and_two_each(proxies: TrustProxy) -> Connections {
        Connections::new(ConnectionLimits {
            total: 3,
            per_address: 2,
            proxies,
        })
    }

    #[test]
    fn one_caller_and_all_together_have_their_limits() {
        let connections = three_in_all_and_two_each(TrustProxy::No);
        let first = connections.admit(ip("2001:db8::1")).expect("a place");
        let _second = connections
            .admit(ip("2001:db8::2"))
            .expect("a place in the same network");
        assert!(
            connections.admit(ip("2001:db8::3")).is_none(),
            "one network is one caller"
        );
        let third = connections.admit(ip("1.1.1.1")).expect("another's place");
        assert!(connections.admit(ip("2.2.2.2")).is_none(), "all are taken");
        drop(third);
        drop(first);
        let _first = connections
            .admit(ip("2001:db8::3"))
            .expect("the place that was given back");
        let _third = connections.admit(ip("::ffff:1.1.1.1")).expect("a place");
        assert!(connections.admit(ip("1.1.1.1")).is_none(), "all are taken");
    }

    #[test]
    fn a_trusted_proxy_has_the_limit_of_all() {
        let networks = TrustProxy::Networks(vec!["10.0.0.0/8".parse().expect("a network")]);
        for proxies in [TrustProxy::Hops(1), networks] {
            let connections = three_in_all_and_two_each(proxies);
            let places: Vec<_> = (0..4).filter_map(|_| connections.admit(ip("10.0.0.1"))).collect();
            assert_eq!(places.len(), 3);
        }
        let networks = TrustProxy::Networks(vec!["10.0.0.0/8".parse().expect("a network")]);
        let connections = three_in_all_and_two_each(networks);
        let places: Vec<_> = (0..4).filter_map(|_| connections.admit(ip("8.8.8.8"))).collect();
        assert_eq!(places.len(), 2, "who is no proxy has one caller's");
    }

    #[test]
    fn the_limits_follow_the_files_that_may_be_open() {
        let of = |files| {
            let limits = ConnectionLimits::within(files, TrustProxy::No);
            (limits.total, limits.per_address)
        };
        assert_eq!(of(64), (128, 128));
        assert_eq!(of(1_024), (512, 128));
        assert_eq!(of(20_000), (10_000, 1_250));
        assert_eq!(of(u64::MAX), (16_384, 2_048));
    }
}
