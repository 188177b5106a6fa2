//! A reader of streams that keeps up: it must never lose a message, nor its connection.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, ensure};
use tokio_util::sync::CancellationToken;

use crate::terms::PATIENCE;
use crate::websocket::Socket;

/// Trades and changes of books, which no reader may miss.
const STREAMS: &str = "/stream?streams=btcusdt@trade/ethusdt@trade/solusdt@trade/\
                       btcusdt@depth@100ms/ethusdt@depth@100ms/solusdt@depth@100ms";

/// Reads until `stop`; gives how many messages came. Ids of trades and of changes of a book follow each other without a hole.
pub(crate) async fn listen(to: SocketAddr, from: Ipv4Addr, stop: CancellationToken) -> anyhow::Result<u64> {
    let mut socket = Socket::open(to, from, STREAMS).await?;
    let mut last: HashMap<String, u64> = HashMap::new();
    let mut messages = 0;
    loop {
        let text = tokio::select! {
            () = stop.cancelled() => break,
            text = socket.next(PATIENCE) => text.context("an honest reader of streams")?,
        };
        messages += 1;
        let message: serde_json::Value = serde_json::from_str(&text)?;
        let (stream, data) = (message["stream"].as_str().unwrap_or_default(), &message["data"]);
        let number = |name: &str| data[name].as_u64().with_context(|| format!("no {name} in {text}"));
        let (first, end) = if stream.ends_with("@trade") {
            let trade = number("t")?;
            (trade, trade)
        } else {
            (number("U")?, number("u")?)
        };
        if let Some(before) = last.insert(stream.to_owned(), end) {
            ensure!(first == before + 1, "an honest reader of {stream} missed something: after {before} came {first}");
        }
    }
    socket.close().await?;
    Ok(messages)
}
