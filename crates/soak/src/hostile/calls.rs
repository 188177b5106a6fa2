//! Those who misuse the gRPC door.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use tokio::time::sleep;

use crate::grpc::{Client, Status, end, framed};
use crate::http::Connection;
use crate::key::now_ms;
use crate::terms::{MAX_BODY, PATIENCE, REFUSALS_BEFORE_BAN, WEIGHT_1M};
use crate::world::World;

const EXCHANGE_INFO: &str = "/rialto.v1.Market/GetExchangeInfo";
const DEPTH: &str = "/rialto.v1.Market/GetDepth";
const TRADES: &str = "/rialto.v1.Market/StreamTrades";
const BALANCES: &str = "/rialto.v1.Account/GetBalances";
/// `grpc.max_streams`: the default.
const STREAMS: usize = 100;

/// Field 1, with the text `BTCUSDT`: what these methods want.
const BTCUSDT: &[u8] = b"\x0a\x07BTCUSDT";
/// How long nothing is read: the honest traders fill 64 KiB of the transport and the buffer of a stream in this time.
const UNREAD: Duration = Duration::from_secs(20);
/// A market in which nobody trades.
const QUIET: &[u8] = b"\x0a\x06XMRBTC";

/// How a call of weight 20 ends, over a connection of its own.
pub(super) async fn exchange_info(to: SocketAddr, from: Ipv4Addr) -> anyhow::Result<Status> {
    Client::open(to, from).await?.call(EXCHANGE_INFO, &[], framed(0, b"")).await
}

/// Messages that are none, methods that there are not, keys and signatures that are wrong: each has its code and reason.
pub(super) async fn broken(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let client = Client::open(world.grpc, from).await?;
    let [alice, _] = &world.traders;
    let metadata = |key: &str, time_ms: u64| {
        vec![("x-api-key", key.to_owned()), ("x-timestamp", time_ms.to_string()), ("x-signature", "0".repeat(64))]
    };
    let (now, unknown) = (now_ms(), "a".repeat(64));
    let (unauthenticated, invalid) = ("16", "3");
    for (what, path, metadata, message, code, reason) in [
        ("a good call", EXCHANGE_INFO, vec![], framed(0, b""), "0", ""),
        ("an unknown method", "/rialto.v1.Market/Dance", vec![], framed(0, b""), "12", "UNKNOWN_RPC"),
        ("a message that is none", DEPTH, vec![], framed(0, b"\xff\xff\xff"), invalid, "INVALID_REQUEST"),
        ("a market that there is not", DEPTH, vec![], framed(0, b"\x0a\x04NOPE"), "5", "INVALID_SYMBOL"),
        ("a message that is too long", DEPTH, vec![], framed(0, &vec![0; MAX_BODY + 1]), "8", "BODY_TOO_LARGE"),
        ("no key", BALANCES, vec![], framed(0, b""), unauthenticated, "INVALID_KEY_FORMAT"),
        ("an unknown key", BALANCES, metadata(&unknown, now), framed(0, b""), "7", "INVALID_KEY"),
        (
            "a wrong signature",
            BALANCES,
            metadata(&alice.name, now),
            framed(0, b""),
            unauthenticated,
            "INVALID_SIGNATURE",
        ),
        ("an old call", BALANCES, metadata(&alice.name, now - 10_000), framed(0, b""), unauthenticated, "TOO_OLD"),
        (
            "two messages in one",
            BALANCES,
            metadata(&alice.name, now),
            framed(0, b"").repeat(2).into(),
            invalid,
            "INVALID_REQUEST",
        ),
        ("a compressed message", BALANCES, metadata(&alice.name, now), framed(1, b""), invalid, "INVALID_REQUEST"),
    ] {
        let status = client.call(path, &metadata, message).await.with_context(|| what.to_owned())?;
        ensure!(
            status == (code.to_owned(), reason.to_owned()),
            "{what}: {code} with {reason} is documented, the answer was {status:?}"
        );
    }
    Ok(())
}

/// Connections that do not come to a call, or whose client answers no ping: closed.
pub(super) async fn half_open(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const SETTINGS: &[u8] = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    let (what, sent) = match world.round % 4 {
        0 => ("a client that answers no ping", [PREFACE, SETTINGS].concat()),
        1 => ("HTTP/1 on the port of gRPC", b"GET / HTTP/1.1\r\nHost: soak\r\n\r\n".to_vec()),
        2 => ("a handshake that never ends", PREFACE[..10].to_vec()),
        _ => ("a handshake without settings", PREFACE.to_vec()),
    };
    let begin = Instant::now();
    let mut connection = Connection::open(world.grpc, from).await?;
    connection.send(&sent).await?;
    connection.end(world.terms.keepalive.max(world.terms.head) + PATIENCE).await.context(what)?;
    let at_once = begin.elapsed() < world.terms.head.min(world.terms.keepalive) / 2;
    ensure!(at_once == (world.round % 4 == 1), "{what}: given up after {} ms", begin.elapsed().as_millis());
    Ok(())
}

