//! What a socket costs: ten thousand of them that listen to one stream must be cheap.

use std::time::Duration;

use model::Side;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::world::World;

const SOCKETS: usize = 400;
/// Of the server's memory, buffers of the system not counted. Measured: about 8 KiB, with 400 as with 9,500 sockets.
const MOST_BYTES: usize = 24 * 1024;

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096
}

/// A client that costs nothing itself; it reads when told.
async fn connect(world: &World, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.address).await.unwrap();
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    stream
}

/// Reads one short text frame of the server.
async fn text(stream: &mut TcpStream) -> Vec<u8> {
    assert_eq!(stream.read_u8().await.unwrap(), 0x81);
    let length = match stream.read_u8().await.unwrap() {
        126 => usize::from(stream.read_u16().await.unwrap()),
        length => usize::from(length),
    };
    let mut text = vec![0; length];
    stream.read_exact(&mut text).await.unwrap();
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_is_cheap() {
    let (mut world, _clock) = World::start_still().await;
    let path = "/ws/btcusdt@trade";
    // What is made once is there already.
    let mut clients = vec![connect(&world, path).await];
    let before = resident();
    while clients.len() <= SOCKETS {
        clients.push(connect(&world, path).await);
    }
    // The server holds the sockets once it sends to them.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let idle = resident().saturating_sub(before) / SOCKETS;
    for _ in 0..10 {
        world.exchange.limit(1_000, Side::Buy, 10_000, 10, "");
        world.exchange.limit(1_001, Side::Sell, 10_000, 10, "");
        world.apply();
        for client in &mut clients {
            assert!(text(client).await.starts_with(b"{\"e\":\"trade\""));
        }
    }
    let used = resident().saturating_sub(before) / SOCKETS;
    eprintln!("bytes of an idle socket: {idle}, of one that got messages: {used}");
    assert!(idle < MOST_BYTES && used < MOST_BYTES, "idle {idle}, used {used}");
    world.stop().await;
}
