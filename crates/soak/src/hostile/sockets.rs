//! Those who break the rules of the market streams.

use std::net::Ipv4Addr;
use std::time::Instant;

use anyhow::ensure;

use crate::terms::{MAX_BODY, PATIENCE};
use crate::websocket::{BINARY, Socket, TEXT, frame, head};
use crate::world::World;

/// Codes of close frames: a rule of the server was broken; binary messages are not taken.
const POLICY: u16 = 1_008;
const UNSUPPORTED: u16 = 1_003;

const LIST: &str = r#"{"method":"LIST_SUBSCRIPTIONS","id":1}"#;

/// More than `http.ws.max_messages_per_second`, all at once: messages, pings, or pongs. Closed with 1008.
pub(super) async fn too_many(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let message = match world.round % 3 {
        0 => frame(TEXT, LIST.as_bytes()),
        1 => frame(9, b"hello"),
        _ => frame(10, b"hello"),
    };
    let mut socket = Socket::open(world.http, from, "/ws").await?;
    // It may be closed before all of it is sent.
    let _ = socket.raw(&message.repeat(30)).await;
    socket.closes("too many messages", POLICY, PATIENCE).await
}

/// Frames that there are not, text that is none, messages that are too long: closed with 1008. Binary messages: with 1003.
pub(super) async fn broken(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let (what, code, bytes) = match world.round % 9 {
        0 => ("text that is not UTF-8", POLICY, frame(TEXT, b"{\"id\":\xff\xfe}")),
        1 => ("a message that is too long", POLICY, frame(TEXT, &vec![b' '; MAX_BODY + 1])),
        2 => ("a binary message", UNSUPPORTED, frame(BINARY, b"{}")),
        3 => ("an opcode that there is not", POLICY, frame(3, b"hello")),
        4 => ("bits that are reserved", POLICY, frame(0x70 | TEXT, b"hello")),
        5 => ("a frame without a mask", POLICY, b"\x81\x05hello".to_vec()),
        6 => ("a continuation of nothing", POLICY, frame(0, b"hello")),
        7 => ("a ping that is too long", POLICY, frame(9, &[b'a'; 126])),
        _ => ("a frame of a terabyte", POLICY, head(0x80 | TEXT, 1 << 40)),
    };
    let mut socket = Socket::open(world.http, from, "/ws").await?;
    let _ = socket.raw(&bytes).await;
    socket.closes(what, code, PATIENCE).await
}

/// Control messages that ask for nothing: each has its number, and the connection goes on.
pub(super) async fn nonsense(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let mut socket = Socket::open(world.http, from, "/stream").await?;
    for (text, code) in [
        ("{\"method\":", 3),
        (r#"{"method":"DANCE","id":1}"#, 2),
        (r#"{"method":"SET_PROPERTY","params":["colour",true],"id":1}"#, 0),
        (r#"{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}"#, 1),
    ] {
        let answer = socket.ask(text).await?;
        ensure!(answer["error"]["code"] == code, "{text}: code {code} is documented, the answer was {answer}");
    }
    socket.close().await
}

/// More than `http.ws.max_subscriptions` streams: refused with number 2, and none of them is subscribed to.
pub(super) async fn too_greedy(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let names: Vec<String> = (0..1_025).map(|number| format!("\"x{number}@trade\"")).collect();
    let mut socket = Socket::open(world.http, from, "/ws").await?;
    let answer = socket.ask(&format!("{{\"method\":\"SUBSCRIBE\",\"params\":[{}],\"id\":1}}", names.join(","))).await?;
    ensure!(answer["error"]["code"] == 2, "too many streams: code 2 is documented, the answer was {answer}");
    let answer = socket.ask(LIST).await?;
    ensure!(answer["result"].as_array().is_some_and(Vec::is_empty), "too many streams: some stayed, {answer}");
    socket.close().await
}

/// Reads, but answers no ping: closed with 1008 after `http.ws.pong_timeout_ms`.
pub(super) async fn never_pongs(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let begin = Instant::now();
    let mut socket = Socket::open(world.http, from, "/ws/btcusdt@miniTicker").await?;
    let limit = world.terms.pong + 2 * world.terms.ping + PATIENCE;
    socket.closes("no answer to pings", POLICY, limit).await?;
    ensure!(begin.elapsed() >= world.terms.pong, "no answer to pings: closed after {} s", begin.elapsed().as_secs());
    Ok(())
}
