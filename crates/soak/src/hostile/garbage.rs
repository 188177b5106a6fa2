//! What is no HTTP, by itself or behind a request: 400 without a body, and the connection is closed.

use std::net::Ipv4Addr;

use anyhow::Context as _;

use crate::http::{Connection, get};
use crate::terms::PATIENCE;
use crate::world::World;

/// Bytes that begin no request.
const GARBAGE: &[&[u8]] = &[
    // The first bytes of TLS.
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"hello world\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /api/v3/ping HTTP/1.1\r\nHost : soak\r\n\r\n",
    b"GET /api/v3/ping HTTP/1.1\r\nHost: soak\r\nA: b\r\n c\r\n\r\n",
    b"GET /api/v3/ping HTTP/1.1\r\nHost: soak\r\nA: b\0c\r\n\r\n",
    b"\xff\xfe\xfd\xfc\r\n\r\n",
];

/// Sends some, every other time behind good requests that are answered before.
pub(super) async fn sends(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let number = world.round;
    let garbage = GARBAGE[usize::try_from(number)? / 2 % GARBAGE.len()];
    let good = if number.is_multiple_of(2) { 0 } else { 3 };
    let mut bytes = get("/api/v3/ping").repeat(good);
    bytes.extend_from_slice(garbage);
    let mut connection = Connection::open(world.http, from).await?;
    connection.send(&bytes).await?;
    for _ in 0..good {
        connection.answer().await?.expect("a ping before garbage", 200, 0)?;
    }
    let what = String::from_utf8_lossy(garbage);
    connection.answer().await.with_context(|| what.to_string())?.expect(&what, 400, 0)?;
    connection.end(PATIENCE).await.with_context(|| what.to_string())?;
    Ok(())
}
