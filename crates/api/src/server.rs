//! The HTTP server: accepts connections, bounds what each may cost, and stops without breaking what is under way.
//!
//! | limit | setting | what happens beyond it |
//! | --- | --- | --- |
//! | open connections | `http.max_connections` | further ones wait in the listener's queue |
//! | time without a request on an open connection | 75 s | the connection is closed |
//! | time from the first byte of a head to its last | `http.header_timeout_ms` | the connection is closed |
//! | size of a head | 64 KiB (twice as much in one burst), 100 fields | status 431 |
//! | length of a path with its query | 65,534 bytes | status 414 |
//! | time for a request, body included | `http.request_timeout_ms` | status 408 or 504 |
//! | size of a body | `http.max_body_bytes` | status 413 |
//! | time in which a client takes nothing of its answer | `http.request_timeout_ms` | the connection is closed |
//!
//! A connection that has sent nothing yet costs one small task: buffers come with its first byte.

mod connection;
mod proxy;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{App, router};
use connection::{Connection, Limits};
use proxy::Proxies;

/// Time for which a connection may stay open without a request.
pub(crate) const IDLE_LIMIT: Duration = Duration::from_secs(75);
/// Pause after the system refused to give a connection: it ran out of file descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Where a request comes from: the other end of the connection, or the client that a trusted proxy there names. An extension of each
/// request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

/// Serves until `stop` is cancelled, then lets requests under way end, for at most `http.shutdown_timeout_ms`.
///
/// # Errors
/// When the listener cannot tell its own address, that is, is not a listener. A connection's fault ends that connection only.
pub async fn serve(listener: TcpListener, app: App, stop: CancellationToken) -> io::Result<()> {
    let address = listener.local_addr()?;
    let limits = Limits { idle: IDLE_LIMIT, head: app.http.header_timeout(), write: app.http.request_timeout() };
    let slots = Arc::new(Semaphore::new(app.http.max_connections));
    let connections = TaskTracker::new();
    let abandon = CancellationToken::new();
    let router = router(app.clone());
    let proxies: Proxies = app.http.trusted_proxies.as_slice().into();
    let open = metrics::gauge!("rialto_http_connections");
    tracing::info!(%address, "listening");
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, peer, slot)) = accepted else { continue };
        let connection = Connection {
            stream,
            peer,
            proxies: proxies.clone(),
            router: router.clone(),
            limits,
            https: app.native.site.is_secure(),
            stop: stop.clone(),
            abandon: abandon.clone(),
        };
        let open = open.clone();
        open.increment(1);
        connections.spawn(async move {
            connection.run().await;
            open.decrement(1);
            drop(slot);
        });
    }
    drop(listener);
    connections.close();
    // WebSockets have left the tasks of their connections.
    app.hub.close().await;
    if tokio::time::timeout(app.http.shutdown_timeout(), connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing connections whose requests did not end in time");
        abandon.cancel();
        connections.wait().await;
    }
    Ok(())
}

/// The next connection, once there is a slot for it; `None` after the system refused to give one, and a pause.
pub(crate) async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    // Nobody closes the semaphore.
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are small and written whole: waiting to fill a packet only adds latency.
            let _ = stream.set_nodelay(true);
            Some((stream, peer, slot))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}
