//! Those who listen to much and read nothing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;

use crate::http::Connection;
use crate::terms::PATIENCE;
use crate::websocket::Socket;
use crate::world::World;

/// The honest traders fill the buffers of the system and of the exchange in this time.
const SUFFERED: Duration = Duration::from_secs(60);
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

/// Waits, without reading, until the exchange has closed its end of the connection, and says that it disconnected one more for this.
/// Reading to the end would not tell: what the system still holds may come slowly, or never.
pub(super) async fn is_disconnected(mut world: World, socket: Socket, door: &str, before: u64) -> anyhow::Result<()> {
    let connection = socket.into_connection();
    let client = connection.address()?;
    let disconnected = async {
        while is_open(world.http, client)? || slow_readers(&world, door) <= before {
            world.metrics.changed().await?;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(SUFFERED + PATIENCE, disconnected)
        .await
        .with_context(|| format!("{door}: whoever reads nothing is not disconnected"))?
}

/// Whether a server has not closed its end of a connection, as the system says: its state is 01, established.
fn is_open(server: SocketAddr, client: SocketAddr) -> anyhow::Result<bool> {
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let (server, client) = (hex(server), hex(client));
    Ok(table.lines().any(|line| {
        let mut words = line.split_whitespace().skip(1);
        words.next() == Some(&server) && words.next() == Some(&client) && words.next() == Some("01")
    }))
}

/// An address as the system writes it: the bytes of IPv4 backwards.
fn hex(address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) => format!("{:08X}:{:04X}", u32::from_le_bytes(ip.octets()), address.port()),
        IpAddr::V6(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{hex, is_open};

    #[test]
    fn the_system_knows_who_has_closed() {
        assert_eq!(hex("127.0.1.21:8080".parse().unwrap()), "1501007F:1F90");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let (at, from) = (server.local_addr().unwrap(), client.local_addr().unwrap());
        assert!(is_open(at, from).unwrap());
        drop(server);
        assert!(!is_open(at, from).unwrap());
    }
}
