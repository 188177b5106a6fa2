//! What all clients know.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::health::Metrics;
use crate::key::Key;
use crate::terms::Terms;

/// The exchange, the accounts, and the state of the soak.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) http: SocketAddr,
    pub(crate) grpc: SocketAddr,
    /// Two accounts with money, which the honest traders share.
    pub(crate) traders: [Key; 2],
    /// A sub-account of the first, which places too many orders.
    pub(crate) greedy: Key,
    pub(crate) terms: Arc<Terms>,
    /// What the exchange said of itself last.
    pub(crate) metrics: watch::Receiver<Metrics>,
    /// Cancelled when the clients shall go.
    pub(crate) stop: CancellationToken,
    /// How many rounds whoever asks has come to the end of: the kinds of lies take turns by it.
    pub(crate) round: u64,
}

impl World {
    /// Nothing has happened yet.
    pub(crate) fn new(
        (http, grpc): (SocketAddr, SocketAddr),
        traders: [Key; 2],
        greedy: Key,
        terms: &Terms,
        metrics: watch::Receiver<Metrics>,
    ) -> Self {
        let (terms, stop) = (Arc::new(terms.clone()), CancellationToken::new());
        Self { http, grpc, traders, greedy, terms, metrics, stop, round: 0 }
    }
}

/// The address of those that watch and set up.
pub(crate) const WATCHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// The address of the honest traders.
pub(crate) const HONEST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
