//! From which address a request comes, as far as that can be believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whose word about the caller's address counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustProxy {
    /// Nobody's: the caller is whoever has connected.
    #[default]
    No,
    /// So many proxies stand in front of the server.
    Hops(u8),
    /// Proxies are in these networks.
    Networks(Vec<IpNet>),
}

/// The caller's address, in a request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Where a request comes from, as the audit log keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub ip: Option<String>,
    /// Cut to 300 characters.
    pub user_agent: Option<String>,
}

const LONGEST_USER_AGENT: usize = 300;

tokio::task_local! {
    static CURRENT: Source;
}

impl Source {
    /// Of the request that this task serves; empty outside of one.
    pub fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_default()
    }

    /// Runs work that outlives its request's task as coming from there.
    pub async fn scoped<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }
}

/// Middleware: finds the caller's address. Needs the server's connect info; without it there is no address.
pub async fn middleware(State(trust): State<TrustProxy>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip());
    let mut source = Source {
        ip: None,
        user_agent: user_agent(request.headers()),
    };
    if let Some(peer) = peer {
        let address = trust.client(peer, request.headers());
        source.ip = Some(address.to_string());
        request.extensions_mut().insert(ClientAddress(address));
    }
    source.scoped(next.run(request)).await
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(LONGEST_USER_AGENT).collect())
}

impl TrustProxy {
    /// Whether who connects from there may be a proxy, which brings many callers.
    pub fn may_be(&self, peer: IpAddr) -> bool {
        match self {
            Self::No => false,
            Self::Hops(_) => true,
            Self::Networks(networks) => networks.iter().any(|network| network.contains(&peer.to_canonical())),
        }
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        match self {
            Self::No => peer,
            Self::Hops(hops) => forwarded(headers).take(usize::from(*hops)).last().unwrap_or(peer),
            Self::Networks(networks) => {
                let trusted = |address: &IpAddr| networks.iter().any(|network| network.contains(address));
                let mut client = peer;
                for before in forwarded(headers) {
                    if !trusted(&client) {
                        break;
                    }
                    client = before;
                }
                client
            }
        }
    }
}

/// The addresses of `X-Forwarded-For` from the nearest to the farthest, up to the first that is none.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = IpAddr> {
    let mut lines: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .map(|value| value.to_str().unwrap_or_default())
        .collect();
    lines.reverse();
    lines
        .into_iter()
        .flat_map(|line| line.rsplit(','))
        .map_while(|entry| address(entry.trim()))
}

/// `1.2.3.4`, `1.2.3.4:5`, `2001:db8::1`, `[2001:db8::1]:5`.
fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .map(|address| address.to_canonical())
}

/// What counts as one caller: an address, or the network of 2⁶⁴ that one IPv6 customer has.
pub fn one_caller(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[rstest]
    #[case::nobody_is_believed(TrustProxy::No, "9.9.9.9", "1.1.1.1", "9.9.9.9")]
    #[case::one_proxy(TrustProxy::Hops(1), "10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1")]
    #[case::two_proxies(TrustProxy::Hops(2), "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1")]
    #[case::fewer_than_said(TrustProxy::Hops(3), "10.0.0.1", "1.1.1.1", "1.1.1.1")]
    #[case::rubbish_ends_the_list(TrustProxy::Hops(2), "10.0.0.1", "x, 1.1.1.1", "1.1.1.1")]
    #[case::none_said(TrustProxy::Hops(1), "10.0.0.1", "", "10.0.0.1")]
    #[case::networks(TrustProxy::Networks(vec!["10.0.0.0/8".parse().unwrap()]), "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1")]
    #[case::a_stranger_is_not_believed(TrustProxy::Networks(vec!["10.0.0.0/8".parse().unwrap()]), "8.8.8.8", "1.1.1.1", "8.8.8.8")]
    #[case::with_a_port(TrustProxy::Hops(1), "::ffff:10.0.0.1", "[2001:db8::1]:443", "2001:db8::1")]
    fn the_address_is_what_trusted_proxies_say(
        #[case] trust: TrustProxy,
        #[case] peer: &str,
        #[case] said: &str,
        #[case] client: &str,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, said.parse().expect("a header"));
        assert_eq!(trust.client(ip(peer), &headers), ip(client));
    }

    #[test]
    fn an_ipv6_network_is_one_caller() {
        assert_eq!(
            one_caller(ip("2001:db8:1:2::3")),
            one_caller(ip("2001:db8:1:2:ffff::9"))
        );
        assert_ne!(one_caller(ip("2001:db8:1:2::3")), one_caller(ip("2001:db8:1:3::3")));
    }
}
