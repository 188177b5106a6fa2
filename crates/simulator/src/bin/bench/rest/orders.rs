//! What a connection sends: the mix of orders, and how it is written for HTTP and for a WebSocket.

use std::io::Write as _;
use std::sync::Arc;

use ring::hmac;

use super::frame;

/// What all connections of a run send.
#[derive(Clone)]
pub(crate) enum Kind {
    /// The same `GET` again and again.
    Get(&'static str),
    /// Signed orders of these accounts, in turn, over HTTP.
    Orders(Vec<Trader>),
    /// Orders of these accounts, in turn, over the WebSocket API, on connections that are logged on.
    Logged(Vec<Trader>),
}

/// An account that can sign.
#[derive(Clone)]
pub(crate) struct Trader {
    pub(crate) key: Arc<str>,
    pub(crate) secret: Arc<str>,
    signing: hmac::Key,
}

impl Trader {
    /// An account by its API key and secret.
    pub(super) fn new(key: &str, secret: &str) -> Self {
        let signing = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        Self { key: key.into(), secret: secret.into(), signing }
    }

    /// The signature of a text, in hexadecimal.
    fn sign(&self, text: &[u8]) -> [u8; 64] {
        let mut signature = [0u8; 64];
        let tag = hmac::sign(&self.signing, text);
        hex::encode_to_slice(tag.as_ref(), &mut signature).expect("a SHA-256 has 32 bytes");
        signature
    }

    /// The request by which a connection to the WebSocket API acts for this account from now on.
    pub(super) fn logon(&self, timestamp: u64) -> String {
        let key = &self.key;
        let signature = self.sign(format!("apiKey={key}&timestamp={timestamp}").as_bytes());
        let signature = String::from_utf8_lossy(&signature);
        format!(
            "{{\"id\":\"logon\",\"method\":\"session.logon\",\"params\":{{\"apiKey\":\"{key}\",\"timestamp\":{timestamp},\
             \"signature\":\"{signature}\"}}}}"
        )
    }
}

/// Symbol, quantity, a price far below the trades, and the price of the trades, in whole units of the quote asset.
const MARKETS: [(&str, &str, u64, u64); 3] =
    [("BTCUSDT", "0.001", 50_000, 60_000), ("ETHUSDT", "0.01", 2_000, 3_000), ("SOLUSDT", "0.1", 100, 150)];

/// The mix of one connection, step by step: a buy that rests far away, its cancel, a buy at the price of the trades, and a sell
/// at that price, which trades at once. No connection has more than two open orders.
pub(crate) struct Mix {
    connection: usize,
    number: u64,
}

/// One step of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    connection: usize,
    cycle: u64,
    step: u64,
}

impl Mix {
    /// The mix of a connection, from its begin.
    pub(crate) const fn new(connection: usize) -> Self {
        Self { connection, number: 0 }
    }

    /// The next step.
    pub(crate) const fn next(&mut self) -> Step {
        let step = Step { connection: self.connection, cycle: self.number / 4, step: self.number % 4 };
        self.number += 1;
        step
    }
}

impl Step {
    /// Whether an order is placed; otherwise one is cancelled.
    pub(crate) const fn places(&self) -> bool {
        self.step != 1
    }

    /// Whether it is sold.
    pub(crate) const fn sells(&self) -> bool {
        self.step == 3
    }

    const fn market(&self) -> (&'static str, &'static str, u64, u64) {
        MARKETS[self.connection / 2 % MARKETS.len()]
    }

    /// Where.
    pub(crate) const fn symbol(&self) -> &'static str {
        self.market().0
    }

    /// How much.
    pub(crate) const fn quantity(&self) -> &'static str {
        self.market().1
    }

    /// For how much: whole units and cents.
    fn parts(&self) -> (u64, u64) {
        let (_, _, far, near) = self.market();
        // Different cents, so that not all resting orders stand on one level.
        if self.step == 0 { (far, self.cycle % 100) } else { (near, 0) }
    }

    /// For how much.
    pub(crate) fn price(&self) -> String {
        let (price, cents) = self.parts();
        format!("{price}.{cents:02}")
    }

    /// The client's name of the order that is placed or cancelled.
    pub(crate) fn client_order_id(&self) -> String {
        let Self { connection, cycle, step } = self;
        format!("c{connection}-{cycle}-{}", if *step == 1 { 0 } else { *step })
    }
}

/// The requests of one connection, one after another.
pub(super) struct Script {
    door: Door,
    mix: Mix,
    body: Vec<u8>,
}

enum Door {
    Get(&'static str),
    Rest(Option<Trader>),
    Socket,
}

impl Script {
    /// The script of a connection.
    pub(super) fn new(kind: &Kind, connection: usize) -> Self {
        let door = match kind {
            Kind::Get(path) => Door::Get(path),
            Kind::Orders(traders) => Door::Rest(traders.get(connection % traders.len().max(1)).cloned()),
            Kind::Logged(_) => Door::Socket,
        };
        Self { door, mix: Mix::new(connection), body: Vec::with_capacity(512) }
    }

