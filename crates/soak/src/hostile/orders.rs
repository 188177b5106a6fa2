//! An account that places more orders than it may in ten seconds: 429 with -1015, and nothing of it is placed.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::time::sleep;

use crate::http::Connection;
use crate::key::now_ms;
use crate::world::World;

/// Requests that are sent before the answer to the first is read.
const AHEAD: u64 = 64;
const SPAN_MS: u64 = 10_000;
/// Finds nobody at this price, and ends at once: it stays counted, and nothing is left of it.
const ORDER: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.001&price=10000";
/// Between two floods, so that most of the load stays that of the honest.
const REST: Duration = Duration::from_secs(60);

/// Places as fast as it can from the turn of the ten seconds until it is refused, waits as it is told, and places once more.
pub(super) async fn floods(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let mut connection = Connection::open(world.http, from).await?;
    let request = |world: &World| world.greedy.request("POST", "/api/v3/order", ORDER);
    sleep(Duration::from_millis(SPAN_MS - now_ms() % SPAN_MS)).await;
    let span = now_ms() / SPAN_MS;
    for _ in 0..AHEAD {
        connection.send(&request(&world)).await?;
    }
    let mut placed = 0;
    let wait = loop {
        let answer = connection.answer().await?;
        if answer.status == 200 {
            placed += 1;
            ensure!(answer.body.contains("\"status\":\"EXPIRED\""), "an order that finds nobody: {}", answer.body);
            ensure!(placed <= world.terms.orders_10s || now_ms() / SPAN_MS > span, "{placed} orders in ten seconds");
            connection.send(&request(&world)).await?;
            continue;
        }
        answer.expect("too many orders", 429, -1015)?;
        break answer.retry_after.context("429 without Retry-After")?;
    };
    ensure!((1..=10).contains(&wait), "too many orders with Retry-After {wait}");
    // Those that were sent meanwhile.
    for _ in 1..AHEAD {
        let answer = connection.answer().await?;
        ensure!(answer.status == 200 || answer.code() == -1015, "too many orders: {} {}", answer.status, answer.body);
    }
    sleep(Duration::from_secs(wait)).await;
    ensure!(connection.ask(&request(&world)).await?.status == 200, "too many orders: refused in the next ten seconds");
    if !world.terms.is_short {
        sleep(REST).await;
    }
    Ok(())
}
