//! The state as views load it.

use std::ops::ControlFlow;

use model::{
    AccountImage, Amount, BalanceImage, CountdownImage, FeesImage, Image, ListId, ListImage, MarketImage, OpenOrder,
    Price, Quantity, Side, Timestamp, Wait,
};

use crate::seats::NONE;
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
        let accounts = self.accounts.sorted().into_iter().map(|account| AccountImage {
            account: account.id,
            parent: account.parent,
            tier: account.tier,
        });
        let lists = self.lists.sorted().into_iter().map(|list| ListImage {
            list: list.id,
            account: list.account,
            market: list.market,
            kind: list.kind,
            orders: list.orders,
            client_id: list.client_id,
        });
        Image {
            sequence: self.sequence,
            time: self.time,
            assets: self.markets.assets().copied().collect(),
            markets: self.markets.positions().map(|position| self.market_image(position)).collect(),
            accounts: accounts.collect(),
            fees: self
                .schedule
                .entries
                .iter()
                .map(|(&(tier, market), &fees)| FeesImage { tier, market, fees })
                .collect(),
            balances: balances.collect(),
            orders: self.orders_image(),
            lists: lists.collect(),
            countdowns: self
                .countdowns
                .sorted()
                .into_iter()
                .map(|((account, market), deadline)| CountdownImage { account, market, deadline })
                .collect(),
        }
    }

    fn market_image(&self, position: usize) -> MarketImage {
        let state = self.markets.get(position);
        MarketImage {
            market: state.market,
            last_trade: state.last_trade,
            last_price: state.last_price,
            last_prevented: state.last_prevented,
            state: state.state,
            until: state.until,
        }
    }

    /// The open orders, market by market: the book's, then the others by id.
    fn orders_image(&self) -> Vec<OpenOrder> {
        let mut elsewhere: Vec<(usize, u32)> = Vec::new();
        for slot in self.orders.by_order_id() {
            let order = self.orders.get(slot);
            if order.wait != Wait::Nothing {
                let position = self.markets.position(self.seats.get(order.seat).market);
                elsewhere.push((position.expect("the market of an open order exists"), slot));
            }
        }
        let mut orders = Vec::with_capacity(self.orders.len());
        for position in self.markets.positions() {
            for side in [Side::Buy, Side::Sell] {
                self.markets.get(position).book.walk_orders(&self.orders, side, &mut |slot| {
                    orders.push(self.open_order(position, slot));
                    ControlFlow::Continue(())
                });
            }
            let here = elsewhere.iter().filter(|(other, _)| *other == position);
            orders.extend(here.map(|&(_, slot)| self.open_order(position, slot)));
        }
        orders
    }

    fn open_order(&self, position: usize, slot: u32) -> OpenOrder {
        let (order, detail, extra) = (self.orders.get(slot), self.orders.detail(slot), self.orders.extra(slot));
        let state = self.markets.get(position);
        let rests = order.wait == Wait::Nothing;
        OpenOrder {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: state.market.id,
            side: order.side,
            order_type: order.order_type,
            time_in_force: detail.time_in_force,
            self_trade: detail.self_trade,
            price: Price(if rests { order.price } else { extra.limit }),
            quantity: Quantity(detail.quantity),
            remaining: Quantity(order.remaining()),
            visible: Quantity(if rests { order.shown } else { 0 }),
            prevented: Quantity(extra.prevented),
            stop_price: Price(extra.stop_price),
            trailing_delta: extra.trailing_delta,
            iceberg: Quantity(extra.iceberg),
            expire_at: Timestamp(extra.expire_at),
            list: if order.list == NONE { ListId(0) } else { self.lists.get(order.list).id },
            wait: order.wait,
            tracked: Price(if order.wait == Wait::Trailing { state.trailing.tracked(&self.orders, slot) } else { 0 }),
            held: Amount(self.held_of(position, slot)),
            filled_quote: Amount(detail.filled_quote),
            client_id: detail.client_id,
            placed: Timestamp(detail.placed),
            updated: Timestamp(detail.updated),
        }
    }
}
