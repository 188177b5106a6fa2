//! The address of a client behind reverse proxies.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::HeaderMap;

use super::Peer;

/// The proxies that are believed.
pub(super) type Proxies = Arc<[IpAddr]>;

/// The client of a request: the other end of the connection; or when that is a trusted proxy, the last address in `X-Forwarded-For`
/// that is none. What stands before it anybody may have written. Where nothing can be read, it is the proxy itself.
pub(super) fn client(peer: SocketAddr, proxies: &[IpAddr], headers: &HeaderMap) -> Peer {
    let trusted = |address: IpAddr| proxies.contains(&address.to_canonical());
    if !trusted(peer.ip()) {
        return Peer(peer);
    }
    let fields: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or_default()).collect();
    let last_first = fields.iter().rev().flat_map(|field| field.rsplit(','));
    let mut found = peer;
    for text in last_first {
        let Ok(address) = text.trim().parse::<IpAddr>() else { break };
        found = SocketAddr::new(address, 0);
        if !trusted(address) {
            break;
        }
    }
    Peer(found)
}

#[cfg(test)]
mod tests {
    use super::client;
    use axum::http::{HeaderMap, HeaderValue};
    use std::net::IpAddr;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        for (peer, fields, want) in [
            ("10.0.0.1", &[][..], "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.7"], "192.0.2.7"),
            ("::ffff:10.0.0.1", &["192.0.2.7"], "192.0.2.7"),
            // The client may have written anything before what the proxies add.
            ("10.0.0.1", &["1.1.1.1, 192.0.2.7, 10.0.0.2"], "192.0.2.7"),
            ("10.0.0.1", &["1.1.1.1", "192.0.2.7", "10.0.0.2"], "192.0.2.7"),
            ("10.0.0.1", &["192.0.2.7, nonsense"], "10.0.0.1"),
            ("10.0.0.1", &["192.0.2.7, nonsense, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["2001:db8::7"], "2001:db8::7"),
            ("192.0.2.9", &["192.0.2.7"], "192.0.2.9"),
        ] {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append("x-forwarded-for", HeaderValue::from_static(field));
            }
            let peer = std::net::SocketAddr::new(peer.parse().unwrap(), 1_234);
            assert_eq!(client(peer, &proxies, &headers).0.ip(), want.parse::<IpAddr>().unwrap(), "{peer} {fields:?}");
        }
    }
}
