//! Connections that are broken in the middle of something. The answer is none; what matters is that nothing stays behind.

use std::net::Ipv4Addr;

use crate::http::{Connection, get};
use crate::websocket::{Socket, TEXT, frame, head, upgrade};
use crate::world::World;

/// Breaks one of them.
pub(super) async fn breaks(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let number = world.round;
    let [alice, _] = &world.traders;
    let order = alice.get("/api/v3/openOrders", "symbol=BTCUSDT");
    let sent: &[u8] = match number % 6 {
        0 => b"",
        1 => b"GET /api/v3/pi",
        2 => b"POST /api/v3/order HTTP/1.1\r\nHost: soak\r\nContent-Length: 100\r\n\r\nsymbol=",
        // With the answer under way.
        3 => &order,
        4 => &upgrade("/ws")[..40],
        _ => return breaks_socket(&world, from, number).await,
    };
    let mut connection = Connection::open(world.http, from).await?;
    connection.send(sent).await?;
    connection.reset();
    Ok(())
}

async fn breaks_socket(world: &World, from: Ipv4Addr, number: u64) -> anyhow::Result<()> {
    let path = if number % 4 > 1 { "/ws-api/v3" } else { "/ws/btcusdt@trade/btcusdt@depth@100ms" };
    let mut socket = Socket::open(world.http, from, path).await?;
    match number % 3 {
        0 => socket.raw(&head(0x80 | TEXT, 1_000)[..3]).await?,
        1 => socket.raw(&frame(TEXT, &[b' '; 1_000])[..500]).await?,
        // Nothing more is said; another connection is broken behind a request.
        _ => {
            socket.text(r#"{"id":1,"method":"ping"}"#).await?;
            let mut connection = Connection::open(world.http, from).await?;
            connection.send(&get("/api/v3/ping")).await?;
            connection.reset();
        }
    }
    socket.reset();
    Ok(())
}
