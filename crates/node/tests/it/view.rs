//! Balances and open orders as a reader computes them from an image and the batches after it.

use std::collections::BTreeMap;

use model::{AccountId, AssetId, Batch, Event, Image, Market, MarketId, OrderId, Side, Trade, system};

/// What a reader of the feed knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) sequence: u64,
    markets: BTreeMap<MarketId, (Market, i64)>,
    scales: BTreeMap<AssetId, u8>,
    /// Available and held.
    balances: BTreeMap<(AccountId, AssetId), (i64, i64)>,
    /// Owner, side, price and what is open.
    orders: BTreeMap<OrderId, (AccountId, Side, i64, i64)>,
}

impl View {
    pub(crate) fn load(image: &Image) -> Self {
        let mut view = Self {
            sequence: image.sequence.0,
            markets: BTreeMap::new(),
            scales: image.assets.iter().map(|asset| (asset.id, asset.scale)).collect(),
            balances: BTreeMap::new(),
            orders: BTreeMap::new(),
        };
        for market in &image.markets {
            view.add_market(market.market);
        }
        for balance in &image.balances {
            view.change(balance.account, balance.asset, balance.available.0, balance.held.0);
        }
        for order in &image.orders {
            let state = (order.account, order.side, order.price.0, order.remaining.0);
            view.orders.insert(order.order, state);
        }
        view
    }

    /// Applies a batch; one that the view has seen is passed over. Panics when batches are missing before it.
    pub(crate) fn apply(&mut self, batch: &Batch) {
        for (step, events) in batch.iter() {
            if step.sequence.0 <= self.sequence {
                continue;
            }
            assert_eq!(step.sequence.0, self.sequence + 1, "the reader missed steps");
            self.sequence += 1;
            events.iter().for_each(|event| self.event(event));
        }
    }

    pub(crate) fn open_orders(&self) -> usize {
        self.orders.len()
    }

    fn add_market(&mut self, market: Market) {
        let base_unit = market.base_unit(self.scales[&market.base]);
        self.markets.insert(market.id, (market, base_unit));
    }

    fn change(&mut self, account: AccountId, asset: AssetId, available: i64, held: i64) {
        let balance = self.balances.entry((account, asset)).or_default();
        *balance = (balance.0 + available, balance.1 + held);
        if *balance == (0, 0) {
            self.balances.remove(&(account, asset));
        }
    }

    /// What an order of this side is paid with.
    fn paid(&self, market: MarketId, side: Side) -> AssetId {
        let market = &self.markets[&market].0;
        if side == Side::Buy { market.quote } else { market.base }
    }

    fn event(&mut self, event: &Event) {
        match *event {
            Event::AssetAdded(asset) => {
                self.scales.insert(asset.id, asset.scale);
            }
            Event::MarketAdded(market) => self.add_market(market),
            Event::Transferred { from, to, asset, amount } => {
                self.change(from, asset, -amount.0, 0);
                self.change(to, asset, amount.0, 0);
            }
            Event::Held { account, asset, amount, .. } => self.change(account, asset, -amount.0, amount.0),
            Event::Released { account, asset, amount, .. } => self.change(account, asset, amount.0, -amount.0),
            Event::Captured { account, to, asset, amount, .. } => {
                self.change(account, asset, 0, -amount.0);
                self.change(to, asset, amount.0, 0);
            }
            Event::Rested { order, account, market, side, price, remaining, held, .. } => {
                self.change(account, self.paid(market, side), -held.0, held.0);
                self.orders.insert(order, (account, side, price.0, remaining.0));
            }
            Event::Closed(closed) => {
                let paid = self.paid(closed.market, closed.side);
                self.change(closed.account, paid, closed.released.0, -closed.released.0);
                self.orders.remove(&closed.order);
            }
            Event::Modified { order, account, market, side, released, .. } => {
                self.change(account, self.paid(market, side), released.0, -released.0);
                self.orders.remove(&order);
            }
            Event::Trade(ref trade) => self.trade(trade),
            Event::Rejected { .. }
            | Event::CancelRejected { .. }
            | Event::Duplicate { .. }
            | Event::AccountOpened { .. }
            | Event::Accepted(_)
            | Event::Prevented(_)
            | Event::Ticked
            | Event::AllCancelled { .. } => {}
            ref other => panic!("the plain orders of these tests do not give {other:?}"),
        }
    }

    fn trade(&mut self, trade: &Trade) {
        let (market, base_unit) = self.markets[&trade.market];
        let (base, quote) = ((market.base, trade.quantity.0 * base_unit), (market.quote, trade.quote.0));
        let (taker_pays, maker_pays) = if trade.taker_side == Side::Buy { (quote, base) } else { (base, quote) };
        self.change(trade.taker_account, taker_pays.0, -taker_pays.1, 0);
        self.change(trade.maker_account, maker_pays.0, 0, -maker_pays.1);
        self.change(trade.taker_account, maker_pays.0, maker_pays.1 - trade.taker_fee.0, 0);
        self.change(trade.maker_account, taker_pays.0, taker_pays.1 - trade.maker_fee.0, 0);
        let [maker_rounding, taker_rounding] = trade.rounding.map(i64::from);
        self.change(system::FEES, taker_pays.0, trade.maker_fee.0 - maker_rounding, 0);
        self.change(system::FEES, maker_pays.0, trade.taker_fee.0 - taker_rounding, 0);
        self.change(system::ROUNDING, taker_pays.0, maker_rounding, 0);
        self.change(system::ROUNDING, maker_pays.0, taker_rounding, 0);
        if trade.maker_remaining.0 == 0 {
            self.orders.remove(&trade.maker_order);
        } else if let Some(order) = self.orders.get_mut(&trade.maker_order) {
            order.3 = trade.maker_remaining.0;
        }
    }
}
