//! What a trader sends, what it must be answered, and what it is worth.

use anyhow::{Context as _, ensure};

use crate::http::Answer;
use crate::key::Key;
use crate::money::{self, Amount};

/// A market: symbol, base asset, quantity, a price far below the trades, the price of the trades in whole units of USDT, and the fee of
/// whoever buys that quantity, a thousandth of it.
struct Market {
    symbol: &'static str,
    base: &'static str,
    quantity: &'static str,
    far: u64,
    near: u64,
    fee: &'static str,
}

const MARKETS: [Market; 3] = [
    Market { symbol: "BTCUSDT", base: "BTC", quantity: "0.001", far: 50_000, near: 60_000, fee: "0.000001" },
    Market { symbol: "ETHUSDT", base: "ETH", quantity: "0.01", far: 2_000, near: 3_000, fee: "0.00001" },
    Market { symbol: "SOLUSDT", base: "SOL", quantity: "0.1", far: 100, near: 150, fee: "0.0001" },
];
const QUOTE: &str = "USDT";

/// The assets whose balances change.
pub(crate) fn assets() -> impl Iterator<Item = &'static str> {
    MARKETS.iter().map(|market| market.base).chain([QUOTE])
}

/// What was traded: of both accounts together nothing changes but by fees.
#[derive(Debug, Default, Clone)]
pub(crate) struct Books {
    trades: [i128; MARKETS.len()],
    quote_fees: Amount,
}

impl Books {
    /// Adds those of another connection.
    pub(crate) fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.trades.iter_mut().zip(other.trades) {
            *mine += theirs;
        }
        self.quote_fees += other.quote_fees;
    }

    /// How many trades there were.
    pub(crate) fn trades(&self) -> i128 {
        self.trades.iter().sum()
    }

    /// What was paid in fees of an asset.
    pub(crate) fn fees(&self, asset: &str) -> anyhow::Result<Amount> {
        if asset == QUOTE {
            return Ok(self.quote_fees);
        }
        let of = MARKETS.iter().zip(self.trades).find(|(market, _)| market.base == asset);
        let (market, trades) = of.context("no such asset is traded")?;
        Ok(money::parse(market.fee)? * trades)
    }
}

/// The steps of a trader: a buy that rests far away, its cancel, a buy at the price of the trades, and a sell at that price. Because
/// each sells only after it has bought, every sell finds a buy at once, its own or another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    RestFar,
    Cancel,
    Buy,
    Sell,
}

/// One connection's.
pub(super) struct Script {
    trader: Key,
    market: usize,
    connection: u32,
    cycle: u64,
    step: Step,
    pub(super) books: Books,
}

impl Script {
    /// At its beginning.
    pub(super) fn new(trader: Key, connection: u32) -> Self {
        let market = connection as usize / 2 % MARKETS.len();
        Self { trader, market, connection, cycle: 0, step: Step::RestFar, books: Books::default() }
    }

    /// Whether nothing of it is open.
    pub(super) fn is_at_rest(&self) -> bool {
        self.step == Step::RestFar
    }

    /// The next request.
    pub(super) fn next(&self) -> Vec<u8> {
        let Self { connection, cycle, .. } = self;
        let Market { symbol, quantity, far, near, .. } = MARKETS[self.market];
        let path = "/api/v3/order";
        let (side, price, name) = match self.step {
            Step::Cancel => {
                let parameters = format!("symbol={symbol}&origClientOrderId=s{connection}-{cycle}-far");
                return self.trader.request("DELETE", path, &parameters);
            }
            // Different cents, so that not all rest on one level.
            Step::RestFar => ("BUY", format!("{far}.{:02}", cycle % 100), "far"),
            Step::Buy => ("BUY", near.to_string(), "buy"),
            Step::Sell => ("SELL", near.to_string(), "sell"),
        };
        let parameters = format!(
            "symbol={symbol}&side={side}&type=LIMIT&timeInForce=GTC&quantity={quantity}&price={price}\
             &newClientOrderId=s{connection}-{cycle}-{name}"
        );
        self.trader.request("POST", path, &parameters)
    }

    /// Compares the answer with what it must be, and takes the next step.
    pub(super) fn check(&mut self, answer: &Answer) -> anyhow::Result<()> {
        let Self { connection, cycle, step, market, .. } = *self;
        let wrong = || format!("connection {connection}, {step:?} {cycle}: {} {}", answer.status, answer.body);
        ensure!(answer.status == 200, wrong());
        let (next, status) = match step {
            Step::RestFar => (Step::Cancel, "\"status\":\"NEW\""),
            Step::Cancel => (Step::Buy, "\"status\":\"CANCELED\""),
            Step::Buy => (Step::Sell, "\"status\":\"NEW\""),
            Step::Sell => (Step::RestFar, "\"status\":\"FILLED\""),
        };
        ensure!(answer.body.contains(status), wrong());
        if step == Step::Sell {
            self.cycle += 1;
            self.books.trades[market] += 1;
            self.books.quote_fees += fee(answer).with_context(wrong)?;
        }
        self.step = next;
        Ok(())
    }
}

/// The fee of a sell that was filled by one buy.
fn fee(answer: &Answer) -> anyhow::Result<Amount> {
    let body = answer.json()?;
    let fills = body["fills"].as_array().context("there are no fills")?;
    ensure!(fills.len() == 1, "all quantities are the same: there is one fill");
    ensure!(fills[0]["commissionAsset"] == QUOTE, "a seller pays in what it receives");
    money::parse(fills[0]["commission"].as_str().context("there is no commission")?)
}
