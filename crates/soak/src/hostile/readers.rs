//! Those who listen to much and read nothing.

use std::net::Ipv4Addr;

use anyhow::{Context as _, ensure};

use crate::http::Connection;
use crate::terms::PATIENCE;
use crate::websocket::Socket;
use crate::world::World;

/// What may not be lost of the three markets that are traded.
const STREAMS: &str = "/stream?streams=btcusdt@trade/ethusdt@trade/solusdt@trade/btcusdt@aggTrade/ethusdt@aggTrade/\
                       solusdt@aggTrade/btcusdt@depth@100ms/ethusdt@depth@100ms/solusdt@depth@100ms";

/// Listens to trades and depths and reads nothing. When what waits for it fills the buffers, it is disconnected.
pub(super) async fn reads_nothing(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let before = slow_readers(&world, "streams");
    let connection = Connection::open_with(world.http, from, Some(4_096)).await?;
    let socket = Socket::over(connection, STREAMS).await?;
    is_disconnected(world, socket, "streams", before).await
}

/// How many of a door were disconnected because they read too slowly.
pub(super) fn slow_readers(world: &World, door: &str) -> u64 {
    let metrics = world.metrics.borrow();
    let of_door = metrics.sum("rialto_ws_closed_total", &format!("door=\"{door}\",reason=\"slow_reader\""));
    of_door + metrics.sum("rialto_ws_closed_total", &format!("reason=\"slow_reader\",door=\"{door}\""))
}

/// Waits, without reading, until the exchange says that it disconnected one more; then what is left must come to an end.
pub(super) async fn is_disconnected(mut world: World, socket: Socket, door: &str, before: u64) -> anyhow::Result<()> {
    let limit = world.terms.time;
    let disconnected = async {
        while slow_readers(&world, door) == before {
            world.metrics.changed().await?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(limit, disconnected)
        .await
        .with_context(|| format!("{door}: whoever reads nothing is not disconnected"))??;
    let end = socket.into_connection().end(PATIENCE).await;
    ensure!(end.is_ok(), "{door}: whoever read nothing is sent to without an end");
    Ok(())
}
