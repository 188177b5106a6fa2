//! Requests in good form that are wrong: each has its code.

use std::net::Ipv4Addr;

use crate::http::{Connection, get};
use crate::key::{Key, now_ms};
use crate::world::World;

const GOOD: &str = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=50000";

/// What is put in place of what, and the code of the answer with status 400.
const MALFORMED: &[(&str, &str, i64)] = &[
    ("quantity=0.001", "quantity=1e5", -1100),
    ("quantity=0.001", "quantity=-1", -1100),
    ("quantity=0.001", "quantity=0x10", -1100),
    ("quantity=0.001", "quantity=NaN", -1100),
    ("quantity=0.001", "quantity=99999999999999999999999999", -1100),
    ("quantity=0.001", "quantity=0.0000001", -1013),
    ("quantity=0.001", "quantity=0", -1013),
    ("quantity=0.001", "quantity=", -1105),
    ("quantity=0.001", "quantity=0.00001", -1013),
    ("price=50000", "price=50000.001", -1013),
    ("price=50000", "price=", -1105),
    ("price=50000", "price=50000&price=50000", -1101),
    ("price=50000", "price=50000&colour=red", -1104),
    ("side=BUY", "side=HOLD", -1117),
    ("type=LIMIT", "type=HOPE", -1116),
    ("timeInForce=GTC", "timeInForce=NOW", -1115),
    ("symbol=BTCUSDT", "symbol=NOPE", -1121),
    ("symbol=BTCUSDT", "symbol=%00", -1100),
];

/// Numbers and names that are none.
pub(super) async fn malformed(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let mut connection = Connection::open(world.http, from).await?;
    let [alice, _] = &world.traders;
    for (good, bad, code) in MALFORMED {
        let request = alice.request("POST", "/api/v3/order", &GOOD.replace(good, bad));
        connection.ask(&request).await?.expect(bad, 400, *code)?;
    }
    connection.ask(&get("/api/v3/nowhere")).await?.expect("an unknown path", 404, -1020)?;
    connection.ask(b"PATCH /api/v3/ping HTTP/1.1\r\nHost: soak\r\n\r\n").await?.expect("another method", 405, -1020)?;
    Ok(())
}

/// Keys, times and signatures that are wrong.
pub(super) async fn forged(world: World, from: Ipv4Addr) -> anyhow::Result<()> {
    let mut connection = Connection::open(world.http, from).await?;
    let [alice, bob] = &world.traders;
    let signed = alice.signed(GOOD);
    let changed = signed.replace("quantity=0.001", "quantity=0.002");
    let (unknown, short) = (Key::new(&"a".repeat(64), "secret"), Key::new("short", "secret"));
    let (old, ahead) = (alice.signed_at(GOOD, now_ms() - 10_000), alice.signed_at(GOOD, now_ms() + 10_000));
    let no_time = format!("{GOOD}&signature={}", alice.sign(GOOD));
    let wide = alice.signed(&format!("{GOOD}&recvWindow=60001"));
    for (what, key, body, status, code) in [
        ("an old request", alice, old.as_str(), 400, -1021),
        ("a request of the future", alice, &ahead, 400, -1021),
        ("a request without a time", alice, &no_time, 400, -1102),
        ("a window that is too wide", alice, &wide, 400, -1131),
        ("a request that was changed", alice, &changed, 400, -1022),
        ("a request of another", bob, &signed, 400, -1022),
        ("a request without a signature", alice, GOOD, 400, -1102),
        ("an unknown key", &unknown, &unknown.signed(GOOD), 401, -2015),
        ("a key that can be none", &short, &short.signed(GOOD), 401, -2014),
    ] {
        connection.ask(&key.post("POST", "/api/v3/order", body)).await?.expect(what, status, code)?;
    }
    Ok(())
}
