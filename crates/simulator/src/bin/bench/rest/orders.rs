//! What a connection sends.

use std::io::Write as _;
use std::sync::Arc;

use ring::hmac;

/// What all connections of a run send.
#[derive(Clone)]
pub(super) enum Kind {
    /// The same `GET` again and again.
    Get(&'static str),
    /// Signed orders of these accounts, in turn.
    Orders(Vec<Trader>),
}

/// An account that can sign.
#[derive(Clone)]
pub(super) struct Trader {
    key: Arc<str>,
    signing: hmac::Key,
}

impl Trader {
    /// An account by its API key and secret.
    pub(super) fn new(key: &str, secret: &str) -> Self {
        Self { key: key.into(), signing: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()) }
    }
}

/// Symbol, quantity, a price far below the trades, and the price of the trades, in whole units of the quote asset.
const MARKETS: [(&str, &str, u64, u64); 3] =
    [("BTCUSDT", "0.001", 50_000, 60_000), ("ETHUSDT", "0.01", 2_000, 3_000), ("SOLUSDT", "0.1", 100, 150)];

/// The requests of one connection, one after another: a buy that rests far away, its cancel, a buy at the price of the trades,
/// and a sell at that price, which trades at once. No connection has more than two open orders.
pub(super) struct Script {
    trader: Option<Trader>,
    path: &'static str,
    market: usize,
    connection: usize,
    number: u64,
    body: Vec<u8>,
}

impl Script {
    /// The script of a connection.
    pub(super) fn new(kind: &Kind, connection: usize) -> Self {
        let (trader, path) = match kind {
            Kind::Get(path) => (None, *path),
            Kind::Orders(traders) => (traders.get(connection % traders.len().max(1)).cloned(), ""),
        };
        Self {
            trader,
            path,
            market: connection / 2 % MARKETS.len(),
            connection,
            number: 0,
            body: Vec::with_capacity(512),
        }
    }

    /// Writes the next request; gives whether it places an order. `now_us` is the time of day in microseconds.
    pub(super) fn next(&mut self, now_us: u64, out: &mut Vec<u8>) -> bool {
        self.write(now_us, out).expect("writing to memory does not fail")
    }

    fn write(&mut self, now_us: u64, out: &mut Vec<u8>) -> std::io::Result<bool> {
        let Self { trader, path, market, connection, number, body } = self;
        let Some(trader) = trader else {
            write!(out, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
            return Ok(false);
        };
        let (symbol, quantity, far, near) = MARKETS[*market];
        let (cycle, step) = (*number / 4, *number % 4);
        *number += 1;
        body.clear();
        let timestamp = now_us / 1_000;
        if step == 1 {
            write!(body, "symbol={symbol}&origClientOrderId=c{connection}-{cycle}-0&timestamp={timestamp}")?;
        } else {
            let side = if step == 3 { "SELL" } else { "BUY" };
            // Different cents, so that not all resting orders stand on one level.
            let (price, cents) = if step == 0 { (far, cycle % 100) } else { (near, 0) };
            write!(
                body,
                "symbol={symbol}&side={side}&type=LIMIT&timeInForce=GTC&quantity={quantity}&price={price}.{cents:02}\
                 &newClientOrderId=c{connection}-{cycle}-{step}&timestamp={timestamp}"
            )?;
        }
        let mut signature = [0u8; 64];
        let tag = hmac::sign(&trader.signing, body);
        hex::encode_to_slice(tag.as_ref(), &mut signature).map_err(std::io::Error::other)?;
        body.extend_from_slice(b"&signature=");
        body.extend_from_slice(&signature);
        let method = if step == 1 { "DELETE" } else { "POST" };
        write!(
            out,
            "{method} /api/v3/order HTTP/1.1\r\nHost: localhost\r\nX-MBX-APIKEY: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            trader.key,
            body.len()
        )?;
        out.extend_from_slice(body);
        Ok(step != 1)
    }
}
