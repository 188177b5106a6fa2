//! A gRPC client over bare HTTP/2, which sends any bytes as messages.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use bytes::Bytes;
use h2::RecvStream;
use h2::client::{ResponseFuture, SendRequest};
use http::{HeaderMap, Request};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::http::Connection;
use crate::terms::PATIENCE;

/// How a call ended: gRPC's code, and the reason of the exchange.
pub(crate) type Status = (String, String);

/// A connection for calls.
pub(crate) struct Client {
    calls: SendRequest<Bytes>,
    driver: JoinHandle<Result<(), h2::Error>>,
}

impl Client {
    /// Connects and shakes hands.
    pub(crate) async fn open(to: SocketAddr, from: Ipv4Addr) -> anyhow::Result<Self> {
        Self::open_with(to, from, 65_535).await
    }

    /// The same where a stream may be sent so many bytes that were not read yet.
    pub(crate) async fn open_with(to: SocketAddr, from: Ipv4Addr, window: u32) -> anyhow::Result<Self> {
        let stream = Connection::open(to, from).await?.into_stream();
        let (calls, connection) = h2::client::Builder::new().initial_window_size(window).handshake(stream).await?;
        Ok(Self { calls, driver: tokio::spawn(connection) })
    }

    /// Begins a call of a path with one message, framed already.
    pub(crate) async fn begin(
        &self,
        path: &str,
        metadata: &[(&'static str, String)],
        message: Bytes,
    ) -> anyhow::Result<ResponseFuture> {
        let mut request = Request::post(format!("http://soak{path}"))
            .header("content-type", "application/grpc")
            .header("te", "trailers");
        for (name, value) in metadata {
            request = request.header(*name, value);
        }
        let ready = timeout(PATIENCE, self.calls.clone().ready()).await.context("no call may be begun")?;
        let (answer, mut body) = ready?.send_request(request.body(())?, false)?;
        // The server may refuse it before it has all of it.
        let _ = body.send_data(message, true);
        Ok(answer)
    }

    /// Makes a call and waits for its end.
    pub(crate) async fn call(
        &self,
        path: &str,
        metadata: &[(&'static str, String)],
        message: Bytes,
    ) -> anyhow::Result<Status> {
        let ended = async {
            let answer = self.begin(path, metadata, message).await?.await?;
            if let Some(status) = status(answer.headers()) {
                return Ok(status);
            }
            end(answer.into_body()).await
        };
        timeout(PATIENCE, ended).await.with_context(|| format!("{path}: there was no answer"))?
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Closes the connection.
        self.driver.abort();
    }
}

/// Reads a stream to its end, and gives how it ended.
pub(crate) async fn end(mut body: RecvStream) -> anyhow::Result<Status> {
    while let Some(data) = body.data().await {
        body.flow_control().release_capacity(data?.len())?;
    }
    let trailers = body.trailers().await?.context("a call ended without a status")?;
    status(&trailers).context("a call ended without a status")
}

fn status(fields: &HeaderMap) -> Option<Status> {
    let text = |name: &str| fields.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Some((text("grpc-status")?, text("x-rialto-code").unwrap_or_default()))
}

/// A message as calls carry it: a flag, its length, its bytes.
pub(crate) fn framed(flag: u8, message: &[u8]) -> Bytes {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[flag], length.to_be_bytes().as_slice(), message].concat().into()
}
