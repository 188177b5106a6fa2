//! The port of the gRPC door: accepts connections, bounds what each may cost, and stops without breaking what is under way.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use runtime::config::Grpc;
use tokio::io::{AsyncReadExt, join};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::body::Calls;
use super::door::Door;
use crate::App;
use crate::server::{IDLE_LIMIT, Peer, accept};

/// Bytes that every connection of HTTP/2 begins with (RFC 9113, section 3.4).
const PREFACE: usize = 24;
/// After so long without a call, at most twice as long, a connection is closed in good order; clients make another by themselves.
const UNUSED_LIMIT: Duration = Duration::from_secs(300);
/// How long the end of an unused connection may take.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);
/// Largest metadata of a call, in bytes.
const MAX_METADATA: u32 = 16 * 1024;
/// What the calls of a connection may have sent without having been read, in bytes.
const RECEIVE_WINDOW: u32 = 1 << 20;
/// What waits in the transport for one slow reader before its messages wait in its own buffer, where they are counted.
const SEND_BUFFER: usize = 64 * 1024;

/// Serves until `stop` is cancelled, then ends streams with a reason and lets calls under way end, for at most
/// `http.shutdown_timeout_ms`.
///
/// # Errors
/// When the listener cannot tell its own address, that is, is not a listener. A connection's fault ends that connection only.
pub async fn serve(listener: TcpListener, app: App, settings: Grpc, stop: CancellationToken) -> io::Result<()> {
    let address = listener.local_addr()?;
    let slots = Arc::new(Semaphore::new(settings.max_connections));
    let connections = TaskTracker::new();
    let abandon = CancellationToken::new();
    let door = Door::new(app.clone(), &settings, stop.clone());
    let open = metrics::gauge!("rialto_grpc_connections");
    tracing::info!(%address, "listening for gRPC");
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &slots) => accepted,
        };
        let Some((stream, peer, slot)) = accepted else { continue };
        let connection = Connection {
            stream,
            peer: Peer(peer),
            door: Arc::clone(&door),
            transport: transport(&settings),
            preface_limit: app.http.header_timeout(),
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
    if timeout(app.http.shutdown_timeout(), connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing gRPC connections whose calls did not end in time");
        abandon.cancel();
        connections.wait().await;
    }
    Ok(())
}

fn transport(settings: &Grpc) -> http2::Builder<TokioExecutor> {
    let mut transport = http2::Builder::new(TokioExecutor::new());
    transport
        .timer(TokioTimer::new())
        .max_concurrent_streams(settings.max_streams)
        .max_header_list_size(MAX_METADATA)
        .initial_connection_window_size(RECEIVE_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .keep_alive_interval(settings.keepalive_interval())
        .keep_alive_timeout(settings.keepalive_timeout());
    transport
}

/// An accepted connection.
struct Connection {
    stream: TcpStream,
    peer: Peer,
    door: Arc<Door>,
    transport: http2::Builder<TokioExecutor>,
    /// How long the preface may take.
    preface_limit: Duration,
    stop: CancellationToken,
    abandon: CancellationToken,
}

impl Connection {
    /// Serves it to its end.
    async fn run(self) {
        // As over HTTP/1: a connection that has sent nothing costs neither buffers nor state.
        let mut byte = [0];
        let peeked = tokio::select! {
            () = self.stop.cancelled() => return,
            peeked = timeout(IDLE_LIMIT, self.stream.peek(&mut byte)) => peeked,
        };
        if matches!(peeked, Ok(Ok(1))) {
            Box::pin(self.serve()).await;
        }
    }

    async fn serve(self) {
        let Self { mut stream, peer, door, transport, preface_limit, stop, abandon } = self;
        // The library would wait for the rest of it for ever: its pings begin after the preface.
        let mut preface = [0; PREFACE];
        let read = tokio::select! {
            () = stop.cancelled() => return,
            read = timeout(preface_limit, stream.read_exact(&mut preface)) => read,
        };
        if !matches!(read, Ok(Ok(_))) {
            return;
        }
        let (reader, writer) = stream.into_split();
        let stream = join(io::Cursor::new(preface).chain(reader), writer);
        let calls = Calls::default();
        let service = service_fn({
            let calls = calls.clone();
            move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(peer);
                let answer = Arc::clone(&door).serve(request, calls.begin());
                async move { Ok::<_, std::convert::Infallible>(answer.await) }
            }
        });
        let mut connection = pin!(transport.serve_connection(TokioIo::new(stream), service));
        // A connection's own fault, such as a client that went away, concerns nobody else.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
            () = unused(&calls) => {
                connection.as_mut().graceful_shutdown();
                let _ = timeout(CLOSE_LIMIT, connection).await;
                return;
            }
        }
        tokio::select! {
            _ = connection => {}
            () = abandon.cancelled() => {}
        }
    }
}

/// Waits until a whole span has passed in which no call was open.
async fn unused(calls: &Calls) {
    let mut before = None;
    loop {
        sleep(UNUSED_LIMIT).await;
        let now = calls.idle();
        if now.is_some() && now == before {
            return;
        }
        before = now;
    }
}
