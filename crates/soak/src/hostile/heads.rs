//! Heads that do not come to their end, or are too long.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::http::{Connection, get};
use crate::terms::PATIENCE;
use crate::world::World;

/// `75 s` in the table of `api/server.rs`: a connection without a request.
const IDLE: Duration = Duration::from_secs(75);
/// Between two bytes of one that drips.
const DRIP: Duration = Duration::from_millis(250);

/// A part of a head, at once or byte by byte, alone or after a whole request. The connection is closed after `http.header_timeout_ms`.
pub(super) async fn stalls(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let number = world.round;
    let mut connection = Connection::open(world.http, from).await?;
    if number.is_multiple_of(2) {
        connection.ask(&get("/api/v3/ping")).await?.expect("a ping", 200, 0)?;
    }
    connection.send(b"GET /api/v3/ping HTTP/1.1\r\nHost: so").await?;
    let (begin, limit) = (Instant::now(), world.terms.head + PATIENCE);
    let drips = number % 4 > 1;
    while drips && begin.elapsed() < limit {
        match connection.more(DRIP).await {
            Err(error) if error.kind() == ErrorKind::TimedOut => {}
            // It was closed: `end` says so at once.
            _ => break,
        }
        if connection.send(b"a").await.is_err() {
            break;
        }
    }
    connection.end(limit).await.context("a head that never ends")?;
    let took = begin.elapsed();
    ensure!(took > world.terms.head / 2, "a head that never ends was given up after {} ms", took.as_millis());
    ensure!(took < limit, "a head that never ends was suffered for {} s", took.as_secs());
    Ok(())
}

/// Far more than 64 KiB, more than 100 fields, a path longer than there can be one: statuses 431 and 414.
pub(super) async fn too_long(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let (what, status, request) = match world.round % 3 {
        0 => ("a long field", 431, format!("GET / HTTP/1.1\r\nHost: soak\r\nA: {}\r\n\r\n", "a".repeat(300_000))),
        1 => ("many fields", 431, format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(120))),
        _ => ("a long path", 414, format!("GET /{} HTTP/1.1\r\nHost: soak\r\n\r\n", "a".repeat(66_000))),
    };
    let mut connection = Connection::open(world.http, from).await?;
    // The server need not read it to its end.
    let _ = connection.send(request.as_bytes()).await;
    match connection.answer().await {
        Ok(answer) => answer.expect(what, status, 0)?,
        // Closing with unread bytes resets the connection, and the reset may overtake the answer.
        Err(_) => return Ok(()),
    }
    connection.end(PATIENCE).await.context(what)?;
    Ok(())
}

/// Nothing at all. The connection is closed after 75 s.
pub(super) async fn says_nothing(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let begin = Instant::now();
    let mut connection = Connection::open(world.http, from).await?;
    connection.end(IDLE + PATIENCE).await.context("a connection that says nothing")?;
    let took = begin.elapsed();
    ensure!(took > IDLE - Duration::from_secs(5), "a silent connection was given up after {} s", took.as_secs());
    Ok(())
}
