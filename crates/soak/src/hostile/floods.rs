//! An address that asks for more than it may: 429, then 418, each time for longer, then service again.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::time::sleep;

use crate::http::{Answer, Connection, get};
use crate::key::now_ms;
use crate::terms::{REFUSALS_BEFORE_BAN, WEIGHT_1M};
use crate::websocket::Socket;
use crate::world::World;

/// Weighs 80.
const HEAVY: &str = "/api/v3/ticker/24hr";
/// Sent until there is a refusal: more than two minutes' worth, in case the minute turns meanwhile.
const ENOUGH: u64 = 2 * WEIGHT_1M / 80 + 10;
/// The first ban.
const FIRST_BAN: u64 = 120;
/// Between two looks at whether a ban is over.
const LOOK: Duration = Duration::from_secs(5);

/// Floods, is refused and banned, and waits for the end of the ban. Each round the ban is twice as long.
pub(super) async fn weight(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    if world.terms.is_short && world.round > 0 {
        // The ban outlasts the soak.
        world.stop.cancelled().await;
        return Ok(());
    }
    let mut connection = Connection::open(world.http, from).await?;
    let until_ms = is_banned(&mut connection, FIRST_BAN << world.round.min(11)).await?;
    other_doors(&world, from, &mut connection, until_ms).await?;
    if world.terms.is_short {
        return Ok(());
    }
    // Asking while a ban lasts does not make it longer.
    loop {
        let left_ms = until_ms.saturating_sub(now_ms());
        if left_ms < 1_000 {
            break;
        }
        check_ban(&connection.ask(&get("/api/v3/ping")).await?, left_ms.div_ceil(1_000))?;
        sleep(LOOK.min(Duration::from_millis(left_ms - 900))).await;
    }
    sleep(Duration::from_secs(2)).await;
    connection.ask(&get("/api/v3/ping")).await?.expect("after a ban", 200, 0)?;
    Ok(())
}

/// Asks until it is banned, for so many seconds; gives until when.
async fn is_banned(connection: &mut Connection, seconds: u64) -> anyhow::Result<u64> {
    let (mut admitted, mut refused) = (0, 0);
    loop {
        let answer = connection.ask(&get(HEAVY)).await?;
        match answer.status {
            200 => {
                admitted += 1;
                ensure!(admitted <= ENOUGH, "{admitted} requests of weight 80 were admitted");
            }
            429 => {
                refused += 1;
                answer.expect("too much weight", 429, -1003)?;
                let wait = answer.retry_after.context("429 without Retry-After")?;
                let left = 60 - now_ms() / 1_000 % 60;
                // One of the two clocks may have turned the minute already.
                ensure!(
                    wait.abs_diff(left) <= 3 || wait.abs_diff(left) >= 57,
                    "429 with Retry-After {wait}, {left} s before the minute turns"
                );
                ensure!(refused <= 3 * REFUSALS_BEFORE_BAN, "{refused} refusals without a ban");
            }
            _ => {
                ensure!(refused >= REFUSALS_BEFORE_BAN, "banned after {refused} refusals: {}", answer.body);
                return check_ban(&answer, seconds);
            }
        }
    }
}

/// A ban for so many seconds, give or take a few; gives until when.
fn check_ban(answer: &Answer, seconds: u64) -> anyhow::Result<u64> {
    answer.expect("a banned address", 418, -1003)?;
    let wait = answer.retry_after.context("418 without Retry-After")?;
    ensure!(wait.abs_diff(seconds) <= 3, "418 with Retry-After {wait}, {seconds} is documented");
    let until = answer.body.split_once("banned until ").and_then(|(_, rest)| rest.split('.').next()?.parse().ok());
    until.with_context(|| format!("418 does not say until when: {}", answer.body))
}

/// The other doors know of the ban; the operator's paths stay open.
async fn other_doors(world: &World, from: Ipv4Addr, connection: &mut Connection, until_ms: u64) -> anyhow::Result<()> {
    connection.ask(&get("/healthz")).await?.expect("/healthz for a banned address", 200, 0)?;
    let mut socket = Socket::open(world.http, from, "/ws-api/v3").await?;
    let answer = socket.ask(r#"{"id":"x","method":"ping"}"#).await?;
    let error = &answer["error"];
    ensure!(
        answer["status"] == 418 && error["code"] == -1003 && error["data"]["retryAfter"] == until_ms,
        "the WebSocket API answers a banned address {answer}"
    );
    socket.close().await?;
    let answer = super::calls::exchange_info(world.grpc, from).await?;
    ensure!(answer == ("8".to_owned(), "BANNED".to_owned()), "gRPC answers a banned address {answer:?}");
    Ok(())
}

/// Says that it is another. It is counted as what it is.
pub(super) async fn spoofs(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let mut connection = Connection::open(world.http, from).await?;
    let mut before = None;
    let minute = now_ms() / 60_000;
    for number in 1..=5 {
        let request = format!(
            "GET /api/v3/ping HTTP/1.1\r\nHost: soak\r\nX-Forwarded-For: 10.0.0.{number}\r\nX-Real-IP: 10.0.0.{number}\r\n\
             Forwarded: for=10.0.0.{number}\r\n\r\n"
        );
        let answer = connection.ask(request.as_bytes()).await?;
        answer.expect("another address", 200, 0)?;
        let weight = answer.weight.context("an answer does not tell the weight")?;
        let is_counted = before.is_none_or(|before| weight == before + 1);
        ensure!(
            is_counted || now_ms() / 60_000 != minute,
            "another address in a header was believed: {before:?}, {weight}"
        );
        before = Some(weight);
    }
    Ok(())
}
