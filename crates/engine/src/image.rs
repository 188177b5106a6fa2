//! The state as views load it.

use std::ops::ControlFlow;

use model::{
    Amount, BalanceImage, Image, MarketImage, OpenOrder, OrderType, Price, Quantity, Side, TimeInForce, Timestamp,
};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    /// Everything that views need, at the present position.
    pub fn image(&self) -> Image {
        let balances = self.ledger.sorted().into_iter().map(|(account, asset, balance)| BalanceImage {
            account,
            asset,
            available: Amount(balance.available),
            held: Amount(balance.held),
        });
        let mut orders = Vec::with_capacity(self.orders.len());
        let mut markets = Vec::new();
        for position in self.markets.positions() {
            let state = self.markets.get(position);
            markets.push(MarketImage {
                market: state.market,
                last_trade: state.last_trade,
                last_price: state.last_price,
            });
            for side in [Side::Buy, Side::Sell] {
                state.book.walk_orders(&self.orders, side, &mut |slot| {
                    orders.push(self.open_order(slot));
                    ControlFlow::Continue(())
                });
            }
        }
        Image {
            sequence: self.sequence,
            time: self.time,
            assets: self.markets.assets().copied().collect(),
            markets,
            accounts: self.accounts.iter().copied().collect(),
            balances: balances.collect(),
            orders,
        }
    }

    fn open_order(&self, slot: u32) -> OpenOrder {
        let (order, detail) = (self.orders.get(slot), self.orders.detail(slot));
        debug_assert!(order.order_type != OrderType::Market);
        OpenOrder {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: order.market,
            side: order.side,
            order_type: order.order_type,
            time_in_force: TimeInForce::Gtc,
            self_trade: order.self_trade,
            price: Price(order.price),
            quantity: Quantity(detail.quantity),
            remaining: Quantity(order.remaining),
            filled_quote: Amount(order.filled_quote),
            client_id: detail.client_id,
            placed: Timestamp(detail.placed),
            updated: Timestamp(detail.updated),
        }
    }
}