    /// Whether requests and answers are frames of a WebSocket.
    pub(super) const fn has_frames(&self) -> bool {
        matches!(self.door, Door::Socket)
    }

    /// Writes the next request; gives whether it places an order. `now_us` is the time of day in microseconds.
    pub(super) fn next(&mut self, now_us: u64, out: &mut Vec<u8>) -> bool {
        self.write(now_us, out).expect("writing to memory does not fail")
    }

    fn write(&mut self, now_us: u64, out: &mut Vec<u8>) -> std::io::Result<bool> {
        let Self { door, mix, body } = self;
        let timestamp = now_us / 1_000;
        body.clear();
        match door {
            Door::Get(path) => {
                write!(out, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
                Ok(false)
            }
            Door::Rest(trader) => {
                let step = mix.next();
                form(&step, timestamp, body)?;
                let key = trader.as_ref().map_or("", |trader| &trader.key);
                if let Some(trader) = &*trader {
                    let signature = trader.sign(body);
                    body.extend_from_slice(b"&signature=");
                    body.extend_from_slice(&signature);
                }
                write!(
                    out,
                    "{} /api/v3/order HTTP/1.1\r\nHost: localhost\r\nX-MBX-APIKEY: {key}\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
                    if step.places() { "POST" } else { "DELETE" },
                    body.len()
                )?;
                out.extend_from_slice(body);
                Ok(step.places())
            }
            Door::Socket => {
                let step = mix.next();
                json(&step, timestamp, body)?;
                frame::write(frame::TEXT, body, out);
                Ok(step.places())
            }
        }
    }
}

/// A step as the form of a REST request, without its signature.
fn form(step: &Step, timestamp: u64, out: &mut Vec<u8>) -> std::io::Result<()> {
    let (symbol, id) = (step.symbol(), step.client_order_id());
    if step.places() {
        let side = if step.sells() { "SELL" } else { "BUY" };
        let (quantity, (price, cents)) = (step.quantity(), step.parts());
        write!(
            out,
            "symbol={symbol}&side={side}&type=LIMIT&timeInForce=GTC&quantity={quantity}&price={price}.{cents:02}\
             &newClientOrderId={id}&timestamp={timestamp}"
        )
    } else {
        write!(out, "symbol={symbol}&origClientOrderId={id}&timestamp={timestamp}")
    }
}

/// A step as a request of the WebSocket API, on a connection that is logged on.
fn json(step: &Step, timestamp: u64, out: &mut Vec<u8>) -> std::io::Result<()> {
    let (symbol, id) = (step.symbol(), step.client_order_id());
    if step.places() {
        let side = if step.sells() { "SELL" } else { "BUY" };
        let (quantity, (price, cents)) = (step.quantity(), step.parts());
        write!(
            out,
            "{{\"id\":\"{id}\",\"method\":\"order.place\",\"params\":{{\"symbol\":\"{symbol}\",\"side\":\"{side}\",\
             \"type\":\"LIMIT\",\"timeInForce\":\"GTC\",\"quantity\":\"{quantity}\",\"price\":\"{price}.{cents:02}\",\
             \"newClientOrderId\":\"{id}\",\"timestamp\":{timestamp}}}}}"
        )
    } else {
        write!(
            out,
            "{{\"id\":\"{id}\",\"method\":\"order.cancel\",\"params\":{{\"symbol\":\"{symbol}\",\
             \"origClientOrderId\":\"{id}\",\"timestamp\":{timestamp}}}}}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Mix, Script, Trader, frame};

    #[test]
    fn three_are_placed_for_one_that_is_cancelled() {
        let mut mix = Mix::new(7);
        let steps: Vec<_> = (0..8).map(|_| mix.next()).collect();
        assert_eq!(steps.iter().filter(|step| step.places()).count(), 6);
        assert_eq!(steps[0].client_order_id(), steps[1].client_order_id(), "what was placed is cancelled");
        let mut names: Vec<_> = steps.iter().filter(|step| step.places()).map(|step| step.client_order_id()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 6);
        assert_eq!((steps[2].price(), steps[2].sells()), (steps[3].price(), !steps[3].sells()), "the two trade");
    }

    #[test]
    fn requests_of_a_socket_are_json_in_frames() {
        let mut script = Script::new(&Kind::Logged(vec![Trader::new("k", "s")]), 0);
        for method in ["order.place", "order.cancel", "order.place", "order.place"] {
            let mut out = Vec::new();
            assert_eq!(script.next(1_700_000_000_000_000, &mut out), method == "order.place");
            // The mask of the frames is zero, so the text stands in them as it is.
            let start = out.iter().position(|&byte| byte == b'{').unwrap();
            let request: serde_json::Value = serde_json::from_slice(&out[start..]).unwrap();
            assert_eq!((request["method"].as_str(), out[0]), (Some(method), 0x80 | frame::TEXT));
        }
    }
}
