//! Those who misuse the WebSocket API.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tokio::time::sleep;

use super::readers;
use crate::http::Connection;
use crate::key::{Key, now_ms};
use crate::terms::{PATIENCE, REFUSALS_BEFORE_BAN, WEIGHT_1M};
use crate::websocket::{BINARY, Socket, TEXT, frame};
use crate::world::World;

const PATH: &str = "/ws-api/v3";
/// Weighs 80.
const HEAVY: &str = r#"{"id":1,"method":"ticker.24hr"}"#;
/// The first ban, in milliseconds.
const BAN_MS: u64 = 120_000;

/// A request with its time, signed by `signer` as the key of `named`.
fn request(method: &str, named: &Key, signer: &Key, time_ms: u64) -> String {
    let name = &named.name;
    let signature = signer.sign(&format!("apiKey={name}&timestamp={time_ms}"));
    format!(
        "{{\"id\":7,\"method\":\"{method}\",\"params\":{{\"apiKey\":\"{name}\",\"timestamp\":{time_ms},\"signature\":\"{signature}\"}}}}"
    )
}

/// Each lie has its status and code, and the connection goes on; at last a binary message, or too many pings, end it.
pub(super) async fn lies(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let [alice, bob] = &world.traders;
    let now = now_ms();
    let mut socket = Socket::open(world.http, from, PATH).await?;
    let unknown = Key::new(&"a".repeat(64), "secret");
    let unsigned =
        format!(r#"{{"id":7,"method":"account.status","params":{{"apiKey":"{}","timestamp":{now}}}}}"#, bob.name);
    for (what, text, status, code) in [
        ("broken JSON", "{\"id\":".to_owned(), 400, -1135),
        ("an array", "[]".to_owned(), 400, -1135),
        ("an id that is none", r#"{"id":{},"method":"ping"}"#.to_owned(), 400, -1135),
        ("an unknown method", r#"{"id":7,"method":"dance"}"#.to_owned(), 400, -1020),
        ("parameters that are none", r#"{"id":7,"method":"ping","params":[1]}"#.to_owned(), 400, -1135),
        ("an unknown parameter", r#"{"id":7,"method":"ping","params":{"a":1}}"#.to_owned(), 400, -1101),
        ("the signature of another", request("account.status", alice, bob, now), 400, -1022),
        ("an old request", request("account.status", alice, alice, now - 10_000), 400, -1021),
        ("an unknown key", request("account.status", &unknown, &unknown, now), 401, -2015),
        ("a log-on with another's key", request("session.logon", alice, bob, now), 400, -1022),
        ("a good log-on", request("session.logon", alice, alice, now), 200, 0),
        ("another's key without a signature", unsigned, 400, -1102),
    ] {
        let answer = socket.ask(&text).await?;
        let said = (answer["status"].as_i64(), answer["error"]["code"].as_i64().unwrap_or(0));
        ensure!(said == (Some(status), code), "{what}: {status} with {code} is documented, the answer was {answer}");
    }
    if world.round.is_multiple_of(2) {
        socket.send(BINARY, b"{}").await?;
        return socket.closes("a binary message", 1_003, PATIENCE).await;
    }
    let _ = socket.raw(&frame(9, b"hello").repeat(30)).await;
    socket.closes("too many pings", 1_008, PATIENCE).await
}

/// More weight than an address has: 429, then 418, each with the time from which on it is served again.
pub(super) async fn floods(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    if world.terms.is_short && world.round > 0 {
        world.stop.cancelled().await;
        return Ok(());
    }
    let mut socket = Socket::open(world.http, from, PATH).await?;
    let (mut admitted, mut refused) = (0, 0);
    loop {
        let answer = socket.ask(HEAVY).await?;
        let error = &answer["error"];
        let wait_ms = || {
            let data = &error["data"];
            data["retryAfter"].as_u64()?.checked_sub(data["serverTime"].as_u64()?)
        };
        match answer["status"].as_u64() {
            Some(200) => {
                admitted += 1;
                ensure!(admitted <= 2 * WEIGHT_1M / 80 + 10, "{admitted} requests of weight 80 were admitted");
            }
            Some(429) => {
                refused += 1;
                let wait = wait_ms().with_context(|| format!("429 does not say until when: {answer}"))?;
                ensure!(error["code"] == -1003 && wait <= 60_000, "too much weight: {answer}");
                ensure!(refused <= 3 * REFUSALS_BEFORE_BAN, "{refused} refusals without a ban");
            }
            Some(418) => {
                ensure!(refused >= REFUSALS_BEFORE_BAN, "banned after {refused} refusals: {answer}");
                let wait = wait_ms().with_context(|| format!("418 does not say until when: {answer}"))?;
                let ban = BAN_MS << world.round.min(11);
                ensure!(error["code"] == -1003 && wait.abs_diff(ban) <= 3_000, "a ban of {ban} ms: {answer}");
                if !world.terms.is_short {
                    // Whoever sleeps answers no pings: another connection after the ban.
                    drop(socket);
                    sleep(Duration::from_millis(wait + 1_000)).await;
                    let answer = Socket::open(world.http, from, PATH).await?.ask(r#"{"id":1,"method":"ping"}"#).await?;
                    ensure!(answer["status"] == 200, "after a ban: {answer}");
                }
                return Ok(());
            }
            _ => anyhow::bail!("too much weight: {answer}"),
        }
    }
}

/// Asks and asks, and takes no answer: disconnected when the buffers are full.
pub(super) async fn takes_nothing(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let before = readers::slow_readers(&world, "ws-api");
    let connection = Connection::open_with(world.http, from, Some(4_096)).await?;
    let mut socket = Socket::over(connection, PATH).await?;
    // Large answers fill the buffers of the system, small ones that of the exchange.
    let large = frame(TEXT, br#"{"id":1,"method":"exchangeInfo"}"#);
    let small = frame(TEXT, br#"{"id":1,"method":"ping"}"#);
    // What it does not take any more it need not be sent.
    let _ = socket.raw(&large.repeat(100)).await;
    let _ = socket.raw(&small.repeat(1_500)).await;
    readers::is_disconnected(world, socket, "ws-api", before).await
}
