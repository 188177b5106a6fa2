//! What a message of a market stream says about one market, and how it is written.
//!
//! Fields and their order are those of the Binance page "WebSocket Streams". Every text in them is a number, a symbol or a name of
//! ours, so nothing needs escaping. What comes with every command is written by hand, what comes at a pace by `serde`.

use std::fmt::Write;
use std::sync::Arc;

use marketdata::{
    AggTrade, Average, BookDiff, BookTicker, Candle, Depth, Frame, Level, MarketView, PublicTrade, Ticker,
};
use model::{Price, Quantity, Side, Timestamp, decimal};
use serde::Serialize;

use super::name::Window;
use super::shapes;
use crate::binance::TimeUnit;
use crate::json::{self, MIN_DECIMALS};

/// What is said.
#[derive(Debug)]
pub(crate) enum Content {
    /// Levels that changed.
    Depth(BookDiff),
    /// The best levels.
    Levels(Depth),
    /// A trade.
    Trade(PublicTrade),
    /// Trades of one taker order at one price.
    AggTrade(AggTrade),
    /// A candle, that runs or is over.
    Kline {
        /// What was traded.
        candle: Candle,
        /// Where it ends.
        frame: Frame,
        /// It is over.
        closed: bool,
    },
    /// The last 24 hours, in short.
    MiniTicker(Ticker),
    /// The last 24 hours, and the best bid and ask.
    Ticker(Ticker, BookTicker),
    /// A rolling window.
    Window(Window, Ticker),
    /// The average price of five minutes.
    AvgPrice(Average),
    /// The best bid and ask.
    BookTicker(BookTicker),
}

/// What is said about one market.
#[derive(Debug)]
pub(crate) struct Payload {
    /// The market.
    pub(crate) view: Arc<MarketView>,
    /// What is said.
    pub(crate) content: Content,
    /// When.
    pub(crate) time: Timestamp,
}

impl Payload {
    /// Whether it shows a whole state, so that a later one makes it worthless.
    pub(crate) const fn is_state(&self) -> bool {
        match self.content {
            Content::Depth(_) | Content::Trade(_) | Content::AggTrade(_) | Content::Kline { closed: true, .. } => false,
            Content::Levels(_)
            | Content::Kline { closed: false, .. }
            | Content::MiniTicker(_)
            | Content::Ticker(..)
            | Content::Window(..)
            | Content::AvgPrice(_)
            | Content::BookTicker(_) => true,
        }
    }

    /// Whether it may make an earlier one of its stream worthless.
    pub(crate) const fn may_supersede(&self) -> bool {
        self.is_state() || matches!(self.content, Content::Kline { .. })
    }

    /// Whether an earlier one of the same stream is worth nothing beside it: a state of the same market, of a candle of the same
    /// interval.
    pub(crate) fn supersedes(&self, earlier: &Self) -> bool {
        let same_span = match (&self.content, &earlier.content) {
            (Content::Kline { candle, .. }, Content::Kline { candle: old, .. }) => candle.open_time == old.open_time,
            _ => true,
        };
        same_span && self.may_supersede() && earlier.is_state() && self.view.market.id == earlier.view.market.id
    }

    /// Appends it as JSON. Writing to a `String` cannot fail.
    pub(crate) fn write(&self, out: &mut String, units: TimeUnit) {
        let (view, symbol) = (&*self.view, self.view.symbol());
        let time = units.show(self.time);
        match &self.content {
            Content::Depth(diff) => {
                let (first, last) = (diff.first_update_id, diff.last_update_id);
                let _ = write!(
                    out,
                    "{{\"e\":\"depthUpdate\",\"E\":{time},\"s\":\"{symbol}\",\"U\":{first},\"u\":{last},\"b\":"
                );
                self.write_levels(out, &diff.bids);
                out.push_str(",\"a\":");
                self.write_levels(out, &diff.asks);
                out.push('}');
            }
            Content::Levels(depth) => {
                let _ = write!(out, "{{\"lastUpdateId\":{},\"bids\":", depth.last_update_id);
                self.write_levels(out, &depth.bids);
                out.push_str(",\"asks\":");
                self.write_levels(out, &depth.asks);
                out.push('}');
            }
            Content::Trade(trade) => {
                let _ = write!(out, "{{\"e\":\"trade\",\"E\":{time},\"s\":\"{symbol}\",\"t\":{},\"p\":\"", trade.id);
                self.write_price(out, trade.price);
                out.push_str("\",\"q\":\"");
                self.write_quantity(out, trade.quantity);
                let buyer_is_maker = trade.taker_side == Side::Sell;
                let _ = write!(out, "\",\"T\":{},\"m\":{buyer_is_maker},\"M\":true}}", units.show(trade.time));
            }
            Content::AggTrade(trade) => {
                let _ = write!(out, "{{\"e\":\"aggTrade\",\"E\":{time},\"s\":\"{symbol}\",\"a\":{},\"p\":\"", trade.id);
                self.write_price(out, trade.price);
                out.push_str("\",\"q\":\"");
                self.write_quantity(out, trade.quantity);
                let _ = write!(out, "\",\"f\":{},\"l\":{},", trade.first, trade.last);
                let buyer_is_maker = trade.taker_side == Side::Sell;
                let _ = write!(out, "\"T\":{},\"m\":{buyer_is_maker},\"M\":true}}", units.show(trade.time));
            }
            Content::BookTicker(ticker) => {
                let _ = write!(out, "{{\"u\":{},\"s\":\"{symbol}\",\"b\":\"", ticker.update_id);
                // An empty side is shown as zeros.
                let empty = Level { price: Price::ZERO, quantity: Quantity::ZERO };
                let (bid, ask) = (ticker.bid.unwrap_or(empty), ticker.ask.unwrap_or(empty));
                self.write_price(out, bid.price);
                out.push_str("\",\"B\":\"");
                self.write_quantity(out, bid.quantity);
                out.push_str("\",\"a\":\"");
                self.write_price(out, ask.price);
                out.push_str("\",\"A\":\"");
                self.write_quantity(out, ask.quantity);
                out.push_str("\"}");
            }
            Content::Kline { candle, frame, closed } => {
                append(out, &shapes::Kline::new(view, candle, *frame, *closed, time, units));
            }
            Content::MiniTicker(ticker) => append(out, &shapes::MiniTicker::new(view, ticker, time)),
            Content::Ticker(ticker, book) => append(out, &shapes::Ticker::new(view, ticker, book, time, units)),
            Content::Window(window, ticker) => {
                append(out, &shapes::WindowTicker::new(view, *window, ticker, time, units));
            }
            Content::AvgPrice(average) => append(out, &shapes::AvgPrice::new(view, average, time, units)),
        }
    }

    fn write_levels(&self, out: &mut String, levels: &[Level]) {
        out.push('[');
        for (index, level) in levels.iter().enumerate() {
            out.push_str(if index == 0 { "[\"" } else { ",[\"" });
            self.write_price(out, level.price);
            out.push_str("\",\"");
            self.write_quantity(out, level.quantity);
            out.push_str("\"]");
        }
        out.push(']');
    }

    fn write_price(&self, out: &mut String, price: Price) {
        decimal::write(out, price.0, self.view.market.price_decimals, MIN_DECIMALS);
    }

    fn write_quantity(&self, out: &mut String, quantity: Quantity) {
        decimal::write(out, quantity.0, self.view.market.quantity_decimals, MIN_DECIMALS);
    }
}

/// Appends a shape, of which none can fail to be JSON.
fn append(out: &mut String, shape: &impl Serialize) {
    if let Ok(text) = json::to_string(shape) {
        out.push_str(&text);
    }
}
