//! Bodies that do not come to their end, are too long, or are not what their head says.

use std::net::Ipv4Addr;
use std::time::Instant;

use anyhow::{Context as _, ensure};

use crate::http::{Connection, get};
use crate::terms::{MAX_BODY, PATIENCE};
use crate::world::World;

fn post(fields: &str, body: &str) -> Vec<u8> {
    format!("POST /api/v3/order HTTP/1.1\r\nHost: soak\r\n{fields}\r\n{body}").into_bytes()
}

/// A part of a body, then nothing: 408 with -1001 after `http.request_timeout_ms`, and the connection is closed.
pub(super) async fn stalls(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let request = if world.round.is_multiple_of(2) {
        post("Content-Length: 100\r\n", "symbol=BTC")
    } else {
        post("Transfer-Encoding: chunked\r\n", "20\r\nsymbol=BTC")
    };
    let begin = Instant::now();
    let mut connection = Connection::open(world.http, from).await?;
    connection.send(&request).await?;
    let answer = connection.answer_within(world.terms.request + PATIENCE).await?;
    answer.expect("a body that never ends", 408, -1001)?;
    let took = begin.elapsed();
    ensure!(took > world.terms.request / 2, "a body that never ends was given up after {} ms", took.as_millis());
    connection.end(PATIENCE).await.context("a body that never ends")?;
    Ok(())
}

/// More than `http.max_body_bytes`: 413 with -1101.
pub(super) async fn too_long(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let (length, long) = (MAX_BODY + 1, "a".repeat(MAX_BODY + 1));
    let (what, goes_on, request) = match world.round % 4 {
        0 => ("a long body", true, post(&format!("Content-Length: {length}\r\n"), &long)),
        1 => {
            let chunk = format!("{length:x}\r\n{long}\r\n0\r\n\r\n");
            ("a long chunk", true, post("Transfer-Encoding: chunked\r\n", &chunk))
        }
        2 => {
            let fields = format!("Expect: 100-continue\r\nContent-Length: {length}\r\n");
            ("a long body that asks for leave", false, post(&fields, ""))
        }
        _ => ("a body of a gigabyte", false, post("Content-Length: 1073741824\r\n", "a")),
    };
    let mut connection = Connection::open(world.http, from).await?;
    connection.ask(&request).await?.expect(what, 413, -1101)?;
    if goes_on {
        // It was read to its end, so that the connection is good for more.
        connection.ask(&get("/api/v3/ping")).await?.expect(what, 200, 0)?;
    } else {
        connection.end(PATIENCE).await.context(what)?;
    }
    Ok(())
}

/// Lengths that are none, two of them, or another than that of the body: 400, or 408 with -1001 when the rest never comes.
pub(super) async fn lies(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let number = world.round;
    let (fields, body, status, code) = match number % 8 {
        0 => ("Content-Length: -1\r\n", "", 400, 0),
        1 => ("Content-Length: many\r\n", "", 400, 0),
        2 => ("Content-Length: 3\r\nContent-Length: 4\r\n", "a=b", 400, 0),
        3 => ("Transfer-Encoding: identity\r\n", "a=b", 400, 0),
        4 => ("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n", 400, 0),
        5 => ("Transfer-Encoding: chunked\r\n", "xyz\r\na=b\r\n0\r\n\r\n", 408, -1001),
        6 => ("Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\na=b\r\n", 408, -1001),
        _ => ("Content-Length: 100\r\n", "a=b", 408, -1001),
    };
    let mut connection = Connection::open(world.http, from).await?;
    connection.send(&post(fields, body)).await?;
    if number % 8 == 7 {
        connection.finish().await?;
    }
    let what = fields.trim_end();
    connection.answer().await.context(what)?.expect(what, status, code)?;
    connection.end(PATIENCE).await.context(what)?;
    Ok(())
}

/// A request that hides in another, which a proxy in front would read in another way: two lengths, where the chunks count and the
/// connection is closed after the answer; or a short length, where what follows is read as the next request, and is garbage.
pub(super) async fn smuggles(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let hidden = "0\r\n\r\nGET /api/v3/time HTTP/1.1\r\nHost: soak\r\n\r\n";
    let (fields, body) = match world.round % 3 {
        0 => ("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", hidden),
        1 => ("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", hidden),
        _ => ("Content-Length: 3\r\n", "a=bNONSENSE\r\n\r\n"),
    };
    let is_two = body == hidden;
    let mut connection = Connection::open(world.http, from).await?;
    let what = "a request within a request";
    connection.ask(&post(fields, body)).await?.expect(what, 401, -2014)?;
    if !is_two {
        connection.answer().await?.expect(what, 400, 0)?;
    }
    let more = connection.more(PATIENCE).await;
    ensure!(!matches!(more, Ok(1..)), "{what} was answered");
    Ok(())
}

/// Asks and asks, and takes no answer: the connection is closed when nothing was taken for `http.request_timeout_ms`.
pub(super) async fn takes_nothing(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    // More than the system buffers; this path weighs nothing.
    let requests = get("/metrics").repeat(200);
    let begin = Instant::now();
    let mut connection = Connection::open_with(world.http, from, Some(4_096)).await?;
    // When the answers are not taken, the requests are not either.
    let _ = connection.send(&requests).await;
    tokio::time::sleep(world.terms.request.saturating_sub(begin.elapsed())).await;
    // The reset is seen when what was there has been read; until then, sending tells.
    while connection.send(b"\r\n").await.is_ok() {
        ensure!(begin.elapsed() < world.terms.request + PATIENCE, "whoever takes no answer is suffered");
        tokio::time::sleep(world.terms.request / 10).await;
    }
    Ok(())
}
