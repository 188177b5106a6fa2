//! The crate orderbook-rs: matching alone, no accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orderbook_rs::{Id, OrderBook, Side, TimeInForce};

use super::contest::Contender;
use super::message::{Kind, Message};

/// A modify is a cancel and a new order under the same id, as the workload means it; trades come through the listener.
pub(super) struct OrderbookRs {
    book: OrderBook<()>,
    trades: Arc<AtomicU64>,
}

impl OrderbookRs {
    /// An empty book.
    pub(super) fn new() -> Self {
        let trades = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&trades);
        let listener = move |result: &orderbook_rs::TradeResult| {
            counter.fetch_add(result.match_result.trades().len() as u64, Ordering::Relaxed);
        };
        Self { book: OrderBook::with_trade_listener("LOTTICK", Arc::new(listener)), trades }
    }

    fn add(&self, message: &Message, time_in_force: TimeInForce) {
        let side = match message.side {
            model::Side::Buy => Side::Buy,
            model::Side::Sell => Side::Sell,
        };
        let price = u128::from(message.price.unsigned_abs());
        let id = Id::from_u64(message.order);
        // An immediate order of which something is left is an error here; its trades were reported.
        let _ = self.book.add_limit_order(id, price, message.quantity.unsigned_abs(), side, time_in_force, None);
    }
}

impl Contender for OrderbookRs {
    type Message = Message;
    type Input = Message;

    fn input(&mut self, message: &Message) -> Message {
        *message
    }

    fn apply(&mut self, message: &Message) -> u64 {
        let before = self.trades.load(Ordering::Relaxed);
        let id = Id::from_u64(message.order);
        match message.kind {
            Kind::New { ioc: false } => self.add(message, TimeInForce::Gtc),
            Kind::New { ioc: true } => self.add(message, TimeInForce::Ioc),
            Kind::Cancel => {
                let _ = std::hint::black_box(self.book.cancel_order(id));
            }
            Kind::Modify => {
                if let Ok(Some(_)) = self.book.cancel_order(id) {
                    self.add(message, TimeInForce::Gtc);
                }
            }
        }
        self.trades.load(Ordering::Relaxed) - before
    }
}