/// Calls that are taken back as soon as they are made (the attack called rapid reset). The server may end the connection; another one
/// is served.
pub(super) async fn resets(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let client = Client::open(world.grpc, from).await?;
    for _ in 0..300 {
        // Dropping the answer resets the stream.
        if client.begin(DEPTH, &[], framed(0, BTCUSDT)).await.is_err() {
            break;
        }
    }
    drop(client);
    let client = Client::open(world.grpc, from).await?;
    let status = client.call("/grpc.health.v1.Health/Check", &[], framed(0, b"")).await?;
    ensure!(status.0 == "0", "after calls that were reset: {status:?}");
    // Each of them weighs 5.
    sleep(Duration::from_secs(20)).await;
    Ok(())
}

/// As many streams as one connection may have; all break with the connection.
pub(super) async fn many(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let client = Client::open(world.grpc, from).await?;
    let mut streams = Vec::new();
    for _ in 0..STREAMS {
        let answer = client.begin(TRADES, &[], framed(0, QUIET)).await?;
        let answer = tokio::time::timeout(PATIENCE, answer).await.context("a stream was not opened")??;
        ensure!(!answer.headers().contains_key("grpc-status"), "a stream was refused: {:?}", answer.headers());
        streams.push(answer);
    }
    // One more waits, and the connection is as good as before.
    let more = client.begin(TRADES, &[], framed(0, QUIET)).await?;
    let opened = tokio::time::timeout(Duration::from_secs(1), more).await;
    ensure!(opened.is_err(), "one connection has more than {STREAMS} streams: {opened:?}");
    drop(streams);
    let status = client.call("/grpc.health.v1.Health/Check", &[], Bytes::from_static(&[0; 5])).await?;
    ensure!(status.0 == "0", "after many streams: {status:?}");
    Ok(())
}

/// Listens to the trades of all and reads nothing, until its buffers must be full: `RESOURCE_EXHAUSTED` with `SLOW_READER` is all that
/// it finds behind what they held.
pub(super) async fn reads_nothing(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    // Little room here, so that most of it waits in the exchange; fewer frames than the library suffers unread.
    let client = Client::open_with(world.grpc, from, 4_096).await?;
    let markets = [BTCUSDT, b"\x0a\x07ETHUSDT", b"\x0a\x07SOLUSDT"].concat();
    let answer = client.begin(TRADES, &[], framed(0, &markets)).await?;
    let answer = tokio::time::timeout(PATIENCE, answer).await.context("a stream was not opened")??;
    sleep(UNREAD).await;
    let ended = tokio::time::timeout(PATIENCE, end(answer.into_body())).await;
    let status = ended.context("whoever reads nothing is sent to without an end")??;
    ensure!(status == ("8".to_owned(), "SLOW_READER".to_owned()), "whoever reads nothing: {status:?}");
    Ok(())
}

/// More weight than an address has: `RESOURCE_EXHAUSTED` with `TOO_MUCH_WEIGHT`, then with `BANNED`.
pub(super) async fn floods(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    if world.terms.is_short && world.round > 0 {
        world.stop.cancelled().await;
        return Ok(());
    }
    let client = Client::open(world.grpc, from).await?;
    let (mut admitted, mut refused) = (0, 0);
    loop {
        let (code, reason) = client.call(EXCHANGE_INFO, &[], framed(0, b"")).await?;
        match (code.as_str(), reason.as_str()) {
            ("0", _) => admitted += 1,
            ("8", "TOO_MUCH_WEIGHT") => refused += 1,
            ("8", "BANNED") => break,
            _ => anyhow::bail!("too much weight: {code} {reason}"),
        }
        ensure!(admitted <= 2 * WEIGHT_1M / 20 + 10, "{admitted} calls of weight 20 were admitted");
        ensure!(refused <= 3 * REFUSALS_BEFORE_BAN, "{refused} refusals without a ban");
    }
    ensure!(refused >= REFUSALS_BEFORE_BAN, "banned after {refused} refusals");
    if !world.terms.is_short {
        drop(client);
        sleep(Duration::from_secs((120 << world.round.min(11)) + 2)).await;
        let status = exchange_info(world.grpc, from).await?;
        ensure!(status.0 == "0", "after a ban: {status:?}");
    }
    Ok(())
}
