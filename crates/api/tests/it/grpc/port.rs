//! A running gRPC server over a state, and clients of it.

use std::net::SocketAddr;
use std::time::Duration;

use api::App;
use api::grpc::client::Credentials;
use axum::http::uri::PathAndQuery;
use runtime::config::{Grpc, Settings};
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};

use crate::door::{Door, NOW_US};

/// How long a test waits for something that has to come.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Port {
    pub(super) address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Port {
    pub(super) fn open(app: &App) -> Self {
        Self::open_with(app, |_| {})
    }

    pub(super) fn open_with(app: &App, change: impl FnOnce(&mut Grpc)) -> Self {
        let mut settings = Settings::defaults().grpc;
        change(&mut settings);
        // A small buffer in the system, which accepted sockets inherit: a slow reader is noticed early.
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(64 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1_024).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let server = tokio::spawn({
            let (app, stop) = (app.clone(), stop.clone());
            async move { api::grpc::serve(listener, app, settings, stop).await.unwrap() }
        });
        Self { address, stop, server }
    }

    pub(super) async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    /// A client for which the network takes little: what it does not read stays with the server.
    pub(super) async fn narrow_channel(&self) -> Channel {
        let endpoint = Endpoint::from_shared(format!("http://{}", self.address)).unwrap();
        endpoint.initial_stream_window_size(16 * 1024).connect().await.unwrap()
    }

    /// Asks the server to stop, and does not wait.
    pub(super) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Stops the server and waits for its end.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.server).await.expect("the server stops").unwrap();
    }
}

/// The trading key of a door.
pub(super) fn trader(door: &Door) -> Credentials {
    Credentials::new(&door.trader.key, &door.trader.secret)
}

/// A request signed with the trading key at the door's time.
pub(super) fn signed<M: prost::Message>(door: &Door, path: &str, message: M) -> Request<M> {
    trader(door).sign(path, message, NOW_US)
}

/// Calls any method with any message; gives the status of its head.
pub(super) async fn call<M>(channel: &Channel, path: &'static str, request: Request<M>) -> Result<(), Status>
where
    M: prost::Message + 'static,
{
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<M, ()>::default();
    client.server_streaming(request, PathAndQuery::from_static(path), codec).await.map(drop)
}

/// The next message of a stream.
pub(super) async fn next<T>(stream: &mut Streaming<T>) -> Result<T, Status> {
    let message = tokio::time::timeout(PATIENCE, stream.message()).await.expect("a message in time")?;
    Ok(message.expect("the stream goes on"))
}

/// Code, reason and sentence of a refusal.
pub(super) fn refusal(status: &Status) -> (tonic::Code, String, String) {
    let reason = status.metadata().get("x-rialto-code").map(|reason| reason.to_str().unwrap().to_owned());
    (status.code(), reason.unwrap_or_default(), status.message().to_owned())
}
